"""The live board: a snapshot, then changes. Joining late shows the same as having watched.

A change carries a whole card, so applying one twice, or one that the snapshot already holds,
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol


class HasPlace(Protocol):
    """What the board needs of a card."""

    @property
    def id(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def phase(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Board:
    sequence: int
    """Every change up to this one is on the board."""
    cards: Mapping[str, HasPlace]
    """The open incidents by id."""


def snapshot(sequence: int, cards: Iterable[HasPlace]) -> Board:
    return Board(sequence, MappingProxyType({card.id: card for card in cards}))


def apply(board: Board, card: HasPlace) -> Board:
    """The board after the change that made ``card``; an old change changes nothing."""
    if card.sequence <= board.sequence:
        return board
    cards = dict(board.cards) | {card.id: card}
    if card.phase == "resolved":
        del cards[card.id]
    return Board(card.sequence, MappingProxyType(cards))
