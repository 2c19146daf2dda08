from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.answers import Outcome
from bot.core.deciding import MOST_CHOICES, decide
from bot.core.matching import Match, Ranked
from bot.core.reading import Reading

IDS = ["guide/language", "guide/comments", "contact/lyon", "glossary/tweet", "report", "smalltalk/hello"]
SAYING = {Outcome.ANSWER, Outcome.REPORT, Outcome.SMALLTALK}


def match(likely: dict[str, float]) -> Match:
    ranked = sorted((Ranked(name, p, "") for name, p in likely.items()), key=lambda option: -option.probability)
    return Match(tuple(ranked), (), 1 - sum(likely.values()), Reading((), ()))


@st.composite
def matches(draw: st.DrawFn) -> Match:
    ids = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=len(IDS)))
    shares = draw(st.lists(st.floats(0.001, 1), min_size=len(ids) + 1, max_size=len(ids) + 1))
    return match({name: share / sum(shares) for name, share in zip(ids, shares, strict=False)})


@pytest.mark.parametrize(
    ("likely", "outcome"),
    [
        ({"guide/language": 0.95}, Outcome.ANSWER),
        ({"report": 0.95}, Outcome.REPORT),
        ({"smalltalk/hello": 0.9}, Outcome.SMALLTALK),
        ({"guide/language": 0.5, "guide/comments": 0.45}, Outcome.CHOICES),
        ({"guide/language": 0.55, "guide/comments": 0.05}, Outcome.UNANSWERED),
        ({"guide/language": 0.1}, Outcome.UNANSWERED),
        ({}, Outcome.UNANSWERED),
    ],
)
def test_sure_close_or_not_at_all(likely: dict[str, float], outcome: Outcome) -> None:
    assert decide(match(likely), cost=2).outcome is outcome


def test_the_options_are_the_likeliest_ones_in_their_order() -> None:
    decision = decide(
        match({"guide/comments": 0.3, "guide/language": 0.4, "contact/lyon": 0.2, "glossary/tweet": 0.1}), 4
    )
    assert decision.outcome is Outcome.CHOICES
    assert [option.id for option in decision.options] == ["guide/language", "guide/comments", "contact/lyon"]
    assert decision.confidence == pytest.approx(0.9)


def test_a_courtesy_and_the_unlikely_are_no_choice() -> None:
    decision = decide(match({"guide/language": 0.5, "smalltalk/hello": 0.3, "guide/comments": 0.18, "report": 0.02}), 4)
    assert [option.id for option in decision.options] == ["guide/language", "guide/comments"]


@given(matches(), st.floats(0, 10), st.floats(0, 10))
def test_a_dearer_mistake_never_makes_bolder(match: Match, one: float, other: float) -> None:
    cheap, dear = sorted((one, other))
    if decide(match, dear).outcome in SAYING:
        assert decide(match, cheap) == decide(match, dear)


@given(matches(), st.floats(1, 10))
def test_nothing_under_a_half_is_ever_said(match: Match, cost: float) -> None:
    decision = decide(match, cost)
    if decision.outcome in SAYING:
        assert decision.confidence >= 0.5


@given(matches(), st.floats(1, 10))
def test_an_answer_must_be_likelier_than_two_to_one(match: Match, cost: float) -> None:
    """Half a right answer is sure with choices, so that a risk has to be worth more."""
    decision = decide(match, cost)
    if decision.outcome in {Outcome.ANSWER, Outcome.REPORT}:
        assert decision.confidence > 0.6


@given(matches(), st.floats(0, 10))
def test_a_decision_is_about_what_was_matched(match: Match, cost: float) -> None:
    decision = decide(match, cost)
    assert -1e-9 <= decision.confidence <= 1 + 1e-9
    assert len(decision.options) <= MOST_CHOICES
    assert set(decision.options) <= set(match.ranked)
    assert bool(decision.options) is (decision.outcome is not Outcome.UNANSWERED)
    if decision.outcome in SAYING:
        assert decision.options[0] == match.ranked[0]
