"""``python -m axolens``."""

from axolens.cli import main

main()
