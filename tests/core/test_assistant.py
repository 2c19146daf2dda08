from __future__ import annotations

from typing import TypeVar

import pytest

from bot.core.answers import (
    LANGUAGES,
    Answer,
    Audience,
    Choice,
    ContactCard,
    Definition,
    Language,
    Note,
    Outcome,
    Part,
    Pick,
    SourceLine,
    plain_text,
)
from bot.core.assistant import Assistant, Options
from bot.core.knowledge import PRESS_OFFICE, REGIONAL_LIST, Knowledge
from tests.fakes.shipped import prepared_knowledge, told

P = TypeVar("P", bound=Part)

LYON = ("patricia.lefort@inserm.fr", "04 72 13 88 04")
PRESS = ("presse@inserm.fr", "44 23 60 97")
SERVED = {
    "lyon": ["Grenoble", "Clermont-Ferrand", "Saint-Étienne", "Auvergne", "Rhône-Alpes", "73"],
    "marseille": ["Nice", "Toulon", "PACA", "Corse", "Ajaccio", "20090"],
    "montpellier": ["Nîmes", "Perpignan", "Languedoc-Roussillon", "Hérault", "11"],
    "toulouse": ["Albi", "Tarbes", "Midi-Pyrénées", "Haute-Garonne", "32"],
    "bordeaux": ["Limoges", "Poitiers", "Pau", "Aquitaine", "Gironde"],
    "nantes": ["Rennes", "Brest", "Angers", "Tours", "Orléans", "Bretagne", "Centre-Val de Loire"],
    "lille": ["Amiens", "Rouen", "Caen", "Normandie", "Hauts-de-France", "59"],
    "strasbourg": ["Nancy", "Reims", "Dijon", "Besançon", "Alsace", "Bourgogne"],
    "ile-de-france": ["Paris", "Villejuif", "Créteil", "Le Kremlin-Bicêtre", "IDF", "75013"],
}


def one(answers: tuple[Answer, ...]) -> Answer:
    (answer,) = answers
    return answer


def of(kind: type[P], answer: Answer) -> list[P]:
    return [part for part in answer.parts if isinstance(part, kind)]


class TestAnAnswer:
    @pytest.mark.parametrize(
        ("text", "entry", "language"),
        [
            ("peut-on utiliser un pseudonyme ?", "guide/no-anonymity", "fr"),
            ("can I use a pseudonym on Twitter?", "guide/no-anonymity", "en"),
            ("comment régler la confidentialité de mon profil facebook", "guide/privacy-settings", "fr"),
            ("can I tweet about unpublished results?", "guide/confidentiality", "en"),
            ("que puis-je dire de mes résultats non publiés", "guide/confidentiality", "fr"),
            ("Combien de temps faut-il y consacrer par semaine ?", "guide/time-investment", "fr"),
            ("what are the benefits of social media for a researcher?", "guide/benefits", "en"),
            ("do I have to say that I work at Inserm in my bio?", "guide/mention-affiliation", "en"),
            ("vérifier ses sources avant de partager", "guide/check-sources", "fr"),
            ("c'est quoi un hashtag", "glossary/hashtag", "fr"),
            ("what is a community manager?", "glossary/community-manager", "en"),
            ("définition d'un tweet", "glossary/tweet", "fr"),
            ("Qui est chargé de la communication à Bordeaux ?", "contact/bordeaux", "fr"),
            ("Who is the communications officer in Strasbourg?", "contact/strasbourg", "en"),
            ("qui s'occupe du site inserm.fr ?", "contact/website", "fr"),
        ],
    )
    def test_is_what_a_person_wrote_with_its_section_and_page(
        self, assistant: Assistant, knowledge: Knowledge, text: str, entry: str, language: Language
    ) -> None:
        answer = one(assistant.answer(text))
        assert (answer.outcome, answer.entries[0], answer.language) == (Outcome.ANSWER, entry, language)
        written = knowledge.entries[entry]
        (source,) = of(SourceLine, answer)
        assert written.section[language] in source.text
        assert f"p. {written.page}" in source.text
        assert "2016" in source.text
        shown = plain_text(answer)
        for line in written.text[language].splitlines():
            assert line.strip().removeprefix("- ") in shown

    def test_of_every_entry_in_every_language_has_its_source(self, assistant: Assistant, knowledge: Knowledge) -> None:
        for entry in knowledge.entries.values():
            for language in LANGUAGES:
                answer = assistant.show(entry.id, language)
                assert answer.entries == (entry.id,)
                (source,) = of(SourceLine, answer)
                assert f"p. {entry.page}" in source.text, entry.id

    def test_keeps_what_has_aged_apart_from_the_text(self, assistant: Assistant, knowledge: Knowledge) -> None:
        tweet = assistant.show("glossary/tweet", "en")
        (definition,) = of(Definition, tweet)
        assert "140" in definition.text
        assert "280" not in definition.text
        assert any("280" in note.text and "2017" in note.text for note in of(Note, tweet))
        for entry in knowledge.entries.values():
            if entry.note:
                assert entry.note["fr"] in [note.text for note in of(Note, assistant.show(entry.id, "fr"))], entry.id

    def test_bears_the_guide_s_address_where_one_is_set(self) -> None:
        linked = Assistant(prepared_knowledge(), Options(guide_url="https://example.org/guide.pdf"))
        (source,) = of(SourceLine, linked.show("guide/language", "fr"))
        assert source.url == "https://example.org/guide.pdf"

    def test_says_nothing_of_being_logged(self, assistant: Assistant) -> None:
        for text in ("Combien coûte une campagne de pub ?", "xyzzy plugh", "C'est quoi un mur ?"):
            shown = plain_text(one(assistant.answer(text)))
            assert told("passed_on", "fr") not in shown
            assert told("passed_on", "en") not in shown

    def test_is_the_same_each_time(self, assistant: Assistant) -> None:
        assert assistant.answer("C'est quoi un mur ?") == assistant.answer("C'est quoi un mur ?")


class TestContacts:
    @pytest.mark.parametrize(("contact", "place"), [(c, place) for c, places in SERVED.items() for place in places])
    def test_of_a_territory_are_those_of_its_delegation(
        self, assistant: Assistant, knowledge: Knowledge, contact: str, place: str
    ) -> None:
        answer = one(assistant.command("/contact", place, locale="fr-FR"))
        assert (answer.outcome, answer.entries) == (Outcome.ANSWER, (f"contact/{contact}",))
        (card,) = of(ContactCard, answer)
        assert card.people == knowledge.entries[f"contact/{contact}"].people
        assert "2016" in card.age

    @pytest.mark.parametrize(
        ("place", "said"), [("Lyon", False), ("Grenoble", True), ("Isère", True), ("Marseille", False)]
    )
    def test_tell_when_the_guide_doesn_t_name_the_place(self, assistant: Assistant, place: str, *, said: bool) -> None:
        notes = of(Note, one(assistant.command("/contact", place, locale="fr-FR")))
        assert any(place in note.text and told("contact_follows") in note.text for note in notes) is said

    @pytest.mark.parametrize(
        ("words", "contacts"),
        [
            ("de Toulouse à Rennes", ["contact/nantes", "contact/toulouse"]),
            ("from Lille to Bordeaux", ["contact/bordeaux", "contact/lille"]),
            ("de Lyon et de Nantes", ["contact/lyon", "contact/nantes"]),
            ("à Lyon puis à Nantes", ["contact/lyon", "contact/nantes"]),
        ],
    )
    def test_of_the_place_that_one_goes_to_come_before_those_of_the_place_that_one_leaves(
        self, assistant: Assistant, words: str, contacts: list[str]
    ) -> None:
        places = assistant._matcher.reader.read(words).places
        assert [contact for place in places for contact in place.contacts] == contacts

    @pytest.mark.parametrize("seat", ["Lyon", "Marseille", "Montpellier", "Toulouse", "Bordeaux", "Nantes", "Lille"])
    @pytest.mark.parametrize(
        ("words", "language"),
        [("Qui est le contact communication à {}", "fr"), ("who is the comms contact in {}", "en")],
    )
    def test_may_be_asked_for_in_a_sentence(
        self, assistant: Assistant, seat: str, words: str, language: Language
    ) -> None:
        answer = one(assistant.answer(words.format(seat)))
        assert (answer.outcome, answer.entries[0]) == (Outcome.ANSWER, f"contact/{seat.lower()}")
        assert answer.language == language

    def test_of_ile_de_france_are_two_people(self, assistant: Assistant) -> None:
        (card,) = of(ContactCard, one(assistant.command("/contact", "Paris")))
        assert [person.name for person in card.people] == ["Aude-Ella Delaunay", "Samia Sayah"]

    def test_of_occitanie_are_both_delegations(self, assistant: Assistant) -> None:
        answer = one(assistant.command("/contact", "Occitanie"))
        assert set(answer.entries) == {"contact/montpellier", "contact/toulouse"}
        assert len(of(ContactCard, answer)) == 2

    @pytest.mark.parametrize(
        "words",
        ["Lefort", "patricia lefort", "Patrica Lefor", "patricia.lefort@inserm.fr", "04 72 13 88 04", "+33472138804"],
    )
    def test_are_found_by_whatever_is_known_of_them(self, assistant: Assistant, words: str) -> None:
        answer = one(assistant.command("/contact", words))
        assert answer.entries == ("contact/lyon",)
        shown = plain_text(answer)
        assert all(detail in shown for detail in LYON)

    @pytest.mark.parametrize("place", ["Xanadu", "Sdrtgf", "🙂", "<script>"])
    def test_of_an_unknown_place_are_all_those_that_there_are(self, assistant: Assistant, place: str) -> None:
        answer = one(assistant.command("/contact", place))
        assert (answer.outcome, answer.gap) == (Outcome.UNANSWERED, False)
        assert len(of(Pick, answer)) == 9

    @pytest.mark.parametrize("place", ["La Réunion", "Guadeloupe", "Berlin", "Tokyo", "97400"])
    def test_of_a_place_beyond_the_delegations_are_none(self, assistant: Assistant, place: str) -> None:
        answer = one(assistant.command("/contact", place))
        assert (answer.outcome, answer.topic) == (Outcome.UNANSWERED, "outside/elsewhere")
        assert len(of(Pick, answer)) == 9
        assert "DISC" in plain_text(answer)

    def test_without_a_place_are_the_list(self, assistant: Assistant) -> None:
        answer = one(assistant.command("/contact", ""))
        assert answer.entries == (REGIONAL_LIST,)
        assert len(of(Pick, answer)) == 9

    def test_of_every_place_with_a_contact_are_found_by_its_name(
        self, assistant: Assistant, knowledge: Knowledge
    ) -> None:
        for place in knowledge.gazetteer.places:
            answer = one(assistant.command("/contact", place.name["fr"]))
            if place.contacts:
                assert set(answer.entries) == set(place.contacts), place.id
            else:
                assert answer.outcome is Outcome.UNANSWERED, place.id


class TestTheGlossary:
    def test_gives_each_term_by_each_of_its_names(self, assistant: Assistant, knowledge: Knowledge) -> None:
        assert len(knowledge.terms) == 10
        for entry in knowledge.terms:
            for name in (*entry.terms["fr"], *entry.terms["en"], *entry.aliases):
                answer = one(assistant.command("/glossary", name))
                assert (answer.entries, answer.audience) == ((entry.id,), Audience.ONLY_YOU), name

    @pytest.mark.parametrize(
        ("word", "entry", "took"),
        [
            ("hashtagg", "glossary/hashtag", "Hashtag"),
            ("notifikation", "glossary/notification", "Notification"),
            ("comunity manadger", "glossary/community-manager", "Community manager"),
        ],
    )
    def test_says_which_term_it_took(self, assistant: Assistant, word: str, entry: str, took: str) -> None:
        answer = one(assistant.command("/glossary", word, locale="en-GB"))
        assert answer.entries == (entry,)
        assert isinstance(answer.parts[0], Note)
        assert took in answer.parts[0].text

    def test_says_nothing_of_the_kind_where_the_word_is_the_term(self, assistant: Assistant) -> None:
        assert isinstance(one(assistant.command("/glossary", "hashtag")).parts[0], Definition)

    def test_offers_the_nearest_of_an_unknown_term(self, assistant: Assistant) -> None:
        answer = one(assistant.command("/glossary", "blockchain"))
        assert (answer.outcome, answer.gap, answer.asked) == (Outcome.UNANSWERED, True, "blockchain")
        assert 1 <= len(of(Pick, answer)) <= 3
        assert "blockchain" in plain_text(answer)

    def test_lists_all_where_no_word_is_given(self, assistant: Assistant) -> None:
        answer = one(assistant.command("/glossary", " "))
        assert answer.outcome is Outcome.NOTICE
        assert len(of(Pick, answer)) == 10

    def test_is_french_under_its_french_name(self, assistant: Assistant) -> None:
        assert one(assistant.command("/glossaire", "hashtag", locale="en-GB")).language == "fr"
        assert one(assistant.command("/glossary", "hashtag", locale="en-GB")).language == "en"


class TestTheGuideCommand:
    def test_lists_the_sections_where_no_word_is_given(self, assistant: Assistant) -> None:
        answer = one(assistant.command("/guide", ""))
        assert (answer.outcome, len(of(Pick, answer))) == (Outcome.NOTICE, 25)

    def test_answers_like_any_question_but_for_its_author_alone(self, assistant: Assistant) -> None:
        answer = one(assistant.command("/guide", "can I use a pseudonym?"))
        assert (answer.entries[0], answer.audience) == ("guide/no-anonymity", Audience.ONLY_YOU)


class TestTwoQuestions:
    @pytest.mark.parametrize(
        ("text", "entries"),
        [
            ("What is a hashtag? Who is the contact in Lille?", ["glossary/hashtag", "contact/lille"]),
            ("C'est quoi un hashtag ? Et qui est le contact à Toulouse ?", ["glossary/hashtag", "contact/toulouse"]),
            ("c'est quoi un tweet et qui contacter à Lyon", ["glossary/tweet", "contact/lyon"]),
        ],
    )
    def test_get_two_answers(self, assistant: Assistant, text: str, entries: list[str]) -> None:
        answers = assistant.answer(text)
        assert [answer.entries[0] for answer in answers] == entries
        assert len({answer.language for answer in answers}) == 1

    def test_that_ask_the_same_get_one(self, assistant: Assistant) -> None:
        assert len(assistant.answer("C'est quoi un hashtag ? Définition d'un hashtag ?")) == 1


class TestWhatTheGuideDoesntAnswer:
    @pytest.mark.parametrize(
        "text",
        [
            "Combien coûte une campagne de pub sur Facebook ?",
            "How much does a sponsored post cost?",
            "Comment créer une page Facebook ?",
            "Comment supprimer un tweet ?",
            "How many characters may a LinkedIn post have?",
            "mon imprimante est en panne",
            "the coffee machine is broken",
            "what is the weather tomorrow",
            "Qui est le responsable informatique à Lyon ?",
            "who is the contact in Tokyo",
            "contact à La Réunion",
            "xyzzy plugh",
        ],
    )
    def test_is_said_plainly_and_never_answered_from_nearby(self, assistant: Assistant, text: str) -> None:
        answer = one(assistant.answer(text))
        assert (answer.outcome, answer.entries) == (Outcome.UNANSWERED, ())
        assert of(SourceLine, answer) == []

    @pytest.mark.parametrize("text", ["Comment programmer un tweet ?", "xyzzy plugh"])
    def test_of_the_guide_s_own_subject_goes_to_the_disc(self, assistant: Assistant, text: str) -> None:
        assert one(assistant.answer(text)).gap

    def test_of_another_service_does_not(self, assistant: Assistant) -> None:
        answer = one(assistant.answer("quel est le menu de la cantine ?"))
        assert (answer.outcome, answer.gap) == (Outcome.UNANSWERED, False)
        assert answer.topic

    def test_comes_with_somebody_to_ask(self, assistant: Assistant, knowledge: Knowledge) -> None:
        for topic in knowledge.topics.values():
            for language in LANGUAGES:
                parts = assistant._wording.outside(topic, language, ())
                assert topic.title[language] in plain_text(Answer(Outcome.UNANSWERED, parts, language))
                assert len(parts) >= 2, topic.id

    def test_names_the_region_s_officer_where_a_place_is_said(self, assistant: Assistant) -> None:
        answer = one(assistant.answer("xyzzy plugh à Grenoble"))
        (card,) = of(ContactCard, answer)
        assert card.people[0].mail == LYON[0]

    def test_names_the_disc_s_address_where_one_is_set(self) -> None:
        options = Options(disc_contact="disc@example.org")
        answer = one(Assistant(prepared_knowledge(), options).answer("xyzzy plugh"))
        assert "disc@example.org" in plain_text(answer)

    def test_leaves_the_list_of_contacts_at_hand(self, assistant: Assistant) -> None:
        assert of(Pick, one(assistant.answer("xyzzy plugh")))


class TestCourtesies:
    @pytest.mark.parametrize("text", ["Merci beaucoup !", "Hello", "Bonjour", "thanks a lot", "au revoir"])
    def test_get_a_courtesy(self, assistant: Assistant, text: str) -> None:
        answer = one(assistant.answer(text))
        assert (answer.outcome, answer.gap, answer.entries) == (Outcome.SMALLTALK, False, ())

    @pytest.mark.parametrize("text", ["", " \n", "???", "\x00\u202e", "🙂🙂"])
    def test_what_says_nothing_is_asked_to_say_something(self, assistant: Assistant, text: str) -> None:
        answer = one(assistant.answer(text, locale="en"))
        assert answer.outcome is Outcome.SMALLTALK
        assert told("empty", "en") in plain_text(answer)

    @pytest.mark.parametrize("text", ["help", "aide", "Help!", "à l'aide"])
    def test_a_call_for_help_gets_the_help_page(self, assistant: Assistant, knowledge: Knowledge, text: str) -> None:
        answer = one(assistant.answer(text))
        assert answer.outcome is Outcome.SMALLTALK
        page = knowledge.courtesies["smalltalk/help"].text[answer.language]
        assert page.strip().splitlines()[0].strip() in plain_text(answer)


class TestAReport:
    @pytest.mark.parametrize(
        "text",
        [
            "Je viens de voir un tweet qui accuse l'Inserm de falsifier ses données",
            "I've just seen a Facebook post claiming Inserm fakes its data",
            "quelqu'un diffame l'Inserm sur Twitter en ce moment",
        ],
    )
    def test_says_at_once_how_to_reach_the_press_office(self, assistant: Assistant, text: str) -> None:
        answer = one(assistant.answer(text))
        assert (answer.outcome, answer.entries[0]) == (Outcome.REPORT, "report")
        shown = plain_text(answer)
        assert all(detail in shown for detail in PRESS)

    @pytest.mark.parametrize(
        "text",
        [
            "À qui signaler un tweet qui nuit à la réputation de l'Inserm ?",
            "whom do I tell if a post harms Inserm's reputation?",
        ],
    )
    def test_is_not_a_question_about_reporting(self, assistant: Assistant, text: str) -> None:
        answer = one(assistant.answer(text))
        assert (answer.outcome, answer.entries[0]) == (Outcome.ANSWER, "guide/e-reputation")
        assert len(of(Note, answer)) >= 1  # the offer to report

    def test_is_not_harm_to_others(self, assistant: Assistant) -> None:
        assert one(assistant.answer("un tweet se moque du CNRS")).outcome is not Outcome.REPORT


class TestTheLanguage:
    @pytest.mark.parametrize("locale", ["", "fr-FR", "en-GB"])
    def test_is_the_question_s_own(self, assistant: Assistant, locale: str) -> None:
        assert one(assistant.answer("c'est quoi un hashtag", locale=locale, previous="en")).language == "fr"
        assert one(assistant.answer("what is a community manager?", locale=locale, previous="fr")).language == "en"

    def test_is_else_the_person_s_then_the_previous_turn_s(self, assistant: Assistant) -> None:
        assert one(assistant.answer("Inserm 42", locale="en-GB", previous="fr")).language == "en"
        assert one(assistant.answer("Inserm 42", locale="fr-FR", previous="en")).language == "fr"
        assert one(assistant.answer("Inserm 42", previous="en")).language == "en"

    def test_changes_nothing_in_what_is_answered(self, assistant: Assistant) -> None:
        answers = [one(assistant.answer("hashtag définition", locale=locale)) for locale in ("fr", "en")]
        assert answers[0].entries == answers[1].entries


class TestChoices:
    def test_are_three_at_most_by_title(self, assistant: Assistant, knowledge: Knowledge) -> None:
        parts = assistant._wording.choices(["guide/language", "report", "contact/lyon"], "fr")
        choices = [part for part in parts if isinstance(part, Choice)]
        assert [choice.number for choice in choices] == [1, 2, 3]
        assert choices[0].title == knowledge.entries["guide/language"].title["fr"]
        assert all("/" not in choice.entry or choice.title != choice.entry for choice in choices)

    def test_of_none_lead_to_the_disc(self, assistant: Assistant) -> None:
        answer = assistant.unanswered("ma question", "fr")
        assert (answer.outcome, answer.gap, answer.asked) == (Outcome.UNANSWERED, True, "ma question")


class TestAnExplanation:
    def test_tells_why_the_answer_is_what_it_is(self, assistant: Assistant) -> None:
        (why,) = assistant.explain("c'est quoi un hashtag").questions
        assert (why.outcome, why.best[0].id) == ("answer", "glossary/hashtag")
        assert why.phrasing
        assert why.deciding

    def test_agrees_with_the_answers(self, assistant: Assistant) -> None:
        text = "C'est quoi un hashtag ? Et qui est le contact à Toulouse ?"
        explained = [why.outcome for why in assistant.explain(text).questions]
        assert explained == [answer.outcome.value for answer in assistant.answer(text)]


def test_the_home_page_leads_to_everything(assistant: Assistant) -> None:
    home = assistant.home("fr")
    labels = [pick.label for pick in of(Pick, home)]
    assert len(labels) == 10 + 10 + 25
    assert assistant.show(PRESS_OFFICE, "fr").outcome is Outcome.ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "a" * 40_000,
        "\ud800 lone \udfff",
        "\x00\x1b[31m",
        "<!channel> <@U1> @all",
        "{place} {contact} {0}",
        "=cmd|' /C calc'!A0",
        "!!python/object/apply:os.system ['ls']",
        "\u202e\u2066 à l'envers",
        "**bold** _it_ [x](http://y)",
    ],
)
def test_whatever_is_typed_gets_an_outcome(assistant: Assistant, text: str) -> None:
    for answers in (assistant.answer(text), *(assistant.command(c, text) for c in ("/glossary", "/contact", "/guide"))):
        assert answers
        assert all(plain_text(answer) for answer in answers)
