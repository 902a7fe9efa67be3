"""What a skip means: normally a note at the end with the command that would run the test; with
TOCSIN_REQUIRE_REAL=1 a failure.

One skip is always allowed: a test marked ``needs_data``, or using ``labelled_data``, where that
folder is absent, because it is not part of the project.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

REQUIRE = "TOCSIN_REQUIRE_REAL"
DATA_VARIABLE = "TOCSIN_DATA_DIR"
MARKER = "needs_data(*names): reads these files or folders of the optional labelled data"


def every_test_must_run() -> bool:
    return os.environ.get(REQUIRE, "") not in ("", "0")


def data_folder(root: Path) -> Path:
    """Where the labelled data would be: beside the checkout, or where the variable says."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named else root.parent / "shared" / "data"


def why_no_data(root: Path, names: tuple[str, ...]) -> str | None:
    """None when the folder and every file or folder named in it are there."""
    folder = data_folder(root)
    if not folder.is_dir():
        return f"no labelled data folder {folder}; set {DATA_VARIABLE}=FOLDER"
    absent = [name for name in names if not (folder / name).exists()]
    if absent:
        return f"no {', '.join(absent)} in {folder}; set {DATA_VARIABLE}=FOLDER to a complete one"
    return None


def is_allowed(item: pytest.Item) -> bool:
    """Whether this test wants labelled data and the whole folder is absent."""
    wants = item.get_closest_marker("needs_data") is not None
    wants = wants or "labelled_data" in getattr(item, "fixturenames", ())
    return wants and not data_folder(item.config.rootpath).is_dir()


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)


def forbid(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that says why."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = reason_of(report)
        report.outcome = "failed"
        report.longrepr = f"skipped, but {REQUIRE} is set: {reason}"


def summary(skipped: list[pytest.TestReport | pytest.CollectReport]) -> list[str]:
    """One paragraph a reason, most frequent first: how many, why, and in which files."""
    files: dict[str, Counter[str]] = {}
    for report in skipped:
        if not hasattr(report, "wasxfail"):
            file = report.nodeid.partition("::")[0]
            files.setdefault(reason_of(report), Counter())[file] += 1
    lines = []
    for reason, where in sorted(files.items(), key=lambda item: -item[1].total()):
        lines.append(f"{where.total()} skipped: {reason}")
        lines += [f"    {count} in {file}" for file, count in sorted(where.items())]
    return lines
