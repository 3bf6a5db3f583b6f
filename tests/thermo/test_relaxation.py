"""Entropy produced until rest, on models that page 7 does not use, by three routes."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Lead,
    Operator,
    Spectrum,
    SqueezedBath,
    ThermalBath,
    certify,
    davies,
    decompose,
    entropy_production,
    flat,
    gibbs_state,
    gkls,
    is_zero,
    ohmic,
    parameters,
    prove,
    qeye,
    redfield,
    relaxation,
    replay,
    sigmam,
    sigmap,
    sigmax,
    sigmay,
    sigmaz,
    tensor,
)
from symtherm.errors import NotUnique, OutOfDomain, OutsideClosedForm, WrongArgument
from symtherm.numeric.entropies import enclose_relative_entropy
from symtherm.numeric.integrate import (
    entropy_production as integrated,
)
from symtherm.numeric.integrate import (
    entropy_production_rate,
    evolve,
)
from symtherm.numeric.operators import numeric_entries, numeric_generator

w, w1, w2, g, k, T, Th, Tc, eps, p, q = parameters(
    "omega omega_1 omega_2 gamma kappa T T_h T_c epsilon p q"
)
x, y, z, c, mu = parameters("x y z c mu", real=True)
H = w / 2 * sigmaz()
bloch = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2
trit = HilbertSpace("n", 3)
hop = Operator.of(trit, {(i, j): sp.Integer(1) for i in range(3) for j in range(3) if i != j})
three = Operator.of(
    trit, {(0, 0): 1 - p - q, (1, 1): p, (2, 2): q, (1, 2): c + sp.I * c, (2, 1): c - sp.I * c}
)
AT = {w: 2, w1: sp.Rational(1, 2), w2: 1, g: sp.Rational(1, 2), k: sp.Rational(1, 3)}
AT |= {
    T: sp.Rational(5, 4),
    Th: 3,
    Tc: sp.Rational(4, 5),
    eps: sp.Rational(1, 4),
    mu: sp.Rational(-1, 3),
}
AT = {s: sp.Rational(v) for s, v in AT.items()}
HERE = {p: sp.Rational(1, 4), q: sp.Rational(2, 5), c: sp.Rational(1, 8)}
HERE |= {x: sp.Rational(1, 2), y: sp.Rational(-1, 5), z: sp.Rational(3, 10)}
HERE = {s: sp.Rational(v) for s, v in HERE.items()}


def thermal(label, temperature, rate=g):
    return ThermalBath(label, temperature).jumps(sigmam(), frequency=w, rate=rate)


def ladder(*baths):
    return davies(Spectrum(trit, (0, w1, w1 + w2)), [Coupling(b, hop, ohmic(g)) for b in baths])


n = sigmap() * sigmam()
MODELS = {
    "two baths of one temperature": (gkls(H, [thermal("a", T), thermal("b", T, k)]), bloch, True),
    "dephasing beside": (gkls(H, [thermal("a", T), (sigmaz(), k, "phi")]), bloch, True),
    "a lead": (gkls(w * n, [Lead("l", T, mu).jumps(sigmam(), energy=w, rate=g)]), bloch, True),
    "three levels": (ladder(ThermalBath("b", T)), three, True),
    "three levels, two baths": (ladder(ThermalBath("h", Th), ThermalBath("c", Tc)), three, False),
    "a drive": (gkls(eps * sigmax(), [thermal("c", T)]), bloch, False),
    "a detuned drive and two baths": (
        gkls(eps * sigmay() + k * sigmaz(), [thermal("h", Th), thermal("c", Tc, k)]),
        bloch,
        False,
    ),
    "populations under a drive": (
        gkls(eps * sigmax(), [thermal("c", T)]),
        Operator.of(H.space, {(0, 0): p, (1, 1): 1 - p}),
        False,
    ),
    "no state to speak of": (gkls(H, [thermal("a", T)]), qeye(2) / 2, True),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_slope_and_the_sign_are_proved(name):
    """Derivative of a closed form against traces of logarithms, accepted by the checker."""
    L, rho, at_rest = MODELS[name]
    way = relaxation(L, rho)
    assert way.at_rest is at_rest
    assert (way.production == sp.oo) is not at_rest
    for claim in (way.slope, way.law):
        proof = prove(claim)
        assert proof.proved and replay(proof).valid


def numbers(rho, digits=40):
    d = rho.space.dim
    return mp.matrix([[mp.mpmathify(sp.N(rho[i, j], digits)) for j in range(d)] for i in range(d)])


@pytest.mark.parametrize(
    "name", ["two baths of one temperature", "dephasing beside", "a lead", "three levels"]
)
def test_the_integral_from_the_operators(name):
    """Delta S - sum beta Q by one exponential, until nothing moves."""
    L, rho, _ = MODELS[name]
    energy = L.hamiltonian - mu * n if name == "a lead" else L.hamiltonian
    ball = certify(relaxation(L, rho).production.subs(HERE), AT, 25)
    with mp.workdps(45):
        beta = {b.label: 1 / mp.mpmathify(sp.N(b.T.subs(AT), 40)) for b in L.baths}
        total = integrated(
            numeric_generator(L, AT, 40),
            numbers(rho.subs(HERE)),
            400,
            numeric_entries(energy, AT, 40),
            beta,
            25,
        )
        assert abs(total - mp.mpf(ball.value)) < mp.mpf(10) ** -22


def test_quadrature_of_the_rate_is_a_third_route():
    """sigma at every moment of the numeric evolution, integrated until t, at equal temperatures."""
    L, rho, _ = MODELS["three levels"]
    way = relaxation(L, rho.subs(HERE))
    with mp.workdps(20):
        gen, start = numeric_generator(L, AT, 20), numbers(rho.subs(HERE), 20)
        energy, beta = numeric_entries(L.hamiltonian, AT, 20), {"b": mp.mpf(4) / 5}

        def rate(t):
            return entropy_production_rate(gen, evolve(gen, start, t, 20), energy, beta, 15)

        area = mp.quad(rate, [0, 1], maxdegree=4)
        one = integrated(gen, start, 1, energy, beta, 15)
        left = enclose_relative_entropy(way.rho, way.pi, AT, 15)
        assert abs(area - one) < 1e-10 and 0 < one < mp.mpf(left.value)


def test_the_nonadiabatic_part_of_the_driven_qubit_by_quadrature():
    """pi has coherence: the closed rate of the decomposition along the numeric evolution."""
    L, rho, _ = MODELS["a drive"]
    way = relaxation(L, rho.subs(HERE))
    parts = decompose(L, bloch, energy=H)
    rate = sp.lambdify((x, y, z), parts.nonadiabatic.subs(AT), "mpmath")
    with mp.workdps(20):
        gen, start = numeric_generator(L, AT, 20), numbers(rho.subs(HERE), 20)

        def along(t):
            r = evolve(gen, start, t, 20)
            return mp.re(rate(2 * mp.re(r[0, 1]), -2 * mp.im(r[0, 1]), mp.re(r[0, 0] - r[1, 1])))

        area = mp.quad(along, [0, 1, 2, 4], maxdegree=4)
        end = evolve(gen, start, 4, 20)
        d = {x: 2 * mp.re(end[0, 1]), y: -2 * mp.im(end[0, 1]), z: mp.re(end[0, 0] - end[1, 1])}
        until = way.until(bloch.subs({s: sp.Rational(mp.nstr(v, 20)) for s, v in d.items()}))
        assert abs(area - mp.mpmathify(sp.N(until.subs(AT), 18))) < 1e-9


def test_four_levels_between_two_qubits_and_balls_beyond_blocks():
    """Two exchange-coupled qubits, one bath: populations in closed form, coherent states in balls."""
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    E = w * (a.dag() * a + b.dag() * b) + k * (a.dag() * b + b.dag() * a)
    spectrum = Spectrum.of(E, ascending=["gg", "-", "+", "ee"])
    A = tensor(sigmax(), qeye(2))
    L = davies(spectrum, [Coupling(ThermalBath("b", T), A, flat(g))])
    weights = (p, q / 2, q / 2, 1 - p - q)
    rho = Operator.of(spectrum.space, {(i, i): v for i, v in enumerate(weights)})
    way = relaxation(L, rho)
    assert way.at_rest
    assert all(prove(claim).proved for claim in (way.slope, way.law))
    coherent = rho.subs(HERE) + Operator.of(
        spectrum.space, {(i, j): sp.Rational(1, 40) for i in range(4) for j in range(4) if i != j}
    )
    with pytest.raises(OutsideClosedForm):
        _ = relaxation(L, coherent).production
    ball = enclose_relative_entropy(coherent, way.pi, AT, 20)
    with mp.workdps(45):
        total = integrated(
            numeric_generator(L, AT, 40),
            numbers(coherent),
            400,
            numeric_entries(spectrum.hamiltonian, AT, 40),
            {"b": mp.mpf(4) / 5},
            20,
        )
        assert abs(total - mp.mpf(ball.value)) < mp.mpf(10) ** -17


def test_at_rest_nothing_is_produced():
    L = MODELS["three levels"][0]
    way = relaxation(L, gibbs_state(L.hamiltonian, T))
    assert is_zero(way.production) and is_zero(way.slope.lhs)
    assert is_zero(entropy_production(L, way.rho))


def test_what_has_no_relaxation():
    """Several stationary states; a stationary state without full rank; a bath without temperature."""
    with pytest.raises(NotUnique):
        relaxation(gkls(H, [(sigmaz(), g)]), bloch)
    cold = relaxation(gkls(H, [(sigmam(), g)]), bloch)
    assert cold.nonadiabatic == sp.oo
    with pytest.raises(OutOfDomain):
        _ = cold.slope
    warm = relaxation(gkls(H, [(sigmam(), g), (sigmap(), k)]), bloch)
    assert prove(warm.slope).proved
    squeezed = SqueezedBath("s", T, parameters("r")).jumps(sigmam(), frequency=w, rate=g)
    way = relaxation(gkls(0 * H, list(squeezed)), bloch)
    assert prove(way.slope).proved and prove(way.law).proved
    nonsecular = redfield(
        Spectrum(trit, (0, w1, w1 + w2)), [Coupling(ThermalBath("b", T), hop, ohmic(g))]
    )
    with pytest.raises(WrongArgument):
        relaxation(nonsecular, three)
