"""Finite Hilbert spaces with named levels, and their tensor products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from operator import index as whole
from typing import TYPE_CHECKING

from symtherm.errors import (
    DimensionMismatch,
    UnknownQuantity,
    WrongArgument,
    choices,
    kind_of,
    require,
)
from symtherm.exact.show import shortened

if TYPE_CHECKING:
    from symtherm.quantum.operator import Operator

__all__ = ["SCALARS", "HilbertSpace", "numbered"]


@dataclass(frozen=True, slots=True, init=False)
class HilbertSpace:
    """A space with labelled basis states.

    ``levels`` is a string of one-letter labels, a sequence of labels, or the dimension. A tensor
    product has its ``factors``; its labels are the factors' labels side by side. ``eigenbasis``
    marks the eigenstates of a Hamiltonian, whose operators are no operators on the levels.

    >>> atom = HilbertSpace("atom", levels="glu")
    >>> atom.dim, atom.levels
    (3, ('g', 'l', 'u'))
    >>> (HilbertSpace("a", "eg") * HilbertSpace("b", "eg")).levels
    ('ee', 'eg', 'ge', 'gg')

    Raises DimensionMismatch for no level at all or a label used twice, and WrongArgument for a
    name that is no text or levels that are neither labels nor a number.
    """

    name: str
    levels: tuple[str, ...]
    factors: tuple[HilbertSpace, ...]
    eigenbasis: bool

    def __init__(
        self,
        name: str,
        levels: str | Sequence[str] | int,
        factors: tuple[HilbertSpace, ...] = (),
        *,
        eigenbasis: bool = False,
    ) -> None:
        require(name, str, "The name of a space is text", 'write HilbertSpace("atom", levels="gu")')
        if not isinstance(levels, (str, Iterable)) and not hasattr(levels, "__index__"):
            raise WrongArgument(
                f"The levels of {name!r}",
                found=kind_of(levels),
                advice='give labels, such as "eg", or a whole number',
            )
        labels = tuple(map(str, levels if isinstance(levels, Iterable) else range(whole(levels))))
        if not labels:
            raise DimensionMismatch(
                f"The levels of {name!r}", found="none", advice="give at least one level"
            )
        if len(set(labels)) != len(labels):
            raise DimensionMismatch(
                f"The levels of {name!r}", found=f"{labels}", advice="give distinct labels"
            )
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "levels", labels)
        object.__setattr__(self, "factors", factors)
        object.__setattr__(self, "eigenbasis", eigenbasis)

    @property
    def dim(self) -> int:
        return len(self.levels)

    @property
    def parts(self) -> tuple[HilbertSpace, ...]:
        """The factors, or the space itself when it is no product."""
        return self.factors or (self,)

    @property
    def dims(self) -> tuple[int, ...]:
        return tuple(f.dim for f in self.parts)

    def __repr__(self) -> str:
        labels = ", ".join(self.levels)
        return f"HilbertSpace({self.name!r}, dimension {self.dim}: {shortened(labels, 60)})"

    def __mul__(self, other: HilbertSpace) -> HilbertSpace:
        require(
            other,
            HilbertSpace,
            f"The product of the space {self.name} and another",
            "multiply operators with operators and spaces with spaces",
        )
        parts = (*self.parts, *other.parts)
        separator = "" if all(len(label) == 1 for p in parts for label in p.levels) else ","
        labels = tuple(separator.join(c) for c in product(*(p.levels for p in parts)))
        return HilbertSpace("⊗".join(p.name for p in parts), labels, parts)

    def index(self, label: str) -> int:
        """The position of a level; raises UnknownQuantity naming the levels there are."""
        label = str(label) if isinstance(label, int) else label
        if label not in self.levels:
            raise UnknownQuantity(
                f"The level {label!r} of {self.name}",
                found="no level of this label",
                advice=choices(label, self.levels),
            )
        return self.levels.index(label)

    @property
    def kets(self) -> tuple[Operator, ...]:
        """The basis kets, in the order of the levels."""
        from symtherm.quantum.operator import ket

        return tuple(ket(self, label) for label in self.levels)

    def ket(self, label: str) -> Operator:
        """The basis ket with this label."""
        from symtherm.quantum.operator import ket

        return ket(self, label)

    @property
    def is_numbered(self) -> bool:
        """Whether the labels are just 0, 1, 2, ... (so that other labels are more telling)."""
        return prod(self.dims) == self.dim and all(
            p.levels == tuple(map(str, range(p.dim))) for p in self.parts
        )


def numbered(dim: int) -> HilbertSpace:
    """A space whose levels are called 0, 1, ..., dim - 1.

    Raises WrongArgument for anything but a whole number, DimensionMismatch below 1.
    """
    if isinstance(dim, str) or not hasattr(dim, "__index__"):
        raise WrongArgument(
            "The dimension of a space is a whole number", found=kind_of(dim), advice="write 2"
        )
    return HilbertSpace(f"C{dim}", dim)


SCALARS = HilbertSpace("C", ("",))
