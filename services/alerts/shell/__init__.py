"""Loops: clock, transactions and retries around what the core decides."""
