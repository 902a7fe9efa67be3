"""Largest-Triangle-Three-Buckets as the thesis tells it, one point after another."""

from __future__ import annotations

from collections.abc import Sequence


def naive_lttb(at: Sequence[int], values: Sequence[float], points: int) -> list[int]:
    size = len(at)
    if size <= points:
        return list(range(size))
    if points < 3:
        return [0, size - 1][:points]
    x = [float(moment - at[0]) for moment in at]
    inner = points - 2
    edges = [1 + bucket * (size - 2) // inner for bucket in range(inner + 1)]
    kept = [0]
    for bucket in range(inner):
        following = (
            range(edges[bucket + 1], edges[bucket + 2]) if bucket + 1 < inner else [size - 1]
        )
        to_x = sum(x[point] for point in following) / len(following)
        to_y = sum(values[point] for point in following) / len(following)
        own_x, own_y = x[kept[-1]], values[kept[-1]]
        best, largest = -1, -1.0
        for point in range(edges[bucket], edges[bucket + 1]):
            area = abs(
                (own_x - to_x) * (values[point] - own_y) - (own_x - x[point]) * (to_y - own_y)
            )
            if area > largest:
                best, largest = point, area
        kept.append(best)
    return [*kept, size - 1]
