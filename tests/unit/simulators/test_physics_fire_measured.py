"""The fire models against fires that were measured: four house fires and a tower.

What is simulated knows the fire's growth and the room, and none of what its instruments showed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
import pytest

from simulators.physics import fire, fire_plume, fire_smoke, fire_tower

NIST = "fire_nist_smoke_alarms/NIST_Smoke_Alarms_SDC{}.csv"
NRCC = "fire_nrcc_smoke_tower/{}.csv"


@dataclass(frozen=True)
class HouseFire:
    """A t-squared fit to one of NIST's fires (its validation inputs), and the nearest meter."""

    number: str
    alpha_kw_s2: float
    from_s: float
    meter: str
    radius_m: float


HOUSES = (
    HouseFire("02", 0.00463, 17.0, "SME_1", 1.15),
    HouseFire("10", 0.00463, 41.0, "SMF_1", 3.0),
    HouseFire("35", 0.00309, 9.5, "SME_1", 1.15),
    HouseFire("38", 0.00370, 24.0, "SMB_1", 1.25),
)
CEILING_M = 2.1


def columns(path, *, skip: int = 0) -> dict[str, np.ndarray]:
    with path.open(newline="") as file:
        rows = list(csv.reader(file))[skip:]
    values = np.array([[float(cell) if cell else np.nan for cell in row] for row in rows[1:]])
    return dict(zip(rows[0], values.T, strict=True))


def error_s(folder, house: HouseFire, limit: float) -> float:
    """Simulated minus measured time to an optical density in the fire's room."""
    seen = columns(folder / NIST.format(house.number))
    measured = seen["TIME"][np.argmax(seen[house.meter] >= limit)]
    times = np.arange(0.0, 300.0, 1.0)
    age = times - house.from_s
    heat = house.alpha_kw_s2 * np.maximum(age, 0.0) ** 2
    fuel = fire.POLYURETHANE
    rise = fire_plume.jet_excess_k(heat, height_m=CEILING_M, radius_m=house.radius_m)
    density = rise * fire_smoke.density_per_kelvin(
        fire.ripening(fuel.early_soot, fuel.soot, age), heat_of_combustion_kj_g=fuel.heat_kj_g
    )
    return float(times[np.argmax(density >= limit)] - measured)


@pytest.mark.needs_data("fire_nist_smoke_alarms")
def test_house_fires_reach_optical_density_a_tenth_when_they_did(labelled_data, record_property):
    """Published errors of this model are up to 60 s, 15 s in the median."""
    errors = {house.number: error_s(labelled_data, house, 0.1) for house in HOUSES}
    record_property("errors_s", errors)
    assert all(abs(error) <= 60.0 for error in errors.values()), errors
    assert np.median(np.abs(list(errors.values()))) <= 15.0, errors


@pytest.mark.needs_data("fire_nist_smoke_alarms")
def test_the_literature_yield_alone_would_make_heads_look_too_good(labelled_data):
    """Why the early yield is low: with the ripe one every fire is seen too early."""
    old = fire.POLYURETHANE
    for house in HOUSES:
        seen = columns(labelled_data / NIST.format(house.number))
        measured = seen["TIME"][np.argmax(seen[house.meter] >= 0.1)]
        heat = house.alpha_kw_s2 * np.arange(0.0, 300.0) ** 2
        rise = fire_plume.jet_excess_k(heat, height_m=CEILING_M, radius_m=house.radius_m)
        ripe = rise * fire_smoke.density_per_kelvin(old.soot, heat_of_combustion_kj_g=old.heat_kj_g)
        assert house.from_s + np.argmax(ripe >= 0.1) < measured - 15.0


STAIR = ("Slot 4", "Slot 52", "Slot 44", "Slot 72", "Slot 64", "Slot 92", "Slot 84", "Slot 112",
         "Slot 104")  # fmt: skip
"""Between the flights of floors 2 (the fire's) to 10, one floor 2.6 m."""
PACE_S = 30.0
FADES_S = 75.0
"""A closed stair, not an open shaft: seconds a floor, and what its walls take. Read off the first
run and kept for the other."""
INLET_K_KW = 1.72
"""Rise at the fire's landing is this times Q^(2/3); from the first run too."""


@dataclass(frozen=True)
class Stair:
    measured: np.ndarray
    """(times, floors), rise in K"""
    simulated: np.ndarray


def stair(folder, run: str) -> Stair:
    seen = columns(folder / NRCC.format(run), skip=1)
    times = seen["TIME"]
    measured = np.stack([seen[slot] - seen[slot][:5].mean() for slot in STAIR], axis=1)
    inlet = INLET_K_KW * np.maximum(seen["HRR"], 0.0) ** (2 / 3)
    above = fire_tower.climbs(
        times, inlet, floors=len(STAIR) - 1, floor_m=2.6, speed_m_s=2.6 / PACE_S, fades_s=FADES_S
    )
    return Stair(measured, np.column_stack((inlet, above)))


@pytest.mark.needs_data("fire_nrcc_smoke_tower")
@pytest.mark.parametrize(("run", "factor"), [("BK-R", 1.25), ("CLC-I-R", 3.5)])
def test_the_floors_of_a_tower_are_as_hot_in_the_order_they_were(
    labelled_data, record_property, run, factor
):
    """The second run was not fitted to: its upper floors, a few kelvin warm, come out too warm."""
    seen = stair(labelled_data, run)
    measured, simulated = seen.measured.max(axis=0), seen.simulated.max(axis=0)
    record_property("peaks_k", [measured.round(1).tolist(), simulated.round(1).tolist()])
    assert np.argsort(-simulated).tolist() == np.argsort(-measured).tolist()
    assert (np.diff(simulated) < 0).all()
    assert np.abs(np.log(simulated / measured)).max() < np.log(factor)


@pytest.mark.needs_data("fire_nrcc_smoke_tower")
@pytest.mark.parametrize("run", ["BK-R", "CLC-I-R"])
def test_warmth_comes_to_the_floors_of_a_tower_in_their_order(labelled_data, run):
    seen = stair(labelled_data, run)
    for rises in (seen.measured, seen.simulated):
        warm = np.argmax(rises >= 2.0, axis=0)[:8]
        assert (np.diff(warm) > 0).all()
