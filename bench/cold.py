"""`guidebot ask` from a cold start: a new process for each question, with and without the index that it keeps."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

from bot.settings import ROOT

STARTS = 5


def cold_starts() -> str:
    with tempfile.TemporaryDirectory() as folder:
        first = _start(folder)
        kept = [_start(folder) for _ in range(STARTS)]
    wall, cpu = (median(times) for times in zip(*kept, strict=True))
    return (
        f"guidebot ask, a new process: {wall:.2f} s ({cpu:.2f} s of CPU), median of {STARTS}; "
        f"the first after a change, which indexes anew: {first[0]:.2f} s ({first[1]:.2f} s of CPU)"
    )


def _start(cache: str) -> tuple[float, float]:
    """Seconds by the clock and of CPU."""
    command = [sys.executable, "-m", "bot", "ask", "c'est quoi un hashtag ?"]
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True, env={**os.environ, "CACHE_DIR": cache})  # noqa: S603
    took, after = time.perf_counter() - began, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return took, spent
