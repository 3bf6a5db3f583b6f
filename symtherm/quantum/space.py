"""Finite Hilbert spaces with named levels, and their tensor products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from symtherm.errors import DimensionMismatch, UnknownQuantity

if TYPE_CHECKING:
    from symtherm.quantum.operator import Operator

__all__ = ["SCALARS", "HilbertSpace", "numbered"]


@dataclass(frozen=True, slots=True, init=False)
class HilbertSpace:
    """A space with labelled basis states.

    ``levels`` is a string of one-letter labels, a sequence of labels, or the dimension. A tensor
    product has its ``factors``; its labels are the factors' labels side by side.

    >>> atom = HilbertSpace("atom", levels="glu")
    >>> atom.dim, atom.levels
    (3, ('g', 'l', 'u'))
    >>> (HilbertSpace("a", "eg") * HilbertSpace("b", "eg")).levels
    ('ee', 'eg', 'ge', 'gg')

    Raises DimensionMismatch for no level at all or a label used twice.
    """

    name: str
    levels: tuple[str, ...]
    factors: tuple[HilbertSpace, ...]

    def __init__(
        self,
        name: str,
        levels: str | Sequence[str] | int,
        factors: tuple[HilbertSpace, ...] = (),
    ) -> None:
        labels = tuple(map(str, range(levels) if isinstance(levels, int) else levels))
        if not labels or len(set(labels)) != len(labels):
            raise DimensionMismatch(
                f"The levels of {name!r}", found=f"{labels}", advice="give distinct labels"
            )
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "levels", labels)
        object.__setattr__(self, "factors", factors)

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

    def __mul__(self, other: HilbertSpace) -> HilbertSpace:
        parts = (*self.parts, *other.parts)
        separator = "" if all(len(label) == 1 for p in parts for label in p.levels) else ","
        labels = tuple(separator.join(c) for c in product(*(p.levels for p in parts)))
        return HilbertSpace("⊗".join(p.name for p in parts), labels, parts)

    def index(self, label: str) -> int:
        """The position of a level; raises UnknownQuantity naming the levels there are."""
        if label not in self.levels:
            raise UnknownQuantity(
                f"The level {label!r} of {self.name}", found=f"levels {', '.join(self.levels)}"
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
    """A space whose levels are called 0, 1, ..., dim - 1."""
    return HilbertSpace(f"C{dim}", dim)


SCALARS = HilbertSpace("C", ("",))
