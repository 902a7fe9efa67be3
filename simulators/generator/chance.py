"""Chance that can be asked in any order: the i-th word of a stream, without the ones before it.

Whole-number arithmetic only, so the same seed gives the same city on every machine. The mixing is
the finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
2014) over a counter.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.errors import BadInput

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

SEED_MAX: Final = 2**63 - 1
_MASK: Final = 2**64 - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB


class Stream(IntEnum):
    """What is drawn; each use of chance has a stream of its own."""

    TEMPLATE = 1
    NAME = 2
    EAST = 3
    NORTH = 4
    CITY = 5
    BASE = 6
    PHASE = 7
    PULSE = 8
    NOISE = 9


def words(seed: int, stream: Stream, index: ArrayLike) -> Words:
    """64 random bits for each index, shape of ``index`` (at least one dimension)."""
    at = np.atleast_1d(np.asarray(index)).astype(np.uint64)
    return mixed(np.uint64(_key(seed, stream)) + at * np.uint64(_GOLDEN))


def shares(seed: int, stream: Stream, index: ArrayLike) -> Floats:
    """A number in [0, 1) for each index."""
    high = words(seed, stream, index) >> np.uint64(11)
    return high.astype(np.float64) * 2.0**-53


def pick(seed: int, stream: Stream, index: int, count: int) -> int:
    """One of 0..count-1 for one index."""
    return int(words(seed, stream, index)[0] % np.uint64(count))


def mixed(counter: Words) -> Words:
    """Counters to random words; ``counter`` itself is used up."""
    counter ^= counter >> np.uint64(30)
    counter *= np.uint64(_FIRST)
    counter ^= counter >> np.uint64(27)
    counter *= np.uint64(_SECOND)
    counter ^= counter >> np.uint64(31)
    return counter


def sound_seed(seed: int) -> int:
    """The seed itself; BadInput for one that is negative or wider than 63 bits."""
    if not 0 <= seed <= SEED_MAX:
        raise BadInput(f"seed {seed} must be from 0 to {SEED_MAX}")
    return seed


def _key(seed: int, stream: Stream) -> int:
    return _mixed_int((_mixed_int(seed & _MASK) + stream * _GOLDEN) & _MASK)


def _mixed_int(word: int) -> int:
    word = ((word ^ (word >> 30)) * _FIRST) & _MASK
    word = ((word ^ (word >> 27)) * _SECOND) & _MASK
    return word ^ (word >> 31)
