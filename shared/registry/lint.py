"""Everything wrong with a registry, at once."""

from __future__ import annotations

from pathlib import Path

from shared.config.complaint import Complaint, Severity
from shared.registry.reading import read_registry

__all__ = ["Complaint", "Severity", "lint_registry"]


def lint_registry(path: Path) -> tuple[Complaint, ...]:
    """Errors and warnings by file and line; never raises for what a file says."""
    return read_registry(path)[1]
