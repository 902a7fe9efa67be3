"""The limits themselves: four colours, every quantity that has any, each with its source.

The colours are China's four warning colours. No public standard bands these quantities in four
colours, so the bands combine published figures with our own steps between them, and each row says
which it is. Units are canonical; figures published in mg/m3 are converted by the domain's bridges.

Patience: orange and red of gases, smoke and heat act on a single reading, because waiting costs
lives; the lower colours wait, because short peaks of cooking, traffic and calibration are daily.
Water pressure waits 20 s even in red, since a valve or a glitch may dip for one sample.
"""

from __future__ import annotations

from typing import Final

from services.detector.core.limit import Confidence, Family, Limit, Sense
from shared.domain.level import Level
from shared.domain.quantity import Quantity, to_canonical

BLUE, YELLOW, ORANGE, RED = Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED
ABOVE, BELOW, RISE, FALL = Sense.ABOVE, Sense.BELOW, Sense.RISE, Sense.FALL
SEEN, HEARD = Confidence.SEEN, Confidence.SECOND_HAND
MEMORY, OURS = Confidence.MEMORY, Confidence.PROPOSAL

BAND: Final = "Tocsin band"
"""Source of a step that is ours."""


def _h2s(mg_m3: float) -> float:
    return to_canonical(Quantity.H2S, "mg/m3", mg_m3)


def _co(mg_m3: float) -> float:
    return to_canonical(Quantity.CO, "mg/m3", mg_m3)


_CH4: Final = (
    Limit(BLUE, ABOVE, 0.25, 0.20, 300, 120, f"{BAND}, 5 % LEL", OURS),
    Limit(YELLOW, ABOVE, 0.50, 0.40, 60, 120, "OSHA 29 CFR 1910.146, 10 % LEL", SEEN),
    Limit(ORANGE, ABOVE, 1.00, 0.80, 0, 120, "GB 50838-2015 7.5, 20 % LEL", HEARD),
    Limit(RED, ABOVE, 2.50, 2.00, 0, 120, "GB/T 50493-2019 5.5.2, 50 % LEL", HEARD),
)
_H2S: Final = (
    Limit(BLUE, ABOVE, _h2s(5), _h2s(4), 300, 120, "GBZ/T 223, half of MAC", MEMORY),
    Limit(YELLOW, ABOVE, _h2s(10), _h2s(8), 60, 120, "GBZ 2.1-2019, MAC 10 mg/m3", HEARD),
    Limit(ORANGE, ABOVE, _h2s(20), _h2s(16), 0, 120, "GB/T 50493-2019, 200 % of OEL", HEARD),
    Limit(RED, ABOVE, _h2s(70), _h2s(56), 0, 120, "OSHA peak 50 ppm", SEEN),
)


def _carbon_monoxide(yellow_after_s: float) -> tuple[Limit, ...]:
    return (
        Limit(BLUE, ABOVE, _co(15), _co(12), 300, 120, "GBZ/T 223, half of PC-STEL", MEMORY),
        Limit(YELLOW, ABOVE, _co(30), _co(24), yellow_after_s, 120,
              "GBZ 2.1-2019, PC-STEL 30 mg/m3", HEARD),
        Limit(ORANGE, ABOVE, _co(60), _co(48), 0, 120, "GB/T 50493-2019, 200 % of OEL", HEARD),
        Limit(RED, ABOVE, _co(230), _co(184), 0, 120, "NIOSH ceiling 200 ppm", SEEN),
    )  # fmt: skip


_CO2: Final = (
    Limit(BLUE, ABOVE, 2500.0, 2000.0, 600, 300, f"{BAND}, half of the OSHA PEL", OURS),
    Limit(YELLOW, ABOVE, 5000.0, 4000.0, 300, 300, "OSHA PEL 5000 ppm", MEMORY),
    Limit(ORANGE, ABOVE, 30000.0, 24000.0, 0, 120, "NIOSH STEL 30000 ppm", MEMORY),
    Limit(RED, ABOVE, 40000.0, 32000.0, 0, 120, "NIOSH IDLH 40000 ppm", MEMORY),
)
_O2: Final = (
    Limit(BLUE, BELOW, 20.2, 20.4, 600, 120, BAND, OURS),
    Limit(YELLOW, BELOW, 19.5, 19.7, 60, 120, "GB 8958-2006, 19.5 % vol", HEARD),
    Limit(ORANGE, BELOW, 18.0, 18.3, 0, 120, "GBZ/T 205, 18 % vol", HEARD),
    Limit(RED, BELOW, 16.0, 16.4, 0, 120, BAND, OURS),
    Limit(ORANGE, ABOVE, 23.5, 23.2, 0, 120, "OSHA 29 CFR 1910.146, 23.5 % vol", SEEN),
)
_SMOKE: Final = (
    Limit(BLUE, ABOVE, 0.05, 0.04, 60, 120,
          "GB 4715-2024 5.7, type A lowest setting 0.05 dB/m", SEEN),
    Limit(YELLOW, ABOVE, 0.15, 0.12, 20, 120, "GB 4715-2024 5.7, type B 0.15 dB/m", SEEN),
    Limit(ORANGE, ABOVE, 0.30, 0.20, 0, 120,
          "GB 4715-2024 5.7, type A highest setting 0.3 dB/m", SEEN),
)  # fmt: skip
_HEAT: Final = (
    Limit(BLUE, RISE, 10.0, 6.0, 30, 120, f"{BAND}, +10 K in 10 min", OURS, 600),
    Limit(YELLOW, ABOVE, 45.0, 42.0, 10, 120, f"{BAND}, before EN 54-5 class A1", OURS),
    Limit(ORANGE, ABOVE, 54.0, 50.0, 0, 120, "GB 4716-2005 / EN 54-5, class A1 from 54 degC", SEEN),
    Limit(RED, ABOVE, 65.0, 60.0, 0, 120, "GB 4716-2005 / EN 54-5, class A1 up to 65 degC", SEEN),
    Limit(RED, RISE, 10.0, 6.0, 0, 120, f"{BAND}, 10 K in 1 min", OURS, 60),
)
_WARMTH: Final = (
    Limit(YELLOW, ABOVE, 40.0, 38.0, 60, 300, "GB/T 51274, tunnel air 40 degC", HEARD),
    Limit(BLUE, BELOW, -5.0, -4.0, 300, 300, "GB/T 51274, tunnel air -5 degC", HEARD),
    Limit(BLUE, RISE, 10.0, 6.0, 30, 300, f"{BAND}, +10 K in 10 min", OURS, 600),
    Limit(ORANGE, ABOVE, 54.0, 50.0, 0, 120, "GB 4716-2005 / EN 54-5, class A1 from 54 degC", SEEN),
    Limit(RED, ABOVE, 65.0, 60.0, 0, 120, "GB 4716-2005 / EN 54-5, class A1 up to 65 degC", SEEN),
    Limit(RED, RISE, 10.0, 6.0, 0, 120, f"{BAND}, 10 K in 1 min", OURS, 60),
)
_SUPPLY: Final = (
    Limit(BLUE, BELOW, 0.20, 0.21, 120, 120, BAND, OURS),
    Limit(YELLOW, BELOW, 0.16, 0.17, 60, 120, BAND, OURS),
    Limit(ORANGE, BELOW, 0.14, 0.15, 20, 120, "CJJ 58 / GB 55036-2022 3.0.3, 0.14 MPa", SEEN),
    Limit(RED, BELOW, 0.10, 0.11, 20, 120, "GB 55036-2022 3.0.3, 0.10 MPa in a fire", SEEN),
    Limit(RED, FALL, 0.10, 0.06, 20, 120, f"{BAND}, 0.1 MPa in 1 min", OURS, 60),
)
_RISER_TALL: Final = (
    Limit(BLUE, BELOW, 0.20, 0.21, 60, 120, BAND, OURS),
    Limit(YELLOW, BELOW, 0.15, 0.16, 30, 120, "GB 50974 5.2.2, 0.15 MPa above 100 m", SEEN),
    Limit(ORANGE, BELOW, 0.10, 0.11, 20, 120, BAND, OURS),
    Limit(RED, BELOW, 0.05, 0.06, 20, 120, "GB 50084, 0.05 MPa at the sprinkler", MEMORY),
)
_RISER: Final = (
    Limit(BLUE, BELOW, 0.15, 0.16, 60, 120, BAND, OURS),
    Limit(YELLOW, BELOW, 0.10, 0.11, 30, 120, "GB 50974 5.2.2, 0.10 MPa", SEEN),
    Limit(ORANGE, BELOW, 0.07, 0.08, 20, 120, "GB 50974 5.2.2, 0.07 MPa", SEEN),
    Limit(RED, BELOW, 0.05, 0.06, 20, 120, "GB 50084, 0.05 MPa at the sprinkler", MEMORY),
)
_LEVEL: Final = (
    Limit(BLUE, ABOVE, 0.30, 0.25, 60, 300, f"{BAND}, wet floor", OURS),
    Limit(YELLOW, ABOVE, 0.60, 0.50, 60, 300, f"{BAND}, cable tray at risk", OURS),
    Limit(ORANGE, ABOVE, 1.00, 0.90, 20, 300, f"{BAND}, no way through", OURS),
    Limit(RED, ABOVE, 1.50, 1.40, 20, 300, f"{BAND}, flooded", OURS),
)
_SEWER_LEVEL: Final = (
    Limit(YELLOW, ABOVE, 1.50, 1.40, 120, 300, f"{BAND}, sewer surcharged", OURS),
    Limit(ORANGE, ABOVE, 2.00, 1.90, 60, 300, f"{BAND}, well filling", OURS),
    Limit(RED, ABOVE, 2.50, 2.40, 60, 300, f"{BAND}, about to spill", OURS),
)
_STOPPED: Final = (
    # No hazard of its own: it tells the compound rule that the air stands still.
    Limit(BLUE, BELOW, 0.5, 0.5, 30, 30, f"{BAND}, fan not running", OURS),
)

_ANYWHERE: Final = {
    Quantity.CH4: _CH4,
    Quantity.H2S: _H2S,
    Quantity.CO: _carbon_monoxide(60),
    Quantity.CO2: _CO2,
    Quantity.O2: _O2,
    Quantity.SMOKE: _SMOKE,
    Quantity.RUNNING: _STOPPED,
}

LIMITS: Final[dict[Family, dict[Quantity, tuple[Limit, ...]]]] = {
    Family.BUILDING: {
        **_ANYWHERE,
        Quantity.CO: _carbon_monoxide(10),
        Quantity.TEMPERATURE: _HEAT,
        Quantity.FIRE_WATER_PRESSURE: _RISER,
        Quantity.WATER_LEVEL: _LEVEL,
    },
    Family.UNDERGROUND: {
        **_ANYWHERE,
        Quantity.TEMPERATURE: _WARMTH,
        Quantity.WATER_LEVEL: _LEVEL,
    },
    Family.SEWER: {
        **_ANYWHERE,
        Quantity.TEMPERATURE: _WARMTH,
        Quantity.WATER_LEVEL: _SEWER_LEVEL,
    },
    Family.NETWORK: {Quantity.WATER_PRESSURE: _SUPPLY},
    Family.RISER: {**_ANYWHERE, Quantity.TEMPERATURE: _HEAT, Quantity.FIRE_WATER_PRESSURE: _RISER},
    Family.TALL_RISER: {
        **_ANYWHERE,
        Quantity.TEMPERATURE: _HEAT,
        Quantity.FIRE_WATER_PRESSURE: _RISER_TALL,
    },
    # A pump's own figures depend on its plate; its baseline speaks for it.
    Family.PUMP: {Quantity.RUNNING: _STOPPED},
}


def limits_of(family: Family, quantity: Quantity) -> tuple[Limit, ...]:
    """Every limit of such a sensor; empty where none is published."""
    return LIMITS[family].get(quantity, ())
