"""The door to WNTR: imported when the first network is opened, never before.

What its toolkit raises becomes one of two errors here, with EPANET's own words for what is wrong.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

from shared.errors import BadInput


class SimMissing(BadInput):
    """The libraries that solve networks are not installed."""


class HydraulicsFailed(BadInput):
    """EPANET refused a file, or found no solution."""


def wntr_package() -> Any:
    """WNTR, imported when first asked for; SimMissing where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import wntr  # noqa: PLC0415 - heavy, and optional
    except ImportError as error:
        raise SimMissing(
            f"networks need the extra `sim` ({error.name or 'wntr'} is missing): "
            "install tocsin[sim], or run `make env`"
        ) from error
    # It prints every negative pressure; whoever steps counts them instead.
    logging.getLogger("wntr.epanet.toolkit").setLevel(logging.CRITICAL)
    return wntr


def can_solve() -> bool:
    """Whether networks can be solved in this installation."""
    try:
        wntr_package()
    except SimMissing:
        return False
    return True


def opened_project(inp: Path) -> Any:
    """An opened project; its report goes nowhere (an empty name would be standard output)."""
    wntr_package()
    try:
        return _opened(inp, os.devnull)
    except toolkit_error() as error:
        with tempfile.TemporaryDirectory(prefix="tocsin-epanet-") as folder:
            report = Path(folder) / "why.rpt"
            with contextlib.suppress(toolkit_error()):
                _opened(inp, str(report)).ENclose()
            said = report.read_text("latin-1") if report.is_file() else ""
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        first = next((n for n, line in enumerate(lines) if line.startswith("Error")), len(lines))
        words = " ".join(lines[first : first + 2]) or words_of(error)
        raise HydraulicsFailed(f"EPANET cannot open {inp}: {words}") from error


def _opened(inp: Path, report: str) -> Any:
    from wntr.epanet.toolkit import ENepanet  # noqa: PLC0415

    project = ENepanet(version=2.2)
    try:
        project.ENopen(str(inp), report, "")
    except toolkit_error():
        with contextlib.suppress(toolkit_error()):
            project.ENclose()
        raise
    return project


def toolkit_error() -> type[Exception]:
    from wntr.epanet.exceptions import EpanetException  # noqa: PLC0415

    return EpanetException  # type: ignore[no-any-return]


def words_of(error: Exception) -> str:
    return str(error).replace("%s", "").strip(" ,")
