"""What a person types into the form of a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody gave, as they call it. `ref` is how its platform finds it: an id, a path.

    One that the draft holds already has no `ref`: `kept` is its id in the store. `size` is what the platform tells of
    it, or 0.
    """

    name: str
    ref: str = ""
    size: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, as it was typed. `copy_regional` is a contact's mail address or a place, or empty.

    `files` are all that the report is to have.
    """

    link: str = ""
    said: str = ""
    seen: str = ""
    urgent: bool = False
    copy_me: bool = False
    copy_regional: str = ""
    files: tuple[Upload, ...] = ()
