"""The nouns of the trade: frozen, typed, and built from the standard library alone."""
