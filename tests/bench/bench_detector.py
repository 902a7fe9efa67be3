"""How fast the detector's mind is, from packs as they lie on the bus to the bytes of events.

Law: one core, no network, seeded input, the same packs for every contender. The bare loop is the
plainest Python that does the same arithmetic one reading at a time: the naive twins of the tests,
with admission and nothing else, so the ratio flatters nobody.

Run: ``python -m tests.bench.bench_detector --json FILE``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from services.detector.core.batches import ABSURD
from services.detector.core.habits import HABITS
from services.detector.core.limit import family_of
from services.detector.core.limit_tables import limits_of
from services.detector.core.state import dump
from services.detector.core.watch import Watch, new_watch
from shared.bus.codec import UNNUMBERED, Columns, columns, encode_event, pack, unpack
from shared.bus.embedded import EmbeddedBus
from shared.bus.ports import Partition
from shared.bus.topics import READINGS
from shared.clock import SystemClock
from shared.domain.hazard import Hazard
from shared.domain.place import Area, AreaKind, Asset, AssetKind, Site, SiteKind
from shared.domain.quantity import CANONICAL_UNIT, Quantity
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor
from shared.metrics import Metrics
from tests.support.naive_baseline import NaiveBaseline
from tests.support.naive_limits import NaiveLimits

START_US = 1_793_000_000_000_000
PACK = 100
KINDS = (
    (Quantity.SMOKE, 0.01, 0.002),
    (Quantity.TEMPERATURE, 22.0, 0.1),
    (Quantity.CO, 2.0, 1.0),
    (Quantity.O2, 20.9, 0.05),
    (Quantity.CH4, 0.02, 0.01),
)


def many_floors(devices: int) -> Registry:
    """A building a device: 20 floors with five sensors each."""
    sites, assets, sensors = {}, {}, {}
    area = Area("city", AreaKind.CITY, "City", "城", None)
    for device in range(devices):
        site = Site(f"b{device}", SiteKind.BUILDING, f"Building {device}", f"{device}号楼", "city")
        sites[site.id] = site
        for floor in range(PACK // len(KINDS)):
            name = f"{site.id}-f{floor:02}"
            assets[name] = Asset(name, AssetKind.FLOOR, name, name, site.id, "city", storey=floor)
            for quantity, _, _ in KINDS:
                sensor = f"{name}-{quantity.value}"
                unit = CANONICAL_UNIT[quantity]
                sensors[sensor] = Sensor(sensor, name, quantity, unit, 5.0, -1e6, 1e6)
    return Registry("bench", "UTC", {"city": area}, sites, assets, sensors, (), {}, {}, ())


def packs(registry: Registry, *, count: int, seed: int = 1) -> list[tuple[str, bytes]]:
    """Site and record of each pack; one in 50,000 readings is a real smoke peak."""
    rng = np.random.default_rng(seed)
    by_site: dict[str, list[Sensor]] = {}
    for sensor in registry.sensors.values():
        by_site.setdefault(registry.site_of(sensor.id), []).append(sensor)
    made = []
    names = list(by_site)
    level = np.array([kind[1] for kind in KINDS] * (PACK // len(KINDS)))
    noise = np.array([kind[2] for kind in KINDS] * (PACK // len(KINDS)))
    for number in range(count):
        site = names[number % len(names)]
        at = START_US + number // len(names) * 5_000_000
        values = level + noise * rng.standard_normal(PACK)
        if rng.random() < PACK / 50_000:
            values[0] = 1.0
        shown = Columns(
            sensors=[sensor.id for sensor in by_site[site]],
            measured_at_us=np.full(PACK, at, np.int64),
            values=values,
            quality=np.zeros(PACK, np.uint8),
            seq=np.full(PACK, UNNUMBERED, np.int64),
        )
        record = pack(
            site=site, device=site, received_at_us=at, run="", historical=False, columns=shown
        )
        made.append((site, record))
    return made


def mind(registry: Registry, records: Sequence[bytes], *, at_once: int) -> tuple[Watch, int]:
    """Everything from record to event bytes; returns the watch and how many events it said."""
    watch, said = new_watch(registry), 0
    for first in range(0, len(records), at_once):
        seen = watch.observe([unpack(record) for record in records[first : first + at_once]])
        said += len([encode_event(event) for event in seen.events])
    return watch, said


def bare_loop(registry: Registry, records: Sequence[bytes]) -> int:
    """The same limits and baselines, one reading at a time; returns how often a grade changed."""
    limits: dict[str, NaiveLimits] = {}
    habits: dict[str, NaiveBaseline] = {}
    newest: dict[str, int] = {}
    changed = 0
    for record in records:
        shown = columns(unpack(record))
        for index, sensor in enumerate(shown.sensors):
            at, value = int(shown.measured_at_us[index]), float(shown.values[index])
            if at <= newest.get(sensor, 0) or not abs(value) < ABSURD:
                continue
            newest[sensor] = at
            if sensor not in limits:
                about = registry.sensors[sensor]
                asset = registry.assets[about.asset]
                family = family_of(asset.kind, asset.height_m)
                habit = HABITS[about.quantity]
                limits[sensor] = NaiveLimits(limits_of(family, about.quantity))
                habits[sensor] = NaiveBaseline(habit.floor, habit.share, habit.speaks)
            limit = limits[sensor]
            before = limit.grade
            habits[sensor].see(value, in_alarm=bool(limit.crossed))
            limit.see(at, value)
            if len(limit.smooth) > 200:
                del limit.smooth[:-130]
            changed += limit.grade != before
    return changed


async def from_the_bus(registry: Registry, made: Sequence[tuple[str, bytes]]) -> float:
    """Readings a second from the embedded bus's file to event bytes, reading included."""
    clock = SystemClock()
    with TemporaryDirectory() as folder:
        async with EmbeddedBus(Path(folder) / "bus.sqlite", clock=clock, metrics=Metrics()) as bus:
            await bus.ensure_topics()
            for first in range(0, len(made), 500):
                some = made[first : first + 500]
                await asyncio.gather(*(bus.publish(READINGS, site, one) for site, one in some))
            ends = await bus.ends(READINGS)
            watches = {partition: new_watch(registry) for partition in ends}
            began = clock.monotonic()
            for partition, end in ends.items():
                await _drain(bus, partition, end, watches[partition])
            taken = clock.monotonic() - began
    assert sum(watch.counts["scored"] for watch in watches.values()) == len(made) * PACK
    return len(made) * PACK / taken


async def _drain(bus: EmbeddedBus, partition: Partition, end: int, watch: Watch) -> None:
    position = 0
    while position < end:
        records = await bus.read(partition.topic, partition.index, first=position, most=512)
        position = records[-1].offset + 1
        seen = watch.observe([unpack(record.value) for record in records])
        for event in seen.events:
            encode_event(event)


def measure(*, count: int, devices: int) -> dict[str, float]:
    clock = SystemClock()
    registry = many_floors(devices)
    made = packs(registry, count=count)
    records = [record for _, record in made]
    mind(registry, records[: count // 10], at_once=256)
    rates = {}
    for at_once in (1, 16, 512):
        began = clock.monotonic()
        watch, said = mind(registry, records, at_once=at_once)
        rates[at_once] = count * PACK / (clock.monotonic() - began)
        assert watch.counts["scored"] == count * PACK
        assert said > 0, "the benchmark must say something"
    few = records[: max(1, count // 20)]
    began = clock.monotonic()
    assert bare_loop(registry, few) >= 0
    bare = len(few) * PACK / (clock.monotonic() - began)
    began = clock.monotonic()
    body = dump(watch, count)
    dumped = clock.monotonic() - began
    rows = len(watch.roster.owners)
    assert all(case.hazard is Hazard.FIRE for case in watch.cases.cases())
    return {
        "scored_readings_per_s": rates[512],
        "scored_readings_per_s_16_packs_at_once": rates[16],
        "scored_readings_per_s_1_pack_at_once": rates[1],
        "scored_readings_per_s_from_embedded_bus": asyncio.run(from_the_bus(registry, made)),
        "bare_loop_readings_per_s": bare,
        "ratio_to_bare_loop": rates[512] / bare,
        "state_bytes_per_sensor": len(body) / rows,
        "state_dump_ms": 1000 * dumped,
        "sensors": float(rows),
        "events": float(said),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Scored readings per second of the detector.")
    parser.add_argument("--json", type=Path, help="write figures to this file")
    parser.add_argument("--packs", type=int, default=4000)
    parser.add_argument("--devices", type=int, default=40, help="sites of 100 sensors each")
    asked = parser.parse_args()
    figures = measure(count=asked.packs, devices=asked.devices)
    for name, figure in figures.items():
        print(f"{name:45} {figure:,.1f}")
    if asked.json is not None:
        machine = {"machine": platform.machine(), "python": platform.python_version()}
        asked.json.write_text(json.dumps({"figures": figures, **machine}, indent=2) + "\n")


if __name__ == "__main__":
    main()
