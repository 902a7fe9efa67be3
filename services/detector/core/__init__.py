"""Decisions: readings in, risk events out; numpy and the domain, no clock and no world."""
