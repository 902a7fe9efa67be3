"""What the heads of one floor show while something burns on it.

The fire is a t-squared one after smouldering, held by a sprinkler as well as its water lets it.
Smoke heads stand further from it the later their ids come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from simulators.city import Trace
from simulators.happenings.common import sensors_at
from simulators.physics import fire, fire_heads, fire_layer, fire_plume, fire_smoke
from simulators.physics.gas import Floats, sensor_response

SPRINKLER_RTI: Final = 50.0
SPRINKLER_K: Final = 68.0 - 22.0
SPRINKLER_RADIUS_M: Final = 2.2
HOSE_MM_S: Final = 0.13
"""What people put on it, as good as a sprinkler."""
HEAD_RADII_M: Final = (3.0, 7.0, 10.0, 13.0)
"""How far a floor's smoke heads are from the fire, in the order of their ids."""
HEAT_RADIUS_M: Final = 5.0
BEAD_RTI: Final = 20.0
T90_CELL_S: Final = 45.0
CLEARING_PER_H: Final = 30.0
"""Air changes once people are there and smoke is drawn off."""
CLEARING_S: Final = 1500.0
QUANTITIES: Final = (Quantity.SMOKE, Quantity.CO, Quantity.CO2, Quantity.TEMPERATURE)


@dataclass(frozen=True, slots=True)
class Plan:
    """How something burns; seconds count from the moment it begins to smoulder."""

    smoulders_s: float
    growth: fire.Growth
    most_kw: float
    ends_s: float
    """When people put it out."""
    room: fire_layer.Room
    fuel: fire.Fuel = fire.POLYURETHANE
    sprinkler_mpa: float | None = 0.1
    """None: there is no sprinkler; 0: a dry one."""


class Burnt:
    """One plan, burnt out: what stood in the room's air at every moment."""

    def __init__(self, plan: Plan, times: Floats) -> None:
        """``times`` in seconds since it began to smoulder."""
        self._plan = plan
        self.times = times
        self._flame_age = times - plan.smoulders_s
        free_kw = fire.heat_release(self._flame_age, plan.growth, most_kw=plan.most_kw)
        flames = fire.burning(self._flame_age, self._held(free_kw), plan.fuel)
        lost_g_s = fire.smoulder_g_s(times, lasts_s=plan.smoulders_s)
        smoulder_kw = fire.SMOULDERING.heat_kj_g * lost_g_s
        both = flames + fire.burning(times, smoulder_kw, fire.SMOULDERING)
        self.heat_kw = both.heat_kw
        self.layer = fire_layer.fill(times, plan.room, both)
        self._shown: dict[tuple[Quantity, int], Floats] = {}

    def shows(self, quantity: Quantity, head: int = 0) -> Floats:
        """What a sensor of the floor shows above its normal; ``head`` counts smoke heads."""
        key = (quantity, min(head, len(HEAD_RADII_M) - 1) if quantity is Quantity.SMOKE else 0)
        if key not in self._shown:
            shown = self._made(quantity, head_m=HEAD_RADII_M[key[1]])
            aired_s = np.maximum(self.times - self._plan.ends_s, 0.0)
            self._shown[key] = shown * np.exp(-aired_s * CLEARING_PER_H / 3600.0)
        return self._shown[key]

    def traces(self, registry: Registry, asset: str, *, from_s: float) -> dict[str, Trace]:
        """Traces of every head of a floor on which it burns like this from ``from_s`` on."""
        found: dict[str, Trace] = {}
        heads = 0
        for sensor in sensors_at(registry, asset):
            if sensor.quantity in QUANTITIES:
                heads += sensor.quantity is Quantity.SMOKE
                shown = self.shows(sensor.quantity, max(0, heads - 1))
                found[sensor.id] = Trace(self.times + from_s, shown)
        return found

    def _held(self, free_kw: Floats) -> Floats:
        """The heat release once the sprinkler has opened, or people are there."""
        plan, burns = self._plan, free_kw
        if plan.sprinkler_mpa is not None:
            jet = {"height_m": plan.room.height_m, "radius_m": SPRINKLER_RADIUS_M}
            link = fire_heads.heat_element_k(
                self.times,
                fire_plume.jet_excess_k(free_kw, **jet),
                fire_plume.jet_speed_m_s(free_kw, **jet),
                rti=SPRINKLER_RTI,
            )
            if (opened := link >= SPRINKLER_K).any():
                burns = fire.held(
                    self.times,
                    free_kw,
                    from_s=float(self.times[np.argmax(opened)]),
                    spray=float(fire.spray_mm_s(plan.sprinkler_mpa)),
                )
        return fire.held(self.times, burns, from_s=plan.ends_s, spray=HOSE_MM_S)

    def _made(self, quantity: Quantity, *, head_m: float) -> Floats:
        if quantity is Quantity.TEMPERATURE:
            return self._warmth()
        if quantity is Quantity.SMOKE:
            return self._smoke(head_m)
        gas_ppm = self.layer.co_ppm if quantity is Quantity.CO else self.layer.co2_ppm
        return sensor_response(self.times, gas_ppm, t90_s=T90_CELL_S)

    def _warmth(self) -> Floats:
        jet = {"height_m": self._plan.room.height_m, "radius_m": HEAT_RADIUS_M}
        gas_k = np.maximum(self.layer.excess_k, fire_plume.jet_excess_k(self.heat_kw, **jet))
        speed = fire_plume.jet_speed_m_s(self.heat_kw, **jet)
        return fire_heads.heat_element_k(self.times, gas_k, speed, rti=BEAD_RTI)

    def _smoke(self, radius_m: float) -> Floats:
        """dB/m inside a head: of the ceiling jet once it flames, and of the layer."""
        fuel = self._plan.fuel
        jet = {"height_m": self._plan.room.height_m, "radius_m": radius_m}
        per_k = fire_smoke.density_per_kelvin(
            fire.ripening(fuel.early_soot, fuel.soot, self._flame_age),
            heat_of_combustion_kj_g=fuel.heat_kj_g,
        )
        rising = np.where(
            self._flame_age >= 0.0, fire_plume.jet_excess_k(self.heat_kw, **jet) * per_k, 0.0
        )
        outside = np.maximum(self.layer.density, rising)
        speed = fire_plume.jet_speed_m_s(self.heat_kw, **jet)
        return 10.0 * fire_heads.entry_lag(self.times, outside, speed)
