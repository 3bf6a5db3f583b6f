"""Relative entropy, data processing and free energy on states and channels that no page uses."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    data_processing,
    free_energy,
    gibbs_state,
    gkls,
    is_zero,
    ket2dm,
    kraus,
    parameters,
    propagator,
    prove,
    qeye,
    relative_entropy,
    replay,
    sigmam,
    sigmap,
    sigmax,
    sigmay,
    sigmaz,
)
from symtherm.quantum.eigen import in_exponentials

w, T, G, k, t, p, q = parameters("omega T Gamma kappa t p q")
x, y, z, u, v = parameters("x y z u v", real=True)
half = sp.Rational(1, 2)
trit = HilbertSpace("t", levels="abc")


def bloch(x, y, z):
    return (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2


@pytest.mark.parametrize(
    "amplitudes", [(1, 1), (1, sp.I), (3, 4 * sp.I), (sp.sqrt(2), -1)], ids=str
)
def test_infinite_off_the_support_of_any_pure_state(amplitudes):
    e, g = sigmaz().space.kets
    a, b = (sp.sympify(s) / sp.sqrt(sum(abs(c) ** 2 for c in amplitudes)) for s in amplitudes)
    pure = ket2dm(a * e + b * g)
    assert relative_entropy(bloch(x, y, z), pure) == sp.oo
    assert is_zero(relative_entropy(pure, pure))


def test_a_kernel_inside_a_block_of_three_levels():
    """sigma = |a><a|/2 + |+><+|/2 on b, c: finite for rho in its support, infinite else."""
    sigma = {(0, 0): half, (1, 1): half / 2, (2, 2): half / 2, (1, 2): half / 2, (2, 1): half / 2}
    inside = {(i, j): e * 2 * (p if i == 0 else 1 - p) for (i, j), e in sigma.items()}
    one, two = Operator.of(trit, inside), Operator.of(trit, sigma)
    expected = p * sp.log(2 * p) + (1 - p) * sp.log(2 * (1 - p))
    assert is_zero(relative_entropy(one, two) - expected)
    assert relative_entropy(qeye(trit) / 3, two) == sp.oo


def test_the_closed_form_has_no_imaginary_unit_left():
    assert not relative_entropy(bloch(x, y, z), bloch(u, v, half)).has(sp.I)


MODELS = {
    "decay and drive-free dephasing": gkls(w * sigmaz(), [(sigmam(), G), (sigmaz(), k)]),
    "infinite temperature": gkls(w * sigmaz(), [(sigmam(), G), (sigmap(), G)]),
    "pure dephasing": gkls(w * sigmaz(), [(sigmaz(), G, "phi")]),
}


@pytest.mark.parametrize("name", MODELS)
def test_data_processing_of_a_semigroup_is_proved(name):
    L = MODELS[name]
    operators = kraus(propagator(L, t), space=L.space)
    proof = prove(data_processing(bloch(x, y, z), bloch(u, v, 0), operators))
    assert proof.proved and replay(proof).valid


def test_data_processing_on_three_levels():
    """Decay a <- c at rate Gamma, with populations: weights that decay."""
    ket = trit.kets
    L = gkls(p * ket[1] * ket[1].dag(), [(ket[0] * ket[2].dag(), G)])
    operators = kraus(propagator(L, t), space=trit)
    r1, r2, s1, s2 = parameters("r_1 r_2 s_1 s_2")
    one, two = (
        Operator.of(trit, {(0, 0): 1 - a - b, (1, 1): a, (2, 2): b})
        for a, b in ((r1, r2), (s1, s2))
    )
    proof = prove(data_processing(one, two, operators))
    assert proof.proved and replay(proof).valid


@pytest.mark.parametrize("levels", [3, 6])
def test_excess_free_energy_is_a_claim_that_is_proved(levels):
    """Degenerate ground states, too."""
    energies = [0, 0, *parameters(f"e_2:{levels}")] if levels > 3 else [0, 0, w]
    weights = parameters(f"p_1:{levels}")
    space = HilbertSpace("n", levels)
    E = Operator.of(space, {(i, i): e for i, e in enumerate(energies) if e != 0})
    rho = Operator.of(space, {(i, i): e for i, e in enumerate([*weights, 1 - sum(weights)])})
    thermal = gibbs_state(E, T)
    gain = (free_energy(rho, E, T) - free_energy(thermal, E, T)) / T
    proof = prove(Claim(relative_entropy(rho, thermal), "==", gain))
    assert proof.proved and replay(proof).valid
    assert not prove(Claim(relative_entropy(rho, thermal), "==", gain + 1)).proved


def test_three_levels_with_coherence_between_two():
    E = Operator.of(trit, {(1, 1): w, (2, 2): w + q})
    rho = Operator.of(trit, {(0, 0): 1 - p, (1, 1): p / 2, (2, 2): p / 2, (1, 2): u, (2, 1): u})
    thermal = gibbs_state(E, T)
    gain = (free_energy(rho, E, T) - free_energy(thermal, E, T)) / T
    proof = prove(Claim(relative_entropy(rho, thermal), "==", gain))
    assert proof.proved and replay(proof).valid


def test_exponentials_for_occupations():
    n = 1 / (sp.exp(w / T) - 1)
    plain = in_exponentials((n + 1) / (2 * n + 1) * sp.exp(-G * t))
    assert is_zero(plain - (n + 1) / (2 * n + 1) * sp.exp(-G * t))
    assert not any(b.is_Add and -1 in b.args for b in (e.base for e in plain.atoms(sp.Pow)))
