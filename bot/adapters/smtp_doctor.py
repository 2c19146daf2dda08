"""Does the mail server take what the bot has to say? Asked up to the login; nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.smtp import MailServer, try_out
from bot.core.errors import DeliveryError, DeliveryMisconfigured
from bot.core.findings import Finding, ok, wrong

# What the server, or the library, says of a mistake, and which settings mend it; the first that fits.
_REMEDIES = (
    ("535", "the password is wrong or was changed: set SMTP_USER and SMTP_PASSWORD anew"),
    ("AUTH", "the server offers no login like this: try SMTP_SECURITY=starttls or tls, or unset SMTP_USER"),
    ("STARTTLS", "set SMTP_SECURITY=tls (mostly port 465), or another SMTP_PORT (mostly 587 with starttls)"),
    ("certificate", "name its authority in CA_FILE, or give in SMTP_HOST the name that the certificate bears"),
    ("SSL", "that port speaks no TLS from the first byte: set SMTP_SECURITY=starttls (mostly port 587)"),
)


async def examine_mail_server(server: MailServer) -> Sequence[Finding]:
    try:
        await try_out(server)
    except DeliveryMisconfigured as error:
        return [wrong(f"{_name(server)} refuses what the settings ask for: {error}", _remedy(str(error)))]
    except DeliveryError as error:
        mend = "set SMTP_HOST, SMTP_PORT and SMTP_SECURITY as the server has them; or is a firewall in the way?"
        return [wrong(f"{_name(server)} can't be spoken to: {error}", mend)]
    login = f", logged in as {server.user}" if server.user else ", without a login"
    return [ok(f"{_name(server)} answers{login}; mails come from {server.sender}")]


def _name(server: MailServer) -> str:
    return f"{server.host}:{server.port} ({server.security})"


def _remedy(reason: str) -> str:
    return next((mend for words, mend in _REMEDIES if words in reason), "ask whoever runs it what it expects")
