"""What each kind of sensor shows on an ordinary day: level, daily swing, noise, resolution.

Everything is in canonical units. Noise is the standard deviation of a good field instrument;
it is cut at ``NOISE_CUT`` deviations, so that quiet stays quiet for as long as it is played.
Every habit keeps clear of the limits people are called for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from simulators.physics.gas import sewer_h2s_ppm

NOISE_CUT: Final = 3.0

RESOLUTION: Final[dict[Quantity, float]] = {
    Quantity.CH4: 0.01,
    Quantity.CO: 0.1,
    Quantity.CO2: 1.0,
    Quantity.H2S: 0.1,
    Quantity.O2: 0.01,
    Quantity.SMOKE: 0.001,
    Quantity.TEMPERATURE: 0.1,
    Quantity.HUMIDITY: 0.1,
    Quantity.WATER_PRESSURE: 0.0001,
    Quantity.FIRE_WATER_PRESSURE: 0.001,
    Quantity.FLOW: 0.01,
    Quantity.WATER_LEVEL: 0.001,
    Quantity.RAIN: 0.1,
    Quantity.RUNNING: 1.0,
    Quantity.VIBRATION: 0.0001,
    Quantity.CURRENT: 0.001,
    Quantity.VOLTAGE: 0.1,
}
"""The smallest step a device shows."""


@dataclass(frozen=True, slots=True)
class Habit:
    base: float
    swing: float = 0.0
    """Half the difference between the day's highest and lowest."""
    peak_hour: float = 15.0
    noise: float = 0.0
    spread: float = 0.0
    """How far one sensor's base may lie from another's, as a share of the base."""
    floor: float = 0.0
    """Never below this."""
    pulse: float = 0.0
    """Added whenever a pump upstream starts, fading until the next start."""


_SEWER_H2S_PPM: Final = sewer_h2s_ppm(
    transfer_per_h=1.0, sulphide_mg_l=0.01, ph=7.0, liquid_over_gas=1.0, air_changes_per_h=1.0
)
_ANY: Final[dict[Quantity, Habit]] = {
    Quantity.CH4: Habit(0.02, 0.01, 5.0, noise=0.008),
    Quantity.CO: Habit(2.0, 1.0, 18.0, noise=0.6, spread=0.3),
    Quantity.CO2: Habit(600.0, 150.0, 14.0, noise=10.0, spread=0.1),
    Quantity.H2S: Habit(0.3, 0.2, 7.0, noise=0.1),
    Quantity.O2: Habit(20.9, 0.03, 15.0, noise=0.03),
    # TN 1455's baselines lie between 0.000 and 0.004 1/m, 0 to 0.04 dB/m.
    Quantity.SMOKE: Habit(0.010, 0.003, 19.0, noise=0.003, spread=0.3),
    Quantity.TEMPERATURE: Habit(22.0, 1.2, 15.0, noise=0.1, spread=0.05, floor=-40.0),
    Quantity.HUMIDITY: Habit(65.0, 8.0, 5.0, noise=1.0, spread=0.05),
    Quantity.WATER_PRESSURE: Habit(0.32, 0.02, 3.0, noise=0.0005),
    Quantity.FIRE_WATER_PRESSURE: Habit(0.45, 0.005, 3.0, noise=0.002, spread=0.05),
    Quantity.FLOW: Habit(50.0, 15.0, 9.0, noise=0.5),
    Quantity.WATER_LEVEL: Habit(0.06, 0.02, 8.0, noise=0.003, spread=0.2),
    Quantity.RAIN: Habit(0.0),
    Quantity.RUNNING: Habit(1.0),
    Quantity.VIBRATION: Habit(0.03, 0.0005, 15.0, noise=0.0004, spread=0.1),
    Quantity.CURRENT: Habit(1.0, 0.02, 15.0, noise=0.05),
    Quantity.VOLTAGE: Habit(230.0, 2.0, 4.0, noise=1.5),
}
_SPECIAL: Final[dict[tuple[AssetKind, Quantity], Habit]] = {
    (AssetKind.TUNNEL_SECTION, Quantity.TEMPERATURE): Habit(
        21.0, 0.8, 17.0, noise=0.1, spread=0.03, floor=-40.0
    ),
    # Sewage with a trace of sulphide under a vented cover; peaks stay below half the limit at work.
    (AssetKind.SEWER_WELL, Quantity.H2S): Habit(
        float(_SEWER_H2S_PPM), 0.3, 7.0, noise=0.1, spread=0.2, pulse=1.1
    ),
    (AssetKind.SEWER_WELL, Quantity.CH4): Habit(0.05, 0.02, 6.0, noise=0.008, spread=0.2),
    (AssetKind.SEWER_WELL, Quantity.O2): Habit(20.75, 0.05, 15.0, noise=0.03),
    (AssetKind.SEWER_WELL, Quantity.WATER_LEVEL): Habit(
        0.14, 0.03, 9.0, noise=0.004, spread=0.15, pulse=0.03
    ),
    # A small closed loop, as in the SKAB testbed: litres a minute and a few hundredths of a bar.
    (AssetKind.PUMP, Quantity.WATER_PRESSURE): Habit(0.0070, 0.0002, 3.0, noise=0.0015),
    (AssetKind.PUMP, Quantity.FLOW): Habit(0.535, 0.003, 9.0, noise=0.006),
    (AssetKind.PUMP, Quantity.TEMPERATURE): Habit(70.0, 1.0, 16.0, noise=0.15, floor=-40.0),
}


def habit_of(kind: AssetKind, quantity: Quantity) -> Habit:
    """The habit of such a sensor on such an asset."""
    return _SPECIAL.get((kind, quantity), _ANY[quantity])
