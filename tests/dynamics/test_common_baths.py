"""Davies generators of two qubits that share their baths: superposed transitions of one frequency.

In the eigenbasis of H a coupling has elements such as 2 cos(theta) - sin(theta), which may vanish
for special parameters. Independent numbers come from NumPy, from H and the couplings alone.
"""

import numpy as np
import pytest
import sympy

from symtherm import (
    Coupling,
    Spectrum,
    ThermalBath,
    certify,
    davies,
    flat,
    ledger,
    parameters,
    prove,
    qeye,
    replay,
    sigmam,
    steady_state,
    tensor,
)
from symtherm.derive.derivation import Verdict
from symtherm.errors import OutOfDomain
from symtherm.exact.alphabet import alphabet

w, g, D, k1, k2, T1, T2 = parameters("omega g Delta kappa_1 kappa_2 T_1 T_2")
d = parameters("delta", real=True)
a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
X, Y = a + a.dag(), b + b.dag()
AT = {w: 5, g: 1, D: sympy.Rational(1, 2), k1: 1, k2: 2, T1: 3, T2: 2}


def built(first, second, detuning=D):
    H = (w + detuning) * a.dag() * a + (w - detuning) * b.dag() * b
    H = H + g * (a.dag() * b + b.dag() * a)
    S = Spectrum.of(H, ascending=["gg", "-", "+", "ee"])
    baths = [(ThermalBath("1", T1), first, k1), (ThermalBath("2", T2), second, k2)]
    return S, davies(S, [Coupling(bath, A, flat(k)) for bath, A, k in baths])


def heats(first, second, at):
    """Tr[H D_a(rho)] of the null vector of the Liouvillian that NumPy builds from the operators."""
    v = {str(s): float(x) for s, x in at.items()}
    down = np.array([[0.0, 0.0], [1.0, 0.0]])  # |g><e| with e first
    m, n = np.kron(down, np.eye(2)), np.kron(np.eye(2), down)
    shift = v.get("Delta", v.get("delta", 0.0))
    H = (v["omega"] + shift) * m.T @ m + (v["omega"] - shift) * n.T @ n
    H = H + v["g"] * (m.T @ n + n.T @ m)
    energies, U = np.linalg.eigh(H)
    one, parts = np.eye(4), []
    for (x, y), k, T in ((first, v["kappa_1"], v["T_1"]), (second, v["kappa_2"], v["T_2"])):
        A = U.T @ (x * (m + m.T) + y * (n + n.T)) @ U
        total = np.zeros((16, 16))
        gaps = energies[None, :] - energies[:, None]
        for gap in sorted({round(q, 9) for q in gaps[gaps > 1e-9]}):
            L = np.where(abs(gaps - gap) < 1e-8, A, 0.0)
            occupation = 1 / np.expm1(gap / T)
            for J, rate in ((L, k * (occupation + 1)), (L.T, k * occupation)):
                N = J.T @ J
                total += rate * (np.kron(J, J) - (np.kron(N, one) + np.kron(one, N)) / 2)
        parts.append(total)
    h = np.diag(energies)
    commutator = np.kron(h, one) - np.kron(one, h)
    _, _, V = np.linalg.svd(-1j * commutator + sum(parts))
    rho = V[-1].conj().reshape(4, 4)
    rho = rho / np.trace(rho)
    return [np.trace(h @ (p @ rho.ravel()).reshape(4, 4)).real for p in parts]


@pytest.mark.parametrize("weights", [((1, 0.5), (0, 1)), ((1, 2), (1, -1)), ((1, 1), (1, 0))])
@pytest.mark.parametrize("detuning", [D, d])
def test_detuned_qubits_with_common_baths(weights, detuning):
    """A coupling with elements of unknown sign: a proved second law, and NumPy's heats."""
    couplings = [sympy.nsimplify(x) * X + sympy.nsimplify(y) * Y for x, y in weights]
    S, L = built(*couplings, detuning)
    book = ledger(steady_state(L), energy=S.hamiltonian)
    proof = prove(book.second_law)
    assert proof.verdict is Verdict.PROVED
    assert replay(proof).valid
    at = {s: x for s, x in AT.items() if s != D} | {detuning: sympy.Rational(1, 2)}
    found = certify(book, at, digits=20)
    for label, number in zip("12", heats(*weights, at), strict=True):
        assert float(str(found[f"heat[{label}]"]).split(" ")[0]) == pytest.approx(number, rel=1e-9)


def test_ratios_of_amplitudes_have_no_needless_pole():
    """2 cos - sin vanishes at 4 Delta = 3 g, the other amplitude does not: nothing is excluded."""
    first, second = X + 2 * Y, X - Y
    S, L = built(first, second)
    assert L.conditions == (3 * sympy.sqrt(D**2 + g**2) - w,)
    state = steady_state(L)
    book = ledger(state, energy=S.hamiltonian)
    at = AT | {w: 20, g: 4, D: 3}
    found = certify(book, at, digits=20)
    for label, number in zip("12", heats((1, 2), (1, -1), at), strict=True):
        assert float(str(found[f"heat[{label}]"]).split(" ")[0]) == pytest.approx(number, rel=1e-9)
    value = float(state.population("ee").subs(at))
    assert value == pytest.approx(float(str(found["population[ee]"]).split(" ")[0]), rel=1e-12)


def test_amplitudes_that_may_all_vanish_are_a_condition():
    """delta of both signs: cos - 2 sin and cos + 2 sin both may vanish."""
    S, L = built(X + 2 * Y, X - Y, d)
    extra = [c for c in L.conditions if not c.has(w)]
    assert extra
    book = ledger(steady_state(L), energy=S.hamiltonian)
    at = {s: x for s, x in AT.items() if s != D} | {w: 20, g: 4, d: 3}
    if any(c.subs(at) == 0 for c in extra):
        with pytest.raises(OutOfDomain, match="excluded"):
            certify(book, at, digits=20)
    certify(book, at | {d: 4}, digits=20)


def test_weak_signs_of_sums_of_squares():
    x, y = parameters("x y", real=True)
    space = alphabet([x, y])
    total = space.fraction(-(x**2) - y**2)
    assert space.fraction_sign(total) is None
    assert space.fraction_sign(total, weak=True) == -1
    assert space.fraction_sign(space.fraction(x**2 + 3 * x * y + y**2), weak=True) is None


def test_weak_signs_of_sums_with_a_root():
    """5 R + 4 g - 3 d >= 0 with R = sqrt(g^2 + d^2), zero at 4 d + 3 g = 0 for some signs."""
    R = sympy.sqrt(g**2 + d**2)
    space = alphabet([R, g, d])
    assert space.fraction_sign(space.fraction(5 * R + 4 * g - 3 * d), weak=True) == 1
    assert space.fraction_sign(space.fraction(-5 * R + 4 * g - 3 * d), weak=True) == -1
    assert space.fraction_sign(space.fraction(4 * R + 4 * g - 3 * d), weak=True) is None
    assert space.fraction_sign(space.fraction(R - d), weak=True) == 1
