from __future__ import annotations

import pytest

from bot.core.assistant import Assistant
from bot.core.knowledge import Knowledge
from tests.fakes.shipped import shipped_assistant, shipped_knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return shipped_knowledge()


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return shipped_assistant()
