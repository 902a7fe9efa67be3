"""From a scenario file's text to a scenario that can be played, or to every fault it has.

Each fault is a complaint with its line, what is wrong, and the mend; all of them come at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from shared.config.complaint import Complaint, did_you_mean, shown
from shared.config.marked_yaml import Node, read_marked
from shared.config.wording import worded
from shared.domain.registry import Registry
from shared.errors import BadInput, Complaints
from simulators.faults.common import Fault
from simulators.happenings.common import Happening
from simulators.scenario_choice import Chooser
from simulators.scenario_choice import Path as Place
from simulators.scenario_city import registry_of
from simulators.scenario_kinds import FAULTS, HAPPENINGS
from simulators.scenario_model import CityChoice, Entry, GeneratedCity, NetworkCity, Scenario

SEED_DEFAULT: Final = 1
_LISTS: Final = ("happenings", "faults")
_CITIES: Final[tuple[tuple[str, type[NetworkCity | GeneratedCity]], ...]] = (
    ("network", NetworkCity),
    ("generated", GeneratedCity),
)


class BadScenario(Complaints, BadInput):
    """A scenario file with faults, all of them named."""

    def __init__(self, thing: str, complaints: tuple[Complaint, ...]) -> None:
        self.complaints = complaints
        super().__init__(thing, tuple(_line(one) for one in complaints))


def _line(complaint: Complaint) -> str:
    where = "" if complaint.line is None else f"line {complaint.line}: "
    return f"{where}{complaint.what}; {complaint.mend}"


@dataclass(frozen=True, slots=True)
class Staged:
    """A scenario and the city it is played in, for one seed."""

    scenario: Scenario
    registry: Registry
    seed: int


def read_scenario(
    text: str,
    thing: str,
    registry: Registry,
    *,
    seed: int | None = None,
    beside: Path | None = None,
) -> Staged:
    """The scenario of a YAML text; BadScenario names every fault, under ``thing``.

    ``registry`` is the city of a scenario that names none. ``seed`` None is the file's own.
    ``beside`` is where a relative path of a network starts. Raises BadInput (a network that is
    not to be found here, a library that is not installed) where the city cannot be had.
    """
    root, complaints = read_marked(text, file=thing)
    if root is None:
        raise BadScenario(thing, complaints)
    reader = _Reader(thing, root, list(complaints))
    staged = reader.read(registry, seed, beside)
    if reader.complaints or staged is None:
        raise BadScenario(thing, tuple(sorted(reader.complaints, key=lambda one: one.line or 0)))
    return staged


@dataclass
class _Reader:
    thing: str
    root: Node
    complaints: list[Complaint]
    unmade: frozenset[Place] = frozenset()
    """Where a choice came to nothing: one complaint is enough."""

    def read(self, own: Registry, seed: int | None, beside: Path | None) -> Staged | None:
        raw = self.root.plain()
        if not isinstance(raw, dict):
            self._complain((), "is no mapping", "start with name: and summary:")
            return None
        given = raw.get("seed", SEED_DEFAULT)
        # A seed that cannot be one is complained of below, with everything else.
        own_seed = given if isinstance(given, int) and given >= 0 else SEED_DEFAULT
        seed = own_seed if seed is None else seed
        city = self._city(raw)
        registry = own if city is None else registry_of(city, own, beside=beside)
        chooser = Chooser(registry, seed)
        made = chooser.settle(raw)
        for place, what, mend in chooser.faults:
            self._complain(place, f"{_where(place)}: {what}", mend)
        self.unmade = frozenset(chooser.unmade)
        parts = {
            "happenings": self._kinds(made, "happenings", HAPPENINGS, registry),
            "faults": self._kinds(made, "faults", FAULTS, registry),
            "truth": self._truth(made, registry),
        }
        self._sites(made.get("sites"), registry)
        try:
            scenario = Scenario.model_validate({**made, **({} if city is None else {"city": city})})
        except ValidationError as error:
            self._invalid(error, (), Scenario)
            return None
        return Staged(scenario.model_copy(update=parts), registry, seed)

    def _city(self, raw: dict[str, Any]) -> CityChoice | None:
        """The city the file names; None for the own one, and where it makes no sense."""
        given = raw.get("city", "demo")
        if isinstance(given, dict):
            for key, model in _CITIES:
                if key in given:
                    try:
                        return model.model_validate(given)
                    except ValidationError as error:
                        self._invalid(error, ("city",), model)
                        raw.pop("city")
                        return None
        if given != "demo":
            self._complain(
                ("city",),
                f"city: {shown(given)} is no city",
                "write demo, {network: NAME} or {generated: SENSORS}",
            )
        raw.pop("city", None)
        return None

    def _entries(self, made: dict[str, Any], key: str) -> list[Any]:
        raw = made.pop(key, None) or []
        if isinstance(raw, list):
            return raw
        self._complain((key,), f"{key}: must be a list", "begin each entry with a dash")
        return []

    def _kinds(
        self, made: dict[str, Any], key: str, kinds: Any, registry: Registry
    ) -> tuple[Any, ...]:
        found: list[Any] = []
        for number, entry in enumerate(self._entries(made, key)):
            place: Place = (key, number)
            kind = entry.get("kind") if isinstance(entry, dict) else None
            model = kinds.get(kind)
            if model is None:
                mend = did_you_mean(str(kind), kinds, otherwise=f"one of {', '.join(kinds)}")
                what = "has no kind" if kind is None else f"{shown(kind)} is no kind of them"
                self._complain((*place, "kind"), f"{key}[{number}]: {what}", mend)
                self._plain(entry, place, registry)
                continue
            try:
                one = model.model_validate(entry)
            except ValidationError as error:
                self._invalid(error, place, model)
                self._plain(entry, place, registry)
                continue
            if not any(path[:2] == place for path in self.unmade):
                for fault in (*one.faults(registry), *_unplayed(one, made.get("sites"), registry)):
                    about = re.split(r"[ .]", fault, maxsplit=1)[0]
                    said = f"{key}[{number}]: {fault}"
                    self._complain((*place, about), said, _mend_of(fault, registry))
            found.append(one)
        return tuple(found)

    def _plain(self, entry: Any, place: Place, registry: Registry) -> None:
        """What can be said of an entry whose kind or fields are wrong already."""
        asset, first, last = (
            entry.get(name) if isinstance(entry, dict) else None
            for name in ("asset", "from_s", "until_s")
        )
        where = _where(place)
        if isinstance(asset, str) and asset not in registry.assets:
            what = f"{where}: asset {asset} is not in the registry of {registry.name}"
            mend = did_you_mean(asset, registry.assets, otherwise="name one of its assets")
            self._complain((*place, "asset"), what, mend)
        if isinstance(first, int | float) and isinstance(last, int | float) and last <= first:
            what = f"{where}: until_s {last:g} is not after from_s {first:g}"
            self._complain((*place, "until_s"), what, "correct the value")

    def _truth(self, made: dict[str, Any], registry: Registry) -> tuple[Entry, ...]:
        found = []
        for number, raw in enumerate(self._entries(made, "truth")):
            try:
                entry = Entry.model_validate(raw)
            except ValidationError as error:
                self._invalid(error, ("truth", number), Entry)
                continue
            for what, mend in _entry_faults(entry, registry):
                self._complain(("truth", number), f"truth[{number}]: {what}", mend)
            found.append(entry)
        return tuple(found)

    def _sites(self, sites: Any, registry: Registry) -> None:
        if not isinstance(sites, list):
            return
        for number, site in enumerate(sites):
            if isinstance(site, str) and site not in registry.sites:
                what = f"sites: {site} is not in the registry of {registry.name}"
                mend = did_you_mean(site, registry.sites, otherwise="name one of its sites")
                self._complain(("sites", number), what, mend)

    def _invalid(self, error: ValidationError, before: Place, model: type[BaseModel]) -> None:
        for fault in error.errors(include_url=False):
            place = (*before, *fault["loc"])
            where = _where(place)
            if fault["type"] == "extra_forbidden":
                fields = [name for name in model.model_fields if name != "kind"]
                mend = did_you_mean(str(place[-1]), fields, otherwise=f"known: {', '.join(fields)}")
                self._complain(place, f"{where}: is not understood here", mend)
            elif fault["type"] == "missing":
                self._complain(place, f"{where}: is missing", "add it")
            else:
                choices = str(fault.get("ctx", {}).get("expected", "")).replace("'", "")
                known = choices.replace(" or ", ", ").split(", ") if choices else []
                value = fault.get("input")
                what, mend = worded(fault["type"], str(fault["msg"]), value, known)
                got = "" if isinstance(value, dict | BaseModel) else f", got {shown(value)}"
                self._complain(place, f"{where}: {what}{got}", mend)

    def _complain(self, place: Place, what: str, mend: str) -> None:
        if any(place[: len(path)] == path for path in self.unmade):
            return
        self.complaints.append(Complaint(self.thing, line_at(self.root, place), what, mend))


def _mend_of(fault: str, registry: Registry) -> str:
    if away := re.search(r"stands in (\S+), which", fault):
        return f"add {away[1]} to sites"
    unknown = re.search(r"(\S+) is not in the registry", fault)
    if unknown is None:
        return "correct one of them" if " is not after " in fault else "correct it"
    known = (*registry.assets, *registry.sensors, *registry.sites)
    return did_you_mean(unknown[1], known, otherwise=f"name one of {registry.name}")


def _unplayed(one: Happening | Fault, sites: Any, registry: Registry) -> Iterator[str]:
    """A happening where nobody lives is no story."""
    asset = registry.assets.get(one.asset or "")
    if isinstance(sites, list) and asset is not None and asset.site not in sites:
        yield f"asset {asset.id} stands in {asset.site}, which is not among sites"


def _entry_faults(entry: Any, registry: Registry) -> Iterator[tuple[str, str]]:
    if (entry.what is None) == (not entry.quiet):
        yield "says neither what nor quiet, or both", "write what: or quiet: true"
        return
    if entry.what is not None and (entry.earliest_s is None or entry.latest_s is None):
        yield "has no earliest_s or no latest_s", "say from when to when it is right to raise it"
    elif entry.what is not None and entry.latest_s <= entry.earliest_s:
        yield "latest_s is not after earliest_s", "correct one of them"
    if entry.what is not None and entry.what.hazard is not None and entry.level is None:
        yield "has no level", f"{entry.what} has a colour: blue, yellow, orange or red"
    for asset in entry.assets:
        if asset not in registry.assets:
            mend = did_you_mean(asset, registry.assets, otherwise="name one of its assets")
            yield f"asset {asset} is not in the registry of {registry.name}", mend


def _where(place: Place) -> str:
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "the file"


def line_at(root: Node, place: Place) -> int | None:
    """The line of the deepest part of ``place`` that stands in the file."""
    here, line = root, root.line
    for step in place:
        if isinstance(here.value, dict) and step in here.value:
            line, here = here.key_lines[str(step)], here.value[str(step)]
        elif isinstance(here.value, list) and isinstance(step, int) and step < len(here.value):
            here = here.value[step]
            line = here.line
        else:
            break
    return line
