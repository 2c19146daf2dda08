"""Reports in Mattermost: what opens the dialog at once, while its trigger lasts, and what a submitted one becomes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.chat.forms import FormDesk
from bot.chat.mattermost_client import Rest
from bot.chat.mattermost_events import from_submission
from bot.chat.mattermost_form import draw_form, read_form
from bot.chat.mattermost_mouth import MattermostMouth
from bot.chat.mattermost_seal import Place, Seal
from bot.chat.words import Say
from bot.core.actions import Change, Prepare
from bot.core.answers import FormPart, Language
from bot.core.errors import DeliveryError, StoreError
from bot.core.messages import REPORT_COMMANDS, Address, Incoming

LOG = logging.getLogger(__name__)

Payload = Mapping[str, Any]


class MattermostReports:
    """Opens forms and reads them. What can't be opened goes the way of every event, and is asked for by typing."""

    def __init__(self, rest: Rest, mouth: MattermostMouth, forms: FormDesk, say: Say, seal: Seal) -> None:
        self._rest = rest
        self._mouth = mouth
        self._forms = forms
        self._say = say
        self._seal = seal

    async def opened_for_command(self, form: Payload, incoming: Incoming) -> Language | None:
        """The language of the form, if the command asked for it and has it."""
        if incoming.command not in REPORT_COMMANDS:
            return None
        part = self._forms.with_words(incoming.text)
        return await self._open(form, incoming.address, part, locale=REPORT_COMMANDS[incoming.command])

    async def opened_for_press(self, payload: Payload, incoming: Incoming) -> bool:
        """Whether the button asked for the form, and has it."""
        if not isinstance(incoming.action, Prepare | Change):
            return False
        try:
            part = await self._forms.begin(incoming.action, incoming.address)
        except StoreError:
            return False
        return part is not None and await self._open(payload, incoming.address, part) is not None

    async def submitted(self, payload: Payload, accept: Callable[[Incoming], Awaitable[bool]]) -> Payload:
        """Errors by field, with which the dialog stays as it is; nothing once the form is stored."""
        sealed = self._seal.open_form(str(payload.get("state")), user=str(payload.get("user_id")))
        form = read_form(payload.get("submission") or {})
        language: Language = "en" if sealed.language == "en" else "fr"
        if problems := self._forms.problems(form, language):
            return {"errors": problems}
        incoming = from_submission(sealed, form)
        try:
            kept = await self._forms.begin(Change(sealed.report), incoming.address) if sealed.report else None
        except StoreError:
            return {"error": self._say("error", language)}
        if kept:  # a dialog has no field for files: the draft keeps those that it has
            incoming = replace(incoming, form=replace(form, files=kept.form.files))
        stored = await accept(incoming)
        return {} if stored else {"error": self._say("error", language)}

    async def _open(self, payload: Payload, address: Address, part: FormPart, *, locale: str = "") -> Language | None:
        visitor = await self._mouth.visitor(address)
        if not visitor.welcome:
            return None
        language: Language = "en" if (locale or visitor.locale).startswith("en") else "fr"
        dialog = draw_form(part, language, self._say, self._forms.contacts(), with_copy=bool(visitor.mail))
        if dialog is None:
            return None
        place = Place(address.channel, user=address.user, direct=address.direct)
        url, state = self._seal.form(place, part.report, language)
        try:
            await self._rest.open_dialog(str(payload.get("trigger_id", "")), url, {**dialog, "state": state})
        except DeliveryError as error:
            LOG.warning("a form could not be opened: %s", error)
            return None
        return language
