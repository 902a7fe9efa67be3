"""The published marks of two multivariate benchmarks, written out from their definitions.

SKAB: F1, false alarm rate and missed alarm rate pooled over the files; change points by the
benchmark's own version of the NAB score, windows of 60 s to the right of each change.
BATADAL (Taormina et al. 2018): S = 0.5 S_TTD + 0.5 S_CM.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
PROFILES = {
    "standard": (1.0, -0.11, -1.0),
    "low_fp": (1.0, -0.22, -1.0),
    "low_fn": (1.0, -0.11, -2.0),
}
"""Reward of a hit, cost of a false point, cost of a miss."""
STEPS = 1000
"""The benchmark reads its reward from a table of that many points, from -pi/2 to pi/2."""


class Points(NamedTuple):
    f1: float
    false_alarms: float
    """Share of healthy rows in alarm."""
    missed: float
    """Share of faulty rows not in alarm."""


class Changes(NamedTuple):
    standard: float
    low_fp: float
    low_fn: float
    missed: int
    false: int


def points(truth: Sequence[Flags], said: Sequence[Flags]) -> Points:
    true, alarm = np.concatenate(list(truth)), np.concatenate(list(said))
    hit, false = int((true & alarm).sum()), int((~true & alarm).sum())
    missed, calm = int((true & ~alarm).sum()), int((~true & ~alarm).sum())
    return Points(
        f1=hit / max(hit + (missed + false) / 2.0, 1.0),
        false_alarms=false / max(false + calm, 1),
        missed=missed / max(hit + missed, 1),
    )


def turns(alarm: Flags) -> Flags:
    """Change points as the benchmark takes them from an alarm: where it turns, and a first yes."""
    return np.diff(alarm.astype(np.int8), prepend=np.int8(0)) != 0


def changes(
    times: Sequence[NDArray[np.datetime64]],
    truth: Sequence[Flags],
    said: Sequence[Flags],
    *,
    seconds: int = 60,
) -> Changes:
    hits: list[float] = []
    missed = false = 0
    for at, true, alarm in zip(times, truth, said, strict=True):
        told = at[turns(alarm)]
        inside = np.zeros(told.size, np.bool_)
        for begin, end in _spans(at[true], seconds):
            within = (told >= begin) & (told <= end)
            inside |= within
            if within.any():
                hits.append(float((told[within][0] - begin) / (end - begin)))
            else:
                missed += 1
        false += int((~inside).sum())
    marks = [_mark(profile, hits, missed, false) for profile in PROFILES.values()]
    return Changes(*marks, missed=missed, false=false)


def _spans(at: NDArray[np.datetime64], seconds: int) -> list[tuple[np.datetime64, np.datetime64]]:
    """A window behind each change; where two overlap the later begins when the earlier ends."""
    spans: list[tuple[np.datetime64, np.datetime64]] = []
    for moment in at:
        begin = max(moment, spans[-1][1]) if spans else moment
        spans.append((begin, moment + np.timedelta64(seconds, "s")))
    return spans


def _mark(
    profile: tuple[float, float, float], hits: Sequence[float], missed: int, false: int
) -> float:
    hit, false_point, miss = profile
    total = len(hits) + missed
    if not total:
        return 0.0
    raw = false_point * false + miss * missed
    for share in hits:
        step = min(int(share * STEPS), STEPS - 1)
        x = -math.pi / 2 + math.pi * step / (STEPS - 1)
        fall = math.tanh(x) / math.tanh(math.pi / 2)
        raw += (hit + false_point) / 2 - (hit - false_point) / 2 * fall
    return 100.0 * (raw - miss * total) / (hit * total - miss * total)


class Attacks(NamedTuple):
    s: float
    s_ttd: float
    s_cm: float
    true_positive: float
    true_negative: float
    found: int
    hours: tuple[int, ...]
    """Rows until each attack was seen; its length if never."""


def attacks(truth: Flags, alarm: Flags) -> Attacks:
    edges = np.flatnonzero(np.diff(truth.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    hours, shares = [], []
    for begin, end in edges.tolist():
        seen = np.flatnonzero(alarm[begin:end])
        hours.append(int(seen[0]) if seen.size else end - begin)
        shares.append(hours[-1] / (end - begin))
    s_ttd = 1.0 - float(np.mean(shares))
    positive = float((truth & alarm).sum() / truth.sum())
    negative = float((~truth & ~alarm).sum() / (~truth).sum())
    s_cm = 0.5 * (positive + negative)
    return Attacks(
        s=0.5 * (s_ttd + s_cm),
        s_ttd=s_ttd,
        s_cm=s_cm,
        true_positive=positive,
        true_negative=negative,
        found=sum(share < 1.0 for share in shares),
        hours=tuple(hours),
    )
