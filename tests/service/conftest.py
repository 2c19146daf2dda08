from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.assistant import Assistant
from bot.core.messages import Address
from bot.service.desk import Desk
from bot.service.digest import Digest
from bot.service.replies import Replies
from bot.service.team import Team
from tests.adapters.conftest import clock, engine, migrated_file, migrated_postgres, replica, store
from tests.adapters.samples import Clock
from tests.core.alert_samples import HEAD
from tests.fakes.mouth import RecordingMouth
from tests.fakes.shipped import shipped_assistant
from tests.fakes.small_knowledge import edit, small
from tests.service.talk import Talk

__all__ = ["clock", "edit", "engine", "migrated_file", "migrated_postgres", "replica", "small", "store"]

KEY = b"a key of at least 16 bytes"

# Makes a desk over a store, which speaks through a mouth.
NewDesk = Callable[[SqlStore, RecordingMouth], Desk]


@pytest.fixture
def mouth() -> RecordingMouth:
    return RecordingMouth()


@pytest.fixture
def assistant() -> Assistant:
    return shipped_assistant()


@pytest.fixture
def new_desk(assistant: Assistant) -> NewDesk:
    def make(store: SqlStore, mouth: RecordingMouth) -> Desk:
        replies = Replies(lambda: assistant, key=KEY, team=Team(frozenset(["slack:U9"])))
        return Desk(store, {"slack": mouth}, replies, Digest(HEAD, channel=Address("slack", channel="C9")))

    return make


@pytest.fixture
def talk(assistant: Assistant, store: SqlStore, mouth: RecordingMouth, clock: Clock) -> Talk:
    return Talk(assistant, store, mouth, clock, key=KEY)


@pytest.fixture
def desk(new_desk: NewDesk, store: SqlStore, mouth: RecordingMouth) -> Desk:
    return new_desk(store, mouth)
