"""Integrals over baths in balls, against closed forms and against quadrature with mpmath."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from mpmath import mp

from symtherm import (
    Coupling,
    HilbertSpace,
    Spectrum,
    ThermalBath,
    certify,
    davies,
    drude,
    flat,
    gkls,
    ohmic_cutoff,
    parameters,
    sigmam,
    sigmax,
    sigmaz,
)
from symtherm.errors import OutOfDomain, OutsideClosedForm, Undecided, UnknownSymbol
from symtherm.exact.balls import enclose
from symtherm.exact.deadline import limited
from symtherm.exact.quadrature import along, complex_ball, enclose_integral
from symtherm.exact.refine import NotYet
from symtherm.numeric.bath_integrals import enclose_correlation, enclose_lamb_shift
from symtherm.numeric.enclosure import Enclosed
from symtherm.numeric.initial import initial_coordinates
from symtherm.numeric.principal import lamb_integral
from symtherm.numeric.system import substituted, system_of
from symtherm.numeric.twin import steady_twin
from symtherm.reference import certify_operators

R = sympy.Rational
GOLDEN = json.loads((Path(__file__).parents[1] / "papers" / "golden.json").read_text())


def overlap(a, b):
    return abs(Fraction(a.value) - Fraction(b.value)) <= Fraction(a.radius) + Fraction(b.radius)


def contains(ball, value, digits):
    with mp.workdps(digits + 20):
        slack = mp.mpf(10) ** -digits * (1 + abs(value))
        assert abs(mp.mpf(ball.value) - value) <= mp.mpf(ball.radius) + slack, (ball, value)


def test_the_golden_lamb_shift():
    entry = next(e for e in GOLDEN if e["id"] == 26)
    found = enclose_lamb_shift(ohmic_cutoff(R(1, 10), 5), 1, 0, {}, 50)
    gap = abs(Fraction(found.value) - Fraction(entry["value_50_digits"]))
    assert gap <= Fraction(found.radius) + Fraction(1, 10**50)


@pytest.mark.parametrize("omega", [R(1, 1000), R(1), R(7, 3), R(40), R(-1), R(-1, 7)])
def test_exponential_cutoff_at_zero_temperature_is_the_exponential_integral(omega):
    """Both signs: above the pole by the contour, without a pole on the axis."""
    eta, c = parameters("eta c")
    spectral, at = ohmic_cutoff(eta, c), {eta: R(1, 10), c: R(5)}
    found = enclose_lamb_shift(spectral, omega, 0, at, 50)
    assert overlap(found, enclose(spectral.lamb(omega), at, 100))
    assert Fraction(found.radius) < abs(Fraction(found.value)) / 10**48


@pytest.mark.parametrize("omega", [R(1), R(-1), R(1, 50), R(30), R(0)])
@pytest.mark.parametrize("T", [R(1, 20), R(1, 2), R(30)])
def test_drude_at_finite_temperature_is_the_digamma_form(omega, T):
    spectral = drude(R(1, 10), 5)
    found = enclose_lamb_shift(spectral, omega, T, {}, 40)
    assert overlap(found, enclose(spectral.lamb(omega, T), {}, 100))


@pytest.mark.parametrize(
    ("spectral", "T", "density"),
    [
        (ohmic_cutoff(1, 2), R(1, 2), lambda x: x * mp.exp(-x / 2)),
        (ohmic_cutoff(1, 2), R(0), lambda x: x * mp.exp(-x / 2)),
        (drude(1, 2), R(0), lambda x: 4 * x / (x * x + 4)),
        (drude(1, 2), R(3), lambda x: 4 * x / (x * x + 4)),
    ],
)
def test_what_mpmath_finds_by_folding_the_axis(spectral, T, density):
    """Two pairs without a closed form here; the other route never leaves the real axis."""
    found = enclose_lamb_shift(spectral, R(3, 2), T, {}, 30)
    with mp.workdps(45):
        T = mp.mpf(T.p) / T.q
        twin = lamb_integral(density, mp.mpf(3) / 2, T, mp.mpf(2), 40)
    contains(found, twin, 20)


def test_at_frequency_zero_it_is_the_reorganisation_energy():
    """S(0) = -int J/x dx = -eta omega_c and -pi eta omega_c/2, whatever T is."""
    for T in (R(0), R(2)):
        found = enclose_lamb_shift(ohmic_cutoff(R(1, 3), 2), 0, T, {}, 30)
        assert abs(Fraction(found.value) + Fraction(2, 3)) <= Fraction(found.radius)
        found = enclose_lamb_shift(drude(R(1, 3), 2), 0, T, {}, 30)
        assert overlap(found, enclose(-sympy.pi / 3, {}, 60))


@pytest.mark.parametrize("t", [R(1, 50), R(1), R(9)])
def test_correlation_functions(t):
    """At T = 0: eta c^2/(1 + i c t)^2. At T > 0: quadrature along the axis; C(t) of Drude is known
    by its imaginary part, -(pi/2) eta c^2 e^(-c t)."""
    re, im = enclose_correlation(ohmic_cutoff(1, 2), 0, t, {}, 40)
    turn = 1 + 2 * sympy.I * t
    exact = (4 / turn**2).expand(complex=True)
    for ball, value in zip((re, im), exact.as_real_imag(), strict=True):
        assert abs(Fraction(ball.value) - Fraction(int(value.p), int(value.q))) <= Fraction(
            ball.radius
        )
    re, im = enclose_correlation(ohmic_cutoff(1, 2), R(1, 3), t, {}, 30)
    with mp.workdps(40):
        time = mp.mpf(t.p) / t.q
        cuts = [mp.mpf(k) for k in range(0, 221, 4)]
        twin = mp.quad(
            lambda x: x * mp.exp(-x / 2) / mp.tanh(3 * x / 2) * mp.cos(x * time) if x else mp.zero,
            cuts,
        )
    contains(re, twin, 30)
    _, im = enclose_correlation(drude(1, 2), R(1, 3), t, {}, 30)
    assert overlap(im, enclose(-2 * sympy.pi * sympy.exp(-2 * t), {}, 60))


def test_refusals():
    with pytest.raises(OutsideClosedForm, match="diverges"):
        enclose_lamb_shift(flat(1), 1, 1, {})
    with pytest.raises(OutOfDomain):
        enclose_lamb_shift(drude(1, 1), 1, -1, {})
    with pytest.raises(OutOfDomain):
        enclose_correlation(drude(1, 1), 1, 0, {})
    with pytest.raises(UnknownSymbol):
        enclose_lamb_shift(drude(1, *parameters("c d")[:1]), 1, 1, {})
    with pytest.raises(Undecided, match=r"\d+ digits proved within"):
        enclose_lamb_shift(ohmic_cutoff(1, 5), 1, R(1, 2), {}, 400, seconds=0.2)


def test_branch_cuts_are_honoured():
    """sqrt(x^2) jumps across the imaginary axis: without the flag the rules would be applied there
    as if it were x, which gives 3/2."""
    x, a = sympy.Symbol("x"), parameters("a")
    found = enclose_integral(sympy.sqrt(x**2), (x, -1, 2), {}, 30)
    assert abs(Fraction(found.value) - Fraction(5, 2)) <= Fraction(found.radius)
    found = enclose_integral(sympy.sqrt(a**2 - x**2), (x, -a, a), {a: 3}, 25)
    assert overlap(found, enclose(9 * sympy.pi / 2, {}, 40))
    found = enclose_integral(sympy.log(1 + x) * sympy.tanh(x), (x, 0, sympy.pi), {}, 30)
    with mp.workdps(40):
        contains(found, mp.quad(lambda t: mp.log1p(t) * mp.tanh(t), [0, 1, 2, mp.pi]), 30)
    with pytest.raises(Undecided):
        enclose_integral(1 / x, (x, -1, 1), {}, 20, seconds=0.2)
    with pytest.raises(OutsideClosedForm, match="gamma"):
        enclose_integral(sympy.gamma(x), (x, 1, 2), {}, 20)


def test_lamb_shifts_in_a_hamiltonian():
    """A driven atom whose levels are shifted by a Drude bath: the shift, a digamma form, is put
    into the operators; the steady state is certified and confirmed by mpmath, and differs from that
    without the shift."""
    omega, eta, c, T = parameters("omega eta c T")
    atom = HilbertSpace("atom", "ge")
    g, e = atom.kets
    spectrum, bath = Spectrum(atom, (0, omega)), ThermalBath("b", T)
    cross = g * e.dag() + e * g.dag()
    L = davies(spectrum, [Coupling(bath, cross, spectral=drude(eta, c))], lamb_shift=True)
    shifts = {
        s: drude(eta, c).lamb(omega if s.name.endswith("+") else -omega, T)
        for s in L.free_symbols
        if s.name.startswith("S_")
    }
    assert len(shifts) == 2
    plain = system_of(L, spectrum.hamiltonian)
    tilted = tuple((i, j, v) for i, j, v in (*plain.hamiltonian, (0, 1, R(1, 5)), (1, 0, R(1, 5))))
    from dataclasses import replace

    system = substituted(replace(plain, hamiltonian=tilted), shifts)
    at = {omega: R(1), eta: R(1, 10), c: R(5), T: R(1, 2)}
    found = certify_operators(system, at, 40)
    twin = steady_twin(system, at, 60)
    for name, ball in found.items():
        contains(ball, twin[name], 55)
    still = substituted(replace(plain, hamiltonian=tilted), dict.fromkeys(shifts, sympy.S.Zero))
    assert not overlap(certify_operators(still, at, 20)["power"], found["power"])
    assert overlap(
        certify(next(iter(shifts.values())), at, 30), enclose(next(iter(shifts.values())), at, 60)
    )


def test_a_quadrature_that_is_late_calls_nothing_more():
    """Its result is thrown away, so nothing is left to wait for."""
    calls = []

    def f(z, analytic):
        calls.append(z)
        return 1 / z

    with limited(0.0), pytest.raises(NotYet):
        along(f, [complex_ball(1), complex_ball(2)])
    assert not calls


def test_a_driven_step_that_is_late_stops_within_it():
    T = parameters("t", real=True)
    omega, gamma, temperature = parameters("omega gamma T")
    H = omega / 2 * sigmaz()
    bath = ThermalBath("b", temperature)
    jumps = bath.jumps(sigmam(), frequency=omega, rate=gamma)
    system = system_of(gkls(H + sympy.sin(T) * sigmax(), [jumps]), H, time=T)
    at = Enclosed(system, {omega: R(1), gamma: R(1, 5), temperature: R(1, 2)})
    start = initial_coordinates("g", system.levels)
    with pytest.raises(Undecided, match="digits proved within"):
        at.state(start, 3, 1000, ["population[e]"], seconds=0.0)
