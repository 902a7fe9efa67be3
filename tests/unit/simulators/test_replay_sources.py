"""What may be replayed besides CSV, in what form it is sent, and under which name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from shared.archive.playback import Kept
from shared.archive.tables import text_rows
from shared.errors import BadInput, StoreUnavailable
from shared.registry.load import load_registry
from simulators.main import run_name, simulate
from simulators.replay import incident as incidents
from simulators.replay.archived import PAYLOAD_BYTES_MAX, ArchivedRecording
from simulators.replay.incident import incident_of
from simulators.replay.recording import Window
from simulators.replay.sources import Wish, open_source
from tests.support.foreign_parquet import write_foreign
from tests.support.played import OwnClock

REGISTRY = load_registry()
ZERO = datetime(2026, 3, 1, tzinfo=UTC)
ZERO_US = 1_772_323_200_000_000
WIDE = """
name: wide
time: {column: when, unit: iso}
columns:
  - {column: od, sensor: harbour-f23-smoke-a, unit: 1/m}
  - {column: warm, sensor: harbour-f23-temp}
"""


def kept(*rows, device="tocsin/v1/heping-north/gw-1/_", site="t3", historical=False) -> Kept:
    """A record; a row is (sensor, seconds, value[, quality[, seq]])."""
    whole = [(*row, *("good", -1)[len(row) - 3 :]) for row in rows]
    return Kept(
        run="",
        site=site,
        device=device,
        received_at_us=ZERO_US + 2_000_000,
        historical=historical,
        sensors=[row[0] for row in whole],
        quantities=[
            REGISTRY.sensors[row[0]].quantity.value if row[0] in REGISTRY.sensors else ""
            for row in whole
        ],
        measured_at_us=[ZERO_US + round(row[1] * 1e6) for row in whole],
        values=[row[2] for row in whole],
        quality=[row[3] for row in whole],
        seq=[row[4] for row in whole],
    )


def sent(*records: Kept, start=None, run="again"):
    recording = ArchivedRecording("test", lambda: iter(records), REGISTRY, start=start)
    return list(recording.frames(run=run)), recording.skipped


def test_a_pack_stays_a_pack_with_numbers_quality_and_moments():
    (frame,), _ = sent(kept(("t3-s4-o2", 1, 20.9), ("t3-s4-co", 1.5, 3.0, "bad", 7)))
    assert frame.topic == "tocsin/v1/heping-north/gw-1/_"
    assert json.loads(frame.payload) == {
        "measured_at": "2026-03-01T00:00:01.000Z",
        "readings": [
            {"value": 20.9, "sensor": "t3-s4-o2"},
            {
                "value": 3.0,
                "sensor": "t3-s4-co",
                "measured_at": "2026-03-01T00:00:01.500Z",
                "quality": "bad",
                "seq": 7,
            },
        ],
        "run": "again",
    }
    assert frame.sent_at == ZERO + timedelta(seconds=2)


def test_a_sensors_own_message_goes_out_on_its_own_topic():
    topic = REGISTRY.topic_of("t3-s4-o2")
    (frame,), _ = sent(kept(("t3-s4-o2", 0, 17.0, "good", 3), device=topic, historical=True))
    assert (frame.topic, json.loads(frame.payload)) == (
        topic,
        {
            "value": 17.0,
            "measured_at": "2026-03-01T00:00:00.000Z",
            "seq": 3,
            "run": "again",
            "historical": True,
        },
    )


def test_another_dialects_message_goes_out_as_a_pack():
    (frame,), _ = sent(kept(("t3-s4-o2", 0, 17.0), device="spBv1.0/plant/DDATA/edge/dev"))
    assert frame.topic.endswith("/t3/_")


def test_values_keep_their_canonical_unit_whatever_the_device_speaks():
    speaks = replace(REGISTRY.sensors["t3-s4-co"], unit="mg/m3")
    city = replace(REGISTRY, sensors={**REGISTRY.sensors, "t3-s4-co": speaks})
    record = kept(("t3-s4-co", 0, 24.0))
    recording = ArchivedRecording("test", lambda: iter([record]), city)
    (frame,) = recording.frames(run="again")
    assert json.loads(frame.payload)["readings"] == [
        {"value": 24.0, "sensor": "t3-s4-co", "unit": "ppm"}
    ]


def test_a_start_moves_every_moment_alike():
    frames, _ = sent(
        kept(("t3-s4-o2", 0, 1.0)), kept(("t3-s4-o2", 60, 1.0)), start=ZERO + timedelta(days=1)
    )
    assert [frame.measured_at - ZERO for frame in frames] == [
        timedelta(days=1), timedelta(days=1, seconds=60),
    ]  # fmt: skip


def test_a_record_larger_than_a_message_may_be_goes_out_in_parts():
    rows = [("t3-s4-o2", step / 1000, 20.0, "uncertain", step) for step in range(9_000)]
    frames, _ = sent(kept(*rows))
    assert len(frames) > 1
    assert sum(frame.readings for frame in frames) == 9_000
    assert all(len(frame.payload) <= 1.02 * PAYLOAD_BYTES_MAX for frame in frames)


def test_sensors_nobody_knows_any_more_are_named_and_skipped():
    frames, skipped = sent(kept(("gone-1", 0, 1.0)), kept(("gone-2", 0, 1.0), ("t3-s4-o2", 0, 1.0)))
    assert [frame.readings for frame in frames] == [1]
    assert skipped.count == 2
    assert "'gone-1' is not in the registry" in skipped.faults[0]


async def test_any_parquet_file_is_read_by_a_mapping_like_a_csv(tmp_path: Path):
    source, mapping = tmp_path / "fire.parquet", tmp_path / "wide.yaml"
    write_foreign(source, ZERO, [(0, 0.01, 70.0), (1, None, 71.0), (2, 0.03, float("nan"))])
    mapping.write_text(WIDE)
    wish = Wish(source=str(source), mapping=mapping, window=Window(0.0, 10.0))
    playable = await open_source(wish, REGISTRY)
    readings = [
        (frame.measured_at - ZERO, one["sensor"], one["value"])
        for frame in playable.frames(run="r")
        for one in json.loads(frame.payload)["readings"]
    ]
    assert readings == [
        (timedelta(0), "harbour-f23-smoke-a", 0.01),
        (timedelta(0), "harbour-f23-temp", 70.0),
        (timedelta(seconds=1), "harbour-f23-temp", 71.0),
        (timedelta(seconds=2), "harbour-f23-smoke-a", 0.03),
    ]
    assert (playable.skipped.count, playable.skipped.empty) == (1, 1)
    assert next(text_rows(source))[0] == ZERO.isoformat()


@pytest.mark.parametrize(("name", "content", "why"), [
    ("none.parquet", None, "no such file"), ("x.parquet", b"PAR1", "is no Parquet file"),
    ("x.json", b"{}", "--archive DIR"), ("folder", None, "no archive|is no .csv"),
])  # fmt: skip
async def test_a_source_that_cannot_be_opened_is_named_with_the_mend(tmp_path, name, content, why):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    if name == "folder":
        path.mkdir()
    with pytest.raises(BadInput, match=why):
        await open_source(Wish(source=str(path)), REGISTRY)


async def test_an_archive_takes_moments_and_no_seconds(tmp_path):
    (tmp_path / "real").mkdir()
    with pytest.raises(BadInput, match="--from 5 counts from nothing here"):
        await open_source(Wish(source=str(tmp_path), window=Window(5.0)), REGISTRY)


EVENTS = [{"decided_at": "2026-03-01T08:00:00Z"}, {"decided_at": "2026-03-01T08:30:00Z"}]
INCIDENT = {"id": "5b0c", "run": "drill", "site": "t3", "level": "red", "events": EVENTS}


async def test_an_incident_is_the_hour_before_it_and_ten_minutes_after(tmp_path):
    (tmp_path / "saved.json").write_text(json.dumps(INCIDENT))
    recorded = await incident_of(str(tmp_path / "saved.json"), api=None, warm_h=2)
    assert (recorded.id, recorded.run, recorded.site) == ("5b0c", "drill", "t3")
    assert recorded.first == datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
    assert recorded.last == datetime(2026, 3, 1, 8, 40, tzinfo=UTC)


async def test_an_incident_is_asked_of_the_alert_service(monkeypatch):
    def answer(request: httpx.Request) -> httpx.Response:
        known = request.url.path == "/api/v1/incidents/5b0c"
        return httpx.Response(200, json=INCIDENT) if known else httpx.Response(404)

    real = httpx.AsyncClient
    monkeypatch.setattr(
        incidents.httpx,
        "AsyncClient",
        lambda **options: real(**options, transport=httpx.MockTransport(answer)),
    )
    assert (await incident_of("incident:5b0c", api="http://here:1/")).site == "t3"
    with pytest.raises(BadInput, match="knows no incident other"):
        await incident_of("incident:other", api="http://here:1")


async def test_an_incident_nobody_can_tell_of_is_refused_with_the_mend(tmp_path):
    with pytest.raises(BadInput, match="--api"):
        await incident_of("incident:5b0c", api=None)
    with pytest.raises(
        StoreUnavailable, match=r"no alert service answers at http://127\.0\.0\.1:9"
    ):
        await incident_of("incident:5b0c", api="http://127.0.0.1:9")
    (tmp_path / "wrong.json").write_text("[]")
    with pytest.raises(BadInput, match="is no incident"):
        await incident_of(str(tmp_path / "wrong.json"), api=None)


def test_what_is_replayed_is_an_exercise_unless_both_words_are_said():
    quiet = {"as_real": False, "wake_people": False}
    assert run_name(None, made="replay-1", **quiet) == "replay-1"
    assert run_name("fire 3", made="replay-1", **quiet) == "fire 3"
    assert run_name(None, made="replay-1", as_real=True, wake_people=True) == ""
    for wanted, as_real, wake_people, why in (
        (None, True, False, "say --yes-wake-people too"),
        (None, False, True, "does nothing alone"),
        ("fire", True, True, "leave out --run or --as-real"),
        (" ", False, False, "--run NAME"),
    ):
        with pytest.raises(BadInput, match=why):
            run_name(wanted, made="replay-1", as_real=as_real, wake_people=wake_people)


async def test_a_simulation_without_a_run_is_refused():
    with pytest.raises(BadInput, match="always an exercise"):
        await simulate(
            "quiet", registry=REGISTRY, mqtt_url="mqtt://127.0.0.1:9", speed=0, seed=1, run="",
            start=ZERO, duration_s=1, clock=OwnClock(), progress=lambda _: None,
        )  # fmt: skip
