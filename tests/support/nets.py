"""Small pipe networks for tests, and the skip where EPANET is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.networks.toolkit import can_solve

needs_epanet = pytest.mark.skipif(
    not can_solve(), reason="no wntr here; `make env` installs the extra `sim`"
)

TWO_ROADS = """\
[TITLE]
Two roads
[JUNCTIONS]
 inlet 10 0
 left 5 4 day
 right 6 6 day
 end 0 10
 plain 2 0
[RESERVOIRS]
 lake 50
[TANKS]
 tower 40 2 0 10 20 0
[PIPES]
 p1 inlet left 300 200 110 0 Open
 p2 inlet right 300 200 110 0 Open
 p3 left end 400 150 110 0 Open
 p4 right end 400 150 110 0 Open
 p5 end plain 100 100 110 0 Open
 p6 right tower 900 150 110 0 Open
[PUMPS]
 pump lake inlet POWER 4
[CONTROLS]
 LINK pump OPEN IF NODE tower BELOW 1
[PATTERNS]
 day 0.5 1.5
[TIMES]
 Duration 24:00
 Hydraulic Timestep 1:00
 Pattern Timestep 1:00
[OPTIONS]
 Units LPS
 Headloss H-W
[COORDINATES]
 inlet 0 0
 left 0 300
 right 300 0
 end 300 300
 plain 400 300
 lake -50 0
 tower 900 0
[END]
"""
"""Two ways from a pumped inlet to the end, a tower on one of them."""


def two_roads(folder: Path) -> Path:
    """The network as a file."""
    path = folder / "two-roads.inp"
    path.write_text(TWO_ROADS)
    return path
