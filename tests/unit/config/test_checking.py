"""``tocsin check`` tells settings from registries and looks at both."""

import shutil

import pytest

from services.checking import check_file
from shared.registry.load import DEMO

REGISTRY = "version: 1\nname: X\nareas: []\n"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def lines(file, **env):
    return [str(one) for one in check_file(file, env=env)]


def test_nothing_at_all_is_in_order():
    assert lines(None) == []


def test_a_registry_is_known_by_its_keys_whatever_its_name(tmp_path):
    file = tmp_path / "milltown.yaml"
    file.write_text(REGISTRY)

    assert lines(file) == [
        f"{file}: holds 0 areas of kind city; there is exactly one, the root of the tree"
    ]
    assert lines(DEMO) == lines(DEMO.parent) == []


def test_settings_bring_their_registry_along(tmp_path):
    (tmp_path / "city.yaml").write_text(REGISTRY)
    file = tmp_path / "tocsin.yaml"
    file.write_text("bus:\n  kind: pigeon\ncity:\n  registry: city.yaml\n")

    found = lines(file)

    assert [line.split(":")[0].rsplit("/")[-1] for line in found] == ["tocsin.yaml", "city.yaml"]
    assert "bus.kind: must be embedded or kafka" in found[0]


def test_the_settings_in_the_folder_are_taken_when_none_are_named(tmp_path):
    (tmp_path / "tocsin.yaml").write_text("bsu: {}\n")

    assert lines(None) == ["tocsin.yaml:1: bsu: is not a setting; did you mean 'bus'?"]


def test_the_environment_is_checked_too_and_its_registry_wins(tmp_path):
    shutil.copytree(DEMO.parent, tmp_path / "good")

    good = lines(None, TOCSIN_CITY_REGISTRY="good", TOCSIN_BUS_KNID="kafka")
    gone = lines(None, TOCSIN_CITY_REGISTRY="gone.yaml")

    assert good == ["TOCSIN_BUS_KNID: is not a setting; did you mean 'TOCSIN_BUS_KIND'?"]
    assert gone == ["gone.yaml: there is no such file; create it or name another"]


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    assert lines(tmp_path / "gone.yaml") == [
        f"{tmp_path}/gone.yaml: there is no such file; create it or name another"
    ]
