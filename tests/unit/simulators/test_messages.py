"""What a gateway sends: as JSON and as columns alike, in order of sending, whoever lies."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.intake import accept
from services.ingest.core.limits import Limits
from shared.registry.load import load_registry
from simulators.scenario import frames_of, parcels_of, parse_scenario
from tests.support.played import START

EVERY_LIE = """
name: liars
summary: everything lies at once
duration_s: 3000
sites: [vc-07, vc-06, z2]
every_s_max: 5
faults:
  - {kind: stuck, sensor: z2-n03-pressure, from_s: 100, until_s: 400}
  - {kind: rail, sensor: vc-07-o2, from_s: 500, until_s: 700}
  - {kind: rail, shows: nan, sensor: vc-07-level, from_s: 500, until_s: 700}
  - {kind: unit-slip, sensor: z2-n05-pressure, from_s: 100}
  - {kind: spike, asset: vc-06, chance: 0.02}
  - {kind: noise, asset: vc-06}
  - {kind: bump-test, asset: vc-07, from_s: 1000}
  - {kind: dropout, site: z2, share: 0.1, mean_s: 120}
  - {kind: late, asset: vc-07, share: 0.1, most_s: 600}
  - {kind: backlog, sensor: z2-n04-pressure, from_s: 1000, until_s: 1500}
  - {kind: duplicate, asset: vc-06, share: 0.1}
  - {kind: clock, sensor: vc-06-ch4, ahead_s: 28800, from_s: 2000}
  - {kind: clock, sensor: vc-06-o2, epoch: true, from_s: 2000}
"""


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def both(registry, text: str = EVERY_LIE):
    scenario = parse_scenario(text, "x", registry)
    said = {"seed": 5, "start": START, "run": "drill"}
    return list(frames_of(scenario, registry, **said)), list(parcels_of(scenario, registry, **said))


@pytest.mark.slow
def test_columns_are_what_ingest_stores_of_the_json(registry):
    frames, parcels = both(registry)
    catalogue, limits = catalogue_of(registry), Limits()
    assert len(frames) == len(parcels) > 1000
    refused = 0
    for frame, parcel in zip(frames, parcels, strict=True):
        sent_us = round(frame.sent_at.timestamp() * 1e6)
        assert parcel.sent_at_us == sent_us
        assert (parcel.topic, parcel.run) == (frame.topic, "drill")
        accepted = accept(
            frame.topic, frame.payload, received_at=sent_us, catalogue=catalogue, limits=limits
        )
        assert accepted.readings == frame.readings == len(parcel.sensors) + parcel.refused
        assert len(accepted.refusals) == parcel.refused
        refused += parcel.refused
        if not parcel.sensors:
            assert not accepted.packs
            continue
        (pack,) = accepted.packs
        assert pack.site == parcel.site
        assert pack.sensors == parcel.sensors
        assert np.array_equal(pack.measured_at_us, parcel.measured_at_us)
        assert np.array_equal(pack.values, parcel.values)
    assert refused > 100


def test_messages_leave_in_order_though_they_were_measured_out_of_order(registry):
    frames, _ = both(registry)
    sent = [frame.sent_at for frame in frames]
    measured = [frame.measured_at for frame in frames]
    assert sent == sorted(sent)
    assert measured != sorted(measured)
    assert max(frame.late for frame in frames) > timedelta(seconds=60)


def test_what_would_arrive_after_the_end_is_never_sent(registry):
    frames, _ = both(registry)
    assert max(frame.sent_at for frame in frames) < START + timedelta(seconds=3000)


def test_a_lie_changes_nothing_for_those_who_are_honest(registry):
    honest = EVERY_LIE[: EVERY_LIE.index("faults:")]
    alone, _ = both(registry, honest)
    lied, _ = both(registry, honest + "faults:\n  - {kind: noise, sensor: vc-07-ch4}\n")
    assert [f for f in alone if "/vc-06/" in f.topic] == [f for f in lied if "/vc-06/" in f.topic]
    other = [(a.payload, b.payload) for a, b in zip(alone, lied, strict=True) if "vc-07" in a.topic]
    assert sum(a != b for a, b in other) > len(other) / 2


def test_a_shorter_play_is_the_beginning_of_a_longer_one(registry):
    scenario = parse_scenario(EVERY_LIE, "x", registry)
    said = {"seed": 5, "start": START, "run": "drill"}
    short = list(frames_of(scenario, registry, **said, duration_s=600.0))
    long = list(frames_of(scenario, registry, **said, duration_s=2900.0))
    assert short == long[: len(short)] != []
