"""How figures are written for people: rounded to what can be told apart, with their interval."""

from __future__ import annotations

from typing import Final

from services.evaluation.intervals import Figure
from services.evaluation.stats import FIGURES, Definition

NOTHING: Final = "–"
_BY_NAME: Final = {definition.name: definition for definition in FIGURES}
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86_400.0


def value_of(name: str, value: float | None) -> str:
    """One value of a figure, in its unit; a dash for none."""
    return NOTHING if value is None else _written(_BY_NAME[name], value)


def figure_of(name: str, figure: Figure) -> str:
    """A figure with its interval where it has one."""
    if figure.value is None:
        return NOTHING
    here = value_of(name, figure.value)
    if figure.low is None or figure.high is None:
        return here
    return f"{here} ({_bare(name, figure.low)} to {_bare(name, figure.high)})"


def difference_of(name: str, by: float | None) -> str:
    """Signed; a dash where there is nothing to compare."""
    if by is None:
        return NOTHING
    sign = "+" if by > 0 else "−" if by < 0 else "±"
    return f"{sign}{value_of(name, abs(by))}"


def _written(definition: Definition, value: float) -> str:
    if definition.unit == "share":
        return f"{100 * value:.1f} %"
    if definition.unit == "s":
        return span_of(value)
    if definition.unit == "m":
        return f"{value:.0f} m"
    if definition.unit == "min":
        return f"{value:.1f} min"
    return f"{value:.3g}"


def _bare(name: str, value: float) -> str:
    return _written(_BY_NAME[name], value).removesuffix(" %")


def span_of(seconds: float) -> str:
    """A time as people say it: seconds, minutes and seconds, hours, or days."""
    sign, left = ("−", -seconds) if seconds < 0 else ("", seconds)
    if left < 120:  # noqa: PLR2004 - two minutes are still counted in seconds
        return f"{sign}{left:.0f} s"
    if left < _HOUR_S:
        return f"{sign}{left // 60:.0f} min {left % 60:.0f} s"
    if left < 2 * _DAY_S:
        return f"{sign}{left / _HOUR_S:.1f} h"
    return f"{sign}{left / _DAY_S:.1f} d"
