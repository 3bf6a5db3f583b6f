"""The command line."""

from symtherm.cli.commands import main

# Imported for their commands: they add certify, verify, reference and evaluate to the group.
from symtherm.cli import certificates, sweeps  # isort: skip

__all__ = ["certificates", "main", "sweeps"]
