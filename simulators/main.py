"""What the command line asks of the simulators: play a scenario, or play a recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shared.clock import Clock
from shared.domain.registry import Registry
from shared.errors import BadInput
from simulators.players import mqtt
from simulators.players.pacing import Progress
from simulators.replay.recording import Recording, Window
from simulators.scenario import Listed, frames_of, list_scenarios, load_scenario

__all__ = ["Listed", "Progress", "Summary", "list_scenarios", "replay", "simulate"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a play has sent, and what it left out."""

    frames: int
    readings: int
    skipped: int
    """Rows or cells of a recording that could not become readings."""
    seconds: float
    empty: int = 0
    """Cells of a recording with nothing in them."""
    faults: tuple[str, ...] = ()
    """The first skipped lines, each named, with why."""

    def __str__(self) -> str:
        head = f"sent {self.readings} readings in {self.frames} frames, {self.seconds:.1f} s"
        if not self.skipped:
            return head
        unnamed = self.skipped - len(self.faults)
        more = (f"  - and {unnamed} more",) if unnamed else ()
        lines = (f"  - {fault}" for fault in self.faults)
        return "\n".join([f"{head}; skipped {self.skipped}:", *lines, *more])


async def simulate(
    name: str,
    *,
    registry: Registry,
    mqtt_url: str,
    speed: float,
    seed: int,
    run: str,
    start: datetime,
    duration_s: float | None,
    clock: Clock,
    progress: Callable[[Progress], None],
) -> Summary:
    """Publish a scenario, bundled or a path to a .yaml file, until it ends.

    ``measured_at`` is ``start`` plus scenario time. Raises BadInput (unknown name, bad speed or
    URL), BadScenario (all faults of the file) and BrokerUnreachable.
    """
    scenario = load_scenario(name, registry)
    frames = frames_of(scenario, registry, seed=seed, start=start, run=run, duration_s=duration_s)
    played = await mqtt.play(
        frames, url=mqtt_url, speed=speed, clock=clock, run=run, progress=progress
    )
    return Summary(played.frames, played.readings, 0, played.seconds)


async def replay(
    source: Path,
    *,
    mapping: Path | None,
    registry: Registry,
    mqtt_url: str,
    speed: float,
    run: str,
    start: datetime | None,
    first: str | None,
    last: str | None,
    clock: Clock,
    progress: Callable[[Progress], None],
) -> Summary:
    """Publish a recorded CSV file.

    ``mapping`` None chooses the bundled mapping that fits the header; ``start`` None is the
    mapping's own; ``first`` and ``last`` are seconds after the recording's zero or ISO 8601
    moments. Raises BadInput, BadMapping (all faults at once) and BrokerUnreachable.
    """
    recording = Recording(source, registry, mapping=mapping, start=start)
    window = Window(bound_of(first, "--from"), bound_of(last, "--to"))
    played = await mqtt.play(
        recording.frames(run=run, window=window),
        url=mqtt_url,
        speed=speed,
        clock=clock,
        run=run,
        progress=progress,
    )
    skipped = recording.skipped
    if played.frames == 0:
        why = f"; {skipped.count} skipped, first: {skipped.faults[0]}" if skipped.faults else ""
        raise BadInput(
            f"nothing of {source} could be played with mapping {recording.mapping.name}{why}; "
            "look at --from, --to and the mapping's filter"
        )
    return Summary(
        played.frames,
        played.readings,
        skipped.count,
        played.seconds,
        skipped.empty,
        tuple(skipped.faults),
    )


def bound_of(text: str | None, option: str) -> float | datetime | None:
    """Seconds or an ISO 8601 moment (UTC without a zone); BadInput for anything else."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{option} {text!r} is neither seconds nor a moment like 2026-01-31T08:00:00Z"
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
