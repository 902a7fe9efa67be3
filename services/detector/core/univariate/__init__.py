"""One sensor at a time: how new is what it shows, measured against its whole own past."""
