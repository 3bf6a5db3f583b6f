"""Complete positivity of generators: the Kossakowski matrix and the canonical form.

Let G_0 = 1/sqrt(d), G_1, ..., G_{d^2-1} be orthonormal, Tr[G_k^+ G_l] = delta_kl, the others
traceless. Any linear map is L(rho) = sum_kl c_kl G_k rho G_l^+, and for one that keeps Hermiticity
and the trace

    L(rho) = -i[H, rho] + sum_{k,l>=1} K_kl (G_k rho G_l^+ - (1/2){G_l^+ G_k, rho})

with a unique traceless H and a unique Hermitian K, the Kossakowski matrix. e^{tL} is completely
positive for all t >= 0 iff K >= 0 (Gorini, Kossakowski and Sudarshan, J. Math. Phys. 17, 821
(1976); Lindblad, Commun. Math. Phys. 48, 119 (1976)).

K >= 0 is read off the elimination K = sum_k d_k v_k v_k^+ (rational, any size): the d_k are the
pivots, and by Sylvester's law as many of them are negative as eigenvalues of K are. Eigenvectors of
K, where they have a closed form, give the canonical jumps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.pivots import Matrix, Pivots, pivots, written
from symtherm.errors import DimensionMismatch, MissingTrait, OutsideClosedForm, UndeclaredSign
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.complex import Pair, add, conjugate, multiply, pair, scale
from symtherm.exact.decide import is_zero
from symtherm.exact.fraction import Fraction
from symtherm.exact.writer import readable
from symtherm.quantum.eigen import eigenstates, short
from symtherm.quantum.operator import Operator
from symtherm.quantum.space import HilbertSpace
from symtherm.quantum.superoperator import Superoperator

__all__ = [
    "CanonicalForm",
    "Kossakowski",
    "canonical_form",
    "is_trace_preserving",
    "kossakowski",
]


def traceless_basis(space: HilbertSpace) -> tuple[Operator, ...]:
    """The d^2 - 1 orthonormal traceless operators |i><j| (i != j) and the diagonal ones.

    The diagonal ones are (sum_{j<m} |j><j| - m |m><m|)/sqrt(m (m + 1)), m = 1..d-1.

    >>> from symtherm import sigmaz
    >>> [str(G) for G in traceless_basis(sigmaz().space)][:2]
    ['|e><g|', '|g><e|']
    """
    d, one = space.dim, sympy.Integer(1)
    found = [Operator.of(space, {(i, j): one}) for i in range(d) for j in range(d) if i != j]
    for m in range(1, d):
        norm = 1 / sympy.sqrt(m * (m + 1))
        entries = {(j, j): norm for j in range(m)} | {(m, m): -m * norm}
        found.append(Operator.of(space, entries))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Kossakowski:
    """``entries`` K_kl over ``basis``, the traceless ``hamiltonian``, and the pivots of K."""

    space: HilbertSpace
    basis: tuple[Operator, ...]
    entries: Mapping[tuple[int, int], Expr]
    hamiltonian: Operator
    pivots: Pivots

    @property
    def matrix(self) -> Any:
        """K as a dense SymPy matrix."""
        n = len(self.basis)
        return sympy.SparseMatrix(n, n, dict(self.entries)).as_mutable().as_immutable()

    def blocks(self) -> tuple[tuple[int, ...], ...]:
        """The connected blocks of K, as indices into ``basis``."""
        groups: list[set[int]] = []
        for i, j in self.entries:
            touched = [g for g in groups if i in g or j in g]
            groups = [g for g in groups if g not in touched] + [set().union({i, j}, *touched)]
        return tuple(sorted(tuple(sorted(g)) for g in groups))

    def determinant(self, block: Sequence[int]) -> Expr:
        """det of the block of K with these indices; K >= 0 needs every such minor >= 0."""
        space = alphabet([self.entries.get((i, j), sympy.Integer(0)) for i in block for j in block])
        rows = [
            [pair(space, self.entries.get((i, j), sympy.Integer(0))) for j in block] for i in block
        ]
        return readable(space, _determinant(space, rows)[0])


def _determinant(space: Alphabet, rows: list[list[Pair]]) -> Pair:
    if len(rows) == 1:
        return rows[0][0]
    zero = Fraction.of(space.base, 0)
    total: Pair = (zero, zero)
    for k, value in enumerate(rows[0]):
        if value[0] or value[1]:
            minor = [row[:k] + row[k + 1 :] for row in rows[1:]]
            term = multiply(value, _determinant(space, minor))
            total = add(total, scale(term, -1 if k % 2 else 1))
    return total


def _super(generator: Generator | Superoperator) -> tuple[Superoperator, tuple[Expr, ...]]:
    if isinstance(generator, Generator):
        return generator.superoperator(), generator.positive
    return generator, ()


def _space(generator: Generator | Superoperator, space: HilbertSpace | None) -> HilbertSpace:
    if space is not None:
        return space
    if isinstance(generator, Generator):
        return generator.space
    return HilbertSpace("system", generator.dim)


def is_trace_preserving(generator: Generator | Superoperator, *, channel: bool = False) -> bool:
    """Whether Tr L(rho) = 0, or Tr of a ``channel``'s output is Tr rho, for every rho.

    >>> from symtherm import liouvillian, sigmam
    >>> is_trace_preserving(liouvillian(None, [sigmam()]))
    True
    """
    from symtherm.exact.decide import all_zero

    sup, _ = _super(generator)
    d = sup.dim
    return all_zero(
        [
            sympy.Add(*(sup[a + d * a, i + d * j] for a in range(d)))
            - (1 if channel and i == j else 0)
            for i in range(d)
            for j in range(d)
        ]
    )


def kossakowski(
    generator: Generator | Superoperator,
    *,
    space: HilbertSpace | None = None,
    positive: Sequence[Expr] = (),
) -> Kossakowski:
    """The Kossakowski matrix K and the traceless Hamiltonian of any generator.

    With c_kl = sum G_k*[a, i] L[(a, b), (i, j)] G_l[b, j] for L(|i><j|)_ab, K_kl = c_kl and
    A = c_00/(2 d) + sum_k c_k0 G_k/sqrt(d) gives H = (i/2)(A - A^+).
    Raises MissingTrait when the trace or Hermiticity is not preserved.

    >>> from symtherm import gkls, parameters, sigmam, sigmaz
    >>> omega, gamma = parameters("omega gamma")
    >>> K = kossakowski(gkls(omega / 2 * sigmaz(), [(sigmam(), gamma)]))
    >>> K.entries, print(K.hamiltonian)
    omega/2*|e><e| - omega/2*|g><g|
    ({(1, 1): gamma}, None)
    """
    sup, orders = _super(generator)
    orders = (*orders, *positive)
    if not is_trace_preserving(sup):
        raise MissingTrait(
            "A Kossakowski matrix needs a generator that preserves the trace",
            found="Tr L(rho) is not zero",
        )
    home, d = _space(generator, space), sup.dim
    if home.dim != d:
        raise DimensionMismatch("The space of a generator", found=f"{home.dim} levels for {d}")
    basis = traceless_basis(home)
    # Expr -> exact once; L(|i><j|)_ab stands at (a + d b, i + d j).
    letters = alphabet([*sup.entries.values(), sympy.sqrt(d), *_entries_of(basis)], positive=orders)
    cells = {
        ((row % d, column % d), (row // d, column // d)): pair(letters, v)
        for (row, column), v in sup.entries.items()
    }
    for (left, right), v in cells.items():
        other = cells.get((right, left), (Fraction.of(letters.base, 0),) * 2)
        if (v[0] - other[0]) or (v[1] + other[1]):
            raise MissingTrait(
                "A Kossakowski matrix needs a generator that preserves Hermiticity",
                found="L(rho)^+ differs from L(rho^+)",
            )
    real = [{(i, j): letters.fraction(v) for i, j, v in G.data} for G in basis]
    # sum over the rows first: half[k][(b, j)] = sum G_k[a, i] C[(a, i), (b, j)].
    entries: dict[tuple[int, int], Expr] = {}
    halves: list[Matrix] = []
    for G in real:
        half: Matrix = {}
        for (left, right), v in cells.items():
            if left in G:
                term = scale(v, G[left])
                half[right] = add(half[right], term) if right in half else term
        halves.append(half)
    zero = Fraction.of(letters.base, 0)
    for k, half in enumerate(halves):
        for l, G in enumerate(real):
            total: Pair = (zero, zero)
            for key, w in G.items():
                if key in half:
                    total = add(total, scale(half[key], w))
            if total[0] or total[1]:
                entries[k, l] = written(letters, total)
    # c_k0 with G_0 = 1/sqrt(d); the factor 1/sqrt(d) appears twice, so 1/d.
    drift: Matrix = {}
    for k, half in enumerate(halves):
        total = (zero, zero)
        for b in range(d):
            if (b, b) in half:
                total = add(total, half[b, b])
        if total[0] or total[1]:
            for place, g in real[k].items():
                term = scale(total, g / d)
                drift[place] = add(drift[place], term) if place in drift else term
    h: dict[tuple[int, int], Expr] = {}
    for i in range(d):
        for j in range(d):
            a = drift.get((i, j), (zero, zero))
            b_ = conjugate(drift.get((j, i), (zero, zero)))
            re, im = a[0] - b_[0], a[1] - b_[1]
            if re or im:  # (i/2)(re + i im) = (-im + i re)/2
                h[i, j] = written(letters, (-im / 2, re / 2))
    found = pivots(entries, len(basis), positive=orders)
    return Kossakowski(home, basis, entries, Operator.of(home, h), found)


def _entries_of(operators: Sequence[Operator]) -> list[Expr]:
    return [v for G in operators for _, _, v in G.data]


@dataclass(frozen=True, slots=True)
class CanonicalForm:
    """L = -i[H, .] + sum_k r_k D[L_k] with traceless H and L_k, and the verdict on r_k >= 0.

    ``orthogonal`` says whether Tr[L_k^+ L_l] = 0 for k != l; the ``eigenvalues`` r_k Tr[L_k^+ L_k]
    of K are then the unique rates of orthonormal jumps. ``conditions`` are the pivots that must be
    >= 0 for complete positivity and are not so visibly; ``is_gkls`` is True (proved), False (one is
    negative for all declared values) or None. ``elimination`` has the pivots' jumps and rates.
    """

    hamiltonian: Operator
    rates: tuple[Expr, ...]
    jumps: tuple[Operator, ...]
    conditions: tuple[Expr, ...]
    is_gkls: bool | None
    orthogonal: bool
    elimination: tuple[tuple[Operator, Expr], ...]

    @property
    def eigenvalues(self) -> tuple[Expr, ...]:
        """The eigenvalues of K other than zero; raises MissingTrait unless ``orthogonal``."""
        if not self.orthogonal:
            raise MissingTrait(
                "The eigenvalues of a Kossakowski matrix",
                found="a block without eigenvectors in square roots",
                advice="use the pivots, which have the same signs",
            )
        return tuple(
            short(r * (L.dag() * L).tr()) for r, L in zip(self.rates, self.jumps, strict=True)
        )

    def generator(self) -> Generator:
        """The generator in GKLS form; raises MissingTrait naming the condition that fails.

        Its jumps are those of the elimination, whose rates show their signs without roots.
        """
        from symtherm.dynamics.gkls import gkls

        if self.is_gkls is not True:
            raise MissingTrait(
                "A generator in GKLS form needs a positive Kossakowski matrix",
                found="; ".join(f"{c} >= 0 is not proved" for c in self.conditions),
                advice="declare what makes it so with positive=[...]",
            )
        return gkls(self.hamiltonian, list(self.elimination))


# Eigenvectors of larger blocks are sought by roots of the characteristic polynomial, which is slow.
LARGEST_BLOCK = 4


def _eigenvectors(K: Kossakowski) -> list[tuple[Expr, Mapping[int, Expr]]] | None:
    """K = sum_k r_k v_k v_k^+ with orthogonal v_k; None without a closed form.

    For [[a, b], [b*, d]] and an eigenvalue l, v = (1, (l - a)/b) and r = l/|v|^2: one root, none
    nested.
    """
    found: list[tuple[Expr, Mapping[int, Expr]]] = []
    for block in K.blocks():
        part = {(i, j): K.entries[i, j] for i in block for j in block if (i, j) in K.entries}
        if len(block) == 1:
            found.append((part[block * 2], {block[0]: sympy.Integer(1)}))
        elif len(block) == 2:
            found += _two(part, *block)
        elif len(block) > LARGEST_BLOCK:
            return None
        else:
            try:
                states = eigenstates(Operator.of(HilbertSpace("K", len(K.basis)), part))
            except (OutsideClosedForm, UndeclaredSign):
                return None
            found += [(s.energy, dict(s.vector)) for s in states if len(s.vector) > 1]
    return [(short(r), v) for r, v in found if is_zero(r) is not True]


def _two(part: Mapping[tuple[int, int], Expr], i: int, j: int) -> list[tuple[Expr, Any]]:
    zero = sympy.Integer(0)
    a, d, b = part.get((i, i), zero), part.get((j, j), zero), part[i, j]
    norm = short(b * part[j, i])
    R = sympy.sqrt(short((a - d) ** 2 + 4 * norm))
    result = []
    for sign in (1, -1):
        value = (a + d + sign * R) / 2
        # (l - a)/b = (l - a) b*/|b|^2, and 1 + (l - a)^2/|b|^2 is the square of the length.
        second = short((value - a) / norm) * part[j, i]
        length = short(1 + (value - a) ** 2 / norm)
        result.append((short(value / length), {i: sympy.Integer(1), j: second}))
    return result


def canonical_form(
    generator: Generator | Superoperator,
    *,
    space: HilbertSpace | None = None,
    positive: Sequence[Expr] = (),
) -> CanonicalForm:
    """(H, rates, jumps) of any generator, or the condition that fails.

    Where the blocks of K have eigenvectors in square roots (2 x 2 always, up to 4 x 4 where their
    characteristic polynomial factors) the jumps are orthogonal, Tr[L_k^+ L_l] = 0: the canonical
    form (Hall, Cresser, Li and Andersson, Phys. Rev. A 89, 042120 (2014)) up to the lengths of the
    jumps. Elsewhere rates and jumps are the pivots d_k and sum_l (v_k)_l G_l, of which as many are
    negative as eigenvalues are. The verdict is that of the pivots in either case.

    >>> from symtherm import liouvillian, parameters, sigmam, sigmap, sigmaz
    >>> a, b = parameters("a b")
    >>> form = canonical_form(liouvillian(sigmaz(), [(sigmam(), a), (sigmap(), -b)]))
    >>> form.is_gkls, form.conditions, form.orthogonal
    (False, (-b,), True)
    """
    K = kossakowski(generator, space=space, positive=positive)

    def jump(vector: Mapping[int, Expr]) -> Operator:
        total = 0 * K.basis[0]
        for index, v in vector.items():
            total = total + v * K.basis[index]
        return total

    p = K.pivots
    pivoted = tuple((jump(v), d) for d, v in zip(p.values, p.vectors, strict=True))
    found = _eigenvectors(K)
    rates, jumps = p.values, tuple(operator for operator, _ in pivoted)
    if found is not None:
        rates = tuple(value for value, _ in found)
        jumps = tuple(jump(v) for _, v in found)
    return CanonicalForm(
        K.hamiltonian, rates, jumps, p.conditions, p.verdict, found is not None, pivoted
    )
