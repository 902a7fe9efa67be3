"""``tocsin check``: one file, every fault. A settings file brings its registry along."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.whole import TocsinSettings
from shared.config.complaint import Complaint
from shared.config.loader import read_settings
from shared.config.marked_yaml import load_marked
from shared.registry.lint import lint_registry
from shared.registry.load import DEMO
from shared.registry.parse import SECTIONS

SETTINGS_DEFAULT: Final = Path("tocsin.yaml")


def check_file(file: Path | None, *, env: Mapping[str, str]) -> tuple[Complaint, ...]:
    """Every fault of a settings or registry file, errors and warnings, by file and line.

    None is ``tocsin.yaml`` where there is one, and otherwise the environment alone. A settings
    file is checked together with the environment, and so is the registry it names; a folder or a
    file with a registry's keys is checked as a registry.
    """
    if file is None:
        file = SETTINGS_DEFAULT if SETTINGS_DEFAULT.exists() else None
    if file is not None and _is_registry(file):
        return lint_registry(file)
    settings, faults = read_settings(TocsinSettings, file=file, env=env)
    named = _registry_of(settings, file, env)
    # The bundled city is ours to keep clean, not the operator's.
    return faults if named in (None, DEMO) else (*faults, *lint_registry(Path(str(named))))


def _registry_of(
    settings: TocsinSettings | None, file: Path | None, env: Mapping[str, str]
) -> Path | None:
    """The registry the settings name, found also where they have faults elsewhere."""
    if settings is not None:
        return settings.city.registry
    if named := env.get("TOCSIN_CITY_REGISTRY"):
        return Path(named)
    root = None if file is None else load_marked(file)[0]
    plain = None if root is None else root.plain()
    city = plain.get("city") if isinstance(plain, dict) else None
    found = city.get("registry") if isinstance(city, dict) else None
    return Path(found) if isinstance(found, str) and found else None


def _is_registry(file: Path) -> bool:
    if file.is_dir():
        return True
    root, _ = load_marked(file)
    if root is None or not isinstance(root.value, dict):
        return file.name.startswith("registry")
    keys = set(root.value)
    ours = keys & set(SECTIONS)
    return len(ours) > len(keys & set(TocsinSettings.model_fields))
