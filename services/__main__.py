"""``python -m services`` is ``tocsin``."""

from services.cli import main

main()
