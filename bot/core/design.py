"""What the weights of the matching weigh: a row of numbers for each candidate, and for "nothing that is known"."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from bot.core.asked import ANY_PERSON, ANY_PLACE, is_topic, kind_of
from bot.core.bodies import BODY, names_us
from bot.core.index import SIGNALS, Found
from bot.core.lists import Floats
from bot.core.people import PERSON
from bot.core.places import PLACE

KINDS = ("guide", "glossary", "contact", "a place's contact", "a person", "report", "smalltalk")
BESIDE = tuple(f"{kind} beside another body" for kind in ("guide", "glossary", "contact", "report"))
OURS = tuple(f"{kind} about us" for kind in ("guide", "glossary", "contact", "report", "outside"))
LAG = "behind "  # how far a candidate's signal lies behind the best of the candidates
LEAD = "ahead "  # how far it lies ahead of the best of the other side: what the guide answers, and what it doesn't
NAMES = ("names a place", "names a person", "names another body", "names us")
NOTHING = ("nothing", "unknown words", *NAMES, "length", "length squared", *(f"best {name}" for name in SIGNALS))
WEIGHTS = (
    *SIGNALS,
    *(LAG + name for name in SIGNALS),
    *(LEAD + name for name in SIGNALS),
    *KINDS,
    *BESIDE,
    *OURS,
    *NOTHING,
)
_AT = {name: WEIGHTS.index(name) for name in (*KINDS, *BESIDE, *OURS)}


def design(found: Found) -> Floats:
    """The values that WEIGHTS weigh: a row for each candidate and, last, one for "nothing that is known"."""
    values, width = found.signals, len(SIGNALS)
    topics = np.array([is_topic(candidate.bearer) for candidate in found.candidates], dtype=bool)
    best = values.max(axis=0, initial=0.0)
    rows = np.zeros((len(values) + 1, len(WEIGHTS)))
    rows[:-1, :width] = values
    rows[:-1, width : 2 * width] = values - best
    inside, outside = (values[side].max(axis=0, initial=0.0) for side in (~topics, topics))
    rows[:-1, 2 * width : 3 * width] = values - np.where(topics[:, None], inside, outside)
    words = found.words
    names = _Names(PLACE in words, PERSON in words, BODY in words, names_us(words))
    for row, candidate in zip(rows, found.candidates, strict=False):
        for at in _marks(candidate.bearer, names):
            row[at] = 1.0
    length = math.log1p(len(words))
    rows[-1, -len(NOTHING) :] = (1.0, found.unknown, *names, length, length**2, *best)
    return rows


class _Names(NamedTuple):
    """What a question names: a place, a person of the guide, another body, the institute itself or a part of it."""

    place: bool
    person: bool
    body: bool
    us: bool


@cache
def _marks(bearer: str, names: _Names) -> tuple[int, ...]:
    """Which columns mark a candidate: its kind, and with whom the question has to do besides."""
    kind = "outside" if is_topic(bearer) else kind_of(bearer)
    marks = [_manner(bearer, names)]
    marks += [f"{kind} beside another body"] if names.body else []
    marks += [f"{kind} about us"] if names.us else []
    return tuple(_AT[mark] for mark in marks if mark in _AT)


def _manner(bearer: str, names: _Names) -> str:
    """The kind of a candidate; the contact of a place or a person is of its own where the question names one."""
    if bearer == ANY_PLACE and names.place:
        return "a place's contact"
    if bearer == ANY_PERSON and names.person:
        return "a person"
    return kind_of(bearer)
