"""A city that behaves, then misbehaves; knows nothing of the services."""
