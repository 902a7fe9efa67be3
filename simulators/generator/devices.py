"""The kinds of sensor a generated city is fitted with: what each measures, where, how often.

A device's number is its place in ``DEVICES``; a million sensors carry the number and share the
rest. Ranges and intervals are those of common instruments and of the bundled demo city.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Device:
    key: str
    """What templates call it."""
    suffix: str
    """Sensor id = asset id, a dash, this."""
    kind: AssetKind
    """Of the asset it hangs on; with the quantity it decides what an ordinary day looks like."""
    quantity: Quantity
    unit: str
    interval_s: float
    low: float
    high: float


_FLOOR, _SHAFT, _RISER = AssetKind.FLOOR, AssetKind.SHAFT, AssetKind.RISER
_NODE, _PUMP = AssetKind.PIPE_NODE, AssetKind.PUMP
_SECTION, _CHAMBER, _WELL = AssetKind.TUNNEL_SECTION, AssetKind.CHAMBER, AssetKind.SEWER_WELL

DEVICES: Final[tuple[Device, ...]] = (
    Device("smoke-a", "smoke-a", _FLOOR, Quantity.SMOKE, "dB/m", 10, -1, 60),
    Device("smoke-b", "smoke-b", _FLOOR, Quantity.SMOKE, "dB/m", 10, -1, 60),
    Device("heat", "temp", _FLOOR, Quantity.TEMPERATURE, "degC", 20, -40, 1200),
    Device("co", "co", _FLOOR, Quantity.CO, "ppm", 20, -50, 100_000),
    Device("stair-smoke", "smoke", _SHAFT, Quantity.SMOKE, "dB/m", 10, -1, 60),
    Device("stair-heat", "temp", _SHAFT, Quantity.TEMPERATURE, "degC", 20, -40, 1200),
    Device("riser", "pressure", _RISER, Quantity.FIRE_WATER_PRESSURE, "MPa", 15, -0.1, 2.5),
    Device("main", "pressure", _NODE, Quantity.WATER_PRESSURE, "MPa", 30, -0.1, 1.6),
    Device("main-kpa", "pressure", _NODE, Quantity.WATER_PRESSURE, "kPa", 30, -100, 1600),
    Device("inlet", "pressure", _NODE, Quantity.WATER_PRESSURE, "MPa", 15, -0.1, 1.6),
    Device("meter", "flow", _NODE, Quantity.FLOW, "L/s", 15, -50, 800),
    Device("meter-m3h", "flow", _NODE, Quantity.FLOW, "m3/h", 15, -180, 2880),
    Device("pump-pressure", "pressure", _PUMP, Quantity.WATER_PRESSURE, "MPa", 5, -0.5, 2.5),
    Device("pump-flow", "flow", _PUMP, Quantity.FLOW, "L/s", 5, -50, 1000),
    Device("pump-heat", "temp", _PUMP, Quantity.TEMPERATURE, "degC", 5, -40, 200),
    Device("current", "current", _PUMP, Quantity.CURRENT, "A", 5, -1, 200),
    Device("voltage", "voltage", _PUMP, Quantity.VOLTAGE, "V", 5, -1, 500),
    Device("vibration-1", "vibration-1", _PUMP, Quantity.VIBRATION, "g", 5, -50, 50),
    Device("vibration-2", "vibration-2", _PUMP, Quantity.VIBRATION, "g", 5, -50, 50),
    Device("tunnel-ch4", "ch4", _SECTION, Quantity.CH4, "%vol", 10, -0.5, 100),
    Device("tunnel-o2", "o2", _SECTION, Quantity.O2, "%vol", 10, 0, 30),
    Device("tunnel-co", "co", _SECTION, Quantity.CO, "ppm", 10, -50, 10_000),
    Device("tunnel-h2s", "h2s", _SECTION, Quantity.H2S, "ppm", 10, -5, 500),
    Device("tunnel-heat", "temp", _SECTION, Quantity.TEMPERATURE, "degC", 30, -40, 1200),
    Device("tunnel-level", "level", _SECTION, Quantity.WATER_LEVEL, "m", 30, -0.5, 4),
    Device("fan", "fan", _SECTION, Quantity.RUNNING, "1", 10, 0, 1),
    Device("chamber-ch4", "ch4", _CHAMBER, Quantity.CH4, "%vol", 30, -0.5, 100),
    Device("chamber-lel", "ch4", _CHAMBER, Quantity.CH4, "%LEL", 30, -10, 2000),
    Device("chamber-o2", "o2", _CHAMBER, Quantity.O2, "%vol", 30, 0, 30),
    Device("chamber-co", "co", _CHAMBER, Quantity.CO, "ppm", 30, -50, 10_000),
    Device("chamber-heat", "temp", _CHAMBER, Quantity.TEMPERATURE, "degC", 60, -40, 1200),
    Device("chamber-level", "level", _CHAMBER, Quantity.WATER_LEVEL, "m", 60, -0.5, 4),
    Device("chamber-level-cm", "level", _CHAMBER, Quantity.WATER_LEVEL, "cm", 60, -50, 400),
    Device("well-h2s", "h2s", _WELL, Quantity.H2S, "ppm", 30, -5, 1000),
    Device("well-ch4", "ch4", _WELL, Quantity.CH4, "%vol", 30, -0.5, 100),
    Device("well-o2", "o2", _WELL, Quantity.O2, "%vol", 30, 0, 30),
    Device("well-level", "level", _WELL, Quantity.WATER_LEVEL, "m", 30, -0.5, 8),
)

NUMBER: Final = {device.key: number for number, device in enumerate(DEVICES)}
"""A device's place in ``DEVICES`` by its key."""
