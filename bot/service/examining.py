"""Runs checks side by side: each bounded in time, none hiding another."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from bot.core.errors import GuidebotError
from bot.core.findings import Check, Examined, wrong

CHECK_SECONDS = 10.0


async def examine(
    checks: Mapping[str, Check], *, seconds: float = CHECK_SECONDS, unhurried: Collection[str] = ()
) -> Sequence[Examined]:
    """What the checks find, by area, in their order.

    Those of the `unhurried` areas wait for nobody else, but keep the processor busy: they come after the others.
    """
    hurried = {area: check for area, check in checks.items() if area not in unhurried}
    found = await asyncio.gather(*(_examined(area, check, seconds) for area, check in hurried.items()))
    found += [await _examined(area, checks[area], None) for area in unhurried]
    order = list(checks)
    return sorted(found, key=lambda one: order.index(one.area))


async def _examined(area: str, check: Check, seconds: float | None) -> Examined:
    try:
        async with asyncio.timeout(seconds):
            return Examined(area, tuple(await check()))
    except TimeoutError:
        said = f"no answer within {seconds:g} seconds" if seconds else "no answer"
        return Examined(area, (wrong(said, "is a firewall, a proxy or a wrong address in the way?"),))
    except GuidebotError as error:
        return Examined(area, (wrong(str(error), "mend what it names, and ask again"),))
    except Exception as error:  # noqa: BLE001 - whatever one check stumbles over, the others are told
        return Examined(area, (wrong(f"the check itself failed: {type(error).__name__}", "please report it"),))
