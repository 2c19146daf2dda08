"""Every part of an answer is drawn, within Slack's limits, and nothing that people typed becomes markup."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.slack_blocks import draw_home, draw_letter, draw_reply
from bot.core.actions import Choose, CloseGap, Forget, Look, Rate, Share, decode
from bot.core.answers import (
    Answer,
    Audience,
    Bullets,
    Choice,
    ContactCard,
    Definition,
    Field,
    FormPart,
    GapLine,
    Manner,
    Note,
    Outcome,
    Paragraph,
    Part,
    Person,
    Pick,
    Quote,
    Reply,
    SourceLine,
    Title,
)
from bot.core.forms import Form
from bot.core.messages import Address
from bot.core.ports import Letter
from tests.fakes.slack_limits import elements, faults, texts
from tests.fakes.slack_rig import say

PATRICIA = Person("Patricia Lefort", "patricia.lefort@inserm.fr", "04 72 13 88 04")
EVERY_PART: tuple[Part, ...] = (
    Title("Contacts"),
    Paragraph("Voir https://www.inserm.fr/, ou écrire à presse@inserm.fr."),
    Bullets(("un", "deux")),
    Definition("hashtag", "un mot précédé de #"),
    ContactCard("Lyon", (PATRICIA,), "Auvergne-Rhône-Alpes", "guide de 2016"),
    Choice(1, "glossary/hashtag", "Hashtag"),
    Pick("Lyon", Look("contact/lyon")),
    SourceLine("Guide, section 2, p. 4", "https://guide.example/?a=1&b=2"),
    Note("Twitter s’appelle désormais X."),
    Quote("Objet\n\n> ce qui part"),
    FormPart(Form(said="un tweet"), problems=(Field("seen", "Je ne lis pas cette date."),)),
    GapLine(12, "peut-on programmer un tweet ?", 4, 3, "2026-11-20"),
)
HOSTILE = [
    "<!channel> <@U0PAUL> <https://evil.example|inserm.fr>",
    "&amp; & < > &lt;!here&gt;",
    "x" * 40_000,
    "mot " * 10_000,
    "\u202eevil\u2066 \x00\x07\ud800 fin",
    "*gras* _italique_ ~barré~ `code` ```bloc```",
    "   \n\n ",
    "",
    "|>|<|",
    "<" * 4000,
]


def answer(*parts: Part, **more: object) -> Answer:
    return replace(Answer(Outcome.ANSWER, parts, "fr", question=7), **more)  # type: ignore[arg-type]


def drawn(*parts: Part, **more: object) -> list[dict[str, object]]:
    return draw_reply(Reply((answer(*parts, **more),)), say).blocks


def actions(blocks: list[dict[str, object]]) -> list[object]:
    return [decode(button["value"]) for button in elements(blocks)]


def test_every_part_is_drawn() -> None:
    assert {type(part) for part in EVERY_PART} == set(get_args(Part))
    blocks = drawn(*EVERY_PART)
    assert not faults(blocks, most=50)
    shown = json.dumps(blocks, ensure_ascii=False)
    for words in ("Contacts", "deux", "hashtag", "Patricia Lefort", "section 2", "désormais X", "programmer", "Lyon"):
        assert words in shown


def test_a_contact_can_be_mailed_and_called() -> None:
    fields = next(block["fields"] for block in drawn(EVERY_PART[4]) if "fields" in block)
    assert fields[0]["text"] == (
        "Patricia Lefort\n<mailto:patricia.lefort@inserm.fr|patricia.lefort@inserm.fr>\n<tel:0472138804|04 72 13 88 04>"
    )


def test_addresses_in_a_paragraph_are_links_without_the_punctuation_behind_them() -> None:
    links = [leaf for leaf in drawn(EVERY_PART[1])[0]["elements"][0]["elements"] if leaf["type"] == "link"]
    assert [link["url"] for link in links] == ["https://www.inserm.fr/", "mailto:presse@inserm.fr"]


def test_a_source_is_linked_only_to_the_web() -> None:
    linked = drawn(SourceLine("p. 4 <&>", "https://guide.example/a|b>c"))[0]["elements"][0]
    assert linked["text"] == "<https://guide.example/a%7Cb%3Ec|p. 4 &lt;&amp;&gt;>"
    assert drawn(SourceLine("p. 4", "javascript:alert(1)"))[0]["elements"][0]["type"] == "plain_text"


def test_choices_are_buttons_with_none_of_these_and_without_an_opinion() -> None:
    choices = (Choice(1, "a", "Un"), Choice(2, "b", "Deux"))
    assert actions(drawn(*choices, outcome=Outcome.CHOICES)) == [Choose(7, "a"), Choose(7, "b"), Choose(7)]


def test_choices_of_a_question_that_is_not_stored_show_their_entries() -> None:
    assert actions(drawn(Choice(1, "a", "Un"), question=None)) == [Look("a")]


@pytest.mark.parametrize("outcome", [Outcome.ANSWER, Outcome.UNANSWERED, Outcome.REPORT])
def test_an_outcome_asks_for_an_opinion(outcome: Outcome) -> None:
    assert actions(drawn(Paragraph("oui"), outcome=outcome)) == [Rate(7, useful=True), Rate(7, useful=False)]


def test_courtesies_notices_and_what_is_not_stored_ask_for_none() -> None:
    assert not actions(drawn(Paragraph("oui"), outcome=Outcome.SMALLTALK))
    assert not actions(drawn(Paragraph("oui"), outcome=Outcome.NOTICE))
    assert not actions(drawn(Paragraph("oui"), question=None))


def test_what_only_one_person_sees_can_be_shared_where_there_is_a_channel() -> None:
    private = answer(Paragraph("oui"), audience=Audience.ONLY_YOU)
    assert Share(7) in actions(draw_reply(Reply((private,)), say).blocks)
    assert Share(7) not in actions(draw_reply(Reply((private,)), say, shareable=False).blocks)
    assert Share(7) not in actions(draw_reply(Reply((replace(private, outcome=Outcome.UNANSWERED),)), say).blocks)


def test_a_shared_answer_says_who_shared_it_and_cannot_be_shared_again() -> None:
    reply = Reply((answer(Paragraph("oui"), audience=Audience.ONLY_YOU),), Manner.SHARE, "U0ANNE")
    blocks = draw_reply(reply, say).blocks
    assert "<@U0ANNE>" in blocks[0]["elements"][0]["text"]
    assert Share(7) not in actions(blocks)


def test_a_gap_can_be_closed_in_three_ways() -> None:
    ways = ["answered", "duplicate", "outside"]
    assert actions(drawn(EVERY_PART[-1], question=None)) == [CloseGap(12, how) for how in ways]


def test_a_letter_has_its_buttons_and_asks_for_no_opinion() -> None:
    letter = Letter(1, "k", Address("slack", channel="C0DISC"), "fr", (Title("Bilan"), *(EVERY_PART[-1],) * 12))
    message = draw_letter(letter, say)
    assert not faults(message.blocks, most=50)
    assert len(actions(message.blocks)) == 36


def test_a_digest_too_long_for_one_message_keeps_its_beginning_and_says_that_it_was_cut() -> None:
    letter = Letter(1, "k", Address("slack", channel="C0DISC"), "fr", (Title("Bilan"), *(EVERY_PART[-1],) * 80))
    blocks = draw_letter(letter, say).blocks
    assert not faults(blocks, most=50)
    assert blocks[-1]["elements"][0]["text"] == "…"


def test_two_answers_stand_apart_and_their_buttons_keep_different_ids() -> None:
    blocks = draw_reply(Reply((answer(Paragraph("un")), answer(Paragraph("deux"), question=8))), say).blocks
    assert {"type": "divider"} in blocks
    assert not faults(blocks, most=50)
    assert actions(blocks)[2:] == [Rate(8, useful=True), Rate(8, useful=False)]


def test_home_is_a_view_with_up_to_a_hundred_blocks() -> None:
    picks = tuple(Pick(f"Délégation {n}", Look(f"contact/{n}")) for n in range(40))
    page = answer(Title("guidebot"), *picks, Pick("Effacer", Forget()), *(Paragraph("p"),) * 60, outcome=Outcome.NOTICE)
    view = draw_home(Reply((page,)), say)
    assert view["type"] == "home"
    assert not faults(view["blocks"], most=100)
    assert len(view["blocks"]) > 60


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:20])
def test_hostile_words_stay_words_in_every_part(text: str) -> None:
    person = Person(text, text, text)
    parts: list[Part] = [Title(text), Paragraph(text), Bullets((text,) * 80), Definition(text, text), Note(text)]
    parts += [ContactCard(text, (person,) * 12, text, text), SourceLine(text, "https://x.example/" + text[:99])]
    parts += [Choice(1, "a", text), Pick(text, Look("b")), GapLine(1, text, 1, 1, text)]
    reply = Reply((answer(*parts), answer(*parts)), Manner.SHARE, text[:20])
    message = draw_reply(reply, say)
    check(message.text, message.blocks)


@given(st.text(max_size=5000))
def test_any_words_can_be_sent(text: str) -> None:
    contact = ContactCard(text, (Person(text, text, text),), text, text)
    message = draw_reply(
        Reply((answer(Paragraph(text), Definition(text, text), contact, SourceLine(text, text)),)), say
    )
    check(message.text, message.blocks)


def test_the_buttons_of_an_overlong_answer_stay() -> None:
    assert actions(drawn(*(Paragraph("mot " * 700),) * 10)) == [Rate(7, useful=True), Rate(7, useful=False)]


def test_a_paragraph_longer_than_a_message_begins_and_is_cut() -> None:
    blocks = drawn(Paragraph("x" * 40_000))
    assert sum(len(found) for block in blocks for found in texts(block)) > 11_000
    assert {"type": "plain_text", "text": "…", "emoji": False} in blocks[-2]["elements"]


def test_a_long_paragraph_is_cut_between_words() -> None:
    pieces = [block["elements"][0]["elements"][0]["text"] for block in drawn(Paragraph("mots " * 1500))[:2]]
    assert [piece[-4:] for piece in pieces] == ["mots", "mots"]


def check(text: str, blocks: list[dict[str, object]]) -> None:
    assert not faults(blocks, most=50)
    json.dumps([text, blocks], ensure_ascii=False).encode()
    assert text
    assert "<" not in text
    for markup in (found for block in blocks for found in markups(block)):
        assert "<!" not in markup
        assert markup.count("<") == markup.count(">") <= 2


def markups(value: object) -> list[str]:
    """The texts that Slack reads as markup."""
    if isinstance(value, list):
        return [found for inner in value for found in markups(inner)]
    if isinstance(value, dict) and value.get("type") == "mrkdwn":
        return list(texts(value))
    return [found for inner in value.values() for found in markups(inner)] if isinstance(value, dict) else []


def test_many_picks_are_one_menu_within_its_limits() -> None:
    blocks = drawn(*(Pick(f"{n} {'x' * 90}", Look(f"guide/{n}")) for n in range(120)), outcome=Outcome.NOTICE)
    assert not faults(blocks, most=50)
    [menu] = elements(blocks)
    assert [decode(option["value"]) for option in menu["options"][:2]] == [Look("guide/0"), Look("guide/1")]
