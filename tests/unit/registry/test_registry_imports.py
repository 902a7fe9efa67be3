"""Imports merge, count, and write all or nothing."""

import json
import shutil
from pathlib import Path

import pytest

from shared.errors import BadInput, BadRegistry
from shared.registry import imports
from shared.registry.imports import import_registry
from shared.registry.lint import lint_registry
from shared.registry.load import DEMO, load_registry

HEAD = "id,asset,quantity,unit,interval_s,low,high,name\n"
NEW_SENSOR = HEAD + "vc-01-h2s,vc-01,h2s,ppm,30,-5,100,\n"
TOWN = Path(__file__).parent / "broken" / "clean.yaml"


@pytest.fixture
def city(tmp_path):
    folder = tmp_path / "city"
    shutil.copytree(DEMO.parent, folder)
    return folder


def source(folder, name, text):
    path = folder.parent / name
    path.write_text(text, encoding="utf-8")
    return path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_registry_imported_into_nothing_is_the_same_registry(tmp_path):
    summary = import_registry(DEMO, tmp_path / "new")

    assert load_registry(tmp_path / "new") == load_registry()
    assert summary.total.added > 900
    assert lint_registry(tmp_path / "new") == ()


def test_importing_again_changes_nothing_and_writes_nothing(city):
    before = contents(city)

    summary = import_registry(DEMO, city)

    assert (summary.total.added, summary.total.changed, summary.total.removed) == (0, 0, 0)
    assert summary.total.unchanged > 900
    assert summary.written == ()
    assert contents(city) == before


def test_a_table_adds_and_changes_sensors_and_touches_only_the_table(city):
    before = contents(city)
    table = source(city, "more.csv", NEW_SENSOR + "vc-01-o2,vc-01,o2,%vol,15,0,30,\n")

    summary = import_registry(table, city)

    assert (summary.counts["sensors"].added, summary.counts["sensors"].changed) == (1, 1)
    assert summary.counts["sensors"].unchanged == 432
    assert summary.written == ("sensors.csv",)
    after = contents(city)
    assert after["registry.yaml"] == before["registry.yaml"]
    assert after["geometry.geojson"] == before["geometry.geojson"]
    registry = load_registry(city)
    assert registry.sensors["vc-01-h2s"].high == 100
    assert registry.sensors["vc-01-o2"].interval_s == 15
    assert len(registry.sensors) == 434


def test_a_drawing_moves_a_shape(city):
    feature = {
        "type": "Feature",
        "properties": {"id": "vc-01"},
        "geometry": {"type": "Point", "coordinates": [114.29, 30.59]},
    }
    drawing = {"type": "FeatureCollection", "features": [feature]}

    summary = import_registry(source(city, "new.geojson", json.dumps(drawing)), city)

    assert summary.counts["geometry"].changed == 1
    assert summary.written == ("geometry.geojson",)
    assert load_registry(city).assets["vc-01"].geometry.positions == ((114.29, 30.59),)


def test_a_registry_may_rely_on_what_the_folder_holds(city):
    more = source(
        city,
        "more.yaml",
        "version: 1\nname: Jiangcheng\ntimezone: Asia/Shanghai\n"
        "assets:\n  - {id: vc-01b, kind: chamber, name: 'No 9: new, deep', site: vc-01}\n"
        "sensors:\n"
        "  - {id: vc-01b-o2, asset: vc-01b, quantity: o2, interval_s: 9, low: 0, high: 30}\n",
    )

    summary = import_registry(more, city)

    assert summary.written == ("registry.yaml", "sensors.csv")
    registry = load_registry(city)
    assert registry.assets["vc-01b"].area == registry.sites["vc-01"].area
    assert registry.assets["vc-01b"].name == "No 9: new, deep"
    assert registry.sensors["vc-01b-o2"].interval_s == 9
    del registry.assets["vc-01b"], registry.sensors["vc-01b-o2"]
    assert registry == load_registry()


def test_faults_of_the_source_and_of_the_result_come_together_and_nothing_is_written(city):
    before = contents(city)
    table = source(
        city, "bad.csv", HEAD + "a-o2,nowhere,o2,,1,0,30,\nb-o2,vc-01,o2,,0,0,30,\nvc-01-o2,vc\n"
    )

    with pytest.raises(BadRegistry) as caught:
        import_registry(table, city)

    assert [line.split(";")[0] for line in caught.value.lines] == [
        f"{table}:2: sensor 'a-o2' names asset 'nowhere', which does not exist",
        f"{table}:3: sensor 'b-o2': interval_s 0 is not above 0",
        f"{table}:4: has 2 cells where 8 are named",
    ]
    assert contents(city) == before


def test_a_dry_run_counts_and_writes_nothing(city):
    before = contents(city)

    summary = import_registry(source(city, "more.csv", NEW_SENSOR), city, dry_run=True)

    assert summary.counts["sensors"].added == 1
    assert "would write sensors.csv" in str(summary)
    assert summary.as_dict()["counts"]["sensors"]["added"] == 1
    assert contents(city) == before


def test_replacing_removes_what_the_source_does_not_name(city):
    rows = [
        line for line in (DEMO.parent / "sensors.csv").read_text().splitlines()
        if not line.startswith("z3-n08")
    ]  # fmt: skip

    summary = import_registry(source(city, "all.csv", "\n".join(rows)), city, replacing=True)

    assert summary.counts["sensors"].removed == 1
    assert summary.counts["assets"].removed == 0
    assert "z3-n08-pressure" not in load_registry(city).sensors


def test_a_table_alone_makes_no_city(tmp_path):
    with pytest.raises(BadRegistry) as caught:
        import_registry(source(tmp_path / "x", "more.csv", NEW_SENSOR), tmp_path / "new")

    assert "vc-01" in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_source_of_no_known_kind_is_refused(city):
    with pytest.raises(BadInput, match="neither a registry"):
        import_registry(source(city, "sensors.xlsx", ""), city)


def test_inline_sensors_stay_inline_and_a_foreign_file_is_not_overwritten(tmp_path):
    town = tmp_path / "town"
    town.mkdir()
    shutil.copy(TOWN, town / "registry.yaml")
    (town / "sensors.csv").write_text("somebody's notes\n")
    table = source(
        town, "more.csv", HEAD + "pit-ch4,pit,ch4,,20,0,100,\npit-o2,pit,o2,,10,0,30,Oxygen\n"
    )

    summary = import_registry(table, town)

    assert summary.written == ("sensors-2.csv", "registry.yaml")
    assert (town / "sensors.csv").read_text() == "somebody's notes\n"
    assert "pit-ch4" in (town / "registry.yaml").read_text()
    assert load_registry(town).sensors["pit-ch4"].interval_s == 20
    assert load_registry(town).sensors["pit-o2"].name == "Oxygen"


def whole_import(tmp_path):
    """A source that needs every file of the folder to change, and a new one."""
    more = tmp_path / "more"
    more.mkdir()
    (more / "registry.yaml").write_text(
        "version: 1\nname: Town\ntimezone: UTC\ngeometry: shapes.geojson\n"
        "areas:\n  - {id: west, kind: district, name: West, parent: town}\n"
        "sites:\n  - {id: well, kind: chamber, name: Well, area: west}\n"
        "assets:\n  - {id: deep, kind: chamber, name: Deep, site: well}\n"
        "sensors:\n  - {id: deep-o2, asset: deep, quantity: o2, interval_s: 9, low: 0, high: 30}\n"
    )
    (more / "shapes.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        '{"id": "deep"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]}'
    )
    return more


def town_with_table(tmp_path):
    town = tmp_path / "town"
    town.mkdir()
    shutil.copy(TOWN, town / "registry.yaml")
    import_registry(source(town, "t.csv", HEAD + "pit-o2,pit,o2,,10,0,30,\n"), town)
    return town


def test_a_merge_cut_short_anywhere_leaves_a_registry_without_faults(tmp_path, monkeypatch):
    """As a crash would: the replacements that were done stay, the others never come."""
    town, more = town_with_table(tmp_path), whole_import(tmp_path)
    texts = {}
    monkeypatch.setattr(imports, "_replace_files", lambda _, found: texts.update(found))
    import_registry(more, town)
    assert list(texts) == ["geometry.geojson", "registry.yaml", "sensors.csv"]

    for cut in range(len(texts) + 1):
        folder = tmp_path / f"cut-{cut}"
        shutil.copytree(town, folder)
        for name, text in list(texts.items())[:cut]:
            (folder / name).write_text(text)
        errors = [one for one in lint_registry(folder) if one.severity.value == "error"]
        assert not errors, cut


def test_an_error_while_writing_puts_everything_back(tmp_path, monkeypatch):
    town, more = town_with_table(tmp_path), whole_import(tmp_path)
    before = contents(town)
    plain = Path.replace

    def full_disk(self, target):
        if Path(target).name == "sensors.csv":
            raise OSError(28, "No space left on device")
        return plain(self, target)

    monkeypatch.setattr(Path, "replace", full_disk)

    with pytest.raises(BadInput, match="nothing was changed"):
        import_registry(more, town)
    assert contents(town) == before
