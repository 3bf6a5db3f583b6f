"""Every claim of ``decompose`` on models of three and four levels with coherence: proved, replayed.

The parts are also compared with matrix logarithms at a point.
"""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    Operator,
    ThermalBath,
    decompose,
    gkls,
    parameters,
    prove,
    qeye,
    replay,
    sigmam,
    sigmaz,
    tensor,
)

omega_h, omega_c, Omega = parameters("omega_h omega_c Omega")
gamma_h, gamma_c, gamma, kappa, T_h, T_c = parameters("gamma_h gamma_c gamma kappa T_h T_c")
a, b, c, d = parameters("a b c d")
x, y = parameters("x y", real=True)
HOT, COLD = ThermalBath("h", T_h), ThermalBath("c", T_c)
ATOM = HilbertSpace("atom", "glu")
G, LOW, UP = ATOM.kets
H = omega_c * LOW * LOW.dag() + omega_h * UP * UP.dag()
HOT_JUMP = HOT.jumps(G * UP.dag(), frequency=omega_h, rate=gamma_h)
COLD_JUMP = COLD.jumps(G * LOW.dag(), frequency=omega_c, rate=gamma_c)
UPPER = {(0, 0): 1 - a - b, (1, 1): a, (2, 2): b, (1, 2): c, (2, 1): c}
COMPLEX = {**UPPER, (1, 2): x + sp.I * y, (2, 1): x - sp.I * y}
OUTER = {(0, 0): a, (1, 1): 1 - a - b, (2, 2): b, (0, 2): c, (2, 0): c}
POINT = {
    omega_h: 3,
    omega_c: 1,
    Omega: sp.Rational(1, 2),
    gamma_h: sp.Rational(1, 3),
    gamma_c: sp.Rational(1, 5),
    gamma: sp.Rational(2, 7),
    kappa: sp.Rational(1, 2),
    T_h: 4,
    T_c: 2,
    a: sp.Rational(1, 3),
    b: sp.Rational(1, 4),
    c: sp.Rational(1, 10),
    d: sp.Rational(1, 8),
    x: sp.Rational(1, 9),
    y: sp.Rational(-1, 11),
}


def triangle():
    third = HOT.jumps(LOW * UP.dag(), frequency=omega_h - omega_c, rate=gamma)
    return gkls(H, [HOT_JUMP, COLD_JUMP, third], positive=[omega_h - omega_c]), OUTER


def degenerate():
    jumps = [
        HOT.jumps(G * UP.dag(), frequency=omega_c, rate=gamma_h),
        COLD.jumps(G * LOW.dag(), frequency=omega_c, rate=gamma_c),
    ]
    return gkls(omega_c * (LOW * LOW.dag() + UP * UP.dag()), jumps), UPPER


def two_qubits():
    first, second = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    free = omega_h / 2 * tensor(sigmaz(), qeye(2)) + omega_c / 2 * tensor(qeye(2), sigmaz())
    jumps = [
        HOT.jumps(first, frequency=omega_h, rate=gamma_h),
        COLD.jumps(second, frequency=omega_c, rate=gamma_c),
    ]
    state = {(0, 0): a, (1, 1): b, (2, 2): 1 - a - b - d, (3, 3): d, (1, 2): c, (2, 1): c}
    return gkls(free, jumps), state


DEPHASING = (UP * UP.dag() - LOW * LOW.dag(), kappa, "phi")
THIRD = COLD.jumps(G * UP.dag(), frequency=omega_h, rate=gamma)
MODELS = {
    "two baths": lambda: (gkls(H, [HOT_JUMP, COLD_JUMP]), UPPER),
    "complex coherence": lambda: (gkls(H, [HOT_JUMP, COLD_JUMP]), COMPLEX),
    "two baths on one transition": lambda: (gkls(H, [HOT_JUMP, COLD_JUMP, THIRD]), UPPER),
    "coherence across a bath": lambda: (gkls(H, [HOT_JUMP, COLD_JUMP]), OUTER),
    "degenerate": degenerate,
    "dephased": lambda: (gkls(H, [HOT_JUMP, COLD_JUMP, DEPHASING]), UPPER),
    "triangle": triangle,
    "driven": lambda: (
        gkls(H + Omega * (UP * LOW.dag() + LOW * UP.dag()), [HOT_JUMP, COLD_JUMP]),
        UPPER,
    ),
    "two qubits": two_qubits,
}
SLOW = ("dephased", "triangle", "driven", "two qubits")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in MODELS]
)
def test_every_claim_is_proved_and_replayed(name):
    L, entries = MODELS[name]()
    rho = Operator.of(L.space, entries)
    parts = decompose(L, rho, energy=H if name == "driven" else None)
    names = [claim.name for claim in parts.claims]
    assert {"The parts sum to the whole", "Entropy production", "Nonadiabatic part"} <= set(names)
    for claim in parts.claims:
        proof = prove(claim)
        assert proof.verdict.name == "PROVED", claim.name
        assert replay(proof).valid, claim.name
    nonadiabatic = sp.N(parts.nonadiabatic.xreplace(POINT), 30)
    assert abs(nonadiabatic - by_matrices(L, rho, parts.pi)) < 1e-12


def by_matrices(L, rho, pi) -> float:
    """-Tr[L(rho)(ln rho - ln pi)] from matrix logarithms of numbers."""

    def numbers(operator):
        matrix = mp.zeros(L.space.dim)
        for i, j, v in operator.data:
            matrix[i, j] = mp.mpmathify(sp.N(v.xreplace(POINT), 25))
        return matrix

    motion, state, fixed = (numbers(o) for o in (L(rho), rho, pi))
    product = motion * (mp.logm(state) - mp.logm(fixed))
    return float(-mp.re(sum(product[i, i] for i in range(L.space.dim))))
