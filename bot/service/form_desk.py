"""Fills in and checks the forms of reports while they are on somebody's screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.core.actions import Change, Prepare
from bot.core.answers import FormPart, Language
from bot.core.forms import Form
from bot.core.messages import Address
from bot.core.ports import Store
from bot.service.reporting import Reporting


class FormDesk:
    """Reads the store, and writes nothing: what is submitted goes the way of every event."""

    def __init__(self, store: Store, reporting: Reporting, asker: Callable[[Address], str]) -> None:
        self._store = store
        self._reporting = reporting
        self._asker = asker

    async def begin(self, action: Prepare | Change, address: Address) -> FormPart | None:
        """What the form begins with; None where it is somebody else's, or too late."""
        async with self._store.work() as work:
            return await self._reporting.form_of(work, action, self._asker(address))

    def with_words(self, words: str, link: str = "") -> FormPart:
        """A form that begins with a message's words and the link in them, or with that link."""
        return self._reporting.with_words(words, link)

    def problems(self, form: Form, language: Language) -> Mapping[str, str]:
        """By field, the sentence that says what is wrong with it."""
        return self._reporting.problems(self._reporting.checked(form), language)

    def contacts(self) -> Sequence[tuple[str, str]]:
        """The regional contacts that may get a copy: place and name, and their mail addresses."""
        return self._reporting.contacts()
