"""What the scenarios promise is what ingest takes and the detector says: no more, no later.

The cores of the services, without broker and bus, so a whole evening takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from services.detector.core.watch import new_watch
from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.intake import accept
from services.ingest.core.limits import Limits
from shared.bus.codec import Columns, pack, unpack
from shared.domain.event import RiskEvent
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.registry.load import load_registry
from simulators.frames import Frame
from simulators.replay.recording import Recording, Window
from simulators.scenario import frames_of, load_scenario

REGISTRY = load_registry()
CATALOGUE = catalogue_of(REGISTRY)
MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)
BESIDE = {"harbour-f24", "harbour-stair"}
"""Where the smoke of harbour-f23 goes."""


def told(frames: Iterable[Frame]) -> list[RiskEvent]:
    """Every event of the frames; each reading must have been taken and scored."""
    watch = new_watch(REGISTRY)
    events: list[RiskEvent] = []
    readings = 0
    for frame in frames:
        received_at = int(frame.measured_at.timestamp() * 1e6)
        accepted = accept(
            frame.topic, frame.payload, received_at=received_at, catalogue=CATALOGUE,
            limits=Limits(),
        )  # fmt: skip
        assert accepted.refusals == ()
        readings += accepted.readings
        for part in accepted.packs:
            columns = Columns(
                part.sensors, part.measured_at_us, part.values, part.quality, part.seq
            )
            record = pack(
                site=part.site, device=frame.topic, received_at_us=received_at, run=part.run,
                historical=part.historical, columns=columns,
            )  # fmt: skip
            events += watch.observe([unpack(record)]).events
    assert watch.counts["scored"] == readings > 0
    return events


def first_of(events: list[RiskEvent], asset: str, level: Level) -> RiskEvent | None:
    return next((e for e in events if e.asset == asset and e.level >= level), None)


@pytest.mark.slow
@pytest.mark.parametrize("start", [MORNING, NIGHT], ids=["morning", "night"])
@pytest.mark.parametrize("name", ["burst", "tower-fire", "chamber-gas", "demo"])
def test_every_happening_is_called_within_its_promise_and_nothing_else_is(name, start):
    scenario = load_scenario(name, REGISTRY)
    events = told(
        frames_of(
            scenario, REGISTRY, seed=scenario.seed, start=start, run="drill",
            duration_s=scenario.duration_s or 1300.0,
        )
    )  # fmt: skip
    touched = set(BESIDE)
    for happening in scenario.happenings:
        truth = happening.truth
        raised = first_of(events, happening.asset, truth.level)
        assert raised is not None, f"{happening.asset} was never {truth.level.value}"
        assert raised.hazard is truth.hazard
        first = next(e for e in events if e.asset == happening.asset)
        assert (first.decided_at - start).total_seconds() >= truth.earliest_s
        assert (raised.decided_at - start).total_seconds() <= truth.latest_s
        site = REGISTRY.assets[happening.asset].site
        touched |= (
            {asset.id for asset in REGISTRY.assets.values() if asset.site == site}
            if truth.hazard is Hazard.WATER
            else {happening.asset}
        )
    assert {event.asset for event in events} <= touched


@pytest.mark.slow
@pytest.mark.parametrize("start", [MORNING, NIGHT], ids=["morning", "night"])
def test_a_quiet_city_calls_nobody(start):
    scenario = load_scenario("quiet", REGISTRY)
    frames = frames_of(
        scenario, REGISTRY, seed=scenario.seed, start=start, run="drill", duration_s=1800.0
    )
    assert told(frames) == []


@pytest.mark.needs_data("fire_nist_smoke_alarms")
@pytest.mark.parametrize("number", ["02", "10", "35", "38"])
def test_a_recorded_house_fire_is_called_orange_then_red(labelled_data, number):
    source = labelled_data / "fire_nist_smoke_alarms" / f"NIST_Smoke_Alarms_SDC{number}.csv"
    recording = Recording(source, REGISTRY, mapping=None, start=None)
    events = told(recording.frames(run="drill", window=Window()))
    red = first_of(events, "harbour-f23", Level.RED)
    assert red is not None
    assert red.hazard is Hazard.FIRE
    assert (red.decided_at - recording.mapping.zero).total_seconds() <= 130
    assert {event.asset for event in events} == {"harbour-f23"}
