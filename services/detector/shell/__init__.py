"""Loops: what polls, what is retried, what is written down when."""
