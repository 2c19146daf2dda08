"""What is typed instead of pressed, in both languages, under what the bot said last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters import knowledge_files
from bot.core.actions import (
    Action,
    AnswerGap,
    Cancel,
    Change,
    Choose,
    CloseCase,
    CloseGap,
    Forget,
    Join,
    LeaveIt,
    Look,
    MergeGap,
    Prepare,
    Rate,
    Send,
    Separate,
    Share,
    TakeCase,
)
from bot.core.answers import LANGUAGES, Answer, Choice, Outcome, Paragraph, Part, Pick
from bot.core.typed import OPEN_FOR, Talk, command, named, still_open, talk_about, understood
from bot.settings import ROOT

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAYS = knowledge_files.load(ROOT / "knowledge").messages


def talk(outcome: Outcome, *parts: Part, question: int | None = 7) -> Talk:
    made = talk_about([Answer(outcome, parts, "fr", question=question)])
    assert made
    return made


def picks(*offered: tuple[str, Action]) -> Talk:
    labelled = (Pick(SAYS[key]["fr"] if key in SAYS else key, action) for key, action in offered)
    return talk(Outcome.NOTICE, *labelled, question=None)


ANSWERED = talk(Outcome.ANSWER, Paragraph("oui"))
CHOOSING = talk(Outcome.CHOICES, Choice(1, "a", "Un"), Choice(2, "b", "Deux"), Choice(3, "c", "Trois"))
UNANSWERED = talk(Outcome.UNANSWERED, Paragraph("non"))
OFFER = picks(
    ("report_prepare", Prepare(7)), ("report_explain", Look("guide/e-reputation")), ("report_leave", LeaveIt(7))
)
PREVIEW = picks(("report_send", Send(3, 2)), ("report_change", Change(3)), ("report_drop", Cancel(3)))
SENT = picks(("report_mistake", Cancel(3)))
SAME = picks(
    ("report_join", Join(3, "2026-014")), ("report_anyway", Separate(3, "2026-014")), ("report_drop", Cancel(3))
)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("1", Choose(7, "a")),
        (" 3. ", Choose(7, "c")),
        ("#2)", Choose(7, "b")),
        ("deux", Choose(7, "b")),
        ("Aucun", Choose(7)),
        ("aucun de ces sujets", Choose(7)),
        ("none", Choose(7)),
        ("0", Choose(7)),
        ("4", None),
        ("utile", None),
        ("partager", None),
        ("1 tweet par jour ?", None),
        ("", None),
    ],
)
def test_a_choice_is_made_by_its_number(text: str, action: Action | None) -> None:
    assert understood(text, CHOOSING) == ((action,) if action else ())


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("utile", Rate(7, useful=True)),
        ("Utile !", Rate(7, useful=True)),
        ("useful", Rate(7, useful=True)),
        ("pas utile", Rate(7, useful=False)),
        ("PAS  UTILE.", Rate(7, useful=False)),
        ("not useful", Rate(7, useful=False)),
        ("partager", Share(7)),
        ("share", Share(7)),
        ("1", None),
        ("aucun", None),
        ("envoyer", None),
        ("est-ce utile ?", None),
    ],
)
def test_an_answer_is_rated_and_shared_by_a_word(text: str, action: Action | None) -> None:
    assert understood(text, ANSWERED) == ((action,) if action else ())


def test_what_is_not_answered_can_be_rated_and_not_shared() -> None:
    assert understood("utile", UNANSWERED) == (Rate(7, useful=True),)
    assert understood("partager", UNANSWERED) == ()


def test_an_opinion_is_about_all_the_answers_of_a_message_and_numbers_count_through_them() -> None:
    two = [
        Answer(Outcome.ANSWER, (Pick("Lyon", Look("contact/lyon")),), "fr", question=7),
        Answer(Outcome.ANSWER, (Pick("Lille", Look("contact/lille")),), "fr", question=8),
    ]
    assert understood("utile", talk_about(two)) == (Rate(7, useful=True), Rate(8, useful=True))
    assert understood("2", talk_about(two)) == (Look("contact/lille"),)


def test_what_offers_nothing_leaves_what_was_offered() -> None:
    assert talk_about([Answer(Outcome.NOTICE, (Paragraph("Merci !"),), "fr")]) is None


@pytest.mark.parametrize(
    ("text", "offered", "action"),
    [
        ("préparer un signalement", OFFER, Prepare(7)),
        ("Signaler", OFFER, Prepare(7)),
        ("yes", OFFER, Prepare(7)),
        ("ne rien signaler", OFFER, LeaveIt(7)),
        ("non", OFFER, LeaveIt(7)),
        ("Comment ça se passe ?", OFFER, Look("guide/e-reputation")),
        ("envoyer", OFFER, None),
        ("1", PREVIEW, Send(3, 2)),
        ("Envoyer !", PREVIEW, Send(3, 2)),
        ("send", PREVIEW, Send(3, 2)),
        ("oui", PREVIEW, None),
        ("ok", PREVIEW, None),
        ("modifier", PREVIEW, Change(3)),
        ("change", PREVIEW, Change(3)),
        ("annuler", PREVIEW, Cancel(3)),
        ("cancel", PREVIEW, Cancel(3)),
        ("envoyé par erreur", SENT, Cancel(3)),
        ("mistake", SENT, Cancel(3)),
        ("ajouter mon témoignage", SAME, Join(3, "2026-014")),
        ("à part", SAME, Separate(3, "2026-014")),
        ("2", SAME, Separate(3, "2026-014")),
        ("annuler", SAME, Cancel(3)),
    ],
)
def test_a_report_s_buttons_are_typed(text: str, offered: Talk, action: Action | None) -> None:
    assert understood(text, offered) == ((action,) if action else ())


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("clore 12 répondue", CloseGap(12, "answered")),
        ("Clore #12 en double", CloseGap(12, "duplicate")),
        ("clore 12 hors sujet", CloseGap(12, "outside")),
        ("close gap 12 answered", CloseGap(12, "answered")),
        ("close 12 outside the guide", CloseGap(12, "outside")),
        ("clore 12 répondue guide/comments", AnswerGap(12, "guide/comments")),
        ("close 12 answered by contact/ile-de-france", AnswerGap(12, "contact/ile-de-france")),
        ("clore 12 répondue autrement", AnswerGap(12, "")),
        ("clore 12 en double de 7", MergeGap(12, 7)),
        ("close #12 duplicate of #7", MergeGap(12, 7)),
        ("clore 12 en double de guide/comments", None),
        ("clore 12 répondue demain", None),
        ("clore 12 demain", None),
        ("clore mon compte", None),
        ("effacer mes données", Forget()),
        ("Erase my data", Forget()),
        ("prendre 2026-014", TakeCase("2026-014")),
        ("Je prends l’alerte n° 2026-014.", TakeCase("2026-014")),
        ("take case 2026-1014", TakeCase("2026-1014")),
        ("prendre rendez-vous", None),
        ("clore 2026-014 traité", CloseCase("2026-014", "handled")),
        ("clore 2026-014 : déjà connue", CloseCase("2026-014", "known")),
        ("close 2026-014 no action", CloseCase("2026-014", "no action")),
        ("clore 2026-014 erreur", CloseCase("2026-014", "mistake")),
        ("clore 2026-014", CloseCase("2026-014", "")),
        ("utile", None),
        ("1", None),
    ],
)
def test_some_words_need_nothing_said_before_them(text: str, action: Action | None) -> None:
    assert named(text) == action
    assert understood(text, None) == ((action,) if action else ())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("signaler", ("/signaler", "")),
        ("Signaler : https://example.org/a?b=1", ("/signaler", "https://example.org/a?b=1")),
        ("report this post", ("/report", "")),
        ("signaler un tweet qui nous accuse", None),
        ("comment signaler ?", None),
        ("mes données", ("/guide", "mes donnees")),
        ("guide my-data", ("/guide", "my data")),
        ("guide pourquoi", ("/guide", "pourquoi")),
        ("guide", ("/guide", "")),
        ("guide des tailles", None),
        ("glossaire", ("/glossaire", "")),
        ("", None),
    ],
)
def test_commands_are_typed_without_their_slash(text: str, meant: tuple[str, str] | None) -> None:
    assert command(text) == meant


def test_a_short_word_is_about_what_was_said_for_ten_minutes() -> None:
    assert still_open(AT, AT + timedelta(minutes=9))
    assert not still_open(AT, AT + OPEN_FOR + timedelta(seconds=1))
    assert not still_open(AT, AT - timedelta(seconds=1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_bot_says_to_type_is_understood(language: str) -> None:
    says = {key: words[language] for key, words in SAYS.items()}
    assert understood(says["useful"], ANSWERED) == (Rate(7, useful=True),)
    assert understood(says["not_useful"], ANSWERED) == (Rate(7, useful=False),)
    assert understood(says["share"], ANSWERED) == (Share(7),)
    assert understood(says["none_of_these"], CHOOSING) == (Choose(7),)
    assert understood(says["data_erase"], None) == (Forget(),)
    for how in ("answered", "duplicate", "outside"):
        assert understood(f"clore 3 {says[f'gap_{how}']}", None) == (CloseGap(3, how),)
    typed, merged = says["mattermost_type_answer"], says["mattermost_type_merge"]
    assert named(typed.format(gap=3, entry="guide/a-b")) == AnswerGap(3, "guide/a-b")
    assert named(typed.format(gap=3, entry=says["gap_word_otherwise"])) == AnswerGap(3, "")
    assert named(merged.format(gap=3, into=0)) == MergeGap(3, 0)
    for end in ("handled", "known", "no action", "mistake"):
        words = says[f"case_end_{end.replace(' ', '_')}"]
        assert named(f"clore 2026-014 {words}") == CloseCase("2026-014", end)


@given(st.text())
def test_any_words_are_actions_or_none(text: str) -> None:
    for said in (ANSWERED, CHOOSING, UNANSWERED, PREVIEW, replace(OFFER, choosing=(7,)), None):
        understood(text, said)
    command(text)
