"""Behind ``tocsin scenario``: list, show, new, check, and the city of a scenario as files.

Everything comes back as rows for a program and lines for people; nothing here prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from shared.config.complaint import Complaint
from shared.domain.registry import Registry
from shared.errors import BadInput
from shared.registry.draft import Draft, Spot
from shared.registry.writing import geojson_text, registry_text, sensors_text
from simulators.scenario import (
    BadScenario,
    Expected,
    Staged,
    expected_of,
    list_scenarios,
    scenario_text,
    stage,
)
from simulators.scenario_template import TEMPLATE

SEEDS_CHECKED: Final = (None, 1, 2, 3, 4, 5)
"""A choice may fit with one seed and not with another; None is the file's own seed."""
_OWN: Final = {"kind", "asset", "sensor", "site", "quantity", "from_s", "until_s", "truth"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer in both forms."""

    row: dict[str, Any]
    lines: tuple[str, ...]


def list_scenarios_rows(family: str | None = None) -> list[dict[str, Any]]:
    """Every bundled scenario, or those of one family (W, G, F, C or S)."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "family": one.family,
            "summary": one.summary,
            "summary_zh": one.summary_zh,
            "duration_s": one.duration_s,
            "city": one.city,
        }
        for one in list_scenarios()
        if family is None or one.family == family.upper()
    ]


def list_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The same, a line each."""
    return [
        f"{row['id'] or '':<4} {row['name']:<18} {lasting(row['duration_s']):>9}  {row['summary']}"
        for row in rows
    ]


def show(name: str, registry: Registry, *, seed: int | None = None) -> Shown:
    """A scenario with everything decided that it leaves to its seed.

    Raises BadInput for one that is not there and BadScenario for one with faults.
    """
    staged = stage(name, registry, seed=seed)
    expected = expected_of(staged.scenario, staged.registry)
    row = {
        **staged.scenario.model_dump(mode="json", exclude={"happenings", "faults", "truth"}),
        "seed": staged.seed,
        "happenings": [_dumped(one) for one in staged.scenario.happenings],
        "faults": [_dumped(one) for one in staged.scenario.faults],
        "truth": [_expected_row(one) for one in expected],
    }
    return Shown(row, tuple(_show_lines(staged, expected, scenario_text(name)[1])))


def _show_lines(staged: Staged, expected: tuple[Expected, ...], path: Path) -> Iterator[str]:
    scenario = staged.scenario
    yield " ".join(part for part in (scenario.id, scenario.name) if part)
    yield f"  {scenario.summary.en}"
    if scenario.summary.zh:
        yield f"  {scenario.summary.zh}"
    if scenario.expects is not None:
        yield f"expects: {scenario.expects.en.strip()}"
    sites = "every site" if scenario.sites is None else ", ".join(dict.fromkeys(scenario.sites))
    yield f"where:   {staged.registry.name}, {sites}"
    yield f"lasts:   {lasting(scenario.duration_s)} from {scenario.start:%Y-%m-%d %H:%M %Z}"
    yield f"seed:    {staged.seed}"
    for one in scenario.happenings:
        yield f"happens: {_said(one, one.asset)}"
    for fault in scenario.faults:
        where = fault.sensor or " ".join(
            str(w) for w in (fault.asset or fault.site, _of(fault)) if w
        )
        yield f"lies:    {_said(fault, where)}"
    for line in expected:
        yield f"truth:   {_truth_line(line)}"
    yield f"file:    {path}"


def _said(one: Any, where: str) -> str:
    fields = one.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    rest = ", ".join(f"{key} {value}" for key, value in fields.items() if key not in _OWN)
    until = "the end" if one.until_s is None else clock_text(one.until_s)
    return (
        f"{clock_text(one.from_s)} to {until}  {one.kind} at {where}{f' ({rest})' if rest else ''}"
    )


def _of(fault: Any) -> str:
    named = fault.quantity
    return "" if named is None else named if isinstance(named, str) else ", ".join(named)


def _truth_line(one: Expected) -> str:
    where = f" at {', '.join(one.assets)}" if one.assets else ""
    most = "" if one.level_max is None else f", {one.level_max.value} at most"
    if one.what is None:
        return f"nothing may be raised{where}{most}"
    level = "" if one.level is None else f" at least {one.level.value}"
    when = ""
    if one.earliest_s is not None and one.latest_s is not None:
        when = f" between {clock_text(one.earliest_s)} and {clock_text(one.latest_s)}"
    return f"{one.what.value}{level}{most}{where}{when}"


def new(name: str, path: Path, *, template: str | None = None) -> Shown:
    """Write a scenario to change: a commented example, or a copy of the one named ``template``.

    Raises BadInput for a name that cannot be one and for a file that is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise BadInput(f"scenario name {name!r} must be small letters, digits and dashes")
    if path.is_dir():
        path = path / f"{name}.yaml"
    if path.suffix not in {".yaml", ".yml"}:
        raise BadInput(f"{path} must end in .yaml, so that it can be played by its path")
    if path.exists():
        raise BadInput(f"{path} exists already; name another file or remove it")
    text = TEMPLATE.format(name=name, file=path) if template is None else _copy(name, template)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}") from error
    return Shown(
        {"name": name, "file": str(path), "template": template},
        (f"wrote {path}", f"check it with: tocsin scenario check {path}"),
    )


def _copy(name: str, template: str) -> str:
    """A bundled scenario under another name; its id stays with the original."""
    text, _ = scenario_text(template)
    text = re.sub(r"^name: .*$", f"name: {name}", text, count=1, flags=re.MULTILINE)
    return re.sub(r"^id: .*\n", "", text, count=1, flags=re.MULTILINE)


def check(path: Path, registry: Registry) -> tuple[Complaint, ...]:
    """Every fault of a scenario file, for its own seed and a few others; none means it plays."""
    found: list[Complaint] = []
    for seed in SEEDS_CHECKED:
        told = {one.line for one in found}
        try:
            stage(str(path), registry, seed=seed)
        except BadScenario as error:
            found += [one for one in error.complaints if one.line not in told]
        except BadInput as error:
            what, _, mend = str(error).rpartition(": ")
            return (Complaint(str(path), None, what or str(error), mend),)
    return tuple(found)


def export_city(name: str, into: Path, registry: Registry, *, seed: int | None = None) -> Shown:
    """Write the city of a scenario as a registry folder, for services that are to hear it.

    Raises BadInput for a folder that holds a registry already or cannot be written to.
    """
    city = stage(name, registry, seed=seed).registry
    files = _files(city, into)
    taken = [file for file in files if (into / file).exists()]
    if taken:
        raise BadInput(f"{into / taken[0]} exists already; name another folder or remove it")
    try:
        into.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            (into / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{into} cannot be written to: {error.strerror or error}") from error
    row = {
        "city": city.name,
        "into": str(into),
        "sites": len(city.sites),
        "assets": len(city.assets),
        "sensors": len(city.sensors),
    }
    return Shown(
        row,
        (
            (
                f"wrote {city.name} to {into}: {row['sites']} sites, {row['assets']} assets, "
                f"{row['sensors']} sensors"
            ),
            f"use it with: TOCSIN_CITY_REGISTRY={into} tocsin up --no-demo",
        ),
    )


def _files(city: Registry, into: Path) -> dict[str, str]:
    draft = Draft(file=str(into / "registry.yaml"), name=city.name, timezone=city.timezone)
    draft.areas.kept.update(city.areas)
    draft.sites.kept.update(city.sites)
    draft.assets.kept.update(city.assets)
    draft.people.kept.update(city.people)
    draft.teams.kept.update(city.teams)
    spot = Spot(draft.file, None)
    draft.links = [(link, spot) for link in city.links]
    draft.duties = [(duty, spot) for duty in city.duties]
    draft.tables, draft.drawings = ["sensors.csv"], ["geometry.geojson"]
    shapes = [
        (piece.id, piece.geometry)
        for pieces in (city.areas, city.assets)
        for piece in pieces.values()
        if piece.geometry is not None
    ]
    return {
        "sensors.csv": sensors_text(city.sensors.values()),
        "geometry.geojson": geojson_text(shapes),
        "registry.yaml": registry_text(draft, ()),
    }


def _dumped(one: BaseModel) -> dict[str, Any]:
    return one.model_dump(mode="json", exclude_none=True)


def _expected_row(one: Expected) -> dict[str, Any]:
    return {
        "what": None if one.what is None else one.what.value,
        "quiet": one.quiet,
        "assets": list(one.assets),
        "position": one.position,
        "level": None if one.level is None else one.level.value,
        "level_max": None if one.level_max is None else one.level_max.value,
        "from_s": one.from_s,
        "until_s": one.until_s,
        "earliest_s": one.earliest_s,
        "latest_s": one.latest_s,
        "source": one.source,
    }


def lasting(seconds: float | None) -> str:
    """A duration for people; no end is ``no end``."""
    if seconds is None:
        return "no end"
    for unit, length in (("d", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length or seconds == length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"


def clock_text(seconds: float) -> str:
    """Scenario time as hours and minutes, and seconds where there are any."""
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}" + (f":{left:02d}" if left else "")
