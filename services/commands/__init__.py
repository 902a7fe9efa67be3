"""Groups of the one command, each a module; ``services.cli`` gathers them."""
