"""The house rules hold in every file, and they bite: each has a bad line and its complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import house_rules, house_text
from tests.support.house_rules import CHANCE, CLOCK, SLEEP

ROOT = Path(__file__).resolve().parents[3]
FILES = house_text.tracked_files(ROOT)
MODULES = [path for path in FILES if path.suffix == ".py"]
PRODUCT = [path for path in MODULES if path.parts[0] in house_text.PRODUCT]


def read(path: Path) -> str:
    return (ROOT / path).read_text()


def all_of(complaints) -> str:
    return "\n".join(complaints)


def test_there_are_files_to_judge():
    assert len(PRODUCT) > 20
    assert any(path.parts[0] == "tests" for path in MODULES)


def test_the_product_keeps_the_house_rules():
    said = all_of(
        line for path in PRODUCT for line in house_rules.complaints(str(path), read(path))
    )
    assert not said, f"\n{said}"


def test_chance_in_the_product_has_a_seed():
    said = all_of(
        line for path in PRODUCT for line in house_rules.unseeded_complaints(str(path), read(path))
    )
    assert not said, f"\n{said}"


def test_tests_are_as_small_as_what_they_test():
    tests = [path for path in MODULES if path.parts[0] == "tests"]
    said = all_of(
        line for path in tests for line in house_rules.module_complaints(str(path), read(path))
    )
    assert not said, f"\n{said}"


def test_nothing_is_left_over_and_no_machine_is_named():
    said = []
    for path in FILES:
        try:
            text = read(path)
        except UnicodeDecodeError:
            continue
        said += house_text.text_complaints(str(path), text)
    assert not said, "\n" + "\n".join(said)


def test_test_files_have_names_of_their_own():
    tests = [path for path in MODULES if path.name.startswith(("test_", "bench_"))]
    assert not list(house_rules.repeated_names(tests))


WORLD = "services/ingest/core/bad.py"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "import datetime\nx = datetime.datetime.now()",
            f"`datetime.datetime.now` is banned, {CLOCK}",
        ),
        (
            "from datetime import datetime as d\nd.now()",
            f"`datetime.datetime.now` is banned, {CLOCK}",
        ),
        ("from time import time as now\nnow()", f"`time.time` is banned, {CLOCK}"),
        ("import time as t\nf = t.monotonic", f"`time.monotonic` is banned, {CLOCK}"),
        ("import time\ntime.sleep(1)", f"`time.sleep` is banned, {SLEEP}"),
        ("import asyncio\nasyncio.sleep(0.1)", f"`asyncio.sleep` is banned, {SLEEP}"),
        ("from asyncio import sleep\nsleep(1)", f"`asyncio.sleep` is banned, {SLEEP}"),
        ("import random\nrandom.choice([1])", f"`random.choice` is banned, {CHANCE}"),
        ("from random import choice\nchoice([1])", f"`random.choice` is banned, {CHANCE}"),
        ("import numpy as np\nnp.random.seed(1)", f"`numpy.random.seed` is banned, {CHANCE}"),
        ("from numpy import random\nrandom.rand()", f"`numpy.random.rand` is banned, {CHANCE}"),
    ],
)
def test_a_clock_a_sleep_or_chance_is_found_under_any_name(text: str, complaint: str):
    assert list(house_rules.world_complaints(WORLD, text)) == [f"{WORLD}:2: {complaint}"]


@pytest.mark.parametrize(
    "text",
    [
        "import asyncio\nasyncio.sleep(0)",
        "import numpy as np\nrng: np.random.Generator = np.random.default_rng(1)",
        "def f(clock):\n    return clock.now()",
        "time = 3\ntime.time()",
    ],
)
def test_what_asks_nothing_of_the_world_is_left_alone(text: str):
    assert not list(house_rules.world_complaints(WORLD, text))


def test_only_the_clock_module_asks_the_time():
    text = "import time\ntime.time()"
    assert not list(house_rules.world_complaints("shared/clock.py", text))
    assert list(house_rules.world_complaints("shared/other.py", text))


def test_a_generator_without_a_seed_is_found_except_where_things_are_wired():
    text = "from numpy.random import default_rng\ndefault_rng()\ndefault_rng(1)"
    assert list(house_rules.unseeded_complaints("a.py", text)) == [
        f"a.py:2: `numpy.random.default_rng()` has no seed, {CHANCE}"
    ]
    assert not list(house_rules.unseeded_complaints("services/ingest/main.py", text))


def test_a_long_module_and_a_long_function_are_to_be_split():
    body = "\n".join("    x = 1" for _ in range(60))
    text = '"""Law."""\n' + f"def long():\n{body}\n" + "\n" * 240
    assert list(house_rules.module_complaints("a.py", text)) == [
        "a.py:1: 302 lines, split it (300 at most)",
        "a.py:2: long is 61 lines, split it",
    ]


def test_a_module_without_a_first_paragraph_is_found_but_an_empty_one_is_not():
    assert list(house_rules.module_complaints("a.py", "x = 1")) == [
        "a.py:1: no first paragraph, say in a docstring what holds in this file"
    ]
    assert not list(house_rules.module_complaints("a/__init__.py", ""))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("raise_event(level=3)", "level=3, name the Level"),
        ("Level(2)", "Level(2), name the Level"),
        ("event.level >= 2", "`event.level >= 2`, name the Level"),
    ],
)
def test_a_level_is_never_a_bare_number(text: str, complaint: str):
    assert list(house_rules.level_complaints("a.py", text)) == [f"a.py:1: {complaint}"]
    assert not list(house_rules.level_complaints("a.py", "event.level >= Level.RED"))


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        (["# TO", "DO later"], "`TO{}DO`, finish it or drop it"),
        (["raise NotImplemented", "Error"], "`NotImplemented{}Error`, finish it or drop it"),
        (["--index", "-url x"], "`--index{}-url` points at a package index, the user's pip knows"),
        (["see https://py", "pi.org"], "`py{}pi.` points at a package index, the user's pip knows"),
        (["open('/wo", "rk/a')"], "`/wo{}rk` is one machine's path, take a folder as argument"),
        (["cd /ro", "ot/x"], "`/ro{}ot` is one machine's path, take a folder as argument"),
    ],
)
def test_leftovers_indexes_and_machine_paths_are_found(parts: list[str], complaint: str):
    said = list(house_text.text_complaints("a.md", "".join(parts)))
    assert said == [f"a.md:1: {complaint.format('')}"]


@pytest.mark.parametrize("text", ["see a/root/b", "https://x.org/home/", "{base}/tmp/x", "*/root"])
def test_a_path_inside_something_else_is_left_alone(text: str):
    assert not list(house_text.text_complaints("a.md", text))


def test_two_test_files_of_one_name_are_found():
    paths = [Path("tests/unit/a/test_x.py"), Path("tests/unit/b/test_x.py")]
    assert list(house_rules.repeated_names(paths)) == [
        "tests/unit/b/test_x.py: same name as tests/unit/a/test_x.py, rename one"
    ]


def test_a_map_of_the_folders_is_checked_both_ways(tmp_path: Path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    markdown = "```tree\na/    the first\n  b/    below it\n  gone.py\n```\n"
    assert house_text.tree_entries(markdown) == ["a/", "a/b/", "a/gone.py"]
    assert list(house_text.map_complaints("README.md", markdown, tmp_path, ["a/", "c/"])) == [
        "README.md: the tree shows a/gone.py, which does not exist",
        "README.md: the tree does not show c/",
    ]
