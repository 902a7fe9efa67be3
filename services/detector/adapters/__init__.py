"""Where detector state rests between processes."""
