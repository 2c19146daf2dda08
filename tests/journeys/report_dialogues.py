"""Reports as data: what a person does, step by step, and what must have come of it, whatever the mouth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Says:
    """Words, or a command."""

    words: str


@dataclass(frozen=True)
class Picks:
    """What the bot offers under the name of one of its sentences."""

    label: str


@dataclass(frozen=True)
class Fills:
    """The form, as far as it isn't left as it is; "" empties a field, and ticks are "oui" or "non"."""

    fields: Mapping[str, str] = field(default_factory=dict)


Step = Says | Picks | Fills


@dataclass(frozen=True)
class ReportJourney:
    """`seen` are the bot's sentences that come back for the last step.

    `cases` are number, state, how many reports were sent, and whether it is urgent; `mails` whom each mail goes to.
    """

    name: str
    locale: str
    steps: tuple[Step, ...]
    seen: tuple[str, ...]
    cases: tuple[tuple[str, str, int, bool], ...] = ()
    mails: tuple[str, ...] = ()


PRESS, LYON = "presse@inserm.fr", "patricia.lefort@inserm.fr"
POST = Says("Je viens de voir un tweet qui accuse l'Inserm de fraude https://twitter.com/someone/status/12?s=20")
IN_ENGLISH = Says("I've just seen a post accusing Inserm of fraud https://example.org/p")
PREPARE, SEND, CHANGE, CANCEL = (
    Picks("report_prepare"),
    Picks("report_send"),
    Picks("report_change"),
    Picks("report_drop"),
)
WHEN = Fills({"seen": "aujourd’hui"})
SENT = (POST, PREPARE, WHEN, SEND)

REPORTS = (
    ReportJourney("a post is seen, and nothing is reported", "fr-FR", (POST, Picks("report_leave")), ("report_left",)),
    ReportJourney(
        "a form is filled in, and what will leave is shown",
        "fr-FR",
        (POST, PREPARE, WHEN),
        ("report_preview", "report_to"),
    ),
    ReportJourney(
        "a report is sent, with a copy to Lyon, and urgent",
        "fr-FR",
        (POST, PREPARE, Fills({"seen": "aujourd’hui", "urgent": "oui", "copy_regional": "Lyon"}), SEND),
        ("report_sent", "report_mistake"),
        (("2026-001", "open", 1, True),),
        (PRESS, LYON),
    ),
    ReportJourney(
        "a report is sent in English",
        "en-GB",
        (IN_ENGLISH, PREPARE, Fills({"seen": "today"}), SEND),
        ("report_sent",),
        (("2026-001", "open", 1, False),),
        (PRESS,),
    ),
    ReportJourney(
        "a link alone is reported by command",
        "fr-FR",
        (Says("/signaler https://example.org/a"), Fills({"said": "on nous accuse de fraude"}), SEND),
        ("report_sent",),
        (("2026-001", "open", 1, False),),
        (PRESS,),
    ),
    ReportJourney(
        "a bare word opens the form",
        "fr-FR",
        (Says("signaler"), Fills({"said": "un compte se fait passer pour l’Institut"}), SEND),
        ("report_sent",),
        (("2026-001", "open", 1, False),),
        (PRESS,),
    ),
    ReportJourney(
        "a draft is cancelled",
        "fr-FR",
        (POST, PREPARE, WHEN, CANCEL),
        ("report_cancelled",),
        (("2026-001", "cancelled", 0, False),),
    ),
    ReportJourney(
        "a draft is changed, and keeps its number",
        "fr-FR",
        (POST, PREPARE, WHEN, CHANGE, Fills({"said": "une vidéo truquée"}), SEND),
        ("report_sent",),
        (("2026-001", "open", 1, False),),
        (PRESS,),
    ),
    ReportJourney(
        "what was wrong is asked again, and nothing typed is lost",
        "fr-FR",
        (
            *(POST, PREPARE, Fills({"seen": "le 35 du mois", "copy_regional": "Atlantide"})),
            *(Fills({"seen": "hier", "copy_regional": "Lyon"}), SEND),
        ),
        ("report_sent",),
        (("2026-001", "open", 1, False),),
        (PRESS, LYON),
    ),
    ReportJourney(
        "the same post joins its case",
        "fr-FR",
        (*SENT, POST, PREPARE, WHEN, Picks("report_join"), SEND),
        ("report_sent",),
        (("2026-001", "open", 2, False),),
        (PRESS, PRESS),
    ),
    ReportJourney(
        "the same post is reported apart",
        "fr-FR",
        (*SENT, POST, PREPARE, WHEN, Picks("report_anyway"), SEND),
        ("report_sent",),
        (("2026-002", "open", 1, False), ("2026-001", "open", 1, False)),
        (PRESS, PRESS),
    ),
    ReportJourney(
        "what was sent by mistake is taken back",
        "fr-FR",
        (*SENT, Picks("report_mistake")),
        ("report_cancelled",),
        (("2026-001", "cancelled", 0, False),),
    ),
)
