"""Where the real servers are on this machine, and what to say when one is not.

Finding needs no rights and changes nothing; ``install.py`` is what puts them there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

KAFKA_VERSION = "4.1.0"
JAVA_MIN = 17
MEND = "run `make real`"

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CJK_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


class ServerMissing(RuntimeError):
    """A real server is not installed here; the message names it and the mend."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}; {MEND}")
        self.name = name
        self.why = why


def cache_folder() -> Path:
    """Outside the checkout, so that a fresh clone finds what an older one fetched."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "tocsin"


def kafka_folder() -> Path:
    return cache_folder() / f"kafka-{KAFKA_VERSION}"


def find_program(name: str) -> Path | None:
    """Also in the system folders an ordinary user's PATH leaves out."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")
    return Path(found) if found else None


def program(name: str, *, of: str) -> Path:
    """Raises ServerMissing."""
    found = find_program(name)
    if found is None:
        raise ServerMissing(of, f"no `{name}` on this machine")
    return found


def chromium_path() -> Path:
    """Raises ServerMissing."""
    for name in CHROMIUM_NAMES:
        if found := find_program(name):
            return found
    raise ServerMissing("Chromium", "no `chromium` on this machine")


def postgres_folder() -> Path:
    """The newest installed server's ``bin`` folder; Debian keeps it off the PATH.

    Raises ServerMissing.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_debian_version)
    if debian:
        return debian[-1].parent
    found = find_program("postgres")
    if found is None:
        raise ServerMissing("PostgreSQL", "no `postgres` under /usr/lib/postgresql or on the PATH")
    return found.resolve().parent


def _debian_version(binary: Path) -> int:
    version = binary.parent.parent.name
    return int(version) if version.isdigit() else 0


def java_path() -> Path:
    """A Java runtime new enough for the broker. Raises ServerMissing."""
    java = program("java", of="Apache Kafka")
    version = java_version(java)
    if version < JAVA_MIN:
        raise ServerMissing("Apache Kafka", f"{java} is Java {version}, {JAVA_MIN} is needed")
    return java


def java_version(java: Path) -> int:
    """The major version; 0 when it does not say."""
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    match = re.search(r'version "(\d+)', said)
    return int(match.group(1)) if match else 0


def kafka_jars() -> Path:
    """The folder of the broker's jars. Raises ServerMissing."""
    folder = kafka_folder()
    if not (folder / f"kafka_2.13-{KAFKA_VERSION}.jar").exists():
        raise ServerMissing("Apache Kafka", f"no jars in {folder}")
    return folder


def cjk_font() -> Path | None:
    """A font that can write 江城; without one screenshots show boxes."""
    for folder in CJK_FONT_FOLDERS:
        for font in sorted(folder.rglob("*CJK*.tt?")) + sorted(folder.rglob("*CJK*.otf")):
            return font
    return None
