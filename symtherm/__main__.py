"""``python -m symtherm``: the command line."""

from symtherm.cli import main

main()
