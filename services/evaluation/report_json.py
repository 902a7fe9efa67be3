"""A result as JSON: the same result gives the same bytes, whoever computed it and when.

Numbers have nine significant digits, so that what a last bit may differ in between two machines
is not written down. The form is in ``result.schema.json``.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from services.evaluation.compare import compare
from services.evaluation.misses import misses_of, nuisances_of
from services.evaluation.model import Result, Run
from services.evaluation.stats import FIGURES, by_family, by_scenario, total
from services.evaluation.sweep import sweep

VERSION: Final = 1


def document(result: Result) -> dict[str, Any]:
    """Everything there is to say of a result, as plain values."""
    runs = result.runs
    made: dict[str, Any] = {
        "version": VERSION,
        "seeds": list(result.seeds),
        "figures": [plain(definition) for definition in FIGURES],
        "configurations": [
            {
                "name": name,
                "total": plain(total(runs, name)),
                "families": plain(by_family(runs, name)),
                "scenarios": plain(by_scenario(runs, name)),
                "misses": plain(misses_of(runs, name)),
                "false_alarms": plain(nuisances_of(runs, name)),
                "sweep": plain(sweep(runs, name)),
            }
            for name in result.configurations
        ],
        "comparison": _comparison(result),
        "not_run": plain(result.not_run),
        "runs": [_run(run) for run in runs],
    }
    return made


def text(result: Result) -> str:
    """The document, written out."""
    return json.dumps(document(result), ensure_ascii=False, indent=1) + "\n"


def write(result: Result, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(result), encoding="utf-8")


def plain(value: Any) -> Any:
    """Lists, mappings, text and numbers only."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {one.name: getattr(value, one.name) for one in fields(value)}
    elif isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    return value


def _comparison(result: Result) -> dict[str, Any] | None:
    compared = compare(result)
    if compared is None:
        return None
    return {
        "first": compared.first,
        "second": compared.second,
        "differences": [
            {**plain(one), "by": plain(one.by)} for one in compared.differences if not one.same
        ],
        "turned": plain(compared.turned),
    }


def _run(run: Run) -> dict[str, Any]:
    """A run without its pictures and with its pages counted."""
    shown = plain(run)
    del shown["trails"], shown["calls"]
    shown["pages"] = len(run.calls)
    shown["pages_at_night"] = sum(call.night for call in run.calls)
    return dict(shown)
