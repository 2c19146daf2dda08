"""A dialog's state is in the client's hands: what it says counts only as this bot wrote it, for whom, and in time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.mattermost_seal import FORM_HOURS, Place, Seal, StaleActionError
from bot.core.errors import ActionError
from tests.fakes.mattermost_state import ANNE, LAB, PAUL

NOW = 1_700_000_000.0


def seal(key: bytes = b"a key", now: float = NOW) -> Seal:
    return Seal(key, "https://bot.example", clock=lambda: now)


def state(report: int = 7) -> str:
    return seal().form(Place(LAB, user=ANNE), report, "fr")[1]


def test_a_form_comes_back_as_it_was_made() -> None:
    opened = seal().open_form(state(), user=ANNE)
    assert (opened.place, opened.report, opened.language) == (Place(LAB, user=ANNE), 7, "fr")


def test_two_forms_for_the_same_person_are_told_apart() -> None:
    assert seal().open_form(state(), user=ANNE).once != seal().open_form(state(), user=ANNE).once


def test_a_form_made_for_somebody_else_is_refused() -> None:
    with pytest.raises(ActionError):
        seal().open_form(state(), user=PAUL)


@pytest.mark.parametrize(
    "change", [{"user": PAUL}, {"channel": "elsewhere"}, {"report": 8}, {"until": 2**40}, {"seal": ""}]
)
def test_a_changed_form_is_refused(change: dict[str, object]) -> None:
    changed = json.dumps({**json.loads(state()), **change})
    with pytest.raises(ActionError):
        seal().open_form(changed, user=str(change.get("user", ANNE)))


def test_a_form_of_another_key_is_refused() -> None:
    with pytest.raises(ActionError):
        seal(b"another key").open_form(state(), user=ANNE)


def test_a_form_that_is_too_old_says_so() -> None:
    with pytest.raises(StaleActionError):
        seal(now=NOW + FORM_HOURS * 3600 + 1).open_form(state(), user=ANNE)


@given(
    st.text()
    | st.recursive(st.none() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)).map(json.dumps)
)
def test_whatever_a_client_makes_up_is_refused(made_up: str) -> None:
    with pytest.raises(ActionError):
        seal().open_form(made_up, user=ANNE)
