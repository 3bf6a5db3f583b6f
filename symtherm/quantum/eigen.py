"""Exact eigenvalues and orthonormal eigenvectors of a Hermitian operator, block by block.

A 2 x 2 block [[a, b], [b*, d]] with m = (a + d)/2, delta = (a - d)/2, R = sqrt(delta^2 + |b|^2)
has the energies m + R, m - R and, with c = cos(theta/2) = sqrt((R + delta)/(2R)), s = b*/(2 R c),
the eigenvectors (c, s) and (-s*, c), where tan(theta) = |b|/delta. Larger blocks are solved when
their characteristic polynomial factors into linear and quadratic factors over the parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.errors import OutsideClosedForm
from symtherm.exact.alphabet import alphabet
from symtherm.exact.bareiss import null_space
from symtherm.exact.basis import coordinates
from symtherm.exact.complex import pair
from symtherm.exact.fraction import Fraction, split
from symtherm.exact.letters import Alphabet, is_complex
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.writer import readable
from symtherm.quantum.operator import Operator

__all__ = [
    "Eigenstate",
    "connected_blocks",
    "eigenstates",
    "exponential_letters",
    "in_exponentials",
    "short",
]

HALF = sympy.Rational(1, 2)


@dataclass(frozen=True, slots=True)
class Eigenstate:
    """``energy`` and the components of the normalised vector by level number."""

    label: str
    energy: Expr
    vector: tuple[tuple[int, Expr], ...]


def short(expr: Expr) -> Expr:
    """An expression in normal form, written short; real and imaginary parts apart."""
    if expr.is_Rational or expr.is_Symbol:
        return expr
    space = alphabet([expr])
    re, im = pair(space, expr)
    result = readable(space, re)
    return result + sympy.I * readable(space, im) if im else result


def in_exponentials(expr: Expr) -> Expr:
    """An expression in normal form, in plain exponentials instead of occupations.

    Occupations 1/(e^x - 1) have poles; sums of exponentials, such as partition functions, show that
    they have none. Of two levels the excited population 1/(e^x + 1) is the shorter letter.

    >>> from symtherm import parameters
    >>> x, y = parameters("x y")
    >>> in_exponentials(1 / (1 + sympy.exp(-x) + sympy.exp(-y)))
    exp(x)*exp(y)/((exp(y) + 1)*exp(x) + exp(y))
    """
    space = alphabet([expr])
    charts = [a.chart for a in space.atoms if a.chart]
    if charts in ([], ["fermi"]):
        return short(expr)
    plain, named = exponential_letters(expr)
    return short(plain).xreplace(named)


def exponential_letters(expr: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """The expression with a positive symbol for each independent exponential, and their meaning.

    Phases stay as they are.

    >>> from symtherm import parameters
    >>> x = parameters("x")
    >>> plain, named = exponential_letters(sympy.exp(x) + sympy.exp(-2 * x))
    >>> len(named), plain.xreplace(named)
    (1, exp(x) + exp(-2*x))
    """
    space = alphabet([expr])
    basis = [space.poly_expr(e.num) / space.poly_expr(e.den) for e in space.exponents]
    letters = [sympy.Dummy(f"y{k}", positive=True) for k in range(len(basis))]
    table: dict[Expr, Expr] = {}
    for e in expr.atoms(sympy.exp):
        found = None
        if not e.args[0].has(sympy.I):
            found = coordinates(space.exponents, space.exponent(e.args[0]))
        if found is not None:
            powers = zip(letters, found, strict=True)
            table[e] = sympy.Mul(*(y ** int(k) for y, k in powers))
    return expr.xreplace(table), dict(zip(letters, map(sympy.exp, basis), strict=True))


def _bar(expr: Expr) -> Expr:
    return sympy.conjugate(expr) if expr.has(sympy.I) or is_complex(expr) else expr


def connected_blocks(operator: Operator) -> list[list[int]]:
    """The sets of levels that the entries of an operator connect, each in ascending order.

    >>> from symtherm import Operator, HilbertSpace
    >>> connected_blocks(Operator.of(HilbertSpace("n", 3), {(0, 2): sympy.Integer(1)}))
    [[0, 2], [1]]
    """
    groups: list[set[int]] = [{i} for i in range(operator.space.dim)]
    for i, j, _ in operator.data:
        touched = [g for g in groups if i in g or j in g]
        if len(touched) > 1:
            groups = [g for g in groups if g not in touched] + [set().union(*touched)]
    return sorted(sorted(g) for g in groups)


def eigenstates(operator: Operator) -> tuple[Eigenstate, ...]:
    """All eigenstates, in the order of the levels they come from (upper before lower in a block).

    A level that nothing couples keeps its label; the two states of a single coupled block are
    called + and -, those of several +1, -1, +2, ...; larger blocks are numbered.
    Raises OutsideClosedForm for a block whose characteristic polynomial does not factor into
    quadratics, and UndeclaredSign when a square root needs a sign that is not declared.

    >>> from symtherm.exact.alphabet import parameters
    >>> from symtherm.quantum.standard import sigmax, sigmaz
    >>> delta, g = parameters("delta g")
    >>> [str(s.energy) for s in eigenstates(delta * sigmaz() + g * sigmax())]
    ['sqrt(delta**2 + g**2)', '-sqrt(delta**2 + g**2)']
    """
    found: list[Eigenstate] = []
    blocks = connected_blocks(operator)
    mixed = [b for b in blocks if len(b) > 1]
    for block in blocks:
        if len(block) == 1:
            (i,) = block
            one = ((i, sympy.Integer(1)),)
            found.append(Eigenstate(operator.space.levels[i], operator[i, i], one))
            continue
        suffix = "" if len(mixed) == 1 else str(mixed.index(block) + 1)
        found += (
            _pair(operator, block, suffix) if len(block) == 2 else _larger(operator, block, suffix)
        )
    return tuple(found)


def _root_of(radicand: Expr) -> Expr:
    """sqrt(radicand) with integer coefficients under the root: sqrt(Delta^2 + 4 g^2)/2."""
    below = sympy.Integer(sympy.fraction(sympy.together(radicand))[1].as_coeff_Mul()[0])
    scale = sympy.Integer(1)
    for prime, power in sympy.factorint(below).items():
        scale *= prime ** ((power + 1) // 2)
    return sympy.sqrt(short(scale**2 * radicand)) / scale if scale != 1 else sympy.sqrt(radicand)


def _pair(operator: Operator, block: Sequence[int], suffix: str) -> list[Eigenstate]:
    i, j = block
    a, d, b = operator[i, i], operator[j, j], operator[i, j]
    mean, delta = short((a + d) / 2), short((a - d) / 2)
    R = _root_of(short(delta**2 + b * _bar(b)))
    c = sympy.sqrt(short((R + delta) / (2 * R)))
    s = short(_bar(b) / (2 * R * c))
    minus = -_bar(s)
    return [
        Eigenstate("+" + suffix, mean + R, ((i, c), (j, s))),
        Eigenstate("-" + suffix, mean - R, ((i, minus), (j, c))),
    ]


def _larger(operator: Operator, block: Sequence[int], suffix: str) -> list[Eigenstate]:
    n = len(block)
    place = {old: new for new, old in enumerate(block)}
    inside = {(place[i], place[j]): v for i, j, v in operator.data if i in place and j in place}
    if any(v.has(sympy.I) for v in inside.values()):
        raise OutsideClosedForm(
            f"The eigenvectors of a block of {n} levels", found="complex matrix elements"
        )
    states: list[Eigenstate] = []
    for energy in _eigenvalues(inside, n):
        for vector in _orthonormal(inside, n, energy):
            label = f"{len(states) + 1}{'abcdefgh'[int(suffix) - 1] if suffix else ''}"
            states.append(
                Eigenstate(label, energy, tuple((block[k], v) for k, v in sorted(vector.items())))
            )
    return states


def _eigenvalues(entries: dict[tuple[int, int], Expr], n: int) -> list[Expr]:
    """The distinct roots of det(x - M), from its linear and quadratic factors.

    The characteristic polynomial comes from Faddeev and LeVerrier's recursion
    M_k = M (M_(k-1) + c_(k-1)), c_k = -Tr(M_k)/k.
    """
    x = sympy.Dummy("x", real=True)
    space = alphabet([*entries.values(), x])
    zero = Fraction.of(space.base, 0)
    matrix = {k: space.fraction(v) for k, v in entries.items()}
    power: dict[tuple[int, int], Fraction] = dict(matrix)
    unknown = space.fraction(x)
    polynomial = unknown**n
    for k in range(1, n + 1):
        if k > 1:
            power = _product(matrix, power, zero)
        coefficient = -sum((power.get((i, i), zero) for i in range(n)), zero) / k
        polynomial = polynomial + coefficient * unknown ** (n - k)
        for i in range(n):
            power[i, i] = power.get((i, i), zero) + coefficient
    index = next(i for i, a in enumerate(space.atoms) if a.expr == x)
    roots: list[Expr] = []
    for p, _ in polynomial.num.factor()[1]:
        parts = split(space.base, p, index)
        if len(parts) == 1:
            continue
        low = [readable(space, Fraction.of(space.base, c)) for c in parts]
        if len(parts) == 2:
            roots.append(short(-low[0] / low[1]))
        elif len(parts) == 3:
            root = sympy.sqrt(short(low[1] ** 2 - 4 * low[0] * low[2]))
            roots += [short((-low[1] + s * root) / (2 * low[2])) for s in (1, -1)]
        else:
            raise OutsideClosedForm(
                f"The eigenvalues of a block of {n} levels",
                found=f"an irreducible factor of degree {len(parts) - 1} in its characteristic "
                "polynomial",
                advice="use its symmetries to make the blocks smaller, or set parameters equal",
            )
    return roots


def _product(
    a: dict[tuple[int, int], Fraction], b: dict[tuple[int, int], Fraction], zero: Fraction
) -> dict[tuple[int, int], Fraction]:
    total: dict[tuple[int, int], Fraction] = {}
    for (i, k), v in a.items():
        for (m, j), w in b.items():
            if k == m:
                total[i, j] = total.get((i, j), zero) + v * w
    return total


def _orthonormal(
    entries: dict[tuple[int, int], Expr], n: int, energy: Expr
) -> list[dict[int, Expr]]:
    """Orthonormal vectors of the eigenspace (Gram and Schmidt, norms as square roots)."""
    shifted = dict(entries)
    for i in range(n):
        shifted[i, i] = shifted.get((i, i), sympy.Integer(0)) - energy
    space: Alphabet = alphabet(shifted.values())
    matrix = {k: space.fraction(v) for k, v in shifted.items()}
    zero = Fraction.of(space.base, 0)
    basis: list[dict[int, Fraction]] = []
    result: list[dict[int, Expr]] = []
    for raw in null_space(SparseMatrix(space.base, n, {k: v for k, v in matrix.items() if v})):
        vector: dict[int, Any] = dict(raw)
        for earlier in basis:
            overlap = sum((v * earlier.get(k, zero) for k, v in vector.items()), zero)
            weight = overlap / sum((v * v for v in earlier.values()), zero)
            for k, v in earlier.items():
                vector[k] = vector.get(k, zero) - weight * v
        vector = {k: v for k, v in vector.items() if v}
        basis.append(vector)
        norm = sympy.sqrt(readable(space, sum((v * v for v in vector.values()), zero)))
        result.append({k: short(readable(space, v) / norm) for k, v in vector.items()})
    return result
