"""What a person types into the form of a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, as it was typed. `copy_regional` is a contact's mail address or a place, or empty."""

    link: str = ""
    said: str = ""
    seen: str = ""
    urgent: bool = False
    copy_me: bool = False
    copy_regional: str = ""
