"""One technique in a process of its own: builds when it starts, then answers blocks of questions until told to stop."""

from __future__ import annotations

import gc
import pickle
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from techniques import TECHNIQUES, Asked, Found


class Built(NamedTuple):
    seconds: float


class Timed(NamedTuple):
    milliseconds: float
    found: Found


def work(pipe: Connection, technique: str, phrasings: Path) -> None:
    given = pickle.loads(phrasings.read_bytes())  # noqa: S301 - the file that run.py has just written
    began = time.process_time()
    ready = TECHNIQUES[technique](given)
    pipe.send(Built(time.process_time() - began))
    del given
    ask = ready()
    gc.collect()
    gc.freeze()
    while (block := pipe.recv()) is not None:
        pipe.send([_timed(ask, asked) for asked in block])
    pipe.send(_peak_megabytes())


def _timed(ask: object, asked: Asked) -> Timed:
    began = time.process_time_ns()
    found = ask(asked)  # type: ignore[operator]
    return Timed((time.process_time_ns() - began) / 1e6, found)


def _peak_megabytes() -> float:
    """The most that the process ever held: Linux's high-water mark, which bears nothing of its parent."""
    lines: Sequence[str] = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
