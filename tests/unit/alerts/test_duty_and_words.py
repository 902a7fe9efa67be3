"""Who is called, in which words, and what the card says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.alerts.core import messages
from services.alerts.core.cards import card, middle
from services.alerts.core.duty import DutyBook, Gap
from services.alerts.core.happenings import Notify, StandDown
from services.alerts.core.opening import receive
from services.alerts.core.plan import Rules, other_way, plan, step_lost
from services.alerts.core.policy import DEFAULT, parse
from shared.domain.hazard import Hazard
from shared.domain.incident import Receipt, Why
from shared.domain.level import Level
from shared.domain.person import Address
from shared.domain.place import AreaKind, Geometry, GeometryKind
from shared.errors import BadSettings
from tests.support.make_events import MORNING, raised
from tests.support.small_city import small_city, without_duties


def opened(level: Level = Level.ORANGE, run: str = ""):
    outcome = receive(None, raised(level=level, run=run), now=MORNING, policy=DEFAULT)
    assert outcome is not None
    return outcome


def rules_of(city, **more) -> Rules:
    terms = {"exercise_channels": frozenset({"console"}), "give_up": timedelta(minutes=15)}
    return Rules(registry=city, duties=DutyBook(city), **(terms | more))


def names(route) -> list[str]:
    return [callee.person.id for callee in route.callees]


def called(city, *kinds: AreaKind, hazard: Hazard = Hazard.GAS, whole_team: bool = False, **more):
    asset = more.pop("asset", "vc-07")
    return DutyBook(city).route(
        asset=asset, hazard=hazard, kinds=kinds, whole_team=whole_team, **more
    )


def test_the_team_for_the_hazard_goes_before_the_team_for_everything():
    city = small_city()
    assert names(called(city, AreaKind.STREET)) == ["chen"]
    assert names(called(city, AreaKind.STREET, hazard=Hazard.FIRE)) == ["zhao"]


def test_the_first_member_is_called_or_the_whole_team():
    city = small_city()
    assert names(called(city, AreaKind.COMMUNITY)) == ["wu"]
    assert names(called(city, AreaKind.COMMUNITY, whole_team=True)) == ["wu", "li"]


def test_a_member_without_an_address_is_passed_over_and_the_reason_kept():
    city = small_city()
    mute = replace(city.people["wu"], addresses=())
    city = replace(city, people={**city.people, "wu": mute})

    route = called(city, AreaKind.COMMUNITY)

    assert names(route) == ["li"]
    assert [(gap.thing, gap.reason) for gap in route.missed] == [("wu", Gap.NO_ADDRESS)]


def test_a_step_with_nobody_falls_through_to_the_next_area_up():
    city = without_duties(small_city(), "harbour", "dongmen")
    route = called(city, AreaKind.COMMUNITY)

    assert names(route) == ["sun"]
    assert [gap.reason for gap in route.missed] == [Gap.NO_DUTY, Gap.NO_DUTY]


def test_a_city_with_nobody_on_duty_gives_reasons_and_no_people():
    route = called(without_duties(small_city()), AreaKind.COMMUNITY, AreaKind.GRID)
    assert route.callees == ()
    assert {gap.reason for gap in route.missed} == {Gap.NO_DUTY, Gap.NO_AREA}


def test_where_a_red_alarm_would_reach_nobody_is_known_beforehand():
    city = small_city()
    assert DutyBook(city).nobody_for([AreaKind.COMMUNITY]) == []
    gaps = DutyBook(without_duties(city)).nobody_for([AreaKind.COMMUNITY])
    assert gaps == [("harbour", hazard) for hazard in Hazard]


def test_an_asset_nobody_knows_is_the_citys_business():
    assert names(called(small_city(), AreaKind.COMMUNITY, asset="unheard-of")) == ["qian"]


def test_an_exercise_reaches_only_channels_named_for_exercises():
    city = small_city(channel="webhook", target="https://example.org/{person}")
    incident, effects = opened(run="drill")
    planned = plan(incident, effects, told=(), now=MORNING, rules=rules_of(city))

    assert planned.owed == ()
    assert planned.unrouted
    reasons = {gap.reason for call in planned.called for gap in call.missed}
    assert Gap.NOT_IN_EXERCISE in reasons


@pytest.mark.parametrize("run", ["", "drill"])
def test_every_message_of_an_exercise_carries_the_mark_and_no_other_does(run):
    incident, effects = opened(run=run)
    planned = plan(incident, effects, told=(), now=MORNING, rules=rules_of(small_city()))
    assert planned.owed
    stood = plan(
        incident,
        [StandDown(Why.RETURNED)],
        told=[replace(one, state=Receipt.SENT) for one in planned.owed],
        now=MORNING,
        rules=rules_of(small_city()),
    )
    assert stood.owed
    for one in (*planned.owed, *stood.owed):
        for words in one.text.values():
            assert ("EXERCISE" in words and "演练" in words) == bool(run)


def test_those_who_may_have_been_called_are_stood_down_except_who_did_it():
    incident, effects = opened(Level.RED)
    rules = rules_of(small_city())
    wu, li, chen, sun = plan(incident, effects, told=(), now=MORNING, rules=rules).owed
    told = [
        replace(wu, state=Receipt.SENT),
        replace(li, attempts=1),
        chen,
        replace(sun, state=Receipt.SENT),
    ]

    stood = plan(
        incident, [StandDown(Why.ACKNOWLEDGED, "Sun Hao")], told=told, now=MORNING, rules=rules
    )

    assert stood.withdraw
    assert [one.person for one in stood.owed] == ["wu", "li"], "a try under way may have arrived"
    assert "Sun Hao" in stood.owed[0].text["en"]


def test_planning_twice_owes_the_same_keys():
    incident, effects = opened(Level.RED)
    rules = rules_of(small_city())
    first = plan(incident, effects, told=(), now=MORNING, rules=rules)
    second = plan(incident, effects, told=(), now=MORNING + timedelta(hours=1), rules=rules)
    assert [one.key for one in first.owed] == [one.key for one in second.owed]
    assert len({one.key for one in first.owed}) == len(first.owed) > 2


def test_a_failed_call_goes_to_the_next_address_then_to_the_next_member_then_nowhere():
    city = small_city()
    two = (Address("console", "a"), Address("webhook", "https://example.org"))
    people = {**city.people, "wu": replace(city.people["wu"], addresses=two)}
    rules = rules_of(replace(city, people=people))
    incident, effects = opened()
    first = plan(incident, effects, told=(), now=MORNING, rules=rules).owed[0]
    told = [replace(first, state=Receipt.WRITTEN_OFF)]

    other = other_way(incident, first, told, rules)
    assert other is not None
    assert (other.person.id, other.address.channel) == ("wu", "webhook")

    second = replace(first, channel="webhook", target="https://example.org", key="second")
    told.append(replace(second, state=Receipt.WRITTEN_OFF))
    other = other_way(incident, second, told, rules)
    assert other is not None
    assert other.person.id == "li"

    third = replace(first, person="li", target="li", key="third")
    told.append(replace(third, state=Receipt.WRITTEN_OFF))
    assert other_way(incident, third, told, rules) is None
    assert step_lost(third, told)
    assert not step_lost(third, [*told, replace(first, key="reached", state=Receipt.SENT)])


def test_the_card_says_what_happens_next_and_who_was_told():
    incident, effects = opened()
    city = small_city()
    owed = plan(incident, effects, told=(), now=MORNING, rules=rules_of(city)).owed
    sent = [replace(one, state=Receipt.SENT, settled_at=MORNING) for one in owed]
    shown = card(incident, sequence=1, told=sent, registry=city, policy=DEFAULT)

    assert shown.next_step == {"en": "call district", "zh": "呼叫区级"}
    assert [(told.person, told.state) for told in shown.told] == [
        ("wu", Receipt.SENT),
        ("chen", Receipt.SENT),
    ]
    assert [place.id for place in shown.place] == ["jiangcheng", "jiangbei", "dongmen", "harbour"]
    assert shown.headline["zh"] == "橙色：7号阀室气体危险"
    assert shown.actions == ("ack", "resolve")
    assert len(shown.spark or ()) == 20


def test_a_card_of_an_asset_without_geometry_stands_beside_its_site_or_nowhere():
    city = small_city()
    incident, _ = opened()
    other = replace(incident, asset="vc-08", site="vc-08")
    assert card(other, sequence=1, told=(), registry=city, policy=DEFAULT).position is None
    unknown = replace(incident, asset="gone", site="vc-07")
    assert card(unknown, sequence=1, told=(), registry=city, policy=DEFAULT).place == ()


def test_a_mark_lies_in_the_middle_of_its_shape():
    square = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))
    assert middle(Geometry(GeometryKind.POLYGON, square)) == (1.0, 1.0)
    assert middle(Geometry(GeometryKind.LINE, ((0.0, 0.0), (4.0, 0.0)))) == (2.0, 0.0)


def test_every_reason_to_call_and_to_stand_down_has_words_in_both_languages():
    incident, _ = opened()
    city = small_city()
    for why in Why:
        text = (
            messages.call(incident, why, city, link="http://x/#1")
            if why.asks
            else messages.stand_down(incident, why, "Li Na", city)
        )
        assert set(text) == {"en", "zh"}
        assert all(text.values())


def test_a_policy_names_every_fault_at_once():
    document = {
        "levels": {
            "blue": {"steps": [], "repeat_s": 60},
            "yellow": {"steps": [{"areas": ["village"], "patience_s": 60}], "repeat_s": 60},
            "orange": {"steps": [{"areas": ["city"], "patience_s": 0}], "repeat_s": True},
            "purple": {},
        }
    }
    with pytest.raises(BadSettings) as caught:
        parse(document, source="policy.yaml")

    told = "\n".join(caught.value.lines)
    for word in (
        "purple",
        "blue.steps",
        "yellow.steps[0].areas",
        "patience_s",
        "repeat_s",
        "levels.red: missing",
    ):
        assert word in told


def test_a_policy_file_says_the_same_as_its_ladders():
    def spelled(level: Level) -> dict:
        ladder = DEFAULT.ladder(level)
        return {
            "steps": [
                {
                    "areas": [kind.value for kind in step.areas],
                    "patience_s": step.patience.total_seconds(),
                    "whole_team": step.whole_team,
                }
                for step in ladder.steps
            ],
            "repeat_s": ladder.repeat.total_seconds(),
        }

    document = {"levels": {level.value: spelled(level) for level in Level}}
    parsed = parse(document, source="policy.yaml")
    assert parsed == DEFAULT
    assert parsed.version == DEFAULT.version
    document["levels"]["red"]["repeat_s"] = 1
    assert parse(document, source="policy.yaml").version != DEFAULT.version


def test_notify_carries_the_level_that_is_called_not_the_newest_fall():
    _, effects = opened(Level.RED)
    assert [one.level for one in effects if isinstance(one, Notify)] == [Level.RED]
