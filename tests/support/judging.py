"""Truths and alarms made short, for whoever tests how the one is judged against the other."""

from __future__ import annotations

import numpy as np

from services.evaluation.ground import Ground
from services.evaluation.hearing import Tape
from services.evaluation.judge import Judgement, judge
from services.evaluation.model import Alarm, Expected, Step
from services.evaluation.scene import Scene
from shared.bus.codec import Columns, pack, unpack
from shared.domain.event import EventKind
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from tests.support.small_city import small_city

CITY = small_city()


def truth(**changes) -> Expected:
    """A gas leak in vc-07 from 100 s to 500 s that must be orange between 150 s and 300 s."""
    given = {
        "name": "happenings[0] gas-leak",
        "what": "gas",
        "hazard": Hazard.GAS,
        "assets": frozenset({"vc-07"}),
        "at": "vc-07",
        "level": Level.ORANGE,
        "level_max": None,
        "from_s": 100.0,
        "until_s": 500.0,
        "earliest_s": 150.0,
        "latest_s": 300.0,
    }
    return Expected(**{**given, **changes})


def alarm(
    at_s: float,
    level: Level = Level.ORANGE,
    *,
    asset: str = "vc-07",
    hazard: Hazard = Hazard.GAS,
    likelihood: float = 0.9,
    then: tuple[tuple[float, Level], ...] = (),
    name: str = "",
) -> Alarm:
    """Raised at a moment, and ``then`` changed."""
    said = [(at_s, level, EventKind.RAISED)]
    said += [(when, what, EventKind.CHANGED) for when, what in then]
    steps = tuple(
        Step(f"{asset}/{when}", kind, what, when, when, likelihood, f"{asset}-o2", "limit")
        for when, what, kind in said
    )
    return Alarm(name or f"{asset}/{hazard}/{at_s}", asset, asset, hazard, steps)


def scene(readings: dict[str, list[tuple[float, float]]] | None = None, city=CITY) -> Scene:
    """What the sensors of the city showed: by sensor, seconds and values."""
    tape = Tape(sites=frozenset(city.sites), with_bands=False)
    for sensor, points in (readings or {}).items():
        for at_s, value in points:
            one = pack(
                site=city.site_of(sensor),
                device="",
                received_at_us=round(at_s * 1e6),
                run="",
                historical=False,
                columns=Columns(
                    [sensor],
                    np.array([round(at_s * 1e6)]),
                    np.array([value]),
                    np.zeros(1, np.uint8),
                    np.array([-1]),
                ),
            )
            tape.keep(unpack(one))
    return Scene(city, tape, 0)


def judged(truths: list[Expected], alarms: list[Alarm], readings=None, city=CITY) -> Judgement:
    return judge(truths, alarms, scene(readings, city), Ground(city))
