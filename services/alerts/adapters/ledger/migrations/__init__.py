"""Schema changes, oldest first; run by the service itself when it starts."""
