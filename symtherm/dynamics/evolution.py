"""e^{tL} in closed form, where eigenvalues are at most quadratic, and functions of it.

The column-stacked generator falls into connected blocks. A block [m] gives e^{mt}. A 2 x 2 block M
with mean m = Tr M/2 and s^2 = m^2 - det M gives, by Cayley and Hamilton, (M - m)^2 = s^2 and
e^{Mt} = e^{mt} (cosh(st) + (M - m) sinh(st)/s). Larger blocks go to ``dynamics.transients``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.naming import lettered
from symtherm.dynamics.transients import from_hermitian, hermitian_matrix, transient
from symtherm.errors import DimensionMismatch, OutsideClosedForm
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.complex import conjugate, pair
from symtherm.exact.decide import is_zero
from symtherm.exact.fraction import Fraction
from symtherm.exact.roots import polynomial_root
from symtherm.exact.writer import readable
from symtherm.quantum.eigen import short
from symtherm.quantum.operator import Operator
from symtherm.quantum.superoperator import Superoperator, coordinates

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

    Raises OutsideClosedForm for a block of L whose characteristic polynomial has an irreducible
    factor of degree above two, and for a quadratic factor whose discriminant s^2 is neither a
    square nor of a declared sign. The form holds for generic parameters: where eigenvalues coincide
    only at special values, put these into the generator.

    >>> from symtherm import gkls, parameters, sigmam, sigmaz
    >>> omega, gamma, t = parameters("omega gamma t")
    >>> propagator(gkls(omega / 2 * sigmaz(), [(sigmam(), gamma)]), t)[0, 0]
    exp(-gamma*t)
    """

    def whole(generator: Generator | Superoperator) -> dict[tuple[int, int], Expr]:
        sup, positive, entries = _entries(generator, t)
        blocks = _components(entries, sup.dim**2)
        return dict(_flow(sup.dim, positive, entries, blocks, t).entries)

    sup = generator.superoperator() if isinstance(generator, Generator) else generator
    return Superoperator(sup.dim, _lettered(whole, generator, sympy.S(t).free_symbols))


def _lettered(
    solve: Callable[[Generator | Superoperator], dict[tuple[int, int], Expr]],
    generator: Generator | Superoperator,
    taken: set[Any],
) -> dict[tuple[int, int], Expr]:
    """What ``solve`` finds, if need be in one rate and one occupation for each thermal pair.

    With free letters a characteristic polynomial factors without the roots that they stand for.
    e^{tL} is entire in the letters, so that a form which holds for free letters holds for their
    meaning wherever no denominator vanishes there; this is decided.
    """
    try:
        return solve(generator)
    except OutsideClosedForm:
        if not isinstance(generator, Generator):
            raise
        named, letters = lettered(generator, "relaxation", False)
        if not letters or {x.symbol.name for x in letters} & {x.name for x in taken}:
            raise
        meaning = {x.symbol: x.explicit for x in letters}
        with suppress(OutsideClosedForm):
            found = solve(named)
            bases = {
                node.base
                for value in found.values()
                for node in sympy.preorder_traversal(value)
                if node.is_Pow and node.exp.could_extract_minus_sign()
            }
            positive = generator.positive
            if all(is_zero(b.xreplace(meaning), positive=positive) is False for b in bases):
                return {key: value.xreplace(meaning) for key, value in found.items()}
        raise


def _flow(
    dim: int,
    positive: Sequence[Expr],
    entries: Mapping[tuple[int, int], Expr],
    blocks: Sequence[list[int]],
    t: Symbol,
) -> Superoperator:
    """The part of e^{tL} on some blocks, with each its transpose."""
    found: dict[tuple[int, int], Expr] = {}
    large: set[int] = set()
    for block in blocks:
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
            large.update(block)
    if large:
        space = alphabet(entries.values(), positive=positive)
        found |= _large(space, dim, entries, large, t)
    return Superoperator(dim, dict(sorted(found.items())))


def _entries(
    generator: Generator | Superoperator, t: Symbol
) -> tuple[Superoperator, Sequence[Expr], dict[tuple[int, int], Expr]]:
    """The superoperator, what is declared positive, and the entries that are not zero."""
    positive: Sequence[Expr] = ()
    if isinstance(generator, Generator):
        sup, positive = generator.superoperator(), generator.positive
    else:
        sup = generator
    entries = {k: v for k, v in sup.entries.items() if is_zero(v) is not True}
    moving = [v for v in entries.values() if v.free_symbols & sympy.S(t).free_symbols]
    if moving:
        raise OutsideClosedForm(
            "e^(tL)",
            found=f"the entry {moving[0]} of L, which depends on {t} itself",
            advice="take another symbol for the time, or for a generator that changes in time "
            "the numeric integration",
        )
    return sup, positive, entries


def _large(
    space: Alphabet,
    dim: int,
    entries: Mapping[tuple[int, int], Expr],
    block: set[int],
    t: Symbol,
) -> dict[tuple[int, int], Expr]:
    """The columns of e^{tL} for the stacked entries of rho in ``block``.

    |k><l| = X + iY with the Hermitian X = (|k><l| + |l><k|)/2 and Y = -i(|k><l| - |l><k|)/2.
    """
    pairs = {k: pair(space, v) for k, v in entries.items()}
    matrix = hermitian_matrix(space, dim, pairs, block)
    found: dict[tuple[int, int], Expr] = {}
    for number, (i, j, part) in enumerate(coordinates(dim)):
        if i + dim * j not in block:
            continue
        unit = {number: Fraction.of(space.base, 1)}
        image = from_hermitian(space, dim, transient(space, matrix, unit, t))
        weights = {(i, j): sympy.Integer(1)}
        if part:
            half = sympy.Rational(1, 2)
            # The coordinate "im" is the matrix i|i><j| - i|j><i| = -2Y of |i><j| = X + iY.
            weight = half if part == "re" else -sympy.I * half
            weights = {(i, j): weight, (j, i): weight if part == "re" else -weight}
        for (k, n), weight in weights.items():
            for (a, b), value in image.items():
                key = (a + dim * b, k + dim * n)
                found[key] = found.get(key, sympy.Integer(0)) + weight * value
    return {k: v for k, v in found.items() if v != 0}


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
    """rho(t) = e^{tL} rho in closed form.

    Raises as :func:`propagator`, for the factors that rho excites: |ee> may decay in closed form
    where an arbitrary state does not.

    >>> from symtherm import HilbertSpace, gkls, ket2dm, parameters
    >>> g1, g2, t = parameters("gamma_1 gamma_2 t")
    >>> a, b, c = HilbertSpace("atom", levels="abc").kets
    >>> cascade = gkls(0 * a * a.dag(), [(b * c.dag(), g2), (a * b.dag(), g1)])
    >>> evolve(cascade, ket2dm(c), t)[1, 1]
    gamma_2*exp(-gamma_2*t)/(gamma_1 - gamma_2) - gamma_2*exp(-gamma_1*t)/(gamma_1 - gamma_2)
    """

    def moved(generator: Generator | Superoperator) -> dict[tuple[int, int], Expr]:
        return dict(_evolved(generator, rho, t).entries)

    taken = rho.free_symbols | sympy.S(t).free_symbols
    return Operator.of(rho.space, _lettered(moved, generator, taken))


def _evolved(generator: Generator | Superoperator, rho: Operator, t: Symbol) -> Operator:
    """The state in the letters of the generator given."""
    sup, positive, entries = _entries(generator, t)
    dim = sup.dim
    if rho.space.dim != dim:
        raise DimensionMismatch(
            "A state that evolves",
            found=f"{rho.space.dim} levels under a generator on {dim}",
            advice="give a state on the generator's space",
        )
    given = {i + dim * j: v for (i, j), v in rho.entries.items()}
    met = {*given, *(j + dim * i for i, j in rho.entries)}
    blocks = [b for b in _components(entries, dim * dim) if not met.isdisjoint(b)]
    if max(map(len, blocks), default=1) <= 2:
        return apply_superoperator(_flow(dim, positive, entries, blocks, t), rho)
    space = alphabet([*entries.values(), *given.values()], positive=positive)
    values = {k: pair(space, v) for k, v in given.items()}
    zero = Fraction.of(space.base, 0)
    vector: dict[int, Fraction] = {}
    for number, (i, j, part) in enumerate(coordinates(dim)):
        value, mirror = (values.get(k, (zero, zero)) for k in (i + dim * j, j + dim * i))
        if value != conjugate(mirror):
            # Not Hermitian, but the map is linear.
            return apply_superoperator(_flow(dim, positive, entries, blocks, t), rho)
        coordinate = value[1 if part == "im" else 0]
        if coordinate:
            vector[number] = coordinate
    kept = {k for block in blocks for k in block}
    pairs = {k: pair(space, v) for k, v in entries.items() if k[0] in kept}
    matrix = hermitian_matrix(space, dim, pairs, kept)
    found = from_hermitian(space, dim, transient(space, matrix, vector, t))
    return Operator.of(rho.space, found)
