"""The house rules a linter does not know, as functions from a file's text to its complaints.

Each complaint is one line: where, what, and what to do instead.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60
MAY_ASK_THE_TIME = {"shared/clock.py"}
MAY_DRAW_A_SEED = {"main.py"}
"""Jitter between processes must differ from process to process; who wires one draws it."""

CLOCK = "take `now` as an argument, or a Clock in a shell"
SLEEP = "await clock.sleep(...), or wait for a condition"
CHANCE = "take a numpy Generator as an argument"
INSTEAD = {
    "datetime.datetime.now": CLOCK,
    "datetime.datetime.utcnow": CLOCK,
    "datetime.datetime.today": CLOCK,
    "datetime.date.today": CLOCK,
    "time.time": CLOCK,
    "time.time_ns": CLOCK,
    "time.monotonic": CLOCK,
    "time.monotonic_ns": CLOCK,
    "time.perf_counter": CLOCK,
    "time.perf_counter_ns": CLOCK,
    "time.localtime": CLOCK,
    "time.gmtime": CLOCK,
    "time.sleep": SLEEP,
    "asyncio.sleep": SLEEP,
}
SEEDED = {"default_rng", "Generator", "SeedSequence", "PCG64", "BitGenerator"}
UNSEEDED = "numpy.random.default_rng"


def complaints(path: str, text: str) -> Iterator[str]:
    """Everything the house says against one module of the product."""
    yield from module_complaints(path, text)
    yield from world_complaints(path, text)
    yield from level_complaints(path, text)


def module_complaints(path: str, text: str) -> Iterator[str]:
    """Size and the first paragraph: rules for every module, tests too."""
    tree = ast.parse(text)
    lines = len(text.splitlines())
    if lines > MODULE_LINES_MAX:
        yield f"{path}:1: {lines} lines, split it ({MODULE_LINES_MAX} at most)"
    if tree.body and not (ast.get_docstring(tree) or "").strip():
        yield f"{path}:1: no first paragraph, say in a docstring what holds in this file"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{path}:{node.lineno}: {node.name} is {length} lines, split it"


@dataclass
class Names:
    """What the imported names of a module really are."""

    real: dict[str, str] = field(default_factory=dict)

    def learn(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                if node.level == 0:
                    self.real[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif alias.asname:
                self.real[alias.asname] = alias.name
            else:
                top = alias.name.partition(".")[0]
                self.real[top] = top

    def resolve(self, node: ast.expr) -> str:
        """The full dotted name an expression stands for; empty when it is not one."""
        if isinstance(node, ast.Name):
            return self.real.get(node.id, "")
        if isinstance(node, ast.Attribute):
            base = self.resolve(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""


def world_complaints(path: str, text: str) -> Iterator[str]:
    """Clocks, sleeping and chance, also under another name, also when only handed on."""
    if path in MAY_ASK_THE_TIME:
        return
    tree = ast.parse(text)
    names = Names()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.learn(node)
    allowed = set(_harmless(tree, names))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and node not in allowed:
            name = names.resolve(node)
            if advice := INSTEAD.get(name) or _chance(name):
                yield f"{path}:{node.lineno}: `{name}` is banned, {advice}"


def _chance(name: str) -> str:
    """The advice for ``random.choice`` or ``numpy.random.rand``; none for a seeded generator."""
    module, _, member = name.rpartition(".")
    unseeded = module == "random" or (module == "numpy.random" and member not in SEEDED)
    return CHANCE if unseeded else ""


def _harmless(tree: ast.AST, names: Names) -> Iterator[ast.expr]:
    """``asyncio.sleep(0)`` only yields."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and names.resolve(node.func) == "asyncio.sleep"
            and [ast.unparse(argument) for argument in node.args] == ["0"]
        ):
            yield node.func


def unseeded_complaints(path: str, text: str) -> Iterator[str]:
    """A Generator without a seed is chance nobody can repeat; only wiring may make one."""
    if Path(path).name in MAY_DRAW_A_SEED:
        return
    tree = ast.parse(text)
    names = Names()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.learn(node)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and names.resolve(node.func) == UNSEEDED
            and not (node.args or node.keywords)
        ):
            yield f"{path}:{node.lineno}: `{UNSEEDED}()` has no seed, {CHANCE}"


def level_complaints(path: str, text: str) -> Iterator[str]:
    """A warning level is a colour by name; a number means nothing to the next reader."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg == "level" and _is_whole_number(node.value):
            yield f"{path}:{node.value.lineno}: level={ast.unparse(node.value)}, name the Level"
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "Level"
            and any(_is_whole_number(argument) for argument in node.args)
        ):
            yield f"{path}:{node.lineno}: {ast.unparse(node)}, name the Level"
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(_is_level(side) for side in sides) and any(map(_is_whole_number, sides)):
                yield f"{path}:{node.lineno}: `{ast.unparse(node)}`, name the Level"


def _is_whole_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _is_level(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"level", "worst_level"}


def repeated_names(paths: list[Path]) -> Iterator[str]:
    """Two test files of one name cannot be told apart in a report."""
    seen: dict[str, Path] = {}
    for path in paths:
        if path.name in seen:
            yield f"{path}: same name as {seen[path.name]}, rename one"
        seen.setdefault(path.name, path)
