"""Dialogues as data: what a person says, turn by turn, and what must come back, whatever the mouth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """`says` is a question, a command, a number among what is offered (0 for none), "useful" or "not useful".

    `entries` are the first of each answer; `seen` and `unseen` are words that must and mustn't be in what is read, or
    with an @ the name of one of the bot's own sentences, in the language of the answer.
    """

    says: str
    outcome: str
    entries: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Journey:
    """`direct` ones need one place for all that is said; in a channel, a command belongs to no thread."""

    name: str
    locale: str
    turns: tuple[Turn, ...]
    direct: bool = False


def journey(name: str, locale: str, *turns: Turn, direct: bool = False) -> Journey:
    return Journey(name, locale, turns, direct)


JOURNEYS = (
    journey(
        "a newcomer greets, asks and thanks",
        "fr-FR",
        Turn("Bonjour", "smalltalk", seen=("Bonjour",)),
        Turn(
            "peut-on utiliser un pseudonyme ?", "answer", ("guide/no-anonymity",), ("@source", "p. 1"), ("@passed_on",)
        ),
        Turn("useful", "notice", seen=("@rated_useful",)),
        Turn("Merci beaucoup !", "smalltalk"),
    ),
    journey(
        "a newcomer from abroad does the same",
        "en-GB",
        Turn("Hello", "smalltalk", seen=("Hello",)),
        Turn("can I use a pseudonym on Twitter?", "answer", ("guide/no-anonymity",), ("@source",), ("@passed_on",)),
        Turn("useful", "notice", seen=("@rated_useful",)),
        Turn("thanks a lot", "smalltalk"),
    ),
    journey(
        "a term, then another",
        "fr-FR",
        Turn("c'est quoi un hashtag", "answer", ("glossary/hashtag",), ("Hashtag", "p. 17")),
        Turn("définition d'un tweet", "answer", ("glossary/tweet",), ("140", "280")),
    ),
    journey(
        "a term in English", "en-GB", Turn("what is a community manager?", "answer", ("glossary/community-manager",))
    ),
    journey(
        "the glossary by command",
        "fr-FR",
        Turn("/glossary hashtag", "answer", ("glossary/hashtag",), ("p. 17",)),
        Turn("/glossaire mur", "answer", ("glossary/wall",), ("Mur",)),
    ),
    journey(
        "a misspelt term is understood, and said",
        "en-GB",
        Turn("/glossary hashtagg", "answer", ("glossary/hashtag",), ("@glossary_took",)),
    ),
    journey(
        "an unknown term goes to the DISC and leads to the nearest",
        "fr-FR",
        Turn("/glossary blockchain", "unanswered", seen=("blockchain", "@passed_on")),
        Turn("1", "answer", seen=("p. 17",)),
    ),
    journey(
        "all terms, then one of them",
        "en-GB",
        Turn("/glossary", "notice", seen=("Hashtag", "Tweet")),
        Turn("1", "answer", seen=("p. 17",)),
    ),
    journey(
        "who is the contact in Lyon",
        "en-GB",
        Turn(
            "who is the Lyon comm contact?",
            "answer",
            ("contact/lyon",),
            ("patricia.lefort@inserm.fr", "04 72 13 88 04", "2016"),
        ),
    ),
    journey(
        "a contact by command, in a town that the guide doesn't name",
        "fr-FR",
        Turn("/contact Grenoble", "answer", ("contact/lyon",), ("patricia.lefort@inserm.fr", "@contact_follows")),
        Turn("/contact Lyon", "answer", ("contact/lyon",), ("patricia.lefort@inserm.fr",), ("@contact_follows",)),
    ),
    journey(
        "a contact by picking the delegation",
        "fr-FR",
        Turn("/contact", "answer", ("contact/regional-list",), ("@contact_pick",)),
        Turn("1", "answer", seen=("inserm.fr",)),
    ),
    journey(
        "a contact by name and by number",
        "fr-FR",
        Turn("/contact Lefort", "answer", ("contact/lyon",), ("04 72 13 88 04",)),
        Turn("/contact 04 72 13 88 04", "answer", ("contact/lyon",), ("Patricia Lefort",)),
    ),
    journey(
        "Île-de-France has two people",
        "fr-FR",
        Turn("/contact Villejuif", "answer", ("contact/ile-de-france",), ("Aude-Ella Delaunay", "Samia Sayah")),
    ),
    journey(
        "Occitanie has two delegations",
        "fr-FR",
        Turn("/contact Occitanie", "answer", seen=("charlotte.dumonte@inserm.fr", "christine.ferran@inserm.fr")),
    ),
    journey(
        "overseas and abroad have none",
        "fr-FR",
        Turn("contact à La Réunion", "unanswered", seen=("Réunion", "DISC"), unseen=("@passed_on",)),
        Turn("/contact Tokyo", "unanswered", seen=("@contact_nowhere",)),
    ),
    journey(
        "a place that nobody knows", "en-GB", Turn("/contact Xanadu", "unanswered", seen=("Xanadu", "@contact_unknown"))
    ),
    journey(
        "something that the guide doesn't answer is passed on",
        "fr-FR",
        Turn("Combien coûte une campagne de pub sur Facebook ?", "unanswered", seen=("@passed_on",)),
        Turn("/guide mes données", "notice", seen=("campagne de pub")),
    ),
    journey(
        "something that another service answers is not",
        "fr-FR",
        Turn("quel est le menu de la cantine ?", "unanswered", seen=("@outside_topic",), unseen=("@passed_on",)),
    ),
    journey(
        "something that makes no sense is passed on in English",
        "en-GB",
        Turn("xyzzy plugh frobnicate", "unanswered", seen=("@passed_on", "DISC")),
    ),
    journey(
        "two questions at once",
        "fr-FR",
        Turn(
            "C'est quoi un hashtag ? Et qui est le contact à Toulouse ?",
            "answer",
            ("glossary/hashtag", "contact/toulouse"),
            ("p. 17", "christine.ferran@inserm.fr"),
        ),
    ),
    journey(
        "two questions at once, in English",
        "en-GB",
        Turn(
            "What is a hashtag? Who is the contact in Lille?",
            "answer",
            ("glossary/hashtag", "contact/lille"),
            ("aurelie.deleglise@inserm.fr",),
        ),
    ),
    journey(
        "somebody saw a harmful post",
        "fr-FR",
        Turn(
            "Je viens de voir un tweet qui accuse l'Inserm de falsifier ses données",
            "report",
            ("report",),
            ("presse@inserm.fr",),
        ),
    ),
    journey(
        "somebody asks whom to tell of one",
        "en-GB",
        Turn(
            "whom do I tell if a post harms Inserm's reputation?",
            "answer",
            ("guide/e-reputation",),
            ("presse@inserm.fr",),
        ),
    ),
    journey(
        "an answer that didn't help",
        "fr-FR",
        Turn("définition d'un tweet", "answer", ("glossary/tweet",)),
        Turn("not useful", "notice", seen=("@rated_useless",)),
        Turn("/guide mes données", "notice", seen=("@data_title",)),
    ),
    journey(
        "what is kept is shown, then erased",
        "en-GB",
        Turn("/guide my-data", "notice", seen=("@data_nothing",)),
        Turn("xyzzy plugh jean.dupont@example.org", "unanswered", seen=("@passed_on",)),
        Turn("/guide my data", "notice", seen=("xyzzy plugh [mail]",), unseen=("jean.dupont",)),
        Turn("1", "notice", seen=("@data_erased",)),
        Turn("/guide my data", "notice", seen=("@data_nothing",)),
    ),
    journey(
        "the guide's subjects, then one of them",
        "fr-FR",
        Turn("/guide", "notice", seen=("@guide_all",)),
        Turn("1", "answer", seen=("@source",)),
        Turn("/guide peut-on utiliser un pseudonyme", "answer", ("guide/no-anonymity",)),
    ),
    journey(
        "an English talk on a computer that names no language",
        "",
        Turn("what is a community manager?", "answer", ("glossary/community-manager",), ("@source",)),
        Turn("/contact Lyon", "answer", ("contact/lyon",), ("@contact_serves",)),
        Turn("/contact", "answer", ("contact/regional-list",), ("@contact_pick",)),
        Turn("1", "answer", seen=("@contact_serves",)),
        direct=True,
    ),
    journey(
        "a person changes language on the way",
        "fr-FR",
        Turn("c'est quoi un hashtag", "answer", ("glossary/hashtag",), ("@source",)),
        Turn("can I tweet about unpublished results?", "answer", ("guide/confidentiality",), ("@source",)),
    ),
    journey(
        "nothing but signs",
        "fr-FR",
        Turn("???", "smalltalk", seen=("@empty",)),
        Turn("🙂", "smalltalk", seen=("@empty",)),
    ),
    journey(
        "what somebody types to do harm is only words",
        "en-GB",
        Turn("<!channel> {place} =1+1 **x** @all \u202e", "unanswered", unseen=("\u202e",)),
        Turn("what is a community manager?", "answer", ("glossary/community-manager",)),
    ),
)
