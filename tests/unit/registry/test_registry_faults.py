"""Every broken file of ``broken/`` is refused for what it says of itself, at its line, and for
nothing else.

A YAML line ends in ``# <- words`` that must stand in its complaint; a CSV line and a whole file
carry them in a comment above; a GeoJSON feature in its member ``expect``.
"""

import re
from pathlib import Path

import pytest

from shared.config.complaint import Severity
from shared.errors import BadRegistry
from shared.registry.lint import lint_registry
from shared.registry.load import load_registry

BROKEN = Path(__file__).parent / "broken"
MARK = re.compile(r"# <- (.*?)\s*$")


def files(folder, ending):
    found = sorted(path for path in folder.glob(f"*.{ending}") if path.name != "registry.yaml")
    assert len(found) > 10
    return found


def yaml_marks(text):
    """(line or None, words) of each mark; one that stands alone on a line is about the file."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := MARK.search(line):
            yield (None if line.startswith("# <-") else number), found.group(1)


def csv_marks(text):
    """A mark is about the next line that is none."""
    waiting = []
    for number, line in enumerate(text.splitlines(), 1):
        if found := MARK.search(line):
            waiting.append(found.group(1))
        else:
            yield from ((number, words) for words in waiting)
            waiting = []
    yield from ((None, words) for words in waiting)


def shape_marks(text):
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.search(r'"expect(?:": "|: )(.*?)"', line):
            yield number, found.group(1)


def compare(complaints, marks):
    told = [str(one) for one in complaints]
    left = list(complaints)
    for line, words in marks:
        match = next(
            (
                one
                for one in left
                if words in str(one)
                and (one.line == line or (line is None and one.line in (None, 1)))
            ),
            None,
        )
        assert match is not None, f"nobody said {words!r} of line {line}, but {told}"
        left.remove(match)
    assert not left, f"nobody expected {[str(one) for one in left]}"


@pytest.mark.parametrize("path", files(BROKEN, "yaml"), ids=lambda path: path.stem)
def test_a_registry_is_refused_for_what_is_wrong_with_it_and_nothing_else(path):
    marks = list(yaml_marks(path.read_text(encoding="utf-8")))

    complaints = lint_registry(path)

    assert (path.stem == "clean") == (not marks)
    compare(complaints, marks)


@pytest.mark.parametrize("path", files(BROKEN / "tables", "csv"), ids=lambda path: path.stem)
def test_a_sensor_table_is_refused_by_the_line(path, tmp_path):
    (tmp_path / "registry.yaml").write_text((BROKEN / "tables" / "registry.yaml").read_text())
    (tmp_path / "table.csv").write_bytes(path.read_bytes())
    marks = list(csv_marks(path.read_text()))

    complaints = lint_registry(tmp_path)

    assert (path.stem == "clean") == (not marks)
    of_table = [one for one in complaints if one.file.endswith("table.csv")]
    compare(of_table, marks)
    follow_ups = [one for one in complaints if one not in of_table]
    assert all(one.severity is Severity.WARNING for one in follow_ups)


@pytest.mark.parametrize("path", files(BROKEN / "shapes", "geojson"), ids=lambda path: path.stem)
def test_a_drawing_is_refused_by_the_feature(path, tmp_path):
    (tmp_path / "registry.yaml").write_text((BROKEN / "shapes" / "registry.yaml").read_text())
    (tmp_path / "drawing.geojson").write_bytes(path.read_bytes())
    marks = list(shape_marks(path.read_text()))

    complaints = lint_registry(tmp_path)

    assert (path.stem == "clean") == (not marks)
    if path.stem == "bracket-missing":
        marks = [(3, "is not JSON")]
    compare(complaints, marks)


def test_loading_raises_every_error_and_no_warning():
    with pytest.raises(BadRegistry) as caught:
        load_registry(BROKEN / "team-without-members.yaml")

    assert len(caught.value.lines) == 1
    assert "has no members" in caught.value.lines[0]
    assert load_registry(BROKEN / "person-in-no-team.yaml").name == "Town"


def test_a_missing_registry_is_one_clear_line(tmp_path):
    with pytest.raises(BadRegistry) as caught:
        load_registry(tmp_path / "nowhere.yaml")

    assert caught.value.lines == (
        f"{tmp_path}/nowhere.yaml: there is no such file; create it or name another",
    )


def test_a_thousand_faults_are_cut_and_counted(tmp_path):
    rows = "".join(f"  - {{id: a{i}, kind: street, name: A, parent: b{i}}}\n" for i in range(1_000))
    (tmp_path / "registry.yaml").write_text(f"version: 1\nname: X\nareas:\n{rows}")

    complaints = lint_registry(tmp_path)

    assert len(complaints) == 501
    assert "more fault(s) are not shown" in complaints[-1].what


def test_a_registry_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "registry.yaml"
    path.write_bytes(b"version: 1\nname: \xff\xfe\n")

    assert [str(one) for one in lint_registry(path)] == [
        f"{path}:2: is not UTF-8 text; save it as UTF-8"
    ]
