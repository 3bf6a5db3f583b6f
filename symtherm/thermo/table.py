"""Quantities by the labels of their baths, and how they are typeset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from sympy import Expr

from symtherm.errors import UnknownQuantity, choices
from symtherm.exact.show import tex_label

__all__ = ["ReadOnly", "Table", "quantity_tex"]

V = TypeVar("V")


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


class ReadOnly(Mapping[str, V]):
    """A mapping that cannot be changed and, unlike MappingProxyType, pickles and copies.

    >>> import pickle
    >>> one = pickle.loads(pickle.dumps(ReadOnly({"h": 1})))
    >>> one["h"], "c" in one, one == {"h": 1}
    (1, False, True)
    """

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, V]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> V:
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def get(self, key: str, default: Any = None) -> Any:
        # Mapping's own expects KeyError, and Table raises UnknownQuantity.
        return self._values.get(key, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


def quantity_tex(name: str) -> str:
    """The letter of a quantity.

    >>> print(quantity_tex("heat[h]"))
    \\dot Q_{h}
    """
    kind, _, rest = name.partition("[")
    index = f"_{{{tex_label(rest[:-1])}}}" if rest else ""
    letters = {"heat": r"\dot Q", "current": "I", "power": "P", "entropy_production": r"\dot\Sigma"}
    return letters[kind] + index
