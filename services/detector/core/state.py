"""All that one partition knows, as bytes: state and the position it stands for are one thing.

The same input leads to the same bytes, on any machine and for any cut of the input into batches:
columns little-endian and only as long as rows are in use, names in the order they were first
heard, times and runs sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from services.detector.core.assets import Case
from services.detector.core.bank import blank, shapes
from services.detector.core.roster import ROWS_AT_FIRST
from services.detector.core.watch import Watch, new_watch
from shared.domain.registry import Registry
from shared.errors import BadCheckpoint

SCHEMA: Final = 1
"""Of everything below and of the bank's columns; a change to either is another number."""


class _Label(msgspec.Struct, frozen=True):
    schema: int


class _State(msgspec.Struct, frozen=True, kw_only=True):
    schema: int
    position: int
    counts: dict[str, int]
    owners: list[tuple[str, str, str] | None]
    """Run, sensor and nature of each row."""
    heard: list[tuple[str, int]]
    cases: list[Case]
    times: list[tuple[str, str, int]]
    stopped: list[tuple[str, str, list[int]]]
    columns: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Restored:
    watch: Watch
    position: int
    """The offset of the first record the state has not seen."""
    gone: tuple[str, ...]
    """Sensors the registry no longer has, or has as another kind; they start from nothing."""
    ended: tuple[Case, ...]
    """Cases that lost their last sensor that way; nobody will hear of them again."""


def dump(watch: Watch, position: int) -> bytes:
    """The state after every record before ``position``."""
    roster, cases = watch.roster, watch.cases
    used = len(roster.owners)
    return msgspec.msgpack.encode(
        _State(
            schema=SCHEMA,
            position=position,
            counts=watch.counts,
            owners=[
                (owner[0], owner[1].sensor, owner[1].nature) if owner else None
                for owner in roster.owners
            ],
            heard=sorted(roster.heard.items()),
            cases=list(cases.cases()),
            times=sorted((*key, at) for key, at in cases.time_us.items()),
            stopped=sorted((*key, sorted(fans)) for key, fans in cases.stopped.items() if fans),
            columns={name: col[:used].tobytes() for name, col in roster.bank.columns().items()},
        )
    )


def load(body: bytes, registry: Registry, *, runs_max: int) -> Restored:
    """The mind a ``dump`` was made of; BadCheckpoint for another schema or damaged bytes."""
    try:
        label = msgspec.msgpack.decode(body, type=_Label)
        if label.schema != SCHEMA:
            raise BadCheckpoint(
                f"checkpoint has schema {label.schema}, this detector reads {SCHEMA}; "
                "the readings are read again from the first that is still there"
            )
        state = msgspec.msgpack.decode(body, type=_State)
    except msgspec.MsgspecError as error:
        raise BadCheckpoint(f"checkpoint cannot be decoded: {error}") from error
    watch = new_watch(registry, runs_max=runs_max)
    used, rows = len(state.owners), ROWS_AT_FIRST
    while rows < used:
        rows *= 2
    bank = blank(rows)
    for name, column in _columns(state.columns, used).items():
        getattr(bank, name)[:used] = column
    lost = watch.roster.reseat(bank, state.owners)
    watch.roster.heard = dict(state.heard)
    watch.counts.update(state.counts)
    cases = watch.cases
    for case in state.cases:
        if case.asset in registry.assets:
            cases.open.setdefault((case.run, case.site), {})[(case.asset, case.hazard)] = case
    cases.time_us = {(run, site): at for run, site, at in state.times}
    cases.stopped = {(run, site): set(fans) for run, site, fans in state.stopped}
    ended = cases.let_go(watch.roster, lost)
    gone = tuple(owner[1] for row in lost if (owner := state.owners[row]) is not None)
    return Restored(watch=watch, position=state.position, gone=gone, ended=tuple(ended))


def _columns(stored: Mapping[str, bytes], rows: int) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    for name, (kind, shape) in shapes(rows).items():
        raw = stored.get(name, b"")
        if len(raw) != kind.itemsize * int(np.prod(shape)):
            raise BadCheckpoint(f"checkpoint column {name} has {len(raw)} bytes for {rows} rows")
        columns[name] = np.frombuffer(raw, kind).reshape(shape)
    return columns
