"""What a group's gateway sends, and when: one message a row, unless a lie has it otherwise.

A message is either written out as a frame (JSON, for a broker) or handed over as a parcel
(columns, for whoever scores in the same process). Both say the same, to the bit.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.domain.sensor import Sensor
from simulators.device import NEVER_US, Block, Ints, Posts, canonical_of, fit_of
from simulators.frames import Frame, PackedReading, moment_text, pack_frame

EPOCH_2000_US: Final = 946_684_800_000_000
EPOCH_2100_US: Final = 4_102_444_800_000_000
"""A device whose clock says a time outside of these years is refused by ingest."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message as columns, one entry for each reading that ingest would store."""

    site: str
    topic: str
    run: str
    sent_at_us: int
    """Microseconds since the Unix epoch, UTC, as are all times here."""
    sensors: list[str]
    measured_at_us: NDArray[np.int64]
    values: NDArray[np.float64]
    """In canonical units."""
    refused: int = 0
    """Readings of the message that ingest would refuse: out of range, no number, no time."""


@dataclass(frozen=True, slots=True)
class Sender:
    """What all messages of a group share."""

    site: str
    topic: str
    run: str
    start: datetime
    start_us: int
    """Unix microseconds of ``start``."""
    sensors: tuple[Sensor, ...]


@dataclass(frozen=True, slots=True)
class _Message:
    sent_us: int
    """Scenario time."""
    row: int
    columns: tuple[int, ...] | None
    """Which sensors it speaks of; None is all."""
    block: _Written

    def __lt__(self, other: _Message) -> bool:
        return self.sent_us < other.sent_us


class _Written:
    """A block beside what its parcels need, worked out once for all rows."""

    def __init__(self, sender: Sender, block: Block) -> None:
        self.block = block
        self.canonical = canonical_of(sender.sensors, block.shown)
        self.fit = fit_of(sender.sensors, self.canonical)
        self.all_fit: list[bool] = np.asarray(self.fit.all(axis=1)).tolist()


def frames(
    sender: Sender, blocks: Iterable[Block], until_us: int | None
) -> Iterator[tuple[int, Frame]]:
    """Every message as a frame beside its sending time in scenario microseconds, in that order."""
    names = [sensor.id for sensor in sender.sensors]
    for message in _messages(sender, blocks, until_us):
        block, row = message.block.block, message.row
        measured_us = int(block.times_us[row])
        values = block.shown[row].tolist()
        columns: Sequence[int] = range(len(names)) if message.columns is None else message.columns
        clock_us = None if block.posts is None else block.posts.clock_us[row]
        readings = [
            PackedReading(
                sensor=names[column],
                value=values[column],
                measured_at=_own_time(sender, measured_us, clock_us, column),
            )
            for column in columns
        ]
        frame = pack_frame(
            topic=sender.topic,
            measured_at=sender.start + timedelta(microseconds=measured_us),
            run=sender.run,
            readings=readings,
            late=timedelta(microseconds=message.sent_us - measured_us),
        )
        yield message.sent_us, frame


def parcels(
    sender: Sender, blocks: Iterable[Block], until_us: int | None
) -> Iterator[tuple[int, Parcel]]:
    """Every message as a parcel beside its sending time in scenario microseconds."""
    names = [sensor.id for sensor in sender.sensors]
    same = np.ones(len(names), np.int64)
    for message in _messages(sender, blocks, until_us):
        written, row = message.block, message.row
        at_us = sender.start_us + int(written.block.times_us[row])
        sent_at_us = sender.start_us + message.sent_us
        posts = written.block.posts
        if message.columns is None and posts is None and written.all_fit[row]:
            yield (
                message.sent_us,
                Parcel(
                    sender.site,
                    sender.topic,
                    sender.run,
                    sent_at_us,
                    names,
                    same * at_us,
                    written.canonical[row],
                ),
            )
            continue
        columns = np.arange(len(names)) if message.columns is None else np.array(message.columns)
        measured = same[columns] * at_us
        if posts is not None:
            measured = measured + posts.clock_us[row, columns]
        fit = written.fit[row, columns] & (measured >= EPOCH_2000_US) & (measured < EPOCH_2100_US)
        kept = columns[fit]
        yield (
            message.sent_us,
            Parcel(
                sender.site,
                sender.topic,
                sender.run,
                sent_at_us,
                [names[column] for column in kept],
                measured[fit],
                written.canonical[row, kept],
                columns.size - kept.size,
            ),
        )


def _own_time(sender: Sender, measured_us: int, clock_us: Ints | None, column: int) -> str | None:
    """What a device whose clock is wrong writes beside its reading."""
    if clock_us is None or clock_us[column] == 0:
        return None
    ahead = timedelta(microseconds=measured_us + int(clock_us[column]))
    return moment_text(sender.start + ahead)


def _messages(sender: Sender, blocks: Iterable[Block], until_us: int | None) -> Iterator[_Message]:
    """In order of sending; what would be sent after the end never is."""
    waiting: list[_Message] = []
    for block in blocks:
        written = _Written(sender, block)
        posts = block.posts
        for row, time_us in enumerate(block.times_us.tolist()):
            while waiting and waiting[0].sent_us <= time_us:
                yield heapq.heappop(waiting)
            if posts is None or posts.plain[row]:
                yield _Message(time_us, row, None, written)
                continue
            for sent_us, columns in _posted(posts, row, time_us):
                message = _Message(sent_us, row, columns, written)
                if sent_us == time_us:
                    yield message
                elif until_us is None or sent_us < until_us:
                    heapq.heappush(waiting, message)
    while waiting:
        yield heapq.heappop(waiting)


def _posted(posts: Posts, row: int, time_us: int) -> list[tuple[int, tuple[int, ...]]]:
    """The messages a row becomes: sending time and columns, in order of sending."""
    by_time: dict[int, list[int]] = {}
    for column in np.flatnonzero(posts.sent[row]).tolist():
        sent_us = time_us + int(posts.late_us[row, column])
        by_time.setdefault(sent_us, []).append(column)
    again: dict[int, list[int]] = {}
    for sent_us, columns in by_time.items():
        for column in columns:
            after_us = int(posts.again_us[row, column])
            if after_us != NEVER_US:
                again.setdefault(sent_us + after_us, []).append(column)
    found = [(sent_us, tuple(columns)) for sent_us, columns in by_time.items()]
    found += [(sent_us, tuple(columns)) for sent_us, columns in again.items()]
    return sorted(found)
