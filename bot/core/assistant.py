"""From a person's words to answers: the whole decision, pure, for every mouth the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from bot.core import text as texts
from bot.core.answers import Answer, Audience, Language, Note, Outcome, Paragraph, Part, Title
from bot.core.asked import ELSEWHERE
from bot.core.deciding import Decision, decide
from bot.core.knowledge import PRESS_OFFICE, REGIONAL_LIST, REPORT, Entry, Knowledge
from bot.core.languages import LanguageTeller
from bot.core.matching import Match, Matcher, Ranked
from bot.core.places import Found as Place
from bot.core.splitting import MOST_QUESTIONS, cuts
from bot.core.wording import Options, Wording

__all__ = ["Assistant", "Explained", "Explanation", "Options", "Prepared", "prepare"]

_HELP = "smalltalk/help"
_SAME_TERM = 80  # of 100: how near a word of /glossary must be to a term to be taken for it
_NEAREST_TERMS = 3
_HINT = 0.02  # the probability under the whole message from which a second question is believed


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one question had its outcome: what matched, the best options, the words that decided.

    `best` are the likeliest of all, outside topics too; `inside` those that the bot could have answered.
    """

    text: str
    words: tuple[str, ...]
    outcome: str
    confidence: float
    phrasing: str
    best: tuple[Ranked, ...]
    inside: tuple[Ranked, ...]
    outside: float
    topic: str
    deciding: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a message had its answers. `cost` is what a wrong answer takes away, in units of a right one."""

    language: Language
    questions: tuple[Explained, ...]
    cost: float
    temperature: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question of a message, with what it matched and what was decided."""

    text: str
    match: Match
    decision: Decision


@dataclass(frozen=True, slots=True)
class Prepared:
    """A knowledge base made ready for questions, which takes seconds; whoever keeps one (bot.adapters) saves them."""

    knowledge: Knowledge
    matcher: Matcher
    languages: LanguageTeller


def prepare(knowledge: Knowledge) -> Prepared:
    """Index a knowledge base; raise KnowledgeError where its stored fit can't be used."""
    spoken = ((language, texts.tokens(phrasing)) for _, language, phrasing in knowledge.asked())
    return Prepared(knowledge.bare(), Matcher.over(knowledge), LanguageTeller(spoken))


class Assistant:
    """Answers out of one knowledge base; a new one is made when the knowledge changes."""

    def __init__(self, prepared: Prepared, options: Options) -> None:
        self.knowledge = knowledge = prepared.knowledge
        self._matcher = prepared.matcher
        self._wording = Wording(knowledge, options)
        self._languages = prepared.languages
        self._terms = {" ".join(texts.tokens(name)): entry for entry in knowledge.terms for name in entry.names}

    def answer(self, text: str, *, locale: str = "", previous: Language | None = None) -> tuple[Answer, ...]:
        """An answer to each question in the text. The language is the question's, else the person's, else French."""
        text = texts.clean(text)
        language = self._language(text, locale, previous)
        if not texts.tokens(text):
            return (Answer(Outcome.SMALLTALK, self._wording.text(self.say("empty", language)), language),)
        return tuple(self._answer(asked, language) for asked in self._questions(text))

    def command(
        self, name: str, words: str, *, locale: str = "", previous: Language | None = None
    ) -> tuple[Answer, ...]:
        """What /glossary, /glossaire, /contact or /guide says, for its author alone."""
        name, words = name.lstrip("/"), texts.clean(words)
        hint = "fr" if name == "glossaire" else ""
        language = self._language(words, hint or locale, previous) if not hint else "fr"
        match name:
            case "glossary" | "glossaire":
                answers: tuple[Answer, ...] = (self._glossary(words, language),)
            case "contact":
                answers = (self._contact(words, language),)
            case _:
                answers = self.answer(words, locale=locale, previous=previous) if words else (self._contents(language),)
        return tuple(replace(answer, audience=Audience.ONLY_YOU) for answer in answers)

    def show(self, entry: str, language: Language) -> Answer:
        """An entry that was picked; the press office's number where a report was."""
        if entry == REPORT:
            return Answer(Outcome.REPORT, self._wording.report(language), language, (REPORT,), 1.0)
        return self._entry(entry, language)

    def home(self, language: Language) -> Answer:
        """The page about the bot: what it knows, and the ways in."""
        say = self.say
        parts: list[Part] = [
            Title(say("home_title", language)),
            Paragraph(say("home_intro", language, edition=self.knowledge.edition)),
            Title(say("home_terms", language)),
            *self._picks(self.knowledge.terms, language),
            Title(say("home_contacts", language)),
            *self._wording.delegations(language),
            *self._wording.picks([PRESS_OFFICE], language),
            Title(say("home_guide", language)),
            *self._picks(self.knowledge.sections, language),
        ]
        return Answer(Outcome.NOTICE, tuple(parts), language)

    def unanswered(self, asked: str, language: Language) -> Answer:
        """What is said when none of the choices was the right one."""
        return Answer(Outcome.UNANSWERED, self._wording.unanswered(language, ()), language, gap=True, asked=asked)

    def say(self, key: str, language: Language, **values: object) -> str:
        """The bot's own sentence or label of that name."""
        return self._wording.say(key, language, **values)

    def contact_mail(self, words: str) -> str:
        """The mail address of the contact that a place, a name or the address itself stands for; empty if none."""
        reading = self._matcher.reader.read(texts.clean(words))
        named = [*reading.people, *(contact for place in reading.places for contact in place.contacts)]
        people = [person for contact in named for person in self.knowledge.entries[contact].people]
        asked = words.strip().lower()
        return next((p.mail for p in people if p.mail.lower() == asked), people[0].mail if people else "")

    def topic_title(self, topic: str, language: Language) -> str:
        """The human title of an outside topic."""
        return self.say("topic_elsewhere", language) if topic == ELSEWHERE else self._wording.title(topic, language)

    def language(self, text: str, *, locale: str = "", previous: Language | None = None) -> Language:
        return self._language(texts.clean(text), locale, previous)

    def explain(self, text: str) -> Explanation:
        """Why `answer` says what it says."""
        text = texts.clean(text)
        fit = self._matcher.fit
        questions = tuple(self._explained(asked) for asked in self._questions(text))
        return Explanation(self._language(text, "", None), questions, fit.cost, fit.temperature)

    def _questions(self, text: str) -> list[_Asked]:
        """The questions in a text: several only where each piece is sure, and the whole speaks for each of them."""
        whole = self._decided(text)
        for pieces, plain in cuts(text):
            asked = [self._decided(piece) for piece in pieces]
            if all(_sure(one) for one in asked) and _differ(asked) and (plain or _hints_at(whole, asked)):
                return asked[:MOST_QUESTIONS]
        return [whole]

    def _decided(self, text: str) -> _Asked:
        match = self._matcher.match(text)
        return _Asked(text, match, decide(match, self._matcher.fit.cost))

    def _answer(self, asked: _Asked, language: Language) -> Answer:
        decision = asked.decision
        ids = tuple(option.id for option in decision.options)
        match decision.outcome:
            case Outcome.ANSWER:
                answer = self._entry(ids[0], language, asked.match.reading.places)
                answer = replace(answer, entries=tuple(dict.fromkeys([*answer.entries, *ids])))
            case Outcome.CHOICES:
                answer = Answer(decision.outcome, self._wording.choices(ids, language), language, ids)
            case Outcome.REPORT:
                answer = replace(self.show(REPORT, language), entries=ids)
            case Outcome.SMALLTALK:
                courtesy = self.knowledge.courtesies[ids[0]]
                answer = Answer(decision.outcome, self._wording.text(courtesy.text[language]), language)
            case _:
                answer = self._outside(asked.match, language)
        return replace(answer, confidence=decision.confidence, asked=asked.text)

    def _outside(self, match: Match, language: Language) -> Answer:
        places = match.reading.places
        topic = self.knowledge.topics.get(match.topic)
        if match.topic == ELSEWHERE and places:
            return Answer(Outcome.UNANSWERED, self._wording.elsewhere(language, places[0]), language, topic=ELSEWHERE)
        if topic:
            said = self._wording.outside(topic, language, places)
            return Answer(Outcome.UNANSWERED, said, language, topic=topic.id, gap=topic.gap)
        return Answer(Outcome.UNANSWERED, self._wording.unanswered(language, places), language, gap=True)

    def _entry(self, wanted: str, language: Language, places: Sequence[Place] = ()) -> Answer:
        named = list(dict.fromkeys(contact for place in places for contact in place.contacts))
        if wanted in named and len(named) > 1:
            parts = self._wording.contacts([self.knowledge.entries[one] for one in named], language, places)
            return Answer(Outcome.ANSWER, parts, language, tuple(named), 1.0)
        parts = self._wording.entry(self.knowledge.entries[wanted], language, places)
        return Answer(Outcome.ANSWER, parts, language, (wanted,), 1.0)

    def _glossary(self, words: str, language: Language) -> Answer:
        if not words:
            listed = (Paragraph(self.say("glossary_all", language)), *self._picks(self.knowledge.terms, language))
            return Answer(Outcome.NOTICE, listed, language)
        asked = " ".join(texts.tokens(words))
        if entry := self._terms.get(asked):
            return replace(self._entry(entry.id, language), asked=words)
        near = process.extract(asked, list(self._terms), scorer=fuzz.ratio, limit=2 * _NEAREST_TERMS)
        if near and near[0][1] >= _SAME_TERM:
            answer = self._entry(self._terms[near[0][0]].id, language)
            taken = Note(self.say("glossary_took", language, term=self._wording.title(answer.entries[0], language)))
            return replace(answer, parts=(taken, *answer.parts), confidence=near[0][1] / 100, asked=words)
        nearest = list(dict.fromkeys(self._terms[name].id for name, _, _ in near))[:_NEAREST_TERMS]
        said = Paragraph(self.say("glossary_unknown", language, word=words))
        nearby = Paragraph(self.say("glossary_nearest", language))
        parts = (said, nearby, *self._wording.picks(nearest, language))
        return Answer(Outcome.UNANSWERED, parts, language, tuple(nearest), gap=True, asked=words)

    def _contact(self, words: str, language: Language) -> Answer:
        if not words:
            return self._entry(REGIONAL_LIST, language)
        reading = self._matcher.reader.read(f"contact {words}")
        if reading.people:
            return replace(self._entry(reading.people[0], language), asked=words)
        if reading.places and not reading.places[0].contacts:
            parts = self._wording.elsewhere(language, reading.places[0])
            return Answer(Outcome.UNANSWERED, parts, language, topic=ELSEWHERE, asked=words)
        if reading.places:
            return replace(self._entry(reading.places[0].contacts[0], language, reading.places), asked=words)
        asked = self._decided(f"contact {words}")
        said = bool(texts.tokens(words))
        if said and asked.decision.outcome is Outcome.ANSWER and asked.decision.options[0].id.startswith("contact/"):
            return replace(self._answer(asked, language), asked=words)
        parts = (Paragraph(self.say("contact_unknown", language, place=words)), *self._wording.delegations(language))
        return Answer(Outcome.UNANSWERED, parts, language, gap=False, asked=words)

    def _contents(self, language: Language) -> Answer:
        listed = self._picks(self.knowledge.sections, language)
        return Answer(Outcome.NOTICE, (Paragraph(self.say("guide_all", language)), *listed), language)

    def _picks(self, entries: Sequence[Entry], language: Language) -> tuple[Part, ...]:
        return self._wording.picks((entry.id for entry in entries), language)

    def _language(self, text: str, locale: str, previous: Language | None) -> Language:
        return self._languages.tell(texts.tokens(text), locale=locale, previous=previous)

    def _explained(self, asked: _Asked) -> Explained:
        match, decision = asked.match, asked.decision
        options = sorted((*match.ranked, *match.topics), key=lambda option: -option.probability)
        best = options[0] if options else None
        return Explained(
            text=asked.text,
            words=match.words,
            outcome=decision.outcome.value,
            confidence=decision.confidence,
            phrasing=best.phrasing if best else "",
            best=tuple(options[:5]),
            inside=match.ranked[:5],
            outside=match.outside,
            topic=match.topic,
            deciding=tuple(self._matcher.index.deciding(match.words, best.id)) if best else (),
        )


def _sure(asked: _Asked) -> bool:
    return asked.decision.outcome is Outcome.ANSWER


def _differ(pieces: Sequence[_Asked]) -> bool:
    """Whether the pieces ask for different things; two contacts differ only by their places."""
    ids = [piece.decision.options[0].id for piece in pieces]
    families = {REGIONAL_LIST if one.startswith("contact/") else one for one in ids}
    places = {place.name for piece in pieces for place in piece.match.reading.places}
    return len(set(ids)) == len(ids) and (len(families) == len(ids) or len(places) >= len(ids))


def _hints_at(whole: _Asked, pieces: Sequence[_Asked]) -> bool:
    """Whether the whole message, where it is sure of one thing, leaves room for what each piece asks."""
    likely = {option.id for option in whole.match.ranked if option.probability >= _HINT}
    return not _sure(whole) or all(piece.decision.options[0].id in likely for piece in pieces)
