"""What a row of the archive says; any tool that reads Parquet can use it.

``partition``, ``offset`` and ``place`` say which record of the bus a reading came in and where
in it, so a replay can give the detector the very records it had.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_WORD: Final = pa.dictionary(pa.int32(), pa.string())
_MOMENT: Final = pa.timestamp("us", tz="UTC")

SCHEMA: Final = pa.schema(
    [
        ("run", _WORD),  # empty for the real city
        ("site", _WORD),
        ("area", _WORD),
        ("asset", _WORD),
        ("sensor", _WORD),
        ("quantity", _WORD),
        ("measured_at", _MOMENT),
        ("received_at", _MOMENT),
        ("value", pa.float64()),  # in the quantity's canonical unit
        ("quality", _WORD),  # good, uncertain or bad
        ("seq", pa.int64()),  # null where the device gave none
        ("device", _WORD),  # the MQTT topic
        ("historical", pa.bool_()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("place", pa.int32()),
    ]
)
WORDS: Final = tuple(field.name for field in SCHEMA if field.type == _WORD)
INTEGERS: Final = ("measured_at", "received_at", "seq", "partition", "offset", "place")
ENCODINGS: Final = {
    **dict.fromkeys(INTEGERS, "DELTA_BINARY_PACKED"),
    "value": "BYTE_STREAM_SPLIT",
}
QUALITIES: Final = ("good", "uncertain", "bad")
"""In the order of ``Quality.code``."""
UNNUMBERED: Final = -1
"""In arrays: no ``seq``."""

Ints = NDArray[np.int64]


def whole_numbers(column: pa.ChunkedArray, *, where_null: int = UNNUMBERED) -> Ints:
    """A column of moments (as microseconds) or numbers."""
    parts = []
    for chunk in column.chunks:
        plain = chunk.cast(pa.int64())
        if plain.null_count:
            plain = plain.fill_null(where_null)
        parts.append(plain.to_numpy(zero_copy_only=False))
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def words(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """A column of words as codes and the words they stand for."""
    known: dict[str, int] = {}
    parts = []
    for chunk in column.chunks:
        encoded = chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode()
        own = [known.setdefault(word, len(known)) for word in encoded.dictionary.to_pylist()]
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        parts.append(np.asarray(own, np.int64)[codes] if own else np.empty(0, np.int64))
    return (np.concatenate(parts) if parts else np.empty(0, np.int64)), list(known)
