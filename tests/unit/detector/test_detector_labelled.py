"""Measured fires and measured calm: the detector against data nobody here made.

The recordings lie beside the repository and are never copied into it.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from shared.domain.level import Level
from shared.domain.quantity import Quantity, to_canonical
from tests.support.detector_city import NOON_US, packed, told, watch

DATA = Path(os.environ.get("TOCSIN_DATA_DIR", Path(__file__).parents[4] / "shared" / "data"))
FIRES = sorted((DATA / "fire_nist_smoke_alarms").glob("NIST_*.csv"))
CALM = DATA / "skab" / "anomaly-free" / "anomaly-free.csv"
FLOOR = {
    "harbour-f23-smoke-a": (("SMD_1", "SMC_1", "SMB_1"), Quantity.SMOKE, "1/m"),
    "harbour-f23-smoke-b": (("SMF_1", "SME_1", "SMA_1"), Quantity.SMOKE, "1/m"),
    "harbour-f23-temp": (("TCD_1", "TCC_1", "TCB_1"), Quantity.TEMPERATURE, "degC"),
}
LOOP = {
    "Current": ("ps1-loop-current", 1.0),
    "Pressure": ("ps1-loop-pressure", 0.1),
    "Temperature": ("ps1-loop-temp", 1.0),
    "Voltage": ("ps1-loop-voltage", 1.0),
    "Volume Flow RateRMS": ("ps1-loop-flow", 1 / 60),
}


def fire(path):
    """One record a row: the first channel there is stands for each sensor."""
    for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
        shown = {name.strip().upper(): value for name, value in row.items() if name}
        try:
            second = float(shown["TIME"])
        except (KeyError, ValueError):
            continue
        readings = []
        for sensor, (channels, quantity, unit) in FLOOR.items():
            value = next((shown[name] for name in channels if shown.get(name)), None)
            if value is not None:
                readings.append((sensor, second, to_canonical(quantity, unit, float(value))))
        if readings:
            yield packed("harbour-tower", *readings)


@pytest.mark.skipif(not FIRES, reason=f"no recorded fires in {DATA}; set TOCSIN_DATA_DIR")
@pytest.mark.parametrize("path", FIRES, ids=lambda path: path.stem)
def test_a_measured_house_fire_is_orange_within_three_minutes_and_then_red(path):
    events = watch().observe(list(fire(path))).events
    severe = [event for event in events if event.level >= Level.ORANGE]
    assert severe, f"nothing severe was said: {told(events)}"
    after_s = severe[0].decided_at.timestamp() - NOON_US / 1e6
    assert 10 < after_s < 180
    assert max(event.level for event in events) is Level.RED


@pytest.mark.slow
@pytest.mark.skipif(not CALM.exists(), reason=f"no {CALM.name} in {DATA}; set TOCSIN_DATA_DIR")
def test_two_and_a_half_hours_of_a_healthy_water_loop_say_nothing():
    rows = list(csv.DictReader(CALM.read_text().splitlines(), delimiter=";"))
    packs = [
        packed("ps1", *((name, second, float(row[col]) * by) for col, (name, by) in LOOP.items()))
        for second, row in enumerate(rows)
    ]
    mind = watch()
    assert mind.observe(packs).events == ()
    assert mind.counts["scored"] == len(rows) * len(LOOP) > 40_000
