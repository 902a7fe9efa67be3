"""A Parquet file of somebody else's making."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_foreign(path: Path, zero: datetime, rows: Sequence[tuple]) -> None:
    """Seconds after ``zero``, optical density, degrees; None is null."""
    columns = {
        "when": [zero + timedelta(seconds=row[0]) for row in rows],
        "od": pa.array([row[1] for row in rows], pa.float64()),
        "warm": pa.array([row[2] for row in rows], pa.float64()),
        "label": ["x" for _ in rows],
    }
    pq.write_table(pa.table(columns), path)
