"""Which sites a city of so many sensors has: the first ones of its seed's endless row of sites.

So a small city is the beginning of a larger one of the same seed, and what site k is depends on
the seed and on k alone. Only the last site is cut, so that the count of sensors is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.errors import BadInput
from simulators.generator import recipes
from simulators.generator.chance import sound_seed
from simulators.generator.recipes import SITES
from simulators.generator.templates import Template

SENSORS_MAX: Final = 1_000_000
STREET: Final = 8
"""Communities in a street."""
DISTRICT: Final = 12
"""Streets in a district."""
_SENSORS_PER_SITE: Final = 28
"""About; a first guess that is corrected."""


@dataclass(frozen=True)
class Plan:
    seed: int
    numbers: NDArray[np.int32]
    """Template number of each site."""
    sensors: NDArray[np.int64]
    """First sensor of each site, and the count of all at the end."""
    assets: NDArray[np.int64]
    """First asset of each site, and the count of all at the end."""
    cut: Mapping[int, Template]
    """The last site, if it is smaller than its template."""

    @property
    def sites(self) -> int:
        return int(self.numbers.size)

    @property
    def communities(self) -> int:
        return -(-self.sites // SITES)

    @property
    def streets(self) -> int:
        return -(-self.communities // STREET)

    @property
    def districts(self) -> int:
        return -(-self.streets // DISTRICT)

    def template(self, site: int) -> Template:
        return self.cut.get(site) or recipes.template(int(self.numbers[site]))

    def sites_of(self, community: int) -> range:
        """The sites of a community that the city has."""
        return range(community * SITES, min((community + 1) * SITES, self.sites))


def plan(seed: int, sensors: int) -> Plan:
    """The sites of a city; BadInput for a size or seed that cannot be."""
    sound_seed(seed)
    if not 1 <= sensors <= SENSORS_MAX:
        raise BadInput(f"a city has from 1 to {SENSORS_MAX:,} sensors, not {sensors:,}")
    sensors_of, assets_of = recipes.sizes()
    guess = sensors // _SENSORS_PER_SITE + SITES
    numbers = recipes.numbers(seed, np.arange(guess, dtype=np.int64))
    while sensors_of[numbers].sum() < sensors:
        more = np.arange(numbers.size, 2 * numbers.size, dtype=np.int64)
        numbers = np.concatenate([numbers, recipes.numbers(seed, more)])
    ends = np.cumsum(sensors_of[numbers])
    numbers = numbers[: int(np.searchsorted(ends, sensors)) + 1]
    last = numbers.size - 1
    before = int(ends[last - 1]) if last else 0
    whole = recipes.template(int(numbers[last]))
    cut = {} if before + whole.devices.size == sensors else {last: whole.cut(sensors - before)}
    firsts = np.concatenate([[0], ends[:last], [sensors]])
    counts = assets_of[numbers]
    counts[last] = len(cut[last].assets) if cut else counts[last]
    return Plan(seed, numbers, firsts, np.concatenate([[0], np.cumsum(counts)]), cut)


def whereabouts(community: int) -> tuple[int, int, int]:
    """District, street within it and place within that, each from 0."""
    street, place = divmod(community, STREET)
    return (*divmod(street, DISTRICT), place)
