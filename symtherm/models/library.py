"""The library of models, by name."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module

from symtherm.errors import UnknownModel
from symtherm.thermo.model import Model

__all__ = ["NAMES", "model"]

# Each name is also the module and function, with underscores.
NAMES = ("qubit", "two-bath-qubit", "three-level-maser", "quantum-dot")


def model(name: str) -> Model:
    """The library model of this name; raises UnknownModel listing those there are.

    >>> model("quantum-dot").title
    'A single-level quantum dot between two leads'
    """
    if name not in NAMES:
        close = get_close_matches(str(name), NAMES, n=1)
        raise UnknownModel(
            f"The model {name!r}",
            found="neither a library model nor a readable file",
            advice=(f"did you mean {close[0]}? " if close else "") + "library: " + ", ".join(NAMES),
        )
    module = name.replace("-", "_")
    build: Callable[[], Model] = getattr(import_module(f"symtherm.models.{module}"), module)
    return build()
