"""A large city loads while somebody waits for it."""

import time

import pytest

from shared.registry.lint import lint_registry
from shared.registry.load import load_registry

SENSORS = 20_000
HEAD = """version: 1
name: Large
timezone: Asia/Shanghai
areas: [{id: large, kind: city, name: Large}]
people: [{id: desk, name: Desk, addresses: [{channel: console, target: desk}]}]
teams: [{id: team, name: Team, members: [desk]}]
duties: [{area: large, team: team}]
sensors_csv: [sensors.csv]
sites:
"""


def write_city(folder, *, wrong_every=0):
    sites = "".join(
        f"  - {{id: s{i}, kind: chamber, name: S, area: large}}\n" for i in range(SENSORS // 20)
    )
    assets = "".join(
        f"  - {{id: a{i}, kind: chamber, name: A, site: s{i // 4}}}\n" for i in range(SENSORS // 5)
    )
    rows = [
        f"a{i // 5}-{i % 5},{'x' if wrong_every and i % wrong_every == 0 else 'a'}{i // 5},"
        f"ch4,%vol,10,-0.5,100"
        for i in range(SENSORS)
    ]
    (folder / "registry.yaml").write_text(f"{HEAD}{sites}assets:\n{assets}")
    (folder / "sensors.csv").write_text(
        "id,asset,quantity,unit,interval_s,low,high\n" + "\n".join(rows)
    )


@pytest.mark.slow
def test_twenty_thousand_sensors_load_in_two_seconds(tmp_path):
    write_city(tmp_path)
    best_s = float("inf")
    for _ in range(2):  # the better of two, since other tests may share the machine
        began = time.process_time()
        registry = load_registry(tmp_path)
        best_s = min(best_s, time.process_time() - began)

    assert len(registry.sensors) == SENSORS
    assert best_s < 2.0


@pytest.mark.slow
def test_a_large_city_full_of_mistakes_is_answered_as_fast(tmp_path):
    write_city(tmp_path, wrong_every=2)

    began = time.process_time()
    complaints = lint_registry(tmp_path)
    took_s = time.process_time() - began

    assert len(complaints) == 501
    assert took_s < 4.0
