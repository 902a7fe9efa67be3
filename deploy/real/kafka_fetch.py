"""Fetches the broker's jars with Maven and keeps them only if each is the one we know.

The folder appears whole or not at all: jars are copied beside it, checked against
``kafka.sha256`` (written with ``sha256sum *.jar``), then the copy is renamed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.real import places

HERE = Path(__file__).parent
ATTEMPTS = 3
WITHIN_S = 600


class CannotFetch(RuntimeError):
    """The message says why, and what to do."""


def fetch(folder: Path) -> None:
    """Fill the folder. Raises CannotFetch."""
    maven = places.find_program("mvn")
    if maven is None:
        raise CannotFetch("Apache Kafka is fetched with Maven, and there is no `mvn` here")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="kafka-") as scratch:
        copy = Path(scratch) / "jars"
        _copy_jars(maven, copy)
        if faults := check(copy, known_sums()):
            raise CannotFetch("the jars are not the known ones: " + "; ".join(faults))
        shutil.rmtree(folder, ignore_errors=True)
        copy.rename(folder)


def _copy_jars(maven: Path, copy: Path) -> None:
    command = [
        *(str(maven), "-B", "-q", "-ntp", "-C", "-f", str(HERE / "pom.xml")),
        "dependency:copy-dependencies",
        *("-DincludeScope=runtime", f"-DoutputDirectory={copy}"),
    ]
    for _ in range(ATTEMPTS):
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=WITHIN_S, check=False)
        except subprocess.TimeoutExpired:
            raise CannotFetch(f"Maven took longer than {WITHIN_S} s") from None
        if done.returncode == 0:
            return
    raise CannotFetch(f"Maven failed {ATTEMPTS} times, see above; is its repository reachable?")


def known_sums() -> dict[str, str]:
    """Each jar's name and SHA-256."""
    lines = (HERE / "kafka.sha256").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def check(folder: Path, known: dict[str, str]) -> list[str]:
    """What differs from the known jars; empty when nothing does."""
    there = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    faults = [f"{name} is missing" for name in sorted(known.keys() - there.keys())]
    faults += [f"{name} is unknown" for name in sorted(there.keys() - known.keys())]
    faults += [
        f"{name} has SHA-256 {there[name]}, not {known[name]}"
        for name in sorted(known.keys() & there.keys())
        if there[name] != known[name]
    ]
    return faults
