"""The checker's rule for Spohn's theorem: every hypothesis is checked again on the operators.

Theorem (Spohn, J. Math. Phys. 19, 1227 (1978)). For a GKLS dissipator D with a stationary state
omega of full rank, -Tr[D(rho)(ln rho - ln omega)] >= 0 for every state rho. Summed over all
dissipators at a stationary rho, with omega_a = exp(-(E - mu_a N)/T_a)/Z_a or 1/d, the terms with
ln rho cancel and the sum is -sum_a heat[a]/T_a, the claim.

Checked: E and N are Hermitian; every temperature and rate is visibly nonnegative; for every pair
down = e^x up and [E - mu N, L] = -x T L, which leave omega_a stationary; other jumps of a bath
commute with E - mu N and are normal; dissipators without temperature preserve 1/d; rho has unit
trace and L(rho) = 0; L has rank d^2 - 1, so rho is the only stationary matrix and hence a state;
the claim is -sum_a heat[a]/T_a.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symtherm.derive.replay import Checker, Gauss, Invalid, Size, clean, parse

__all__ = ["check_spohn"]

Entry = tuple[Gauss, Size]
Matrix = dict[tuple[int, int], Entry]
ZERO: Entry = ((0, 0), Size())
ONE: Entry = ((1, 0), Size())


class Algebra:
    """Sparse matrices of modular numbers with their size bounds."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker

    def read(self, rows: Sequence[Sequence[Any]], dim: int) -> Matrix:
        found: Matrix = {}
        for i, j, text in rows:
            if type(i) is not int or type(j) is not int:
                raise Invalid("an index that is no integer")
            if not (0 <= i < dim and 0 <= j < dim) or (i, j) in found:
                raise Invalid("an operator entry")
            found[i, j] = self.entry(text)
        return found

    def entry(self, text: str) -> Entry:
        """An expression in which the imaginary unit may occur."""
        self.checker.complex = True
        try:
            return self.checker.evaluate(parse(text))
        finally:
            self.checker.complex = False

    def number(self, text: str) -> Entry:
        return self.checker.evaluate(parse(text))

    def add(self, a: Matrix, b: Matrix, sign: int = 1) -> Matrix:
        total = dict(a)
        for key, (value, size) in b.items():
            old = total.get(key, ZERO)
            total[key] = self.checker.plus(*old, value, size, sign)
        return total

    def scale(self, a: Matrix, factor: Entry) -> Matrix:
        return {k: self.checker.times(*v, *factor) for k, v in a.items()}

    def product(self, a: Matrix, b: Matrix) -> Matrix:
        rows: dict[int, list[tuple[int, Entry]]] = {}
        for (k, j), w in b.items():
            rows.setdefault(k, []).append((j, w))
        total: Matrix = {}
        for (i, k), v in a.items():
            for j, w in rows.get(k, ()):
                term = self.checker.times(*v, *w)
                total[i, j] = self.checker.plus(*total.get((i, j), ZERO), *term)
        return total

    def dagger(self, a: Matrix) -> Matrix:
        p = self.checker.prime
        return {(j, i): ((v[0][0], -v[0][1] % p), v[1]) for (i, j), v in a.items()}

    def commutator(self, a: Matrix, b: Matrix) -> Matrix:
        return self.add(self.product(a, b), self.product(b, a), -1)

    def trace(self, a: Matrix) -> Entry:
        total = ZERO
        for (i, j), v in a.items():
            if i == j:
                total = self.checker.plus(*total, *v)
        return total

    def vanishes(self, a: Matrix, what: str) -> None:
        for value, size in a.values():
            self.checker.charge(size, Size())
            if value != (0, 0):
                raise Invalid(what)

    def dissipate(self, jumps: Sequence[tuple[Matrix, Entry]], rho: Matrix) -> Matrix:
        total: Matrix = {}
        half = self.number("-1/2")
        for L, rate in jumps:
            dagger = self.dagger(L)
            square = self.product(dagger, L)
            part = self.product(self.product(L, rho), dagger)
            loss = self.add(self.product(square, rho), self.product(rho, square))
            total = self.add(total, self.scale(self.add(part, self.scale(loss, half)), rate))
        return total


def check_spohn(checker: Checker) -> None:
    """Raise Invalid unless every hypothesis and the claim hold."""
    data = checker.data
    if data["relation"] != ">=":
        raise Invalid("Spohn's theorem certifies an inequality >=")
    dim = data["dimension"]
    if type(dim) is not int or not 1 <= dim <= 64:
        raise Invalid("a dimension outside 1..64")
    algebra = Algebra(checker)
    H, E, N, rho = (
        algebra.read(data[k], dim) for k in ("hamiltonian", "energy", "number", "state")
    )
    for matrix, name in ((H, "H"), (E, "E"), (N, "N"), (rho, "rho")):
        algebra.vanishes(
            algebra.add(matrix, algebra.dagger(matrix), -1), f"{name} is not Hermitian"
        )
    everything: list[tuple[Matrix, Entry]] = []
    claim = ZERO
    for part in data["dissipators"]:
        jumps = dissipator(algebra, part, E, N, dim)
        everything += jumps
        if part["temperature"] is not None:
            shifted = algebra.add(E, algebra.scale(N, algebra.number(part["potential"])), -1)
            change = algebra.dissipate(jumps, rho)
            heat = algebra.trace(algebra.product(shifted, change))
            T = algebra.number(part["temperature"])
            claim = checker.plus(*claim, *checker.times(*heat, *checker.power(*T, -1)), -1)
    value, size = checker.evaluate(parse(data["claim"]))
    checker.charge(size, claim[1])
    if value != claim[0]:
        raise Invalid("the claim is not -sum of heat over temperature")
    trace, size = algebra.trace(rho)
    checker.charge(size, Size())
    if trace != (1, 0):
        raise Invalid("the trace of the state is not 1")
    algebra.vanishes(liouville(algebra, H, everything, rho), "the state is not stationary")
    columns = []
    for i in range(dim):
        for j in range(dim):
            image = liouville(algebra, H, everything, {(i, j): ONE})
            columns.append([image.get((a, b), ZERO)[0] for a in range(dim) for b in range(dim)])
    if modular_rank(checker, columns) != dim * dim - 1:
        raise Invalid("the stationary state is not unique")


def dissipator(
    algebra: Algebra, part: Mapping[str, Any], E: Matrix, N: Matrix, dim: int
) -> list[tuple[Matrix, Entry]]:
    """The jumps of one dissipator, after checking that its reference state is stationary."""
    checker = algebra.checker
    jumps: list[tuple[Matrix, Entry]] = []

    def rate(text: str, visible: str) -> Entry:
        if not checker.visible(parse(visible)):
            raise Invalid(f"the rate {text} is not visibly nonnegative")
        checker.equal(parse(text), parse(visible), None, "a rate")
        return algebra.number(text)

    if part["temperature"] is None:
        defect: Matrix = {}
        for jump in part["jumps"]:
            L, r = algebra.read(jump["operator"], dim), rate(jump["rate"], jump["visible"])
            jumps.append((L, r))
            defect = algebra.add(defect, algebra.scale(algebra.commutator(L, algebra.dagger(L)), r))
        algebra.vanishes(defect, "a dissipator without temperature does not preserve 1/d")
        return jumps
    T = parse(part["temperature"])
    if not checker.visible(T):
        raise Invalid("a temperature is not visibly positive")
    shifted = algebra.add(E, algebra.scale(N, algebra.number(part["potential"])), -1)
    for pair in part["pairs"]:
        L = algebra.read(pair["operator"], dim)
        down, up = rate(pair["down"], pair["down_visible"]), rate(pair["up"], pair["up_visible"])
        x = clean(pair["exponent"])
        ratio = parse(f"{clean(pair['down'])} - exp{x}*{clean(pair['up'])}")
        checker.equal(ratio, parse("0"), None, "detailed balance")
        moved = algebra.number(f"{x}*{clean(part['temperature'])}")
        residual = algebra.add(algebra.commutator(shifted, L), algebra.scale(L, moved))
        algebra.vanishes(residual, "[E - mu N, L] differs from -x T L")
        jumps += [(L, down), (algebra.dagger(L), up)]
    for jump in part["jumps"]:
        L, r = algebra.read(jump["operator"], dim), rate(jump["rate"], jump["visible"])
        algebra.vanishes(algebra.commutator(shifted, L), "a jump exchanges energy")
        algebra.vanishes(algebra.commutator(L, algebra.dagger(L)), "a jump is not normal")
        jumps.append((L, r))
    return jumps


def liouville(
    algebra: Algebra, H: Matrix, jumps: Sequence[tuple[Matrix, Entry]], rho: Matrix
) -> Matrix:
    unitary = algebra.scale(algebra.commutator(H, rho), algebra.entry("-I"))
    return algebra.add(unitary, algebra.dissipate(jumps, rho))


def modular_rank(checker: Checker, rows: list[list[Gauss]]) -> int:
    """The rank modulo the prime at the random point: a lower bound of the generic rank."""
    rank, p = 0, checker.prime
    rows = [row[:] for row in rows]
    for column in range(len(rows[0])):
        pivot = next((r for r in range(rank, len(rows)) if rows[r][column] != (0, 0)), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        inverse = checker.power(rows[rank][column], Size(), -1)[0]
        for r in range(rank + 1, len(rows)):
            if rows[r][column] == (0, 0):
                continue
            a, b = checker.times(rows[r][column], Size(), inverse, Size())[0]
            for c in range(column, len(rows[r])):
                u, v = rows[rank][c]
                if u or v:
                    x, y = rows[r][c]
                    rows[r][c] = ((x - a * u + b * v) % p, (y - a * v - b * u) % p)
        rank += 1
    return rank
