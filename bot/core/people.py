"""People in a question: a name, a mail address or a phone number, in any spelling, and whose it is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.core.knowledge import Entry
from bot.core.spelling import Speller
from bot.core.text import MAIL, PHONE, tokens

PERSON = "personname"  # stands for any person of the guide among the words of a question

_NATIONAL_DIGITS = 9  # of a French number, without the country code or the leading zero
_ALIKE = 84  # of 100: how near a misspelt name must be
_NEARLY = 75  # the same for a surname that stands behind its first name
_SHORTEST_MISSPELLED = 5
_INITIAL = 2  # letters of what may stand for a surname: "Patricia L.", "Charlotte du…"
_ARTICLES = frozenset({"un", "une", "des", "les", "a", "the"})  # before a word that is a name as well: "une pierre"
_OFFICE = frozenset({"com", "comm", "comms", "communication", "communications", "presse", "press"})


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the guide in a question: the contact, and the words [start, end) that name them."""

    contact: str
    start: int
    end: int


class PeopleFinder:
    """Finds the guide's people. A surname is enough, unless it is one of `words`: then the first name must be there.

    A first name is enough in a text that has a word for their office, if no other's surname seems to follow it.
    """

    def __init__(self, contacts: Iterable[Entry], words: frozenset[str] | set[str] = frozenset()) -> None:
        listed = [(contact.id, person) for contact in contacts for person in contact.people]
        self._mails = {person.mail.lower(): contact for contact, person in listed}
        self._phones = {_digits(person.phone): contact for contact, person in listed}
        self._names = [(contact, tokens(person.name)) for contact, person in listed]
        self._words = words
        self._parts: dict[str, list[int]] = defaultdict(list)
        for number, (_, name) in enumerate(self._names):
            for part in name:
                self._parts[part].append(number)
        firsts = Counter(name[0] for _, name in self._names)
        self._first_names = {name[0]: contact for contact, name in self._names if firsts[name[0]] == 1}
        self._speller = Speller(self._parts, alike=_ALIKE, shortest=_SHORTEST_MISSPELLED)

    def mark(self, text: str) -> tuple[str, list[str]]:
        """The text with PERSON for each known mail address and phone number, and whose they are, in order."""
        found: list[str] = []

        def replace(match: re.Match[str], known: Mapping[str, str], key: str) -> str:
            if key not in known:
                return match[0]
            found.append(known[key])
            return f" {PERSON} "

        if "@" in text:
            text = MAIL.sub(lambda match: replace(match, self._mails, match[0].lower().rstrip(".")), text)
        return PHONE.sub(lambda match: replace(match, self._phones, _digits(match[0])), text), found

    def find(self, words: Sequence[str], capitalised: Collection[str] = ()) -> list[Named]:
        """The people whom the words name; `capitalised` are those words that bear a capital as names do."""
        found = self._wholly(words)
        if found or _OFFICE.isdisjoint(words):
            return found
        return [
            Named(contact, at, at + 1)
            for at, word in enumerate(words)
            if (contact := self._first_names.get(word))
            and _ARTICLES.isdisjoint(words[max(0, at - 1) : at])
            and not self._goes_on(words, at + 1, capitalised)
        ][:1]

    def _wholly(self, words: Sequence[str]) -> list[Named]:
        """The people of whose names enough is said to know them by that alone."""
        found = []
        hits = [(n, numbers) for n, word in enumerate(words) if (numbers := self._named_by(word))]
        for number in dict.fromkeys(number for _, numbers in hits for number in numbers):
            contact, name = self._names[number]
            runs = ((n, self._run(words, name, n)) for n, numbers in hits if number in numbers)
            found += [Named(contact, start, end) for start, end in runs if end][:1]
        return sorted(found, key=lambda named: named.start)

    def _goes_on(self, words: Sequence[str], at: int, capitalised: Collection[str]) -> bool:
        """Whether a surname of somebody else seems to stand there."""
        word = words[at] if at < len(words) else ""
        return len(word) > _INITIAL and (word in capitalised or word not in self._words)

    def _named_by(self, word: str) -> Collection[int]:
        """The numbers of the names of which the word may be a part."""
        numbers = self._parts.get(word)
        if numbers is None and word not in self._words:
            numbers = self._parts.get(self._speller.nearest(word) or "")
        return numbers or ()

    def _run(self, words: Sequence[str], name: Sequence[str], start: int) -> int:
        """Where the name that starts there ends; 0 if it is too little of a name."""
        end = start
        while end < len(words) and any(_alike(words[end], part) for part in name):
            end += 1
        if end - start == 1 and _alike(words[start], name[0]) and end < len(words):
            end += _resembles(words[end], name[-1])
        whole = end - start > 1
        surname = _alike(words[end - 1], name[-1]) and name[-1] not in self._words and words[end - 1] not in self._words
        return end if whole or surname else 0


def _resembles(word: str, part: str) -> bool:
    """Whether a word that follows the first name will do for the surname, even a short one."""
    return word[0] == part[0] and fuzz.ratio(word, part) >= _NEARLY


def _alike(word: str, part: str) -> bool:
    if word[0] != part[0] or abs(len(word) - len(part)) > 1:
        return False
    if len(part) < _SHORTEST_MISSPELLED or len(word) < _SHORTEST_MISSPELLED - 1:
        return word == part
    return fuzz.ratio(word, part) >= _ALIKE


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)[-_NATIONAL_DIGITS:]
