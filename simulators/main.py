"""What the command line asks of the simulators: play a scenario, or play a recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.clock import Clock
from shared.domain.registry import Registry
from shared.errors import BadInput
from simulators.players import mqtt
from simulators.players.pacing import Progress
from simulators.replay.recording import Window
from simulators.replay.sources import Wish, open_source
from simulators.scenario import Listed, frames_of, list_scenarios, stage

__all__ = [
    "Listed",
    "Progress",
    "Summary",
    "Window",
    "Wish",
    "bound_of",
    "list_scenarios",
    "replay",
    "run_name",
    "simulate",
]


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
    """Publish a scenario, by id, by name or by a path to a .yaml file, until it ends.

    ``registry`` is the city of a scenario that names none. ``measured_at`` is ``start`` plus
    scenario time. Raises BadInput (unknown name, a network that is not to be found, bad speed or
    URL), BadScenario (all faults of the file) and BrokerUnreachable.
    """
    if not run:
        raise BadInput("a simulation is always an exercise; name its run with --run NAME")
    staged = stage(name, registry, seed=seed)
    frames = frames_of(
        staged.scenario,
        staged.registry,
        seed=seed,
        start=start,
        run=run,
        duration_s=duration_s,
    )
    played = await mqtt.play(
        frames, url=mqtt_url, speed=speed, clock=clock, run=run, progress=progress
    )
    return Summary(played.frames, played.readings, 0, played.seconds)


async def replay(
    wish: Wish,
    *,
    registry: Registry,
    mqtt_url: str,
    speed: float,
    run: str,
    clock: Clock,
    progress: Callable[[Progress], None],
) -> Summary:
    """Publish recorded readings: a file, the archive, an incident.

    ``run`` comes from ``run_name``. Raises BadInput (also when nothing was left to play),
    BadMapping (all faults at once), StoreUnavailable and BrokerUnreachable.
    """
    source = await open_source(wish, registry)
    played = await mqtt.play(
        source.frames(run=run),
        url=mqtt_url,
        speed=speed,
        clock=clock,
        run=run,
        progress=progress,
    )
    skipped = source.skipped
    if played.frames == 0:
        why = f"; {skipped.count} skipped, first: {skipped.faults[0]}" if skipped.faults else ""
        raise BadInput(
            f"nothing of {source.name} could be played{why}; look at --from, --to, the run and "
            "the sites, or the mapping's filter"
        )
    return Summary(
        played.frames,
        played.readings,
        skipped.count,
        played.seconds,
        skipped.empty,
        tuple(skipped.faults),
    )


def run_name(wanted: str | None, *, made: str, as_real: bool, wake_people: bool) -> str:
    """The run of a play: ``wanted``, else ``made``; empty, the real city, only if both ask for it.

    What is played under a run is marked as an exercise on every screen and calls nobody outside
    ``alerts.exercise_channels``. Raises BadInput when only one of the two was said, or a run too.
    """
    if as_real and wake_people:
        if wanted:
            raise BadInput(f"run {wanted} is an exercise; leave out --run or --as-real")
        return ""
    if as_real:
        raise BadInput(
            "--as-real puts recorded readings among the city's own: they move its detectors and "
            "call real people; say --yes-wake-people too, or leave it out"
        )
    if wake_people:
        raise BadInput("--yes-wake-people does nothing alone: an exercise wakes nobody")
    name = made if wanted is None else wanted.strip()
    if not name:
        raise BadInput("the run of an exercise has no name; give one with --run NAME")
    return name


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
