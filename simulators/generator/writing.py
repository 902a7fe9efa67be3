"""A generated city as a registry's files, written piece by piece: memory stays that of its plan.

The files say exactly what ``generate`` makes. What a registry may hold is bounded; a city that is
larger is written all the same, and ``Written.too_large`` names what stops it from being loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from shared.config.marked_yaml import BYTES_MAX
from shared.domain.place import Geometry
from shared.domain.sensor import Sensor
from shared.errors import BadInput
from shared.registry.geojson import FEATURES_MAX, GEOJSON_BYTES_MAX
from shared.registry.parse import FORMAT_VERSION
from shared.registry.sensors_csv import SENSORS_MAX, TABLE_BYTES_MAX
from shared.registry.writing import flow_text, item_text, write_geojson, write_sensors
from simulators.generator.areas import areas, city_name
from simulators.generator.city import TIMEZONE, sites
from simulators.generator.crews import crews
from simulators.generator.pieces import SitePieces
from simulators.generator.plan import Plan, plan
from simulators.generator.ties import ties

REGISTRY: Final = "registry.yaml"
TABLE: Final = "sensors.csv"
DRAWING: Final = "geometry.geojson"
_TOLD_EVERY: Final = 100
"""Sites between two words on progress."""


@dataclass(frozen=True, slots=True)
class Written:
    sites: int
    assets: int
    sensors: int
    bytes: int
    too_large: tuple[str, ...] = ()
    """Why no Tocsin will load it; empty: it will be loaded."""

    def __str__(self) -> str:
        size = f"{self.bytes / 1e6:.1f} MB"
        head = f"{self.sensors} sensors on {self.assets} assets of {self.sites} sites, {size}"
        return "\n".join([head, *(f"  - too large to load: {why}" for why in self.too_large)])


def write_city(
    seed: int,
    sensors: int,
    folder: Path,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> Written:
    """Write ``registry.yaml``, ``sensors.csv`` and ``geometry.geojson`` into ``folder``.

    The folder is made if there is none. ``progress`` hears the share that is done. Raises
    BadInput for a size or seed that cannot be, for a folder that holds one of the files already,
    and for one that cannot be written to.
    """
    planned = plan(seed, sensors)
    told = _Told(4 * planned.sites, progress)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (REGISTRY, TABLE, DRAWING):
            if (folder / name).exists():
                raise BadInput(f"{folder / name} exists already; name another folder or remove it")
        with (folder / TABLE).open("w", encoding="utf-8", newline="") as out:
            write_sensors(out, _sensors(planned, told))
        with (folder / DRAWING).open("w", encoding="utf-8", newline="") as out:
            write_geojson(out, _shapes(planned, told))
        with (folder / REGISTRY).open("w", encoding="utf-8", newline="") as out:
            out.writelines(f"{line}\n" for line in _registry(planned, told))
    except OSError as error:
        raise BadInput(f"{folder} cannot be written to: {error.strerror or error}") from error
    progress(1.0)
    return _written(planned, folder)


class _Told:
    """Says how far the writing is, now and then."""

    def __init__(self, steps: int, progress: Callable[[float], None]) -> None:
        self._steps, self._progress, self._done = steps, progress, 0

    def each(self, plan: Plan) -> Iterator[SitePieces]:
        """Every site of the plan, counted."""
        for one in sites(plan):
            yield one
            self._done += 1
            if self._done % _TOLD_EVERY == 0:
                self._progress(self._done / self._steps)


def _sensors(plan: Plan, told: _Told) -> Iterator[Sensor]:
    for one in told.each(plan):
        yield from one.sensors()


def _shapes(plan: Plan, told: _Told) -> Iterator[tuple[str, Geometry]]:
    for area in areas(plan):
        if area.geometry is not None:
            yield area.id, area.geometry
    for one in told.each(plan):
        for number, shape in enumerate(one.shapes()):
            yield one.asset_id(number), shape


def _registry(plan: Plan, told: _Told) -> Iterator[str]:
    """The lines of ``registry.yaml``."""
    yield f"# A made-up city: seed {plan.seed}, {int(plan.sensors[-1])} sensors."
    yield f"version: {FORMAT_VERSION}"
    yield f"name: {flow_text(city_name(plan.seed)[0])}"
    yield f"timezone: {TIMEZONE}"
    yield f"sensors_csv: [{TABLE}]"
    yield f"geometry: [{DRAWING}]"
    yield "\nareas:"
    yield from (item_text(replace(area, geometry=None)) for area in areas(plan))
    yield "\nsites:"
    yield from (item_text(one.site()) for one in sites(plan))
    yield "\nassets:"
    for one in told.each(plan):
        # An asset that names no area lies in its site's.
        yield from (item_text(replace(asset, geometry=None, area="")) for asset in one.assets())
    if any(_links(plan, _Told(1, lambda _: None))):
        yield "\nlinks:"
        yield from _links(plan, told)
    yield "\npeople:"
    yield from (item_text(person) for crew in crews(plan) for person in crew.people)
    yield "\nteams:"
    yield from (item_text(crew.team) for crew in crews(plan))
    yield "\nduties:"
    yield from (item_text(duty) for crew in crews(plan) for duty in crew.duties)


def _links(plan: Plan, told: _Told) -> Iterator[str]:
    """Chains and stars as one item each, as people would write them."""
    pieces: list[SitePieces] = []
    for one in told.each(plan):
        if pieces and pieces[0].community != one.community:
            yield from _community_links(pieces)
            pieces = []
        pieces.append(one)
    yield from _community_links(pieces)


def _community_links(pieces: list[SitePieces]) -> Iterator[str]:
    for one in pieces:
        for run in one.template.runs:
            said: dict[str, Any] = {"kind": run.kind.value}
            if run.length_m is not None:
                said["length_m"] = run.length_m
            names = [one.asset_id(asset) for asset in run.assets]
            joins = (
                {"along": names} if run.hub is None else {"a": one.asset_id(run.hub), "b": names}
            )
            yield f"  - {flow_text(said | joins)}"
    yield from map(item_text, ties(pieces))


def _written(plan: Plan, folder: Path) -> Written:
    sensors, assets = int(plan.sensors[-1]), int(plan.assets[-1])
    size = {name: (folder / name).stat().st_size for name in (REGISTRY, TABLE, DRAWING)}
    features = assets + plan.communities + plan.streets + plan.districts + 1
    bounds = [
        (f"{REGISTRY} has {size[REGISTRY]} bytes", size[REGISTRY], BYTES_MAX),
        (f"{TABLE} has {size[TABLE]} bytes", size[TABLE], TABLE_BYTES_MAX),
        (f"{TABLE} has {sensors} sensors", sensors, SENSORS_MAX),
        (f"{DRAWING} has {size[DRAWING]} bytes", size[DRAWING], GEOJSON_BYTES_MAX),
        (f"{DRAWING} has {features} features", features, FEATURES_MAX),
    ]
    too_large = tuple(f"{what}, at most {most}" for what, has, most in bounds if has > most)
    return Written(plan.sites, assets, sensors, sum(size.values()), too_large)
