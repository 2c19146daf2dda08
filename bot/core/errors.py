"""What can go wrong, as one tree.

GuidebotError
├── KnowledgeError      a file of knowledge/ can't be used; bears every problem found
├── SettingsError       a setting is missing or makes no sense
├── SchemaError         the database isn't at the version that this code needs
├── StoreError          the database could not do what was asked; nothing was half-written
├── DeliveryError       a message was not delivered, and may be tried again
│   ├── DeliveryRefused it never will be: trying again is useless
│   └── DeliveryMisconfigured  it will be once an operator has mended a setting
└── ActionError         a button's value that this bot never made
"""

from __future__ import annotations

from collections.abc import Sequence


class GuidebotError(Exception):
    """The root: whoever catches it may show its message to a person."""


class KnowledgeError(GuidebotError):
    """Knowledge that can't be used; `problems` holds one line for each thing to mend."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class SettingsError(GuidebotError):
    """A setting is missing or makes no sense; the message names it and says what to do, one line for each.

    `fields` are the settings that it is about, where it is known.
    """

    def __init__(self, reason: str, *, fields: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.fields = tuple(fields)


class SchemaError(GuidebotError):
    """The database's schema is not the one that this code needs."""


class StoreError(GuidebotError):
    """The database could not do what was asked."""


class DeliveryError(GuidebotError):
    """A message was not delivered; `after` is the number of seconds that the platform asked to wait.

    `doubtful` tells that it may have been delivered all the same: the other side never said.
    """

    def __init__(self, reason: str, *, after: float | None = None, doubtful: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.doubtful = doubtful


class DeliveryRefused(DeliveryError):  # noqa: N818 - a refusal is what it is; DeliveryError is its family
    """A message that will never be delivered as it is."""


class DeliveryMisconfigured(DeliveryError):  # noqa: N818 - it names the kind, as DeliveryRefused does
    """A message that the other side refuses for a reason that lies with our settings: password, certificate, TLS."""


class ActionError(GuidebotError):
    """A button's value that this bot never made."""
