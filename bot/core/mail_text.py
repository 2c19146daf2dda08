"""The mails about a case, word for word: what the preview shows is what is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.core.alerts import Account, Case, Report
from bot.core.links import defang, defang_all, looks_alike
from bot.core.mail import Mail, is_mail_address, mail_domain, one_line, several_lines

_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
    *("août", "septembre", "octobre", "novembre", "décembre"),
)
_ENGLISH = "English: a staff member reports a post that may harm Inserm's reputation; sent by a bot, not verified."
_ENGLISH_FOLLOW_UP = (
    "English: one more report of the same post; sent by a bot at a staff member's request, not verified."
)
_ENGLISH_CORRECTION = "English: correction. The report of this number was sent by mistake; please disregard it."
_ENGLISH_GATHERED = "English: many reports came in a short time; here they are, each as its author approved it."
_RULE = "-" * 72
_SUMMARY = 60  # characters of what is said, in a subject


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every mail shares: the address they come from, where answers go by default, the zone of its hours."""

    sender: str
    reply_to: str
    zone: tzinfo


def report_mail(case: Case, report: Report, head: Letterhead) -> Mail:
    """The mail of a report: the first of its case, or one more account of the same post."""
    follow_up = report.ordinal > 1
    first = _message_id(case, 1, head)
    subject = f"[E-réputation {case.number}] {_summary(report.account)}"
    return Mail(
        subject=one_line(f"Re: {subject}" if follow_up else subject),
        text=_text(
            _opening(case, report), _facts(case, report, head), _words(report), _origin(report, head), _end(report)
        ),
        message_id=_message_id(case, report.ordinal, head),
        reply_to=_reply_to(report, head),
        in_reply_to=first if follow_up else "",
        references=(first,) if follow_up else (),
        attachments=tuple(attachment.id for attachment in report.attachments),
    )


def correction_mail(case: Case, report: Report, head: Letterhead, now: datetime) -> Mail:
    """What follows a report that was sent and then cancelled by its author."""
    sent = report.mail or report_mail(case, report, head)
    text = (
        f"Rectification de l'alerte e-réputation n° {case.number}\n{_ENGLISH_CORRECTION}",
        _sorry(report, now, head),
        f"Lien concerné (désactivé) : {defang(report.account.link) or 'aucun'}",
        "Transmis par guidebot, non vérifié.",
    )
    return Mail(
        subject=one_line(f"Re: [E-réputation {case.number}] ANNULÉ : {_summary(report.account)}"),
        text=_text(*text),
        message_id=_message_id(case, report.ordinal, head, "annulation"),
        reply_to=_reply_to(report, head),
        in_reply_to=sent.message_id,
        references=(sent.message_id,),
    )


def gathered_mail(reports: Sequence[Report], head: Letterhead, now: datetime) -> Mail:
    """One mail for reports that came too fast for one each; every previewed text stands in it whole."""
    numbers = ", ".join(dict.fromkeys(report.case for report in reports))
    opening = (
        f"{len(reports)} signalements d'e-réputation reçus en peu de temps, réunis ici par guidebot\n"
        f"{_ENGLISH_GATHERED}\n"
        "Afflux inhabituel : certains peuvent faire double emploi, ou venir d'une même personne."
    )
    previews = (f"{_RULE}\n{mail.subject}\n\n{mail.text.rstrip()}" for report in reports if (mail := report.mail))
    return Mail(
        subject=one_line(f"[E-réputation {reports[0].case} et suivants] {len(reports)} signalements réunis"),
        text=_text(opening, f"Dossiers : {numbers}", *previews),
        message_id=f"<e-reputation.reunis.{reports[0].id}-{reports[-1].id}.{now:%Y%m%d%H%M%S}@{mail_domain(head.sender)}>",
        reply_to=head.reply_to,
        attachments=tuple(attachment.id for report in reports for attachment in report.attachments),
    )


def _sorry(report: Report, now: datetime, head: Letterhead) -> str:
    return (
        f"Le signalement transmis à la demande de {_name(report)} l'a été par erreur :\n"
        f"merci de ne pas en tenir compte. Annulé le {_moment(now, head)}."
    )


def _text(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"


def _opening(case: Case, report: Report) -> str:
    if report.ordinal == 1:
        return f"Alerte e-réputation n° {case.number}\n{_ENGLISH}"
    return f"Nouveau signalement de la même publication : alerte e-réputation n° {case.number}\n{_ENGLISH_FOLLOW_UP}"


def _facts(case: Case, report: Report, head: Letterhead) -> str:
    account = report.account
    link = f"{defang(account.link)}" if account.link else "aucun lien donné"
    lines = [
        f"Urgence : {'URGENT, selon la personne qui signale' if account.urgent else 'pas signalé comme urgent'}",
        f"Plateforme : {one_line(account.platform) or 'non précisée'}",
        f"Vu pour la première fois : {_seen(account)}",
        f"Nombre de signalements : {report.ordinal}",
        f"Lien (désactivé) : {link}",
    ]
    if looks_alike(account.link):
        lines.append("Attention : ce nom de site contient des caractères qui peuvent en imiter d'autres.")
    if case.linked:
        lines.append(f"Dossier lié : {case.linked} (même lien)")
    if report.ordinal > 1:
        lines.append(f"Dossier ouvert : {_moment(case.opened_at, head)}")
    return "\n".join(lines)


def _words(report: Report) -> str:
    """The person's words, each line marked, so that none can pass for a line of the bot's."""
    lines = several_lines(defang_all(report.account.said)).split("\n")
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    names = "\n".join(
        f"Pièce jointe : {one_line(attachment.name)} ({attachment.media_type}, {max(1, attachment.size // 1000)} ko)"
        for attachment in report.attachments
    )
    return _text(f"Ce qui est signalé :\n{quoted}", names).rstrip()


def _origin(report: Report, head: Letterhead) -> str:
    mail = report.author.mail if is_mail_address(report.author.mail) else ""
    who = f"{_name(report)} ({mail})" if mail else _name(report)
    return (
        f"Transmis par guidebot à la demande de {who}, non vérifié.\nSignalement préparé le {_moment(report.at, head)}."
    )


def _end(report: Report) -> str:
    return f"Lien complet (à ouvrir avec prudence) :\n{report.account.link}" if report.account.link else ""


def _summary(account: Account) -> str:
    words = one_line(defang_all(account.said), _SUMMARY)
    urgent = "URGENT, " if account.urgent else ""
    return f"{one_line(account.platform, 40) or 'Signalement'} : {urgent}{words}"


def _name(report: Report) -> str:
    return one_line(defang_all(report.author.name), 80) or "une personne qui n'est pas nommée"


def _reply_to(report: Report, head: Letterhead) -> str:
    return report.author.mail if is_mail_address(report.author.mail) else head.reply_to


def _message_id(case: Case, ordinal: int, head: Letterhead, what: str = "") -> str:
    """The same at each try. The time tells apart two installations that count their cases alike."""
    steps = (case.number, str(ordinal), *([what] if what else []), f"{case.opened_at:%Y%m%d%H%M%S}")
    return f"<e-reputation.{'.'.join(steps)}@{mail_domain(head.sender)}>"


def _seen(account: Account) -> str:
    hour = f" vers {account.seen_at.replace(':', ' h ')}" if account.seen_at else ""
    day = account.seen_on
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}{hour}"


def _moment(at: datetime, head: Letterhead) -> str:
    here = at.astimezone(head.zone)
    return f"{here.day} {_MONTHS[here.month - 1]} {here.year} à {here:%H h %M}"
