"""As short as the paper: operations of what is printed, definitions included.

The published forms are written with the definitions of ``golden.json``, each counted once; ours
are the structured forms of the shortest vocabulary. ``pytest -s`` shows the table.
"""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    ThermalBath,
    gkls,
    is_zero,
    ledger,
    model,
    parameters,
    qeye,
    sigmam,
    sigmax,
    sigmaz,
    steady_state,
    tensor,
)
from symtherm.dynamics.naming import VOCABULARIES
from symtherm.errors import BadExpression
from symtherm.exact.parse import parse_expression

LIMIT = 1.2


def operations(exprs) -> int:
    return sum(int(sp.S(e).count_ops()) for e in exprs)


def published(*lines: str) -> list[sp.Expr]:
    """The right-hand sides of "name = expression" lines."""
    return [parse_expression(line.split("=")[1].strip(), WORDS) for line in lines]


LETTERS = sp.symbols(
    "omega_h omega_c T_h T_c gamma_h gamma_c epsilon Delta n_h n_c b_u a_u b_l a_l Gamma W J "
    "x_l x_r f_l f_r Gamma_l Gamma_r mu_l mu_r T_l T_r omega_1 omega_2 T_1 T_2 g gamma_1 "
    "gamma_2 n_1 n_2 s_1 s_2 Gamma_1 Gamma_2 kappa n gphi Omega gamma",
    positive=True,
)
WORDS = {s.name: s for s in LETTERS}


def maser():
    """Entry 6: P = (omega_h - omega_c) J."""
    paper = published(
        "n_h = 1/(exp(omega_h/T_h) - 1)",
        "n_c = 1/(exp(omega_c/T_c) - 1)",
        "b_u = gamma_h*(n_h + 1)",
        "a_u = gamma_h*n_h",
        "b_l = gamma_c*(n_c + 1)",
        "a_l = gamma_c*n_c",
        "Gamma = (b_u + b_l)/2",
        "W = 2*epsilon**2*Gamma/(Gamma**2 + Delta**2)",
        "J = W*gamma_h*gamma_c*(n_h - n_c)/(W*(b_u + b_l + 2*a_u + 2*a_l) + b_u*b_l + a_u*b_l + a_l*b_u)",
        "P = (omega_h - omega_c)*J",
    )
    book = model("three-level-maser").ledger.in_terms_of("shortest")
    return paper, book.structured("power")


def dot():
    """Entry 8: the current and the entropy production, as displayed."""
    paper = published(
        "x_l = (epsilon - mu_l)/T_l",
        "x_r = (epsilon - mu_r)/T_r",
        "f_l = 1/(exp(x_l) + 1)",
        "f_r = 1/(exp(x_r) + 1)",
        "Sigma = Gamma_l*Gamma_r/(Gamma_l + Gamma_r)*(f_r - f_l)*(x_l - x_r)",
    )
    book = model("quantum-dot").ledger.in_terms_of("shortest")
    return paper, book.structured("entropy_production")


def pair_of_qubits():
    """Entry 13: the entropy production of two qubits with local baths and boundary work."""
    paper = published(
        "n_1 = 1/(exp(omega_1/T_1) - 1)",
        "n_2 = 1/(exp(omega_2/T_2) - 1)",
        "Gamma_1 = gamma_1*(2*n_1 + 1)",
        "Gamma_2 = gamma_2*(2*n_2 + 1)",
        "s_1 = 1/(exp(omega_1/T_1) + 1)",
        "s_2 = 1/(exp(omega_2/T_2) + 1)",
        "Delta = omega_1 - omega_2",
        "kappa = (Gamma_1 + Gamma_2)/2",
        "W = 2*g**2*kappa/(kappa**2 + Delta**2)",
        "J = (s_1 - s_2)/(1/W + 1/Gamma_1 + 1/Gamma_2)",
        "Sigma = (omega_2/T_2 - omega_1/T_1)*J",
    )
    w1, w2, g, k1, k2, T1, T2 = parameters("omega_1 omega_2 g gamma_1 gamma_2 T_1 T_2")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    energy = w1 * a.dag() * a + w2 * b.dag() * b
    L = gkls(
        energy + g * (a.dag() * b + b.dag() * a),
        [
            ThermalBath("1", T1).jumps(a, frequency=w1, rate=k1),
            ThermalBath("2", T2).jumps(b, frequency=w2, rate=k2),
        ],
    )
    book = ledger(steady_state(L), energy=energy).in_terms_of("shortest")
    return paper, book.structured("entropy_production")


def bloch():
    """Entry 4: the inversion of the optical Bloch equations, n and Delta given."""
    paper = published(
        "Gamma_1 = gamma*(2*n + 1)",
        "Gamma_2 = Gamma_1/2 + gphi",
        "sz = -1/(2*n + 1)*(Delta**2 + Gamma_2**2)/(Delta**2 + Gamma_2**2 + Omega**2*Gamma_2/Gamma_1)",
    )
    gamma, n, gphi, Omega = parameters("gamma n gphi Omega")
    Delta = parameters("Delta", real=True)
    sm = sigmam()
    L = gkls(
        -Delta / 2 * sigmaz() + Omega / 2 * sigmax(),
        [(sm, gamma * (n + 1)), (sm.dag(), gamma * n), (sigmaz(), gphi / 2)],
    )
    pi = steady_state(L)
    inversion = pi.expect(sigmaz())
    return paper, (*pi.structured(inversion), inversion)


ROWS = {4: bloch, 6: maser, 8: dot, 13: pair_of_qubits}


@pytest.mark.parametrize("entry", sorted(ROWS))
def test_what_is_printed_is_as_short_as_the_paper(entry, capsys):
    paper, ours = ROWS[entry]()
    theirs = operations(paper)
    count = operations(getattr(d, "expr", d) for d in ours)
    with capsys.disabled():
        ratio = f"{count / theirs:.2f}"
        print(f"\nentry {entry:>2}: published {theirs:>3}, printed {count:>3}, ratio {ratio}")
    assert count <= LIMIT * theirs


def test_published_form_of_two_coupled_qubits():
    """Driving force over resistances, (s_1 - s_2)/(1/W + 1/Gamma_1 + 1/Gamma_2), letter by letter."""
    _, ours = pair_of_qubits()
    s1, s2, W, G1, G2 = (WORDS[k] for k in ("s_1", "s_2", "W", "Gamma_1", "Gamma_2"))
    w1, w2, T1, T2 = (WORDS[k] for k in ("omega_1", "omega_2", "T_1", "T_2"))
    current = (s1 - s2) / (1 / W + 1 / G1 + 1 / G2)
    assert ours[-1].expr == (w2 / T2 - w1 / T1) * current


@pytest.mark.parametrize("name", ["two-bath-qubit", "three-level-maser", "quantum-dot"])
@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_vocabulary_means_the_same(name, vocabulary):
    book = model(name).ledger
    other = book.in_terms_of(vocabulary)
    for quantity in book.fractions:
        assert is_zero(other.expression(quantity) - book.expression(quantity))
        table = {d.symbol: d.expr for d in other.structured(quantity)}
        spelled = other.readable(quantity)
        while spelled.free_symbols & table.keys():
            spelled = spelled.xreplace(table)
        assert is_zero(spelled - book.expression(quantity))
    for level in book.generator.space.levels:
        assert is_zero(other.state.population(level) - book.state.population(level))


def test_an_unknown_vocabulary_is_refused():
    with pytest.raises(BadExpression, match="relaxation"):
        model("qubit").steady_state.in_terms_of("loops")
