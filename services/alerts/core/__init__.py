"""Decides what becomes of an incident; knows no clock, database, bus or logger."""
