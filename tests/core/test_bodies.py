from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.bodies import BODY, BodyFinder, names_us
from bot.core.knowledge import Knowledge
from bot.core.reading import Reader
from bot.core.text import tokens

FINDER = BodyFinder(["CNRS", "AP-HP", "Sciences Po", "Institut Pasteur", "Pasteur", "Institut"])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("le compte du CNRS", ["le", "compte", "du", BODY]),
        ("the AP-HP's press office", ["the", BODY, "s", "press", "office"]),
        ("institut pasteur", [BODY]),
        ("ni à Pasteur, ni à Sciences-Po", ["ni", "a", BODY, "ni", "a", BODY]),
        ("les sciences de la vie", ["les", "sciences", "de", "la", "vie"]),
        ("", []),
    ],
)
def test_one_word_stands_for_each_other_body_by_its_longest_name(text: str, read: list[str]) -> None:
    assert FINDER.replaced(tokens(text)) == read


def test_without_names_a_text_stays_as_it_is() -> None:
    assert BodyFinder([]).replaced(["le", "cnrs"]) == ["le", "cnrs"]


@given(st.lists(st.sampled_from(["cnrs", "ap", "hp", "institut", "pasteur", "sciences", "po", "et"])))
def test_what_is_read_once_is_not_read_again(words: list[str]) -> None:
    read = FINDER.replaced(words)
    assert FINDER.replaced(read) == read
    assert len(read) <= len(words)


def test_each_name_that_is_shipped_is_read_as_a_body_and_not_as_a_place(knowledge: Knowledge) -> None:
    reader = Reader(knowledge)
    assert len(knowledge.bodies) > 100
    assert [name for name in knowledge.bodies if reader.read(name).words != (BODY,)] == []


def test_a_hospital_that_stands_for_its_town_stays_a_place(knowledge: Knowledge) -> None:
    reading = Reader(knowledge).read("qui est le contact com à l'institut Curie ?")
    assert [place.contacts for place in reading.places] == [("contact/ile-de-france",)]
    assert BODY not in reading.words


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("un tweet accuse l'Inserm", True),
        ("the institute is attacked", True),
        ("un fil sur notre équipe", True),
        ("our lab's page", True),
        ("nos petites équipes", False),
        ("their lab", False),
        ("l'Institut Pasteur", False),
        ("", False),
    ],
)
def test_the_institute_and_its_own_labs_are_us(text: str, *, ours: bool) -> None:
    assert names_us(FINDER.replaced(tokens(text))) is ours
