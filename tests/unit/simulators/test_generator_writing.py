"""A generated city on disk: the registry loads to the very city that was generated."""

from __future__ import annotations

import tracemalloc

import pytest

from shared.errors import BadInput
from shared.registry.lint import lint_registry
from shared.registry.load import load_registry
from simulators.generator import generate
from simulators.generator.writing import write_city


@pytest.mark.slow
def test_a_city_of_two_thousand_sensors_loads_as_it_was_generated_and_without_a_complaint(tmp_path):
    written = write_city(7, 2000, tmp_path)
    assert lint_registry(tmp_path) == ()
    assert load_registry(tmp_path) == generate(7, 2000)
    assert written.sensors == 2000
    assert written.bytes == sum(file.stat().st_size for file in tmp_path.iterdir())
    assert written.too_large == ()


@pytest.mark.parametrize("sensors", [1, 2, 13, 40, 77, 321])
def test_a_city_cut_anywhere_is_still_complete(tmp_path, sensors):
    write_city(5, sensors, tmp_path)
    assert lint_registry(tmp_path) == ()
    assert load_registry(tmp_path) == generate(5, sensors)


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("once", "again"):
        write_city(11, 200, tmp_path / name)
    files = sorted(file.name for file in (tmp_path / "once").iterdir())
    assert files == ["geometry.geojson", "registry.yaml", "sensors.csv"]
    for name in files:
        once, again = (tmp_path / folder / name for folder in ("once", "again"))
        assert once.read_bytes() == again.read_bytes()


def test_progress_rises_to_the_whole(tmp_path):
    told: list[float] = []
    write_city(1, 2500, tmp_path, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 2


def test_a_city_is_written_piece_by_piece(tmp_path):
    write_city(1, 10, tmp_path / "warm")
    peaks = []
    for sensors in (500, 2500):
        tracemalloc.start()
        write_city(1, sensors, tmp_path / str(sensors))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 400_000, "2,000 sensors more as objects would be over a megabyte"


def test_a_city_that_no_registry_holds_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr("simulators.generator.writing.SENSORS_MAX", 99)
    monkeypatch.setattr("simulators.generator.writing.BYTES_MAX", 1000)
    written = write_city(1, 100, tmp_path)
    assert len(written.too_large) == 2
    assert "sensors.csv has 100 sensors, at most 99" in str(written)


def test_what_is_there_already_is_not_overwritten(tmp_path):
    (tmp_path / "sensors.csv").write_text("mine")
    with pytest.raises(BadInput, match=r"sensors\.csv exists already"):
        write_city(1, 10, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["sensors.csv"]
    assert (tmp_path / "sensors.csv").read_text() == "mine"


def test_a_folder_that_cannot_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written to"):
        write_city(1, 10, tmp_path / "file" / "below")


def test_nothing_is_written_for_a_size_that_cannot_be(tmp_path):
    with pytest.raises(BadInput, match="sensors"):
        write_city(1, 0, tmp_path / "city")
    assert not list(tmp_path.iterdir())
