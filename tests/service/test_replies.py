from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.actions import Choose, CloseGap, Forget, Look, Rate, Share
from bot.core.answers import Answer, Audience, Choice, GapLine, Manner, Outcome, Reply
from bot.core.messages import Address, Incoming, Kind
from bot.core.ports import Gap, NewQuestion
from bot.service.desk import Desk
from tests.adapters.samples import Clock
from tests.fakes.mouth import ANNE, BOSS, PAUL, RecordingMouth, asks, presses, types, words
from tests.fakes.shipped import told

pytestmark = pytest.mark.parametrize("engine", ["memory"], indirect=True)

TWEET = "définition d'un tweet"
ADS = "Combien coûte une campagne de pub sur Facebook ?"
CANTEEN = "quel est le menu de la cantine ?"
THREAD = Address("slack", "T1", "C1", "17.0", "U1")

Send = Callable[[Incoming], Awaitable[Reply]]


@pytest.fixture
def send(desk: Desk, mouth: RecordingMouth) -> Send:
    """Send an event and get its reply."""

    async def sent(incoming: Incoming) -> Reply:
        before = len(mouth.said)
        await desk.accept(incoming)
        await desk.drain()
        return mouth.last if len(mouth.said) > before else Reply(())

    return sent


def only(reply: Reply) -> Answer:
    (answer,) = reply.answers
    return answer


def number(answer: Answer) -> int:
    assert answer.question is not None
    return answer.question


async def gaps(store: SqlStore) -> list[Gap]:
    async with store.work() as work:
        return list(await work.open_gaps())


async def with_choices(store: SqlStore, desk: Desk, address: Address = ANNE) -> int:
    """A stored question that had choices."""
    options = ("guide/language", "guide/comments")
    asker = desk._replies.asker(address)
    new = NewQuestion(0, address, asker, "fr", Outcome.CHOICES, options, 0.6, "", "ma question")
    (inbox,) = await store.accept([asks("ma question", address, key="Ev-choices")])
    claimed = await store.claim(inbox)
    assert claimed is not None
    async with store.work() as work:
        question = await work.add_question(claimed.id, new)
        await work.finish(claimed.id)
    return question


class TestWhoIsServed:
    async def test_strangers_are_refused_politely(self, send: Send, mouth: RecordingMouth, store: SqlStore) -> None:
        mouth.strangers = frozenset(["T2"])
        there = replace(THREAD, team="T2")
        for event in (asks(TWEET, there), types("/glossary", "tweet", there), presses(Look("contact/lyon"), there)):
            answer = only(await send(event))
            assert (answer.outcome, answer.audience) == (Outcome.NOTICE, Audience.ONLY_YOU)
            assert told("stranger") in words([answer])
        assert await gaps(store) == []

    async def test_strangers_who_didn_t_speak_to_the_bot_aren_t_answered(
        self, send: Send, mouth: RecordingMouth
    ) -> None:
        mouth.strangers = frozenset(["T2"])
        assert (await send(asks(TWEET, replace(THREAD, team="T2"), kind=Kind.FOLLOW_UP))).answers == ()

    async def test_a_follow_up_is_answered_to_the_one_who_asked_there(self, send: Send) -> None:
        await send(asks(TWEET, THREAD))
        more = asks("et c'est quoi un hashtag ?", THREAD, kind=Kind.FOLLOW_UP)
        assert only(await send(more)).entries[0] == "glossary/hashtag"

    @pytest.mark.parametrize(
        "elsewhere",
        [replace(THREAD, user="U2"), replace(THREAD, thread="18.0"), replace(THREAD, channel="C2")],
        ids=["another person", "another thread", "another channel"],
    )
    async def test_a_follow_up_of_anybody_else_is_none_of_the_bot_s_business(
        self, send: Send, store: SqlStore, elsewhere: Address
    ) -> None:
        await send(asks(TWEET, THREAD))
        assert (await send(asks(TWEET, elsewhere, kind=Kind.FOLLOW_UP))).answers == ()
        assert (await store.counts())["inbox_waiting"] == 0


class TestTheLanguage:
    async def test_of_a_button_is_that_of_the_talk(self, send: Send, mouth: RecordingMouth) -> None:
        mouth.locale = ""
        await send(asks("what is a community manager?"))
        assert only(await send(presses(Look("contact/lyon")))).language == "en"
        assert only(await send(types("/guide", "my-data"))).language == "en"
        assert only(await send(types("/contact", "Lyon"))).language == "en"

    async def test_of_words_that_don_t_decide_is_that_of_the_previous_turn(
        self, send: Send, mouth: RecordingMouth
    ) -> None:
        mouth.locale = ""
        await send(asks("what is a community manager?"))
        assert only(await send(asks("Inserm 42"))).language == "en"


class TestGaps:
    async def test_an_unknown_question_is_passed_on_and_its_author_told(self, send: Send, store: SqlStore) -> None:
        answer = only(await send(asks(ADS)))
        assert (answer.outcome, told("passed_on") in words([answer])) == (Outcome.UNANSWERED, True)
        (gap,) = await gaps(store)
        assert (gap.text, gap.times, gap.people) == (ADS, 1, 1)

    async def test_the_same_question_of_another_joins(self, send: Send, store: SqlStore) -> None:
        await send(asks(ADS))
        await send(asks("combien coute une campagne de pub sur facebook", PAUL))
        (gap,) = await gaps(store)
        assert (gap.times, gap.people) == (2, 2)

    async def test_an_outside_topic_is_counted_without_its_text(
        self, send: Send, store: SqlStore, clock: Clock
    ) -> None:
        answer = only(await send(asks(CANTEEN)))
        assert told("passed_on") not in words([answer])
        assert await gaps(store) == []
        async with store.work() as work:
            stored = await work.question(number(answer))
            assert await work.topic_counts(clock.now - timedelta(days=1)) == {answer.topic: 1}
        assert stored is not None
        assert (stored.text, stored.topic) == ("", answer.topic)

    async def test_what_tells_who_somebody_is_is_masked_before_it_is_stored(self, send: Send, store: SqlStore) -> None:
        await send(asks("xyzzy plugh jean.dupont@example.org 06 12 34 56 78 185057800608436"))
        (gap,) = await gaps(store)
        assert gap.text == "xyzzy plugh [mail] [tél.] [n° SS]"

    async def test_courtesies_and_pages_are_no_questions(self, send: Send, store: SqlStore) -> None:
        for event in (asks("merci beaucoup"), asks("???"), types("/guide"), types("/glossary")):
            assert only(await send(event)).question is None
        async with store.work() as work:
            assert await work.question(1) is None

    async def test_an_unknown_term_is_one(self, send: Send, store: SqlStore) -> None:
        answer = only(await send(types("/glossary", "blockchain")))
        assert answer.audience is Audience.ONLY_YOU
        assert [gap.text for gap in await gaps(store)] == ["blockchain"]

    async def test_are_closed_by_the_team_alone(self, send: Send, store: SqlStore) -> None:
        await send(asks(ADS))
        (gap,) = await gaps(store)
        refused = only(await send(presses(CloseGap(gap.id, "outside"))))
        assert told("not_allowed") in words([refused])
        assert len(await gaps(store)) == 1
        closed = only(await send(presses(CloseGap(gap.id, "outside"), BOSS)))
        assert told("gap_outside") in words([closed])
        assert await gaps(store) == []
        again = only(await send(presses(CloseGap(gap.id, "outside"), BOSS)))
        assert told("gap_was_closed") in words([again])

    async def test_a_person_of_the_same_id_on_another_platform_is_nobody_of_the_team(self, desk: Desk) -> None:
        assert not desk._replies._disc._team.has(Address("mattermost", user="U9"))


class TestChoices:
    async def test_lead_to_the_entry_that_is_chosen_and_to_an_opinion(
        self, send: Send, desk: Desk, store: SqlStore
    ) -> None:
        question = await with_choices(store, desk)
        reply = await send(presses(Choose(question, "guide/comments")))
        answer = only(reply)
        assert (reply.manner, answer.entries, answer.question) == (Manner.REPLACE, ("guide/comments",), question)
        async with store.work() as work:
            stored = await work.question(question)
        assert stored is not None
        assert stored.chosen == "guide/comments"
        assert told("rated_useful") in words((await send(presses(Rate(question, useful=True)))).answers)
        assert await gaps(store) == []

    async def test_of_which_none_is_right_are_a_gap(self, send: Send, desk: Desk, store: SqlStore) -> None:
        question = await with_choices(store, desk)
        answer = only(await send(presses(Choose(question))))
        assert (answer.outcome, told("passed_on") in words([answer])) == (Outcome.UNANSWERED, True)
        assert not any(isinstance(part, Choice) for part in answer.parts)  # one round
        assert [gap.text for gap in await gaps(store)] == ["ma question"]

    async def test_are_the_asker_s_alone(self, send: Send, desk: Desk, store: SqlStore) -> None:
        question = await with_choices(store, desk)
        answer = only(await send(presses(Choose(question, "guide/comments"), PAUL)))
        assert told("not_yours") in words([answer])
        async with store.work() as work:
            stored = await work.question(question)
        assert stored is not None
        assert stored.chosen is None

    @pytest.mark.parametrize("question", [0, 999, 2**62])
    async def test_of_a_question_that_is_gone_are_stale(self, send: Send, question: int) -> None:
        assert told("stale") in words((await send(presses(Choose(question, "guide/comments")))).answers)


class TestOpinions:
    async def test_not_useful_is_a_gap(self, send: Send, store: SqlStore) -> None:
        answer = only(await send(asks(TWEET)))
        thanks = words((await send(presses(Rate(number(answer), useful=False)))).answers)
        assert told("rated_useless") in thanks
        assert [gap.text for gap in await gaps(store)] == [TWEET]

    async def test_of_one_person_count_once(self, send: Send, store: SqlStore) -> None:
        answer = only(await send(asks(TWEET)))
        for useful in (False, True, False):
            await send(presses(Rate(number(answer), useful=useful)))
        (gap,) = await gaps(store)
        assert gap.times == 1
        assert told("data_title") in words((await send(types("/guide", "mes données"))).answers)

    async def test_may_be_another_s(self, send: Send, store: SqlStore) -> None:
        answer = only(await send(asks(TWEET, THREAD)))
        await send(presses(Rate(number(answer), useful=False), PAUL))
        assert len(await gaps(store)) == 1


class TestSharing:
    async def test_names_who_asked(self, send: Send) -> None:
        private = only(await send(types("/glossary", "hashtag", THREAD)))
        assert private.audience is Audience.ONLY_YOU
        reply = await send(presses(Share(number(private)), THREAD))
        assert (reply.manner, reply.shared_by) == (Manner.SHARE, "U1")
        assert (only(reply).entries, only(reply).audience) == (("glossary/hashtag",), Audience.HERE)

    async def test_is_the_asker_s_alone(self, send: Send) -> None:
        private = only(await send(types("/glossary", "hashtag", THREAD)))
        reply = await send(presses(Share(number(private)), replace(THREAD, user="U2")))
        assert (reply.manner, only(reply).outcome) == (Manner.SAY, Outcome.NOTICE)


class TestMyData:
    async def test_shows_what_is_kept_and_erases_it(self, send: Send, store: SqlStore) -> None:
        await send(asks("xyzzy plugh a@b.org"))
        await send(asks(TWEET, PAUL))
        answer = only(await send(types("/guide", "mes-données")))
        shown = words([answer])
        assert answer.audience is Audience.ONLY_YOU
        assert "xyzzy plugh [mail]" in shown
        assert TWEET not in shown  # another's
        assert told("data_erased") in words((await send(presses(Forget()))).answers)
        assert told("data_nothing") in words((await send(types("/guide", "mes données"))).answers)
        assert all("xyzzy" not in gap.text for gap in await gaps(store))

    async def test_of_one_who_only_rated_is_not_nothing(self, send: Send) -> None:
        answer = only(await send(asks(TWEET, THREAD)))
        await send(presses(Rate(number(answer), useful=True), PAUL))
        assert told("data_nothing") not in words((await send(types("/guide", "mes données", PAUL))).answers)

    async def test_after_erasing_nothing_can_be_done_with_the_answer(self, send: Send) -> None:
        answer = only(await send(types("/glossary", "hashtag")))
        await send(presses(Forget()))
        assert told("stale") in words((await send(presses(Share(number(answer))))).answers)

    async def test_stands_on_the_home_page_too(self, send: Send) -> None:
        await send(asks(ADS))
        home = only(await send(asks("", kind=Kind.HOME)))
        assert told("data_title") in words([home])
        assert ADS in words([home])

    async def test_is_kept_under_a_hash_that_needs_the_key(self, desk: Desk, send: Send, store: SqlStore) -> None:
        answer = only(await send(asks(ADS)))
        async with store.work() as work:
            stored = await work.question(number(answer))
        assert stored is not None
        assert stored.asker == desk._replies.asker(ANNE)
        assert len({desk._replies.asker(who) for who in (ANNE, PAUL, replace(ANNE, team="T2"))}) == 3
        assert desk._replies.asker(THREAD) == desk._replies.asker(ANNE)  # one person, wherever


class TestLooking:
    async def test_shows_the_entry(self, send: Send) -> None:
        answer = only(await send(presses(Look("contact/lyon"))))
        assert (answer.entries, answer.audience) == (("contact/lyon",), Audience.HERE)
        assert "patricia.lefort@inserm.fr" in words([answer])

    async def test_is_private_in_a_channel(self, send: Send) -> None:
        assert only(await send(presses(Look("contact/lyon"), THREAD))).audience is Audience.ONLY_YOU

    @pytest.mark.parametrize("entry", ["guide/gone", "", "outside/weather"])
    async def test_for_what_is_gone_is_told(self, send: Send, entry: str) -> None:
        assert only(await send(presses(Look(entry)))).outcome is Outcome.NOTICE


class TestTheDigest:
    async def digest(self, desk: Desk, store: SqlStore, clock: Clock) -> tuple[list[GapLine], str]:
        await desk.digest(clock.now)
        letter = await store.claim_letter()
        assert letter is not None
        assert letter.address == Address("slack", channel="C9")
        lines = [part for part in letter.parts if isinstance(part, GapLine)]
        return lines, words([Answer(Outcome.NOTICE, letter.parts, letter.language)])

    async def test_has_open_gaps_most_asked_first_and_the_topics(
        self, desk: Desk, send: Send, store: SqlStore, clock: Clock
    ) -> None:
        await send(asks("xyzzy plugh"))
        for who in (ANNE, PAUL):
            await send(asks(ADS, who))
        topic = only(await send(asks(CANTEEN))).topic
        lines, text = await self.digest(desk, store, clock)
        assert [(line.text, line.times, line.people) for line in lines] == [(ADS, 2, 2), ("xyzzy plugh", 1, 1)]
        assert desk._replies.assistant.topic_title(topic, "fr") in text
        assert CANTEEN not in text

    async def test_is_sent_when_nothing_was_asked_too(self, desk: Desk, store: SqlStore, clock: Clock) -> None:
        lines, text = await self.digest(desk, store, clock)
        assert lines == []
        assert told("digest_never") in text

    async def test_tells_of_the_last_one_when_the_week_was_calm(
        self, desk: Desk, send: Send, store: SqlStore, clock: Clock
    ) -> None:
        asked = clock.now
        await send(asks(ADS))
        clock.advance(days=20)
        _, text = await self.digest(desk, store, clock)
        assert f"{asked:%d/%m/%Y}" in text

    async def test_of_one_moment_is_queued_once(self, desk: Desk, store: SqlStore, clock: Clock) -> None:
        due = clock.now
        for _ in range(3):
            await desk.digest(due)
        assert (await store.counts())["letters_queued"] == 1
        await desk.digest(due + timedelta(days=7))
        assert (await store.counts())["letters_queued"] == 2

    async def test_leaves_closed_gaps_out(self, desk: Desk, send: Send, store: SqlStore, clock: Clock) -> None:
        await send(asks(ADS))
        (gap,) = await gaps(store)
        await send(presses(CloseGap(gap.id, "outside"), BOSS))
        lines, _ = await self.digest(desk, store, clock)
        assert lines == []


class TestWhy:
    async def test_the_disc_sees_what_decided_their_last_answer(self, send: Send) -> None:
        await send(asks(TWEET, BOSS))
        shown = words([only(await send(types("/guide", "pourquoi", BOSS)))])
        assert TWEET in shown
        assert "glossary/tweet : " in shown
        assert "hors du guide : 0" in shown

    async def test_without_a_question_there_is_nothing_to_explain(self, send: Send) -> None:
        assert told("why_nothing", "en") in words([only(await send(types("/guide", "why", BOSS)))])

    async def test_others_are_refused(self, send: Send) -> None:
        await send(asks(TWEET))
        assert told("not_allowed") in words([only(await send(types("/guide", "pourquoi")))])
