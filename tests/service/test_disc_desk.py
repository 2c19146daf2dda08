"""What the DISC presses, or types, under the digest; and what those who asked are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.sql_store import SqlStore
from bot.adapters.tables import letters
from bot.chat.slack_blocks import draw_reply
from bot.core.actions import AnswerGap, CloseGap, MergeGap
from bot.core.answers import Answer, Audience, Manner, Outcome, Pick, Reply
from bot.core.messages import Address, Incoming
from bot.core.ports import Letter
from bot.service.closing import close_gap
from bot.service.desk import Desk
from tests.adapters.samples import asked
from tests.fakes.mouth import ANNE, BOSS, PAUL, RecordingMouth, asks, presses, types, words
from tests.fakes.shipped import shipped_assistant, told
from tests.fakes.slack_limits import elements, faults

memory = pytest.mark.parametrize("engine", ["memory"], indirect=True)

ADS = "Combien coûte une campagne de pub sur Facebook ?"
THREAD = Address("slack", "T1", "C1", "17.0", "U1")
DISC = Address("slack", "T1", "C9", "20.0", "U9")
COMMENTS = "guide/comments"


async def said(desk: Desk, mouth: RecordingMouth, incoming: Incoming) -> Reply:
    await desk.accept(incoming)
    await desk.drain()
    return mouth.last


def only(reply: Reply) -> Answer:
    (answer,) = reply.answers
    return answer


def picks(reply: Reply) -> list[object]:
    return [part.action for part in only(reply).parts if isinstance(part, Pick)]


async def the_letters(store: SqlStore) -> Sequence[Letter]:
    found = []
    while letter := await store.claim_letter():
        found.append(letter)
    return found


def text_of(letter: Letter) -> str:
    return words([Answer(Outcome.NOTICE, letter.parts, letter.language)])


@memory
class TestClosingAsAnswered:
    async def test_asks_which_entry_answers_the_nearest_first(self, desk: Desk, mouth: RecordingMouth) -> None:
        await said(desk, mouth, asks("xyzzy plugh frobnitz commentaires"))
        reply = await said(desk, mouth, presses(CloseGap(1, "answered"), DISC))
        entries = [action.entry for action in picks(reply) if isinstance(action, AnswerGap)]
        assert entries.index("") <= 3
        assert set(shipped_assistant().knowledge.entries) <= set(entries)
        assert only(reply).audience is Audience.HERE
        assert "xyzzy" in words(reply.answers)
        blocks = draw_reply(reply, shipped_assistant().say).blocks
        assert not faults(blocks, most=50)
        offered = [option["value"] for block in elements(blocks) for option in block.get("options", [])]
        assert len(offered) == len(shipped_assistant().knowledge.entries)

    async def test_tells_each_asker_once_where_they_asked_in_their_language(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore
    ) -> None:
        for event in (asks(ADS), asks(ADS, THREAD), asks(ADS, PAUL)):  # twice by Anne, last in a thread
            await said(desk, mouth, event)
        reply = await said(desk, mouth, presses(AnswerGap(1, COMMENTS), DISC))
        assert reply.manner is Manner.REPLACE
        assert words(reply.answers).endswith("Personnes prévenues : 2.")
        sent = await the_letters(store)
        assert [letter.address for letter in sent] == [THREAD, PAUL]
        for letter in sent:
            assert ADS in text_of(letter)
            assert shipped_assistant().knowledge.entries[COMMENTS].text["fr"][:40] in text_of(letter)

    async def test_speaks_to_an_english_speaker_in_english(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore
    ) -> None:
        mouth.locale = "en-GB"
        await said(desk, mouth, types("/glossary", "blockchain", replace(THREAD, thread="")))
        await said(desk, mouth, presses(AnswerGap(1, "glossary/hashtag"), DISC))
        (letter,) = await the_letters(store)
        assert letter.language == "en"
        assert text_of(letter).startswith("You had asked me: “blockchain”.")
        assert letter.address == Address("slack", "T1", user="U1", direct=True)  # a command's answer is private

    async def test_keeps_nobody_s_address(self, desk: Desk, mouth: RecordingMouth, store: SqlStore) -> None:
        await said(desk, mouth, asks(ADS))
        await said(desk, mouth, presses(AnswerGap(1, COMMENTS), DISC))
        async with store.work() as work:
            (question,) = await work.gap_questions(1)
        assert question.address == Address("")

    async def test_otherwise_tells_nobody(self, desk: Desk, mouth: RecordingMouth, store: SqlStore) -> None:
        await said(desk, mouth, asks(ADS))
        await said(desk, mouth, presses(AnswerGap(1, ""), DISC))
        assert await the_letters(store) == []
        async with store.work() as work:
            gap = await work.gap(1)
            (question,) = await work.gap_questions(1)
        assert gap is not None
        assert (gap.status, gap.closed_by, question.address.platform) == ("answered", "slack:U9", "")

    async def test_by_an_entry_that_isn_t_there_is_told_and_closes_nothing(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore
    ) -> None:
        await said(desk, mouth, asks(ADS))
        assert told("gap_no_entry") in words((await said(desk, mouth, presses(AnswerGap(1, "guide/x"), DISC))).answers)
        assert (await store.counts())["gaps_open"] == 1

    async def test_forgotten_people_are_not_told(self, desk: Desk, mouth: RecordingMouth, store: SqlStore) -> None:
        for who in (ANNE, PAUL):
            await said(desk, mouth, asks(ADS, who))
        async with store.work() as work:
            await work.forget(desk._replies.asker(ANNE))
        await said(desk, mouth, presses(AnswerGap(1, COMMENTS), DISC))
        assert [letter.address for letter in await the_letters(store)] == [PAUL]


@memory
class TestClosingOtherwise:
    async def test_a_duplicate_asks_of_which_gap_and_joins_it(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore
    ) -> None:
        await said(desk, mouth, asks(ADS))
        await said(desk, mouth, asks("xyzzy plugh", PAUL))
        reply = await said(desk, mouth, presses(CloseGap(2, "duplicate"), DISC))
        assert picks(reply) == [MergeGap(2, 1), MergeGap(2, 0)]
        assert told("gap_merged") in words((await said(desk, mouth, presses(MergeGap(2, 1), DISC))).answers)
        assert await the_letters(store) == []
        await said(desk, mouth, presses(AnswerGap(1, COMMENTS), DISC))
        assert [letter.address for letter in await the_letters(store)] == [ANNE, PAUL]

    async def test_what_joins_an_answered_gap_is_answered(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore
    ) -> None:
        await said(desk, mouth, asks(ADS))
        await said(desk, mouth, presses(AnswerGap(1, COMMENTS), DISC))
        await the_letters(store)
        await said(desk, mouth, asks("xyzzy plugh", PAUL))
        await said(desk, mouth, presses(MergeGap(2, 1), DISC))
        (letter,) = await the_letters(store)
        assert letter.address == PAUL
        assert "xyzzy plugh" in text_of(letter)

    @pytest.mark.parametrize("action", [CloseGap(1, "outside"), MergeGap(1, 0)])
    async def test_tells_nobody_and_keeps_no_address(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore, action: CloseGap | MergeGap
    ) -> None:
        await said(desk, mouth, asks(ADS))
        await said(desk, mouth, presses(action, DISC))
        assert await the_letters(store) == []
        async with store.work() as work:
            (question,) = await work.gap_questions(1)
        assert question.address.platform == ""
        assert (await store.counts())["gaps_open"] == 0

    async def test_with_a_gap_that_isn_t_there_closes_nothing(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore
    ) -> None:
        await said(desk, mouth, asks(ADS))
        assert told("gap_no_other") in words((await said(desk, mouth, presses(MergeGap(1, 404), DISC))).answers)
        assert (await store.counts())["gaps_open"] == 1

    @pytest.mark.parametrize("action", [AnswerGap(1, COMMENTS), MergeGap(1, 0), CloseGap(1, "answered")])
    async def test_is_the_team_s_alone(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore, action: AnswerGap | MergeGap | CloseGap
    ) -> None:
        await said(desk, mouth, asks(ADS))
        assert told("not_allowed") in words((await said(desk, mouth, presses(action, PAUL))).answers)
        assert (await store.counts())["gaps_open"] == 1

    @pytest.mark.parametrize("action", [AnswerGap(1, COMMENTS), MergeGap(1, 0), CloseGap(1, "answered")])
    async def test_of_a_closed_gap_is_told(
        self, desk: Desk, mouth: RecordingMouth, action: AnswerGap | MergeGap | CloseGap
    ) -> None:
        await said(desk, mouth, asks(ADS))
        await said(desk, mouth, presses(CloseGap(1, "outside"), DISC))
        assert told("gap_was_closed") in words((await said(desk, mouth, presses(action, DISC))).answers)


@memory
class TestTyping:
    async def test_closes_a_gap_without_any_question_before_it(
        self, desk: Desk, mouth: RecordingMouth, store: SqlStore
    ) -> None:
        await said(desk, mouth, asks(ADS))
        await said(desk, mouth, asks("clore 1 répondue guide/comments", BOSS))
        assert [letter.address for letter in await the_letters(store)] == [ANNE]

    async def test_the_way_alone_asks_for_the_rest(self, desk: Desk, mouth: RecordingMouth) -> None:
        await said(desk, mouth, asks(ADS))
        assert AnswerGap(1, COMMENTS) in picks(await said(desk, mouth, asks("clore 1 répondue", BOSS)))


async def test_two_replicas_that_close_at_once_tell_each_asker_once(
    store: SqlStore, replica: SqlStore, engine: AsyncEngine
) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")
        for number, asker in enumerate(("anne", "bob", "anne")):
            await work.join_gap(await work.add_question(number, asked(asker=asker)), gap)

    async def close(one: SqlStore) -> int | None:
        async with one.work() as work:
            return await close_gap(work, shipped_assistant, gap, "answered", by="disc", entry=COMMENTS)

    results = await asyncio.gather(close(store), close(replica), close(store))
    assert sorted(results, key=str) == [2, None, None]
    async with engine.connect() as connection:
        keys = sorted(await connection.scalars(select(letters.c.key)))
    assert keys == ["gap 1 answered to question 2", "gap 1 answered to question 3"]


async def test_a_closing_that_fails_tells_nobody(store: SqlStore) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")
        await work.join_gap(await work.add_question(1, asked()), gap)
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is the transaction
        async with store.work() as work:
            assert await close_gap(work, shipped_assistant, gap, "answered", by="disc", entry=COMMENTS) == 1
            raise RuntimeError
    assert await store.claim_letter() is None
    async with store.work() as work:
        (question,) = await work.gap_questions(gap)
        assert [one.id for one in await work.open_gaps()] == [gap]
    assert question.address.platform == "slack"
