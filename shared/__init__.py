"""What the services agree on: nouns, buses, settings, time. Imports none of the services."""
