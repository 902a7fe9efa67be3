"""What every device of a city would show: the arithmetic of a tick, columns in, columns out.

A device shows base + swing x rhythm + pulse + noise, in steps of what it can resolve. Noise is
the sum of four uniform 16-bit numbers, close to a bell and bounded like it is cut (Irwin-Hall);
it depends on the city's seed, the sensor and the count of its own readings, on nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.domain.quantity import to_canonical
from simulators.generator.chance import Stream, Words, mixed, shares, words
from simulators.generator.columns import CityColumns
from simulators.generator.devices import DEVICES, Device
from simulators.generator.rhythms import DEMAND, LOSS, PULSE_S, Rhythms, rhythm_of
from simulators.habits import NOISE_CUT, RESOLUTION, Habit, habit_of
from simulators.physics.water import MPA_PER_M

Floats = NDArray[np.float64]

HEAD_M: Final = 38.5
"""Static head of a pressure zone at ground of middling height."""
GROUND_M: Final = 1.5
"""How far ground lies above or below that."""
LOSS_PER_M: Final = 0.003
"""Head lost per metre of main at mean demand: mains are bought for about that."""
NODE_LS: Final = 6.5
"""Mean demand at a pressure point."""
_SITE_SENSORS_MAX: Final = 4096
"""More than any site has; sensor i of site k is number k times this plus i."""
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_LANES: Final = np.uint64(0x0000FFFF0000FFFF)
_LOW: Final = np.uint64(0xFFFFFFFF)
_MIDDLE: Final = 2.0 * 65535.0
_DEVIATION: Final = math.sqrt(4.0 * (65536.0**2 - 1.0) / 12.0)


@dataclass(frozen=True)
class Makes:
    """One entry per device number."""

    base: Floats
    spread: Floats
    swing: Floats
    noise: Floats
    floor: Floats
    pulse: Floats
    factor: Floats
    """Canonical = factor x device + offset."""
    offset: Floats
    low: Floats
    high: Floats
    steps: Floats
    """A device shows multiples of one over this, in its own unit."""
    felt: NDArray[np.bool_]
    """The swing is per unit of the asset's strength."""


def makes() -> Makes:
    """The table of all devices."""
    habits = [_habit(number) for number in range(len(DEVICES))]
    offsets = [to_canonical(one.quantity, one.unit, 0.0) for one in DEVICES]
    factors = [
        to_canonical(one.quantity, one.unit, 1.0) - offset
        for one, offset in zip(DEVICES, offsets, strict=True)
    ]
    return Makes(
        base=np.array([one.base for one in habits]),
        spread=np.array([one.spread for one in habits]),
        swing=np.array([one.swing for one in habits]),
        noise=np.array([one.noise for one in habits]),
        floor=np.array([one.floor for one in habits]),
        pulse=np.array([one.pulse for one in habits]),
        factor=np.array(factors),
        offset=np.array(offsets),
        low=np.array([one.low for one in DEVICES], np.float64),
        high=np.array([one.high for one in DEVICES], np.float64),
        steps=np.array([_steps(*pair) for pair in zip(DEVICES, factors, strict=True)]),
        felt=np.array([rhythm_of(number) in {DEMAND, LOSS} for number in range(len(DEVICES))]),
    )


class Shows:
    """The columns of some sensors, ready to be asked at any tick; about forty bytes a sensor."""

    def __init__(self, city: CityColumns, rows: NDArray[np.int32], rhythms: Rhythms) -> None:
        self._makes = table = makes()
        self._rhythms = rhythms
        self.device = device = city.device[rows]
        number, strength = _numbers(city, rows)
        own = 2.0 * shares(city.seed, Stream.BASE, number) - 1.0
        self._base = table.base[device] * (1.0 + table.spread[device] * own)
        self._swing = table.swing[device] * np.where(table.felt[device], strength, 1.0)
        self._shift_s = (words(city.seed, Stream.PULSE, number) % np.uint64(PULSE_S)).astype(
            np.int16
        )
        self._key = words(city.seed, Stream.NOISE, number)

    def at(self, time_ms: int, tick: int, part: slice) -> Floats:
        """What the sensors of ``part`` show, in their own units, as their reading ``tick``."""
        table, device = self._makes, self.device[part]
        true = self._base[part] + self._swing[part] * self._rhythms.at(time_ms)[device]
        pulse = table.pulse[device]
        if pulse.any():
            true += pulse * self._rhythms.pulse(time_ms, self._shift_s[part].astype(np.int64))
        true += table.noise[device] * jitter(self._key[part], tick)
        seen = np.maximum(true, table.floor[device])
        shown = (seen - table.offset[device]) / table.factor[device]
        shown = np.clip(shown, table.low[device], table.high[device])
        steps = table.steps[device]
        return np.rint(shown * steps) / steps + 0.0  # so that no device shows a negative zero

    def canonical(self, values: Floats, part: slice) -> Floats:
        """The same values in canonical units, as ingest reckons them."""
        device = self.device[part]
        return values * self._makes.factor[device] + self._makes.offset[device]


def jitter(key: Words, tick: int) -> Floats:
    """Noise of deviation 1, cut at ``NOISE_CUT``."""
    bits = mixed(key + np.array([tick], np.uint64) * _GOLDEN)
    halves = (bits & _LANES) + ((bits >> np.uint64(16)) & _LANES)
    total = (halves & _LOW) + (halves >> np.uint64(32))
    normal = (total.astype(np.float64) - _MIDDLE) / _DEVIATION
    return np.asarray(np.clip(normal, -NOISE_CUT, NOISE_CUT))


def _habit(number: int) -> Habit:
    """The habit of a device; those of a network swing by their place in it."""
    device = DEVICES[number]
    usual = habit_of(device.kind, device.quantity)
    rhythm = rhythm_of(number)
    if rhythm == LOSS:
        base = HEAD_M * MPA_PER_M
        return Habit(base, -LOSS_PER_M * MPA_PER_M, noise=usual.noise, spread=GROUND_M / HEAD_M)
    if rhythm == DEMAND:
        return Habit(0.0, NODE_LS, noise=usual.noise)
    return usual


def _steps(device: Device, factor: float) -> float:
    decimals = max(0, round(-math.log10(RESOLUTION[device.quantity] / factor)))
    return float(10**decimals)


def _numbers(city: CityColumns, rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], Floats]:
    """Each sensor's number, the same in every city of the seed, and its asset's strength."""
    site = city.site[city.asset[rows]].astype(np.int64)
    local = rows - city.plan.sensors[site]
    low, high = int(site.min()), int(site.max()) + 1
    strength = np.concatenate([city.template(one).strengths for one in range(low, high)])
    return site * _SITE_SENSORS_MAX + local, strength[rows - city.plan.sensors[low]]
