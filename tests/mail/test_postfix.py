"""The real thing once: Debian's Postfix on a loopback port, with a queue, a certificate and mailboxes of its own."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.adapters.sql_store import SqlStore
from tests.adapters.samples import Clock
from tests.core.alert_samples import ACCOUNT, PRESS
from tests.mail.kit import AUTHORITY, letters_of, mouth, outbox, reported

pytestmark = pytest.mark.parametrize("engine", ["memory"], indirect=True)

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.example
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {folder}/chain.pem
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = inserm.fr
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:press/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    port: int
    folder: Path

    def mails(self) -> list[EmailMessage]:
        found = sorted((self.folder / "mail" / "press" / "new").glob("*"))
        return [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in found]


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    command = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not command:
        pytest.skip("Postfix isn't installed (apt-get install postfix)")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts for root only")
    folder = Path(tempfile.mkdtemp(prefix="guidebot-postfix-"))  # pytest's own are closed to Postfix's user
    running = Postfix(_free_port(), folder)
    _set_up(running)
    subprocess.run([command, "-c", folder, "start"], check=True, capture_output=True)  # noqa: S603 - our own words
    yield running
    subprocess.run([command, "-c", folder, "stop"], check=True, capture_output=True)  # noqa: S603
    shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _set_up(server: Postfix) -> None:
    owner = pwd.getpwnam("postfix")
    server.folder.chmod(0o755)
    for name in ("queue", "data", "mail"):
        (server.folder / name).mkdir()
    for name in ("data", "mail"):
        os.chown(server.folder / name, owner.pw_uid, owner.pw_gid)
    AUTHORITY.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(server.folder / "chain.pem")
    settings = {"folder": server.folder, "port": server.port, "uid": owner.pw_uid, "gid": owner.pw_gid}
    (server.folder / "main.cf").write_text(MAIN.format(**settings), encoding="utf-8")
    (server.folder / "master.cf").write_text(MASTER.format(**settings), encoding="utf-8")


async def test_postfix_delivers_a_report_as_it_was_previewed_and_refuses_what_is_not_its_own(
    store: SqlStore, clock: Clock, postfix: Postfix
) -> None:
    account = replace(ACCOUNT, said="Un compte accuse l'Inserm.\n.\nBcc: x@example.org\n€ – « fin »")
    preview = await reported(store, clock, account=replace(account, copy_regional="x@elsewhere.example"))
    await outbox(store, clock, mouth(store, postfix.port, "starttls", step=20)).deliver_due()
    async with asyncio.timeout(20):
        while not (mails := postfix.mails()):  # noqa: ASYNC110 - Postfix writes files
            await asyncio.sleep(0.05)
    (mail,) = mails
    assert mail["Subject"] == preview.mail.subject
    assert mail["Message-ID"] == preview.mail.message_id
    assert mail["Delivered-To"] == mail["X-Original-To"] == PRESS
    assert (mail["Auto-Submitted"], mail["Bcc"]) == ("auto-generated", None)
    assert mail.get_content().replace("\r\n", "\n") == preview.mail.text
    press, copy = await letters_of(store)
    assert (press.state, copy.state) == ("sent", "dead")
    assert "Relay access denied" in copy.last_error
