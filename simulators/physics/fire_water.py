"""Water for firefighting in a tall building: riser, air pocket, jockey and fire pump, open heads.

Pure. Pressures are gauge pressures in MPa at the sensor, flows in L/s, volumes in m3, times in s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats

ATMOSPHERE_MPA: Final = 0.101325
POLYTROPIC: Final = 1.2
SUBSTEP_S: Final = 0.25


def head_ls(pressure_mpa: ArrayLike, *, k_factor: float = 80.0) -> Floats:
    """Flow of one sprinkler: q = K sqrt(10 P), K in L/min/bar^0.5; K80 gives 80 L/min at 0.1."""
    pressure = np.maximum(np.asarray(pressure_mpa, dtype=np.float64), 0.0)
    return np.asarray(k_factor * np.sqrt(10.0 * pressure) / 60.0)


@dataclass(frozen=True, slots=True)
class Pump:
    """A fire pump: at most 140 % of its rated pressure shut off, 65 % at 150 % of its flow."""

    rated_mpa: float = 0.45
    rated_ls: float = 30.0
    starts_mpa: float = 0.30
    starting_s: float = 8.0

    def flow_ls(self, pressure_mpa: float) -> float:
        """What it delivers against that pressure: P = P0 (1.4 - 0.4 x^n) through both points."""
        churn = 1.4 * self.rated_mpa
        if pressure_mpa >= churn:
            return 0.0
        power = np.log((1.4 - 0.65) / 0.4) / np.log(1.5)
        share = ((1.4 - max(pressure_mpa, 0.0) / self.rated_mpa) / 0.4) ** (1.0 / power)
        return float(self.rated_ls * min(share, 1.6))


@dataclass(frozen=True, slots=True)
class Riser:
    """A wet riser with what keeps it up."""

    static_mpa: float = 0.45
    """At the sensor, with everything at rest and the jockey's last stroke done."""
    air_m3: float = 0.05
    """Air trapped at the top: what makes the pressure fall over seconds and not at once."""
    k_factor: float = 80.0
    jockey_ls: float = 1.0
    jockey_starts_mpa: float = 0.40
    pump: Pump = Pump()
    weeps_ls: float = 0.0
    """Through worn seats, at the static pressure."""


@dataclass(frozen=True)
class WaterFaults:
    """What is wrong with the supply; each a flag for the whole time."""

    tank_empty: bool = False
    pump_missed: bool = False
    jockey_off: bool = False
    valve_closed: bool = False
    """Between pumps and riser: static pressure looks right until a head opens."""


@dataclass(frozen=True)
class Supplied:
    """What a riser did, each (times,)."""

    pressure_mpa: Floats
    flow_ls: Floats
    """Out of open heads."""
    jockey: Floats
    pump: Floats
    """1 while they deliver."""
    pumped_m3: Floats
    lost_m3: Floats
    """By heads and weeping."""

    def jockey_starts(self) -> int:
        """Starts of the jockey pump: many an hour mean a leak."""
        return int((np.diff(self.jockey) > 0).sum())


def riser_over(
    times_s: Floats, riser: Riser, *, heads: ArrayLike, faults: WaterFaults | None = None
) -> Supplied:
    """Pressure of a riser with ``heads`` open (a scalar or one number per time).

    Water is stiff, so the trapped air alone decides: P Va^1.2 = const in absolute pressure, and
    dVa/dt is what leaves less what is pumped. Steps are cut to a quarter of a second.
    """
    wrong = faults or WaterFaults()
    opened = np.broadcast_to(np.asarray(heads, dtype=np.float64), times_s.shape)
    seen = np.zeros((times_s.size, 6))
    state = _State(riser, wrong)
    for i in range(times_s.size):
        seen[i] = state.shows(float(opened[i]))
        if i + 1 < times_s.size:
            state.advance(float(times_s[i + 1] - times_s[i]), float(opened[i]))
    return Supplied(*(seen[:, column] for column in range(6)))


class _State:
    """The riser at one moment; pressure follows from the air pocket alone."""

    def __init__(self, riser: Riser, faults: WaterFaults) -> None:
        self._riser = riser
        self._faults = faults
        self._constant = (riser.static_mpa + ATMOSPHERE_MPA) * riser.air_m3**POLYTROPIC
        self._air_m3 = riser.air_m3
        self._jockey = self._pump = False
        self._called_s = 0.0
        self._pumped_m3 = self._lost_m3 = 0.0

    @property
    def pressure(self) -> float:
        whole = self._constant / self._air_m3**POLYTROPIC
        return max(float(whole) - ATMOSPHERE_MPA, 0.0)

    def shows(self, heads: float) -> tuple[float, ...]:
        flow = heads * float(head_ls(self.pressure, k_factor=self._riser.k_factor))
        delivers = not self._faults.valve_closed and not self._faults.tank_empty
        return (
            self.pressure, flow, float(self._jockey and delivers), float(self._pump and delivers),
            self._pumped_m3, self._lost_m3,
        )  # fmt: skip

    def advance(self, stretch_s: float, heads: float) -> None:
        cuts = max(1, int(np.ceil(stretch_s / SUBSTEP_S)))
        for _ in range(cuts):
            self._step(stretch_s / cuts, heads)

    def _step(self, dt: float, heads: float) -> None:
        riser, pressure = self._riser, self.pressure
        self._switch(pressure, dt)
        out_ls = heads * float(head_ls(pressure, k_factor=riser.k_factor))
        out_ls += riser.weeps_ls * (max(pressure, 0.0) / riser.static_mpa) ** 0.5
        in_ls = 0.0
        if not self._faults.valve_closed and not self._faults.tank_empty:
            in_ls += riser.jockey_ls if self._jockey else 0.0
            in_ls += riser.pump.flow_ls(pressure) if self._pump else 0.0
        # The air may not swallow more water in a step than its own tenth: pumps face its stiffness.
        gained = (out_ls - in_ls) * dt / 1000.0
        limited = max(gained, -0.1 * self._air_m3)
        self._pumped_m3 += in_ls * dt / 1000.0 - (limited - gained)
        self._lost_m3 += out_ls * dt / 1000.0
        self._air_m3 += limited

    def _switch(self, pressure: float, dt: float) -> None:
        riser = self._riser
        if self._faults.jockey_off or pressure >= riser.static_mpa:
            self._jockey = False
        elif pressure <= riser.jockey_starts_mpa:
            self._jockey = True
        low = pressure <= riser.pump.starts_mpa and not self._faults.pump_missed
        self._called_s = self._called_s + dt if low or self._called_s > 0.0 else 0.0
        self._pump = self._called_s >= riser.pump.starting_s  # a fire pump is stopped by hand only
