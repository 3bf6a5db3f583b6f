"""Quantities by the labels of their baths, and how they are typeset."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr

from symtherm.errors import UnknownQuantity, choices
from symtherm.exact.show import tex_label

__all__ = ["Table", "quantity_tex"]


class Table(dict[str, Expr]):
    """Quantities by the label of their bath; an unknown label is a named error.

    >>> Table("heat", {"h": Expr()})["x"]
    Traceback (most recent call last):
        ...
    symtherm.errors.UnknownQuantity: heat[x]. Found: no bath of this label. To do: available: h.
    """

    def __init__(self, kind: str, values: Mapping[str, Expr]) -> None:
        super().__init__(values)
        self.kind = kind

    def __missing__(self, label: str) -> Expr:
        raise UnknownQuantity(
            f"{self.kind}[{label}]", found="no bath of this label", advice=choices(label, self)
        )


def quantity_tex(name: str) -> str:
    """The letter of a quantity.

    >>> print(quantity_tex("heat[h]"))
    \\dot Q_{h}
    """
    kind, _, rest = name.partition("[")
    index = f"_{{{tex_label(rest[:-1])}}}" if rest else ""
    letters = {"heat": r"\dot Q", "current": "I", "power": "P", "entropy_production": r"\dot\Sigma"}
    return letters[kind] + index
