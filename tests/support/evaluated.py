"""A small evaluation that everything about results can be tested on; run once a session."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.evaluation.model import Result
from services.evaluation.run import evaluate
from services.evaluation.setting import Configuration
from services.whole import TocsinSettings

NAMES = ("chamber-gas", "tower-fire", "S01")
SEEDS = (1, 2)

LOUD_POLICY = """\
levels:
  blue: {steps: [{areas: [community], patience_s: 60}], repeat_s: 600}
  yellow: {steps: [{areas: [community], patience_s: 60}], repeat_s: 600}
  orange: {steps: [{areas: [community, street, district, city], patience_s: 60, whole_team: true}],
    repeat_s: 60}
  red: {steps: [{areas: [community, street, district, city], patience_s: 60, whole_team: true}],
    repeat_s: 60}
"""


@cache
def small_result() -> Result:
    return evaluate(NAMES, seeds=SEEDS, configurations=[Configuration("current")], jobs=1)


def loud(folder: Path) -> Configuration:
    """As the current one, but everybody is called at once, again every minute."""
    path = folder / "loud.yaml"
    path.write_text(LOUD_POLICY)
    return Configuration("loud", TocsinSettings.model_validate({"alerts": {"policy": path}}))
