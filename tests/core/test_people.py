from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.answers import Person
from bot.core.knowledge import Entry, Knowledge
from bot.core.people import PERSON, PeopleFinder
from bot.core.reading import Reader


@pytest.fixture(scope="module")
def reader(knowledge: Knowledge) -> Reader:
    return Reader(knowledge)


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("le mail de Patricia Lefort ?", "contact/lyon"),
        ("lefort patricia", "contact/lyon"),
        ("comment joindre Mme LEFORT", "contact/lyon"),
        ("Patrica Lefor's number", "contact/lyon"),
        ("who is Nicolas Emanuelli", "contact/marseille"),
        ("numéro de aurelie deleglise", "contact/lille"),
        ("Aurélie Délèglise", "contact/lille"),
        ("pierre da silva svp", "contact/nantes"),
        ("Christine Feran", "contact/toulouse"),
        ("Nathalie Christophe", "contact/strasbourg"),
        ("Charlotte Dumonte", "contact/montpellier"),
        ("Mr Dubrana", "contact/bordeaux"),
        ("is Samia Sayah on leave", "contact/ile-de-france"),
        ("aude ella delaunay", "contact/ile-de-france"),
        ("priscille riviere", "contact/press-office"),
        ("Élodie Biet", "contact/website"),
        ("patricia.lefort@inserm.fr c'est qui", "contact/lyon"),
        ("who reads PRESSE@INSERM.FR.", "contact/press-office"),
        ("à qui est le 04 72 13 88 04", "contact/lyon"),
        ("0472138804", "contact/lyon"),
        ("04.72.13.88.04", "contact/lyon"),
        ("04-72-13-88-04", "contact/lyon"),
        ("+33472138804", "contact/lyon"),
        ("+33 4 72 13 88 04", "contact/lyon"),
        ("+33 (0)4 72 13 88 04", "contact/lyon"),
        ("0033 4 72 13 88 04", "contact/lyon"),
        ("01 44 23 60 97", "contact/press-office"),
        ("(01) 44 23 63 10", "contact/website"),
    ],
)
def test_somebody_of_the_guide_is_known(reader: Reader, text: str, contact: str) -> None:
    reading = reader.read(text)
    assert reading.people == (contact,)
    assert PERSON in reading.words


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Patricia L. in communications, how do I reach her?", "contact/lyon"),
        ("christine de la com, son adresse svp", "contact/toulouse"),
        ("la com, c'est toujours Charlotte ?", "contact/montpellier"),
        ("the press lady, Priscille something", "contact/press-office"),
        ("samia, com paris, son tel", "contact/ile-de-france"),
    ],
)
def test_a_first_name_is_enough_beside_their_office(reader: Reader, text: str, contact: str) -> None:
    assert reader.read(text).people == (contact,)


@pytest.mark.parametrize(
    "text",
    [
        "Christine Vasseur de la com",
        "charlotte wisniewski, communication, son mail",
        "ma collègue Nathalie a perdu son badge",
        "la com de Jeanne",
        "une pierre dans le jardin de la com",
    ],
)
def test_a_first_name_of_somebody_else_is_not(reader: Reader, text: str) -> None:
    assert reader.read(text).people == ()


@pytest.mark.parametrize(
    "text",
    [
        "Patricia",
        "mon ami Nicolas",
        "Marie Curie",
        "Jean Lefebvre",
        "jean.dupont@inserm.fr",
        "06 12 34 56 78",
        "04 72 13 88 05",
        "contact à Clermont-Ferrand",
        "un effort de plus",
        "une pierre à l'édifice",
        "",
    ],
)
def test_others_are_not(reader: Reader, text: str) -> None:
    assert reader.read(text).people == ()


def test_everybody_is_found_by_name_mail_and_number(knowledge: Knowledge, reader: Reader) -> None:
    contacts = [(entry.id, person) for entry in knowledge.entries.values() for person in entry.people]
    assert len(contacts) == 12
    for contact, person in contacts:
        for spelling in (person.name, person.name.upper(), person.mail, person.phone, person.phone.replace(" ", "")):
            assert reader.read(f"contact {spelling}").people == (contact,), spelling


def test_two_people_are_found_in_their_order(reader: Reader) -> None:
    reading = reader.read("Didier Dubrana ou Samia Sayah ?")
    assert reading.people == ("contact/bordeaux", "contact/ile-de-france")
    assert reading.words == (PERSON, "ou", PERSON)


@given(st.lists(st.sampled_from([" ", ".", "-", "/", ""]), min_size=4, max_size=4))
def test_a_number_may_be_spaced_as_one_likes(separators: list[str]) -> None:
    contact = Entry("contact/x", {}, {}, "1", {}, {}, people=(Person("Anne Aa", "a@b.org", "04 72 13 88 04"),))
    number = "04" + "".join(sep + pair for sep, pair in zip(separators, ("72", "13", "88", "04"), strict=True))
    assert PeopleFinder([contact]).mark(f"qui répond au {number} ?") == (f"qui répond au  {PERSON}  ?", ["contact/x"])
