"""How early and how surely the multivariate score sees attacks on a water network: BATADAL.

Law: one year without attacks is learned, the next file is judged; the alarm follows from the
false-alarm budget, and no label is read before the marks are given.

Run: ``python -m tests.bench.bench_batadal TRAIN.csv JUDGED.csv ATTACKS.csv --json FILE``.
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
from pathlib import Path

import numpy as np

from shared.clock import SystemClock
from tests.support.multivariate_field import CONTENDERS, Flags, Times, Values, data_folder
from tests.support.multivariate_marks import attacks

Table = tuple[Times, Values, list[str]]


def table(path: Path, channels: list[str] | None = None) -> Table:
    """Times and values of the file's channels: all but the time and the labels."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = channels or [
        name for name in rows[0] if name != "timestamp" and "att" not in name.lower()
    ]
    times = np.array([row["timestamp"].replace(" ", "T") for row in rows], "M8[us]")
    return times, np.array([[float(row[name]) for name in names] for row in rows]), names


def labels(path: Path, judged: str, times: Times) -> Flags:
    """Rows under attack: from the first hour of each attack of that file through its last."""
    under = np.zeros(times.size, np.bool_)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["file"] == judged:
                begin, end = (
                    np.datetime64(row[side].replace(" ", "T")) for side in ("start", "end")
                )
                under |= (times >= begin) & (times <= end)
    return under


def measure(learned: Path, judged: Path, listed: Path) -> dict[str, dict[str, float]]:
    clock = SystemClock()
    first, normal, names = table(learned)
    then, values, _ = table(judged, names)
    times, rows = np.concatenate([first, then]), np.concatenate([normal, values])
    truth = labels(listed, judged.stem, then)
    assert truth.any(), "the judged file must be in the list of attacks"
    board = {}
    for name, contender in CONTENDERS.items():
        began = clock.monotonic()
        mark = attacks(truth, contender(times, rows, first.size))
        taken = clock.monotonic() - began
        board[name] = {
            "s": mark.s,
            "s_ttd": mark.s_ttd,
            "s_cm": mark.s_cm,
            "true_positive": mark.true_positive,
            "true_negative": mark.true_negative,
            "found": float(mark.found),
            "rows_per_s": times.size / max(taken, 1e-9),
        }
    return board


def main() -> None:
    parser = argparse.ArgumentParser(description="Attacks on a water network, seen and missed.")
    folder = data_folder() / "batadal"
    for name, usual in (
        ("train", "train1_normal.csv"),
        ("judged", "train2_attacks.csv"),
        ("attacks", "attacks.csv"),
    ):
        parser.add_argument(name, type=Path, nargs="?", default=folder / usual)
    parser.add_argument("--json", type=Path, help="write figures to this file")
    asked = parser.parse_args()
    files = (asked.train, asked.judged, asked.attacks)
    missing = [path for path in files if not path.is_file()]
    if missing:
        print("nothing measured: no", *missing)
    board = {} if missing else measure(*files)
    for name, row in board.items():
        print(f"{name:12}", "  ".join(f"{mark} {figure:.3f}" for mark, figure in row.items()))
    if asked.json is not None:
        figures = {
            f"{name}_{mark}": value for name, row in board.items() for mark, value in row.items()
        }
        machine = {"machine": platform.machine(), "python": platform.python_version()}
        asked.json.write_text(json.dumps({"figures": figures, **machine}, indent=2) + "\n")


if __name__ == "__main__":
    main()
