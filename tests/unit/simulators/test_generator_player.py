"""The load player: same seed same bytes however it is cut, and what ingest and detector expect."""

from __future__ import annotations

import hashlib
import math
import tracemalloc
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.intake import accept
from services.ingest.core.limits import Limits
from shared.bus.codec import columns, unpack
from shared.domain.quantity import Quantity, to_canonical
from shared.errors import BadInput
from simulators.frames import Frame
from simulators.generator import generate
from simulators.generator.calendar import rounds
from simulators.generator.columns import city_columns
from simulators.generator.player import LoadPlayer, readings
from simulators.generator.shows import jitter
from simulators.habits import NOISE_CUT, RESOLUTION, habit_of
from simulators.players import memory
from tests.support.played import START, OwnClock, series

SENSORS = 600
CALLED_ABOVE = {
    Quantity.CH4: 0.25, Quantity.H2S: 3.6, Quantity.CO: 13.0, Quantity.SMOKE: 0.05,
    Quantity.TEMPERATURE: 40.0, Quantity.WATER_LEVEL: 0.30,
}  # fmt: skip
CALLED_BELOW = {
    Quantity.O2: 20.2, Quantity.WATER_PRESSURE: 0.21, Quantity.FIRE_WATER_PRESSURE: 0.20,
}  # fmt: skip


@pytest.fixture(scope="module")
def city():
    return city_columns(7, SENSORS)


@pytest.fixture(scope="module")
def registry():
    return generate(7, SENSORS)


def digest(frames) -> str:
    seen = hashlib.sha256()
    for frame in frames:
        seen.update(f"{frame.topic} {frame.measured_at.isoformat()} ".encode() + frame.payload)
    return seen.hexdigest()


@pytest.mark.parametrize("every_s", [None, 10.0], ids=["own intervals", "every 10 s"])
def test_the_same_seed_gives_the_same_bytes(every_s):
    once, again = (
        digest(LoadPlayer(city_columns(3, SENSORS), start=START, every_s=every_s).frames(30))
        for _ in range(2)
    )
    assert once == again
    other = LoadPlayer(city_columns(4, SENSORS), start=START, every_s=every_s)
    assert digest(other.frames(30)) != once


def test_how_a_play_is_cut_changes_nothing(city):
    player = LoadPlayer(city, start=START)
    whole = list(player.frames(60))
    for tenths in (1, 73, 200):
        parts = []
        for first in range(0, 600, tenths):
            parts += player.frames(min(tenths, 600 - first) / 10, from_s=first / 10)
        assert digest(parts) == digest(whole)
    assert len(whole) > 100


def test_sites_left_out_change_nothing_in_the_others(city):
    whole = list(LoadPlayer(city, start=START).frames(60))
    sites = range(3, 9)
    topics = {f"/{city.site_id(site)}/" for site in sites}
    expected = [frame for frame in whole if any(one in frame.topic for one in topics)]
    assert list(LoadPlayer(city, start=START, sites=sites).frames(60)) == expected != []


def test_a_site_shows_the_same_in_a_larger_city(city):
    larger = LoadPlayer(city_columns(7, 3 * SENSORS), start=START, sites=range(10))
    assert digest(larger.frames(30)) == digest(
        LoadPlayer(city, start=START, sites=range(10)).frames(30)
    )


def test_every_sensor_is_heard_at_its_interval(city, registry):
    seen = series(LoadPlayer(city, start=START).frames(120))
    assert set(seen) == set(registry.sensors)
    for sensor, points in seen.items():
        gaps = {round(b - a, 3) for (a, _), (b, _) in pairwise(points)}
        assert gaps == {registry.sensors[sensor].interval_s}, sensor
        assert points[0][0] < registry.sensors[sensor].interval_s


def test_every_ten_seconds_means_every_sensor_every_ten_seconds(city, registry):
    player = LoadPlayer(city, start=START, every_s=10.0)
    assert player.readings_per_s == SENSORS / 10
    seen = series(player.frames(60))
    assert set(seen) == set(registry.sensors)
    assert {len(points) for points in seen.values()} == {6}


def test_frames_rise_in_time_and_are_spread_over_it(city):
    frames = list(LoadPlayer(city, start=START, every_s=10.0).frames(10))
    moments = [frame.measured_at for frame in frames]
    assert moments == sorted(moments)
    assert Counter(moments).most_common(1)[0][1] < len(frames) / 3


def test_columns_frames_and_records_say_the_same(city):
    player = LoadPlayer(city, start=START)
    ids = list(city.sensor_ids())
    from_columns = [
        (ids[row], batch.time_ms / 1000, value)
        for batch in readings(city, START, 20)
        for row, value in zip(batch.rows.tolist(), batch.values.tolist(), strict=True)
    ]
    from_frames = [
        (one["sensor"], (frame.measured_at - START).total_seconds(), one["value"])
        for frame in player.frames(20)
        for one in msgspec.json.decode(frame.payload)["readings"]
    ]
    assert from_columns == from_frames
    assert sum(record.readings for record in player.records(20)) == len(from_frames) > SENSORS


def test_ingest_takes_every_frame_and_stores_the_record_the_player_makes(city, registry):
    player = LoadPlayer(city, start=START, run="drill")
    catalogue = catalogue_of(registry)
    records = list(player.records(30, late_ms=250))
    frames = list(player.frames(30))
    for frame, record in zip(frames, records, strict=True):
        received = frame.measured_at + timedelta(milliseconds=250)
        received_us = round(received.timestamp() * 1e6)
        taken = accept(
            frame.topic, frame.payload, received_at=received_us, catalogue=catalogue,
            limits=Limits(),
        )  # fmt: skip
        assert not taken.refusals
        (stored,) = taken.packs
        direct = unpack(record.value)
        shown = columns(direct)
        assert (direct.site, direct.device, direct.run) == (stored.site, frame.topic, "drill")
        assert record.site == stored.site
        assert direct.received_at_us == received_us
        assert shown.sensors == stored.sensors
        for name in ("measured_at_us", "values", "quality", "seq"):
            assert getattr(shown, name).tolist() == getattr(stored, name).tolist()
    assert len(records) > 60


@pytest.fixture(scope="module")
def day(city) -> dict[str, list[float]]:
    """What every sensor shows twice an hour."""
    player = LoadPlayer(city, start=START, every_s=1800.0)
    found = defaultdict(list)
    ids = list(city.sensor_ids())
    for batch in player.batches(86_400):
        for row, value in zip(batch.rows.tolist(), batch.values.tolist(), strict=True):
            found[ids[row]].append(value)
    return found


def test_on_an_ordinary_day_every_value_is_one_the_device_can_show_and_nobody_is_called(
    day, registry
):
    checked = Counter()
    for key, values in day.items():
        sensor = registry.sensors[key]
        assert sensor.low <= min(values) <= max(values) <= sensor.high
        factor = to_canonical(sensor.quantity, sensor.unit, 1.0) - to_canonical(
            sensor.quantity, sensor.unit, 0.0
        )
        decimals = max(0, round(-math.log10(RESOLUTION[sensor.quantity] / factor)))
        assert all(value == round(value, decimals) for value in values), key
        canonical = [to_canonical(sensor.quantity, sensor.unit, value) for value in values]
        if registry.assets[sensor.asset].kind != "pump":
            assert max(canonical) < CALLED_ABOVE.get(sensor.quantity, math.inf), key
            assert min(canonical) > CALLED_BELOW.get(sensor.quantity, -math.inf), key
            checked[sensor.quantity] += 1
    assert checked.total() > SENSORS * 0.9
    assert set(CALLED_ABOVE) <= set(checked)


def test_a_day_has_its_rhythm(day, registry):
    flow = next(key for key, one in registry.sensors.items() if one.quantity is Quantity.FLOW)
    pressure = flow.replace("inlet-flow", "n08-pressure")
    assert max(day[flow]) > 2 * min(day[flow])
    assert np.corrcoef(day[flow], day[pressure])[0, 1] < -0.9
    wells = [key for key in day if key.endswith("-h2s") and "-w" in key]
    assert max(np.ptp(day[key]) for key in wells) > 0.5


def test_sensors_show_the_level_and_the_noise_of_their_kind(city, registry):
    """Within ten minutes the day's swing is small beside the noise."""
    seen = series(LoadPlayer(city, start=START, every_s=5.0).frames(600))
    checked = Counter()
    for key, points in seen.items():
        sensor = registry.sensors[key]
        kind = registry.assets[sensor.asset].kind
        habit = habit_of(kind, sensor.quantity)
        if kind == "pipe-node" or habit.pulse or habit.floor == habit.base:
            continue
        canonical = [to_canonical(sensor.quantity, sensor.unit, value) for _, value in points]
        reach = abs(habit.base) * habit.spread + habit.swing + habit.noise
        assert abs(np.mean(canonical) - habit.base) <= reach * 1.05 + 1e-9, key
        lowest = habit.base * (1 - habit.spread) - habit.swing - 3 * habit.noise
        if lowest > habit.floor and habit.noise >= 2 * RESOLUTION[sensor.quantity]:
            assert 0.75 * habit.noise < np.std(canonical) < 1.3 * habit.noise, key
            checked[sensor.quantity] += 1
    assert checked.total() > 30
    assert len(checked) >= 4


def test_noise_is_a_bell_that_is_cut():
    drawn = jitter(np.arange(1, 200_001, dtype=np.uint64) * np.uint64(2**40 + 15), 3)
    assert abs(drawn.mean()) < 0.01
    assert abs(drawn.std() - 1.0) < 0.01
    assert np.abs(drawn).max() <= NOISE_CUT
    assert abs((np.abs(drawn) < 1).mean() - 0.683) < 0.02


def test_a_sensor_takes_few_bytes_to_play():
    columns = city_columns(1, 20_000)
    LoadPlayer(city_columns(1, 10), start=START)
    tracemalloc.start()
    player = LoadPlayer(columns, start=START)
    for _ in player.frames(2):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150 * 20_000


async def test_a_play_of_any_length_needs_the_memory_of_its_city():
    player = LoadPlayer(city_columns(1, 1000), start=START, every_s=2.0)
    taken = 0

    async def into(frame: Frame) -> None:
        nonlocal taken
        taken += frame.readings

    peaks = []
    for seconds in (4, 40):
        tracemalloc.start()
        await memory.play(player.frames(seconds), into=into, speed=0, clock=OwnClock())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert taken == 1000 * 22
    assert peaks[1] < peaks[0] + 50_000


def test_every_group_sends_once_a_round(city):
    for one in rounds(city):
        turns = [one.due(time_ms) for time_ms in range(0, one.interval_ms, 100)]
        groups = [group for turn in turns for group in range(turn.start, turn.stop)]
        assert groups == list(range(one.site.size))
    assert sum(one.rows.size for one in rounds(city)) == SENSORS


def test_a_start_without_a_timezone_is_refused(city):
    with pytest.raises(BadInput, match="has no timezone"):
        LoadPlayer(city, start=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the fault


@pytest.mark.parametrize("sites", [range(0), range(5, 3), range(10_000)])
def test_sites_the_city_does_not_have_are_refused(city, sites):
    with pytest.raises(BadInput, match="not among"):
        LoadPlayer(city, start=START, sites=sites)
