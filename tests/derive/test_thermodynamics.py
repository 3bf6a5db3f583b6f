"""The derivation of each library model, and of variations that a user would try."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    Model,
    ThermalBath,
    gkls,
    is_zero,
    model,
    parameters,
    qeye,
    sigmam,
    sigmax,
    sigmaz,
    tensor,
    thermodynamics,
)

NAMES = ["qubit", "two-bath-qubit", "three-level-maser", "quantum-dot"]
SECTIONS = [
    "Setting",
    "Generator",
    "Detailed balance",
    "Steady state",
    "Currents",
    "First law",
    "Entropy production",
    "Second law",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_section_is_there_and_every_claim_proved(name):
    d = thermodynamics(model(name))
    headings = [heading for heading, _ in d.sections]
    assert headings[: len(SECTIONS)] == SECTIONS
    assert headings[-1] == "Numbers"
    assert d.proved
    assert all(s.verdict is None or s.verdict.name == "PROVED" for s in d.steps)


@pytest.mark.parametrize("name", NAMES)
def test_equations_carry_the_ledgers_closed_forms(name):
    """What is printed under a quantity's name is that quantity, in the names of the structure."""
    m = model(name)
    table = {d.symbol: d.explicit for d in m.steady_state.names}
    seen = set()
    for step in thermodynamics(m).steps:
        for equation in step.equations:
            if equation.name in m.ledger.fractions and step.name in (
                "currents",
                "entropy production",
            ):
                expr = m.ledger.readable(equation.name)
                assert str(expr) == equation.exact
                assert is_zero(expr.xreplace(table) - m.expression(equation.name))
                seen.add(equation.name)
    assert set(m.ledger.fractions) <= seen


def section(d, heading):
    return [s for h, steps in d.sections for s in steps if h == heading]


def test_limits_of_the_maser():
    d = thermodynamics(model("three-level-maser"))
    steps = {s.name: s for s in section(d, "Limits")}
    assert set(steps) == {"reversible point", "equal temperatures", "no drive"}
    texts = [e.rhs.text for e in steps["reversible point"].equations]
    assert texts[-1] == "1 - T_c/T_h"
    assert "vanish identically" in steps["no drive"].prose[-1]


def test_a_failing_second_law_is_said_and_not_claimed():
    """Local dissipators with E = H: no second law, and a point where the Clausius form is negative."""
    w1, w2, g, k1, k2, T1, T2 = parameters("omega_1 omega_2 g gamma_1 gamma_2 T_1 T_2")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w1 * a.dag() * a + w2 * b.dag() * b + g * (a.dag() * b + b.dag() * a)
    L = gkls(
        H,
        [
            ThermalBath("1", T1).jumps(a, frequency=w1, rate=k1),
            ThermalBath("2", T2).jumps(b, frequency=w2, rate=k2),
        ],
    )
    d = thermodynamics(Model("two", "Two qubits", (w1, w2, g, k1, k2, T1, T2), L, H))
    words = " ".join(str(p) for s in section(d, "Second law") for p in s.prose)
    assert "No second law is claimed" in words and "negative" in words
    assert d.certificate is None


def test_a_driven_dephased_qubit():
    w, g, phi, Om, T = parameters("omega gamma gamma_phi Omega T")
    D = parameters("Delta", real=True)
    L = gkls(
        -D / 2 * sigmaz() + Om / 2 * sigmax(),
        [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g), (sigmaz(), phi / 2, "phi")],
    )
    d = thermodynamics(Model("obe", "Bloch", (w, g, phi, Om, T, D), L, w / 2 * sigmaz()))
    assert d.proved
    assert d.condition.text == "never"
    names = [s.name for s in section(d, "Limits")]
    assert names == ["no drive"]


def test_structured_form_of_the_steady_state_means_the_state():
    """Putting the definitions in, one after the other, gives rho back."""
    state = model("three-level-maser").steady_state
    table: dict[sp.Symbol, sp.Expr] = {}
    for definition in state.structure:
        value = definition.expr.xreplace(table)
        table[definition.symbol] = value
    for i, label in enumerate("glu"):
        value = next(v for s, v in table.items() if s.name == f"p_{label}")
        assert is_zero(value - state.rho[i, i])
