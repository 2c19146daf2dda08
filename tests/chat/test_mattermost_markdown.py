"""Every part of an answer is drawn, within Mattermost's limits, and nothing that people typed becomes markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.mattermost_markdown import MESSAGE, Message, Style, draw_letter, draw_reply
from bot.chat.mattermost_text import addressed, escape, mentions, one_line, read, target
from bot.core.actions import Action, AnswerGap, Choose, CloseGap, Forget, Look, MergeGap, Rate, Share, decode, encode
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
from tests.fakes.mattermost_rig import say

PATRICIA = Person("Patricia Lefort", "patricia.lefort@inserm.fr", "04 72 13 88 04")
MARC = Person("Marc Dupont", "marc.dupont@inserm.fr", "01 02 03 04 05")
EVERY_PART: tuple[Part, ...] = (
    Title("Contacts"),
    Paragraph("Voir https://www.inserm.fr/, ou écrire à presse@inserm.fr."),
    Bullets(("un", "deux")),
    Definition("hashtag", "un mot précédé de #"),
    ContactCard("Lyon", (PATRICIA,), "Auvergne-Rhône-Alpes", "guide de 2016"),
    Choice(1, "glossary/hashtag", "Hashtag"),
    Pick("Lyon", Look("contact/lyon")),
    SourceLine("Guide, section 2, p. 4", "https://guide.example/?a=1&b=(2)"),
    Note("Twitter s’appelle désormais X."),
    Quote("Objet\n\n> ce qui part"),
    FormPart(Form(said="un tweet"), problems=(Field("seen", "Je ne lis pas cette date."),)),
    GapLine(12, "peut-on programmer un tweet ?", 4, 3, "2026-11-20"),
)
HOSTILE = [
    "@all @channel @here @anne.b et @Paul",
    "# titre\n## sous-titre\n> citation\n- item\n+ item\n1. item\n2) item\n===\n---\n***",
    "*gras* **gras** _italique_ ~~barré~~ `code`\n```\nbloc\n```",
    "[lien](https://evil.example) ![image](https://evil.example/x.png) [a][b]\n\n[b]: https://evil.example",
    "| a | b |\n|---|---|\n| c | d |",
    "$\\LaTeX$ \\ \\\\ \\* \\@all",
    "    code\n\tcode",
    "<https://evil.example|inserm.fr> <!channel> <@anne>",
    "~town-square https://evil.example/@all?a=@here",
    "\u202eevil\u2066 \x00\x07\ud800 fin \ue000*gras*\ue000",
    "x" * 20_000,
    "mot " * 5_000,
    "\\" * 20_000,
    "@" * 20_000,
    "   \n\n ",
    "",
]
SPECIAL = r"[*_`~\[\]|]"


def answer(*parts: Part, **more: Any) -> Answer:
    return replace(Answer(Outcome.ANSWER, parts, "fr", question=7), **more)


def bind(actions: Sequence[Action]) -> dict[str, Any]:
    return {"url": "http://bot.example/mattermost/action", "context": {"actions": [encode(one) for one in actions]}}


def drawn(*parts: Part, style: Style | None = None, **more: Any) -> Message:
    return draw_reply(Reply((answer(*parts, **more),)), say, style or Style(bind))


def actions(message: Message) -> list[Action]:
    found = (action for attachment in message.attachments for action in attachment["actions"])
    return [decode(one) for action in found for one in action["integration"]["context"]["actions"]]


def test_every_part_is_drawn() -> None:
    assert {type(part) for part in EVERY_PART} == set(get_args(Part))
    message = drawn(*EVERY_PART)
    for words in ("#### Contacts", "- deux", "**hashtag**", "Patricia Lefort", "section 2", "> Twitter", "programmer"):
        assert words in message.text
    assert {type(action) for action in actions(message)} == {Choose, Look, CloseGap}


def test_one_contact_is_a_few_lines_and_several_are_a_table() -> None:
    one = drawn(ContactCard("Lyon", (PATRICIA,), "Territoire : AURA", "guide de 2016")).text
    assert one == (
        "**Lyon**\nPatricia Lefort · patricia.lefort@inserm.fr · 04 72 13 88 04\n\nTerritoire : AURA\n\n> guide de 2016"
    )
    cards = (ContactCard("Lyon", (PATRICIA,), "sud", "2016"), ContactCard("Paris", (MARC, PATRICIA), "nord", "2016"))
    assert drawn(*cards).text.splitlines() == [
        "| mattermost_place | mattermost_name | mattermost_mail | mattermost_phone |",
        "| --- | --- | --- | --- |",
        "| **Lyon** | Patricia Lefort | patricia.lefort@inserm.fr | 04 72 13 88 04 |",
        "| **Paris** | Marc Dupont | marc.dupont@inserm.fr | 01 02 03 04 05 |",
        "| **Paris** | Patricia Lefort | patricia.lefort@inserm.fr | 04 72 13 88 04 |",
        "",
        "Lyon – sud",
        "Paris – nord",
        "",
        "> 2016",
    ]


def test_a_source_is_linked_only_to_the_web() -> None:
    assert drawn(EVERY_PART[7]).text == "[Guide, section 2, p. 4](https://guide.example/?a=1&b=%282%29)"
    assert drawn(SourceLine("p. 4", "javascript:alert(1)")).text == "*p. 4*"


def test_choices_are_buttons_with_none_of_these_and_without_an_opinion() -> None:
    choices = (Choice(1, "a", "Un"), Choice(2, "b", "Deux"))
    assert actions(drawn(*choices, outcome=Outcome.CHOICES)) == [Choose(7, "a"), Choose(7, "b"), Choose(7)]
    assert actions(drawn(Choice(1, "a", "Un"), question=None)) == [Look("a")]


def test_many_picks_are_one_menu_whose_options_are_numbers() -> None:
    message = drawn(*(Pick(f"Lieu {n}", Look(f"contact/{n}")) for n in range(9)), question=None)
    (menu,) = message.attachments[0]["actions"]
    assert menu["type"] == "select"
    assert menu["options"][8] == {"text": "Lieu 8", "value": "8"}
    assert actions(message)[8] == Look("contact/8")


@pytest.mark.parametrize("outcome", [Outcome.ANSWER, Outcome.UNANSWERED, Outcome.REPORT])
def test_an_outcome_asks_for_an_opinion(outcome: Outcome) -> None:
    assert actions(drawn(Paragraph("oui"), outcome=outcome)) == [Rate(7, useful=True), Rate(7, useful=False)]


def test_courtesies_notices_and_what_is_not_stored_ask_for_none() -> None:
    for more in ({"outcome": Outcome.SMALLTALK}, {"outcome": Outcome.NOTICE}, {"question": None}):
        assert not drawn(Paragraph("oui"), **more).attachments


def test_what_only_one_person_sees_can_be_shared_where_there_is_a_channel() -> None:
    private = {"audience": Audience.ONLY_YOU}
    assert Share(7) in actions(drawn(Paragraph("oui"), style=Style(bind, shareable=True), **private))
    assert Share(7) not in actions(drawn(Paragraph("oui"), **private))
    typed = drawn(Paragraph("oui"), style=Style(typed=True, shareable=True), **private)
    assert "mattermost_type_share" in typed.text


def test_a_shared_answer_says_who_shared_it_and_cannot_be_shared_again() -> None:
    reply = Reply((answer(Paragraph("oui"), audience=Audience.ONLY_YOU),), Manner.SHARE, "U0ANNE")
    message = draw_reply(reply, say, Style(bind, shareable=True), sharer="anne")
    assert message.text == "*shared_by @anne*\n\noui"
    assert Share(7) not in actions(message)


def test_without_buttons_each_has_a_typed_twin() -> None:
    typed = Style(typed=True)
    assert drawn(Choice(1, "a", "Un"), Choice(2, "b", "Deux"), style=typed).text == (
        "1. Un\n2. Deux\n\n*mattermost_type_choice*"
    )
    assert drawn(Pick("Lyon", Look("l")), style=typed, question=None).text == "1. Lyon\n\n*mattermost_type_pick*"
    assert drawn(Paragraph("oui"), style=typed).text == "oui\n\n*mattermost_type_rate*"
    assert drawn(Pick("Tout effacer", Forget()), style=typed, question=None).text == "*mattermost_type_forget*"
    gaps = drawn(EVERY_PART[-1], EVERY_PART[-1], style=typed, question=None)
    assert gaps.text.count("mattermost_type_gap") == 1
    assert not gaps.attachments


def test_where_nothing_can_be_pressed_or_typed_picks_are_a_plain_list() -> None:
    assert drawn(Pick("Lyon", Look("l")), style=Style(), question=None).text == "- Lyon"


def test_a_gap_can_be_closed_in_three_ways() -> None:
    ways = ["answered", "duplicate", "outside"]
    assert actions(drawn(EVERY_PART[-1], question=None)) == [CloseGap(12, how) for how in ways]


def test_where_nothing_can_be_pressed_each_way_to_close_a_gap_is_a_line_to_type() -> None:
    answered = drawn(Pick("Commentaires", AnswerGap(12, "guide/comments")), style=Style(typed=True), question=None)
    merged = drawn(Pick("#7 pub ?", MergeGap(12, 7)), style=Style(typed=True), question=None)
    assert "- Commentaires : `mattermost_type_answer" in answered.text
    assert "`mattermost_type_merge" in merged.text
    assert answered.text.endswith("*mattermost_type_closing*")


def test_a_long_digest_fits_into_a_message_and_keeps_its_beginning() -> None:
    gaps = (replace(EVERY_PART[-1], text="mot " * 200),) * 80  # type: ignore[type-var]
    letter = Letter(1, "k", Address("mattermost", channel="c"), "fr", (Title("Bilan"), *gaps))
    message = draw_letter(letter, say, Style(typed=True))
    assert message.text.startswith("#### Bilan")
    assert message.text.endswith("…\n\n*mattermost_type_gap*")
    check(message)


def test_two_answers_stand_apart() -> None:
    reply = Reply((answer(Paragraph("un")), answer(Paragraph("deux"), question=8)))
    assert draw_reply(reply, say, Style(bind)).text == "un\n\n---\n\ndeux"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:20])
@pytest.mark.parametrize(
    "style", [Style(bind, shareable=True), Style(typed=True), Style()], ids=["buttons", "typed", "plain"]
)
def test_hostile_words_stay_words_in_every_part(text: str, style: Style) -> None:
    person = Person(text, text, text)
    parts: list[Part] = [Title(text), Paragraph(text), Bullets((text,) * 3), Definition(text, text), Note(text)]
    parts += [ContactCard(text, (person,) * 2, text, text), SourceLine(text, "https://x.example/" + text[:99])]
    parts += [Choice(1, "a", text), Pick(text, Look("b")), GapLine(1, text, 1, 1, text)]
    for part in parts:
        check(drawn(part, style=style))
    check(draw_reply(Reply((answer(*parts), answer(*parts))), say, style))


@given(st.text(max_size=1000))
def test_any_words_can_be_sent(text: str) -> None:
    card = ContactCard(text, (Person(text, text, text),), text, text)
    check(drawn(Paragraph(text), Definition(text, text), card, SourceLine(text, text)))


def check(message: Message) -> None:
    assert 0 < len(message.text) <= MESSAGE
    message.text.encode()
    assert not addressed(re.sub(r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+", "", message.text))
    assert not re.search(r"^(?:```|~~~)", message.text, re.MULTILINE)
    for attachment in message.attachments:
        for action in attachment["actions"]:
            assert re.fullmatch(r"[a-zA-Z0-9]+", action["id"])
            assert action["name"]
            assert not addressed(action["name"])


@given(st.text(alphabet=st.sampled_from("ab1 \n#>-+=.)(*_`~[]|$\\@!:<\ue000"), max_size=60))
def test_no_escaped_text_bears_markup(text: str) -> None:
    shown = escape(text)
    bare = re.sub(r"\\[\\*_`~\[\]|$#>+.)-]", "x", shown)
    assert not re.search(SPECIAL + r"|\\", bare)
    assert not re.search(r"^\s*(?:[#>+=-]|\d+[.)])|^(?: {4}|\t)", bare, re.MULTILINE)
    assert not re.search("@[^\u200b]", shown)
    assert not addressed(shown)


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("voir https://x.com/a_b/status/1?b=1&c=*2*.", "voir https://x.com/a_b/status/1?b=1&c=*2*."),
        ("presse@inserm.fr, a_b@inserm.fr", "presse@inserm.fr, a_b@inserm.fr"),
        ("@presse@inserm.fr", "@\u200bpresse@\u200binserm.fr"),
        ("2 * 3 = 6", r"2 \* 3 = 6"),
        ("  - item", r"\- item"),
        ("2016. Une année", r"2016\. Une année"),
    ],
)
def test_addresses_can_be_clicked_and_words_can_be_read(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_nothing_in_a_link_ends_it_or_mentions_anybody() -> None:
    assert target("https://x.example/a)b](c @all\n|`") == "https://x.example/a%29b%5D%28c%20%40all%0A%7C%60"


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("@guidebot bonjour", True),
        ("dis @GuideBot, oui", True),
        ("(@guidebot)", True),
        ("fin. @guidebot.", True),
        ("@guidebot- oui", True),
        ("guidebot", False),
        ("@guidebots", False),
        ("@guidebot.test", False),
        ("a@guidebot", False),
        ("`@guidebot`", False),
        ("``x ` @guidebot``", False),
        ("```\n@guidebot\n```", False),
        ("~~~\n@guidebot", False),
        ("texte\n\n    @guidebot", False),
        ("    @guidebot", False),
        ("`a` @guidebot `b`", True),
        ("l'accent ` seul, @guidebot", True),
    ],
)
def test_a_mention_is_a_whole_word_outside_of_code(text: str, mentioned: bool) -> None:  # noqa: FBT001
    assert mentions(text, "guidebot") is mentioned


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@guidebot qui ?", "qui ?"),
        ("@GuideBot: qui ?", "qui ?"),
        ("qui @guidebot ?", "qui ?"),
        ("@guidebot", ""),
        ("@guidebot2 qui", "@guidebot2 qui"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_what_was_typed_is_read_without_the_bot_s_mention(text: str, words: str) -> None:
    assert read(text, "guidebot") == words
