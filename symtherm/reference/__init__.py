"""Certified reference values: numbers with proofs, their file format, and tests built on them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_NAMES = {
    "build_rows": "build",
    "Job": "build",
    "certify_grid": "routes",
    "certify_operators": "routes",
    "certify_trajectory": "routes",
    "load": "cases",
    "read_reference": "document",
    "verify_rows": "verify",
    "certify": "closed",
    "check_point": "closed",
    "require_unique": "closed",
}

__all__ = list(_NAMES)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'symtherm.reference' has no attribute {name!r}")
    value = getattr(import_module(f"symtherm.reference.{_NAMES[name]}"), name)
    globals()[name] = value
    return value
