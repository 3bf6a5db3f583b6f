"""e^{tL} of larger blocks, factor by factor of their characteristic polynomials.

In Hermitian coordinates a generator is real, and e^{tM} v is the sum over the modes w of v
(``exact.modes``). With N the nilpotent f(M) on w,

    f = x - a:            e^{at} sum_j t^j/j! N^j w,
    f = (x - m)^2 - S:    e^{mt} sum_j (C^(j)(S) + (M - m) H^(j)(S)) N^j w/j!,

where C(S) = cosh(t sqrt(S)), H(S) = sinh(t sqrt(S))/sqrt(S) and (j) is the derivative in S: on w
(M - m)^2 = S + N, and C and H are entire functions of S. A factor of higher degree is outside
closed form only where the initial state excites it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy
from sympy import Expr, Symbol

from symtherm.errors import OutsideClosedForm
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.complex import Pair, add
from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.modes import Mode, Vector, apply, combine, modes, reachable
from symtherm.exact.roots import polynomial_root
from symtherm.exact.writer import readable
from symtherm.quantum.superoperator import coordinates

__all__ = ["from_hermitian", "has_real_spectrum", "hermitian_matrix", "transient"]

# A function of time and the vector it multiplies.
Terms = list[tuple[Expr, Vector]]


def hermitian_matrix(
    space: Alphabet, dim: int, entries: Mapping[tuple[int, int], Pair], kept: set[int]
) -> SparseMatrix:
    """The real matrix, in Hermitian coordinates, of the part of a superoperator on ``kept``.

    ``entries`` are column-stacked. Raises OutsideClosedForm for a map that does not keep Hermitian
    matrices Hermitian. With rho_kl = x + iy, the row of rho_ij has C_kl + C_lk at x and
    i (C_kl - C_lk) at y.
    """
    numbers = {c: k for k, c in enumerate(coordinates(dim))}
    total: dict[tuple[int, int], Fraction] = {}
    for (row, column), (re, im) in entries.items():
        if row not in kept:
            continue
        (j, i), (q, p) = divmod(row, dim), divmod(column, dim)
        mirror = entries.get((j + dim * i, q + dim * p))
        if mirror is None or mirror[0] != re or mirror[1] != -im:
            raise OutsideClosedForm(
                "e^(tL)",
                found=f"the entry {row, column} of a map that does not keep states Hermitian",
                advice="give a generator",
            )
        if i > j:
            continue
        low, high = min(p, q), max(p, q)
        sign = 1 if p < q else -1
        # The real and imaginary part of the coefficient of x, and of that of y.
        parts = [("re" if p != q else "", re, im)]
        if p != q:
            parts.append(("im", -im * sign, re * sign))
        for part, first, second in parts:
            place = numbers[low, high, part]
            for target, value in (("re" if i < j else "", first), ("im", second)):
                if value and (target != "im" or i < j):
                    key = (numbers[i, j, target], place)
                    total[key] = total[key] + value if key in total else value
    return SparseMatrix(space.base, dim * dim, {k: v for k, v in total.items() if v})


def transient(
    space: Alphabet, matrix: SparseMatrix, vector: Vector, t: Symbol
) -> list[tuple[Expr, Vector]]:
    """e^{tM} v as functions of t and the exact vectors they multiply.

    Raises OutsideClosedForm where v excites an irreducible factor of degree above two, or a
    quadratic one whose discriminant has no decided sign.
    """
    found: Terms = []
    left = dict(vector)
    blocks: list[list[int]] = []
    while left:
        # Coordinates that meet nowhere have modes of their own.
        block = reachable(matrix, {next(iter(left))})
        touching = [b for b in blocks if set(b) & set(block)]
        blocks = [b for b in blocks if b not in touching]
        blocks.append(sorted(set(block).union(*touching)))
        left = {k: v for k, v in left.items() if not any(k in b for b in blocks)}
    for block in blocks:
        place = {k: n for n, k in enumerate(block)}
        own = matrix.block(block)
        start = {place[k]: v for k, v in vector.items() if k in place}
        for mode in modes(own, {0: start})[0]:
            for function, part in _terms(space, own, mode, t):
                found.append((function, {block[k]: v for k, v in part.items()}))
    return found


def _terms(space: Alphabet, matrix: SparseMatrix, mode: Mode, t: Symbol) -> Terms:
    degree = len(mode.factor) - 1
    if degree > 2:
        raise OutsideClosedForm(
            "e^(tL)",
            found=f"an irreducible factor of degree {degree} of the characteristic polynomial",
            advice="use the numeric integration, or steady_state for the limit",
        )
    if degree == 1:
        lead = sympy.exp(readable(space, -mode.factor[0]) * t)
        return [(lead * t**j, _over(v, j)) for j, v in enumerate(mode.vectors)]
    half = mode.factor[1] / -2
    square = half * half - mode.factor[0]
    lead = sympy.exp(readable(space, half) * t)
    S = Symbol("S", positive=True)
    sign, even, odd, root = _functions(space, matrix, square, t, S)
    found: Terms = []
    for j, v in enumerate(mode.vectors):
        turned = combine(apply(matrix, v), v, -half)
        # S stands for the modulus of the discriminant: d/dS of the theorem is sign d/dS.
        for function, part in ((even, v), (odd, turned)):
            value = sympy.diff(function, S, j).subs(S, root**2) if j else function.subs(S, root**2)
            found.append((lead * value, _over({k: x * sign**j for k, x in part.items()}, j)))
    return found


def has_real_spectrum(space: Alphabet, matrix: SparseMatrix) -> bool:
    """Whether all eigenvalues are proved real, because detailed balance symmetrises the matrix.

    The eigenvalues are those of the strongly connected parts. If in a part M_ij M_ji > 0 and
    positive D exist with D_i M_ij = D_j M_ji, then D^(1/2) M D^(-1/2) is symmetric (Kolmogorov's
    condition: any chain or tree of levels, and any network with one temperature). D spreads from
    one coordinate along a tree; the other pairs are decided in normal form.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> a, b = parameters("a b")
    >>> A = alphabet([a, b])
    >>> up, down = A.fraction(a), A.fraction(b)
    >>> chain = {(0, 1): down, (1, 0): up, (1, 2): up, (2, 1): down}
    >>> has_real_spectrum(A, SparseMatrix(A.base, 3, chain))
    True
    >>> has_real_spectrum(A, SparseMatrix(A.base, 3, chain | {(2, 0): up, (0, 2): down}))
    False
    """
    M = matrix.entries
    onward = [set(reachable(matrix, {i})) for i in range(matrix.size)]
    inside = [(i, j) for i, j in M if i != j and i in onward[j] and j in onward[i]]
    for i, j in inside:
        signs = [space.fraction_sign(M[k]) if k in M else 0 for k in ((i, j), (j, i))]
        if signs not in ([1, 1], [-1, -1]):
            return False
    weights: Vector = {}
    for root in range(matrix.size):
        if root in weights:
            continue
        weights[root], new = Fraction.of(matrix.base, 1), [root]
        while new:
            i = new.pop()
            for j in [c for r, c in inside if r == i and c not in weights]:
                weights[j] = weights[i] * M[i, j] / M[j, i]
                new.append(j)
    return all(weights[i] * M[i, j] == weights[j] * M[j, i] for i, j in inside)


def _over(vector: Vector, j: int) -> Vector:
    return {k: v / int(sympy.factorial(j)) for k, v in vector.items()}


def _functions(
    space: Alphabet, matrix: SparseMatrix, square: Fraction, t: Symbol, S: Symbol
) -> tuple[int, Expr, Expr, Expr]:
    """The sign of the discriminant, C and H as functions of its modulus S, and sqrt(S)."""
    parts = [polynomial_root(p) for p in ((-square).num, square.den)]
    exact = None
    if all(p is not None for p in parts):
        exact = readable(space, Fraction(space.base, *parts))
    sign = -1 if exact is not None else space.fraction_sign(square)
    if sign is None and has_real_spectrum(space, matrix):
        sign = 1
    s = sympy.sqrt(S)
    if sign == -1:
        root = exact if exact is not None else sympy.sqrt(readable(space, -square))
        return -1, sympy.cos(s * t), sympy.sin(s * t) / s, root
    if sign == 1:
        return 1, sympy.cosh(s * t), sympy.sinh(s * t) / s, sympy.sqrt(readable(space, square))
    raise OutsideClosedForm(
        "e^(tL)",
        found=f"the discriminant {readable(space, square)}, whose sign is not declared",
        advice="declare it, or minus it, with positive=[...]",
    )


def from_hermitian(
    space: Alphabet, dim: int, terms: Sequence[tuple[Expr, Vector]]
) -> dict[tuple[int, int], Expr]:
    """The matrix entries of a sum of functions times vectors in Hermitian coordinates."""
    names = coordinates(dim)
    zero = Fraction.of(space.base, 0)
    # Equal functions, of several blocks, are one.
    collected: dict[Expr, dict[tuple[int, int], Pair]] = {}
    for function, vector in terms:
        own = collected.setdefault(function, {})
        for k, v in vector.items():
            i, j, part = names[k]
            value = (zero, v) if part == "im" else (v, zero)
            own[i, j] = add(own[i, j], value) if (i, j) in own else value
            if i != j:
                other = (value[0], -value[1])
                own[j, i] = add(own[j, i], other) if (j, i) in own else other
    total: dict[tuple[int, int], Expr] = {}
    for function, entries in collected.items():
        for key, (re, im) in entries.items():
            value = readable(space, re) + sympy.I * readable(space, im)
            total[key] = total.get(key, sympy.Integer(0)) + value * function
    return {k: v for k, v in sorted(total.items()) if v != 0}
