"""What gas sensors of each principle make of the air around them.

Pure and vectorised. Channels are CH4 in % vol, O2 in % vol, CO and H2S in ppm. A sensor's own
slowness is first-order (T90); noise is not here, it belongs to whoever plays the sensor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats, sensor_response

LEL_CH4: Final = 5.0
"""% vol (GB/T 50493, NFPA)."""
BEAD_WANTS_O2: Final = 12.0
"""% vol below which a catalytic bead burns too little and reads low (Drager)."""
O2_STANDARD: Final = 20.9
PRESSURE_STANDARD_HPA: Final = 1013.25


@dataclass(frozen=True, slots=True)
class Making:
    """How a principle answers."""

    t90_s: float
    noise: float
    """Standard deviation in the channel's unit; an engineering default."""


class Principle(Enum):
    """T90 and noise of good instruments of each kind."""

    CATALYTIC = Making(t90_s=20.0, noise=0.02)
    NDIR = Making(t90_s=30.0, noise=0.001)
    LASER = Making(t90_s=1.0, noise=0.0005)
    CO_CELL = Making(t90_s=60.0, noise=1.0)
    H2S_CELL = Making(t90_s=60.0, noise=0.2)
    O2_CELL = Making(t90_s=30.0, noise=0.05)

    @property
    def t90_s(self) -> float:
        return self.value.t90_s

    @property
    def noise(self) -> float:
        return self.value.noise


GASES: Final = ("co", "h2s", "so2", "no", "no2", "cl2", "h2", "ethylene")
"""The columns of ``CROSS``, all in ppm."""
CELLS: Final = ("co", "h2s")
CROSS: Final = np.array(
    [
        [1.0, 0.10, 0.10, 0.30, 0.0, 0.0, 0.40, 0.50],
        [0.0, 1.0, 0.175, 0.0, -0.20, -0.225, 0.0, 0.0],
    ]
)
"""What a ppm of each gas shows on the CO and the H2S cell (City Technology's table; H2 on CO
cells 0.2 to 0.6)."""


def cells_show(ppm: ArrayLike) -> Floats:
    """What CO and H2S cells settle at, (..., 2), in air with ``ppm`` of ``GASES``, (..., 8)."""
    return np.asarray(np.maximum(np.asarray(ppm, dtype=np.float64) @ CROSS.T, 0.0))


def bead_shows(
    ch4: ArrayLike, o2: ArrayLike, *, h2_ppm: ArrayLike = 0.0, left: ArrayLike = 1.0
) -> Floats:
    """What a catalytic bead settles at, % vol of CH4 equivalent, 0 to 5.

    Burning needs oxygen: below 12 % vol it weakens in proportion. Above the explosive limit the
    answer is ambiguous: rich gas burns worse, it folds back from the limit to nothing at 20 % vol.
    Hydrogen counts by its own limit (4 % vol). ``left`` is what poison has left of the gain; the
    bead cannot tell.
    """
    gas = np.asarray(ch4, dtype=np.float64) + np.asarray(h2_ppm) * 1e-4 * LEL_CH4 / 4.0
    fold = np.interp(gas, [0.0, LEL_CH4, 20.0, 100.0], [0.0, LEL_CH4, 0.0, 0.0])
    fire = np.clip(np.asarray(o2, dtype=np.float64) / BEAD_WANTS_O2, 0.0, 1.0)
    return np.asarray(fold * fire * np.asarray(left))


def poisoned(
    times_s: ArrayLike, *, from_s: float, half_s: float = 600.0, least: float = 0.1
) -> Floats:
    """Gain a bead keeps in silicone vapour: half is lost every ``half_s``, never below ``least``.

    At 10 ppm of organosilicon beads lose more than 90 % within minutes to an hour.
    """
    age = np.maximum(np.asarray(times_s, dtype=np.float64) - from_s, 0.0)
    return np.maximum(np.exp2(-age / half_s), least)


def inhibited(h2s_ppm: ArrayLike, *, half_ppm: float = 100.0) -> Floats:
    """Gain a bead keeps while H2S lies on it; it recovers with clean air. An estimate."""
    return np.asarray(1.0 / (1.0 + np.asarray(h2s_ppm, dtype=np.float64) / half_ppm))


def film(
    times_s: Floats, humidity: Floats, *, offset: float = 0.3, dries_s: float = 5400.0
) -> Floats:
    """Offset of an optical cell from water on its window, % vol of CH4.

    The film is there at once above 95 % RH, 0.1 to 0.5 % vol, and dries over 1 to 4 h.
    """
    wet = np.zeros_like(times_s)
    here = 0.0
    for i in range(times_s.size):
        if i:
            here *= float(np.exp(-(times_s[i] - times_s[i - 1]) / dries_s))
        here = offset if humidity[i] > 95.0 else here
        wet[i] = here
    return wet


def o2_cell_shows(
    o2: ArrayLike,
    *,
    pressure_hpa: ArrayLike = PRESSURE_STANDARD_HPA,
    calibrated_hpa: float = PRESSURE_STANDARD_HPA,
) -> Floats:
    """What a galvanic cell settles at: it answers partial pressure.

    One per cent more on the barometer than at its calibration reads one per cent more.
    """
    return np.asarray(np.asarray(o2) * np.asarray(pressure_hpa) / calibrated_hpa)


def shown(times_s: Floats, settled: Floats, principle: Principle) -> Floats:
    """``settled`` as a sensor of that principle follows it."""
    return sensor_response(times_s, settled, t90_s=principle.t90_s)
