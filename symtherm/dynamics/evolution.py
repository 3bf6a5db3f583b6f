"""e^{tL} in closed form, where the blocks of L have at most two entries, and functions of it.

The column-stacked generator falls into connected blocks. A block [m] gives e^{mt}. A 2 x 2 block M
with mean m = Tr M/2 and s^2 = m^2 - det M gives, by Cayley and Hamilton, (M - m)^2 = s^2 and
e^{Mt} = e^{mt} (cosh(st) + (M - m) sinh(st)/s).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.errors import OutsideClosedForm
from symtherm.exact.alphabet import alphabet
from symtherm.exact.complex import pair
from symtherm.exact.decide import is_zero
from symtherm.exact.fraction import Fraction
from symtherm.exact.roots import polynomial_root
from symtherm.exact.writer import readable
from symtherm.quantum.eigen import short
from symtherm.quantum.operator import Operator
from symtherm.quantum.superoperator import Superoperator

__all__ = ["apply_superoperator", "compose", "evolve", "map_of", "propagator"]


def apply_superoperator(sup: Superoperator, rho: Operator) -> Operator:
    """The operator that a column-stacked superoperator makes of rho.

    >>> from symtherm import liouvillian, qeye, sigmam
    >>> print(apply_superoperator(liouvillian(None, [sigmam()]), qeye(2)))
    -|0><0| + |1><1|
    """
    d, given = sup.dim, rho.entries
    total: dict[tuple[int, int], Expr] = {}
    for (row, column), v in sup.entries.items():
        j, i = divmod(column, d)
        if (i, j) in given:
            b, a = divmod(row, d)
            total[a, b] = total.get((a, b), sympy.Integer(0)) + v * given[i, j]
    return Operator.of(rho.space, total)


def map_of(function: Any, space: Any) -> Superoperator:
    """The superoperator of a linear function of operators, from its values on |i><j|.

    >>> from symtherm import sigmax
    >>> map_of(lambda rho: sigmax() * rho * sigmax(), sigmax().space)[3, 0]
    1
    """
    d, entries = space.dim, {}
    for i in range(d):
        for j in range(d):
            unit = Operator.of(space, {(i, j): sympy.Integer(1)})
            for a, b, v in function(unit).data:
                entries[a + d * b, i + d * j] = v
    return Superoperator(d, entries)


def compose(after: Superoperator, before: Superoperator) -> Superoperator:
    """The superoperator ``after . before``."""
    total: dict[tuple[int, int], Expr] = {}
    by_row: dict[int, list[tuple[int, Expr]]] = {}
    for (k, j), v in before.entries.items():
        by_row.setdefault(k, []).append((j, v))
    for (i, k), v in after.entries.items():
        for j, w in by_row.get(k, ()):
            total[i, j] = total.get((i, j), sympy.Integer(0)) + v * w
    return Superoperator(after.dim, {k: v for k, v in sorted(total.items()) if v != 0})


def _components(entries: Mapping[tuple[int, int], Expr], size: int) -> list[list[int]]:
    parent = list(range(size))

    def find(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i, j in entries:
        parent[find(i)] = find(j)
    groups: dict[int, list[int]] = {}
    for i in range(size):
        groups.setdefault(find(i), []).append(i)
    return sorted(groups.values())


def propagator(generator: Generator | Superoperator, t: Symbol) -> Superoperator:
    """e^{tL} as a column-stacked superoperator in closed form.

    Raises OutsideClosedForm for a connected block of L with more than two entries, and for one
    whose s^2 is neither a square nor of a declared sign.

    >>> from symtherm import gkls, parameters, sigmam, sigmaz
    >>> omega, gamma, t = parameters("omega gamma t")
    >>> propagator(gkls(omega / 2 * sigmaz(), [(sigmam(), gamma)]), t)[0, 0]
    exp(-gamma*t)
    """
    positive: Sequence[Expr] = ()
    if isinstance(generator, Generator):
        sup, positive = generator.superoperator(), generator.positive
    else:
        sup = generator
    size = sup.dim**2
    entries = {k: v for k, v in sup.entries.items() if is_zero(v) is not True}
    found: dict[tuple[int, int], Expr] = {}
    for block in _components(entries, size):
        if len(block) == 1:
            (i,) = block
            found[i, i] = sympy.exp(short(entries.get((i, i), sympy.Integer(0))) * t)
        elif len(block) == 2:
            rows = [[entries.get((i, j), sympy.Integer(0)) for j in block] for i in block]
            values = _two(rows, t, positive)
            for a, i in enumerate(block):
                for b, j in enumerate(block):
                    if values[a][b] != 0:
                        found[i, j] = values[a][b]
        else:
            raise OutsideClosedForm(
                f"e^(tL) for a block of {len(block)} entries of rho",
                found=f"entries number {block} of the stacked state are coupled",
                advice="use the numeric integration, or steady_state for the limit",
            )
    return Superoperator(sup.dim, found)


def _two(rows: list[list[Expr]], t: Symbol, positive: Any) -> list[list[Expr]]:
    m = short((rows[0][0] + rows[1][1]) / 2)
    square = short((rows[0][0] - rows[1][1]) ** 2 / 4 + rows[0][1] * rows[1][0])
    space = alphabet([square], positive=positive)
    re, im = pair(space, square)
    if im:
        raise OutsideClosedForm("e^(tL)", found=f"the complex discriminant {square}")
    off = [[rows[a][b] - (m if a == b else 0) for b in range(2)] for a in range(2)]
    one = sympy.Integer(1)
    if not re:
        weights = (one, t)
    else:
        parts = [polynomial_root(p) for p in (re.num, re.den)]
        if all(p is not None for p in parts):
            s = readable(space, Fraction(space.base, *parts))
            # The spectral form: (1/2)(1 +- (M - m)/s) are the projectors of m +- s.
            return [
                [
                    sympy.Add(
                        *(
                            short(((1 if a == b else 0) + sign * off[a][b] / s) / 2)
                            * sympy.exp(short(m + sign * s) * t)
                            for sign in (1, -1)
                        )
                    )
                    for b in range(2)
                ]
                for a in range(2)
            ]
        sign = space.fraction_sign(re)
        if sign == -1:
            s = sympy.sqrt(short(-square))
            weights = (sympy.cos(s * t), sympy.sin(s * t) / s)
        elif sign == 1:
            s = sympy.sqrt(square)
            weights = (sympy.cosh(s * t), sympy.sinh(s * t) / s)
        else:
            raise OutsideClosedForm(
                "e^(tL)",
                found=f"the discriminant {square}, whose sign is not declared",
                advice="declare it with positive=[...]",
            )
    lead = sympy.exp(m * t)
    return [
        [lead * ((weights[0] if a == b else 0) + off[a][b] * weights[1]) for b in range(2)]
        for a in range(2)
    ]


def evolve(generator: Generator | Superoperator, rho: Operator, t: Symbol) -> Operator:
    """rho(t) = e^{tL} rho in closed form; raises as :func:`propagator`.

    >>> from symtherm import gkls, ket2dm, parameters, sigmam, sigmaz
    >>> gamma, t = parameters("gamma t")
    >>> L = gkls(0 * sigmaz(), [(sigmam(), gamma)])
    >>> evolve(L, ket2dm(L.space.ket("e")), t)[0, 0]
    exp(-gamma*t)
    """
    return apply_superoperator(propagator(generator, t), rho)
