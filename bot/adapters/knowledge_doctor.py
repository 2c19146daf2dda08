"""Is what the bot knows whole, sound, and what its weights were fitted to?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bot.adapters import knowledge_files
from bot.adapters.knowledge_marks import FIT
from bot.core.findings import Finding, ok, warning, wrong


def examine_knowledge(folder: Path, today: date) -> Sequence[Finding]:
    if not folder.is_dir():
        return [wrong(f"there is no folder {folder}", "set KNOWLEDGE_DIR, or leave it unset for the shipped one")]
    problems, warnings = knowledge_files.check(folder, today=today)
    if problems:
        said = f"{len(problems)} problems, and the bot doesn't start with them; the first: {problems[0]}"
        return [wrong(said, "`guidebot knowledge check` lists all of them")]
    stale = [one for one in warnings if one.file == FIT]
    found = [ok(f"sound, in {folder}")]
    if stale:
        said = "the files changed since the weights of the matching were fitted to them; it answers, less well"
        found.append(warning(said, "`guidebot knowledge fit`"))
    if overdue := len(warnings) - len(stale):
        found.append(warning(f"{overdue} entries are to be reviewed", "`guidebot knowledge check` lists them"))
    return found
