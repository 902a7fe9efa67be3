"""The detector's work list: what was not called in time, over all seeds, each with its cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.evaluation.causes import kind_of
from services.evaluation.model import Judged, Run, Verdict

_WANTING = frozenset({Verdict.MISSED, Verdict.LATE, Verdict.BROKEN})


@dataclass(frozen=True, slots=True)
class Miss:
    """One truth of one scenario that was not met under some seeds."""

    family: str
    scenario: str
    truth: str
    what: str
    level: str | None
    seeds: tuple[int, ...]
    of: int
    """Seeds it was tried under."""
    kinds: dict[str, int]
    """Causes by kind, the most frequent first."""
    example: str
    """The cause under the first of these seeds, in full."""


@dataclass(frozen=True, slots=True)
class Nuisance:
    """False alarms of one asset and hazard in one scenario."""

    scenario: str
    hazard: str
    sensor: str
    level: str
    code: str
    cause: str
    count: int
    seeds: int


def misses_of(runs: Sequence[Run], configuration: str) -> tuple[Miss, ...]:
    """In the order of family, scenario and file."""
    found: dict[tuple[str, str, str], list[tuple[int, Judged]]] = {}
    families: dict[str, str] = {}
    for run in runs:
        if run.configuration == configuration:
            families[run.scenario] = run.family
            for one in run.judged:
                key = (run.family, run.scenario, one.truth)
                found.setdefault(key, []).append((run.seed, one))
    listed = [_miss(key, tried) for key, tried in found.items()]
    return tuple(sorted((one for one in listed if one), key=lambda one: one.family))


def _miss(key: tuple[str, str, str], tried: Sequence[tuple[int, Judged]]) -> Miss | None:
    wanting = [(seed, one) for seed, one in tried if one.verdict in _WANTING]
    if not wanting:
        return None
    first = wanting[0][1]
    kinds = Counter(kind_of(one.cause) or one.verdict.value for _, one in wanting)
    return Miss(
        *key,
        what=first.what,
        level=first.level,
        seeds=tuple(seed for seed, _ in wanting),
        of=len(tried),
        kinds=dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))),
        example=first.cause or first.verdict.value,
    )


def nuisances_of(runs: Sequence[Run], configuration: str) -> tuple[Nuisance, ...]:
    """The most frequent first."""
    found: dict[tuple[str, str, str, str, str, str], list[int]] = {}
    for run in runs:
        if run.configuration == configuration:
            for one in run.false:
                # How long before the happening it came differs by seed and says nothing here.
                cause = "before anything happened there" if " s before " in one.cause else one.cause
                key = (run.scenario, one.hazard, one.sensor, one.level, one.code, cause)
                found.setdefault(key, []).append(run.seed)
    listed = [Nuisance(*key, len(seeds), len(set(seeds))) for key, seeds in found.items()]
    return tuple(sorted(listed, key=lambda one: -one.count))
