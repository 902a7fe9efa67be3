"""Two generations take turns; whatever is left half done, one whole generation is found."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from services.detector.adapters import checkpoints as law
from services.detector.adapters.checkpoints import BusCheckpoints
from shared.bus.topics import CHECKPOINTS
from shared.errors import BusUnavailable


class Shelf:
    """The compacted topic alone: newest value of each key; dies after so many more writes."""

    def __init__(self):
        self.there: dict[str, bytes] = {}
        self.writes_left = 10_000
        self.sizes = []

    async def publish(self, topic, key, value, *, partition=None):
        assert (topic, partition) == (CHECKPOINTS, 3)
        if self.writes_left == 0:
            raise BusUnavailable("killed")
        self.writes_left -= 1
        self.sizes.append(len(value))
        self.there[key] = value
        return 0

    async def snapshot(self, topic, partition):
        return dict(self.there)


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture(autouse=True)
def shards_are_small(monkeypatch):
    monkeypatch.setattr(law, "SHARD_BYTES", 100)


def body(seed, size=400):
    return np.random.default_rng(seed).bytes(size)


async def generations(shelf):
    return [one.generation for one in (await BusCheckpoints(shelf).load(3)).saved]


async def test_the_newest_generation_comes_first_and_the_one_before_it_is_kept(shelf):
    for generation in (1, 2, 3):
        await BusCheckpoints(shelf).save(3, generation, body(generation))
    found = await BusCheckpoints(shelf).load(3)
    assert [one.generation for one in found.saved] == [3, 2]
    assert [one.body for one in found.saved] == [body(3), body(2)]
    assert found.refused == ()
    assert found.newest_generation == 3
    assert max(shelf.sizes) <= 100


async def test_nothing_there_is_nothing_found(shelf):
    found = await BusCheckpoints(shelf).load(3)
    assert (found.saved, found.refused, found.newest_generation) == ((), (), 0)


@pytest.mark.parametrize("writes", range(6))
async def test_killed_while_writing_leaves_the_generation_before(shelf, writes):
    for generation in (1, 2):
        await BusCheckpoints(shelf).save(3, generation, body(generation))
    shelf.writes_left = writes
    whole = False
    try:
        await BusCheckpoints(shelf).save(3, 3, body(3))
        whole = True
    except BusUnavailable:
        pass
    found = await BusCheckpoints(shelf).load(3)
    newest = found.saved[0].generation
    assert newest == (3 if whole else 2)
    if 0 < writes < 5:
        (refusal,) = found.refused
        assert "generation 1 is half written" in refusal


async def test_a_first_checkpoint_that_was_never_finished_is_named(shelf):
    shelf.writes_left = 2
    with pytest.raises(BusUnavailable):
        await BusCheckpoints(shelf).save(3, 1, body(1))
    found = await BusCheckpoints(shelf).load(3)
    assert found.saved == ()
    assert found.refused == ("checkpoint 3/1 was never finished",)


async def test_a_smaller_generation_ignores_the_shards_left_of_a_larger_one(shelf):
    await BusCheckpoints(shelf).save(3, 1, body(1, size=900))
    await BusCheckpoints(shelf).save(3, 3, body(3, size=50))
    assert await generations(shelf) == [3]


@pytest.mark.parametrize("rubbish", [b"", b"\xc1", msgspec.msgpack.encode({"format": 1})])
async def test_an_unreadable_manifest_is_refused_by_name(shelf, rubbish):
    await BusCheckpoints(shelf).save(3, 1, body(1))
    await BusCheckpoints(shelf).save(3, 2, body(2))
    shelf.there["3/0/manifest"] = rubbish
    found = await BusCheckpoints(shelf).load(3)
    assert [one.generation for one in found.saved] == [1]
    assert found.refused[0].startswith("checkpoint 3/0 has an unreadable manifest")


async def test_another_format_is_refused_by_number(shelf, monkeypatch):
    monkeypatch.setattr(law, "FORMAT", 9)
    await BusCheckpoints(shelf).save(3, 1, body(1))
    monkeypatch.setattr(law, "FORMAT", 1)
    found = await BusCheckpoints(shelf).load(3)
    assert found.refused == ("checkpoint 3/1 has format 9, this detector reads 1",)
