"""Sensors as a table: one line a sensor, the columns named in the first line.

    id,asset,quantity,unit,interval_s,low,high,name

``unit`` may be empty or left out (the quantity's canonical unit), and so may ``name``.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import Final

from shared.config.complaint import did_you_mean, shown
from shared.domain.quantity import CANONICAL_UNIT, Quantity
from shared.domain.sensor import Sensor
from shared.registry.draft import Notes, Shelf, Spot, id_fault
from shared.registry.sensing import sensor_faults

COLUMNS: Final = ("id", "asset", "quantity", "unit", "interval_s", "low", "high", "name")
OPTIONAL: Final = frozenset({"unit", "name"})
SENSORS_MAX: Final = 500_000
TABLE_BYTES_MAX: Final = 64 * 1024 * 1024

_QUANTITIES: Final = {quantity.value: quantity for quantity in Quantity}


def parse_sensors(text: str, *, file: str, shelf: Shelf[Sensor], notes: Notes) -> None:
    """Put every sound sensor of the table on the shelf, and note the rest by line."""
    rows = _rows(text, file, notes)
    head = next(rows, None)
    if head is None:
        notes.error(Spot(file, 1), "is empty", f"start with {','.join(COLUMNS)}")
        return
    names = [name.strip() for name in head[1]]
    if not _head_is_sound(names, Spot(file, head[0]), notes):
        return
    for line, cells in rows:
        if len(shelf.spots) >= SENSORS_MAX:
            notes.error(
                Spot(file, line), f"holds more than {SENSORS_MAX} sensors", "split the city"
            )
            return
        spot = Spot(file, line)
        if len(cells) != len(names):
            what = f"has {len(cells)} cells where {len(names)} are named"
            notes.error(spot, what, "fill the missing cells or quote a comma")
            continue
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
        sensor = _sensor(row, spot, notes)
        key = row["id"]
        if key and shelf.claim(key, spot, notes) and sensor is not None:
            shelf.kept[key] = sensor


def _rows(text: str, file: str, notes: Notes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        notes.error(Spot(file, line), f"is not CSV: {error}", "check the quotes on this line")


def _head_is_sound(names: list[str], spot: Spot, notes: Notes) -> bool:
    sound = True
    for name in names:
        if name not in COLUMNS:
            mend = did_you_mean(name, COLUMNS, otherwise=f"known are {', '.join(COLUMNS)}")
            notes.error(spot, f"column {shown(name)} is not known", mend)
            sound = False
        elif names.count(name) > 1:
            notes.error(spot, f"column {shown(name)} stands twice", "keep one of them")
            return False
    for name in COLUMNS:
        if name not in names and name not in OPTIONAL:
            notes.error(spot, f"column {shown(name)} is missing", f"add {name} to the first line")
            sound = False
    return sound


def _sensor(row: dict[str, str], spot: Spot, notes: Notes) -> Sensor | None:
    key = row["id"]
    sound = True

    def complain(what: str, mend: str) -> None:
        nonlocal sound
        sound = False
        notes.error(spot, f"sensor {shown(key)}: {what}", mend)

    if not key:
        complain("id is missing", "fill the first cell")
    elif fault := id_fault(key):
        complain(f"id {shown(key)} {fault}", "use letters, digits and dashes")
    if not row["asset"]:
        complain("asset is missing", "name the asset it hangs on")
    numbers = {}
    for name in ("interval_s", "low", "high"):
        numbers[name] = _number(row[name])
        if math.isnan(numbers[name]):
            complain(f"{name} is not a number: {shown(row[name])}", "write it in digits")
    quantity = _QUANTITIES.get(row["quantity"])
    if quantity is None:
        mend = did_you_mean(
            row["quantity"], _QUANTITIES, otherwise=f"use one of {', '.join(_QUANTITIES)}"
        )
        complain(f"quantity {shown(row['quantity'])} is not known", mend)
        return None
    sensor = Sensor(
        id=key,
        asset=row["asset"],
        quantity=quantity,
        unit=row.get("unit") or CANONICAL_UNIT[quantity],
        interval_s=numbers["interval_s"],
        low=numbers["low"],
        high=numbers["high"],
        name=row.get("name", ""),
    )
    for found in sensor_faults(sensor):
        complain(found.what, found.mend)
    return sensor if sound else None


def _number(text: str) -> float:
    """The finite number ``text`` spells, nan where it spells none."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and "_" not in text else math.nan
