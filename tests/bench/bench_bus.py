"""Records a second through the embedded bus, as a plain script.

    python tests/bench/bench_bus.py --json FILE

Two shapes, because they are limited by different things: many publishers at once share each flush
to the disk, one after the other pays for it alone. Each figure checks its own answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from shared.bus.embedded import EmbeddedBus
from shared.bus.topics import READINGS
from shared.clock import SystemClock
from shared.metrics import Metrics

VALUE = bytes(range(256)) * 2
"""About what a pack of a dozen readings takes."""
SITES = 200
AT_ONCE = 500
ALONE = 300
POLL_RECORDS = 2000


async def publish_many(bus: EmbeddedBus, records: int) -> None:
    for first in range(0, records, AT_ONCE):
        batch = range(first, min(records, first + AT_ONCE))
        await asyncio.gather(
            *(bus.publish(READINGS, f"site-{number % SITES}", VALUE) for number in batch)
        )


async def publish_alone(bus: EmbeddedBus, records: int) -> None:
    for number in range(records):
        await bus.publish(READINGS, f"site-{number % SITES}", VALUE)


async def poll_all(bus: EmbeddedBus, records: int) -> None:
    subscription = await bus.subscribe(READINGS, f"bench-{records}")
    seen = 0
    while seen < records:
        polled = await subscription.poll(records_max=POLL_RECORDS, wait_s=1)
        for one in polled.assigned:
            await subscription.start(one.partition, one.first)
        for batch in polled.records.values():
            assert batch[0].value == VALUE
            seen += len(batch)
    assert seen == records
    await subscription.close()


async def latency_ms(bus: EmbeddedBus, clock: SystemClock, records: int) -> dict[str, float]:
    """From the call of ``publish`` to the record in the hands of a waiting poller."""
    subscription = await bus.subscribe(READINGS, "bench-latency")
    polled = await subscription.poll(records_max=1, wait_s=1)
    ends = await bus.ends(READINGS)
    for one in polled.assigned:
        await subscription.start(one.partition, ends[one.partition])
    took = []
    for _ in range(records):
        began = clock.monotonic()
        polling = asyncio.create_task(subscription.poll(records_max=1, wait_s=5))
        await bus.publish(READINGS, "site", VALUE)
        assert (await polling).records
        took.append((clock.monotonic() - began) * 1000)
    await subscription.close()
    took.sort()
    return {"p50_ms": took[len(took) // 2], "p99_ms": took[int(len(took) * 0.99)]}


async def rate(
    clock: SystemClock,
    work: Callable[[EmbeddedBus, int], Awaitable[None]],
    bus: EmbeddedBus,
    records: int,
) -> float:
    began = clock.monotonic()
    await work(bus, records)
    return records / (clock.monotonic() - began)


async def measure(folder: Path, records: int) -> dict[str, float]:
    clock = SystemClock()
    async with EmbeddedBus(folder / "bus.sqlite", clock=clock, metrics=Metrics()) as bus:
        await bus.ensure_topics()
        together = await rate(clock, publish_many, bus, records)
        polled = await rate(clock, poll_all, bus, records)
        alone = await rate(clock, publish_alone, bus, ALONE)
        waited = await latency_ms(bus, clock, ALONE)
    return {
        "embedded_published_together_records_per_s": together,
        "embedded_published_alone_records_per_s": alone,
        "embedded_polled_records_per_s": polled,
        "embedded_publish_to_poll_p50_ms": waited["p50_ms"],
        "embedded_publish_to_poll_p99_ms": waited["p99_ms"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--dir", type=Path, help="where the file is made; its disk is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        found = asyncio.run(measure(Path(folder), options.records))
    figures = {name: round(value, 2) for name, value in found.items()}
    for name, value in figures.items():
        print(f"{name:45} {value:12,.1f}")
    if options.json:
        machine = {"machine": platform.machine(), "python": platform.python_version()}
        setting = {"records": options.records, "value_bytes": len(VALUE), "at_once": AT_ONCE}
        report = {"figures": figures, "setting": setting | machine}
        options.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
