"""The maps match the ground: the tree in the README, the dependencies, the decisions, the links."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.support import house_text

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(path for path in house_text.tracked_files(ROOT) if path.suffix == ".md")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def folders_that_matter() -> list[str]:
    """Every folder of the product and of the tests that holds something tracked, two deep."""
    tracked = house_text.tracked_files(ROOT)
    shown = {f"{path.parts[0]}/" for path in tracked if path.parts[0] in house_text.PRODUCT}
    for top in ("services", "shared", "simulators"):
        shown |= {
            f"{top}/{path.parts[1]}/"
            for path in tracked
            if path.parts[0] == top and len(path.parts) > 2
        }
    return sorted(shown | {"tests/", "docs/"})


def test_the_tree_in_the_readme_is_the_tree():
    said = list(
        house_text.map_complaints(
            "README.md", (ROOT / "README.md").read_text(), ROOT, folders_that_matter()
        )
    )
    assert not said, "\n" + "\n".join(said)


def test_every_dependency_says_in_0002_what_it_replaces():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = project["dependencies"] + extras["sim"] + extras["dev"]
    names = {re.split(r"[\[<>=!~; ]", one)[0] for one in declared}
    record = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text()
    first_cells = re.findall(r"^\| ([^|]+) \|", record, re.MULTILINE)
    listed = {name.strip() for cell in first_cells for name in cell.split(",")}
    listed -= {"in production", "for development", "for simulators (extra `sim`)"}
    assert names == listed


def test_every_decision_is_listed_once():
    folder = ROOT / "docs" / "decisions"
    records = sorted(path.name for path in folder.glob("0*.md"))
    listed = re.findall(r"\]\((0[^)]+)\)", (folder / "README.md").read_text())
    assert listed == records
    for record in records:
        assert (folder / record).read_text().startswith(f"# {record[:4]}: ")


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_of_a_document_leads_somewhere(document: Path):
    text = (ROOT / document).read_text()
    broken = [link for link in LINK.findall(text) if not (ROOT / document.parent / link).exists()]
    assert not broken


def test_every_target_the_documents_name_is_in_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"`make ([a-z]+)`", (ROOT / document).read_text())
    }
    assert {"run", "env", "test", "real", "bench", "lint", "lock"} <= targets
    assert named <= targets
