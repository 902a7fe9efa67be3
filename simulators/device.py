"""A group's sensors as columns: their ordinary life, what happens to them, and their lies.

A block of rows is made at a time. Noise is drawn row by row, so it does not depend on how many
rows a block has; lies are always given whole blocks, and what is beyond the end is cut off after.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shared.domain.quantity import to_canonical
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor
from simulators.channels import Flags, Floats, Lie, Stretch
from simulators.habits import NOISE_CUT, RESOLUTION, Habit, habit_of
from simulators.physics.gas import pumping_pulse
from simulators.zones import share_of

Ints = NDArray[np.int64]

NEVER_US: Final = -1
SECOND_US: Final = 1_000_000


@dataclass(frozen=True)
class Trace:
    """What a happening adds to one sensor: canonical units over scenario seconds; 0 outside."""

    times_s: Floats
    added: Floats

    def at(self, times_s: Floats) -> Floats:
        """The addition at some moments, linear between the given ones."""
        return np.interp(times_s, self.times_s, self.added, left=0.0, right=0.0)


@dataclass(frozen=True)
class Posts:
    """What became of the readings of a block that did not simply arrive; (rows, sensors) each."""

    sent: Flags
    late_us: Ints
    again_us: Ints
    """After the first sending; NEVER_US for none."""
    clock_us: Ints
    plain: Flags
    """(rows,) True where nothing of the above happened."""


@dataclass(frozen=True)
class Block:
    """Some rows of a group, in order."""

    times_us: Ints
    """(rows,) of the scenario."""
    shown: Floats
    """(rows, sensors) in the units the devices speak; nan for a broken number."""
    posts: Posts | None
    """None: every row is one message, sent when it is measured."""


class Device:
    """A group's columns: habits, units, resolution, and the traces and lies that touch it."""

    def __init__(
        self,
        registry: Registry,
        sensors: Sequence[Sensor],
        *,
        traces: Mapping[str, Trace],
        lies: Mapping[int, Sequence[Lie]],
        normal: Mapping[int, Any],
    ) -> None:
        """``lies`` and ``normal`` by column; ``normal`` maps times and hours to a whole column."""
        assets = [registry.assets[sensor.asset] for sensor in sensors]
        habits = [
            habit_of(asset.kind, sensor.quantity)
            for asset, sensor in zip(assets, sensors, strict=True)
        ]
        self._base = np.array([own_base(s, h) for s, h in zip(sensors, habits, strict=True)])
        self._swing = np.array([habit.swing for habit in habits])
        self._peak_hour = np.array([habit.peak_hour for habit in habits])
        self._noise = np.array([habit.noise for habit in habits])
        self._floor = np.array([habit.floor for habit in habits])
        self._pulse = np.array([habit.pulse for habit in habits])
        self._pulse_shift_s = np.array([1800.0 * share_of(asset.id) for asset in assets])
        scale = [device_scale(sensor) for sensor in sensors]
        self._factor = np.array([factor for factor, _ in scale])
        self._offset = np.array([offset for _, offset in scale])
        self._low = np.array([sensor.low for sensor in sensors])
        self._high = np.array([sensor.high for sensor in sensors])
        decimals = [decimals_of(s, f) for s, (f, _) in zip(sensors, scale, strict=True)]
        self._columns_of = {
            count: [i for i, own in enumerate(decimals) if own == count] for count in set(decimals)
        }
        self._traces = [(i, traces[s.id]) for i, s in enumerate(sensors) if s.id in traces]
        self._lies = lies
        self._normal = normal
        self._size = len(sensors)

    def block(self, times_us: Ints, hours: Floats, rng: np.random.Generator, *, rows: int) -> Block:
        """What the devices show at these moments, cut to the first ``rows`` of them."""
        times_s = times_us / SECOND_US
        true = self._true(times_s, hours)
        jitter = np.clip(rng.standard_normal(true.shape), -NOISE_CUT, NOISE_CUT)
        seen = np.maximum(true + self._noise * jitter, self._floor)
        shown = np.clip((seen - self._offset) / self._factor, self._low, self._high)
        posts = self._lied(times_s, shown) if self._lies else None
        for count, columns in self._columns_of.items():
            shown[:, columns] = np.round(shown[:, columns], count)
        return Block(times_us[:rows], shown[:rows], None if posts is None else _cut(posts, rows))

    def _true(self, times_s: Floats, hours: Floats) -> Floats:
        turn = 2 * np.pi * (hours[:, None] - self._peak_hour) / 24.0
        true = self._base + self._swing * np.cos(turn)
        if self._pulse.any():
            true += self._pulse * pumping_pulse(3600.0 * hours[:, None] + self._pulse_shift_s)
        for column, of in self._normal.items():
            true[:, column] = of(times_s, hours)
        for column, trace in self._traces:
            true[:, column] += trace.at(times_s)
        return np.asarray(true)

    def _lied(self, times_s: Floats, shown: Floats) -> Posts | None:
        """Let every lie at its column of ``shown``, and gather what became of the messages."""
        stretches = {}
        for column, lies in self._lies.items():
            factor, offset = self._factor[column], self._offset[column]
            stretch = Stretch(times_s, shown[:, column] * factor + offset)
            honest = stretch.values
            for lie in lies:
                lie(stretch)
            changed = stretch.values != honest  # nan differs from everything, so it is changed
            said = (stretch.values - offset) / factor
            shown[:, column] = np.where(changed, said, shown[:, column])
            stretches[column] = stretch
        return _posts(stretches, times_s.size, self._size)


def _posts(stretches: Mapping[int, Stretch], rows: int, size: int) -> Posts | None:
    sent = np.ones((rows, size), np.bool_)
    late_us, clock_us = np.zeros((2, rows, size), np.int64)
    again_us = np.full((rows, size), NEVER_US, np.int64)
    for column, stretch in stretches.items():
        sent[:, column] = stretch.sent
        late_us[:, column] = np.round(stretch.late_s * SECOND_US)
        clock_us[:, column] = np.round(stretch.clock_s * 1000.0) * 1000
        again = np.nan_to_num(np.round(stretch.again_s * SECOND_US), nan=NEVER_US)
        again_us[:, column] = again
    odd = ~sent | (late_us != 0) | (clock_us != 0) | (again_us != NEVER_US)
    plain = ~odd.any(axis=1)
    return None if plain.all() else Posts(sent, late_us, again_us, clock_us, plain)


def _cut(posts: Posts, rows: int) -> Posts:
    return Posts(
        posts.sent[:rows],
        posts.late_us[:rows],
        posts.again_us[:rows],
        posts.clock_us[:rows],
        posts.plain[:rows],
    )


def own_base(sensor: Sensor, habit: Habit) -> float:
    """The usual value of this very sensor."""
    return habit.base * (1.0 + habit.spread * (2.0 * share_of(sensor.id) - 1.0))


def device_scale(sensor: Sensor) -> tuple[float, float]:
    """Factor and offset with canonical = factor * device + offset."""
    offset = to_canonical(sensor.quantity, sensor.unit, 0.0)
    return to_canonical(sensor.quantity, sensor.unit, 1.0) - offset, offset


def decimals_of(sensor: Sensor, factor: float) -> int:
    """How many decimals its device shows, in its own unit."""
    return max(0, round(-math.log10(RESOLUTION[sensor.quantity] / factor)))


def canonical_of(sensors: Sequence[Sensor], shown: Floats) -> Floats:
    """Device values (rows, sensors) in canonical units, to the bit as ingest converts them."""
    canonical = np.empty_like(shown)
    for column, sensor in enumerate(sensors):
        own: Any = shown[:, column]
        canonical[:, column] = to_canonical(sensor.quantity, sensor.unit, own)
    return canonical


def fit_of(sensors: Sequence[Sensor], canonical: Floats) -> Flags:
    """Which canonical values (rows, sensors) ingest takes: numbers within the device's range."""
    low, high = (
        np.array([to_canonical(s.quantity, s.unit, getattr(s, end)) for s in sensors])
        for end in ("low", "high")
    )
    return np.asarray((canonical >= low) & (canonical <= high))
