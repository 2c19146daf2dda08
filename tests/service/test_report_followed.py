"""What follows a report: reminders, letters that don't leave, cards and previews that change where they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.actions import Cancel, Change, CloseCase, Forget, Join, Send, TakeCase
from bot.core.alerts import DRAFTS_KEPT
from bot.core.assistant import Assistant
from bot.core.errors import DeliveryError, DeliveryRefused
from tests.adapters.samples import Clock
from tests.fakes.mouth import BOSS, PAUL, RecordingMouth, presses, types
from tests.service.conftest import KEY
from tests.service.talk import PHONE, Talk, labels

pytestmark = pytest.mark.parametrize("engine", ["memory"], indirect=True)

NUMBER = "2026-001"


@pytest.fixture
def without_channel(assistant: Assistant, store: SqlStore, mouth: RecordingMouth, clock: Clock) -> Talk:
    return Talk(assistant, store, mouth, clock, key=KEY, channel=None)


async def reported(talk: Talk) -> None:
    await talk.fills_in()
    await talk.sends()
    await talk.posts()


async def card_message(talk: Talk) -> str:
    async with talk.store.work() as work:
        case = await work.case(NUMBER)
    assert case is not None
    return case.card_message


class TestAReminder:
    async def test_comes_once_after_two_working_hours(self, talk: Talk) -> None:
        await reported(talk)  # at ten, in Paris
        talk.clock.advance(hours=1, minutes=59)
        await talk.posts()
        assert not [said for said in talk.told("C9") if "Personne n’a encore" in said]
        talk.clock.advance(minutes=1)
        for _ in range(3):
            await talk.posts()
            talk.clock.advance(hours=3)
        assert [said for said in talk.told("C9") if "Personne" in said] == [
            f"Personne n’a encore pris en charge l’alerte n° {NUMBER}."
        ]

    async def test_waits_for_the_office_to_open(self, talk: Talk) -> None:
        talk.clock.now = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)  # a Friday, at half past five in Paris
        await reported(talk)
        talk.clock.now = datetime(2026, 3, 9, 9, 29, tzinfo=UTC)
        await talk.posts()
        assert "Personne" not in "".join(talk.told("C9"))
        talk.clock.advance(minutes=1)
        await talk.posts()
        assert "Personne" in talk.told("C9")[-1]

    @pytest.mark.parametrize("action", [TakeCase(NUMBER), CloseCase(NUMBER, "handled")])
    async def test_is_not_needed_once_somebody_acts(self, talk: Talk, action: TakeCase | CloseCase) -> None:
        await reported(talk)
        await talk.presses(action, BOSS, await card_message(talk))
        talk.clock.advance(days=3)
        await talk.posts()
        assert "Personne" not in "".join(talk.told("C9"))

    async def test_goes_nowhere_without_a_channel(self, without_channel: Talk) -> None:
        await reported(without_channel)
        without_channel.clock.advance(days=3)
        await without_channel.posts()
        assert without_channel.mouth.letters == []


class TestALateLetter:
    async def test_has_its_author_phone_and_warns_the_channel_after_fifteen_minutes(self, talk: Talk) -> None:
        talk.server.error = DeliveryError("connection refused")
        await reported(talk)
        talk.clock.advance(minutes=14, seconds=59)
        await talk.posts()
        assert talk.told("D1") == []
        talk.clock.advance(seconds=1)
        for _ in range(3):
            await talk.posts()
            talk.clock.advance(minutes=20)
        (told,) = talk.told("D1")
        assert f"n° {NUMBER} n’a pas encore pu être remis" in told
        assert PHONE in told
        assert [said for said in talk.told("C9") if "n’est pas encore parti" in said] == [talk.told("C9")[-1]]

    async def test_that_leaves_in_time_is_no_trouble(self, talk: Talk) -> None:
        talk.server.error = DeliveryError("450 greylisted")
        await reported(talk)
        talk.server.error = None
        talk.clock.advance(minutes=10)
        await talk.posts()
        talk.clock.advance(minutes=10)
        await talk.posts()
        assert (len(talk.server.mails), talk.told("D1")) == (1, [])

    async def test_is_told_to_its_author_without_a_channel(self, without_channel: Talk) -> None:
        without_channel.server.error = DeliveryError("connection refused")
        await reported(without_channel)
        without_channel.clock.advance(minutes=15)
        await without_channel.posts()
        assert [letter.address.channel for letter in without_channel.mouth.letters] == ["D1"]


async def test_a_dead_letter_is_told_at_once_to_its_author_and_in_the_channel(talk: Talk) -> None:
    talk.server.error = DeliveryRefused("550 no such user")
    await reported(talk)
    talk.clock.advance(hours=1)
    await talk.posts()
    (told,) = talk.told("D1")
    assert f"n° {NUMBER} n’a pas pu être envoyé" in told
    assert PHONE in told
    assert "guidebot alerts resend" in talk.told("C9")[-1]


class TestACard:
    async def test_is_one_message_however_often_it_changes(self, talk: Talk) -> None:
        await reported(talk)
        card = await card_message(talk)
        await talk.fills_in(address=PAUL)
        await talk.presses(Join(2, NUMBER), PAUL)
        await talk.sends(2, PAUL)
        await talk.posts()
        assert await card_message(talk) == card
        assert "Signalements : 2" in talk.mouth.screen[card]
        again = talk.mouth.letters[-1]
        assert (again.address.thread, "2 en tout" in talk.told("C9")[-1]) == (card, True)

    async def test_of_a_report_sent_by_mistake_says_so_and_has_no_buttons(self, talk: Talk) -> None:
        await reported(talk)
        card = await card_message(talk)
        assert "Je m’en charge" in talk.mouth.screen[card]
        await talk.presses(Cancel(1))
        await talk.posts()
        assert "Annulée par la personne qui l’avait signalée" in talk.mouth.screen[card]
        assert labels(talk.mouth.letters[-1].parts) == []

    async def test_goes_on_for_the_others_who_reported(self, talk: Talk) -> None:
        await reported(talk)
        await talk.fills_in(address=PAUL)
        await talk.presses(Join(2, NUMBER), PAUL)
        await talk.sends(2, PAUL)
        await talk.presses(Cancel(1))
        await talk.posts()
        shown = talk.mouth.screen[await card_message(talk)]
        assert "Signalements : 1" in shown
        assert "Je m’en charge" in shown

    async def test_that_could_not_be_sent_yet_does_not_overtake(self, talk: Talk) -> None:
        """The case is cancelled while its first card still waits: what stands at the end is the newest."""
        await talk.fills_in()
        await talk.sends()
        letter = await talk.store.claim_letter(["slack"])
        assert letter is not None
        await talk.presses(Cancel(1))
        assert await talk.store.claim_letter(["slack"]) is None
        await talk.store.letter_failed(letter.id, error="503", retry_at=talk.clock.now + timedelta(seconds=5))
        await talk.posts()
        talk.clock.advance(seconds=5)
        await talk.posts()
        assert "Annulée" in talk.mouth.screen[await card_message(talk)]

    async def test_of_a_draft_that_was_dropped_is_never_shown(self, talk: Talk) -> None:
        await talk.fills_in()
        await talk.presses(Cancel(1))
        await talk.posts()
        assert talk.mouth.letters == []

    async def test_an_older_one_brings_the_one_in_use_up_to_date(self, talk: Talk) -> None:
        await reported(talk)
        await talk.presses(TakeCase(NUMBER), BOSS, "an older one")
        await talk.posts()
        assert "Prise en charge" in talk.mouth.screen["an older one"]
        assert "Prise en charge" in talk.mouth.screen[await card_message(talk)]


class TestWhatTheAuthorSees:
    async def test_is_one_message_from_preview_to_receipt_to_correction(self, talk: Talk) -> None:
        await talk.fills_in()
        shown = (await talk.report()).shown
        assert shown is not None
        await talk.fills_in(report=1)
        assert "à relire avant l’envoi" in talk.mouth.screen[shown.message]
        await talk.sends()
        assert "est enregistré" in talk.mouth.screen[shown.message]
        await talk.posts()
        await talk.presses(Cancel(1))
        assert "Un rectificatif part à" in talk.mouth.screen[shown.message]
        assert (await talk.report()).shown == shown

    async def test_of_a_draft_whose_time_is_over_says_so(self, talk: Talk) -> None:
        await talk.fills_in()
        shown = (await talk.report()).shown
        assert shown is not None
        talk.clock.advance(days=DRAFTS_KEPT.days)
        await expire(talk)
        assert "à relire" in talk.mouth.screen[shown.message]
        talk.clock.advance(seconds=1)
        await expire(talk)
        assert "effacé après sept jours" in talk.mouth.screen[shown.message]
        assert labels(talk.mouth.letters[-1].parts) == []

    async def test_cancelling_is_said_again_when_the_first_word_was_lost(self, talk: Talk) -> None:
        await reported(talk)
        talk.mouth.failures = [DeliveryError("503", after=0)]
        await talk.presses(Cancel(1))
        assert "est annulé" in await talk.tries_again()

    async def test_a_button_of_what_is_gone_is_taken_away(self, talk: Talk) -> None:
        for action in (Change(9), Cancel(9), Send(9, 1)):
            await talk.hears(presses(action))
            assert "Ce bouton ne sert plus" in talk.mouth.screen["17.1"]
            talk.mouth.screen.clear()

    async def test_a_late_press_leaves_the_receipt(self, talk: Talk) -> None:
        await talk.fills_in()
        shown = (await talk.report()).shown
        assert shown is not None
        await talk.sends()
        await talk.presses(Change(1))
        assert "est enregistré" in talk.mouth.screen[shown.message]


class TestMyData:
    async def page(self, talk: Talk) -> str:
        return await talk.hears(types("/guide", "mes-données"))

    async def test_shows_ones_reports_and_what_becomes_of_them(self, talk: Talk) -> None:
        assert "Rien." in await self.page(talk)
        await reported(talk)
        await talk.fills_in(link="https://x.com/a/status/2")
        await talk.fills_in(address=PAUL, link="https://x.com/a/status/3")
        page = await self.page(talk)
        assert f"n° {NUMBER}, envoyé le 02/03/2026 : en attente de prise en charge." in page
        assert "n° 2026-002, brouillon du 02/03/2026, pas envoyé." in page
        assert "2026-003" not in page
        assert "365 jours après la clôture" in page
        assert "ses pièces jointes 90 jours" in page
        assert "Tout effacer" in page

    async def test_erasing_drops_drafts_and_forgets_a_live_report_when_it_ends(self, talk: Talk) -> None:
        await reported(talk)
        await talk.fills_in(link="https://x.com/a/status/2")
        draft = await talk.report(2)
        await talk.presses(Forget())
        await talk.posts()
        assert draft.shown is not None
        assert "effacé à votre demande" in talk.mouth.screen[draft.shown.message]
        page = await self.page(talk)
        assert "2026-002" not in page
        assert "Votre nom en sera effacé à la clôture." in page
        await talk.presses(CloseCase(NUMBER, "handled"), BOSS, await card_message(talk))
        await talk.posts()
        assert "a été traité" in talk.told("D1")[-1]  # told once more, then forgotten
        await talk.store.purge(texts_before=talk.clock.now, gaps_before=talk.clock.now)
        report = await talk.report()
        assert (report.author.asker, report.author.name, report.author.address.user, report.mail) == ("", "", "", None)
        assert report.account.said == "On accuse l'Inserm de fraude."
        async with talk.store.work() as work:
            history = [(line.who, line.what) for line in await work.history(NUMBER)]
        assert history == [
            ("", "drafted"),
            ("", "sent"),
            ("guidebot", "delivered"),
            ("slack:U9", "closed"),
        ]
        assert "Rien." in await self.page(talk)


async def expire(talk: Talk) -> None:
    async with talk.store.work() as work:
        await talk.reporting.expire(work)
    await talk.posts()
