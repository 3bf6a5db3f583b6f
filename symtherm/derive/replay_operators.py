"""The checker's theorems on operators: every hypothesis is checked again on the matrices.

*Spohn*, for a ledger: a GKLS dissipator D with a stationary state omega of full rank has
-Tr[D(rho)(ln rho - ln omega)] >= 0 for every state rho. Summed over all dissipators at a stationary
rho, with omega_a = exp(-(E - mu_a N)/T_a)/Z_a or 1/d, the terms with ln rho cancel and leave
-sum_a heat[a]/T_a.

*Relative entropy* S(rho||sigma) = Tr[rho (ln rho - ln sigma)] of two states given by eigenvalues
and projectors: S >= 0 (Klein); it does not grow under a channel sum K . K^dag with
sum K^dag K = 1 (data processing); with a GKLS generator that leaves sigma stationary its rate
-Tr[L(rho)(ln rho - ln sigma)] is >= 0 (Spohn), also for sigma = Delta(rho) with a pinching Delta
that commutes with the generator. Sources: docs/certificates.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from symtherm.derive.replay import Checker
from symtherm.derive.replay_residues import Entry
from symtherm.derive.replay_text import need

__all__ = ["value_of"]

Matrix = dict[tuple[int, int], Entry]
Jump = tuple[Matrix, Entry]


class Algebra:
    """Sparse matrices of residues."""

    def __init__(self, checker: Checker) -> None:
        self.c, self.dim = checker, checker.data["dimension"]
        need(type(self.dim) is int and 1 <= self.dim <= 64, "a dimension outside 1..64")
        self.one: Matrix = {(i, i): checker.integer(1) for i in range(self.dim)}

    def number(self, text: Any, safe: bool = True) -> Entry:
        """A complex number; the others below are real, so they may not contain I."""
        self.c.form(text, safe)
        return self.c.evaluate(self.c.parse(text), imaginary=True)

    def real(self, text: Any) -> Entry:
        return self.c.evaluate(self.c.sound(text))

    def sign(self, text: Any) -> Entry:
        return self.c.evaluate(self.c.shown(text))

    def read(self, rows: Sequence[Sequence[Any]], safe: bool = True) -> Matrix:
        """A matrix; not ``safe`` to divide in only if what is checked of it bounds its entries."""
        found: Matrix = {}
        for i, j, text in rows:
            need({i, j} <= {*range(self.dim)} and type(i) is type(j) is int, "an index")
            need((i, j) not in found, "two entries of one place")
            found[i, j] = self.number(text, safe)
        return found

    def hermitian(self, rows: Sequence[Sequence[Any]], what: str, safe: bool = True) -> Matrix:
        found = self.read(rows, safe)
        self.vanishes(self.add(found, self.dagger(found), -1), f"{what} is not Hermitian")
        return found

    def add(self, a: Matrix, b: Matrix, sign: int = 1) -> Matrix:
        zero = self.c.integer(0)
        self.c.spend(len(a))
        return a | {k: self.c.plus(a.get(k, zero), v, sign) for k, v in b.items()}

    def scale(self, a: Matrix, factor: Entry) -> Matrix:
        return {k: self.c.times(v, factor) for k, v in a.items()}

    def product(self, a: Matrix, b: Matrix) -> Matrix:
        self.c.spend(len(a) + len(b))
        rows: dict[int, list[tuple[int, Entry]]] = {}
        for (k, j), w in b.items():
            rows.setdefault(k, []).append((j, w))
        total: Matrix = {}
        for (i, k), v in a.items():
            for j, w in rows.get(k, ()):
                term = self.c.times(v, w)
                total[i, j] = self.c.plus(total[i, j], term) if (i, j) in total else term
        return total

    def bracket(self, a: Matrix, b: Matrix, sign: int = -1) -> Matrix:
        """a b - b a, or with sign 1 a b + b a."""
        return self.add(self.product(a, b), self.product(b, a), sign)

    def dagger(self, a: Matrix) -> Matrix:
        return {(j, i): self.c.conjugate(v) for (i, j), v in a.items()}

    def trace(self, a: Matrix) -> Entry:
        total = self.c.integer(0)
        for (i, j), v in a.items():
            total = self.c.plus(total, v) if i == j else total
        return total

    def vanishes(self, a: Matrix, what: str) -> None:
        for value in a.values():
            self.c.same(value, self.c.integer(0), what)

    def dissipate(self, jumps: Iterable[Jump], rho: Matrix) -> Matrix:
        total: Matrix = {}
        for L, rate in jumps:
            gain = self.product(self.product(L, rho), self.dagger(L))
            loss = self.bracket(self.product(self.dagger(L), L), rho, 1)
            part = self.add(gain, self.scale(loss, self.number("-1/2")))
            total = self.add(total, self.scale(part, rate))
        return total

    def generate(self, H: Matrix, jumps: Iterable[Jump], rho: Matrix) -> Matrix:
        unitary = self.scale(self.bracket(H, rho), self.number("-I"))
        return self.add(unitary, self.dissipate(jumps, rho))

    def jumps(self, records: Iterable[Any]) -> list[Jump]:
        return [(self.read(r["operator"]), self.sign(r["rate"])) for r in records]


def value_of(checker: Checker) -> Entry:
    """What the theorem says is nonnegative, after every hypothesis held."""
    algebra = Algebra(checker)
    return (spohn if checker.data["rule"] == "spohn" else relative_entropy)(algebra, checker.data)


def spohn(o: Algebra, data: Any) -> Entry:
    c, everything, result = o.c, [], o.c.integer(0)
    H, E, N = (o.hermitian(data[k], k) for k in ("hamiltonian", "energy", "number"))
    rho = o.hermitian(data["state"], "state", safe=False)
    for part in data["dissipators"]:
        jumps = dissipator(o, part, E, N)
        everything += jumps
        if part["temperature"] is not None:
            shifted = o.add(E, o.scale(N, o.real(part["potential"])), -1)
            heat = o.trace(o.product(shifted, o.dissipate(jumps, rho)))
            T = o.sign(part["temperature"])
            result = c.plus(result, c.over(heat, T), -1)
    c.same(o.trace(rho), c.integer(1), "the trace of the state is not 1")
    o.vanishes(o.generate(H, everything, rho), "the state is not stationary")
    # Only one stationary matrix, so it is the state that every GKLS generator has.
    columns = [
        o.generate(H, everything, {(i, j): o.one[0, 0]}) for i in range(o.dim) for j in range(o.dim)
    ]
    for s in range(0, c.width, 2):
        rows = [{i * o.dim + j: v[0][s] for (i, j), v in a.items() if v[0][s]} for a in columns]
        need(rank(rows, c) == o.dim**2 - 1, "the stationary state is not unique")
    return result


def dissipator(o: Algebra, part: Any, E: Matrix, N: Matrix) -> list[Jump]:
    """The jumps of one dissipator, after checking that its reference state is stationary."""
    c, jumps, defect = o.c, o.jumps(part["jumps"]), dict[tuple[int, int], Entry]()
    if part["temperature"] is None:
        for L, r in jumps:
            defect = o.add(defect, o.scale(o.bracket(L, o.dagger(L)), r))
        o.vanishes(defect, "a dissipator without temperature does not preserve 1/d")
        return jumps
    shifted = o.add(E, o.scale(N, o.real(part["potential"])), -1)
    for L, _ in jumps:
        o.vanishes(o.bracket(shifted, L), "a jump exchanges energy")
        o.vanishes(o.bracket(L, o.dagger(L)), "a jump is not normal")
    T = o.sign(part["temperature"])
    need(c.form(part["temperature"])[3], "a temperature that may be zero")
    for pair in part["pairs"]:
        L, x = o.read(pair["operator"]), c.sound(pair["exponent"])
        down, up = (o.sign(pair[k]) for k in ("down", "up"))
        c.same(down, c.times(c.call("exp", x), up), "detailed balance")
        moved = o.scale(L, c.times(c.evaluate(x), T))
        o.vanishes(o.add(o.bracket(shifted, L), moved), "[E - mu N, L] differs from -x T L")
        jumps += [(L, down), (o.dagger(L), up)]
    return jumps


def relative_entropy(o: Algebra, data: Any) -> Entry:
    c = o.c
    if "parts" in data:  # a sum over dissipators, each with its own sigma
        value = c.integer(0)
        for part in data["parts"]:
            need("parts" not in part, "parts of parts")
            value = c.plus(value, relative_entropy(o, {"rho": data["rho"], **part}))
        return value
    rho, ln_rho = spectral(o, data["rho"], kernel="jumps" not in data)
    sigma, ln_sigma = spectral(o, data["sigma"])
    c.same(o.trace(rho), o.trace(sigma), "two states of different trace")
    difference = o.add(ln_rho, ln_sigma, -1)
    if "jumps" in data:
        H, jumps = o.hermitian(data["hamiltonian"], "H"), o.jumps(data["jumps"])
        if "eigenspaces" in data:
            pinched(o, data["eigenspaces"], H, jumps, rho, sigma)
        else:
            o.vanishes(o.generate(H, jumps, sigma), "the state is not stationary")
        return c.times(o.trace(o.product(o.generate(H, jumps, rho), difference)), c.integer(-1))
    result = o.trace(o.product(rho, difference))
    if "kraus" in data:
        total = dict[tuple[int, int], Entry]()
        kraus = [(o.read(r["operator"], safe=False), o.sign(r["weight"])) for r in data["kraus"]]
        for A, w in kraus:
            total = o.add(total, o.scale(o.product(o.dagger(A), A), w))
        o.vanishes(o.add(total, o.one, -1), "the channel does not preserve the trace")
        images = [spectral(o, data["rho_after"], kernel=True), spectral(o, data["sigma_after"])]
        for before, (after, _) in zip((rho, sigma), images, strict=True):
            for A, w in kraus:
                moved = o.product(o.product(A, before), o.dagger(A))
                after = o.add(after, o.scale(moved, w), -1)
            o.vanishes(after, "a state after the channel")
        (after, ln_rho), (_, ln_sigma) = images
        lost = o.trace(o.product(after, o.add(ln_rho, ln_sigma, -1)))
        result = c.plus(result, lost, -1)
    return result


def pinched(
    o: Algebra, groups: Any, H: Matrix, jumps: list[Jump], rho: Matrix, sigma: Matrix
) -> None:
    """sigma = Delta(rho) and L Delta = Delta L; Delta keeps the entries within groups of levels."""
    place = {i: k for k, group in enumerate(groups) for i in group}
    need(sorted(i for g in groups for i in g) == [*range(o.dim)], "no partition of the levels")

    def part(a: Matrix, kept: bool) -> Matrix:
        return {(i, j): v for (i, j), v in a.items() if (place[i] == place[j]) == kept}

    o.vanishes(o.add(sigma, part(rho, True), -1), "a state that is not the pinched one")
    for i in range(o.dim):
        for j in range(o.dim):
            image = o.generate(H, jumps, {(i, j): o.one[0, 0]})
            o.vanishes(part(image, place[i] != place[j]), "a generator that moves coherence")


def spectral(o: Algebra, records: Sequence[Any], kernel: bool = False) -> tuple[Matrix, Matrix]:
    """The matrix sum v P and its logarithm, of eigenvalues and orthogonal projectors.

    The records of logarithms show that eigenvalues are positive. With ``kernel`` one may be "0",
    as of rho in Tr[rho ln rho], where 0 ln 0 = 0 whatever the logarithm is there.
    """
    total, found = dict(o.one), list[Matrix]()
    matrix = logarithm = o.scale(o.one, o.c.integer(0))
    for record in records:
        empty = kernel and record["value"] == "0"
        code = o.c.sound("1" if empty else record["value"])
        P = o.hermitian(record["projector"], "a projector", safe=False)
        for Q in found:
            o.vanishes(o.product(P, Q), "two projectors are not orthogonal")
        found.append(P)
        total = o.add(total, P, -1)
        if empty:
            continue
        matrix = o.add(matrix, o.scale(P, o.c.evaluate(code)))
        logarithm = o.add(logarithm, o.scale(P, o.c.call("log", code)))
    o.vanishes(total, "projectors that do not add up to 1")
    return matrix, logarithm


def rank(rows: list[dict[int, int]], checker: Checker) -> int:
    """The rank modulo p, which is at most that of the functions."""
    rank, rows, p = 0, [row for row in rows if row], checker.p
    while rows:
        row = min(rows, key=len)
        checker.spend(len(rows) * len(row))
        rows.remove(row)
        column = min(row, key=lambda c: sum(c in other for other in rows))
        rank, inverse = rank + 1, pow(row[column], -1, p)
        for other in rows:
            if column in other:
                factor = other[column] * inverse
                checker.spend(len(row))
                for k, v in row.items():
                    other[k] = (other.get(k, 0) - factor * v) % p
                    if not other[k]:
                        del other[k]
        rows = [other for other in rows if other]
    return rank
