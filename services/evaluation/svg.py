"""Charts as SVG text: axes, lines, bands, dots and marks, and nothing that depends on a machine.

Colours are classes, so the page decides them, in light and in dark. The same input gives the same
bytes: coordinates have two decimals and nothing has an id of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final, TypeAlias

Points: TypeAlias = Sequence[tuple[float, float]]

WIDTH: Final = 640
HEIGHT: Final = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 14, 40
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS: Final = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis: from ``low`` to ``high``, straight or logarithmic."""

    low: float
    high: float
    label: str
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high one; cut at both."""
        low, high, here = self.low, self.high, value
        if self.log:
            low, high = math.log10(low), math.log10(high)
            here = math.log10(max(value, self.low))
        return min(1.0, max(0.0, (here - low) / ((high - low) or 1.0)))

    def ticks(self) -> list[float]:
        """Round values along it."""
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            return [10.0**power for power in range(first, last + 1)]
        rough = (self.high - self.low) / _TICKS or 1.0
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * one for one in _STEPS if unit * one >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        count = math.floor(self.high / step + 1e-9) - first + 1
        return [(first + number) * step for number in range(count)]


def linear(values: Sequence[float], label: str, *, zero: bool = False) -> Scale:
    """A straight axis around some values with a little air; ``zero`` begins it at 0."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if zero:
        low = min(0.0, low)
    air = 0.05 * (high - low) or max(abs(high) * 0.1, 0.5)
    return Scale(low if zero else low - air, high + air, label)


def logarithmic(values: Sequence[float], label: str) -> Scale:
    """A logarithmic axis from one power of ten to another; what is not above 0 lies at its foot."""
    above = [value for value in values if value > 0]
    low = math.floor(math.log10(min(above, default=1.0)))
    high = math.ceil(math.log10(max(above, default=10.0)))
    return Scale(10.0**low, 10.0 ** max(high, low + 1), label, log=True)


@dataclass(slots=True)
class Chart:
    """A drawing over two axes."""

    x: Scale
    y: Scale
    title: str
    """What it shows, for those who cannot see it."""
    width: int = WIDTH
    height: int = HEIGHT
    _parts: list[str] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies on the drawing."""
        across = _LEFT + self.x.share(x) * (self.width - _LEFT - _RIGHT)
        down = self.height - _BOTTOM - self.y.share(y) * (self.height - _TOP - _BOTTOM)
        return across, down

    def line(self, points: Points, look: str) -> None:
        if points:
            self._parts.append(f'<path class="{look}" d="{self._path(points)}"/>')

    def steps(self, points: Points, look: str) -> None:
        """A line that keeps its height until the next point."""
        corners: list[tuple[float, float]] = []
        for x, y in points:
            if corners:
                corners.append((x, corners[-1][1]))
            corners.append((x, y))
        self.line(corners, look)

    def band(self, edges: Sequence[tuple[float, float, float]], look: str) -> None:
        """The area between lower and upper ends."""
        if edges:
            there = [(x, high) for x, _, high in edges]
            back = [(x, low) for x, low, _ in reversed(edges)]
            self._parts.append(f'<path class="{look}" d="{self._path([*there, *back])}Z"/>')

    def dots(self, points: Points, look: str, *, radius: float = 3.0) -> None:
        for x, y in points:
            across, down = self.at(x, y)
            self._parts.append(
                f'<circle class="{look}" cx="{across:.2f}" cy="{down:.2f}" r="{radius:g}"/>'
            )

    def span(self, first: float, last: float, look: str) -> None:
        """Everything between two places of the x axis."""
        left, right = self.at(first, 0)[0], self.at(last, 0)[0]
        self._parts.append(
            f'<rect class="{look}" x="{left:.2f}" y="{_TOP}" '
            f'width="{max(right - left, 0.5):.2f}" height="{self.height - _TOP - _BOTTOM}"/>'
        )

    def across(self, y: float, look: str, words: str = "") -> None:
        """A level line, if it lies on the drawing."""
        if self.y.low <= y <= self.y.high:
            self.line([(self.x.low, y), (self.x.high, y)], look)
            place, down = self.at(self.x.high, y)
            self._parts.append(_text(place - 2, down - 3, words, "end", look=f"{look} words"))

    def mark(self, x: float, look: str, words: str = "") -> None:
        """An upright line."""
        place = self.at(x, 0)[0]
        foot = self.height - _BOTTOM
        self._parts.append(
            f'<path class="{look}" d="M{place:.2f} {_TOP}V{foot}"><title>{escape(words)}'
            "</title></path>"
        )

    def svg(self) -> str:
        """The whole drawing."""
        box = f"0 0 {self.width} {self.height}"
        inner = "".join([*self._axes(), *self._parts])
        return (
            f'<svg class="chart" viewBox="{box}" role="img" aria-label="{escape(self.title)}">'
            f"{inner}</svg>"
        )

    def _path(self, points: Points) -> str:
        places = [self.at(x, y) for x, y in points]
        return "M" + "L".join(f"{across:.2f} {down:.2f}" for across, down in places)

    def _axes(self) -> list[str]:
        foot, right = self.height - _BOTTOM, self.width - _RIGHT
        parts = []
        for value in self.x.ticks():
            place = self.at(value, self.y.low)[0]
            parts.append(f'<path class="grid" d="M{place:.2f} {_TOP}V{foot}"/>')
            parts.append(_text(place, foot + 15, spelled(value), "middle"))
        for value in self.y.ticks():
            down = self.at(self.x.low, value)[1]
            parts.append(f'<path class="grid" d="M{_LEFT} {down:.2f}H{right}"/>')
            parts.append(_text(_LEFT - 5, down + 4, spelled(value), "end"))
        parts.append(f'<path class="axis" d="M{_LEFT} {_TOP}V{foot}H{right}"/>')
        middle = (_LEFT + right) / 2
        parts.append(_text(middle, self.height - 6, self.x.label, "middle", look="label"))
        upright = f"translate(12 {(_TOP + foot) / 2:.2f}) rotate(-90)"
        parts.append(
            f'<text class="label" text-anchor="middle" transform="{upright}">'
            f"{escape(self.y.label)}</text>"
        )
        return parts


def spelled(value: float) -> str:
    """A number as short as it can be said."""
    text = f"{value:.6g}"
    return "0" if float(text) == 0 else text


def _text(x: float, y: float, words: str, anchor: str, *, look: str = "tick") -> str:
    if not words:
        return ""
    return (
        f'<text class="{look}" x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )
