"""Standard operators with QuTiP's names and conventions.

|e> = basis(2, 0), |g> = basis(2, 1), so sigmaz = diag(1, -1) and sigmam = |g><e| lowers the energy
of H = (omega/2) sigmaz.
"""

from __future__ import annotations

import sympy

from symtherm.quantum.operator import Operator, ket
from symtherm.quantum.space import HilbertSpace, numbered

__all__ = [
    "basis",
    "create",
    "destroy",
    "num",
    "qeye",
    "qubit_space",
    "sigmam",
    "sigmap",
    "sigmax",
    "sigmay",
    "sigmaz",
    "swap",
]


def qubit_space(name: str = "qubit") -> HilbertSpace:
    """A two-level space with levels e (first) and g."""
    return HilbertSpace(name, levels="eg")


def basis(dimension: int, n: int = 0) -> Operator:
    """The ket |n> of a numbered space.

    >>> print(basis(3, 1))
    |1>
    """
    return ket(numbered(dimension), str(n))


def qeye(dimension: int | HilbertSpace) -> Operator:
    """The identity."""
    space = dimension if isinstance(dimension, HilbertSpace) else numbered(dimension)
    return Operator.of(space, {(i, i): sympy.Integer(1) for i in range(space.dim)})


def _qubit(entries: dict[tuple[int, int], sympy.Expr]) -> Operator:
    return Operator.of(qubit_space(), entries)


def sigmax() -> Operator:
    """|e><g| + |g><e|."""
    return _qubit({(0, 1): sympy.Integer(1), (1, 0): sympy.Integer(1)})


def sigmay() -> Operator:
    """-i|e><g| + i|g><e|."""
    return _qubit({(0, 1): -sympy.I, (1, 0): sympy.I})


def sigmaz() -> Operator:
    """|e><e| - |g><g|."""
    return _qubit({(0, 0): sympy.Integer(1), (1, 1): sympy.Integer(-1)})


def sigmap() -> Operator:
    """|e><g|."""
    return _qubit({(0, 1): sympy.Integer(1)})


def sigmam() -> Operator:
    """|g><e|.

    >>> print(sigmam())
    |g><e|
    """
    return _qubit({(1, 0): sympy.Integer(1)})


def destroy(dimension: int) -> Operator:
    """The annihilation operator on the Fock states |0>, ..., |dimension - 1>.

    >>> destroy(3)[1, 2]
    sqrt(2)
    """
    space = numbered(dimension)
    return Operator.of(space, {(n - 1, n): sympy.sqrt(n) for n in range(1, dimension)})


def create(dimension: int) -> Operator:
    """The creation operator, adjoint of :func:`destroy`."""
    return destroy(dimension).dag()


def num(dimension: int) -> Operator:
    """The number operator diag(0, 1, ..., dimension - 1)."""
    space = numbered(dimension)
    return Operator.of(space, {(n, n): sympy.Integer(n) for n in range(dimension)})


def swap(space: HilbertSpace) -> Operator:
    """|b a><a b| on two copies of a space: it exchanges their states.

    cos(theta) - i sin(theta) swap is the partial swap exp(-i theta swap), because swap^2 = 1.

    >>> print(swap(qubit_space())[1, 2])
    1
    """
    d, one = space.dim, sympy.Integer(1)
    places = {(b * d + a, a * d + b): one for a in range(d) for b in range(d)}
    return Operator.of(space * space, places)
