"""The steady-state problems of the benchmark, as exact matrices in Hermitian coordinates."""

from __future__ import annotations

from collections.abc import Callable

from symtherm import (
    HilbertSpace,
    destroy,
    gkls,
    num,
    parameters,
    qeye,
    sigmam,
    sigmax,
    sigmaz,
    tensor,
)
from symtherm.dynamics.generator import Generator
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.fraction import Fraction, ring
from symtherm.exact.matrix import SparseMatrix
from symtherm.quantum.superoperator import real_generator

__all__ = ["GENERATORS", "PROBLEMS", "matrix_of"]


def _pair(L, rate, n):
    return [(L, rate * (n + 1)), (L.dag(), rate * n)]


def _network(n: int, edges: list[tuple[int, int]]) -> tuple[SparseMatrix, int]:
    base = ring(len(edges))
    entries: dict[tuple[int, int], Fraction] = {}
    for k, (i, j) in enumerate(edges):
        rate = Fraction.of(base, base.gen(k))
        entries[i, j] = rate
        entries[j, j] = entries.get((j, j), Fraction.of(base, 0)) - rate
    return SparseMatrix(base, n, entries), n


def complete(n: int) -> tuple[SparseMatrix, int]:
    return _network(n, [(i, j) for i in range(n) for j in range(n) if i != j])


def circle(n: int) -> tuple[SparseMatrix, int]:
    around = [(k, (k + 1) % n) for k in range(n)]
    return _network(n, around + [(j, i) for i, j in around])


def cube() -> tuple[SparseMatrix, int]:
    """Populations of three qubits: every edge of the cube both ways, and 110 <-> 001."""
    edges = [(i, i ^ (1 << b)) for i in range(8) for b in range(3)]
    return _network(8, [*edges, (0b110, 0b001), (0b001, 0b110)])


def matrix_of(L: Generator) -> tuple[Alphabet, SparseMatrix]:
    space = alphabet(L.expressions)
    return space, real_generator(space, L.hamiltonian, [(j.operator, j.rate) for j in L.jumps])


def _full(L: Generator) -> tuple[SparseMatrix, int]:
    return matrix_of(L)[1], L.space.dim


def driven_qubit() -> Generator:
    Omega, down, up, phi = parameters("Omega gamma_down gamma_up gamma_phi")
    Delta = parameters("Delta", real=True)
    return gkls(
        Delta / 2 * sigmaz() + Omega / 2 * sigmax(),
        [(sigmam(), down), (sigmam().dag(), up), (sigmaz(), phi)],
    )


def maser() -> Generator:
    Gh, Gc, nh, nc, lam = parameters("Gamma_h Gamma_c n_h n_c lambda_")
    Delta = parameters("Delta", real=True)
    g, l, u = HilbertSpace("atom", levels="glu").kets
    H = Delta * u * u.dag() + lam * (u * l.dag() + l * u.dag())
    return gkls(H, _pair(g * u.dag(), Gh, nh) + _pair(g * l.dag(), Gc, nc))


def two_qubits() -> Generator:
    w1, w2, g, G1, G2, n1, n2 = parameters("w1 w2 g Gamma_1 Gamma_2 n_1 n_2")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w1 * a.dag() * a + w2 * b.dag() * b + g * (a.dag() * b + b.dag() * a)
    return gkls(H, _pair(a, G1, n1) + _pair(b, G2, n2))


def refrigerator() -> Generator:
    w = parameters("w1 w2 w3")
    G = parameters("Gamma_1 Gamma_2 Gamma_3")
    n = parameters("n_1 n_2 n_3")
    g = parameters("g")
    s = [tensor(*(sigmam() if i == k else qeye(2) for i in range(3))) for k in range(3)]
    V = s[0] * s[1].dag() * s[2]
    H = g * (V + V.dag())
    for k in range(3):
        H = H + w[k] * s[k].dag() * s[k]
    return gkls(H, [j for k in range(3) for j in _pair(s[k], G[k], n[k])])


def double_dot() -> Generator:
    t, phi = parameters("t Gamma_phi")
    Delta = parameters("Delta", real=True)
    k = parameters("k1 k2 k3 k4 k5 k6 k7 k8")
    zero, left, right, both = HilbertSpace("dots", levels="0LRD").kets
    H = Delta * left * left.dag() + t * (left * right.dag() + right * left.dag())
    hops = [(zero, left), (zero, right), (right, both), (left, both)]
    jumps = [(left * left.dag(), phi)]
    for m, (low, high) in enumerate(hops):
        jumps += [(low * high.dag(), k[2 * m]), (high * low.dag(), k[2 * m + 1])]
    return gkls(H, jumps)


def kerr() -> Generator:
    F, U, kappa, n = parameters("F U kappa n")
    Delta = parameters("Delta", real=True)
    a = destroy(4)
    H = Delta * num(4) + F * (a + a.dag()) + U / 2 * a.dag() * a.dag() * a * a
    return gkls(H, _pair(a, kappa, n))


GENERATORS: dict[str, Callable[[], Generator]] = {
    "P3 driven qubit": driven_qubit,
    "P4 driven maser 9x9": maser,
    "P5 two qubits 16x16": two_qubits,
    "P6 refrigerator 64x64": refrigerator,
    "P8 double dot 16x16": double_dot,
    "P9 Kerr cutoff 4 16x16": kerr,
}

PROBLEMS: dict[str, Callable[[], tuple[SparseMatrix, int]]] = {
    **{f"P1 complete N={n}": (lambda n=n: complete(n)) for n in (4, 5, 6, 7)},
    **{f"P2 ring N={n}": (lambda n=n: circle(n)) for n in (6, 8, 10, 12, 20, 40)},
    **{name: (lambda make=make: _full(make())) for name, make in GENERATORS.items()},
    "P7 cube populations": cube,
}
