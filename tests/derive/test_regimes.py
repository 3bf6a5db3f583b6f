"""Claims that hold within a regime: expressions declared positive, such as an affinity."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import Claim, model, parameters, prove, replay
from symtherm.errors import UnorderedSpectrum

ZERO = sp.Integer(0)


def maser():
    book = model("three-level-maser").ledger
    symbols = {str(s): s for s in book.entropy_production.free_symbols}
    return book, *(symbols[n] for n in ("omega_h", "omega_c", "T_h", "T_c"))


def accepted(claim: Claim) -> bool:
    proof = prove(claim)
    return proof.verdict.name == "PROVED" and replay(proof).valid


def test_the_efficiency_of_an_engine_is_at_most_that_of_carnot():
    book, wh, wc, Th, Tc = maser()
    carnot, efficiency = 1 - Tc / Th, book.efficiency("h")
    engine = wc / Tc - wh / Th
    assert accepted(Claim(carnot, ">=", efficiency, positive=(engine,)))
    assert prove(Claim(carnot, ">=", efficiency)).verdict.name == "REFUTED"
    assert prove(Claim(carnot, ">=", efficiency, positive=(-engine,))).verdict.name == "REFUTED"


def test_the_signs_of_heat_and_power_of_an_engine():
    book, wh, wc, Th, Tc = maser()
    regime = (wc / Tc - wh / Th, wh - wc)
    assert accepted(Claim(book.heat["h"], ">=", ZERO, positive=regime))
    assert accepted(Claim(-book.power, ">=", ZERO, positive=regime))
    assert accepted(Claim(-book.heat["c"], ">=", ZERO, positive=regime[::-1]))
    assert prove(Claim(book.power, ">=", ZERO, positive=regime)).verdict.name == "REFUTED"


def test_an_assumption_of_real_parameters_is_used_as_it_is():
    book = model("quantum-dot").ledger
    epsilon, mu_l, mu_r, T_l, T_r = (
        next(s for s in book.entropy_production.free_symbols if str(s) == n)
        for n in ("epsilon", "mu_l", "mu_r", "T_l", "T_r")
    )
    affinity = (epsilon - mu_r) / T_r - (epsilon - mu_l) / T_l
    proof = prove(Claim(book.current["l"], ">=", ZERO, positive=(affinity,)))
    result = replay(proof)
    assert result.valid
    assert result.statement.endswith("epsilon*T_l + mu_l*T_r - epsilon*T_r - mu_r*T_l > 0")


def test_the_assumption_is_part_of_the_statement():
    a, b, c, d = parameters("a b c d")
    proof = prove(Claim(a * d, ">=", b * c, positive=(a / b - c / d,)))
    result = replay(proof)
    assert result.valid
    assert result.statement.endswith("a*d - b*c > 0")


def test_ratios_that_contradict_one_another_are_refused():
    a, b, c, d = parameters("a b c d")
    with pytest.raises(UnorderedSpectrum):
        prove(Claim(a, ">=", b, positive=(a / b - c / d, c / d - a / b)))


def test_a_chain_of_ratios_and_an_order_between_the_same_symbols():
    a, b, c, d, e, f = parameters("a b c d e f")
    chain = (a / b - c / d, c / d - e / f, a - c)
    assert accepted(Claim(a * f, ">=", e * b, positive=chain))
    assert accepted(Claim(sp.exp(a / b), ">=", sp.exp(e / f), positive=chain))
