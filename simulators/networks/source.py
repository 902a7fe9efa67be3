"""Where a network's file is found: a path, WNTR's own library, the user's EPyT, or their folders.

L-TOWN and its like are never bundled: they belong to EPyT (EUPL) and are read from the user's own
installation of it, which is looked for and never imported, or from the folders that
``TOCSIN_NETWORKS`` names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared.errors import BadInput

FOLDERS_VARIABLE: Final = "TOCSIN_NETWORKS"
_LIBRARIES: Final = (("wntr", "library/networks"), ("epyt", "networks"))


class NetworkMissing(BadInput):
    """A network that is named, but not to be found here; ``name`` says which."""

    def __init__(self, name: str, searched: tuple[str, ...]) -> None:
        self.name = name
        self.searched = searched
        super().__init__(
            f"network {name} not found in {', '.join(searched) or 'any library'}: "
            f"install epyt, or name a folder that holds {name}.inp in {FOLDERS_VARIABLE}"
        )


def find_network(name: str, *, beside: Path | None = None) -> Path:
    """The .inp file of a network given by path (``beside`` is where relative ones start) or name.

    Names are looked for without regard to case. Raises NetworkMissing.
    """
    if name.lower().endswith(".inp"):
        path = Path(name).expanduser()
        path = path if path.is_absolute() or beside is None else beside / path
        if path.is_file():
            return path
        raise NetworkMissing(name, (str(path.parent),))
    searched = []
    for folder in _folders():
        searched.append(str(folder))
        for path in sorted(folder.rglob("*.inp")) if folder.is_dir() else ():
            if path.stem.lower() == name.lower():
                return path
    raise NetworkMissing(name, tuple(searched))


def _folders() -> Iterator[Path]:
    """The user's own folders first: who names one means it."""
    for text in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep):
        if text:
            yield Path(text).expanduser()
    for package, inside in _LIBRARIES:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(place) / inside
