from __future__ import annotations

import pytest

from bot.core.knowledge import Gazetteer, Knowledge, Place, Town
from bot.core.places import PLACE, Found, PlaceFinder, replaced
from bot.core.reading import Reader
from bot.core.text import tokens


@pytest.fixture(scope="module")
def reader(knowledge: Knowledge) -> Reader:
    return Reader(knowledge)


def contacts(reader: Reader, text: str) -> list[set[str]]:
    """The contacts of each place of a question, without their kind."""
    places = reader.read(text).places
    return [{contact.removeprefix("contact/") for contact in place.contacts} for place in places]


class TestTheShippedGazetteer:
    @pytest.mark.parametrize(
        ("text", "contact"),
        [
            # towns
            ("qui est le contact à Grenoble", "lyon"),
            ("who handles comms in Clermont-Ferrand", "lyon"),
            ("saint etienne contact", "lyon"),
            ("mon labo est à Toulon", "marseille"),
            ("contact à Ajaccio", "marseille"),
            ("le contact pour Nîmes", "montpellier"),
            ("contact Perpignan", "montpellier"),
            ("contact à Tarbes", "toulouse"),
            ("contact Limoges", "bordeaux"),
            ("à Poitiers", "bordeaux"),
            ("contact à La Rochelle", "bordeaux"),
            ("contact à Rennes", "nantes"),
            ("je travaille à Orléans", "nantes"),
            ("contact Rouen", "lille"),
            ("contact à Caen", "lille"),
            ("contact Nancy", "strasbourg"),
            ("contact Besançon", "strasbourg"),
            ("contact à Villejuif", "ile-de-france"),
            ("le Kremlin-Bicêtre", "ile-de-france"),
            ("contact in Paris", "ile-de-france"),
            # regions, départements, numbers, post codes
            ("contact en Bretagne", "nantes"),
            ("Brittany contact", "nantes"),
            ("contact en PACA", "marseille"),
            ("contact Corse", "marseille"),
            ("contact en Alsace", "strasbourg"),
            ("contact en Normandie", "lille"),
            ("contact Midi-Pyrénées", "toulouse"),
            ("contact Languedoc-Roussillon", "montpellier"),
            ("contact dans l'Isère", "lyon"),
            ("contact dans le Finistère", "nantes"),
            ("le contact du département 34", "montpellier"),
            ("je suis dans le 31", "toulouse"),
            ("je suis dans le 2A", "marseille"),
            ("contact 38000", "lyon"),
            ("labo au 94270", "ile-de-france"),
            ("CHU 20200 contact", "marseille"),
            # nicknames and misspellings
            ("contact IDF", "ile-de-france"),
            ("contact rp région parisienne", "ile-de-france"),
            ("contact à Grenobel", "lyon"),
            ("contact à Strasboug", "strasbourg"),
            ("contact Montpelier", "montpellier"),
            ("contact Marseilles", "marseille"),
        ],
    )
    def test_knows_whose_place_it_is(self, reader: Reader, text: str, contact: str) -> None:
        assert contacts(reader, text) == [{contact}]

    @pytest.mark.parametrize("text", ["contact en Occitanie", "Occitanie", "the Occitania contact"])
    def test_occitanie_has_two(self, reader: Reader, text: str) -> None:
        assert contacts(reader, text) == [{"montpellier", "toulouse"}]

    @pytest.mark.parametrize(
        "text",
        [
            "contact à la Réunion",
            "contact en Guadeloupe",
            "contact en Martinique",
            "contact à Mayotte",
            "le contact en Guyane",
            "contact à Nouméa",
            "contact à Berlin",
            "contact in London",
            "contact à Genève",
            "contact à Montréal",
            "contact 97400",
        ],
    )
    def test_overseas_and_abroad_have_none(self, reader: Reader, text: str) -> None:
        assert contacts(reader, text) == [set()]

    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("je passe de Lyon à Bordeaux, qui est mon contact", "bordeaux"),
            ("I'm moving from Lille to Nantes, who is my contact?", "nantes"),
            ("Je quitte Montpellier pour un labo de Toulouse, qui sera mon contact ?", "toulouse"),
            ("contact à Lyon ou à Bordeaux ?", "lyon"),
        ],
    )
    def test_a_place_that_somebody_leaves_comes_after_the_one_they_go_to(
        self, reader: Reader, text: str, first: str
    ) -> None:
        assert contacts(reader, text)[0] == {first}

    @pytest.mark.parametrize(
        ("text", "contact"),
        [
            ("contact à Nice", "marseille"),
            ("Nice contact", "marseille"),
            ("mail responsable com inserm nice", "marseille"),
            ("contact à Tours", "nantes"),
            ("qui s'occupe de la com pour Nice ?", "marseille"),
            ("who is the contact for Nice?", "marseille"),
            ("la com à Nice, c'est qui", "marseille"),
            ("qui contacter à Sens", "strasbourg"),
            ("contact à Lens", "lille"),
            ("Tours", "nantes"),
        ],
    )
    def test_a_town_that_is_a_word_needs_a_cue(self, reader: Reader, text: str, contact: str) -> None:
        assert contacts(reader, text) == [{contact}]

    @pytest.mark.parametrize(
        "text",
        [
            "dans tous les sens du terme",
            "how do I write a nice post",
            "who has to sign off for nice pictures",
            "thanks a lot for your help",
            "thank you a lot",
            "cela a du sens",
            "deux tours de table",
            "à l'ordre du jour",
            "dans quel ordre publier",
            "une mention sur mon diplôme",
            "c'est quoi une mention",
            "la réunion de lundi est filmée",
            "live-tweeter une réunion d'équipe",
            "un bar près de la gare",
            "qui lit le mur",
            "page 18 du guide",
            "140 signes",
            "le 31 mai",
            "en 2016",
            "10 000 abonnés",
            "nous avons 10000 abonnés",
            "a video with 75000 views",
            "rendez-vous le 14 juillet",
            "38abc",
            "a nicer wall",
            "mon chef veut un compte",
            "a vif debate about a die",
        ],
    )
    def test_words_are_no_towns(self, reader: Reader, text: str) -> None:
        assert contacts(reader, text) == []

    @pytest.mark.parametrize("text", ["portes ouvertes à Lyon le 14", "on se voit le 31", "publier le 2, puis le 5"])
    def test_a_day_is_no_departement(self, reader: Reader, text: str) -> None:
        assert [place for place in contacts(reader, text) if place != {"lyon"}] == []

    @pytest.mark.parametrize(
        "text", ["le contact pour le 14", "qui couvre le 14 ?", "je suis dans le 14", "com du 14", "le 14"]
    )
    def test_a_number_to_which_something_leads_is_one(self, reader: Reader, text: str) -> None:
        assert contacts(reader, text) == [{"lille"}]

    @pytest.mark.parametrize("text", ["tous les contacts sauf Paris", "la liste hors Paris", "everyone except Paris"])
    def test_what_is_excepted_is_not_meant(self, reader: Reader, text: str) -> None:
        reading = reader.read(text)
        assert reading.places == ()
        assert PLACE in reading.words

    @pytest.mark.parametrize(
        ("text", "contact"),
        [
            ("who speaks to the press at the CHU d'Angers", "nantes"),
            ("our lab is just outside Nancy", "strasbourg"),
            ("Je suis à Nice, who should I talk to?", "marseille"),
            ("the delegation that covers Tours, please", "nantes"),
            ("mon unité, basée entre Angers et Cholet, ouvre ses portes", "nantes"),
        ],
    )
    def test_a_capital_tells_a_large_city_from_the_word(self, reader: Reader, text: str, contact: str) -> None:
        assert contacts(reader, text)[:1] == [{contact}]

    @pytest.mark.parametrize(
        "text",
        [
            "have a nice day",
            "Nice work, thank you!",
            "Thanks. Nice of you to help.",
            "Merci ! Nice",
            "tours of the lab for schools",
            "who angers the trolls",
            "our Facebook post got a nice comment",
            "a Gap in the guide",
            "le Sens de la fête",
        ],
    )
    def test_without_one_within_a_sentence_the_word_is_a_word(self, reader: Reader, text: str) -> None:
        assert contacts(reader, text) == []

    def test_several_places_are_found_in_their_order(self, reader: Reader) -> None:
        assert contacts(reader, "contact à Brest, puis à Dijon et à Pau") == [{"nantes"}, {"strasbourg"}, {"bordeaux"}]

    def test_every_delegation_is_found_by_its_own_name(self, knowledge: Knowledge, reader: Reader) -> None:
        for entry in knowledge.delegations:
            for title in entry.title.values():
                assert entry.id.removeprefix("contact/") in contacts(reader, title)[0], title

    def test_every_departement_has_a_post_code(self, knowledge: Knowledge, reader: Reader) -> None:
        numbers = {place.number: set(place.contacts) for place in knowledge.gazetteer.places if place.number}
        assert len(numbers) >= 96
        for number in (f"{n:02}" for n in range(1, 96) if n != 20):
            (found,) = reader.read(f"contact {number}100").places
            assert set(found.contacts) == numbers[number], number


ISERE = Place("place/isere", "département", {"fr": "Isère", "en": "Isère"}, ("contact/lyon",), (), number="38")
AUBE = Place("place/aube", "département", {"fr": "Aube", "en": "Aube"}, ("contact/strasbourg",), (), number="10")
LYON = Place("place/lyon", "seat", {"fr": "Lyon", "en": "Lyons"}, ("contact/lyon",), ("capitale des Gaules", "lyon"))


def find(text: str, *towns: Town, word_towns: frozenset[str] = frozenset()) -> list[tuple[str, tuple[str, ...]]]:
    finder = PlaceFinder(Gazetteer((ISERE, AUBE, LYON), towns, word_towns))
    return [(found.name, found.contacts) for found in finder.find(tokens(text))]


class TestFinding:
    def test_the_longest_name_wins(self) -> None:
        assert find("contact à Bourg Isère", Town("Bourg Isère", "10", 3_000)) == [
            ("Bourg Isère", ("contact/strasbourg",))
        ]

    def test_the_largest_of_namesakes_is_meant_if_it_is_much_larger(self) -> None:
        towns = (Town("Vals", "10", 50_000), Town("Vals", "38", 900))
        assert find("à Vals", *towns) == [("Vals", ("contact/strasbourg",))]

    def test_namesakes_of_like_size_share_the_contacts(self) -> None:
        towns = (Town("Vals", "10", 5_000), Town("Vals", "38", 4_000))
        assert find("à Vals", *towns) == [("Vals", ("contact/strasbourg", "contact/lyon"))]

    @pytest.mark.parametrize(("text", "found"), [("Les Vals Bleus", False), ("à Vals", True), ("Vals", True)])
    def test_a_village_needs_a_cue(self, text: str, *, found: bool) -> None:
        assert bool(find(text, Town("Vals", "38", 900))) is found

    def test_a_village_whose_name_is_a_word_is_never_meant(self) -> None:
        village = Town("Ordre", "38", 900)
        assert find("à Ordre", village, word_towns=frozenset(["Ordre"])) == []

    @pytest.mark.parametrize(("text", "found"), [("une aube nouvelle", False), ("contact Aube", True), ("Aube", True)])
    def test_a_spelling_that_is_a_word_needs_a_cue(self, text: str, *, found: bool) -> None:
        place = Place("place/aube", "département", {"fr": "L10", "en": "L10"}, ("contact/strasbourg",), (), ("aube",))
        assert bool(PlaceFinder(Gazetteer((place,))).find(tokens(text))) is found

    def test_only_a_seat_is_named_by_the_guide(self) -> None:
        finder = PlaceFinder(Gazetteer((ISERE, LYON)))
        seats = [(found.name, found.seat) for found in finder.find(["lyon", "isere", "capitale", "des", "gaules"])]
        assert seats == [("Lyon", True), ("Isère", False), ("Lyon", True)]

    def test_a_known_word_is_no_misspelling(self) -> None:
        finder = PlaceFinder(Gazetteer((ISERE, LYON), (Town("Grenoble", "38", 158_000),)))
        assert [place.name for place in finder.find(["grenouble"])] == ["Grenoble"]
        assert finder.find(["grenouble"], {"grenouble"}) == []

    def test_one_word_stands_for_each_place(self) -> None:
        words = tokens("contact à Lyon ou en Isère svp")
        found = PlaceFinder(Gazetteer((ISERE, LYON))).find(words)
        assert replaced(words, found) == ["contact", "a", PLACE, "ou", "en", PLACE, "svp"]

    def test_nothing_is_found_in_nothing(self) -> None:
        assert PlaceFinder(Gazetteer()).find([]) == []
        assert PlaceFinder(Gazetteer()).find(tokens("à Lyon 69001")) == []

    def test_what_is_found_tells_where_it_stands(self) -> None:
        (found,) = PlaceFinder(Gazetteer((LYON,))).find(["la", "capitale", "des", "gaules"])
        assert found == Found("Lyon", ("contact/lyon",), seat=True, start=1, end=4)
