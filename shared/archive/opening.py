"""A Parquet file opened so that whatever is wrong with it has one name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from shared.errors import StoreUnavailable


@contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """The file, closed again after; StoreUnavailable when it is broken, here or while it is read.

    FileNotFoundError passes, for a file of the archive may have been merged into another.
    """
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            yield file
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        words = " ".join(str(error).split())
        raise StoreUnavailable(f"Parquet file {path} cannot be read ({words})") from error
