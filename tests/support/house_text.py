"""The house rules for any tracked text: nothing left over, no address of a package index, no path
of somebody's machine, and maps that match the ground.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

# Spelled in halves, so that this file obeys the rules it holds.
LEFTOVERS = re.compile("|".join(rf"\b{a}{b}\b" for a, b in [
    ("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("NotImplemented", "Error"),
]))  # fmt: skip
INDEX = re.compile(
    r"--(?:extra-)?index-url|--find-links|--trusted-host|pypi\.|pythonhosted|/simple/"
)
MACHINE = re.compile(r"(?<![\w.}/~$*-])/(?:work|root|home|tmp)(?=[/\s\"'`,;)]|$)")

PRODUCT = ("services", "shared", "simulators", "deploy")

MAY_NAME_AN_INDEX = {"tests/support/house_text.py", "Makefile"}
"""The rule, and the switches that keep addresses out of the lock files."""


def tracked_files(root: Path) -> list[Path]:
    """What git holds or would take, relative to the root; without git, all that is not hidden."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        return sorted(path for path in paths if not any(p.startswith(".") for p in path.parts))
    paths = (Path(name) for name in listed.stdout.split("\0") if name)
    return sorted(path for path in set(paths) if (root / path).is_file())


def text_complaints(path: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if found := LEFTOVERS.search(line):
            yield f"{path}:{number}: `{found[0]}`, finish it or drop it"
        if path not in MAY_NAME_AN_INDEX and (found := INDEX.search(line)):
            yield f"{path}:{number}: `{found[0]}` points at a package index, the user's pip knows"
        if found := MACHINE.search(line):
            yield f"{path}:{number}: `{found[0]}` is one machine's path, take a folder as argument"


def tree_entries(markdown: str) -> list[str]:
    """Paths of the first fenced block marked ``tree``, each with its folders in front."""
    block = re.search(r"^```tree\n(.*?)^```", markdown, re.DOTALL | re.MULTILINE)
    if block is None:
        return []
    entries: list[str] = []
    folders: list[tuple[int, str]] = []
    for line in block[1].splitlines():
        stripped = line.lstrip()
        indent = len(line) - len(stripped)
        while folders and folders[-1][0] >= indent:
            folders.pop()
        name = stripped.split()[0] if stripped else ""
        if not name:
            continue
        whole = (folders[-1][1] if folders else "") + name
        entries.append(whole)
        if name.endswith("/"):
            folders.append((indent, whole))
    return entries


def map_complaints(name: str, markdown: str, root: Path, must_show: list[str]) -> Iterator[str]:
    """A map that is not tested drifts: each entry exists, each folder that matters is shown."""
    entries = tree_entries(markdown)
    if not entries:
        yield f"{name}: no block fenced as ```tree"
    for entry in entries:
        if not (root / entry).exists():
            yield f"{name}: the tree shows {entry}, which does not exist"
    for folder in must_show:
        if folder not in entries:
            yield f"{name}: the tree does not show {folder}"
