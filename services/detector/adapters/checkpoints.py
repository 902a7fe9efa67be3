"""State on the compacted topic: two generations take turns, and the manifest is written last.

Keys are ``<partition>/<parity>/<shard>`` and ``<partition>/<parity>/manifest``. A generation
overwrites the one before the last; killed half-way, its shards do not fit the manifest that is
still there, the damage is seen by the digest, and the other parity is whole.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from services.detector.ports import Found, Saved
from shared.bus.ports import Bus
from shared.bus.topics import CHECKPOINTS
from shared.errors import BadCheckpoint

SHARD_BYTES: Final = 880 * 1024
"""Below the 1 MiB a broker takes by default, with room for the frame."""
FORMAT: Final = 1
FAST: Final = 1
PARITIES: Final = (0, 1)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Written after the last shard: what makes a generation whole."""

    format: int
    generation: int
    shards: int
    size: int
    """Bytes of all shards together, compressed."""
    digest: bytes
    """BLAKE2b-128 of them."""


_manifest = msgspec.msgpack.Decoder(Manifest)


class BusCheckpoints:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def save(self, partition: int, generation: int, body: bytes) -> int:
        packed = await asyncio.to_thread(zlib.compress, body, FAST)
        shards = [packed[at : at + SHARD_BYTES] for at in range(0, len(packed), SHARD_BYTES)]
        prefix = f"{partition}/{generation % len(PARITIES)}"
        for number, shard in enumerate(shards):
            await self._put(partition, f"{prefix}/{number}", shard)
        manifest = Manifest(
            format=FORMAT,
            generation=generation,
            shards=len(shards),
            size=len(packed),
            digest=_digest(packed),
        )
        await self._put(partition, f"{prefix}/manifest", msgspec.msgpack.encode(manifest))
        return len(packed)

    async def load(self, partition: int) -> Found:
        there = await self._bus.snapshot(CHECKPOINTS, partition)
        saved: list[Saved] = []
        refused: list[str] = []
        newest = 0
        for parity in PARITIES:
            prefix = f"{partition}/{parity}"
            raw = there.get(f"{prefix}/manifest")
            if raw is None:
                if f"{prefix}/0" in there:
                    refused.append(f"checkpoint {prefix} was never finished")
                continue
            try:
                manifest = _read_manifest(raw, prefix)
                newest = max(newest, manifest.generation)
                body = await asyncio.to_thread(_assemble, there, manifest, prefix)
            except BadCheckpoint as error:
                refused.append(str(error))
            else:
                saved.append(Saved(manifest.generation, body))
        saved.sort(key=lambda one: -one.generation)
        return Found(saved=tuple(saved), refused=tuple(refused), newest_generation=newest)

    async def _put(self, partition: int, key: str, value: bytes) -> None:
        await self._bus.publish(CHECKPOINTS, key, value, partition=partition)


def _digest(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=16).digest()


def _read_manifest(raw: bytes, prefix: str) -> Manifest:
    try:
        manifest = _manifest.decode(raw)
    except msgspec.MsgspecError as error:
        raise BadCheckpoint(f"checkpoint {prefix} has an unreadable manifest: {error}") from error
    if manifest.format != FORMAT:
        raise BadCheckpoint(
            f"checkpoint {prefix} has format {manifest.format}, this detector reads {FORMAT}"
        )
    return manifest


def _assemble(there: Mapping[str, bytes], manifest: Manifest, prefix: str) -> bytes:
    name = f"checkpoint {prefix} generation {manifest.generation}"
    packed = b"".join(there.get(f"{prefix}/{number}", b"") for number in range(manifest.shards))
    if len(packed) != manifest.size or _digest(packed) != manifest.digest:
        raise BadCheckpoint(f"{name} is half written: its shards do not fit its manifest")
    try:
        return zlib.decompress(packed)
    except zlib.error as error:
        raise BadCheckpoint(f"{name} cannot be unpacked: {error}") from error
