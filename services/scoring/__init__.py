"""Any table of measurements through the live detectors: one pass, only the past."""
