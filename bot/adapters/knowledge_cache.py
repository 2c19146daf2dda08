"""The prepared knowledge kept on disk between starts: indexing it takes seconds, reading it back a fifth of one."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import pickle
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import bot.core
from bot.adapters.knowledge_marks import fingerprint
from bot.core.assistant import Prepared, prepare

LOG = logging.getLogger(__name__)

_PREFIX = "knowledge-"
_SHARED = stat.S_IWGRP | stat.S_IWOTH


def prepared(folder: Path, cache: Path | None) -> Prepared:
    """The knowledge base of a folder, ready for questions; raise KnowledgeError if it can't be used.

    What is kept is taken only where nothing changed since: neither a file of the knowledge nor the code that reads it.
    """
    if cache is None:
        return _made(folder)
    kept = cache / f"{_PREFIX}{_fingerprint(folder)}.pickle"
    if found := _read(kept):
        return found
    made = _made(folder)
    _write(kept, made)
    return made


def _made(folder: Path) -> Prepared:
    from bot.adapters import knowledge_files  # with what reads YAML, which a kept one needs not

    return prepare(knowledge_files.load(folder))


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256(fingerprint(folder, with_fit=True).encode())
    for source in sorted(Path(bot.core.__path__[0]).glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:32]


def _read(kept: Path) -> Prepared | None:
    """What the file holds, if this user alone can have written it: a pickle runs what it is told to."""
    try:
        with kept.open("rb") as file:
            owner = os.fstat(file.fileno())
            if owner.st_uid != os.getuid() or owner.st_mode & _SHARED:
                LOG.warning("%s may be written by others, and is not used", kept)
                return None
            with _without_collection():
                found = pickle.load(file)  # noqa: S301 - our own file, by the check above
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, TypeError):
        return None
    return found if isinstance(found, Prepared) else None


@contextmanager
def _without_collection() -> Iterator[None]:
    """Around the making of many objects that all stay: the garbage collector would look through them in vain."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _write(kept: Path, made: Prepared) -> None:
    """Keep it, whole or not at all, in the place of what was kept of older knowledge."""
    with suppress(OSError):  # a folder that can't be written costs time at the next start, and nothing else
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        older = list(kept.parent.glob(f"{_PREFIX}*.pickle"))
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            pickle.dump(made, file, protocol=pickle.HIGHEST_PROTOCOL)
        Path(file.name).replace(kept)
        for old in older:
            old.unlink(missing_ok=True)
