"""Many lists of numbers, each under a key, kept close together."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # numpy.typing takes hundredths of a second of a start
    from numpy.typing import NDArray

    Integers = NDArray[np.intp]
    Floats = NDArray[np.float64]
    Array = NDArray[Any]
else:
    Integers = Floats = Array = np.ndarray


class Lists:
    """Where the list of each key begins and ends in columns that hold all of them, sorted by key."""

    def __init__(self, sorted_keys: Integers, size: int) -> None:
        """For the keys (0 to `size`) of the items of all lists, in ascending order."""
        self._starts = array("L", np.searchsorted(sorted_keys, np.arange(size + 1)).tolist())

    def slices(self, keys: Iterable[int]) -> list[slice]:
        starts = self._starts
        return [slice(starts[key], starts[key + 1]) for key in keys]


def sizes(slices: Iterable[slice]) -> list[int]:
    return [one.stop - one.start for one in slices]


def gathered(table: Array, slices: Sequence[slice]) -> Array:
    """The lists of a table's rows, one behind the other, as columns."""
    return (np.concatenate([table[one] for one in slices]) if slices else table[:0]).T


def table(numbers: Integers, *columns: Floats) -> Array:
    """Whole numbers and what goes with them side by side, to be gathered at once; 16 million are the most."""
    return np.column_stack([numbers, *columns]).astype(np.float32)


def totals(keys: Array, values: Array, size: int) -> Floats:
    """What the values under each key (0 to `size`, whole numbers) add up to."""
    added: Floats = np.bincount(keys, values, size)  # type: ignore[assignment]  # declared for counts alone
    return added
