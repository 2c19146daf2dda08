"""The fake Mattermost held to account: by the API's official description, and by the official JavaScript client."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.core.answers import Answer, Choice, Outcome, Paragraph, Reply
from bot.settings import ROOT
from tests.fakes.mattermost_rig import Rig, rigged
from tests.fakes.mattermost_state import ANNE, BOT, CLOSED, LAB, TEAM

OPENAPI = ROOT.parent / "shared" / "contracts" / "mattermost-openapi-v4.json"
CLIENT = "@mattermost/client"


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged() as made:
        made.fake.config["SiteURL"] = made.fake.url
        yield made


@pytest.fixture(scope="session")
def api() -> dict[str, Any]:
    if not OPENAPI.exists():
        pytest.skip("the description of Mattermost's API is not here")
    found: dict[str, Any] = json.loads(OPENAPI.read_text("utf-8"))
    return found


async def use_everything(rig: Rig) -> None:
    """Have the bot do all that it does."""
    choices = Answer(Outcome.CHOICES, (Choice(1, "a", "Un"),), "fr", question=7)
    await rig.fake.say("@guidebot qui ?")
    await rig.accepted.until(1)
    await rig.bot.mouth.reply(rig.accepted.last, Reply((choices,)))
    press = asyncio.create_task(rig.fake.press(ANNE, rig.fake.said[-1], "Un"))
    await rig.accepted.until(2)
    await rig.bot.mouth.reply(rig.accepted.last, Reply((Answer(Outcome.NOTICE, (Paragraph("oui"),), "fr"),)))
    await press
    await rig.bot.rest.patch_post(rig.fake.said[0].id, {"message": "edit"})
    await rig.fake.execute(ANNE, "/guide", channel=LAB)
    await rig.bot.mouth.visitor(rig.accepted.last.address)
    await rig.bot.mouth.reply(rig.accepted.last, Reply((choices,)))
    rest, there = rig.bot.rest, await rig.bot.rest.direct_channel([BOT, ANNE])
    await asyncio.gather(rest.config(), rest.channel(there), rest.posts(LAB), rest.channels(), rest.join(LAB, BOT))
    command = dict(next(iter(rig.fake.commands.values())))
    await rest.update_command(command)
    for path in ("users/nobody", "channels/nowhere", f"channels/{CLOSED}/posts"):
        with suppress(Exception):
            await rest._json("get", f"/api/v4/{path}")


async def test_every_answer_of_the_fake_is_as_the_official_description_has_it(rig: Rig, api: dict[str, Any]) -> None:
    await use_everything(rig)
    seen = [one for one in rig.fake.seen if one[1].startswith("/api/v4/")]
    assert len({(method, path) for method, path, _, _ in seen}) >= 15
    assert [fault for method, path, status, body in seen for fault in faults(api, method, path, status, body)] == []


async def test_every_call_of_the_bot_exists_in_the_official_description(rig: Rig, api: dict[str, Any]) -> None:
    await use_everything(rig)
    for method, path, _, _ in rig.fake.seen:
        assert not path.startswith("/api/v4/") or operation(api, method, path), f"{method} {path}"


def faults(api: dict[str, Any], method: str, path: str, status: int, body: Any) -> Iterator[str]:
    described = (operation(api, method, path) or {}).get("responses", {}).get(str(status))
    if described is None:
        yield f"{method} {path}: {status} is not described"
        return
    if "$ref" in described:
        described = api["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema = described.get("content", {}).get("application/json", {}).get("schema", {})
    validator = Draft202012Validator({**schema, "components": api["components"]})
    yield from (f"{method} {path}: {error.message} at {list(error.path)}" for error in validator.iter_errors(body))


def operation(api: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """The description of a call; a path without variables is the better match."""
    there = sorted(api["paths"].items(), key=lambda one: one[0].count("{"))
    for template, methods in there:
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    return None


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the official client, if it can be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("node or npm is not here")
    folder = tmp_path_factory.mktemp("client")
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", CLIENT]
    if _run(install, folder)[0] != 0:
        pytest.skip(f"{CLIENT} can't be installed here")
    if _run([node, "-e", "process.exit(typeof WebSocket === 'function' ? 0 : 1)"], folder)[0] != 0:
        (folder / "socket").write_text("--experimental-websocket")
    return folder


def _run(command: list[str], folder: Path) -> tuple[int, str]:
    from subprocess import DEVNULL, TimeoutExpired, run  # noqa: PLC0415

    try:
        done = run(command, cwd=folder, stdin=DEVNULL, capture_output=True, timeout=120, check=False)  # noqa: S603
    except (OSError, TimeoutExpired) as error:
        return 1, type(error).__name__
    return done.returncode, done.stderr.decode(errors="replace")


SCRIPT = """
const {Client4, WebSocketClient} = require('@mattermost/client');
const [url, token, channel, team] = process.argv.slice(2);
console.log = () => {};
async function main() {
  const client = new Client4();
  client.setUrl(url);
  client.setToken(token);
  const said = [];
  const socket = new WebSocketClient({minWebSocketRetryTime: 50, reconnectJitterRange: 1});
  const waiting = [];
  socket.addMissedMessageListener(() => said.push({event: 'missed'}));
  socket.addMessageListener((message) => {
    said.push({event: message.event, seq: message.seq});
    if (message.event === 'posted') {
      const post = JSON.parse(message.data.post);
      waiting.filter((one) => one.wanted(post)).forEach((one) => one.resolve(post));
    }
  });
  const posted = (wanted) => new Promise((resolve) => waiting.push({wanted, resolve}));
  socket.initialize(url.replace('http', 'ws') + '/api/v4/websocket', token);
  const me = await client.getMe();
  const answer = posted((post) => post.message === 'oui');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const question = await client.createPost({channel_id: channel, message: '@guidebot qui ?', root_id: ''});
  const got = await answer;
  const action = got.props.attachments[0].actions[0];
  const pressed = await client.doPostAction(got.id, action.id);
  const command = await client.executeCommand('/guide mot', {channel_id: channel, team_id: team});
  const posts = await client.getPosts(channel);
  let refused = '';
  try { await client.getPost('nowhere'); } catch (error) { refused = error.server_error_id; }
  const teams = await client.getMyTeams();
  socket.close();
  process.stdout.write(JSON.stringify({me, question, got, pressed, command, posts, refused, teams, said}));
  process.exit(0);
}
main().catch((error) => { process.stderr.write(String(error.stack || error)); process.exit(1); });
"""


async def test_the_official_client_gets_along_with_the_fake(rig: Rig, official: Path) -> None:
    (official / "talk.js").write_text(SCRIPT, "utf-8")
    flags = ["--experimental-websocket"] if (official / "socket").exists() else []
    command = ["node", *flags, "talk.js", rig.fake.url, "token-anne", LAB, TEAM]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=official, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    answering = asyncio.create_task(_answer_all(rig))
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    answering.cancel()
    assert process.returncode == 0, err.decode()
    told = json.loads(out)
    assert (told["me"]["id"], told["question"]["user_id"]) == (ANNE, ANNE)
    assert (told["got"]["message"], told["got"]["root_id"]) == ("oui", told["question"]["id"])
    assert "integration" not in told["got"]["props"]["attachments"][0]["actions"][0]
    assert told["pressed"]["status"] == "OK"
    assert told["command"]["response_type"] == "ephemeral"
    assert set(told["posts"]["order"]) >= {told["question"]["id"], told["got"]["id"]}
    assert told["refused"] == "app.post.get.app_error"
    assert TEAM in [team["id"] for team in told["teams"]]
    assert told["said"][0]["event"] == "hello"
    assert [one["seq"] for one in told["said"]] == list(range(len(told["said"])))


async def _answer_all(rig: Rig) -> None:
    """Answer whatever is accepted with a word, as the desk does."""
    number = 0
    while True:
        await rig.accepted.until(number + 1, within=30)
        answer = Answer(Outcome.ANSWER, (Paragraph("oui"),), "fr", question=number + 1)
        await rig.bot.mouth.reply(rig.accepted.events[number], Reply((answer,)))
        number += 1
