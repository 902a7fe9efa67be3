"""Who else stands on a multivariate scoreboard: those that need no skill at all.

Each contender sees the times and values of one file and how many of its first rows are healthy,
and says for every later row whether it is in alarm.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.scoring.multivariate import score_table

Times: TypeAlias = NDArray[np.datetime64]
Values: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Contender: TypeAlias = Callable[[Times, Values, int], Flags]
SEED = 20260101
FLIP_S = 60


def data_folder() -> Path:
    """Where labelled data lies unless the command line says otherwise."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get("TOCSIN_DATA_DIR", beside))


def silent(times: Times, _values: Values, learn: int) -> Flags:
    return np.zeros(times.size - learn, np.bool_)


def coin_toss(times: Times, _values: Values, learn: int) -> Flags:
    rng = np.random.default_rng(SEED + times.size)
    return rng.random(times.size - learn) < 0.5


def always(times: Times, _values: Values, learn: int) -> Flags:
    return np.ones(times.size - learn, np.bool_)


def each_minute(times: Times, _values: Values, learn: int) -> Flags:
    """Alarm and calm in turn, a minute each: how little a change-point mark may mean."""
    later = (times[learn:] - times[learn]) / np.timedelta64(1, "s")
    flips: Flags = (later // FLIP_S).astype(np.int64) % 2 == 1
    return flips


def threshold(_times: Times, values: Values, learn: int) -> Flags:
    """Any channel outside what it showed while learning."""
    low, high = values[:learn].min(axis=0), values[:learn].max(axis=0)
    outside: Flags = ((values[learn:] < low) | (values[learn:] > high)).any(axis=1)
    return outside


def tocsin(times: Times, values: Values, learn: int) -> Flags:
    return score_table(times, values, learn_only=learn).alarm[learn:]


EACH_MINUTE: dict[str, Contender] = {"each-minute": each_minute}
"""Stands where change points are marked."""
CONTENDERS: dict[str, Contender] = {
    "silent": silent,
    "coin-toss": coin_toss,
    "threshold": threshold,
    "always": always,
    "tocsin": tocsin,
}
