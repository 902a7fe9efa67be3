"""Faults laid over each other, on the sensors of a city, each with its own chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.quantity import Quantity
from shared.domain.sensor import Sensor
from shared.registry.load import load_registry
from simulators.channels import Channel, Stretch
from simulators.faults import KINDS
from simulators.scenario_kinds import FAULTS, kind_of


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def channel_of() -> Channel:
    sensor = Sensor("x-ch4", "x", Quantity.CH4, "%vol", 5.0, -0.5, 10.0)
    return Channel(
        sensor=sensor, interval_s=5.0, noise=0.01, low=-0.5, high=10.0, start_unix_s=1.8e9,
        hours=lambda times_s: 8.0 + times_s / 3600.0,
    )  # fmt: skip


@given(by=st.floats(-2, 2), left=st.floats(0, 1), step=st.floats(0.01, 0.5), value=st.floats(0, 10))
def test_lies_are_laid_over_each_other_in_order(by, left, step, value):
    channel = channel_of()
    stretch = Stretch(np.array([0.0, 5000.0]), np.array([value, value]))
    for said in (
        {"kind": "gain-loss", "left": left},
        {"kind": "bias", "by": by},
        {"kind": "coarse", "step": step, "most": 10.0},
    ):
        fault = FAULTS[said["kind"]].model_validate({"sensor": "x", **said})
        fault.lie(channel, np.random.default_rng(1))(stretch)
    after = np.clip(value * left + by, -0.5, 10.0)
    assert stretch.values[1] == pytest.approx(np.clip(round(after / step) * step, -0.5, 10.0))


def test_a_fault_finds_its_sensors_and_says_what_is_wrong_with_it(registry):
    def fault(**said):
        return FAULTS[said["kind"]].model_validate(said)

    tested = fault(kind="bump-test", asset="t3-s3")
    assert {sensor.quantity for sensor in tested.targets(registry)} == {"ch4", "o2", "co", "h2s"}
    assert not list(tested.faults(registry))
    oxygen = fault(kind="stuck", site="t3", quantity="o2")
    assert len(oxygen.targets(registry)) == 8
    assert list(fault(kind="stuck").faults(registry)) == [
        "names no sensor, asset or site; say which sensors lie"
    ]
    assert "vc-99 is not in the registry" in next(
        fault(kind="bias", asset="vc-99").faults(registry)
    )
    (why,) = fault(kind="barometer", sensor="vc-07-ch4").faults(registry)
    assert "it fits o2" in why
    late = fault(kind="stuck", sensor="vc-07-ch4", from_s=10, until_s=5)
    assert "until_s 5 is not after from_s 10" in list(late.faults(registry))


def test_sensors_of_one_device_fall_silent_together_and_lie_apart(registry):
    dropout = FAULTS["dropout"](kind="dropout", asset="t3-s3", share=0.3)
    noise = FAULTS["noise"](kind="noise", asset="t3-s3")
    times = 5.0 * np.arange(2000)

    def of(fault):
        stretches = []
        for name, make in fault.lies(registry, seed=1, number=0):
            stretch = Stretch(times, np.full(times.size, 1.0))
            make(replace(channel_of(), sensor=registry.sensors[name]))(stretch)
            stretches.append(stretch)
        return stretches

    first, second, *_ = of(dropout)
    assert (first.sent == second.sent).all()
    assert not first.sent.all()
    one, other, *_ = of(noise)
    assert not np.array_equal(one.values, other.values)


def test_every_fault_has_a_kind_of_its_own_and_says_what_it_is():
    assert len({kind_of(model) for model in KINDS}) == len(KINDS) == 18
    assert all((model.__doc__ or "").strip() for model in KINDS)
