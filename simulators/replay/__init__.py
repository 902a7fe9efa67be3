"""Recorded measurements of the world, published as if they happened in this city."""
