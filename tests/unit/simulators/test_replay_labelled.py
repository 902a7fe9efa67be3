"""The labelled recordings, where they are: each finds its mapping and shows what it should."""

from __future__ import annotations

import json

import pytest

from shared.domain.quantity import to_canonical
from shared.registry.load import load_registry
from simulators.players import memory
from simulators.replay.recording import Recording, Window
from tests.support.played import OwnClock

NIST = [f"fire_nist_smoke_alarms/NIST_Smoke_Alarms_SDC{number}.csv" for number in (
    "02", "10", "35", "38")]  # fmt: skip
NRCC = ["fire_nrcc_smoke_tower/BK-R.csv", "fire_nrcc_smoke_tower/CLC-I-R.csv"]
TUNNEL = "tunnel_co/memorial_tunnel_co_long.csv"
SKAB = "skab/valve1/0.csv"
REGISTRY = load_registry()


def recorded(folder, name: str) -> Recording:
    return Recording(folder / name, REGISTRY, mapping=None, start=None)


def canonical(recording: Recording) -> dict[str, list[tuple[float, float]]]:
    """By sensor: seconds since the first frame and the value in canonical units."""
    seen: dict[str, list[tuple[float, float]]] = {}
    frames = list(recording.frames(run="drill", window=Window()))
    for frame in frames:
        since = (frame.measured_at - frames[0].measured_at).total_seconds()
        for reading in json.loads(frame.payload)["readings"]:
            quantity = REGISTRY.sensors[reading["sensor"]].quantity
            value = to_canonical(quantity, reading["unit"], reading["value"])
            seen.setdefault(reading["sensor"], []).append((since, value))
    return seen


@pytest.mark.needs_data("fire_nist_smoke_alarms")
@pytest.mark.parametrize("name", NIST)
def test_a_house_fire_is_seen_by_two_smoke_heads(labelled_data, name):
    recording = recorded(labelled_data, name)
    seen = canonical(recording)
    assert recording.mapping.name == "nist-smoke-alarms"
    assert recording.skipped.count == 0
    for head in ("harbour-f23-smoke-a", "harbour-f23-smoke-b"):
        crossed = next(since for since, value in seen[head] if value >= 0.3)
        assert 20 <= crossed <= 130
    assert max(value for _, value in seen["harbour-f23-temp"]) > 45
    assert max(value for _, value in seen["harbour-f23-co"]) > 13


@pytest.mark.needs_data("fire_nrcc_smoke_tower")
@pytest.mark.parametrize("name", NRCC)
def test_a_tower_fire_is_hot_on_its_floor_and_warm_in_the_stair(labelled_data, name):
    recording = recorded(labelled_data, name)
    peaks = {sensor: max(v for _, v in points) for sensor, points in canonical(recording).items()}
    assert recording.mapping.name == "nrcc-smoke-tower"
    assert peaks["jade-f02-temp"] > 600
    assert 100 < peaks["jade-stair-temp"] < peaks["jade-f02-temp"]
    assert peaks["jade-f10-temp"] < 40


@pytest.mark.needs_data("tunnel_co")
def test_a_tunnel_fire_fills_the_sections_with_co_in_order_of_time(labelled_data):
    recording = recorded(labelled_data, TUNNEL)
    frames = list(recording.frames(run="drill", window=Window()))
    moments = [frame.measured_at for frame in frames]
    assert recording.mapping.name == "memorial-tunnel-co"
    assert moments == sorted(moments)
    peaks = {s: max(v for _, v in points) for s, points in canonical(recording).items()}
    assert set(peaks) == {f"t3-s{number}-co" for number in range(1, 8)}
    assert sum(peak > 200 for peak in peaks.values()) >= 5


@pytest.mark.needs_data("skab")
def test_a_water_loop_is_played_in_bar_and_litres_a_minute(labelled_data):
    recording = recorded(labelled_data, SKAB)
    seen = canonical(recording)
    assert recording.mapping.name == "skab-water-loop"
    assert len(seen) == 7
    assert all(0.4 < value < 0.6 for _, value in seen["ps1-loop-flow"])
    assert all(-0.1 < value < 0.2 for _, value in seen["ps1-loop-pressure"])


@pytest.mark.needs_data(*NIST, *NRCC, TUNNEL, SKAB)
@pytest.mark.parametrize("name", [*NIST, *NRCC, TUNNEL, SKAB])
def test_every_recorded_value_is_one_its_sensor_can_show(labelled_data, name):
    for sensor_id, points in canonical(recorded(labelled_data, name)).items():
        sensor = REGISTRY.sensors[sensor_id]
        assert sensor.low <= min(v for _, v in points), sensor_id
        assert max(v for _, v in points) <= sensor.high, sensor_id


@pytest.mark.needs_data("fire_nist_smoke_alarms")
async def test_a_fire_at_speed_1_and_at_60_is_the_same_bytes(labelled_data):
    sent: dict[float, list] = {1.0: [], 60.0: []}
    took = {}
    for speed, frames in sent.items():

        async def take(frame, frames=frames) -> None:
            frames.append((frame.topic, frame.payload))

        recording = recorded(labelled_data, NIST[0])
        played = await memory.play(
            recording.frames(run="drill", window=Window()),
            into=take,
            speed=speed,
            clock=OwnClock(),
        )
        took[speed] = played.seconds
    assert sent[1.0] == sent[60.0]
    assert len(sent[1.0]) == 101
    assert took[1.0] == pytest.approx(60 * took[60.0])
