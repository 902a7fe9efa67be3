"""Any Parquet file as lines of text, so that a column mapping reads it as it reads a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from shared.archive.opening import opened
from shared.errors import BadInput, StoreUnavailable

BATCH_ROWS: Final = 16_384


def header(path: Path) -> list[str]:
    """The column names; BadInput for what is no Parquet file."""
    with _opened(path) as file:
        return list(file.schema_arrow.names)


def text_rows(path: Path) -> Iterator[list[str]]:
    """Every row, one cell a column, as a CSV file would have it; nothing where there is null."""
    with _opened(path) as file:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
            columns = [[_text(value) for value in column.to_pylist()] for column in batch.columns]
            for row in zip(*columns, strict=True):
                yield list(row)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with opened(path) as file:
            yield file
    except FileNotFoundError as error:
        raise BadInput(f"recording {path} cannot be read: there is no such file") from error
    except StoreUnavailable as error:
        raise BadInput(f"recording {path} is no Parquet file: {error.__cause__}") from error
