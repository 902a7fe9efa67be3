"""Scores of recorded tables: the live detectors over a file, one pass, only the past."""
