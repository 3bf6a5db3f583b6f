"""Random sums of nonnegative terms are PROVED and replayed; random false claims are REFUTED."""

from __future__ import annotations

import mpmath as mp
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symtherm import Claim, parameters, prove, replay

ZERO = sp.Integer(0)
SYMBOLS = parameters("a b c d")
FAST = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

small = st.integers(min_value=1, max_value=4)
symbol = st.sampled_from(SYMBOLS)


@st.composite
def monomials(draw):
    return draw(small) * draw(symbol) ** draw(st.integers(0, 2)) * draw(symbol)


@st.composite
def positives(draw):
    """A visibly positive expression: a sum of monomials, perhaps over another, or its root."""
    total = sp.Add(*(draw(monomials()) for _ in range(draw(st.integers(1, 2)))))
    kind = draw(st.sampled_from(("plain", "plain", "over", "root")))
    if kind == "over":
        return total / (draw(monomials()) + draw(small))
    return sp.sqrt(total) if kind == "root" else total


@st.composite
def sides(draw):
    a, b = draw(monomials()), draw(monomials()) / draw(symbol)
    return a, b


@st.composite
def terms(draw):
    """A nonnegative term that is zero somewhere, or positive."""
    K, (a, b) = draw(positives()), draw(sides())
    kind = draw(st.sampled_from(("exp", "log", "klein", "square", "positive")))
    if kind == "exp":
        return K * (sp.exp(a) - sp.exp(b)) * (a - b)
    if kind == "log":
        return K * (sp.log(a) - sp.log(b)) * (a - b)
    if kind == "klein":
        return K * (a * sp.log(a / b) - a + b)
    return K * (a - b) ** 2 if kind == "square" else K


@FAST
@given(st.lists(terms(), min_size=1, max_size=3))
def test_sums_of_nonnegative_terms_are_proved_and_replayed(parts):
    proof = prove(Claim(sp.Add(*parts), ">=", ZERO))
    assert proof.proved
    result = replay(proof)
    assert result.valid and result.log2_error < -80, result.reason


@FAST
@given(terms(), st.sampled_from([1, 2, 5]))
def test_false_claims_are_refuted_at_a_point_that_another_program_confirms(term, shift):
    """-term - 1/shift < 0 everywhere: the point is checked in 60 digits by mpmath."""
    expr = -term - sp.Rational(1, shift)
    proof = prove(Claim(expr, ">=", ZERO))
    assert proof.verdict.name == "REFUTED"
    at = {s: sp.Rational(proof.counterexample[s.name]) for s in SYMBOLS if s in expr.free_symbols}
    with mp.workdps(60):
        value = sp.lambdify(list(at), expr, "mpmath")(*(mp.mpf(v.p) / v.q for v in at.values()))
        assert value < 0


@FAST
@given(terms(), monomials())
def test_claims_that_fail_somewhere_are_never_proved(term, monomial):
    """term - K m is negative where the pair is at equality (a = b has positive solutions)."""
    a = SYMBOLS[0]
    equal = {s: sp.Integer(1) for s in SYMBOLS}
    expr = term - monomial
    if sp.N(expr.xreplace(equal), 30) >= 0:
        expr = expr - term.xreplace(equal) - 1 - a
    assert sp.N(expr.xreplace(equal), 30) < 0
    assert not prove(Claim(expr, ">=", ZERO)).proved
