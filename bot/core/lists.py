"""Many short lists of numbers, kept close together."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Generic, TypeVar

N = TypeVar("N", int, float)


class Lists(Generic[N]):
    """Lists of numbers in one array, `items`: a tenth of the memory of lists, and read from a disk at once."""

    def __init__(self, items: array[N], lists: Iterable[Iterable[N]]) -> None:
        self.items: array[N] = items
        self._starts = array("I", [0])
        for one in lists:
            self.items.extend(one)
            self._starts.append(len(self.items))

    def __getitem__(self, number: int) -> array[N]:
        start, end = self.bounds(number)
        return self.items[start:end]

    def bounds(self, number: int) -> tuple[int, int]:
        """Where that list begins in `items`, and where it ends."""
        return self._starts[number], self._starts[number + 1]

    def size(self, number: int) -> int:
        return self._starts[number + 1] - self._starts[number]
