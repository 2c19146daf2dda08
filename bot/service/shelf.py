"""The knowledge in use: read again when somebody edited it, kept as it was when the edit is broken."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from bot.adapters.knowledge_cache import prepared
from bot.adapters.knowledge_marks import stamp
from bot.core.answers import Language
from bot.core.assistant import Assistant, Options
from bot.core.errors import KnowledgeError

LOG = logging.getLogger(__name__)

SECONDS = 2.0  # between two looks at the files


class KnowledgeShelf:
    """Holds the assistant of the moment. The first reading raises KnowledgeError; a later one keeps the old content."""

    def __init__(self, folder: Path, options: Options, cache: Path | None = None) -> None:
        self._folder = folder
        self._cache = cache
        self._options = options
        self._stamp = self._look()  # before reading: an edit meanwhile is seen as a change the next time
        self.problems: tuple[str, ...] = ()  # of an edit that is not in use
        self.assistant = Assistant(prepared(folder, cache), options)

    def say(self, key: str, language: Language, /, **values: object) -> str:
        """The bot's own sentence of that name, as the files have it now."""
        return self.assistant.say(key, language, **values)

    def refresh(self) -> bool:
        """Read the files again if they changed; True where their new content is in use. Blocks for the reading."""
        seen = self._look()
        if seen == self._stamp:
            return False
        self._stamp = seen
        try:
            self.assistant = Assistant(prepared(self._folder, self._cache), self._options)
        except KnowledgeError as error:
            self._report(error.problems)
            return False
        self.problems = ()
        LOG.info("the knowledge was read again")
        return True

    async def watch(self) -> None:
        """Keep up with the files until cancelled; answers go on from the old content meanwhile."""
        while True:
            await asyncio.sleep(SECONDS)
            await asyncio.to_thread(self.refresh)

    def _look(self) -> object:
        try:
            return stamp(self._folder)
        except OSError:  # an editor that replaces a file takes it away for a moment
            return None

    def _report(self, problems: tuple[str, ...]) -> None:
        for problem in problems:
            if problem not in self.problems:
                LOG.error("the edited knowledge is not used, the old one stays: %s", problem)
        self.problems = problems
