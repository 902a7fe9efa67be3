"""The three services, in the order a reading meets them: ingest, detector, alerts."""
