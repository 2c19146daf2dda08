"""A letter as the bytes of a mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bot.core.answers import Title, plain
from bot.core.attachments import Attachment
from bot.core.errors import DeliveryRefused
from bot.core.mail import Mail, is_mail_address, mail_domain, one_line
from bot.core.ports import Letter

_POLICY = SMTP.clone(max_line_length=998)  # folding at 78 would break links in the text
_NAME = "guidebot"


def mail_of(letter: Letter, sender: str) -> Mail:
    """The mail that a letter holds, or that its parts make: a digest's title is the subject."""
    if letter.mail:
        return letter.mail
    title = next((part.text for part in letter.parts if isinstance(part, Title)), "guidebot")
    text = "\n\n".join(plain(part) for part in letter.parts) + "\n"
    return Mail(subject=one_line(title), text=text, message_id=f"<guidebot.letter.{letter.id}@{mail_domain(sender)}>")


def build(letter: Letter, files: Sequence[Attachment], *, sender: str, reply_to: str = "") -> EmailMessage:
    """The message; raise DeliveryRefused where none can be built, since trying again would not help.

    The date is that of the letter, not of the try: a mail sent twice is the same mail.
    """
    mail = mail_of(letter, sender)
    if not is_mail_address(letter.address.user):
        raise DeliveryRefused("the recipient's address is no mail address")
    try:
        message = _message(letter, mail, sender, reply_to)
        for file in files:
            kind, _, subtype = file.media_type.partition("/")
            message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=one_line(file.name, 100))
        bytes(message)  # raises here what it would raise in the middle of a delivery
    except (ValueError, MessageError, LookupError) as error:
        raise DeliveryRefused(f"the mail can't be built: {type(error).__name__}") from error
    return message


def _message(letter: Letter, mail: Mail, sender: str, reply_to: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(_NAME, addr_spec=sender)
    message["To"] = Address(addr_spec=letter.address.user)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime((letter.created_at or datetime.now(UTC)).astimezone(UTC))
    message["Message-ID"] = mail.message_id
    if answer_to := mail.reply_to or reply_to:
        message["Reply-To"] = Address(addr_spec=answer_to)
    if mail.in_reply_to:
        message["In-Reply-To"] = mail.in_reply_to
        message["References"] = " ".join(mail.references or (mail.in_reply_to,))
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text, charset="utf-8", cte="quoted-printable")
    return message
