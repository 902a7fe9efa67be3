"""The Numenta Anomaly Benchmark's scoring, from its published description.

A window of a labelled anomaly counts its best detected row, the earlier the better; each row
detected outside one costs, the less the closer behind a window it lies. The first rows of a series
are not judged. One threshold serves all series: the best there is for a profile.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

STEEPNESS = 5.0
PROBATION_SHARE = 0.15
PROBATION_MAX = 750
FAR = 3.0
"""Window widths behind a window from which a false alarm costs in full."""


@dataclass(frozen=True)
class Profile:
    hit: float
    false: float
    miss: float


PROFILES = {
    "standard": Profile(1.0, 0.11, 1.0),
    "reward_low_FP_rate": Profile(1.0, 0.22, 1.0),
    "reward_low_FN_rate": Profile(1.0, 0.11, 2.0),
}


@dataclass(frozen=True)
class Series:
    """One series: times in microseconds, windows as first and last row."""

    key: str
    at: np.ndarray
    values: np.ndarray
    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Worth:
    """What detecting each judged row is worth before weights: its window (-1: none) and value."""

    probation: int
    window: np.ndarray
    value: np.ndarray
    windows: int


def read_series(data: Path, labels: Path, *, only: Sequence[str] = ()) -> list[Series]:
    """Every series that the labels name and the folder holds; ``only`` picks folders."""
    windows: Mapping[str, list[list[str]]] = json.loads(labels.read_text())
    found = []
    for key, spans in windows.items():
        if (only and key.split("/")[0] not in only) or not (data / key).exists():
            continue
        with (data / key).open(newline="") as file:
            rows = list(csv.DictReader(file))
        at = np.array([microseconds(row["timestamp"]) for row in rows], np.int64)
        placed = []
        for first, last in spans:
            inside = np.flatnonzero((at >= microseconds(first)) & (at <= microseconds(last)))
            placed.append((int(inside[0]), int(inside[-1])))
        values = np.array([float(row["value"]) for row in rows])
        found.append(Series(key, at, values, tuple(placed)))
    return found


def microseconds(text: str) -> int:
    return int(datetime.fromisoformat(text[:19]).replace(tzinfo=UTC).timestamp()) * 1_000_000


def worth(length: int, windows: Sequence[tuple[int, int]]) -> Worth:
    """What each row of a series of that length is worth."""
    row = np.arange(length)
    value, window = np.full(length, -1.0), np.full(length, -1)
    for number, (first, last) in enumerate(windows):
        inside = (row >= first) & (row <= last)
        value[inside] = sigmoid((row[inside] - last - 1) / (last - first + 1)) / sigmoid(-1.0)
        window[inside] = number
        following = windows[number + 1][0] if number + 1 < len(windows) else length
        behind = (row > last) & (row < following)
        place = (row[behind] - last) / (last - first) if last > first else np.inf
        value[behind] = np.where(place > FAR, -1.0, sigmoid(np.minimum(place, FAR)))
    probation = min(int(PROBATION_SHARE * length), PROBATION_MAX)
    return Worth(probation, window, value, len(windows))


def sigmoid(place: np.ndarray | float) -> np.ndarray:
    return np.asarray(2.0 / (1.0 + np.exp(STEEPNESS * np.asarray(place))) - 1.0)


def gains(
    worths: Sequence[Worth], scores: Sequence[np.ndarray], profile: Profile
) -> tuple[np.ndarray, np.ndarray]:
    """Judged scores, highest first, and what lowering the threshold past each of them gains."""
    levels, steps = [], []
    for judged, score in zip(worths, scores, strict=True):
        said = np.nan_to_num(score[judged.probation :])
        window, value = judged.window[judged.probation :], judged.value[judged.probation :]
        order = np.argsort(-said, kind="stable")
        said, window, value = said[order], window[order], value[order]
        step = np.where(window < 0, profile.false * value, 0.0)
        for number in range(judged.windows):
            inside = np.flatnonzero(window == number)
            best = np.maximum.accumulate(profile.hit * value[inside])
            step[inside] = np.diff(best, prepend=-profile.miss)
        levels.append(said)
        steps.append(step)
    level, step = np.concatenate(levels), np.concatenate(steps)
    order = np.argsort(-level, kind="stable")
    return level[order], step[order]


def best_threshold(
    worths: Sequence[Worth], scores: Sequence[np.ndarray], profile: Profile
) -> tuple[float, float]:
    """The normalised score (silent 0, perfect 100) at the best threshold, and that threshold."""
    level, step = gains(worths, scores, profile)
    total = np.cumsum(step)
    # A threshold takes all rows of its score or none.
    total[:-1][level[1:] == level[:-1]] = -np.inf
    best = int(np.argmax(total))
    if total[best] <= 0.0:
        return 0.0, float("inf")
    return normalised(float(total[best]), worths, profile), float(level[best])


def at_threshold(
    worths: Sequence[Worth], scores: Sequence[np.ndarray], profile: Profile, threshold: float
) -> float:
    """What is gained over silence at this threshold, not normalised."""
    level, step = gains(worths, scores, profile)
    return float(step[level >= threshold].sum())


def normalised(gained: float, worths: Sequence[Worth], profile: Profile) -> float:
    windows = sum(judged.windows for judged in worths)
    return 100.0 * gained / ((profile.hit + profile.miss) * max(windows, 1))


def leave_one_folder_out(
    series: Sequence[Series], worths: Sequence[Worth], scores: Sequence[np.ndarray]
) -> float:
    """The standard score where each folder is judged at the threshold best for all the others."""
    profile, gained = PROFILES["standard"], 0.0
    folder = np.array([one.key.split("/")[0] for one in series])
    for held in sorted(set(folder)):
        kept, left = np.flatnonzero(folder != held), np.flatnonzero(folder == held)
        _, threshold = best_threshold([worths[i] for i in kept], [scores[i] for i in kept], profile)
        gained += at_threshold(
            [worths[i] for i in left], [scores[i] for i in left], profile, threshold
        )
    return normalised(gained, worths, profile)
