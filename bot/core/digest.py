"""The weekly word to the DISC: what was asked and the guide doesn't answer, as a message and as a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.core.answers import Bullets, GapLine, Language, Note, Paragraph, Part, Say, Title
from bot.core.links import defang_all
from bot.core.mail import Mail, mail_domain, one_line
from bot.core.mail_text import Letterhead
from bot.core.ports import Gap

LANGUAGE: Language = "fr"  # that of the department
MOST_GAPS = 15  # no message holds many more; the mail has the same, so that nobody has two lists to compare
MOST_TOPICS = 15
_LONGEST_TEXT = 300
_DAY = "%d/%m/%Y"


@dataclass(frozen=True, slots=True)
class Week:
    """What the digest tells of: the open gaps, most asked first, whether any was asked in that week, the outside topics
    by title, most asked first, and when anything went unanswered last.
    """  # noqa: D205 - a list breaks no better

    since: datetime
    gaps: Sequence[Gap]
    calm: bool
    topics: Sequence[tuple[str, int]]
    last: datetime | None


def digest_parts(week: Week, say: Say, zone: tzinfo) -> tuple[Part, ...]:
    """The digest as a message; a gap's line is drawn with the buttons that close it."""
    parts: list[Part] = [Title(_title(week, say, zone))]
    if week.calm:
        parts.append(Paragraph(_nothing_new(week, say, zone)))
    if week.gaps:
        parts.append(Paragraph(say("digest_open", LANGUAGE, open=len(week.gaps))))
        parts += [GapLine(g.id, g.text, g.times, g.people, _day(g.last_at, zone)) for g in week.gaps[:MOST_GAPS]]
        parts += [Paragraph(line) for line in _more(week, say)]
        parts.append(Note(say("digest_how", LANGUAGE)))
    if week.topics:
        parts.append(Paragraph(say("digest_topics", LANGUAGE)))
        parts.append(Bullets(tuple(_topics(week))))
    return tuple(parts)


def digest_mail(week: Week, say: Say, head: Letterhead, due: datetime) -> Mail:
    """The digest as a mail; the same moment gives the same Message-ID."""
    title = _title(week, say, head.zone)
    blocks = [f"{title}\n{say('digest_mail_english', 'en')}"]
    if week.calm:
        blocks.append(_nothing_new(week, say, head.zone))
    if week.gaps:
        blocks.append(say("digest_open", LANGUAGE, open=len(week.gaps)))
        blocks += [_gap(gap, say, head.zone) for gap in week.gaps[:MOST_GAPS]]
        blocks += _more(week, say)
    if week.topics:
        lines = (f"- {one_line(topic)}" for topic in _topics(week))
        blocks.append("\n".join((say("digest_topics", LANGUAGE), *lines)))
    if week.gaps:
        blocks.append(say("digest_mail_how", LANGUAGE).rstrip())
    return Mail(
        subject=one_line(f"[guidebot] {title}"),
        text="\n\n".join(blocks) + "\n",
        message_id=f"<digest.{due:%Y%m%d%H}@{mail_domain(head.sender)}>",
        reply_to=head.reply_to,
    )


def _title(week: Week, say: Say, zone: tzinfo) -> str:
    return say("digest_title", LANGUAGE, since=_day(week.since, zone))


def _nothing_new(week: Week, say: Say, zone: tzinfo) -> str:
    if week.last is None:
        return say("digest_never", LANGUAGE)
    return say("digest_none", LANGUAGE, last=_day(week.last, zone))


def _more(week: Week, say: Say) -> Iterator[str]:
    """That there are more gaps than the digest names."""
    if (more := len(week.gaps) - MOST_GAPS) > 0:
        yield say("digest_more", LANGUAGE, more=more)


def _topics(week: Week) -> Iterator[str]:
    return (f"{title} : {times}" for title, times in week.topics[:MOST_TOPICS])


def _gap(gap: Gap, say: Say, zone: tzinfo) -> str:
    """A gap in the mail: people's words are marked, on a line of their own, and nothing in them is a link."""
    figures = say("gap_figures", LANGUAGE, times=gap.times, people=gap.people, last=_day(gap.last_at, zone))
    words = one_line(defang_all(gap.text), _LONGEST_TEXT) or say("gap_gone", LANGUAGE)
    return f"#{gap.id} – {figures}\n> {words}"


def _day(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime(_DAY)
