"""Dots between leads: Davies generators against numpy, built from matrices alone."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from symtherm import (
    Coupling,
    HilbertSpace,
    Lead,
    Operator,
    Spectrum,
    davies,
    flat,
    is_zero,
    ledger,
    ohmic,
    parameters,
    prove,
    qeye,
    redfield,
    steady_state,
)
from symtherm.errors import NotThermal, OutsideClosedForm

w, T1, T2, g1, g2 = parameters("omega T_1 T_2 Gamma_1 Gamma_2")
mu1, mu2 = parameters("mu_1 mu_2", real=True)
dot = HilbertSpace("dot", levels=["0", "1"])
empty, full = dot.kets
c, n = empty * full.dag(), full * full.dag()
left, right = Lead("l", T1, mu1), Lead("r", T2, mu2)


@pytest.mark.parametrize("energy", [w, -w, sp.Integer(0)])
def test_a_level_fills_as_its_own_energy_says(energy):
    """<n> = (Gamma_1 f_1 + Gamma_2 f_2)/(Gamma_1 + Gamma_2), f at the level's energy of any sign.

    The energy that a lowering operator takes away is |energy|; below zero it brings an electron in.
    """
    order = [1, 0] if energy == -w else [0, 1]
    spectrum = Spectrum(dot, (0, energy), order)
    couplings = [Coupling(left, c + c.dag(), flat(g1)), Coupling(right, c + c.dag(), flat(g2))]
    pi = steady_state(davies(spectrum, couplings, number=n))
    f1, f2 = left.occupation(energy), right.occupation(energy)
    assert is_zero(pi.population("1") - (g1 * f1 + g2 * f2) / (g1 + g2))
    book = ledger(pi, energy=spectrum.hamiltonian, number=n)
    assert is_zero(book.current["l"] - g1 * g2 * (f1 - f2) / (g1 + g2))
    assert prove(book.second_law).verdict.name == "PROVED"


def test_what_leads_cannot_do_is_refused():
    spectrum, one = Spectrum(dot, (0, w)), [Coupling(left, c + c.dag(), flat(g1))]
    with pytest.raises(NotThermal, match="number=N"):
        davies(spectrum, one)
    with pytest.raises(NotThermal, match="changes N by 0"):
        davies(spectrum, one, number=qeye(dot))
    with pytest.raises(NotThermal, match="commutes with N"):
        davies(spectrum, one, number=c + c.dag())
    with pytest.raises(OutsideClosedForm, match="Lamb shift"):
        davies(spectrum, one, number=n, lamb_shift=True)
    with pytest.raises(OutsideClosedForm, match="two functions"):
        redfield(spectrum, [Coupling(left, c + c.dag(), ohmic(g1))])


RELAXED = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
steps = st.sampled_from([-2, -1, -sp.Rational(1, 2), sp.Rational(1, 3), 1, 2])


@given(steps, steps, st.permutations(["0", "a", "b"]))
@RELAXED
def test_two_orbitals_that_block_each_other_agree_with_numpy(ea, eb, labels):
    """Heats and currents at a point; energies of either sign in any order.

    Equal gaps on either side of the empty level share a Bohr frequency, and do not interfere.
    """
    space = HilbertSpace("dot", levels=labels)
    energies = {"0": sp.Integer(0), "a": ea * w, "b": eb * w}
    electrons = {"0": 0, "a": 1, "b": 1}
    moves = [("0", "a"), ("0", "b")]
    A = Operator.of(space, {m: sp.Integer(1) for m in moves})
    N = Operator.of(space, {(x, x): sp.Integer(k) for x, k in electrons.items()})
    numbers = {w: 1.3, T1: 0.7, T2: 1.9, g1: 0.4, g2: 1.1, mu1: 0.6, mu2: -0.9}
    levels = [energies[x] for x in labels]
    order = sorted(range(3), key=lambda k: levels[k] / w)
    assume(ea != eb)  # of two degenerate orbitals, both leads leave one combination alone
    spectrum = Spectrum(space, levels, order)
    couplings = [Coupling(left, A + A.dag(), flat(g1)), Coupling(right, A + A.dag(), flat(g2))]
    pi = steady_state(davies(spectrum, couplings, number=N))
    book = ledger(pi, energy=spectrum.hamiltonian, number=N)
    assert not book.failure

    E = np.diag([float(e.subs(numbers)) for e in levels])
    count = np.diag([float(electrons[x]) for x in labels])
    flows: dict[str, list[tuple[float, np.ndarray]]] = {"l": [], "r": []}
    for label, T, mu, gamma in (("l", 0.7, 0.6, 0.4), ("r", 1.9, -0.9, 1.1)):
        groups: dict[float, np.ndarray] = {}
        for low, high in moves:
            i, j = labels.index(low), labels.index(high)
            groups.setdefault(round(E[j, j] - E[i, i], 9), np.zeros((3, 3)))[i, j] = 1
        for energy, L in groups.items():
            f = 1 / (np.exp((energy - mu) / T) + 1)
            flows[label] += [(gamma * (1 - f), L), (gamma * f, L.T)]

    def moved(parts, rho):
        return sum(
            r * (L @ rho @ L.T - (L.T @ L @ rho + rho @ L.T @ L) / 2) for r, L in parts
        )  # fmt: skip

    units = [np.outer(np.eye(3)[i], np.eye(3)[j]) for i in range(3) for j in range(3)]
    columns = [(-1j * (E @ x - x @ E) + moved(flows["l"] + flows["r"], x)).flatten() for x in units]
    _, values, rows = np.linalg.svd(np.array(columns).T)
    assert values[-2] > 1e-6
    rho = rows[-1].conj().reshape(3, 3)
    rho = rho / np.trace(rho)
    for label, mu in (("l", 0.6), ("r", -0.9)):
        D = moved(flows[label], rho)
        for ours, theirs in (
            (book.heat[label], np.trace((E - mu * count) @ D).real),
            (book.current[label], np.trace(count @ D).real),
        ):
            assert float(ours.subs(numbers)) == pytest.approx(theirs, abs=1e-9)
