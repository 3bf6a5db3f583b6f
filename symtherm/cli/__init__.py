"""The command line; the commands are in :mod:`symtherm.cli.commands`."""

from symtherm.cli.commands import main

__all__ = ["main"]
