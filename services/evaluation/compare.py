"""Two configurations over the same messages, side by side.

Both heard exactly the same readings, so a difference is theirs and not chance's; whether it would
hold for other seeds is what the intervals say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.evaluation.intervals import Figure
from services.evaluation.model import Judged, Result
from services.evaluation.stats import FIGURES, Summary, by_family, by_scenario, total

SAME: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Difference:
    key: str
    figure: str
    first: Figure
    second: Figure

    @property
    def by(self) -> float | None:
        """Second minus first; None where either says nothing."""
        if self.first.value is None or self.second.value is None:
            return None
        return self.second.value - self.first.value

    @property
    def same(self) -> bool:
        by = self.by
        if by is None:
            return self.first.value is None and self.second.value is None
        return abs(by) <= SAME


@dataclass(frozen=True, slots=True)
class Turned:
    """A truth that fares otherwise."""

    scenario: str
    seed: int
    truth: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Comparison:
    first: str
    second: str
    differences: tuple[Difference, ...]
    """Of everything, then of each family, then of each scenario; same or not."""
    turned: tuple[Turned, ...]


def compare(result: Result) -> Comparison | None:
    """The first two configurations of a result; None where there is only one."""
    names = result.configurations[:2]
    if len(names) < len(("first", "second")):
        return None
    first, second = names
    pairs = list(zip(_summaries(result, first), _summaries(result, second), strict=True))
    differences = tuple(
        Difference(one.key, definition.name, one.figures[definition.name],
                   other.figures[definition.name])
        for one, other in pairs
        for definition in FIGURES
    )  # fmt: skip
    return Comparison(first, second, differences, _turned(result, first, second))


def _summaries(result: Result, configuration: str) -> list[Summary]:
    runs = result.runs
    return [
        total(runs, configuration),
        *by_family(runs, configuration),
        *by_scenario(runs, configuration),
    ]


def _turned(result: Result, first: str, second: str) -> tuple[Turned, ...]:
    before, after = _verdicts(result, first), _verdicts(result, second)
    return tuple(
        Turned(*key, one.verdict.value, after[key].verdict.value)
        for key, one in before.items()
        if after[key].verdict is not one.verdict
    )


def _verdicts(result: Result, configuration: str) -> dict[tuple[str, int, str], Judged]:
    return {
        (run.scenario, run.seed, one.truth): one
        for run in result.runs
        if run.configuration == configuration
        for one in run.judged
    }
