"""What a mouth with forms asks of the bot while a form is on the screen: too soon to be stored, too short to wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.core.actions import Change, Prepare
from bot.core.answers import FormPart, Language
from bot.core.forms import Form
from bot.core.messages import Address


class FormDesk(Protocol):
    """Fills forms in beforehand and checks them; `bot.service.form_desk.FormDesk` does."""

    async def begin(self, action: Prepare | Change, address: Address) -> FormPart | None:
        """What the form begins with; None where it is somebody else's, or too late."""
        ...

    def with_words(self, words: str, link: str = "") -> FormPart:
        """A form that begins with a message's words and the link in them, or with that link."""
        ...

    def problems(self, form: Form, language: Language) -> Mapping[str, str]:
        """By field, the sentence that says what is wrong with it."""
        ...

    def contacts(self) -> Sequence[tuple[str, str]]:
        """The regional contacts that may get a copy: where they are, and their mail addresses."""
        ...
