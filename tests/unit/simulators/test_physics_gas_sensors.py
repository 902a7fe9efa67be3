"""Gas sensors lie each in their own way."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.physics import gas_sensors as sensors

SECONDS = np.arange(0.0, 4000.0, 10.0)


@pytest.mark.parametrize("principle", list(sensors.Principle))
def test_every_principle_shows_nine_tenths_of_a_step_after_its_t90(principle):
    times = np.linspace(0.0, principle.t90_s, 400)
    step = np.ones_like(times)
    step[0] = 0.0
    assert sensors.shown(times, step, principle)[-1] == pytest.approx(0.9, abs=0.01)
    assert principle.noise > 0


def test_hydrogen_shows_as_carbon_monoxide_and_nothing_as_less_than_nothing():
    air = np.zeros((2, len(sensors.GASES)))
    air[0, sensors.GASES.index("h2")] = 100.0
    air[1, sensors.GASES.index("no2")] = 5.0
    seen = sensors.cells_show(air)
    assert seen[0] == pytest.approx([40.0, 0.0])
    assert seen[1] == pytest.approx([0.0, 0.0])


def test_every_cell_answers_its_own_gas_fully():
    own = np.zeros((2, len(sensors.GASES)))
    own[0, 0], own[1, 1] = 30.0, 10.0
    seen = sensors.cells_show(own)
    assert (seen[0, 0], seen[1, 1]) == (30.0, 10.0)
    assert 0 < seen[1, 0] <= 1.0  # H2S on the CO cell, a tenth


def test_a_bead_reads_low_without_oxygen_and_folds_back_above_the_limit():
    assert float(sensors.bead_shows(2.0, 20.9)) == 2.0
    assert float(sensors.bead_shows(2.0, 6.0)) == 1.0
    assert float(sensors.bead_shows(5.0, 20.0)) == 5.0
    assert float(sensors.bead_shows(12.5, 18.0)) == pytest.approx(2.5)
    assert float(sensors.bead_shows(60.0, 8.0)) == 0.0


def test_a_poisoned_bead_keeps_silent():
    gain = sensors.poisoned(SECONDS, from_s=1000.0, half_s=600.0)
    assert gain[SECONDS <= 1000].min() == 1.0
    assert gain[SECONDS == 1600].item() == pytest.approx(0.5)
    assert gain[-1] == 0.1
    assert float(sensors.bead_shows(1.0, 20.9, left=gain[-1])) == pytest.approx(0.1)


def test_h2s_takes_half_of_a_bead_and_clean_air_gives_it_back():
    assert sensors.inhibited([0.0, 100.0]).tolist() == [1.0, 0.5]


def test_a_water_film_comes_at_once_and_dries_over_hours():
    humidity = np.where((SECONDS > 500) & (SECONDS < 1000), 98.0, 80.0)
    offset = sensors.film(SECONDS, humidity, offset=0.3, dries_s=3000.0)
    assert offset[SECONDS < 500].max() == 0.0
    assert offset[SECONDS == 700].item() == 0.3
    assert 0.05 < offset[-1] < 0.15


def test_the_barometer_moves_an_oxygen_cell():
    assert float(sensors.o2_cell_shows(20.9, pressure_hpa=1013.25 * 1.01)) == pytest.approx(21.109)
    assert float(sensors.o2_cell_shows(20.9)) == 20.9
