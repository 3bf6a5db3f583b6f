"""The checker's theorems on operators: every hypothesis is checked again on the matrices.

*Spohn*: relative entropies do not grow under generators of GKLS form. *Relative entropy*: it is
nonnegative (Klein), and does not grow under channels (data processing). Proofs, sources and what
the bound on the error is here: docs/certificates.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symtherm.derive.replay import GOOD, RATE, SOUND, Checker, Value, need

__all__ = ["RULES"]


class Operators:
    """Matrices of residues, the first index for signs: every hypothesis is checked on them."""

    def __init__(self, c: Checker, data: Any) -> None:
        self.c, self.dim, self.weight = c, data["dimension"], 0.0
        need(type(self.dim) is int and 1 <= self.dim <= 64, "a dimension outside 1..64")
        self.zero = np.zeros((c.width, self.dim, self.dim), object)
        self.one = self.zero + np.eye(self.dim, dtype=int).astype(object)
        self.unit, self.signs = self.number("I", 0), [s ^ 1 for s in range(c.width)]

    def number(self, text: Any, shows: int) -> Any:
        value = self.c.read(text, shows)
        self.weight += value.weight
        return np.array(value.residues, object)[:, None, None]

    def matrix(self, rows: Any, hermitian: str = "", shows: int = SOUND) -> Any:
        found, places = self.zero.copy(), [(i, j) for i, j, _ in rows]
        need(len({*places}) == len(places), "two entries of one place")
        for i, j, text in rows:
            need(type(i) is type(j) is int and {i, j} <= {*range(self.dim)}, "an index")
            found[:, [i], [j]] = self.number(text, shows)[:, 0]
        need(not hermitian or self.zeros(found - self.dag(found)), f"{hermitian}: not Hermitian")
        return found

    def dag(self, a: Any) -> Any:
        return a[self.signs].swapaxes(1, 2)

    def trace(self, a: Any) -> Any:
        return a.trace(axis1=1, axis2=2)[:, None, None]

    def zeros(self, a: Any) -> bool:
        """Whether a = 0: sums of products of at most 16 of the texts read; 64 tests may decide."""
        self.c.weight = max(self.c.weight, 64 * (16 * self.weight + 1000))
        self.c.spend(self.dim**3 // 10)
        return not (a % self.c.p).any()

    def result(self, a: Any) -> Value:
        return Value(self.c, tuple((a % self.c.p).ravel()), 16 * self.weight + 1000, 0)

    def effective(self, H: Any, jumps: Sequence[Any]) -> Any:
        """G = -i H - sum r L^dag L/2; the generator is G rho + rho G^dag + sum r L rho L^dag."""
        half = pow(2, -1, self.c.p)
        return sum((-half * r * (self.dag(L) @ L) for L, r, _ in jumps), -self.unit * H) % self.c.p

    def generate(self, H: Any, jumps: Sequence[Any], rho: Any) -> Any:
        moved = self.effective(H, jumps) @ rho  # and its adjoint, since rho is Hermitian
        gained = (r * (L @ rho @ self.dag(L)) for L, r, _ in jumps)
        return sum(gained, moved + self.dag(moved)) % self.c.p

    def unique(self, H: Any, jumps: Sequence[Any]) -> bool:
        """Whether the generator, as a matrix on row-major operators, has rank d^2 - 1."""
        G, one = self.effective(H, jumps), np.eye(self.dim, dtype=int).astype(object)
        self.c.spend(self.dim**4 * (len(jumps) + 2) // 10)
        for s in range(0, self.c.width, 2):  # the other residue is that of the conjugate
            rows = np.kron(G[s], one) + np.kron(one, G[s + 1])
            rows += sum(r[s] * np.kron(L[s], L[s + 1]) for L, r, _ in jumps)
            if rank(rows % self.c.p, self.c) != self.dim**2 - 1:
                return False
        return True


def spectral(o: Operators, records: Any, empty: bool = False) -> tuple[Any, Any, list[Any]]:
    """A state, its logarithm, and the projectors by which it is given, with its eigenvalues.

    The records of logarithms show that the eigenvalues are positive; ``empty`` ones may be "0".
    """
    state, logarithm, rest, found = o.zero, o.zero, o.one, list[Any]()
    for record in records:
        v, P = record["value"], o.matrix(record["projector"], "a projector", 0)
        need(all(o.zeros(P @ Q) for Q in found), "two projectors are not orthogonal")
        found, rest = [*found, P], rest - P
        if not (empty and v == "0"):
            state = state + o.number(v, GOOD) * P
            logarithm = logarithm + o.number(f"log({v})", 0) * P
    need(o.zeros(rest), "projectors that do not add up to 1")
    return state % o.c.p, logarithm % o.c.p, found


def relative_entropy(c: Checker, data: Any) -> Value:
    """S(rho||sigma) >= 0 (Klein), also minus that after a channel sum w K . K^dag (Lindblad)."""
    o, channel = Operators(c, data), "kraus" in data
    rho, ln_rho, _ = spectral(o, data["rho"], True)
    sigma, ln_sigma, _ = spectral(o, data["sigma"])
    need(o.zeros(o.trace(rho - sigma)), "two states of different trace")
    found = o.trace(rho @ (ln_rho - ln_sigma))
    if channel:
        kraus = [
            (o.matrix(k["operator"], "", 0), o.number(k["weight"], RATE)) for k in data["kraus"]
        ]
        total = sum((w * (o.dag(K) @ K) for K, w in kraus), -o.one)
        need(o.zeros(total), "the channel does not preserve the trace")
        after, ln_rho, _ = spectral(o, data["rho_after"], True)
        other, ln_sigma, _ = spectral(o, data["sigma_after"])
        for X, Y in ((rho, after), (sigma, other)):
            moved = sum((w * (K @ X @ o.dag(K)) for K, w in kraus), -Y)
            need(o.zeros(moved), "a state after the channel")
        found = found - o.trace(after @ (ln_rho - ln_sigma))
    return o.result(found)


def spohn(c: Checker, data: Any) -> Value:
    """-sum_a d/dt S(rho||sigma_a) >= 0 under generators L_a of GKLS form (Spohn; Lindblad).

    That is -Tr[L(rho)(ln rho - ln sigma)] + Tr[rho Dln(sigma)[L(sigma)]]. Each sigma is given by
    its spectrum, or is exp(-K) up to a factor, with L(sigma) = 0 because [K, H] = 0,
    [K, L_k] = -x_k L_k and sum_k r_k (e^-x_k L_k L_k^dag - L_k^dag L_k) = 0. Also rho is given by
    its spectrum, or is the only stationary state of the sum of all L_a: then ln rho drops out.
    """
    o, given = Operators(c, data), "rho" in data
    rho = spectral(o, data["rho"])[0] if given else o.matrix(data["state"], "the state", 0)
    ln_rho = spectral(o, data["rho"])[1] if given else o.zero
    energy, jumps, found = o.zero, list[Any](), o.trace(o.zero)
    for part in data["parts"]:
        H, own = o.matrix(part["hamiltonian"], "a Hamiltonian"), list[Any]()
        for jump in part["jumps"]:
            L, x = o.matrix(jump["operator"]), jump.get("exponent", "0")
            own.append((L, o.number(jump["rate"], RATE), x))
        if "sigma" in part:
            sigma, ln_sigma, spectrum = spectral(o, part["sigma"])
            change = o.generate(H, own, sigma)
            for record, Q in zip(part["sigma"], spectrum, strict=True):
                for P in spectrum:  # Dln(sigma)[X] = sum_jk f_jk P_j X P_k with f_jj = 1/q_j
                    moved = o.trace(P @ rho % c.p @ Q @ change)
                    need(o.zeros(moved) or P is Q, "a reference state that turns")
                    if P is Q and not o.zeros(moved):
                        found = found + moved * o.number(f"1/({record['value']})", SOUND)
        else:
            K = o.matrix(part["modular"], "ln sigma")
            need(o.zeros(H @ K - K @ H), "a Hamiltonian that moves the reference state")
            ln_sigma, balance = -K, o.zero
            for L, r, x in own:
                need(o.zeros(K @ L - L @ K + o.number(x, GOOD) * L), "[K, L] differs from -x L")
                back = r * o.number(f"1/exp({x})", SOUND)
                balance = balance + back * (L @ o.dag(L)) - r * (o.dag(L) @ L)
            need(o.zeros(balance), "a reference state that is not stationary")
        found = found - o.trace(o.generate(H, own, rho) @ (ln_rho - ln_sigma))
        energy, jumps = energy + H, jumps + own
    if not given:
        need(o.zeros(o.generate(energy, jumps, rho)), "the state is not stationary")
        need(o.zeros(o.trace(rho) - 1), "the trace of the state is not 1")
        need(o.unique(energy, jumps), "the stationary state is not unique")
    return o.result(found)


RULES = {"relative entropy": relative_entropy, "spohn": spohn}


def rank(rows: Any, c: Checker) -> int:
    """The rank modulo p, by elimination; it is at most that of the functions."""
    found = 0
    for column in range(rows.shape[1]):
        places = found + np.flatnonzero(rows[found:, column])
        if len(places):
            rows[[found, places[0]]] = rows[[places[0], found]]
            pivot = rows[found] * pow(rows[found, column], -1, c.p) % c.p
            used, others = np.flatnonzero(pivot), places[1:]
            c.spend(len(used) * len(others) // 10)
            block = np.ix_(others, used)
            rows[block] = (rows[block] - np.outer(rows[others, column], pivot[used])) % c.p
            found += 1
    return found
