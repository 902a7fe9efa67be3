"""What a skip means: a named note normally, a failure where every test must run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import skips

ROOT = Path(__file__).resolve().parents[3]
SUITE = """\
import pytest

def test_without_its_server():
    pytest.skip("Kafka cannot be had: no jars; `make real` installs it")

@pytest.mark.needs_data("nowhere")
def test_without_its_data():
    raise AssertionError

def test_with_the_whole_folder(labelled_data):
    raise AssertionError

@pytest.mark.xfail(strict=True, reason="known")
def test_known_to_fail():
    raise AssertionError
"""


def run_suite(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    suite = folder / "test_suite.py"
    suite.write_text(SUITE)
    environment = {key: value for key, value in os.environ.items() if skips.REQUIRE not in key}
    environment |= {skips.DATA_VARIABLE: str(folder / "absent"), **variables}
    options = ["-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-c", str(ROOT / "pyproject.toml"), str(suite)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_what_was_skipped_is_named_with_the_command_that_would_run_it(tmp_path: Path):
    done = run_suite(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "not run here, and what would run it" in done.stdout
    assert "1 skipped: Kafka cannot be had: no jars; `make real` installs it" in done.stdout
    assert f"set {skips.DATA_VARIABLE}=FOLDER" in done.stdout


@pytest.mark.slow
def test_where_every_test_must_run_only_absent_data_may_be_skipped(tmp_path: Path):
    done = run_suite(tmp_path, **{skips.REQUIRE: "1"})
    assert done.returncode == 1
    assert "1 failed, 2 skipped, 1 xfailed" in done.stdout
    assert f"skipped, but {skips.REQUIRE} is set: Kafka cannot be had" in done.stdout


@pytest.mark.slow
def test_a_wrong_name_in_a_folder_that_is_there_is_a_failure(tmp_path: Path):
    (tmp_path / "absent").mkdir()
    done = run_suite(tmp_path, **{skips.REQUIRE: "1"})
    assert f"skipped, but {skips.REQUIRE} is set: no nowhere in" in done.stdout


def test_present_data_is_no_reason_to_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(skips.DATA_VARIABLE, str(tmp_path))
    (tmp_path / "fires").mkdir()
    assert skips.why_no_data(ROOT, ("fires",)) is None
    assert skips.why_no_data(ROOT, ()) is None
    why = skips.why_no_data(ROOT, ("fires", "tunnels"))
    assert why == f"no tunnels in {tmp_path}; set {skips.DATA_VARIABLE}=FOLDER to a complete one"


@pytest.mark.parametrize(("value", "answer"), [("", "no"), ("0", "no"), ("1", "yes")])
def test_the_variable_switches_it(monkeypatch: pytest.MonkeyPatch, value: str, answer: str):
    monkeypatch.setenv(skips.REQUIRE, value)
    assert skips.every_test_must_run() is (answer == "yes")
