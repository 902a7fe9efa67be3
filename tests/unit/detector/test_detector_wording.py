"""Sentences to be read aloud, and names that follow from content."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.detector.core import explain, risk
from services.detector.core.identity import event_id
from services.detector.core.limit import Family
from services.detector.core.limit_tables import limits_of
from shared.domain.event import EventKind, Reason, ReasonCode
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.quantity import Quantity
from tests.support.detector_city import city, packed, watch


def said(*records):
    return [event.sentence for event in watch().observe([packed(*one) for one in records]).events]


def test_a_raise_says_what_where_how_much_and_against_which_limit():
    (sentence,) = said(("t3", ("t3-s4-o2", 0, 17.04)))
    site, asset = city().sites["t3"], city().assets["t3-s4"]
    assert sentence["en"].endswith(
        ": oxygen 17.0 % vol, below the orange limit of 18.0 % vol (GBZ/T 205). Orange."
    )
    assert sentence["zh"].endswith(
        "：氧气17.0 % vol，低于橙色限值18.0 % vol（GBZ/T 205）。橙色警报。"
    )
    assert asset.name in sentence["en"]
    assert asset.name_zh in sentence["zh"]
    assert site.name_zh in sentence["zh"]


def test_every_limit_of_every_quantity_can_be_said_in_both_languages():
    count = 0
    for family in Family:
        for quantity in Quantity:
            for limit in limits_of(family, quantity):
                words = explain.against(quantity, limit.raises_at, limit)
                assert "{" not in words["en"] + words["zh"]
                assert explain.LEVEL_ZH[limit.level] in words["zh"]
                count += 1
    assert count > 100


def test_clears_and_silences_are_said_as_such():
    silent = [("t3", ("t3-s4-co", 100, 1.0))]
    cleared = [("t3", ("t3-s4-o2", s, 20.9)) for s in (110, 240)]
    raised, lost, found, over = said(("t3", ("t3-s4-o2", 0, 17.0)), *silent, *cleared)
    assert "no longer heard" in lost["en"]
    assert "无法核实" in lost["zh"]
    assert found["en"] == raised["en"]
    assert over["en"].endswith("oxygen back at 20.9 % vol. The orange alarm has cleared.")
    assert over["zh"].endswith("橙色警报已解除。")


def test_a_downgrade_is_not_said_to_be_above_a_limit_it_has_left():
    readings = [("t3", ("t3-s4-ch4", s, 3.0 if s == 0 else 0.9)) for s in range(0, 140, 10)]
    *_, sentence = said(*readings)
    assert "methane 0.90 % vol, recovering from above the orange limit of 1.00" in sentence["en"]
    assert "此前高于橙色限值1.00 % vol" in sentence["zh"]


def test_the_site_is_not_named_twice():
    site = city().sites["harbour-tower"]
    asset = replace(city().assets["harbour-f12"], name=f"{site.name}, floor 12")
    assert explain.where(site, asset)["en"] == f"{site.name}, floor 12"


ABOUT = {
    "kind": EventKind.RAISED, "site": "t3", "asset": "t3-s4", "hazard": Hazard.GAS,
    "level": Level.ORANGE, "previous": None, "decided_at_us": 1, "occurrence": "",
    "reasons": (),
}  # fmt: skip
REASON = Reason(ReasonCode.LIMIT, "a", Quantity.O2, Level.ORANGE, 17.0, 18.0, "x", "seen")


@pytest.mark.parametrize(
    "other",
    [
        {"kind": EventKind.CHANGED}, {"site": "t4"}, {"asset": "t3-s5"}, {"hazard": Hazard.FLOOD},
        {"level": Level.RED}, {"previous": Level.BLUE}, {"decided_at_us": 2}, {"occurrence": "z"},
        {"reasons": (REASON,)},
    ],
    ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_other_content_has_another_name(other):
    assert event_id(**ABOUT) != event_id(**{**ABOUT, **other})
    assert event_id(**ABOUT) == event_id(**ABOUT)


def test_likelihood_grows_with_the_excess_and_stays_below_one():
    limit = limits_of(Family.UNDERGROUND, Quantity.O2)[2]
    chances = [risk.of_limit(limit, value) for value in (18.0, 17.0, 10.0, 0.0)]
    assert chances == sorted(chances)
    assert 0.8 < chances[0] < chances[-1] < 1.0
    assert risk.of_surprise(0.99) == risk.SURPRISE_AT_MOST


def test_consequence_grows_with_criticality_and_crowd():
    asset = city().assets["t3-s4"]
    busy = replace(asset, occupancy=500)
    vital = replace(asset, criticality=1.0)
    assert risk.consequence(asset) < risk.consequence(busy) < 1.0
    assert risk.consequence(asset) < risk.consequence(vital)
