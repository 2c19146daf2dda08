"""What becomes of a letter that was not delivered; decisions as functions of what is known."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.errors import DeliveryError, DeliveryMisconfigured, DeliveryRefused

SHORTEST_WAIT, LONGEST_WAIT = 2.0, 90.0  # seconds
LONGEST_ASKED = 900.0  # seconds that a platform may ask us to wait
RETRY_FOR = timedelta(days=5)
LATE_AFTER = timedelta(minutes=15)  # whoever reports is told to phone by then

_DOUBLINGS = 10  # more of them change nothing


def wait(attempts: int, chance: float) -> float:
    """Seconds until the next try after so many: doubling, never above LONGEST_WAIT.

    `chance` (0 to 1) takes away up to half: those that failed together don't come back together.
    """
    longest = min(LONGEST_WAIT, SHORTEST_WAIT * 2.0 ** min(max(attempts, 1) - 1, _DOUBLINGS))
    return longest * (1 - chance / 2)


def retry_at(
    error: DeliveryError, *, attempts: int, created_at: datetime, now: datetime, chance: float
) -> datetime | None:
    """When to try again; None where that is useless: the letter is dead.

    What the operators can mend (a rotated password) kills no letter, however long it takes them.
    """
    if isinstance(error, DeliveryRefused):
        return None
    if not isinstance(error, DeliveryMisconfigured) and now - created_at >= RETRY_FOR:
        return None
    return now + timedelta(seconds=max(wait(attempts, chance), min(error.after or 0.0, LONGEST_ASKED)))
