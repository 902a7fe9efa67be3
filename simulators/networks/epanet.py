"""One EPANET project, stepped by hand.

Everything outside is SI as the trade says it: metres of water, L/s, names of nodes and links.
The file's own units (feet and gallons, or cubic metres an hour) end here.

EPANET also stops between steps, when a tank turns a pump; ``step`` runs through those and comes
back on whole steps only.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from shared.errors import BadInput
from simulators.networks.toolkit import (
    HydraulicsFailed,
    opened_project,
    toolkit_error,
    words_of,
)

Floats = NDArray[np.float64]

_ELEVATION: Final = 0
_BASEDEMAND: Final = 1
_EMITTER: Final = 3
_DEMAND: Final = 9
_HEAD: Final = 10
_PRESSURE: Final = 11
_FLOW: Final = 8
_STATUS: Final = 11
_SETTING: Final = 12
_NODES: Final = 0
_LINKS: Final = 2
_CONTROLS: Final = 5
_DURATION: Final = 0
_HYDRAULIC_STEP: Final = 1
_FOREVER_S: Final = 2**31 - 2
"""Longest duration EPANET's text files can say: 68 years of water."""

LPS_PER_UNIT: Final = (
    28.316847, 0.06309020, 43.8126364, 52.6168042, 14.2764102,
    1.0, 1.0 / 60.0, 11.5740741, 1.0 / 3.6, 0.0115740741,
)  # fmt: skip
"""L/s of one CFS, GPM, MGD, IMGD, AFD, LPS, LPM, MLD, CMH, CMD, in EPANET's order."""
_US_UNITS: Final = 5
"""Flow units before this index make EPANET speak feet and psi."""
_M_PER_FOOT: Final = 0.3048
_M_PER_PSI: Final = _M_PER_FOOT / 0.4333
"""Metres of water of one psi with EPANET's own constant, so that leaks balance to the digit."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A link in somebody's hand: what it was, and the controls that must wait."""

    status: float
    setting: float
    controls: tuple[tuple[int, dict[str, Any]], ...]


class Stepper:
    """A network on its way through time. Use it as a context manager, or call ``close``."""

    def __init__(self, inp: Path, *, step_s: int | None = None) -> None:
        """Open the file at second 0; ``step_s`` None keeps the file's own hydraulic step.

        Raises SimMissing, and HydraulicsFailed with EPANET's word for what is wrong with the file.
        """
        self._opened = False
        self.warnings = 0
        """Solutions EPANET was not happy with: negative pressures, unbalanced, disconnected."""
        self._inp = inp
        self._en = opened_project(inp)
        self._opened = True
        try:
            self._begin(step_s)
        except BaseException:
            self.close()
            raise

    def _begin(self, step_s: int | None) -> None:
        toolkit = self._en
        unit = toolkit.ENgetflowunits()
        self._lps = LPS_PER_UNIT[unit]
        us = unit < _US_UNITS
        self._head_m = _M_PER_FOOT if us else 1.0
        self._pressure_m = _M_PER_PSI if us else 1.0
        self._nodes: dict[str, int] = {}
        self._links: dict[str, int] = {}
        for index in range(1, toolkit.ENgetcount(_NODES) + 1):
            self._nodes[toolkit.ENgetnodeid(index)] = index
        self._held: dict[int, _Held] = {}
        self._now = 0
        if step_s is not None:
            toolkit.ENsettimeparam(_HYDRAULIC_STEP, step_s)
        self.step_s = int(toolkit.ENgettimeparam(_HYDRAULIC_STEP))
        toolkit.ENsettimeparam(_DURATION, _FOREVER_S)
        toolkit.ENopenH()
        toolkit.ENinitH(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_opened", False):
            self.close()

    def close(self) -> None:
        """Give EPANET's memory and files back; a second call does nothing."""
        if self._opened:
            self._opened = False
            with contextlib.suppress(Exception):
                self._en.ENcloseH()
            self._en.ENclose()

    @property
    def nodes(self) -> tuple[str, ...]:
        """Junctions, then reservoirs and tanks, in the file's order."""
        return tuple(self._nodes)

    def node(self, name: str) -> int:
        """The handle of a node; BadInput names one the network lacks."""
        try:
            return self._nodes[name]
        except KeyError:
            raise BadInput(f"no node {name!r} in network {self._inp.stem}") from None

    def link(self, name: str) -> int:
        """The handle of a pipe, pump or valve; BadInput names one the network lacks."""
        if name not in self._links:
            try:
                self._links[name] = self._live().ENgetlinkindex(name)
            except toolkit_error() as error:
                message = f"no pipe, pump or valve {name!r} in network {self._inp.stem}"
                raise BadInput(message) from error
        return self._links[name]

    def set_emitter(self, node: int, coefficient: float) -> None:
        """C of q = C sqrt(p), in L/s per sqrt(metre); 0 closes the hole."""
        own = coefficient / self._lps * self._pressure_m**0.5
        self._live().ENsetnodevalue(node, _EMITTER, own)

    def set_demands(self, nodes: Iterable[int], demands_ls: Floats) -> None:
        """Base demands from now on; the node's pattern still multiplies them."""
        put, factor = self._live().ENsetnodevalue, 1.0 / self._lps
        for node, demand in zip(nodes, (demands_ls * factor).tolist(), strict=True):
            put(node, _BASEDEMAND, demand)

    def set_head(self, reservoir: int, head_m: float) -> None:
        """The level of a reservoir, metres above the file's datum."""
        self._live().ENsetnodevalue(reservoir, _ELEVATION, head_m / self._head_m)

    def hold_link(self, link: int, *, is_open: bool) -> None:
        """Open or shut a link and keep the file's simple controls off it until ``release``."""
        toolkit = self._live()
        if link not in self._held:
            status, setting = (toolkit.ENgetlinkvalue(link, what) for what in (_STATUS, _SETTING))
            numbers = range(1, toolkit.ENgetcount(_CONTROLS) + 1)
            controls = [(number, toolkit.ENgetcontrol(number)) for number in numbers]
            mine = [(number, one) for number, one in controls if one["linkindex"] == link]
            self._held[link] = _Held(status, setting, tuple(mine))
            for number, _ in mine:
                toolkit.ENsetcontrol(number, 0, 0, 0.0, 0, 0.0)
        try:
            toolkit.ENsetlinkvalue(link, _STATUS, 1.0 if is_open else 0.0)
        except Exception as error:
            raise BadInput(
                f"link {self._name(link)!r} cannot be shut: {words_of(error)}"
            ) from error

    def release_link(self, link: int) -> None:
        """Undo ``hold_link``: as it was before, its controls at work again."""
        held = self._held.pop(link, None)
        if held is None:
            return
        toolkit = self._live()
        toolkit.ENsetlinkvalue(link, _STATUS, held.status)
        # After the status: a valve that was regulating would else stay fixed open.
        toolkit.ENsetlinkvalue(link, _SETTING, held.setting)
        for number, one in held.controls:
            toolkit.ENsetcontrol(
                number, one["type"], link, one["setting"], one["nodeindex"], one["level"]
            )

    def set_setting(self, link: int, setting: float) -> None:
        """A pump's relative speed, a pipe's roughness, a valve's setting in the file's units."""
        self._live().ENsetlinkvalue(link, _SETTING, setting)

    def solve(self) -> int:
        """Solve the present moment, a whole step; its second. HydraulicsFailed says why not."""
        try:
            self._now = int(self._live().ENrunH())
        except toolkit_error() as error:
            raise HydraulicsFailed(f"network {self._inp.stem}: {words_of(error)}") from error
        self.warnings += len(self._en.errcodelist)
        self._en.errcodelist.clear()
        return self._now

    def forward(self) -> int:
        """Go to the next whole step, through whatever tanks and controls do before it."""
        while True:
            self._now += int(self._live().ENnextH())
            if self._now % self.step_s == 0:
                return self._now
            self.solve()

    def pressures_m(self, nodes: Iterable[int]) -> Floats:
        """Pressure at nodes, metres of water."""
        return self._node_values(nodes, _PRESSURE, self._pressure_m)

    def heads_m(self, nodes: Iterable[int]) -> Floats:
        """Head at nodes, metres above the file's datum."""
        return self._node_values(nodes, _HEAD, self._head_m)

    def drawn_ls(self, nodes: Iterable[int]) -> Floats:
        """What leaves the network at nodes, people's demand and emitters together, L/s."""
        return self._node_values(nodes, _DEMAND, self._lps)

    def flows_ls(self, links: Iterable[int]) -> Floats:
        """Flow through links in the direction they are written, L/s."""
        get = self._live().ENgetlinkvalue
        return np.array([get(link, _FLOW) for link in links], dtype=np.float64) * self._lps

    def _node_values(self, nodes: Iterable[int], what: int, factor: float) -> Floats:
        get = self._live().ENgetnodevalue
        return np.array([get(node, what) for node in nodes], dtype=np.float64) * factor

    def _name(self, link: int) -> str:
        return next((name for name, index in self._links.items() if index == link), str(link))

    def _live(self) -> Any:
        if not self._opened:
            raise HydraulicsFailed(f"network {self._inp.stem} is closed")
        return self._en
