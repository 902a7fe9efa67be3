"""Each way of missing something has its cause, planted here and found again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.evaluation.causes import kind_of
from services.evaluation.model import Verdict
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.quantity import Quantity
from shared.domain.sensor import Sensor
from tests.support.judging import CITY, alarm, judged, truth


def steady(value: float, *, first: int = 0, last: int = 600, every: int = 5):
    return [(float(at), value) for at in range(first, last, every)]


def bumped(usual: float, peak: float, *, first: int, last: int, every: int = 1, begin: int = 0):
    return [(float(at), peak if first <= at < last else usual) for at in range(begin, 600, every)]


def cause(readings, alarms=(), truth=truth(), city=CITY) -> str:  # noqa: B008 - it is frozen
    (one,) = judged([truth], list(alarms), readings, city).judged
    assert one.verdict is Verdict.MISSED
    return one.cause


def test_a_value_that_reached_no_limit_says_how_near_it_came():
    said = cause({"vc-07-o2": bumped(20.9, 19.0, first=150, last=250, begin=-200)})
    assert said == "never reached a limit: vc-07-o2 fell to 19 %vol, orange begins below 18"


def test_a_milder_colour_is_named():
    shown = {"vc-07-o2": bumped(20.9, 19.0, first=150, last=400)}
    said = cause(shown, [alarm(200.0, Level.YELLOW)])
    assert said.startswith("only yellow: orange was asked for; vc-07-o2 fell to 19 %vol")


def test_a_limit_passed_for_too_short_a_time_is_told_with_both_times():
    blip = {"vc-07-o2": bumped(20.9, 19.0, first=150, last=180)}
    said = cause(blip, truth=truth(level=Level.YELLOW))
    assert said == "too short: vc-07-o2 was beyond 19.5 for 29 s, yellow asks for 60 s"


def test_no_reading_while_it_happened():
    assert kind_of(cause({"vc-07-o2": steady(20.9, last=90)})) == "not heard"


def test_warming_up_is_told_with_the_count():
    said = cause({"vc-07-o2": bumped(20.9, 20.5, first=150, last=250, every=5)})
    assert said.startswith("warm-up: 20 of 200 readings before it began; vc-07-o2 fell to 20.5")


def test_an_alarm_that_stood_already_suppresses():
    said = cause({"vc-07-o2": steady(17.0)}, [alarm(40.0)])
    assert said == "suppressed: vc-07 was already in alarm, falsely, since 40 s"


def test_called_as_another_hazard():
    said = cause({"vc-07-o2": steady(20.0)}, [alarm(200.0, hazard=Hazard.FLOOD)])
    assert said.startswith("called as something else: flood at vc-07; ")


def test_a_quantity_nobody_judges_has_no_detector_yet():
    rain = Sensor("vc-07-rain", "vc-07", Quantity.RAIN, "mm/h", 5.0, 0.0, 500.0)
    city = replace(CITY, sensors={**CITY.sensors, rain.id: rain})
    flood = truth(what="flood", hazard=Hazard.FLOOD)
    said = cause({"vc-07-rain": steady(80.0)}, truth=flood, city=city)
    assert kind_of(said) == "no detector yet"
    assert "rain" in said


def test_a_hazard_nothing_there_measures_has_no_sensor():
    assert cause({}, truth=truth(what="fire", hazard=Hazard.FIRE)) == "no sensor: of fire at vc-07"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("too late: by 42 s", "too late"),
        ("only blue: red was asked for", "only blue"),
        ("called without need; it was taken for gas", "called without need"),
        ("", ""),
    ],
)
def test_causes_of_one_kind_begin_alike(said, kind):
    assert kind_of(said) == kind
