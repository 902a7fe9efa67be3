"""Behind ``tocsin score``: a CSV file in, a score for each row out, figures where there are labels.

The output has a line for every line of the input: its time as written, the score in [0, 1), empty
for no opinion, the level that the score alone would mean, the surprise behind it, and what
contributed most. One column is judged as one sensor, several as coupled channels of one machine.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.multivariate import score_table
from services.scoring.table import Table, read_table
from services.scoring.univariate import score_column
from shared.domain.level import Level
from shared.domain.quantity import Quantity
from shared.errors import BadInput

COLUMNS: Final = ("time", "score", "level", "surprise", "top")
LEVELS: Final = ((0.7, Level.RED), (0.6, Level.ORANGE), (0.5, Level.YELLOW))
"""Lowest score of each level, highest first; below them all nothing is raised."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Alarms against the labels, over the rows that have an opinion."""

    rows: int
    scored: int
    alarms: int
    labelled: int
    precision: float
    recall: float
    f1: float
    false_alarm_rate: float
    missed_alarm_rate: float
    episodes: int
    """Runs of labelled rows with an opinion."""
    episodes_found: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.scored} of {self.rows} rows scored, {self.alarms} in alarm, "
            f"{self.labelled} labelled: precision {self.precision:.3f}, recall {self.recall:.3f}, "
            f"F1 {self.f1:.3f}, false alarms {self.false_alarm_rate:.2%}, "
            f"missed {self.missed_alarm_rate:.2%}; "
            f"{self.episodes_found} of {self.episodes} episodes found"
        )


@dataclass(frozen=True, slots=True)
class _Judged:
    score: NDArray[np.float64]
    surprise: NDArray[np.float64]
    alarm: NDArray[np.bool_]
    top: list[str]


def score_file(
    source: Path,
    *,
    time: str,
    values: Sequence[str],
    kind: str | None = None,
    learn_only: int | None = None,
    label: str | None = None,
    output: Path | None = None,
) -> Figures | None:
    """Score every row of a CSV file and write the result; figures where there is a label column.

    Without ``output`` the result goes to standard output. The first ``learn_only`` rows teach and
    raise nothing: none of one column, 400 of several where it is not said. ``kind`` names the
    measured quantity of a single column. Raises BadInput for what the caller got wrong.
    """
    columns = [name.strip() for name in values if name.strip()]
    if not columns:
        raise BadInput("--value: names no column")
    if learn_only is not None and learn_only < 0:
        raise BadInput(f"--learn-only: {learn_only} is negative, give a number of rows")
    quantity = _quantity(kind)
    table = read_table(source, time=time, values=columns, label=label)
    judged = _judge(table, quantity, learn_only)
    text = _written(table, judged)
    if output is None:
        sys.stdout.write(text)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise BadInput(f"{output}: cannot be written: {error}") from error
    return None if table.labels is None else figures(judged.score, judged.alarm, table.labels)


def _quantity(kind: str | None) -> Quantity | None:
    try:
        return None if kind is None else Quantity(kind)
    except ValueError as error:
        known = ", ".join(sorted(Quantity))
        raise BadInput(f"--kind: {kind!r} is no quantity, take one of {known}") from error


def _judge(table: Table, kind: Quantity | None, learn_only: int | None) -> _Judged:
    rows = range(len(table.stamps))
    if len(table.columns) == 1:
        column = score_column(table.at, table.values[:, 0], kind=kind, learn_only=learn_only or 0)
        alarm = column.score >= LEVELS[-1][0]
        return _Judged(column.score, column.surprise, alarm, [column.loudest(i) for i in rows])
    scored = score_table(table.at.astype("datetime64[us]"), table.values, learn_only=learn_only)
    worst = scored.top[:, 0].tolist()
    top = [table.columns[place] if place >= 0 else "" for place in worst]
    return _Judged(scored.score, scored.surprise, scored.alarm, top)


def _written(table: Table, judged: _Judged) -> str:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for row, stamp in enumerate(table.stamps):
        score, surprise = float(judged.score[row]), float(judged.surprise[row])
        opinion = np.isfinite(score)
        level = _level(score) if judged.alarm[row] else ""
        top = judged.top[row] if opinion else ""
        out.writerow((stamp, _shown(score), level, _shown(surprise), top))
    return text.getvalue()


def _shown(number: float) -> str:
    """Every digit, so that two different scores never tie."""
    return repr(number) if np.isfinite(number) else ""


def _level(score: float) -> str:
    return next((level.value for least, level in LEVELS if score >= least), Level.YELLOW.value)


def figures(
    score: NDArray[np.float64], alarm: NDArray[np.bool_], labels: NDArray[np.bool_]
) -> Figures:
    """How alarms and labels agree over the rows that have an opinion."""
    opinion = np.isfinite(score)
    alarm, label = alarm & opinion, labels & opinion
    hits, false = int((alarm & label).sum()), int((alarm & ~label).sum())
    missed, calm = int((label & ~alarm).sum()), int((opinion & ~alarm & ~label).sum())
    begins = np.flatnonzero(label & ~np.concatenate(([False], label[:-1])))
    found = np.add.reduceat(alarm & label, begins) > 0 if begins.size else np.zeros(0, np.bool_)
    return Figures(
        rows=score.size,
        scored=int(opinion.sum()),
        alarms=hits + false,
        labelled=hits + missed,
        precision=_share(hits, hits + false),
        recall=_share(hits, hits + missed),
        f1=_share(2 * hits, 2 * hits + false + missed),
        false_alarm_rate=_share(false, false + calm),
        missed_alarm_rate=_share(missed, hits + missed),
        episodes=int(begins.size),
        episodes_found=int(found.sum()),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
