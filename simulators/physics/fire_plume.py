"""The plume above a fire and the jet it makes under a ceiling.

Pure and vectorised. Heat in kW, lengths in m, temperatures as rise in K, speeds in m/s, flows in
kg/s. Air is at 293 K.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.fire import (
    AIR_KG_M3,
    AIR_KJ_KGK,
    AMBIENT_K,
    GRAVITY,
    RADIATIVE,
)
from simulators.physics.gas import Floats

_SCALE = AIR_KG_M3 * AIR_KJ_KGK * AMBIENT_K


def _heat(heat_kw: ArrayLike) -> Floats:
    return np.maximum(np.asarray(heat_kw, dtype=np.float64), 0.0)


def strength(heat_kw: ArrayLike, length_m: float) -> Floats:
    """Q* = Q / (rho cp T sqrt(g) D^(5/2)), the fire's heat over that of its own size."""
    return np.asarray(_heat(heat_kw) / (_SCALE * np.sqrt(GRAVITY) * length_m**2.5))


def flame_m(heat_kw: ArrayLike, *, diameter_m: float) -> Floats:
    """Heskestad's flame height: L/D = -1.02 + 3.7 Q*^(2/5), not below 0."""
    of = strength(heat_kw, diameter_m) ** 0.4
    return np.asarray(np.maximum(diameter_m * (3.7 * of - 1.02), 0.0))


def virtual_origin_m(heat_kw: ArrayLike, *, diameter_m: float) -> Floats:
    """Where the plume seems to start: z0/D = -1.02 + 1.4 Q*^(2/5)."""
    return np.asarray(diameter_m * (1.4 * strength(heat_kw, diameter_m) ** 0.4 - 1.02))


def entrained_kg_s(heat_kw: ArrayLike, above_m: ArrayLike, *, place: float = 1.0) -> Floats:
    """What rises past a height above the virtual origin (Heskestad, as CFAST has it).

    0.196 (g rho^2/(cp T))^(1/3) Qc^(1/3) z^(5/3) (1 + 2.9 Qc^(2/3) / ((sqrt(g) cp rho T)^(2/3)
    z^(5/3))); ``place`` is 1 in the open, 0.63 at a wall, 0.40 in a corner.
    """
    convective = (1.0 - RADIATIVE) * _heat(heat_kw)
    z = np.maximum(np.asarray(above_m, dtype=np.float64), 1e-3) ** (5.0 / 3.0)
    far = 0.196 * (GRAVITY * AIR_KG_M3**2 / (AIR_KJ_KGK * AMBIENT_K)) ** (1 / 3)
    near = 2.9 * convective ** (2 / 3) / ((np.sqrt(GRAVITY) * _SCALE) ** (2 / 3) * z)
    return np.asarray(place * far * convective ** (1 / 3) * z * (1.0 + near))


def centreline_k(heat_kw: ArrayLike, above_m: ArrayLike) -> Floats:
    """Rise on the axis: min(900, 9.1 (T/(g cp^2 rho^2))^(1/3) Qc^(2/3) (z - z0)^(-5/3))."""
    convective = (1.0 - RADIATIVE) * _heat(heat_kw)
    z = np.maximum(np.asarray(above_m, dtype=np.float64), 1e-3)
    factor = 9.1 * (AMBIENT_K / (GRAVITY * AIR_KJ_KGK**2 * AIR_KG_M3**2)) ** (1 / 3)
    return np.asarray(np.minimum(900.0, factor * convective ** (2 / 3) * z ** (-5 / 3)))


def jet_excess_k(heat_kw: ArrayLike, *, height_m: float, radius_m: float) -> Floats:
    """Temperature rise of Alpert's ceiling jet.

    16.9 Q^(2/3)/H^(5/3) within r/H = 0.18, 5.38 (Q/r)^(2/3)/H beyond.
    """
    heat = _heat(heat_kw)
    if radius_m / height_m <= 0.18:
        return np.asarray(16.9 * heat ** (2 / 3) / height_m ** (5 / 3))
    return np.asarray(5.38 * (heat / radius_m) ** (2 / 3) / height_m)


def jet_speed_m_s(heat_kw: ArrayLike, *, height_m: float, radius_m: float) -> Floats:
    """Speed of Alpert's ceiling jet.

    0.96 (Q/H)^(1/3) within r/H = 0.15, 0.195 Q^(1/3) H^(1/2) / r^(5/6) beyond.
    """
    heat = _heat(heat_kw)
    if radius_m / height_m <= 0.15:
        return np.asarray(0.96 * (heat / height_m) ** (1 / 3))
    return np.asarray(0.195 * heat ** (1 / 3) * height_m**0.5 / radius_m ** (5 / 6))


def convective_jet_k(heat_kw: ArrayLike, *, height_m: float, radius_m: float) -> Floats:
    """CFAST's ceiling jet: dT/T = Q*_H^(2/3) (0.225 + 0.27 r/H)^(-4/3), 6.3 within r/H = 0.2.

    Q*_H is of the convective heat, so this jet is some 20 % cooler than Alpert's far out.
    """
    of = strength((1.0 - RADIATIVE) * _heat(heat_kw), height_m) ** (2 / 3)
    far = radius_m / height_m
    return np.asarray(AMBIENT_K * of * (6.3 if far <= 0.2 else (0.225 + 0.27 * far) ** (-4 / 3)))


def jet_thickness_m(*, height_m: float, radius_m: float) -> float:
    """delta/H = 0.112 (1 - exp(-2.24 r/H))."""
    return float(height_m * 0.112 * (1.0 - np.exp(-2.24 * radius_m / height_m)))


def corridor_share(*, along_m: ArrayLike, height_m: float, width_m: float) -> Floats:
    """Rise along a corridor over the plume's: 0.37 (H/W)^(1/3) exp(-0.16 (x/H) (W/H)^(1/3))."""
    shape = (height_m / width_m) ** (1 / 3)
    fade = np.exp(-0.16 * np.asarray(along_m, dtype=np.float64) / height_m / shape)
    return np.asarray(0.37 * shape * fade)


def corridor_speed_m_s(excess_k: ArrayLike, *, height_m: float, width_m: float) -> Floats:
    """Speed along a corridor: 0.114 sqrt(H dT) (H/W)^(1/6)."""
    root = np.sqrt(height_m * np.maximum(np.asarray(excess_k, dtype=np.float64), 0.0))
    return np.asarray(0.114 * root * (height_m / width_m) ** (1 / 6))
