"""Gas in several spaces that breathe into each other and to the outside.

Pure. dC/dt = A C + b with constant coefficients between the given times, solved exactly by a
matrix exponential, so the step may be as long as the rates are constant. Volume fractions, m3,
m3/h, s. A leak displaces as much mixed air out of its space as it brings in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats


@dataclass(frozen=True)
class Rooms:
    """Well-mixed spaces joined by doors, hatches and ducts."""

    volume_m3: Floats
    """(rooms,)"""
    exchange_m3h: Floats
    """(rooms, rooms), symmetric: air that goes both ways between two of them; 0 on the diagonal.
    Doors and hatches of a utility tunnel pass some 36 to 1800 m3/h (0.01 to 0.5 m3/s)."""
    outside_m3h: Floats
    """(rooms,) of fresh air in, and as much out."""

    def loss_m3h(self, leak_m3h: ArrayLike) -> Floats:
        """(rooms,) of mixed air that leaves each for the outside."""
        return np.asarray(self.outside_m3h + np.asarray(leak_m3h, dtype=np.float64))

    def matrix_per_h(self, leak_m3h: ArrayLike) -> Floats:
        """A of dC/dt = A C + b, 1/h."""
        out = self.exchange_m3h.sum(axis=1) + self.loss_m3h(leak_m3h)
        return np.asarray((self.exchange_m3h - np.diag(out)) / self.volume_m3[:, None])


@dataclass(frozen=True)
class Inside:
    """What is in the rooms over time, and what has left them."""

    fractions: Floats
    """(times, rooms)"""
    vented_m3: Floats
    """(times,) of gas that has gone outside so far"""


def rooms_steady(rooms: Rooms, leak_m3h: ArrayLike) -> Floats:
    """(rooms,) fractions where all comes to rest: -A^-1 b. Needs a way out from every room."""
    leak = np.broadcast_to(np.asarray(leak_m3h, dtype=np.float64), rooms.volume_m3.shape)
    return np.asarray(np.linalg.solve(rooms.matrix_per_h(leak), -leak / rooms.volume_m3))


def rooms_over(
    times_s: ArrayLike,
    *,
    rooms: Rooms,
    leak_m3h: ArrayLike,
    start: ArrayLike = 0.0,
) -> Inside:
    """Fractions in all rooms over time.

    ``leak_m3h`` is (rooms,) or (times, rooms), held from each time to the next. The integral of
    what leaves is carried along in the same exponential, so mass balances to rounding.
    """
    times = np.asarray(times_s, dtype=np.float64)
    count = rooms.volume_m3.size
    leak = np.broadcast_to(np.asarray(leak_m3h, dtype=np.float64), (times.size, count))
    state = np.zeros((times.size, count + 2))  # fractions, vented m3, and the constant 1
    state[0, :count] = start
    state[:, -1] = 1.0
    known: dict[tuple[float, bytes], Floats] = {}
    for i in range(times.size - 1):
        hours = float(times[i + 1] - times[i]) / 3600.0
        key = (hours, leak[i].tobytes())
        if key not in known:
            whole = np.zeros((count + 2, count + 2))
            whole[:count, :count] = rooms.matrix_per_h(leak[i])
            whole[:count, -1] = leak[i] / rooms.volume_m3
            whole[count, :count] = rooms.loss_m3h(leak[i])
            known[key] = _exponential(whole * hours)
        state[i + 1] = known[key] @ state[i]
    return Inside(state[:, :count], state[:, count])


def _exponential(matrix: Floats) -> Floats:
    """e^M by scaling and squaring of the Taylor series (Moler and Van Loan's third way)."""
    halvings = max(
        0, int(np.ceil(np.log2(max(float(np.abs(matrix).sum(axis=1).max()), 1e-30)))) + 3
    )
    small = matrix / 2.0**halvings
    total = np.eye(matrix.shape[0])
    term = total
    for order in range(1, 13):
        term = term @ small / order
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return np.asarray(total)
