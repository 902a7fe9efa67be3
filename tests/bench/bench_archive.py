"""A million-point series out of the archive, and readings into it, as a plain script.

    python tests/bench/bench_archive.py --json FILE

The archive is made first: one area with some sensors that speak once a second, for as many hours
as a million readings of one of them take. Each figure checks its own answer.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from services.ingest.adapters.shelves import ParquetShelves
from services.ingest.core.shelving import Buffer, Places
from shared.archive.playback import Span, records
from shared.archive.query import read_series
from shared.archive.shelf import HOUR_US
from shared.archive.thinning import thin
from shared.bus.codec import Columns, Pack, pack, unpack
from shared.clock import SystemClock
from shared.registry.load import load_registry

POINTS = 1_000_000
SENSORS = 20
SHOWN = 1_000
START_US = 1_793_000_000_000_000 // HOUR_US * HOUR_US
SECOND_US = 1_000_000
DAY_US = 24 * HOUR_US
SITE = "t3"


def packs(
    sensors: list[str], *, seconds: int, first_s: int, rng: np.random.Generator
) -> list[Pack]:
    """One pack a minute and sensor, sixty readings each."""
    made = []
    for minute in range(0, seconds, 60):
        at = START_US + (first_s + minute + np.arange(60, dtype=np.int64)) * SECOND_US
        for sensor in sensors:
            shown = Columns(
                sensors=[sensor] * 60,
                measured_at_us=at,
                values=np.round(20.0 + rng.normal(0.0, 0.1, 60), 2),
                quality=np.zeros(60, np.uint8),
                seq=(first_s + minute + np.arange(60)).astype(np.int64),
            )
            made.append(
                unpack(
                    pack(
                        site=SITE,
                        device=f"tocsin/v1/heping-north/t3/{sensor}",
                        received_at_us=int(at[-1]) + 200_000,
                        run="",
                        historical=False,
                        columns=shown,
                    )
                )
            )
    return made


def timed(clock: SystemClock, work: Callable[[], Any], *, times: int = 3) -> tuple[float, Any]:
    """The best of some tries, and the answer."""
    best, answer = float("inf"), None
    for _ in range(times):
        began = clock.monotonic()
        answer = work()
        best = min(best, clock.monotonic() - began)
    return best, answer


def measure(root: Path) -> dict[str, float]:
    clock, registry, rng = SystemClock(), load_registry(), np.random.default_rng(1)
    sensors = sorted(one for one in registry.sensors if registry.site_of(one) == SITE)[:SENSORS]
    hand = ParquetShelves(root, keep_us=400 * DAY_US, keep_runs_us=30 * DAY_US)
    hand.prepare()
    hours = -(-POINTS // 3600)
    rows, writing_s = 0, 0.0
    for hour in range(hours):
        buffer = Buffer(Places(registry))
        made = packs(sensors, seconds=3600, first_s=3600 * hour, rng=rng)
        began = clock.monotonic()
        for offset, one in enumerate(made, hour * len(made)):
            buffer.add(one, partition=0, offset=offset)
        for sheet in buffer.sheets():
            hand.put(sheet)
        writing_s += clock.monotonic() - began
        rows += buffer.rows
    size = sum(path.stat().st_size for path in root.rglob("*.parquet"))
    wanted: dict[str, str | None] = {
        sensors[7]: registry.assets[registry.sensors[sensors[7]].asset].area
    }
    window = {"first_us": START_US, "last_us": START_US + POINTS * SECOND_US - 1}

    def opened() -> Any:
        series = read_series(root, wanted, run="", **window)[sensors[7]]
        return series, thin(series.at_us, series.trusted, SHOWN, gap_us=60 * SECOND_US)

    open_s, (series, thinned) = timed(clock, opened)
    assert series.at_us.size == POINTS
    assert thinned.size == SHOWN
    thin_s, _ = timed(clock, lambda: thin(series.at_us, series.trusted, SHOWN))
    span = Span(START_US, START_US + HOUR_US - 1, frozenset({SITE}))
    replay_s, told = timed(
        clock, lambda: sum(len(kept.sensors) for kept in records(root, run="", span=span)), times=1
    )
    assert told == 3600 * len(sensors)
    return {
        "million_points_open_s": open_s,
        "million_points_thin_s": thin_s,
        "written_readings_per_s": rows / writing_s,
        "bytes_per_reading": size / rows,
        "replayed_readings_per_s": told / replay_s,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        figures = {name: round(value, 4) for name, value in measure(Path(folder)).items()}
    result = {"figures": figures, "python": platform.python_version()}
    print(json.dumps(result, indent=2))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
