"""What a scenario leaves to its seed: a place, a number, one of several values.

``{any: chamber}`` is some asset, site or sensor of that kind or quantity (``site:``, ``has:`` and
``but:`` narrow it); ``{between: [a, b]}`` is a number, ``{one_of: [a, b]}`` a value. ``as: NAME``
beside ``any`` or ``one_of`` names what was chosen: ``{same: NAME}`` is the same again,
``{site_of: NAME}`` its site. Each choice has its own chance, made of the seed and its place in the
file, so that one more choice changes no other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np

from shared.domain.place import AssetKind, SiteKind
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from simulators.happenings.common import sensors_at

Path: TypeAlias = tuple[str | int, ...]

CHOICES: Final = frozenset({"any", "same", "site_of", "between", "one_of"})
_NARROWING: Final = frozenset({"any", "site", "has", "but", "as"})
_STREAM: Final = zlib.crc32(b"choices")


@dataclass
class Chooser:
    """Turns the plain value of a file into one without choices; faults are gathered, not raised."""

    registry: Registry
    seed: int
    faults: list[tuple[Path, str, str]] = field(default_factory=list)
    """Where, what is wrong, and the mend."""
    named: dict[str, str] = field(default_factory=dict)
    unmade: set[Path] = field(default_factory=set)
    """Where a choice came to nothing; what stands there now means nothing."""

    def settle(self, raw: dict[str, Any]) -> dict[str, Any]:
        """``raw`` with every choice made: first those that name something, then the rest."""
        made = self._walk(raw, (), self._choose)
        settled: dict[str, Any] = self._walk(made, (), self._repeat)
        return settled

    def _walk(self, value: Any, path: Path, make: Callable[[dict[str, Any], Path], Any]) -> Any:
        if isinstance(value, dict):
            if len(CHOICES & set(value)) == 1:
                return make(value, path)
            return {key: self._walk(below, (*path, key), make) for key, below in value.items()}
        if isinstance(value, list):
            return [self._walk(below, (*path, place), make) for place, below in enumerate(value)]
        return value

    def _choose(self, choice: dict[str, Any], path: Path) -> Any:
        if "any" in choice:
            return self._any(choice, path)
        if "between" in choice:
            return self._between(choice, path)
        if "one_of" in choice:
            return self._one_of(choice, path)
        return choice

    def _repeat(self, choice: dict[str, Any], path: Path) -> Any:
        ((how, name),) = choice.items() if len(choice) == 1 else (("", ""),)
        if how not in {"same", "site_of"}:
            return choice
        if not isinstance(name, str) or name not in self.named:
            known = ", ".join(sorted(self.named)) or "none"
            self._fault(path, f"nothing is named {name!r}", f"names given with as: {known}")
            return None
        chosen = self.named[name]
        if how == "same":
            return chosen
        if chosen in self.registry.sensors:
            return self.registry.site_of(chosen)
        if chosen in self.registry.assets:
            return self.registry.assets[chosen].site
        self._fault(path, f"{chosen!r} stands in no site", "name an asset or a sensor with as:")
        return None

    def _any(self, choice: dict[str, Any], path: Path) -> Any:
        for key in sorted(set(choice) - _NARROWING):
            self._fault(
                (*path, key), f"{key} is not a way to narrow a choice", "use site, has, but"
            )
        key = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        words = {"sensor": Quantity, "site": SiteKind, "sites": SiteKind}.get(key, AssetKind)
        if choice["any"] not in set(words):
            self._fault(path, f"any: {choice['any']!r} is no kind", f"one of {', '.join(words)}")
            return None
        found = [name for name in self._candidates(key, choice) if name not in _list(choice, "but")]
        if not found:
            self._fault(path, f"no {choice['any']} of the city fits", "narrow it less")
            return None
        chosen = found[int(self._rng(path).integers(len(found)))]
        if "as" in choice:
            self.named[str(choice["as"])] = chosen
        return chosen

    def _candidates(self, key: str, choice: dict[str, Any]) -> Iterator[str]:
        city, kind, sites = self.registry, choice["any"], set(_list(choice, "site"))
        if key in {"site", "sites"}:
            yield from (site.id for _, site in sorted(city.sites.items()) if site.kind == kind)
        elif key == "sensor":
            for name, sensor in sorted(city.sensors.items()):
                if sensor.quantity == kind and (not sites or city.site_of(name) in sites):
                    yield name
        else:
            has = set(_list(choice, "has"))
            for name, asset in sorted(city.assets.items()):
                if asset.kind == kind and (not sites or asset.site in sites):
                    there = {str(sensor.quantity) for sensor in sensors_at(city, name)}
                    if has <= there:
                        yield name

    def _between(self, choice: dict[str, Any], path: Path) -> Any:
        ends = choice["between"]
        numbers = isinstance(ends, list) and all(
            isinstance(end, int | float) and not isinstance(end, bool) for end in ends
        )
        if len(choice) != 1 or not numbers or len(ends) != 2 or ends[0] > ends[1]:
            self._fault(path, "between takes two numbers, the smaller first", "write [a, b]")
            return None
        low, high = ends
        return round(float(low + (high - low) * self._rng(path).random()), 6)

    def _one_of(self, choice: dict[str, Any], path: Path) -> Any:
        values = choice["one_of"]
        if set(choice) - {"one_of", "as"} or not isinstance(values, list) or not values:
            self._fault(path, "one_of takes a list", "write [a, b, c]")
            return None
        chosen = values[int(self._rng(path).integers(len(values)))]
        if "as" in choice:
            self.named[str(choice["as"])] = str(chosen)
        return chosen

    def _rng(self, path: Path) -> np.random.Generator:
        place = zlib.crc32("/".join(map(str, path)).encode())
        return np.random.default_rng([self.seed, _STREAM, place])

    def _fault(self, path: Path, what: str, mend: str) -> None:
        self.faults.append((path, what, mend))
        self.unmade.add(path)


def _list(choice: dict[str, Any], key: str) -> list[str]:
    value = choice.get(key, [])
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
