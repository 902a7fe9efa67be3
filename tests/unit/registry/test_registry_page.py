"""docs/registry.md says what the reader does."""

import re
from pathlib import Path

import pytest

from shared.domain.hazard import Hazard
from shared.domain.place import AreaKind, AssetKind, LinkKind, SiteKind
from shared.domain.quantity import Quantity, units_of
from shared.registry.lint import lint_registry
from shared.registry.sensors_csv import COLUMNS

PAGE = (Path(__file__).parents[3] / "docs" / "registry.md").read_text(encoding="utf-8")


def test_the_example_is_a_registry_without_a_fault(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "registry.yaml").write_text(example, encoding="utf-8")
    (tmp_path / "sensors.csv").write_text(",".join(COLUMNS) + "\n")
    (tmp_path / "map.geojson").write_text('{"type": "FeatureCollection", "features": []}')

    assert [str(one) for one in lint_registry(tmp_path)] == []


@pytest.mark.parametrize("kinds", [AreaKind, SiteKind, AssetKind, LinkKind, Hazard])
def test_every_kind_stands_in_the_fields(kinds):
    assert ", ".join(kinds) in PAGE


def test_every_quantity_stands_with_its_units():
    rows = "".join(f"| {one} | {', '.join(units_of(one))} |\n" for one in Quantity)

    assert f"<!-- units -->\n{rows}<!-- /units -->" in PAGE


def test_the_columns_are_named_in_their_order():
    assert f"`{','.join(COLUMNS)}`" in PAGE
