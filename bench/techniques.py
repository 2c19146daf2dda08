"""The techniques that are compared: each is built of phrasings, and finds the bearer of the best with a score.

All but guidebot get a question as guidebot reads it, places and people replaced, and pay nothing for the reading.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.core.index import Index, Phrasing
from bot.core.text import stem


class Asked(NamedTuple):
    """A question: its text, and its words as they were read."""

    text: str
    words: tuple[str, ...]


class Found(NamedTuple):
    """What was found: a bearer and a score; guidebot decides, and tells the label of its first answer."""

    bearer: str
    score: float


Ask = Callable[[Asked], Found]
NOTHING = Found("", 0.0)


def guidebot(phrasings: Sequence[Phrasing]) -> Callable[[], Ask]:
    """Its index; then, not counted as building, what reads questions and decides."""
    index = Index(phrasings)

    def ready() -> Ask:
        from bot.adapters.knowledge_files import load  # noqa: PLC0415
        from bot.core.deciding import decide  # noqa: PLC0415
        from bot.core.matching import Fit, Matcher  # noqa: PLC0415
        from bot.core.reading import Reader  # noqa: PLC0415
        from bot.settings import ROOT  # noqa: PLC0415

        knowledge = load(ROOT / "knowledge")
        fit = Fit.read(knowledge.fit)
        matcher = Matcher(Reader(knowledge), index, fit)
        del knowledge

        def ask(asked: Asked) -> Found:
            decision = decide(matcher.match(asked.text), fit.cost)
            first = decision.options[0].id if decision.options else ""
            return Found({"answer": first}.get(decision.outcome.value, decision.outcome.value), decision.confidence)

        return ask

    return ready


def _rapidfuzz(scorer: str) -> Callable[[Sequence[Phrasing]], Callable[[], Ask]]:
    def build(phrasings: Sequence[Phrasing]) -> Callable[[], Ask]:
        from rapidfuzz import fuzz, process  # noqa: PLC0415

        texts, bearers = [" ".join(one.words) for one in phrasings], [one.bearer for one in phrasings]
        score = getattr(fuzz, scorer)

        def ask(asked: Asked) -> Found:
            best = process.extractOne(" ".join(asked.words), texts, scorer=score)
            return Found(bearers[best[2]], best[1]) if best else NOTHING

        return lambda: ask

    return build


def bm25s(phrasings: Sequence[Phrasing]) -> Callable[[], Ask]:
    import bm25s as library  # noqa: PLC0415

    bearers = [one.bearer for one in phrasings]
    index = library.BM25()
    index.index([_stems(one.words) or [""] for one in phrasings], show_progress=False)

    def ask(asked: Asked) -> Found:
        stems = [word for word in _stems(asked.words) if word in index.vocab_dict]
        if not stems:
            return NOTHING
        found, scores = index.retrieve([stems], k=1, show_progress=False)
        return Found(bearers[int(found[0, 0])], float(scores[0, 0]))

    return lambda: ask


def fts5(phrasings: Sequence[Phrasing]) -> Callable[[], Ask]:
    bearers = [one.bearer for one in phrasings]
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE asked USING fts5(words, tokenize = 'unicode61')")
    rows = ((number, " ".join(_stems(one.words))) for number, one in enumerate(phrasings))
    base.executemany("INSERT INTO asked(rowid, words) VALUES (?, ?)", rows)
    base.execute("INSERT INTO asked(asked) VALUES ('optimize')")

    def ask(asked: Asked) -> Found:
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(_stems(asked.words)) if word.isalnum())
        query = "SELECT rowid, -rank FROM asked WHERE asked MATCH ? ORDER BY rank LIMIT 1"
        best = base.execute(query, (words,)).fetchone() if words else None
        return Found(bearers[best[0]], best[1]) if best else NOTHING

    return lambda: ask


def tantivy(phrasings: Sequence[Phrasing]) -> Callable[[], Ask]:
    import tantivy as library  # noqa: PLC0415

    bearers = [one.bearer for one in phrasings]
    form = library.SchemaBuilder()
    form.add_text_field("words", tokenizer_name="whitespace")
    form.add_unsigned_field("number", stored=True)
    schema = form.build()
    index = library.Index(schema)
    writer = index.writer(num_threads=1)
    for number, one in enumerate(phrasings):
        writer.add_document(library.Document(words=" ".join(_stems(one.words)), number=number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ask(asked: Asked) -> Found:
        terms = [library.Query.term_query(schema, "words", word) for word in dict.fromkeys(_stems(asked.words))]
        query = library.Query.boolean_query([(library.Occur.Should, term) for term in terms])
        best = searcher.search(query, 1).hits if terms else []
        return Found(bearers[searcher.doc(best[0][1])["number"][0]], best[0][0]) if best else NOTHING

    return lambda: ask


def _stems(words: Sequence[str]) -> list[str]:
    return [stem(word) for word in words]


TECHNIQUES: dict[str, Callable[[Sequence[Phrasing]], Callable[[], Ask]]] = {
    "guidebot": guidebot,
    "rapidfuzz WRatio": _rapidfuzz("WRatio"),
    "rapidfuzz token_set_ratio": _rapidfuzz("token_set_ratio"),
    "bm25s": bm25s,
    "SQLite FTS5": fts5,
    "tantivy": tantivy,
}
