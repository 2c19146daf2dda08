"""By what one sees that the files of a knowledge base changed, without reading what they say."""

from __future__ import annotations

import hashlib
from pathlib import Path

TOWNS = "communes.tsv"
FIT = "fit.json"


def fingerprint(folder: Path, *, with_fit: bool = False) -> str:
    """A hash of all the files in a fixed order, the one that a command writes only if asked for."""
    names = (*sorted(path.name for path in folder.glob("*.yaml")), TOWNS, *([FIT] if with_fit else []))
    digest = hashlib.sha256()
    for path in (folder / name for name in names):
        digest.update(path.name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b"") + b"\0")
    return digest.hexdigest()


def stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time of change and size of each file: cheap to compare, to see that somebody edited one."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".tsv", ".json"})
    return tuple((path.name, (stat := path.stat()).st_mtime_ns, stat.st_size) for path in paths)
