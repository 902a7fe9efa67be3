"""What lies in the ground: pressure zones, pump stations, tunnels, valve chambers, sewers.

Lengths in metres. A zone's mains are a grid of streets: one main in every row, joined by the
first and the third column, so that there are loops and dead ends.
"""

from __future__ import annotations

from typing import Final

from shared.domain.place import AssetKind, LinkKind, SiteKind
from simulators.generator.templates import Fitting, Run, Template

COLUMNS: Final = 4
BLOCK_M: Final = 190.0
"""Between two crossings."""
INLET_M: Final = 60.0
SECTION_M: Final = 200.0
"""Longest fire compartment of a utility tunnel (GB 50838)."""
WELL_M: Final = 80.0


def zone(nodes: int, *, kpa: bool) -> Template:
    """A metered inlet and that many pressure points; ``kpa``: devices in kPa and m3/h."""
    main, meter = ("main-kpa", "meter-m3h") if kpa else ("main", "meter")
    inlet = Fitting("inlet", AssetKind.PIPE_NODE, "inlet", "进水口", -INLET_M, 0,
                    ("inlet", meter), criticality=0.9, strength=nodes)  # fmt: skip
    points = [_node(number, main) for number in range(1, nodes + 1)]
    rows = [tuple(range(first, min(first + COLUMNS, nodes + 1)))
            for first in range(1, nodes + 1, COLUMNS)]  # fmt: skip
    along = [Run(LinkKind.PIPE, row, length_m=BLOCK_M) for row in rows if len(row) > 1]
    across = [
        Run(LinkKind.PIPE, tuple(range(first, nodes + 1, COLUMNS)), length_m=BLOCK_M)
        for first in (1, 3)
        if first + COLUMNS <= nodes
    ]
    feed = Run(LinkKind.PIPE, (1,), hub=0, length_m=INLET_M)
    return Template(SiteKind.PRESSURE_ZONE, "z", "zone", (inlet, *points), (feed, *along, *across))


def _node(number: int, main: str) -> Fitting:
    row, column = divmod(number - 1, COLUMNS)
    return Fitting(
        suffix=f"n{number:02}",
        kind=AssetKind.PIPE_NODE,
        en=f"pressure point {number}",
        zh=f"{number}号测压点",
        east_m=column * BLOCK_M,
        north_m=row * BLOCK_M,
        devices=(main,),
        criticality=0.8 if number == 1 else 0.6,
        strength=INLET_M + (row + column) * BLOCK_M,
    )


def station(pumps: int) -> Template:
    """Booster pumps of a pressure zone."""
    devices = ("pump-pressure", "pump-flow", "pump-heat", "current", "voltage",
               "vibration-1", "vibration-2")  # fmt: skip
    assets = tuple(
        Fitting(f"u{number}", AssetKind.PUMP, f"pump {number}", f"{number}号泵",
                3.0 * number, 0, devices, criticality=0.9)
        for number in range(1, pumps + 1)
    )  # fmt: skip
    return Template(SiteKind.STATION, "p", "station", assets)


def tunnel(sections: int) -> Template:
    """A utility tunnel; every third section has a fan."""
    devices = ("tunnel-ch4", "tunnel-o2", "tunnel-co", "tunnel-h2s", "tunnel-heat",
               "tunnel-level")  # fmt: skip
    assets = tuple(
        Fitting(f"s{number:02}", AssetKind.TUNNEL_SECTION, f"section {number}", f"{number}号舱段",
                (number - 1) * SECTION_M, 0,
                (*devices, "fan") if number % 3 == 2 else devices, criticality=0.8)
        for number in range(1, sections + 1)
    )  # fmt: skip
    chain = Run(LinkKind.DUCT, tuple(range(sections)), length_m=SECTION_M)
    return Template(SiteKind.TUNNEL, "t", "tunnel", assets, (chain,) if sections > 1 else ())


def sewer(wells: int) -> Template:
    """A branch sewer, numbered in the direction of flow."""
    devices = ("well-h2s", "well-ch4", "well-o2", "well-level")
    assets = tuple(
        Fitting(f"w{number:02}", AssetKind.SEWER_WELL, f"well {number}", f"{number}号井",
                (number - 1) * WELL_M, 0, devices)
        for number in range(1, wells + 1)
    )  # fmt: skip
    return Template(SiteKind.SEWER, "q", "sewer", assets,
                    (Run(LinkKind.DUCT, tuple(range(wells)), length_m=WELL_M),))  # fmt: skip


def chamber(style: str, devices: tuple[str, ...]) -> Template:
    """A chamber under the street: one asset."""
    asset = Fitting("", AssetKind.CHAMBER, "", "", 0, 0, devices)
    return Template(SiteKind.CHAMBER, "v", style, (asset,))
