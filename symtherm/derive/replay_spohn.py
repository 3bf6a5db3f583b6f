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

from symtherm.derive.replay import Checker
from symtherm.derive.replay_ring import Entry, Invalid, Number
from symtherm.derive.replay_text import parse, product

__all__ = ["check_spohn"]

Matrix = dict[tuple[int, int], Entry]


class Algebra:
    """Sparse matrices of modular numbers with their size bounds."""

    def __init__(self, checker: Checker) -> None:
        self.checker, self.ring = checker, checker.ring

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
        for key, value in b.items():
            total[key] = self.ring.plus(total.get(key, self.ring.zero), value, sign)
        return total

    def scale(self, a: Matrix, factor: Entry) -> Matrix:
        return {k: self.ring.times(v, factor) for k, v in a.items()}

    def product(self, a: Matrix, b: Matrix) -> Matrix:
        rows: dict[int, list[tuple[int, Entry]]] = {}
        for (k, j), w in b.items():
            rows.setdefault(k, []).append((j, w))
        total: Matrix = {}
        for (i, k), v in a.items():
            for j, w in rows.get(k, ()):
                old = total.get((i, j), self.ring.zero)
                total[i, j] = self.ring.plus(old, self.ring.times(v, w))
        return total

    def dagger(self, a: Matrix) -> Matrix:
        return {(j, i): self.ring.conjugate(v) for (i, j), v in a.items()}

    def commutator(self, a: Matrix, b: Matrix) -> Matrix:
        return self.add(self.product(a, b), self.product(b, a), -1)

    def trace(self, a: Matrix) -> Entry:
        total = self.ring.zero
        for (i, j), v in a.items():
            if i == j:
                total = self.ring.plus(total, v)
        return total

    def vanishes(self, a: Matrix, what: str) -> None:
        for value in a.values():
            if not self.ring.same(value, self.ring.zero):
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
    ring, claim = checker.ring, checker.ring.zero
    for part in data["dissipators"]:
        jumps = dissipator(algebra, part, E, N, dim)
        everything += jumps
        if part["temperature"] is not None:
            shifted = algebra.add(E, algebra.scale(N, algebra.number(part["potential"])), -1)
            change = algebra.dissipate(jumps, rho)
            heat = algebra.trace(algebra.product(shifted, change))
            T = algebra.number(part["temperature"])
            claim = ring.plus(claim, ring.times(heat, ring.power(T, -1)), -1)
    if not ring.same(checker.evaluate(checker.claim()), claim):
        raise Invalid("the claim is not -sum of heat over temperature")
    if not ring.same(algebra.trace(rho), ring.one):
        raise Invalid("the trace of the state is not 1")
    algebra.vanishes(liouville(algebra, H, everything, rho), "the state is not stationary")
    if rank(algebra, H, everything, dim) != dim * dim - 1:
        raise Invalid("the stationary state is not unique")


def dissipator(
    algebra: Algebra, part: Mapping[str, Any], E: Matrix, N: Matrix, dim: int
) -> list[tuple[Matrix, Entry]]:
    """The jumps of one dissipator, after checking that its reference state is stationary."""
    checker = algebra.checker
    jumps: list[tuple[Matrix, Entry]] = []

    def rate(text: str, visible: str) -> Entry:
        checker.shown(visible, f"the rate {text}")
        checker.equal(parse(text), parse(visible), "a rate")
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
    checker.shown(part["temperature_visible"], "a temperature")
    checker.equal(T, parse(part["temperature_visible"]), "a temperature")
    shifted = algebra.add(E, algebra.scale(N, algebra.number(part["potential"])), -1)
    for pair in part["pairs"]:
        L = algebra.read(pair["operator"], dim)
        down, up = rate(pair["down"], pair["down_visible"]), rate(pair["up"], pair["up_visible"])
        x = parse(pair["exponent"])
        raised = product((("call", "exp", x),), parse(pair["up"]))
        checker.equal(parse(pair["down"]), raised, "detailed balance")
        moved = checker.evaluate(product(x, T))
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


def rank(algebra: Algebra, H: Matrix, jumps: Sequence[tuple[Matrix, Entry]], dim: int) -> int:
    """A lower bound of the generic rank of the generator."""
    columns: list[dict[int, Number]] = []
    for i in range(dim):
        for j in range(dim):
            image = liouville(algebra, H, jumps, {(i, j): algebra.ring.one})
            columns.append({a * dim + b: v for (a, b), (v, _) in image.items() if v})
    return algebra.ring.rank(columns)
