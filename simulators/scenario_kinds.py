"""Every kind of happening and of fault a scenario file may name."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, TypeVar, get_args

from pydantic import BaseModel

from simulators import faults
from simulators.faults.common import Fault
from simulators.happenings import fire, gas, water
from simulators.happenings.common import Happening

Kind = TypeVar("Kind", bound=type[BaseModel])


def kind_of(model: type[BaseModel]) -> str:
    """The word after ``kind:`` that means this model."""
    (word,) = get_args(model.model_fields["kind"].annotation)
    return str(word)


def _by_kind(models: tuple[Kind, ...]) -> MappingProxyType[str, Kind]:
    found = {kind_of(model): model for model in models}
    assert len(found) == len(models), "two kinds of one name"
    return MappingProxyType(found)


FAMILIES: Final[MappingProxyType[str, tuple[type[Happening], ...]]] = MappingProxyType(
    {"water": water.KINDS, "gas": gas.KINDS, "fire": fire.KINDS}
)
"""Kinds of happenings by what they are about, for those who read about them."""
HAPPENINGS: Final = _by_kind(tuple(kind for kinds in FAMILIES.values() for kind in kinds))
FAULTS: Final[MappingProxyType[str, type[Fault]]] = _by_kind(faults.KINDS)
