"""Two drafts into one: the newer word wins, piece by piece, and every piece is counted once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TypeVar

from shared.domain.person import Duty
from shared.domain.place import Link
from shared.registry.draft import Draft, Shelf, Spot, T

L = TypeVar("L", Link, Duty)


@dataclass(frozen=True, slots=True)
class Count:
    """What a merge does to the pieces of one kind."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.removed + other.removed,
        )

    @property
    def moves(self) -> bool:
        """Whether anything is different afterwards."""
        return bool(self.added or self.changed or self.removed)


def merge(base: Draft, news: Draft, *, replacing: bool) -> tuple[Draft, dict[str, Count]]:
    """``base`` with everything of ``news`` in it, and the counts by kind.

    A piece that ``news`` does not name stays and counts as unchanged; where ``replacing``, it goes
    if ``news`` names any piece of its kind. Shapes and sensors keep the file they stood in.
    """
    news = _with_areas(news, base)
    merged = Draft(
        base.file,
        name=news.name or base.name,
        timezone=news.timezone or base.timezone,
        tables=base.tables,
        drawings=base.drawings,
    )
    counts = {
        "areas": _shelves(base.areas, news.areas, merged.areas, replacing),
        "sites": _shelves(base.sites, news.sites, merged.sites, replacing),
        "assets": _shelves(base.assets, news.assets, merged.assets, replacing),
        "sensors": _shelves(base.sensors, news.sensors, merged.sensors, replacing),
        "people": _shelves(base.people, news.people, merged.people, replacing),
        "teams": _shelves(base.teams, news.teams, merged.teams, replacing),
        "links": _lists(base.links, news.links, merged.links, _same_link, replacing),
        "duties": _lists(base.duties, news.duties, merged.duties, _same_duty, replacing),
        "geometry": _shapes(base, news, merged, replacing),
    }
    return merged, counts


def _with_areas(news: Draft, base: Draft) -> Draft:
    """An asset that names no area lies in that of its site, which may be the base's."""
    for key, asset in news.assets.kept.items():
        if not asset.area and (site := base.sites.kept.get(asset.site)):
            news.assets.kept[key] = replace(asset, area=site.area)
    return news


def _shelves(base: Shelf[T], news: Shelf[T], into: Shelf[T], replacing: bool) -> Count:  # noqa: FBT001
    dropping = replacing and bool(news.kept)
    added = changed = 0
    for key, value in base.kept.items():
        if key in news.kept or not dropping:
            into.kept[key] = value
    removed = len(base.kept) - len(into.kept)
    for key, value in news.kept.items():
        added += key not in base.kept
        changed += key in base.kept and base.kept[key] != value
        into.kept[key] = value
    into.spots = {**base.spots, **news.spots}
    if dropping:
        into.spots = {key: spot for key, spot in into.spots.items() if key in into.kept}
    return Count(added, changed, len(into.kept) - added - changed, removed)


def _lists(
    base: list[tuple[L, Spot]],
    news: list[tuple[L, Spot]],
    into: list[tuple[L, Spot]],
    same: Callable[[L], Hashable],
    replacing: bool,  # noqa: FBT001
) -> Count:
    """Pieces without ids, told apart by ``same``."""
    old = {same(piece): (piece, spot) for piece, spot in base}
    new = {same(piece): (piece, spot) for piece, spot in news}
    kept = {key: pair for key, pair in old.items() if key in new or not (replacing and new)}
    into += {**kept, **new}.values()
    added = sum(key not in old for key in new)
    changed = sum(key in old and old[key][0] != pair[0] for key, pair in new.items())
    return Count(added, changed, len(into) - added - changed, len(old) - len(kept))


def _same_link(link: Link) -> Hashable:
    return frozenset((link.a, link.b)), link.kind


def _same_duty(duty: Duty) -> Hashable:
    return duty


def _shapes(base: Draft, news: Draft, merged: Draft, replacing: bool) -> Count:  # noqa: FBT001
    dropping = replacing and bool(news.shapes)
    kept = {k: v for k, v in base.shapes.items() if k in news.shapes or not dropping}
    merged.shapes = {**kept, **news.shapes}
    added = sum(key not in base.shapes for key in news.shapes)
    changed = sum(
        key in base.shapes and base.shapes[key][0] != shape
        for key, (shape, _) in news.shapes.items()
    )
    removed = len(base.shapes) - len(kept)
    return Count(added, changed, len(merged.shapes) - added - changed, removed)
