"""What was recorded and is replayed raises the very events that were raised live."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.bus.embedded import EmbeddedBus
from shared.clock import SystemClock
from shared.domain.event import ReasonCode
from shared.errors import BadInput
from shared.metrics import Metrics
from simulators.replay.recording import Window
from simulators.replay.sources import Wish, open_source
from simulators.scenario import frames_of, load_scenario
from tests.support.archived import archiving, kept_files
from tests.support.detector_city import city, packed
from tests.support.detector_story import morning
from tests.support.ingest_run import until
from tests.support.replayed import as_record, events_on, ids, packs_on, put, records_of

pytestmark = pytest.mark.slow
START = datetime(2026, 10, 26, 7, 33, 20, tzinfo=UTC)
"""The moment of NOON_US."""


@asynccontextmanager
async def a_bus(path):
    async with EmbeddedBus(path, clock=SystemClock(), metrics=Metrics()) as bus:
        await bus.ensure_topics()
        yield bus


async def archived(bus, root) -> None:
    """Everything on the bus, in the archive."""
    count = sum(len(pack.sensors) for packs in (await packs_on(bus)).values() for pack in packs)
    async with archiving(bus, root, city(), flush_s=0.2, flush_rows=5_000) as archive:
        await until(lambda: archive._ledger.archived >= count, what=archive.trouble)
    assert archive._ledger.archived == count


async def replayed(folder, wish: Wish, *, run="again", sites=None):
    """The events of a fresh detector that is given nothing but the replay."""
    source = await open_source(wish, city())
    async with a_bus(folder / f"{run}.sqlite") as bus:
        assert await put(bus, records_of(source.frames(run=run)))
        events = await events_on(bus, sites=sites)
    assert {event.run for event in events} <= {run}
    assert source.skipped.count == 0
    return events


@pytest.mark.parametrize("name", ["chamber-gas", "tower-fire", "burst"])
async def test_a_scenario_replayed_from_the_archive_has_the_events_it_had_live(tmp_path, name):
    scenario = load_scenario(name, city())
    frames = frames_of(scenario, city(), seed=3, start=START, run="drill", duration_s=1500)
    async with a_bus(tmp_path / "live.sqlite") as bus:
        await put(bus, records_of(frames))
        live = await events_on(bus)
        await archived(bus, tmp_path / "archive")
    again = await replayed(tmp_path, Wish(source=str(tmp_path / "archive"), of_run="drill"))
    assert len(live) > 1
    assert ids(again) == ids(live)


async def test_late_doubled_bad_and_unknown_readings_are_replayed_as_they_came(tmp_path):
    async with a_bus(tmp_path / "live.sqlite") as bus:
        await put(bus, map(as_record, morning(4)))
        live = await events_on(bus)
        await archived(bus, tmp_path / "archive")
    source = await open_source(Wish(source=str(tmp_path / "archive")), city())
    async with a_bus(tmp_path / "again.sqlite") as bus:
        # A bad reading of the story lies outside its sensor's range; it was never scored.
        frames = source.frames(run="again")
        await put(bus, records_of(frames, may_refuse=frozenset({"out-of-range"})))
        again = await events_on(bus)
    assert len(live) > 3
    assert ids(again) == ids(live)
    assert source.skipped.count > 0
    assert all("'nobody' is not in the registry" in fault for fault in source.skipped.faults)


HOUR_S = 3600.0
WARM_AT = 5 * HOUR_S
"""The tunnel grows warm: unusual for it, and below every limit."""
FLOOD_AT = 5.5 * HOUR_S
"""The water rises above its limits; no baseline has a say in that."""


def a_day() -> list:
    """Readings once a minute, so that an hour teaches a baseline nothing."""
    packs = []
    for minute in range(6 * 60):
        at = minute * 60.0
        wobble = (minute * 7 % 11 - 5) / 50
        packs.append(
            packed(
                "t3",
                ("t3-s4-temp", at, 20.0 + wobble + (9.0 if at > WARM_AT else 0.0)),
                ("t3-s4-level", at, 1.4 if FLOOD_AT < at < FLOOD_AT + 600 else 0.05),
            )
        )
        packs.append(packed("harbour-tower", ("harbour-f12-temp", at, 22.0 + wobble)))
    return packs


@pytest.fixture
async def incident(tmp_path):
    """What was raised live, and a file with an incident as the alert service answers it."""
    async with a_bus(tmp_path / "live.sqlite") as bus:
        await put(bus, map(as_record, a_day()))
        live = await events_on(bus)
        await archived(bus, tmp_path / "archive")
    told = [{"decided_at": event.decided_at.isoformat(), "id": event.id} for event in live]
    card = {"id": "5b0c", "run": "", "site": "t3", "asset": "t3-s4", "events": told}
    (tmp_path / "incident.json").write_text(json.dumps(card))
    wish = Wish(source=str(tmp_path / "incident.json"), archive=tmp_path / "archive")
    return live, wish


def by_limits(events):
    codes = [{reason.code for reason in event.reasons} for event in events]
    return [event.id for event, why in zip(events, codes, strict=True) if why == {ReasonCode.LIMIT}]


async def test_the_hour_before_an_incident_gives_the_same_events_wherever_a_limit_decides(
    tmp_path, incident
):
    live, wish = incident
    again = await replayed(tmp_path, wish)
    assert by_limits(live)
    assert by_limits(again) == by_limits(live)
    assert ids(again) != ids(live), "a baseline cannot know what is usual after an hour"


async def test_with_hours_to_warm_up_before_it_the_baselines_events_are_the_same_too(
    tmp_path, incident
):
    live, wish = incident
    again = await replayed(tmp_path, replace(wish, warm_h=5))
    assert ids(again) == ids(live)


async def test_moved_to_another_start_the_story_is_the_same_at_other_moments(tmp_path, incident):
    live, wish = incident
    later = START + timedelta(days=30)
    moved = await replayed(tmp_path, replace(wish, warm_h=5, start=later))
    assert [event.kind for event in moved] == [event.kind for event in live]
    apart = {new.decided_at - old.decided_at for new, old in zip(moved, live, strict=True)}
    assert apart == {timedelta(days=30)}
    assert not set(ids(moved)) & set(ids(live))


async def test_one_file_of_the_archive_is_replayed_like_the_archive(tmp_path, incident):
    _, wish = incident
    (file, *_) = [path for path in kept_files(tmp_path / "archive") if "heping" in str(path)]
    one = await open_source(Wish(source=str(file)), city())
    frames = list(one.frames(run="again"))
    readings = [reading for frame in frames for reading in json.loads(frame.payload)["readings"]]
    assert {reading["sensor"] for reading in readings} == {"t3-s4-temp", "t3-s4-level"}
    assert [frame.sent_at for frame in frames] == sorted(frame.sent_at for frame in frames)
    assert wish.start is None


async def test_a_window_a_site_and_an_area_narrow_what_is_played(tmp_path, incident):
    del incident
    root = str(tmp_path / "archive")
    first, last = START + timedelta(minutes=10), START + timedelta(minutes=19)

    async def sensors(**more):
        source = await open_source(Wish(source=root, window=Window(first, last), **more), city())
        told = [json.loads(frame.payload)["readings"] for frame in source.frames(run="r")]
        return [reading["sensor"] for readings in told for reading in readings]

    assert len(await sensors()) == 30
    assert await sensors(sites=("harbour-tower",)) == ["harbour-f12-temp"] * 10
    assert await sensors(areas=("dongmen",)) == ["harbour-f12-temp"] * 10
    assert len(await sensors(areas=("jiangcheng",))) == 30
    with pytest.raises(BadInput, match=r"nothing of run nobody; its runs, for --of-run: none"):
        await sensors(of_run="nobody")
    with pytest.raises(BadInput, match=r"site atlantis, area utopia is not in the registry"):
        await sensors(sites=("atlantis",), areas=("utopia",))
