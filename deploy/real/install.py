"""Puts the real servers on this machine: what ``make real`` runs.

Needs only the standard library. Says what it does before it does it, installs only what is missing,
changes nothing when all is there, and ends with a table of what is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.real import kafka_fetch, places
from deploy.real.places import ServerMissing

APT_OPTIONS = (
    *("-o", "Acquire::Retries=3"),
    *("-o", "DPkg::Lock::Timeout=300"),
    *("-o", "Dpkg::Options::=--force-confold"),
)


class CannotInstall(RuntimeError):
    """The message says what to do by hand."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    where: str
    """Empty when it is missing."""
    why: str = ""


def packages_missing() -> list[str]:
    """Debian packages whose programs are not on this machine, whoever put them there."""
    missing = []
    if not places.find_program("mosquitto"):
        missing.append("mosquitto")
    if not places.find_program("mosquitto_pub"):
        missing.append("mosquitto-clients")
    if not _found(places.postgres_folder):
        missing.append("postgresql")
    if not _found(places.chromium_path):
        missing.append("chromium")
    if places.cjk_font() is None:
        missing.append("fonts-noto-cjk")
    if not _found(places.java_path):
        missing.append("openjdk-17-jre-headless")
    if not _found(places.kafka_jars) and not places.find_program("mvn"):
        missing.append("maven")
    return missing


def install_packages(packages: Sequence[str]) -> None:
    """Raises CannotInstall, naming the command somebody with the rights can run."""
    by_hand = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise CannotInstall(
            f"missing: {', '.join(packages)} (Debian's names), and there is no apt-get here; "
            "install them with this system's own tools, then run `make real` again"
        )
    if os.geteuid() != 0:
        raise CannotInstall(
            f"missing: {', '.join(packages)}, and installing needs root; "
            f"run `sudo {by_hand}`, then `make real` again"
        )
    _announce("apt-get update")
    _run_apt(["update"])
    _announce(by_hand)
    _run_apt(["install", "-y", "--no-install-recommends", *packages])


def _run_apt(arguments: list[str]) -> None:
    command = ["apt-get", "-q", *APT_OPTIONS, *arguments]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, check=False)
    if done.returncode:
        raise CannotInstall(f"`{' '.join(command)}` ended with {done.returncode}, see above")


def survey() -> list[Row]:
    """What is there now."""
    return [
        _row("Mosquitto", lambda: places.program("mosquitto", of="Mosquitto")),
        _row("mosquitto_pub", lambda: places.program("mosquitto_pub", of="Mosquitto")),
        _row("PostgreSQL", places.postgres_folder),
        _row("Chromium", places.chromium_path),
        _row("CJK font", _font),
        _row("Java", places.java_path),
        _row(f"Kafka {places.KAFKA_VERSION}", places.kafka_jars),
    ]


def _font() -> Path:
    font = places.cjk_font()
    if font is None:
        raise ServerMissing("CJK font", "no font with Chinese characters")
    return font


def _row(name: str, find: Callable[[], Path]) -> Row:
    try:
        return Row(name, str(find()))
    except ServerMissing as missing:
        return Row(name, "", missing.why)


def _found(find: Callable[[], Path]) -> bool:
    return bool(_row("", find).where)


def table(rows: Sequence[Row]) -> str:
    width = max(len(row.name) for row in rows)
    return "\n".join(f"  {row.name:<{width}}  {row.where or 'MISSING: ' + row.why}" for row in rows)


def _announce(what: str) -> None:
    print(f"make real: {what}", flush=True)


def main() -> int:
    """0 when every server is there at the end, 1 when one is not."""
    faults = []
    try:
        if packages := packages_missing():
            install_packages(packages)
    except CannotInstall as fault:
        faults.append(str(fault))
    try:
        if not _found(places.kafka_jars):
            _announce(f"fetching Apache Kafka {places.KAFKA_VERSION} into {places.kafka_folder()}")
            kafka_fetch.fetch(places.kafka_folder())
    except kafka_fetch.CannotFetch as fault:
        faults.append(str(fault))
    rows = survey()
    print(table(rows))
    for complaint in faults:
        print(f"make real: {complaint}", file=sys.stderr)
    return 0 if all(row.where for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
