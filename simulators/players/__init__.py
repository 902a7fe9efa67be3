"""Players: the same frames to a real broker at any speed, or to a test at none."""
