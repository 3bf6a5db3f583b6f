"""Ledgers whose closed forms nobody would print: their evaluators are eliminations."""

import sympy
from mpmath import mp

from symtherm import HilbertSpace, Model, ThermalBath, certify, evaluator, gkls, parameters

S = HilbertSpace("m", levels="glu")
ground, lower, upper = S.kets
delta, g, w, a, b = parameters("Delta g w gamma_h gamma_c")
T_h, T_c, omega_h, omega_c = parameters("T_h T_c omega_h omega_c")
BATHS = [
    ThermalBath("h", T_h).jumps(ground * upper.dag(), frequency=omega_h, rate=a),
    ThermalBath("c", T_c).jumps(ground * lower.dag(), frequency=omega_c, rate=b),
]
NAMES = (delta, g, w, a, b, T_h, T_c, omega_h, omega_c)
POINT = dict(
    zip(
        NAMES,
        map(sympy.Rational, ["1/2", "3/4", "1/3", "1/5", "2/7", "3", "1", "2", "5/4"]),
        strict=True,
    )
)


def twice_driven(*more):
    """A maser driven on two transitions: three coherences in one block with the populations."""
    V = g * upper * lower.dag() + w * lower * ground.dag()
    H = delta * lower * lower.dag() + V + V.dag()
    energy = omega_h * upper * upper.dag() + omega_c * lower * lower.dag()
    L = gkls(H, [*BATHS, *more])
    return Model(name="twice", title="Twice driven", parameters=NAMES, generator=L, energy=energy)


def agrees(model, point):
    book = model.ledger
    f = evaluator(book, [str(s) for s in NAMES])
    found = f(**{str(s): float(v) for s, v in point.items()})
    known = certify(book, point, digits=25)
    for name, value in found.items():
        want = mp.mpf(known[name].value)
        assert abs(value - want) <= 1e-13 * abs(want), name
    return f


def test_long_ledgers_are_evaluated_by_elimination():
    """Some hundred steps for closed forms of a thousand terms each, and the same numbers."""
    model = twice_driven()
    assert max(len(f.num) + len(f.den) for f in model.ledger.fractions.values()) > 1000
    f = agrees(model, POINT)
    assert f.keys[-3:] == ("population[g]", "population[l]", "population[u]")
    assert len(f.program) < 500


def test_longer_ledgers():
    """Dephasing multiplies the terms; also without one of the drives, where they are few."""
    z = sympy.Rational(1, 7)
    agrees(twice_driven((lower * lower.dag(), z, "phi")), POINT)
    agrees(twice_driven((upper * ground.dag(), a, "leak")), POINT)


def test_long_ledgers_near_equilibrium_lose_digits_only():
    """sigma is never negative, and right to the digits that its subtractions leave."""
    model = twice_driven()
    f = evaluator(model.ledger, [str(s) for s in NAMES])
    at = {str(s): float(v) for s, v in POINT.items()} | {"g": 1e-5, "w": 1e-6, "T_h": 1.0}
    point = {s: sympy.Rational(at[str(s)]) for s in NAMES}
    want = mp.mpf(certify(model.ledger, point, digits=20)["entropy_production"].value)
    assert f(**at)["entropy_production"] >= 0
    assert abs(f(**at)["entropy_production"] - want) < 1e-13
