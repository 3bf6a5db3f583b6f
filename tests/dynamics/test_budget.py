"""Beyond the term budget a steady state is a program: never expanded, still exact."""

from __future__ import annotations

import warnings

import mpmath as mp
import numpy as np
import pytest
from sympy import Rational

from symtherm import (
    ThermalBath,
    certify,
    gkls,
    ledger,
    model,
    parameters,
    qeye,
    sigmam,
    steady_state,
    tensor,
)
from symtherm.errors import TooLong


def chain(n):
    w = [parameters(f"w{k}") for k in range(n)]
    g = [parameters(f"g{k}") for k in range(n - 1)]
    G1, G2, T1, T2 = parameters("G1 G2 T1 T2")
    s = [tensor(*(sigmam() if i == k else qeye(2) for i in range(n))) for k in range(n)]
    H = w[0] * s[0].dag() * s[0]
    for k in range(1, n):
        H = H + w[k] * s[k].dag() * s[k]
        H = H + g[k - 1] * (s[k - 1].dag() * s[k] + s[k].dag() * s[k - 1])
    baths = [
        ThermalBath("1", T1).jumps(s[0], frequency=w[0], rate=G1),
        ThermalBath("2", T2).jumps(s[-1], frequency=w[-1], rate=G2),
    ]
    return gkls(H, baths)


def ordinary_point(L):
    return {s: Rational(k + 3, k + 2) for k, s in enumerate(sorted(L.free_symbols, key=str))}


@pytest.mark.parametrize("n", [3, 4])
def test_a_chain_of_qubits_comes_as_a_program(n):
    """Against the null vector of the column-stacked matrix in floats."""
    L = chain(n)
    with pytest.warns(UserWarning, match="straight-line program"):
        state = steady_state(L)
    at = ordinary_point(L)
    found = state.enclose(at, 20)
    numbers = {s: float(v) for s, v in at.items()}
    rows, columns, values = zip(
        *((i, j, complex(v.subs(numbers))) for (i, j), v in L.superoperator().entries.items()),
        strict=True,
    )
    d = 2**n
    matrix = np.zeros((d * d, d * d), complex)
    matrix[rows, columns] = values
    matrix[0] = np.eye(d).ravel()
    vector = np.linalg.solve(matrix, np.eye(d * d)[0]).reshape(d, d)
    for k in range(d):
        assert abs(float(found[k, k, ""].value) - vector[k, k].real) < 1e-12
    with pytest.raises(TooLong, match="program"):
        state.population(L.space.levels[0])
    with pytest.raises(TooLong, match="enclose"):
        ledger(state, energy=L.hamiltonian).fraction("power")


def test_the_budget_can_be_set():
    L = model("three-level-maser").generator
    with pytest.warns(UserWarning, match="more than 50 terms"):
        state = steady_state(L, max_terms=50)
    assert state.expansion is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert steady_state(L).expansion is not None


@pytest.mark.parametrize("name", ["qubit", "two-bath-qubit", "three-level-maser", "quantum-dot"])
def test_program_and_closed_form_have_the_same_digits(name):
    m = model(name)
    found = m.steady_state.enclose(m.point, 40)
    values = certify(m, m.point, 40)
    for k, label in enumerate(m.energy.space.levels):
        with mp.workdps(50):
            difference = mp.mpf(found[k, k, ""].value) - mp.mpf(
                values[f"population[{label}]"].value
            )
            assert abs(difference) < mp.mpf(10) ** -38
