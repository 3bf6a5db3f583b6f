"""The command line."""

from symtherm.cli.commands import main

# Imported for its commands: it adds certify, verify and reference to the group.
from symtherm.cli import certificates  # isort: skip

__all__ = ["certificates", "main"]
