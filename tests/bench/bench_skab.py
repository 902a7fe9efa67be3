"""How well the multivariate score finds faults of a water loop, by the published protocol of SKAB.

Law: the first 400 rows of each file are healthy and learned, the rest is judged; one configuration
for all files; the alarm follows from the false-alarm budget, and no label is read before the marks
are given.

Run: ``python -m tests.bench.bench_skab FOLDER --json FILE``; files are found in all its folders.
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shared.clock import SystemClock
from tests.support.multivariate_field import (
    CONTENDERS,
    EACH_MINUTE,
    Flags,
    Times,
    Values,
    data_folder,
)
from tests.support.multivariate_marks import changes, points

LEARNED = 400
NEITHER = ("datetime", "anomaly", "changepoint")


@dataclass(frozen=True, slots=True)
class Recording:
    times: Times
    values: Values
    anomaly: Flags
    change: Flags


def recordings(folder: Path) -> list[Recording]:
    """Every labelled file below the folder, by name."""
    found = []
    for path in sorted(folder.rglob("*.csv")):
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        if not rows or "changepoint" not in rows[0]:
            continue
        channels = [name for name in rows[0] if name not in NEITHER]
        found.append(
            Recording(
                times=np.array([row["datetime"].replace(" ", "T") for row in rows], "M8[us]"),
                values=np.array([[float(row[name]) for name in channels] for row in rows]),
                anomaly=np.array([float(row["anomaly"]) > 0.0 for row in rows]),
                change=np.array([float(row["changepoint"]) > 0.0 for row in rows]),
            )
        )
    return found


def measure(files: list[Recording]) -> dict[str, dict[str, float]]:
    clock = SystemClock()
    board = {}
    for name, contender in (EACH_MINUTE | CONTENDERS).items():
        began = clock.monotonic()
        said = [contender(file.times, file.values, LEARNED) for file in files]
        taken = clock.monotonic() - began
        mark = points([file.anomaly[LEARNED:] for file in files], said)
        change = changes(
            [file.times[LEARNED:] for file in files],
            [file.change[LEARNED:] for file in files],
            said,
        )
        board[name] = {
            "f1": mark.f1,
            "far_percent": 100.0 * mark.false_alarms,
            "mar_percent": 100.0 * mark.missed,
            "change_standard": change.standard,
            "change_low_fp": change.low_fp,
            "change_low_fn": change.low_fn,
            "rows_per_s": sum(file.times.size for file in files) / max(taken, 1e-9),
        }
    return board


def main() -> None:
    parser = argparse.ArgumentParser(description="Faults of a water loop, found and missed.")
    parser.add_argument("folder", type=Path, nargs="?", default=data_folder() / "skab")
    parser.add_argument("--json", type=Path, help="write figures to this file")
    asked = parser.parse_args()
    files = recordings(asked.folder) if asked.folder.is_dir() else []
    if not files:
        print(f"nothing measured: no labelled files below {asked.folder}")
    board = measure(files) if files else {}
    for name, row in board.items():
        print(f"{name:12}", "  ".join(f"{mark} {figure:.3f}" for mark, figure in row.items()))
    if asked.json is not None:
        figures = {
            f"{name}_{mark}": value for name, row in board.items() for mark, value in row.items()
        }
        machine = {"machine": platform.machine(), "python": platform.python_version()}
        body = {"figures": figures, "files": len(files), **machine}
        asked.json.write_text(json.dumps(body, indent=2) + "\n")


if __name__ == "__main__":
    main()
