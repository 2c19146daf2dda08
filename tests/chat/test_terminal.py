from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.chat.terminal import Conversation, TerminalMouth, language_of
from bot.chat.terminal_drawing import draw_answers
from bot.core.actions import Choose, Forget, Look, Rate, Share
from bot.core.answers import (
    Answer,
    Bullets,
    Choice,
    ContactCard,
    Definition,
    GapLine,
    Language,
    Note,
    Outcome,
    Paragraph,
    Part,
    Person,
    Pick,
    Reply,
    SourceLine,
    Title,
)
from bot.core.errors import StoreError
from bot.core.messages import Address, Incoming, Kind
from bot.core.offers import options
from bot.core.ports import Letter

LEFORT = Person("patricia lefort", "patricia.lefort@inserm.fr", "04 72 13 88 04")
HERE = Address("terminal")


def say(key: str, _language: Language, /, **values: object) -> str:
    """A label that is its own key."""
    return " ".join([key, *map(str, values.values())])


def answer(*parts: Part, outcome: Outcome = Outcome.ANSWER, question: int | None = None) -> Answer:
    return Answer(outcome, parts, "en", question=question)


def choices(question: int, *titles: str) -> Answer:
    parts = [Choice(n, f"guide/{title}", title) for n, title in enumerate(titles, 1)]
    return answer(Paragraph("Which?"), *parts, outcome=Outcome.CHOICES, question=question)


def piped(*answers: Answer) -> str:
    out = StringIO()
    draw_answers(answers, say, Console(file=out, width=40, force_terminal=False, highlight=False))
    return out.getvalue()


def shown(*answers: Answer, width: int = 40) -> str:
    out = StringIO()
    draw_answers(answers, say, Console(file=out, width=width, force_terminal=True, color_system=None, highlight=False))
    return out.getvalue()


class TestDrawing:
    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            (Title("Lyon"), "Lyon"),
            (Paragraph("One.\n\nTwo [red]and[/red] :smile:"), "One.\n\nTwo [red]and[/red] :smile:"),
            (Bullets(("one", "two")), "  • one\n  • two"),
            (Definition("Hashtag", "A word."), "Hashtag\nA word."),
            (
                ContactCard("Lyon", (LEFORT,), "Serves: Auvergne", "From 2016."),
                "Lyon\n  patricia lefort  patricia.lefort@inserm.fr  04 72 13 88 04\n  Serves: Auvergne\n  From 2016.",
            ),
            (SourceLine("Guide, p. 5"), "Guide, p. 5"),
            (SourceLine("Guide, p. 5", "https://x.org/g.pdf"), "Guide, p. 5 (https://x.org/g.pdf)"),
            (Note("280 by now."), "  280 by now."),
            (Pick("Lyon", Look("contact/lyon")), "  1  Lyon"),
            (Pick("Share", Share(1)), ""),
            (GapLine(3, "ads?", 4, 2, "1 March"), "#3 ads?\ngap_figures 4 2 1 March"),
        ],
    )
    def test_each_part_has_its_form(self, part: Part, expected: str) -> None:
        assert piped(answer(part)).strip("\n") == expected

    def test_parts_stand_apart_and_options_together(self) -> None:
        assert piped(choices(7, "language", "comments")) == (
            "Which?\n\n  1  language\n  2  comments\n  0  none_of_these\n\n"
        )

    def test_a_pipe_gets_long_lines_whole(self) -> None:
        assert piped(answer(Paragraph("word " * 30))).strip() == ("word " * 30).strip()

    def test_a_terminal_gets_lines_that_fit_and_bullets_that_hang(self) -> None:
        lines = shown(answer(Bullets(("word " * 20,)))).splitlines()
        assert max(map(len, lines)) <= 40
        assert (lines[0][:8], lines[1][:8]) == ("  • word", "    word")

    def test_two_answers_are_numbered_through(self) -> None:
        both = (choices(1, "a", "b"), choices(2, "c"))
        assert [(o.number, o.label, o.action) for o in options(both)] == [
            (1, "a", Choose(1, "guide/a")),
            (2, "b", Choose(1, "guide/b")),
            (3, "c", Choose(2, "guide/c")),
        ]
        assert "  3  c" in piped(*both)

    def test_choices_of_a_question_that_is_not_stored_lead_to_the_entries(self) -> None:
        unstored = answer(Choice(1, "guide/a", "a"), outcome=Outcome.CHOICES)
        assert options((unstored,))[0].action == Look("guide/a")
        assert "none_of_these" not in piped(unstored)

    @given(st.text(max_size=300), st.integers(10, 120))
    def test_no_text_breaks_it(self, text: str, width: int) -> None:
        every = answer(Title(text), Paragraph(text), Bullets((text,)), Definition(text, text), Note(text), question=1)
        assert "\x1b" not in shown(every, width=width)


class FakeDesk:
    """Answers with what it was given, one reply for each event, as the desk would through the mouth."""

    def __init__(self, mouth: TerminalMouth, *replies: Sequence[Answer] | Exception) -> None:
        self.heard: list[Incoming] = []
        self._mouth = mouth
        self._replies = list(replies)

    async def accept(self, incoming: Incoming) -> bool:
        self.heard.append(incoming)
        return True

    async def drain(self) -> None:
        reply = self._replies.pop(0) if self._replies else None
        if isinstance(reply, Exception):
            raise reply
        if reply is not None:
            await self._mouth.reply(self.heard[-1], Reply(tuple(reply)))


Talk = Callable[..., Awaitable[tuple[list[Incoming], str]]]


@pytest.fixture
def talk() -> Talk:
    """Type some lines at a terminal whose desk gives these replies; what the desk heard, and what is on the screen."""

    async def run(lines: list[str], *replies: Sequence[Answer] | Exception) -> tuple[list[Incoming], str]:
        out = StringIO()
        console = Console(file=out, width=200, force_terminal=True, color_system=None, highlight=False)
        mouth = TerminalMouth(console, say, locale="en-GB")
        desk = FakeDesk(mouth, *replies)
        conversation = Conversation(desk, mouth, user="marie")
        for line in lines:
            if not await conversation.hear(line):
                break
        return desk.heard, out.getvalue()

    return run


ANSWERED = [answer(Paragraph("So."), question=5)]


class TestConversation:
    async def test_a_question_goes_to_the_desk_and_its_answer_to_the_screen(self, talk: Talk) -> None:
        (heard,), screen = await talk(["  who is it?\x00 "], ANSWERED)
        assert (heard.kind, heard.text, heard.address.user, heard.address.direct) == (
            Kind.QUESTION,
            "who is it?",
            "marie",
            True,
        )
        assert screen.strip() == "So.\n\nterminal_rate_hint"

    async def test_each_line_is_an_event_of_its_own_in_one_conversation(self, talk: Talk) -> None:
        heard, _ = await talk(["a", "a"], ANSWERED, ANSWERED)
        assert len({one.key for one in heard}) == 2
        assert len({one.address for one in heard}) == 1

    @pytest.mark.parametrize("line", ["", "   ", "\x00"])
    async def test_an_empty_line_is_nothing(self, talk: Talk, line: str) -> None:
        assert await talk([line]) == ([], "")

    @pytest.mark.parametrize(
        ("line", "command", "text"),
        [
            ("/glossary hashtag", "/glossary", "hashtag"),
            ("/glossaire", "/glossaire", ""),
            ("/contact  Lyon ", "/contact", "Lyon"),
            ("/guide mes-données", "/guide", "mes-données"),
        ],
    )
    async def test_commands_are_those_of_slack(self, talk: Talk, line: str, command: str, text: str) -> None:
        (heard,), _ = await talk([line], ANSWERED)
        assert (heard.kind, heard.command, heard.text) == (Kind.COMMAND, command, text)

    async def test_an_unknown_command_is_told(self, talk: Talk) -> None:
        assert await talk(["/imagine"]) == ([], "\nterminal_unknown_command /imagine\n\n")

    async def test_help_is_shown(self, talk: Talk) -> None:
        assert await talk(["/help"]) == ([], "\nterminal_help\n\n")

    @pytest.mark.parametrize("line", ["/quit", "/q", "exit", "Quitter"])
    async def test_goodbye_ends_it(self, talk: Talk, line: str) -> None:
        heard, _ = await talk([line, "more"], ANSWERED)
        assert heard == []

    @pytest.mark.parametrize(
        ("typed", "picked"), [("2", "guide/b"), ("0", ""), ("aucun", ""), ("None", ""), ("none of these", "")]
    )
    async def test_a_choice_is_picked_by_number(self, talk: Talk, typed: str, picked: str) -> None:
        heard, _ = await talk(["which?", typed], [choices(9, "a", "b")], ANSWERED)
        assert heard[-1].action == Choose(9, picked)

    async def test_a_number_that_is_not_offered_is_told(self, talk: Talk) -> None:
        heard, screen = await talk(["which?", "7"], [choices(9, "a", "b")])
        assert len(heard) == 1
        assert "terminal_no_such_number 7" in screen

    @pytest.mark.parametrize("line", ["75", "0", "none", "1"])
    async def test_a_number_without_options_is_a_question(self, talk: Talk, line: str) -> None:
        (heard,), _ = await talk([line], ANSWERED)
        assert (heard.kind, heard.text) == (Kind.QUESTION, line)

    async def test_a_departement_is_a_question_even_among_options(self, talk: Talk) -> None:
        heard, _ = await talk(["which?", "75"], [choices(9, "a", "b")], ANSWERED)
        assert heard[-1].text == "75"

    async def test_a_pick_leads_on(self, talk: Talk) -> None:
        data = [answer(Pick("Erase", Forget()), outcome=Outcome.NOTICE)]
        heard, _ = await talk(["/guide my-data", "1"], data, [answer(Note("Done."), outcome=Outcome.NOTICE)])
        assert heard[-1].action == Forget()

    @pytest.mark.parametrize(("typed", "useful"), [("utile", True), ("Useful", True), ("pas utile", False)])
    async def test_an_answer_is_rated(self, talk: Talk, typed: str, useful: object) -> None:
        heard, _ = await talk(["q", typed], ANSWERED, [answer(Note("Thanks."), outcome=Outcome.NOTICE)])
        assert heard[-1].action == Rate(5, useful is True)

    async def test_an_opinion_leaves_what_can_be_picked(self, talk: Talk) -> None:
        offered = [answer(Paragraph("So."), Pick("Lyon", Look("contact/lyon")), question=5)]
        thanks = [answer(Note("Thanks."), outcome=Outcome.NOTICE)]
        heard, _ = await talk(["q", "useful", "1"], offered, thanks, ANSWERED)
        assert heard[-1].action == Look("contact/lyon")

    async def test_there_may_be_nothing_to_rate(self, talk: Talk) -> None:
        heard, screen = await talk(["hello", "useful"], [answer(Note("Hi."), outcome=Outcome.SMALLTALK, question=1)])
        assert len(heard) == 1
        assert "terminal_nothing_to_rate" in screen

    async def test_hints_are_given_once(self, talk: Talk) -> None:
        _, screen = await talk(["a", "b"], ANSWERED, ANSWERED)
        assert screen.count("terminal_rate_hint") == 1

    @pytest.mark.parametrize(
        ("reply", "words"), [([], "terminal_failed the disk is full"), ([None], "terminal_failed ?")]
    )
    async def test_a_failure_is_told_and_the_talk_goes_on(self, talk: Talk, reply: list[None], words: str) -> None:
        failing = None if reply else StoreError("the disk is full")
        heard, screen = await talk(["a", "b"], failing, ANSWERED)
        assert words in screen
        assert "So." in screen
        assert len(heard) == 2


async def test_a_letter_is_drawn_too() -> None:
    out = StringIO()
    mouth = TerminalMouth(Console(file=out, width=80), say)
    await mouth.send(Letter(1, "k", HERE, "fr", (Paragraph("Du nouveau."),)))
    assert out.getvalue() == "Du nouveau.\n\n"


@pytest.mark.parametrize(
    ("environment", "locale", "language"),
    [
        ({}, "", "fr"),
        ({"LANG": "C.UTF-8"}, "", "fr"),
        ({"LANG": "POSIX"}, "", "fr"),
        ({"LANG": "fr_FR.UTF-8"}, "fr-FR", "fr"),
        ({"LANG": "en"}, "en", "en"),
        ({"LANG": "en_IE@euro"}, "en-IE", "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en-GB", "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, "fr-FR", "fr"),
        ({"LANG": "de_DE.UTF-8"}, "de-DE", "fr"),
    ],
)
async def test_the_language_is_that_of_the_environment(
    environment: dict[str, str], locale: str, language: Language
) -> None:
    mouth = TerminalMouth(Console(file=StringIO()), say, locale=language_of(environment))
    assert (await mouth.visitor(HERE)).locale == locale
    assert mouth.language == language
