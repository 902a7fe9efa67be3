"""How fast a city is generated and its everyday readings are made, on one core, and what it weighs.

``python tests/bench/bench_city.py [--json FILE] [--sensors N]``. Generator time of 60 simulated
seconds is measured twice: each sensor at its own interval, and at the worst case, every sensor
every ten seconds; both with JSON payloads, every payload drained into a hash, which is made twice
and must be the same. Figures of memory are what the interpreter allocates per sensor.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import platform
import tempfile
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.clock import SystemClock
from shared.registry.load import load_registry
from simulators.generator import generate
from simulators.generator.columns import city_columns
from simulators.generator.player import LoadPlayer
from simulators.generator.writing import write_city

CLOCK = SystemClock()
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SEED = 1
SECONDS = 60.0
WORST_S = 10.0
WEIGHED = 20_000
"""Sensors of the city whose memory is measured: tracing slows what it traces."""


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    began = CLOCK.monotonic()
    answer = what()
    return CLOCK.monotonic() - began, answer


def weighed(what: Callable[[], Any]) -> tuple[int, int]:
    """Bytes kept by the answer, and bytes at the peak."""
    gc.collect()
    tracemalloc.start()
    answer = what()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer is not None
    return kept, peak


def played(sensors: int, every_s: float | None) -> tuple[int, int, str]:
    """Readings, bytes and hash of a minute's frames, from nothing but the seed."""
    player = LoadPlayer(city_columns(SEED, sensors), start=START, every_s=every_s)
    seen, readings, size = hashlib.sha256(), 0, 0
    for frame in player.frames(SECONDS):
        readings += frame.readings
        size += len(frame.payload)
        seen.update(frame.payload)
    return readings, size, seen.hexdigest()


def recorded(sensors: int) -> int:
    """Readings of a minute as records of the bus."""
    player = LoadPlayer(city_columns(SEED, sensors), start=START, every_s=WORST_S)
    return sum(record.readings for record in player.records(SECONDS))


def on_disk(sensors: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        write_s, written = timed(lambda: write_city(SEED, sensors, Path(folder)))
        load_s, registry = timed(lambda: load_registry(Path(folder)))
    assert len(registry.sensors) == written.sensors == sensors
    return {"write_100k_s": write_s, "load_100k_s": load_s, "written_mb": written.bytes / 1e6}


def measure(sensors: int) -> dict[str, float]:
    million_s, million = timed(lambda: city_columns(SEED, 1_000_000))
    assert len(million) == 1_000_000
    usual_s, (readings, _, usual_hash) = timed(lambda: played(sensors, None))
    worst_s, (most, size, worst_hash) = timed(lambda: played(sensors, WORST_S))
    assert most == sensors * SECONDS / WORST_S
    assert played(sensors, None)[2] == usual_hash
    assert played(sensors, WORST_S)[2] == worst_hash
    records_s, recorded_readings = timed(lambda: recorded(sensors))
    assert recorded_readings == most
    generate_s, _ = timed(lambda: generate(SEED, sensors))
    columns, _ = weighed(lambda: city_columns(SEED, WEIGHED))
    registry, _ = weighed(lambda: generate(SEED, WEIGHED))
    city = city_columns(SEED, WEIGHED)
    _, playing = weighed(
        lambda: sum(frame.readings for frame in LoadPlayer(city, start=START).frames(SECONDS))
    )
    return {
        "readings_per_s": most / worst_s,
        "generator_s_for_100k_60s": max(usual_s, worst_s) * 100_000 / sensors,
        "own_intervals_s_for_60s": usual_s,
        "own_intervals_readings": float(readings),
        "every_10_s_s_for_60s": worst_s,
        "payload_bytes_per_reading": size / most,
        "bus_readings_per_s": recorded_readings / records_s,
        "bytes_per_sensor": columns / WEIGHED,
        "player_bytes_per_sensor": playing / WEIGHED,
        "registry_bytes_per_sensor": registry / WEIGHED,
        "million_s": million_s,
        "generate_registry_s": generate_s,
        **on_disk(sensors),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="The city generator and its load player.")
    parser.add_argument("--json", type=Path, help="write figures to this file")
    parser.add_argument("--sensors", type=int, default=100_000)
    asked = parser.parse_args()
    figures = measure(asked.sensors)
    for name, figure in figures.items():
        print(f"{name:30} {figure:,.2f}")
    if asked.json is not None:
        machine = {"machine": platform.machine(), "python": platform.python_version()}
        result = {"figures": figures, "sensors": asked.sensors, **machine}
        asked.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
