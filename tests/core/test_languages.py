from __future__ import annotations

import pytest

from bot.core.answers import Language
from bot.core.assistant import Assistant
from bot.core.languages import LanguageTeller

TELLER = LanguageTeller(
    [
        ("fr", ["qui", "est", "le", "contact", "lyon"]),
        ("fr", ["le", "contact", "est", "qui"]),
        ("fr", ["qui", "le"]),
        ("en", ["who", "is", "the", "contact", "lyon"]),
        ("en", ["the", "contact", "is", "who"]),
        ("en", ["who", "the"]),
    ]
)


@pytest.mark.parametrize(("words", "language"), [("qui est le contact", "fr"), ("who is the contact", "en")])
@pytest.mark.parametrize("locale", ["", "fr-FR", "en-GB", "de"])
def test_words_decide_before_anything_else(words: str, language: Language, locale: str) -> None:
    assert TELLER.tell(words.split(), locale=locale, previous="fr" if language == "en" else "en") == language


@pytest.mark.parametrize(
    ("locale", "previous", "language"),
    [
        ("en-GB", "fr", "en"),
        ("EN", "fr", "en"),
        ("fr-CA", "en", "fr"),
        ("de-DE", "en", "en"),
        ("", "en", "en"),
        ("", "fr", "fr"),
        ("", None, "fr"),
        ("xx", None, "fr"),
    ],
)
@pytest.mark.parametrize("words", [[], ["lyon"], ["contact", "lyon"], ["zzz"]])
def test_where_they_don_t_decide_the_locale_does_then_the_previous_turn_then_french(
    words: list[str], locale: str, previous: Language | None, language: Language
) -> None:
    assert TELLER.tell(words, locale=locale, previous=previous) == language


def test_one_language_with_far_more_phrasings_gains_nothing_by_it() -> None:
    teller = LanguageTeller([("fr", ["qui", "quoi", "lyon"])] * 50 + [("en", ["who", "what", "lyon"])] * 5)
    assert teller.tell(["lyon"], previous="en") == "en"
    assert teller.tell(["lyon"], previous="fr") == "fr"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Est-ce que je peux répondre à un journaliste sur les réseaux ?", "fr"),
        ("jpeux twitter pdt un colloque ?", "fr"),
        ("May I reply to a journalist on my own account?", "en"),
        ("ok so what do I do w/ a nasty reply", "en"),
        ("la définition de hashtag", "fr"),
        ("the definition of hashtag", "en"),
        ("Je veux poster un thread avec un lien vers le preprint", "fr"),
    ],
)
def test_ordinary_questions_tell_their_language(assistant: Assistant, text: str, language: Language) -> None:
    assert assistant.language(text, previous="fr" if language == "en" else "en") == language
