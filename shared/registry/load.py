"""A registry that may be relied on: it loads whole and without a fault, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from shared.config.complaint import Severity
from shared.domain.registry import Registry
from shared.errors import BadRegistry
from shared.registry.reading import read_registry

DEMO: Final = Path(__file__).parent / "demo" / "registry.yaml"


def load_registry(path: Path | None = None) -> Registry:
    """The registry of a file or of a folder's ``registry.yaml``; None is the bundled demo city.

    Raises BadRegistry with every error there is; warnings are left to ``lint_registry``.
    """
    registry, complaints = read_registry(DEMO if path is None else path)
    errors = tuple(str(one) for one in complaints if one.severity is Severity.ERROR)
    if errors:
        raise BadRegistry(f"registry {path or DEMO}", errors)
    return registry
