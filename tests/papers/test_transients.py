"""Published transients: e^{tL} of blocks of more than two entries, as normal forms."""

from __future__ import annotations

from itertools import product

import pytest
import sympy as sp
from mpmath import mp

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    basis,
    bose,
    davies,
    destroy,
    evolve,
    flat,
    functions,
    gkls,
    is_zero,
    ket2dm,
    liouvillian,
    num,
    parameters,
    propagator,
    qeye,
    sigmam,
    tensor,
)
from symtherm.dynamics.evolution import apply_superoperator
from symtherm.errors import OutsideClosedForm

t, g, k1, k2, W, w, T = parameters("t gamma k_1 k_2 Omega omega T")
atom = HilbertSpace("atom", levels="abc")
a, b, c = atom.kets
nothing = 0 * a * a.dag()
first, second = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
e, down = basis(2, 0), basis(2, 1)


def solves(generator, rho, way) -> bool:
    """Whether way' = L way and way(0) = rho, in normal form: then way is e^{tL} rho."""
    moved = apply_superoperator(generator.superoperator(), way)
    size = range(rho.space.dim)
    return all(
        is_zero(sp.diff(way[i, j], t) - moved[i, j])
        and is_zero(way[i, j].xreplace({t: sp.Integer(0)}) - rho[i, j])
        for i, j in product(size, size)
    )


def test_a_cascade_of_decays():
    """p_b = k_2 (e^{-k_2 t} - e^{-k_1 t})/(k_1 - k_2) (Bateman 1910), and k t e^{-kt} if equal."""
    cascade = gkls(nothing, [(b * c.dag(), k2), (a * b.dag(), k1)])
    way = evolve(cascade, ket2dm(c), t)
    bateman = k2 * (sp.exp(-k2 * t) - sp.exp(-k1 * t)) / (k1 - k2)
    assert is_zero(way[1, 1] - bateman) and solves(cascade, ket2dm(c), way)
    equal = gkls(nothing, [(b * c.dag(), g), (a * b.dag(), g)])
    assert is_zero(evolve(equal, ket2dm(c), t)[1, 1] - g * t * sp.exp(-g * t))


def test_superradiance_of_two_atoms():
    """Both decay through the symmetric state, at 2 gamma twice (Dicke 1954)."""
    pair = gkls(0 * first.dag() * first, [(first + second, g)])
    both = ket2dm(tensor(e, e))
    way = evolve(pair, both, t)
    assert is_zero(way[0, 0] - sp.exp(-2 * g * t))
    assert is_zero(way[1, 1] + way[2, 1] - 2 * g * t * sp.exp(-2 * g * t))
    one = evolve(pair, ket2dm(tensor(e, down)), t)
    # Half of a single excitation is dark: it stays for ever.
    assert is_zero(one[1, 1] - (1 + sp.exp(-g * t)) ** 2 / 4)
    assert solves(pair, both, way)


def test_a_driven_atom_from_the_ground_state():
    """Torrey (1949), on resonance: W^2/(2W^2 + g^2) (1 - e^{-3gt/4}(cos mt + 3g sin(mt)/4m))."""
    drive = W / 2 * (sigmam() + sigmam().dag())
    fast = gkls(drive, [(sigmam(), g)], positive=[4 * W - g])
    m = sp.sqrt(4 * W - g) * sp.sqrt(4 * W + g) / 4
    found = evolve(fast, ket2dm(down), t)[0, 0]
    inside = 1 - sp.exp(-3 * g * t / 4) * (sp.cos(m * t) + 3 * g / (4 * m) * sp.sin(m * t))
    published = W**2 / (2 * W**2 + g**2) * inside
    at = {W: sp.Rational(7, 3), g: sp.Rational(2, 5), t: sp.Rational(4, 3)}
    assert abs((found - published).subs(at).evalf(40)) < sp.Float("1e-35", 40)
    with pytest.raises(OutsideClosedForm, match="declare it, or minus it"):
        evolve(gkls(drive, [(sigmam(), g)]), ket2dm(down), t)


def test_equal_rates_around_a_ring_beat_at_root_three():
    """The eigenvalues of a cyclic shift are roots of unity: -3g/2 +- i sqrt(3) g/2."""
    ring = gkls(nothing, [(a * b.dag(), g), (b * c.dag(), g), (c * a.dag(), g)])
    way = evolve(ring, ket2dm(a), t)
    beat = sp.exp(-3 * g * t / 2) * sp.cos(sp.sqrt(3) * g * t / 2)
    assert is_zero(way[0, 0] - sp.Rational(1, 3) - sp.Rational(2, 3) * beat)


def test_optical_pumping_divides_by_the_branching():
    pumped = gkls(nothing, [(a * c.dag(), k1), (b * c.dag(), k2)])
    way = evolve(pumped, ket2dm(c), t)
    assert is_zero(way[0, 0] - k1 / (k1 + k2) * (1 - sp.exp(-(k1 + k2) * t)))


def test_independent_qubits_stay_a_product():
    """The rates have names: an exponential in an exponent has no normal form."""
    up1, up2 = parameters("u_1 u_2")
    both = gkls(
        w * first.dag() * first + w * second.dag() * second,
        [(first, k1), (first.dag(), up1), (second, k2), (second.dag(), up2)],
    )
    way = evolve(both, ket2dm(tensor(e, down)), t)
    r1, r2 = up1 / (k1 + up1), up2 / (k2 + up2)
    left = r1 + (1 - r1) * sp.exp(-(k1 + up1) * t)
    assert is_zero(way[0, 0] - left * r2 * (1 - sp.exp(-(k2 + up2) * t)))


def test_a_thermal_pair_shares_its_bath():
    """Numbers are had with a bath, too: e^{-gamma (2n + 1) t} for each of two qubits."""
    bath = ThermalBath("b", T)
    both = gkls(
        w * first.dag() * first + w * second.dag() * second,
        [bath.jumps(first, frequency=w, rate=k1), bath.jumps(second, frequency=w, rate=k2)],
    )
    found = evolve(both, ket2dm(tensor(e, down)), t)[0, 0]
    n = bose(w / T)
    rest, left, right = n / (2 * n + 1), *(sp.exp(-k * (2 * n + 1) * t) for k in (k1, k2))
    product_form = (rest + (1 - rest) * left) * rest * (1 - right)
    at = {w: 1, T: 2, k1: sp.Rational(1, 3), k2: sp.Rational(2, 7), t: sp.Rational(5, 4)}
    assert abs((found - product_form).subs(at).evalf(40)) < sp.Float("1e-35", 40)


@pytest.mark.parametrize("levels", [3, 4])
def test_a_decaying_oscillator_is_binomial(levels):
    """<a^+ a> falls as e^{-gt}; the roots in the ladder operator are none in the populations."""
    top = ket2dm(basis(levels, levels - 1))
    decay = gkls(w * num(levels), [(destroy(levels), g)])
    way = evolve(decay, top, t)
    p, N = sp.exp(-g * t), levels - 1
    assert all(
        is_zero(way[k, k] - sp.binomial(N, k) * p**k * (1 - p) ** (N - k)) for k in range(levels)
    )


def test_whole_propagators_solve_their_equation():
    """Also on |i><j|, which is no state, and with coherences that feed each other."""
    ladder = gkls(nothing, [(a * b.dag() + b * c.dag(), g)])
    cascade = gkls(w * b * b.dag(), [(b * c.dag(), k2), (a * b.dag(), k1)])
    for generator in (ladder, cascade):
        whole = propagator(generator, t)
        for i, j in product(range(3), range(3)):
            unit = Operator.of(atom, {(i, j): sp.Integer(1)})
            way = apply_superoperator(whole, unit)
            assert solves(generator, unit, way)
            assert solves(generator, unit, evolve(generator, unit, t))


def test_a_factor_of_degree_three_is_refused_only_where_it_is_excited():
    rates = parameters("r_1 r_2 r_3 r_4 r_5 r_6")
    one, two, three, four = HilbertSpace("s", levels="1234").kets
    edges = [(one, two), (two, three), (three, four), (two, one), (three, two), (four, three)]
    chain = [(x * y.dag(), r) for (x, y), r in zip(edges, rates, strict=True)]
    generator = gkls(0 * one * one.dag(), chain)
    with pytest.raises(OutsideClosedForm, match="degree 3"):
        evolve(generator, ket2dm(one), t)
    coherence = evolve(generator, one * two.dag() + two * one.dag(), t)
    assert is_zero(coherence[0, 1] - sp.exp(-(rates[3] + rates[0] + rates[4]) * t / 2))


def davies_pair(second_bath):
    """Two detuned qubits with exchange, in their eigenbasis: rates (1 +- delta/R)/2."""
    d, J, T2 = parameters("delta J T_2")
    hop = first.dag() * second + second.dag() * first
    H = (w + d) * first.dag() * first + (w - d) * second.dag() * second + J * hop
    spectrum = Spectrum.of(H, ascending=["gg", "-", "+", "ee"])
    baths = [Coupling(ThermalBath("1", T), first + first.dag(), flat(k1))]
    if second_bath:
        temperature, rate = (T, k1) if second_bath == "equal" else (T2, k2)
        bath = ThermalBath("2", temperature)
        baths.append(Coupling(bath, second + second.dag(), flat(rate)))
    at = {w: 2, d: sp.Rational(3, 10), J: sp.Rational(2, 5), T: 2, T2: 1, k1: 1, k2: 2}
    return davies(spectrum, baths), at


@pytest.mark.parametrize("second_bath", ["", "equal", "other"])
def test_modes_with_square_roots_factor_in_letters(second_bath):
    """The two modes relax each by itself: -Gamma_+, -Gamma_-, -(Gamma_+ + Gamma_-).

    The slow twin is mpmath's exponential of the operators' numbers.
    """
    generator, at = davies_pair(second_bath)
    found = evolve(generator, ket2dm(generator.space.kets[3]), t)
    assert_is_exponential(generator, 3, found, at)


def assert_is_exponential(generator, start, found, at):
    """Populations from |start><start| after t = 1/4, against mpmath's exponential."""
    d, late = generator.space.dim, sp.Rational(1, 4)
    with mp.workdps(40):
        matrix = mp.zeros(d * d)
        for (i, j), v in generator.superoperator().entries.items():
            matrix[i, j] = mp.mpmathify(sp.N(v.subs(at), 40))
        whole = mp.expm(matrix * mp.mpf(1) / 4)
        for i in range(d):
            value = mp.mpmathify(sp.N(found[i, i].subs({**at, t: late}), 40))
            assert abs(value - whole[i * (d + 1), start * (d + 1)]) < mp.mpf("1e-30")


def test_detailed_balance_makes_discriminants_positive():
    """A chain with any rates, and a ring in one bath, relax without beats; a ring of two does not
    have to."""
    rates = r1, r2, r3, r4 = parameters("r_1 r_2 r_3 r_4")
    jumps = [a * b.dag(), b * a.dag(), b * c.dag(), c * b.dag()]
    chain = gkls(nothing, list(zip(jumps, rates, strict=True)))
    way = evolve(chain, ket2dm(a), t)
    assert way[2, 2].has(sp.sinh) and not way[2, 2].has(sp.sin)
    assert_is_exponential(chain, 0, way, {r1: 1, r2: 2, r3: 3, r4: sp.Rational(1, 2)})

    def ring(last):
        bath, other = ThermalBath("1", T), ThermalBath("2", last)
        pairs = [
            bath.jumps(a * b.dag(), frequency=w, rate=k1),
            bath.jumps(b * c.dag(), frequency=W, rate=k2),
            other.jumps(a * c.dag(), frequency=w + W, rate=g),
        ]
        return gkls(w * b * b.dag() + (w + W) * c * c.dag(), pairs)

    way = evolve(ring(T), ket2dm(a), t)
    assert_is_exponential(ring(T), 0, way, {w: 1, W: 2, T: 2, k1: 1, k2: 2, g: 3})
    with pytest.raises(OutsideClosedForm, match="whose sign is not declared"):
        evolve(ring(parameters("T_2")), ket2dm(a), t)


def test_letters_that_mean_the_same_are_not_told_apart():
    """Two baths of one temperature and rate: 1/(Gamma_1 - Gamma_2) would be a pole."""
    one, two = ThermalBath("1", T), ThermalBath("2", T)
    jumps = [
        one.jumps(a * b.dag(), frequency=w, rate=g),
        two.jumps(a * c.dag(), frequency=w, rate=g),
    ]
    found = evolve(gkls(w * b * b.dag() + w * c * c.dag(), jumps), ket2dm(a), t)
    n = bose(w / T)
    top = n / (3 * n + 1) * (1 - sp.exp(-g * (3 * n + 1) * t))
    at = {w: 1, T: 2, g: sp.Rational(1, 3), t: sp.Rational(5, 4)}
    assert abs((found[1, 1] - top).subs(at).evalf(40)) < sp.Float("1e-35", 40)


def test_a_generator_that_changes_in_time_has_no_exponential():
    """e^{tL(t)} solves no master equation."""
    time = parameters("t", real=True)
    gap = functions("gap", time)
    moving = gkls(gap * sigmam().dag() * sigmam(), [(sigmam(), g)])
    with pytest.raises(OutsideClosedForm, match="depends on t itself"):
        propagator(moving, time)
    with pytest.raises(OutsideClosedForm, match="depends on gamma itself"):
        evolve(gkls(nothing, [(a * b.dag(), g)]), ket2dm(b), g)


def test_a_map_that_does_not_keep_states_hermitian_is_refused():
    jump = a * b.dag() + b * c.dag() + c * a.dag()
    turned = liouvillian(None, [(jump, g)])
    entries = {k: v * (sp.I if k == (0, 4) else 1) for k, v in turned.entries.items()}
    with pytest.raises(OutsideClosedForm, match="Hermitian"):
        propagator(type(turned)(3, entries), t)
