"""Measures guidebot beside what one would use instead, in one run: `make bench`. README.md says what and how."""

from __future__ import annotations

import argparse
import math
import pickle
import random
import tempfile
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import NamedTuple

from cold import cold_starts
from growing import SEED, grown, heaps
from hostile import HOSTILE
from rightness import rights
from techniques import TECHNIQUES, Asked
from worker import Built, Timed, work

from bot.adapters.knowledge_files import load
from bot.core.asked import phrasings
from bot.core.index import Phrasing
from bot.core.reading import Reader
from bot.core.text import clean
from bot.service.evaluation import Labelled, read_questions
from bot.settings import ROOT

SIZES = (1_000, 10_000, 100_000)
BLOCK = 10  # questions that a technique answers before the next has its turn
PASSES = 3
LEAST = 20  # questions that even the slowest is asked


class Row(NamedTuple):
    technique: str
    built: float
    times: list[Timed]
    hostile: list[float]
    megabytes: float


def main() -> None:
    options = _options()
    knowledge = load(ROOT / "knowledge")
    reader = Reader(knowledge)
    shipped = list(phrasings(knowledge, reader))
    questions = [
        one for file in sorted((ROOT / "tests/knowledge/gold").glob("*.jsonl")) for one in read_questions(file)
    ]
    random.Random(SEED).shuffle(questions)
    scale, power = heaps(shipped)
    print(f"{len(shipped)} phrasings, {len(questions)} questions; Heaps: {scale:.1f}·N^{power:.2f}. CPU time.")
    if options.cold:
        print(cold_starts())
    for size in options.sizes:
        rows = _measured(shipped if size == 0 else grown(shipped, size), _asked(questions, reader), options.seconds)
        print(f"\n{'shipped: ' if size == 0 else ''}{size or len(shipped):,} phrasings")
        print(_table(rows, rights({row.technique: row.times for row in rows}, questions, reader) if size == 0 else {}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of questions for each technique, size and pass")
    parser.add_argument("--sizes", type=int, nargs="*", default=[0, *SIZES], help="0 stands for what is shipped")
    parser.add_argument("--no-cold", dest="cold", action="store_false", help="without the starts of `guidebot ask`")
    return parser.parse_args()


def _asked(questions: Sequence[Labelled], reader: Reader) -> list[Asked]:
    return [_read(question.text, reader) for question in questions]


def _read(text: str, reader: Reader) -> Asked:
    return Asked(clean(text), reader.read(clean(text)).asking)


def _measured(given: Sequence[Phrasing], questions: Sequence[Asked], seconds: float) -> list[Row]:
    """All techniques at the same time, each in its process; they answer in turn, so that noise falls upon all."""
    spawn = get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "phrasings.pickle"
        stored.write_bytes(pickle.dumps(list(given)))
        pipes, processes, built = {}, [], {}
        for technique in TECHNIQUES:
            pipes[technique], theirs = spawn.Pipe()
            processes.append(spawn.Process(target=work, args=(theirs, technique, stored)))
            processes[-1].start()
            built[technique] = pipes[technique].recv()  # one after the other: building fills the caches
    times = _in_turn(pipes, questions, seconds)
    hostile = {technique: list(_hostile(pipe, seconds)) for technique, pipe in pipes.items()}
    rows = [Row(name, _seconds(built[name]), times[name], hostile[name], _ended(pipes[name])) for name in TECHNIQUES]
    for process in processes:
        process.join()
    return rows


def _in_turn(pipes: dict, questions: Sequence[Asked], seconds: float) -> dict[str, list[Timed]]:
    """The questions in several passes; the time of each is the median, so that a moment's noise counts for nothing.

    In the first pass each technique answers until its time is over, in the others as many; the first block is asked
    twice, to warm up.
    """
    for pipe in pipes.values():
        _answers(pipe, questions[:2])
    passes = [_pass(pipes, questions, dict.fromkeys(pipes, len(questions)), seconds)]
    most = {technique: len(times) for technique, times in passes[0].items()}
    passes += [_pass(pipes, questions, most, math.inf) for _ in range(1, PASSES)]
    return {
        technique: [_middle(same) for same in zip(*(one[technique] for one in passes), strict=True)]
        for technique in pipes
    }


def _pass(pipes: dict, questions: Sequence[Asked], most: dict[str, int], seconds: float) -> dict[str, list[Timed]]:
    """Blocks of questions for each in turn, until it has had its most, or until its time is over."""
    times: dict[str, list[Timed]] = {technique: [] for technique in pipes}
    for at in range(0, len(questions), BLOCK):
        for technique, pipe in pipes.items():
            taken = times[technique]
            if at < most[technique] and (len(taken) < LEAST or _spent(taken) < 1000 * seconds):
                taken += _answers(pipe, questions[at : at + BLOCK])
    return times


def _spent(times: Sequence[Timed]) -> float:
    return sum(one.milliseconds for one in times)


def _middle(same: Sequence[Timed]) -> Timed:
    return same[0]._replace(milliseconds=median(one.milliseconds for one in same))


def _hostile(pipe: object, seconds: float) -> Iterator[float]:
    """The time of each hostile question: the median of five, or of one where that takes long."""
    spent = 0.0
    for text in HOSTILE:
        asked = Asked(clean(text), tuple(clean(text).lower().split()))
        took = [_answers(pipe, [asked])[0].milliseconds]
        spent += took[0]
        if took[0] < 200:
            took += [one.milliseconds for one in _answers(pipe, [asked] * 4)]
        yield median(took)
        if spent > 1000 * seconds:
            return


def _answers(pipe: object, block: Sequence[Asked]) -> list[Timed]:
    pipe.send(block)  # type: ignore[attr-defined]
    return pipe.recv()  # type: ignore[attr-defined,no-any-return]


def _ended(pipe: object) -> float:
    pipe.send(None)  # type: ignore[attr-defined]
    return pipe.recv()  # type: ignore[attr-defined,no-any-return]


def _seconds(built: Built) -> float:
    return built.seconds


def _table(rows: Sequence[Row], right: dict[str, float]) -> str:
    lines = [
        "| technique | asked | p50 ms | p99 ms | p50 to guidebot's | hostile, max ms | build s | peak MB | right % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    own = rows[0].times
    for row in rows:
        took = [one.milliseconds for one in row.times]
        ratio = median(took) / median(one.milliseconds for one in own[: len(took)])
        lines.append(
            f"| {row.technique} | {len(took)} | {median(took):.3f} | {_p99(took):.3f} | {ratio:.2f} "
            f"| {max(row.hostile):.2f} of {len(row.hostile)} | {row.built:.2f} | {row.megabytes:.0f} "
            f"| {f'{right[row.technique]:.1f}' if right else '–'} |"
        )
    return "\n".join(lines)


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))]


if __name__ == "__main__":
    main()
