"""Who is called: people, the teams they stand in, and the areas those teams answer for."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.hazard import Hazard


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach one person: ``channel`` names an adapter, ``target`` is its business."""

    channel: str
    target: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    language: str
    """``en`` or ``zh``: the language this person is called in."""
    addresses: tuple[Address, ...]
    """In the order to be tried."""


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    name: str
    name_zh: str
    members: tuple[str, ...]
    """Person ids; the first is called first."""


@dataclass(frozen=True, slots=True)
class Duty:
    """``team`` answers for ``hazard`` (every hazard if None) in ``area`` and all below it."""

    area: str
    hazard: Hazard | None
    team: str
