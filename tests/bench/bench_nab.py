"""How early and how calmly single sensors are judged, on the Numenta Anomaly Benchmark.

Law: one configuration and one threshold for all series, nothing but the past of each; whoever says
nothing, tosses a coin or knows only fixed limits stands on the same board.

Run: ``python -m tests.bench.bench_nab --data NAB/data --labels NAB/labels/combined_windows.json``.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from services.detector.core.univariate.kernel import score
from services.detector.core.univariate.memory import blank
from shared.clock import SystemClock
from tests.support.multivariate_field import data_folder
from tests.support.nab_scoring import (
    PROFILES,
    Series,
    best_threshold,
    leave_one_folder_out,
    read_series,
    worth,
)

Scores = list[np.ndarray]
LEARN_SHARE = 0.15


def silent(series: Sequence[Series]) -> Scores:
    return [np.zeros(one.values.size) for one in series]


def coin_toss(series: Sequence[Series], seed: int = 1) -> Scores:
    rng = np.random.default_rng(seed)
    return [rng.random(one.values.size) for one in series]


def threshold_only(series: Sequence[Series]) -> Scores:
    """A fixed limit a series, set from its first readings: how many of their deviations away."""
    found = []
    for one in series:
        first = one.values[: max(2, int(LEARN_SHARE * one.values.size))]
        away = np.abs(one.values - first.mean()) / (first.std() + 1e-9)
        found.append(away / (away + 8.0))
    return found


def ours(series: Sequence[Series], *, news: bool = True) -> Scores:
    """All series side by side, one reading of each at a time, as sensors of one bank."""
    memory = blank(len(series))
    found = [np.full(one.values.size, np.nan) for one in series]
    for place in range(max(one.values.size for one in series)):
        rows = np.array([i for i, one in enumerate(series) if place < one.values.size])
        at = np.array([series[i].at[place] for i in rows])
        values = np.array([series[i].values[place] for i in rows])
        said = score(memory, rows, at, values)
        for row, one in zip(rows, said.scores if news else said.surprise, strict=True):
            found[row][place] = one
    return found


BOARD: dict[str, Callable[[Sequence[Series]], Scores]] = {
    "silent": silent,
    "coin-toss": coin_toss,
    "threshold-only": threshold_only,
    "novelty without news": lambda series: ours(series, news=False),
    "novelty": ours,
}


def write_scores(folder: Path, series: Sequence[Series], scores: Scores) -> None:
    """One CSV a series, as other scorers of this benchmark read them."""
    for one, said in zip(series, scores, strict=True):
        target = folder / one.key
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(("timestamp", "anomaly_score"))
            for at, score_of_row in zip(one.at.tolist(), said.tolist(), strict=True):
                stamp = np.datetime64(at, "us").astype("datetime64[s]")
                out.writerow((str(stamp).replace("T", " "), repr(score_of_row)))


def measure(series: Sequence[Series], out: Path | None = None) -> dict[str, float]:
    worths = [worth(one.values.size, one.windows) for one in series]
    figures = {
        "series": float(len(series)),
        "windows": float(sum(judged.windows for judged in worths)),
    }
    clock = SystemClock()
    for name, contender in BOARD.items():
        began = clock.monotonic()
        scores = contender(series)
        taken = clock.monotonic() - began
        row = {
            profile: best_threshold(worths, scores, weights)[0]
            for profile, weights in PROFILES.items()
        }
        row["other_folders_threshold"] = leave_one_folder_out(series, worths, scores)
        row["threshold"] = best_threshold(worths, scores, PROFILES["standard"])[1]
        row["seconds"] = taken
        print(f"{name:22}" + "".join(f" {key} {figure:8.3f}" for key, figure in row.items()))
        figures |= {f"{name}: {key}": figure for key, figure in row.items()}
    if out is not None:
        write_scores(out, series, scores)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Score on the Numenta Anomaly Benchmark.")
    usual = data_folder() / "nab"
    parser.add_argument("--data", type=Path, default=usual / "data", help="folder of the series")
    parser.add_argument(
        "--labels",
        type=Path,
        default=usual / "labels" / "combined_windows.json",
        help="combined_windows.json",
    )
    parser.add_argument("--only", action="append", default=[], help="a folder of series, repeated")
    parser.add_argument("--json", type=Path, help="write figures to this file")
    parser.add_argument("--scores", type=Path, help="write our scores to this folder")
    asked = parser.parse_args()
    series = read_series(asked.data, asked.labels, only=asked.only)
    if not series:
        parser.error(f"no series of {asked.labels} in {asked.data}")
    figures = measure(series, asked.scores)
    if asked.json is not None:
        asked.json.write_text(json.dumps({"figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
