"""The escalation policy from its YAML file, or the built-in one."""

from __future__ import annotations

from pathlib import Path

import yaml

from services.alerts.core.policy import DEFAULT, Policy, parse
from shared.errors import BadSettings


def load_policy(path: Path | None) -> Policy:
    """The policy at ``path``; BadSettings when it cannot be read or is not complete."""
    if path is None:
        return DEFAULT
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSettings(
            str(path), (f"cannot be read: {' '.join(str(error).split())}",)
        ) from error
    return parse(document, source=str(path))
