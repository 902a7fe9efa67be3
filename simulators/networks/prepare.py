"""A network's file made fit for play, once: leak nodes in pipes, orifices, demand by pressure.

What is changed: each pipe asked for is split where its leak may be; the emitter exponent is 0.5,
an orifice; demand falls with pressure below ``REQUIRED_M`` (WNTR's own default of 0.07 m would
switch that off in silence); each junction has one demand without a pattern, because whoever plays
says every step what people draw. The result lies in the user's cache under a name made from all
that went in, so a changed file or option never meets an old one.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from shared.errors import BadInput
from simulators.networks.layout import Draws, Layout, LinkKind, NetLink, Node, NodeKind
from simulators.networks.toolkit import HydraulicsFailed, wntr_package

REQUIRED_M: Final = 20.0
"""Head at which people get all they want: BattLeDIM's brief for L-TOWN."""
ACCURACY: Final = 1e-4
"""Relative, of flows: a leak of 1 L/s must not drown in what the solver leaves open."""
NAME_MAX: Final = 31
"""Characters of an id in EPANET."""
_FLAT: Final = "tocsin-flat"
_RECIPE: Final = "3"
"""Part of the cache's key: another recipe, another file."""


@dataclass(frozen=True)
class Prepared:
    path: Path
    """The file to step."""
    layout: Layout
    """Of the file as it was given; the leak nodes are only in ``leaks``."""
    leaks: Mapping[str, str]
    """Pipe -> the node in its middle."""
    step_s: int


def prepare(
    source: Path, *, pipes: Mapping[str, float] = MappingProxyType({}), step_s: int | None = None
) -> Prepared:
    """Read a file, split ``pipes`` (name -> share of its length), and cache the result.

    ``step_s`` None keeps the file's hydraulic step. Raises SimMissing, HydraulicsFailed for a file
    that cannot be read, BadInput for a pipe that is not there or cannot be split.
    """
    wntr = wntr_package()
    model = _read(wntr, source)
    layout = _layout(model, source.stem)
    step = int(step_s or model.options.time.hydraulic_timestep)
    leaks = {pipe: f"{pipe}-leak" for pipe in pipes}
    key = hashlib.sha256(source.read_bytes())
    key.update(repr((_RECIPE, wntr.__version__, sorted(pipes.items()), step)).encode())
    path = cache_folder() / f"{source.stem}-{key.hexdigest()[:20]}.inp"
    for pipe in pipes:
        _check(layout, pipe, leaks[pipe])
    if not path.is_file():
        for pipe, share in pipes.items():
            wntr.morph.split_pipe(
                model, pipe, f"{pipe}-far", leaks[pipe], split_at_point=share, return_copy=False
            )
        _ready(model, step)
        _write(wntr, model, path)
    return Prepared(path, layout, MappingProxyType(leaks), step)


def cache_folder() -> Path:
    """Where prepared files lie: the user's cache, or a private temporary folder."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    folder = Path(home) / "tocsin" / "networks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="tocsin-networks-"))


def read_layout(source: Path) -> Layout:
    """What stands in a file. Raises SimMissing and HydraulicsFailed."""
    return _layout(_read(wntr_package(), source), source.stem)


def _read(wntr: Any, source: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return wntr.network.WaterNetworkModel(str(source))
    except Exception as error:  # its reader raises whatever its parser stumbled on
        words = " ".join(str(error).split()) or type(error).__name__
        raise HydraulicsFailed(f"no network can be read from {source}: {words}") from error


def _write(wntr: Any, model: Any, path: Path) -> None:
    """Whole or not at all: two plays may prepare the same network at once."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    wntr.network.write_inpfile(model, name, version=2.2)
    Path(name).replace(path)


def _check(layout: Layout, pipe: str, leak: str) -> None:
    link = layout.link(pipe)
    if link.kind is not LinkKind.PIPE:
        raise BadInput(f"{pipe!r} of network {layout.name} is a {link.kind}, only pipes leak")
    if len(leak) > NAME_MAX:
        raise BadInput(f"pipe name {pipe!r} is too long to be split ({NAME_MAX - 5} characters)")


def _ready(model: Any, step_s: int) -> None:
    hydraulic, times = model.options.hydraulic, model.options.time
    hydraulic.demand_model = "PDD"
    hydraulic.minimum_pressure = 0.0
    hydraulic.required_pressure = REQUIRED_M
    hydraulic.pressure_exponent = 0.5
    hydraulic.emitter_exponent = 0.5
    hydraulic.accuracy = min(hydraulic.accuracy, ACCURACY)
    model.options.quality.parameter = "NONE"
    times.hydraulic_timestep = times.report_timestep = step_s
    varying = [one.head_pattern_name for _, one in model.reservoirs()]
    varying += [one.speed_pattern_name for _, one in model.pumps()]
    if not any(varying):
        times.pattern_timestep = step_s  # or EPANET would stop at every one of theirs
    model.add_pattern(_FLAT, [1.0])
    for _, junction in model.junctions():
        base = sum(one.base_value for one in junction.demand_timeseries_list)
        junction.demand_timeseries_list.clear()
        junction.add_demand(base, _FLAT)


def _layout(model: Any, name: str) -> Layout:
    nodes: dict[str, Node] = {}
    for id_, node in model.nodes():
        kind = NodeKind(node.node_type.lower())
        level = node.base_head if kind is NodeKind.RESERVOIR else node.elevation
        x, y = node.coordinates or (0.0, 0.0)
        nodes[id_] = Node(id_, kind, float(level), float(x), float(y))
    links: dict[str, NetLink] = {}
    for id_, link in model.links():
        made = LinkKind(link.link_type.lower())
        links[id_] = NetLink(
            id_,
            made,
            link.start_node_name,
            link.end_node_name,
            float(link.length) if made is LinkKind.PIPE else 0.0,
            0.0 if made is LinkKind.PUMP else 1000.0 * float(link.diameter),
            str(link.initial_status).lower() == "closed",
        )
    return Layout(name, nodes, links, _draws(model))


def _draws(model: Any) -> Draws:
    names = tuple(model.junction_name_list)
    columns: dict[str, int] = {}
    patterns: list[np.ndarray[Any, np.dtype[np.float64]]] = []
    entries: list[tuple[int, int, float]] = []
    for row, name in enumerate(names):
        for one in model.get_node(name).demand_timeseries_list:
            key = one.pattern_name or ""
            if key not in columns:
                columns[key] = len(patterns)
                shape = [1.0] if one.pattern is None else one.pattern.multipliers
                patterns.append(np.array(shape, dtype=np.float64))
            entries.append((row, columns[key], 1000.0 * float(one.base_value)))
    bases = np.zeros((len(names), len(patterns)))
    for row, column, base in entries:
        bases[row, column] += base
    return Draws(names, bases, tuple(patterns), float(model.options.time.pattern_timestep))
