"""The area tree of a city: districts of twelve streets, streets of eight communities."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.place import Area, AreaKind
from simulators.generator.places import Cell, Ground, cell_of
from simulators.generator.plan import DISTRICT, STREET, Plan, whereabouts
from simulators.generator.words import DISTRICTS, QUARTERS, Name, place_name


def city_name(seed: int) -> Name:
    return place_name(seed, 0)


def city_id(seed: int) -> str:
    return f"city-{city_name(seed)[0].lower()}"


def district_id(district: int) -> str:
    return f"d{district + 1:02}"


def street_id(street: int) -> str:
    """Of a street counted through the whole city."""
    district, place = divmod(street, DISTRICT)
    return f"{district_id(district)}-s{place + 1:02}"


def community_id(community: int) -> str:
    return f"{street_id(community // STREET)}-c{community % STREET + 1}"


def district_name(seed: int, district: int) -> Name:
    return place_name(seed, 1 + district)


def street_name(seed: int, street: int) -> Name:
    return place_name(seed, DISTRICTS + street)


def community_name(seed: int, community: int) -> Name:
    """Without the word for a community."""
    en, zh = street_name(seed, community // STREET)
    quarter = QUARTERS[whereabouts(community)[2]]
    return f"{en} {quarter[0]}", f"{zh}{quarter[1]}"


def areas(plan: Plan) -> Iterator[Area]:
    """Every area, parents first."""
    seed, ground = plan.seed, Ground(plan.seed)
    cells = [cell_of(community) for community in range(plan.communities)]
    en, zh = city_name(seed)
    root = city_id(seed)
    yield Area(root, AreaKind.CITY, en, f"{zh}市", None, ground.area(cells))
    for district in range(plan.districts):
        en, zh = district_name(seed, district)
        shape = ground.area(_part(cells, district, DISTRICT * STREET))
        yield Area(district_id(district), AreaKind.DISTRICT, en, f"{zh}区", root, shape)
    for street in range(plan.streets):
        en, zh = street_name(seed, street)
        above = district_id(street // DISTRICT)
        shape = ground.area(_part(cells, street, STREET))
        yield Area(street_id(street), AreaKind.STREET, en, f"{zh}街道", above, shape)
    for community, cell in enumerate(cells):
        en, zh = community_name(seed, community)
        above = street_id(community // STREET)
        shape = ground.area([cell])
        yield Area(community_id(community), AreaKind.COMMUNITY, en, f"{zh}社区", above, shape)


def _part(cells: list[Cell], index: int, size: int) -> list[Cell]:
    return cells[index * size : (index + 1) * size]
