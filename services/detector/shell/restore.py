"""Where a partition goes on: the newest state that can be used, or everything from the start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from services.detector.core.state import Restored, load
from services.detector.core.watch import Watch, new_watch
from services.detector.ports import Checkpoints
from shared.bus.ports import Assigned
from shared.domain.registry import Registry
from shared.errors import BadCheckpoint
from shared.logs import log


@dataclass(frozen=True, slots=True)
class Beginning:
    watch: Watch
    position: int
    generation: int


async def begin(
    assigned: Assigned, *, checkpoints: Checkpoints, registry: Registry, runs_max: int
) -> Beginning:
    """The mind of an assigned partition and where it reads on; BusUnavailable if it cannot tell.

    Without a usable checkpoint the whole partition is read again: state that stands for nothing
    is worse than work done twice.
    """
    say = log("detector").bind(partition=assigned.partition.index)
    found = await checkpoints.load(assigned.partition.index)
    for refusal in found.refused:
        say.warning("detector.checkpoint_refused", because=refusal)
    for saved in found.saved:
        try:
            restored = await asyncio.to_thread(load, saved.body, registry, runs_max=runs_max)
        except BadCheckpoint as error:
            say.warning(
                "detector.checkpoint_refused", generation=saved.generation, because=str(error)
            )
            continue
        _tell(restored, assigned)
        position = max(restored.position, assigned.first)
        say.info("detector.restored", generation=saved.generation, position=position)
        return Beginning(restored.watch, position, found.newest_generation)
    if assigned.committed is not None or found.refused or found.saved:
        say.warning("detector.reads_again", first=assigned.first, committed=assigned.committed)
    watch = new_watch(registry, runs_max=runs_max)
    return Beginning(watch, assigned.first, found.newest_generation)


def _tell(restored: Restored, assigned: Assigned) -> None:
    """Say aloud what the restored state does not cover."""
    say = log("detector").bind(partition=assigned.partition.index)
    if restored.position < assigned.first:
        say.error(
            "detector.records_lost",
            position=restored.position,
            first=assigned.first,
            because="retention removed records that were never scored; lengthen it",
        )
    if restored.gone:
        say.warning("detector.sensors_gone", sensors=list(restored.gone[:20]))
    for case in restored.ended:
        say.warning("detector.case_ended_by_registry", asset=case.asset, occurrence=case.occurrence)
