"""Cities of any size from a seed, and fast players of their everyday readings."""

from simulators.generator.city import generate

__all__ = ["generate"]
