from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from click.testing import CliRunner, Result

from bot import __version__
from bot.cli import _COMMANDS, main
from bot.settings import ROOT

GUIDEBOT = [sys.executable, "-m", "bot"]
SECONDS = 30.0  # for which the bot is waited for
LEFORT = ("patricia.lefort@inserm.fr", "04 72 13 88 04")


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "PUBLIC_URL", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/var/guidebot.db")


def run(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, words, input=given)


def process(*words: str, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603
        [*GUIDEBOT, *words],
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def _take_terminal() -> None:
    """So that ^C typed there is a signal to what runs there, which it obeys whatever the tests' own process does."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


class Keyboard:
    """A terminal of its own with `guidebot chat` in it."""

    def __init__(self, folder: Path) -> None:
        self._screen = ""
        self._environment = {**os.environ, "LANG": "en_GB.UTF-8", "TERM": "xterm", "HOME": str(folder)}

    def __enter__(self) -> Self:
        self._own, theirs = pty.openpty()
        self._bot = subprocess.Popen(  # noqa: S603
            [*GUIDEBOT, "chat"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=ROOT,
            env=self._environment,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - no thread runs in the tests
        )
        os.close(theirs)
        return self

    def __exit__(self, *_: object) -> None:
        self._bot.kill()
        self._bot.wait()
        os.close(self._own)

    def types(self, keys: str) -> None:
        os.write(self._own, keys.encode())

    def sees(self, words: str) -> None:
        self._reads_until(lambda: words in self._screen)

    def sees_prompt_after(self, words: str) -> None:
        self._reads_until(lambda: "> " in self._screen.rpartition(words)[2] and words in self._screen)

    def leaves_by(self, keys: str) -> int:
        """Type the keys until the bot takes its leave: Python's readline loses a ^C typed as the prompt appears."""
        deadline = time.monotonic() + SECONDS
        while "Goodbye!" not in self._screen:
            assert time.monotonic() < deadline, self._screen
            self.types(keys)
            with suppress(TimeoutError):
                self._reads_until(lambda: "Goodbye!" in self._screen, seconds=3)
        return self._bot.wait(20)

    def _reads_until(self, enough: Callable[[], bool], *, seconds: float = SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not enough():
            ready, _, _ = select.select([self._own], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError(self._screen)
            self._screen += os.read(self._own, 4096).decode(errors="replace")


class TestCalls:
    def test_the_version_is_told(self) -> None:
        assert run("--version").output == f"guidebot, version {__version__}\n"

    @pytest.mark.parametrize("words", [[], *([name] for name in _COMMANDS)])
    def test_every_command_explains_itself(self, words: list[str]) -> None:
        result = run(*words, "--help")
        assert result.exit_code == 0
        assert "Usage: " in result.output

    def test_help_shows_every_command_under_what_it_is_for(self) -> None:
        lines = run("--help").output.partition("Talk with the bot:")[2].splitlines()
        assert [line.split()[0] for line in lines if line.startswith("  ")] == list(_COMMANDS)

    def test_a_file_to_be_written_needs_a_folder(self) -> None:
        result = run("gaps", "export", "--csv", "--output", "/none/gaps.csv")
        assert (result.exit_code, "there is no folder /none" in result.stderr) == (2, True)

    @pytest.mark.parametrize("words", [["nonsense"], ["ask"], ["ask", "--batch", "/none"], ["gaps", "show", "x"]])
    def test_a_wrong_call_has_status_2(self, words: list[str]) -> None:
        assert run(*words).exit_code == 2

    def test_an_error_is_one_line_on_standard_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PORT", "many")
        result = run("gaps", "list")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "Error: HTTP_PORT: a whole number is expected\n"

    def test_the_manifest_is_for_socket_mode_unless_there_is_an_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert json.loads(run("manifest").output)["settings"]["socket_mode_enabled"] is True
        monkeypatch.setenv("PUBLIC_URL", "https://bot.example.org/")
        settings = json.loads(run("manifest").output)["settings"]
        assert settings["socket_mode_enabled"] is False
        assert settings["interactivity"]["request_url"] == "https://bot.example.org/slack/events"

    def test_settings_prints_the_example(self) -> None:
        assert run("settings").output == (ROOT / ".env.example").read_text("utf-8")

    def test_migrating_twice_does_no_harm(self) -> None:
        assert [run("migrate").output for _ in range(2)] == ["The database is up to date.\n"] * 2

    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ({}, "SLACK_BOT_TOKEN or MATTERMOST_URL: without either there is nothing to serve"),
            ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET"),
        ],
    )
    def test_serve_says_what_it_needs(
        self, variables: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        result = run("serve")
        assert result.exit_code == 1
        assert words in result.stderr


class TestKnowledge:
    def test_the_shipped_files_are_sound(self) -> None:
        result = run("knowledge", "check")
        assert result.exit_code == 0
        assert "The knowledge is sound (" in result.output

    def test_problems_are_listed_and_the_status_is_1(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KNOWLEDGE_DIR", str(tmp_path))
        result = run("knowledge", "check")
        assert result.exit_code == 1
        assert "guide.yaml:1: can't be read" in result.stdout
        assert result.stderr.startswith("Error: 7 problems in ")

    def test_a_missing_folder_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KNOWLEDGE_DIR", "/none")
        assert run("knowledge", "check").stderr == "Error: KNOWLEDGE_DIR: there is no folder /none\n"

    @pytest.mark.parametrize("words", [["ask", "x"], ["knowledge", "stats"], ["alerts", "take", "2026-001"]])
    def test_a_missing_folder_is_told_once_by_whatever_needs_it(
        self, words: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KNOWLEDGE_DIR", "/none")
        assert run(*words).stderr == "Error: KNOWLEDGE_DIR: there is no folder /none\n"

    def test_other_ids_can_be_asked_for(self, tmp_path: Path) -> None:
        (tmp_path / "ids").write_text("guide/purpose\nglossary/meme\n", "utf-8")
        result = run("knowledge", "check", "--ids", str(tmp_path / "ids"))
        assert "glossary.yaml:1: the entry glossary/meme is missing" in result.stdout

    def test_schemas_are_up_to_date(self) -> None:
        assert run("knowledge", "schema", "--check").exit_code == 0

    def test_phrasings_are_counted(self) -> None:
        rows = {row["id"]: row for row in json.loads(run("knowledge", "stats", "--json").output)}
        assert rows["guide/purpose"]["fr"] > 30
        assert "guide/purpose" in run("knowledge", "stats").output

    def test_an_entry_is_shown_as_it_is_answered(self) -> None:
        shown = run("knowledge", "show", "contact/lyon", "--lang", "en", "--phrasings").output
        assert all(word in shown for word in (*LEFORT, "\nfr:\n"))

    def test_an_unknown_entry_is_told_with_its_neighbours(self) -> None:
        assert "did you mean contact/lyon" in run("knowledge", "show", "contact/lion").stderr


class TestAsk:
    def test_an_answer_reads_well_in_a_pipe(self) -> None:
        result = run("ask", "who is the Lyon comm contact?")
        assert result.exit_code == 0
        assert all(word in result.output for word in LEFORT)
        assert "\x1b" not in result.output

    def test_words_need_no_quotes(self) -> None:
        assert LEFORT[0] in run("ask", "who", "is", "the", "Lyon", "comm", "contact").output

    def test_json_has_the_fields_that_were_agreed(self) -> None:
        said = json.loads(run("ask", "--json", "who is the Lyon comm contact?").output)
        assert (said["outcome"], said["entries"][0], said["language"]) == ("answer", "contact/lyon", "en")
        assert 0 <= said["confidence"] <= 1
        assert all(word in said["text"] for word in LEFORT)

    def test_why_is_explained(self) -> None:
        said = run("ask", "--explain", "what is a hashtag?").output
        assert "glossary/hashtag" in said

    def test_nothing_is_kept(self, tmp_path: Path) -> None:
        run("ask", "what is a hashtag?")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("question", ["\x00", "\ud800", "=1+1", "<!channel>", "a" * 40_000, "\u202eabc", "-- --"])
    def test_hostile_questions_have_an_outcome(self, question: str) -> None:
        said = run("ask", "--batch", "-", given=json.dumps({"id": 1, "q": question}))
        assert (said.exit_code, json.loads(said.stdout)["id"]) == (0, 1)


class TestBatch:
    def test_each_line_has_its_answer_in_order(self, tmp_path: Path) -> None:
        path = tmp_path / "questions.jsonl"
        asked = [{"id": f"q{n}", "q": q, "more": 1} for n, q in enumerate(["what is a hashtag?", "merci", "", "?"])]
        path.write_text("".join(json.dumps(one) + "\n" for one in asked), "utf-8")
        result = run("ask", "--batch", str(path))
        assert result.exit_code == 0
        answered = [json.loads(line) for line in result.stdout.splitlines()]
        assert [one["id"] for one in answered] == ["q0", "q1", "q2", "q3"]
        assert set(answered[0]) == {"id", "outcome", "entries", "confidence", "language", "text"}

    def test_bad_lines_are_told_by_number_and_passed_over(self) -> None:
        bad = [
            b"{",
            b"[]",
            b'{"id": "a"}',
            b'{"q": "b"}',
            b'{"id": 1.5, "q": "c"}',
            b'{"id": 1, "q": 2}',
            b"\xff",
            b"[" * 9999,
        ]
        good = b'{"id": "x", "q": "merci"}'
        result = run("ask", "--batch", "-", given=b"\n".join([*bad, b"", good]))
        assert result.exit_code == 1
        assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["x"]
        assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
            *(f"line {n}" for n in range(1, 9)),
            "Error",
        ]

    def test_a_line_is_answered_before_the_next_is_read(self) -> None:
        with subprocess.Popen([*GUIDEBOT, "ask", "--batch", "-"], stdin=-1, stdout=-1, cwd=ROOT) as bot:  # noqa: S603
            assert bot.stdin
            assert bot.stdout
            for number in range(2):
                bot.stdin.write(json.dumps({"id": number, "q": "merci"}).encode() + b"\n")
                bot.stdin.flush()
                assert json.loads(bot.stdout.readline())["id"] == number
            bot.stdin.close()
            assert bot.wait(10) == 0

    def test_a_reader_that_goes_away_is_no_crash(self) -> None:
        lines = b'{"id": 1, "q": "what is a hashtag?"}\n' * 3000
        piped = " ".join([*GUIDEBOT, "ask --batch - | head -1"])
        done = subprocess.run(piped, shell=True, input=lines, capture_output=True, cwd=ROOT, timeout=60, check=False)  # noqa: S602
        assert json.loads(done.stdout)["id"] == 1
        assert done.stderr == b""


class TestChat:
    def test_a_question_from_a_pipe_is_answered(self) -> None:
        done = process("chat", given=b"who is the Lyon comm contact?\n")
        assert (done.returncode, done.stderr) == (0, b"")
        assert all(word in done.stdout.decode() for word in LEFORT)

    def test_the_readme_s_conversation_is_what_the_bot_says(self) -> None:
        shown = (ROOT / "README.md").read_text("utf-8").split("```")[1]
        asked = [line.removeprefix("> ") for line in shown.splitlines() if line.startswith("> ")]
        said = process("chat", given="\n".join(asked).encode()).stdout.decode()
        missing = [line for line in shown.splitlines() if line and not line.startswith("> ") and line not in said]
        assert len(asked) == 3
        assert missing == []

    def test_a_conversation_from_a_pipe_is_kept(self, tmp_path: Path) -> None:
        said = ["/glossary hashtag", "utile", "qui est le maire de Tombouctou ?", "/guide mes-données", "/nonsense"]
        given = "\n".join(said).encode() + b"\n\xff\n/quit\nmerci\n"
        done = process("chat", given=given, LANG="fr_FR.UTF-8")
        assert (done.returncode, done.stderr) == (0, b"")
        shown = done.stdout.decode()
        assert "Je ne connais pas /nonsense" in shown
        assert (tmp_path / "var" / "secret.key").exists()

    def test_an_empty_pipe_is_fine(self) -> None:
        done = process("chat")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    @pytest.fixture
    def keyboard(self, tmp_path: Path) -> Iterator[Keyboard]:
        with Keyboard(tmp_path) as keyboard:
            yield keyboard

    @pytest.mark.parametrize("leave", ["\x04", "\x03", "/quit\n"])
    def test_a_person_is_welcomed_answered_and_seen_off(self, keyboard: Keyboard, leave: str) -> None:
        keyboard.sees("Ctrl-D to leave")
        keyboard.types("what is a hashtag?\n")
        keyboard.sees_prompt_after("not useful")
        assert keyboard.leaves_by(leave) == 0
