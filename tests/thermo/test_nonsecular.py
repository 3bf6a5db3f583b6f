"""Entropy under Redfield's equation on models that the pages do not use."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    davies,
    decompose,
    flat,
    gibbs_state,
    heat_current,
    is_zero,
    nonsecular_balance,
    ohmic,
    parameters,
    qeye,
    redfield,
    secular,
    sigmam,
    sigmax,
    sigmaz,
    tensor,
)
from symtherm.errors import MissingTrait, WrongArgument
from symtherm.thermo.entropy import without_units

w, w1, w2, T, T1, T2, g1, g2, J, d = parameters(
    "omega omega_1 omega_2 T T_1 T_2 gamma_1 gamma_2 J delta"
)
p, q = parameters("p q")
u, v = sp.symbols("u v", real=True)
atom = HilbertSpace("atom", levels="abc")
a, b, c = atom.kets
spectrum = Spectrum(atom, (0, w1, w2))
one, two = ThermalBath("1", T1), ThermalBath("2", T2)


def hermitian(lower):
    return lower + lower.dag()


def state(i, j):
    """Populations and one coherence between the levels i and j."""
    entries = {(0, 0): 1 - p - q, (1, 1): p, (2, 2): q, (i, j): u + sp.I * v, (j, i): u - sp.I * v}
    return Operator.of(atom, entries)


def twice(e):
    return e.xreplace({u: 2 * u, v: 2 * v})


MODELS = {
    "V, two baths": [
        Coupling(one, hermitian(a * b.dag() + 2 * a * c.dag()), ohmic(g1)),
        Coupling(two, hermitian(a * b.dag() - a * c.dag()), flat(g2)),
    ],
    "ladder": [Coupling(one, hermitian(a * b.dag() + b * c.dag()), flat(g1))],
    "all transitions": [
        Coupling(one, hermitian(a * b.dag() + b * c.dag() + a * c.dag()), ohmic(g1)),
        Coupling(two, hermitian(b * c.dag()), ohmic(g2)),
    ],
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("place", [(1, 2), (0, 1)])
def test_the_parts_sum_up_and_the_cross_term_is_linear_in_the_coherence(name, place):
    L = redfield(spectrum, MODELS[name])
    balance = nonsecular_balance(L, state(*place))
    assert is_zero(balance.identity.difference)
    doubled = nonsecular_balance(L, state(*place).apply(twice))
    assert is_zero(doubled.cross - 2 * balance.cross)
    for x in L.labels:
        rest = nonsecular_balance(L, state(*place).subs({u: 0, v: 0})).heat[x]
        assert is_zero(balance.heat[x] - rest - balance.coherent_heat[x])


def test_the_energy_is_conserved_and_the_lamb_commutator_is_part_of_the_heat():
    """U' = Tr[H L(rho)] = sum of heats, and what is left without [H_LS, .] is a sum of D's."""
    L = redfield(spectrum, MODELS["V, two baths"])
    balance = nonsecular_balance(L, state(1, 2))
    change = without_units((L.hamiltonian * L(state(1, 2))).tr())
    assert is_zero(change - sum(balance.heat.values()))
    silent = redfield(spectrum, MODELS["V, two baths"], lamb_shift=False)
    for label in L.labels:
        # The S symbols enter through X and both parts; S = 0 leaves the commutator of gamma.
        zero = {s: sp.Integer(0) for s in L.shifts}
        quiet = nonsecular_balance(silent, state(1, 2))
        assert is_zero(balance.lamb_heat[label].xreplace(zero) - quiet.lamb_heat[label])
    part = L.parts[0]
    A, X = part.coupling, part.weighted
    rho = state(1, 2)
    middle = X * rho * A + A * rho * X.dag() - (A * X + X.dag() * A) * rho / 2
    middle = middle - rho * (A * X + X.dag() * A) / 2
    whole = part(rho) - middle - part.lamb_commutator(rho)
    assert all(is_zero(x) for _, _, x in whole.data)


def test_the_secular_part_has_no_coherent_heat_and_no_cross_term():
    kept = davies(spectrum, MODELS["all transitions"], lamb_shift=True)
    rho = state(1, 2)
    chi = Operator.of(atom, {(1, 2): u + sp.I * v, (2, 1): u - sp.I * v})
    for label in ("1", "2"):
        assert is_zero(heat_current(kept, chi, label, spectrum.hamiltonian))
    assert is_zero(decompose(kept, rho, energy=spectrum.hamiltonian).coherence.cross)


def test_without_its_lamb_shift_redfield_keeps_the_gibbs_state():
    """X pi = pi X^+ from KMS; for any spectrum and coupling, not with the Lamb shift."""
    couplings = [Coupling(one, MODELS["all transitions"][0].operator, ohmic(g1))]
    quiet = redfield(spectrum, couplings, lamb_shift=False)
    pi = gibbs_state(spectrum.hamiltonian, T1)
    assert all(is_zero(x) for _, _, x in quiet(pi).data)
    loud = nonsecular_balance(redfield(spectrum, couplings), state(1, 2))
    assert [h.holds for h in loud.hypotheses] == [False, False]


def test_two_detuned_qubits():
    """Detuning: both Davies limits, the parts, and the heat of the coherence of the modes."""
    s, t = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = (w + d) * s.dag() * s + (w - d) * t.dag() * t + J * (s.dag() * t + t.dag() * s)
    pair = Spectrum.of(H, ascending=["gg", "-", "+", "ee"])
    couplings = [
        Coupling(one, s + s.dag(), ohmic(g1)),
        Coupling(two, t + t.dag(), ohmic(g2)),
    ]
    L = redfield(pair, couplings)
    kept = secular(L.superoperator(), pair)
    own = davies(pair, couplings, lamb_shift=True).superoperator()
    assert all(is_zero(kept[k] - own[k]) for k in {*kept.entries, *own.entries})
    quiet = redfield(pair, couplings, lamb_shift=False)
    chi = Operator.of(L.space, {(1, 2): u, (2, 1): u})
    heats = [without_units(quiet.heat(x, chi)) for x in "12"]
    # As on resonance, times the product of amplitudes J/(2R) of a mode on both qubits.
    R = sp.sqrt(J**2 + d**2)
    up, low = w + R, w - R
    for heat, bath, rate in zip(heats, (one, two), (g1, g2), strict=True):
        expected = rate * up * low * (bath.occupation(up) + bath.occupation(low) + 1) * J / R * u
        assert is_zero(heat - expected) or is_zero(heat + expected)
    assert not is_zero(heats[0])


def test_the_parts_against_finite_differences_from_the_operators():
    """A V system with two baths: heats from matrices, rates of entropies by differences."""
    L = redfield(spectrum, MODELS["V, two baths"])
    at = {w1: 1, w2: sp.Rational(11, 10), T1: 2, T2: sp.Rational(1, 2), g1: sp.Rational(1, 10)}
    at |= {g2: sp.Rational(1, 5), p: sp.Rational(3, 10), q: sp.Rational(1, 5)}
    at |= {u: sp.Rational(1, 10), v: sp.Rational(-1, 20)}
    at |= {s: sp.Rational(k + 1, 10) for k, s in enumerate(sorted(L.shifts, key=str))}
    balance = nonsecular_balance(L, state(1, 2))
    names = ("production", "populations", "coherences", "cross")

    def number(e):
        re, im = e.subs(at).evalf(40).as_real_imag()
        return mp.mpc(mp.mpf(str(re)), mp.mpf(str(im)))

    with mp.workdps(40):
        closed = [number(getattr(balance, name)) for name in names]
        E = [mp.mpf(0), mp.mpf(1), mp.mpf(11) / 10]
        rho = mp.matrix(3, 3)
        for i, j, x in state(1, 2).data:
            rho[i, j] = number(x)
        where = {label: s for s, label in L.shifts.items()}

        def gamma(label, x):
            beta = mp.mpf(1) / 2 if label == "1" else mp.mpf(2)
            strength = x / 10 if label == "1" else mp.sign(x) / 5
            return strength / (1 - mp.exp(-beta * x))

        matrices = {
            "1": mp.matrix([[0, 1, 2], [1, 0, 0], [2, 0, 0]]),
            "2": mp.matrix([[0, 1, -1], [1, 0, 0], [-1, 0, 0]]),
        }
        symbols = {0: sp.Integer(0), 1: w1, 2: w2}

        def part(label, x):
            A, X = matrices[label], mp.matrix(3, 3)
            for i in range(3):
                for j in range(3):
                    if A[i, j]:
                        shift = at[where[label, symbols[j] - symbols[i]]]
                        half = gamma(label, E[j] - E[i]) / 2 + 1j * mp.mpf(shift.p) / shift.q
                        X[i, j] = half * A[i, j]
            first = X * x * A - A * X * x
            return first + first.transpose_conj()

        def entropy(M):
            return -sum(x * mp.log(x) for x in mp.eighe(M)[0])

        def pinched(M):
            return mp.diag([M[i, i] for i in range(3)])

        def slope(f, M, direction):
            h = mp.mpf(10) ** -7
            ends = [f(M + k * h * direction) for k in (-2, -1, 1, 2)]
            return (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * h)

        def clausius(x):
            betas = {"1": mp.mpf(1) / 2, "2": mp.mpf(2)}
            return sum(
                betas[k] * mp.re(sum(E[i] * part(k, x)[i, i] for i in range(3))) for k in "12"
            )

        H = mp.diag(E)
        motion = -1j * (H * rho - rho * H) + part("1", rho) + part("2", rho)
        still = pinched(rho)
        production = slope(entropy, rho, motion) - clausius(rho)
        moved = pinched(part("1", still) + part("2", still))
        populations = slope(entropy, still, moved) - clausius(still)
        coherences = slope(lambda M: entropy(M) - entropy(pinched(M)), rho, motion)
        found = [production, populations, coherences, production - populations - coherences]
        for x, y in zip(closed, found, strict=True):
            assert abs(x - y) < mp.mpf(10) ** -20
        assert abs(found[3]) > 1e-3


def test_what_is_refused():
    L = davies(spectrum, MODELS["ladder"])
    with pytest.raises(WrongArgument):
        nonsecular_balance(L, state(0, 1))


def test_imaginary_units_cancel_without_multiplying_out():
    x, y = sp.symbols("x y", real=True)
    whole = (x + sp.I * y) * (p + q) / (x - sp.I * y) + (x - sp.I * y) * (p + q) / (x + sp.I * y)
    assert not without_units(whole).has(sp.I)
    assert is_zero(without_units(whole) - 2 * (p + q) * (x**2 - y**2) / (x**2 + y**2))
    assert without_units(p + q) == p + q
    g = sp.Symbol("g", complex=True)
    assert is_zero(without_units(sp.I * (g - sp.conjugate(g))) - sp.I * (g - sp.conjugate(g)))
    with pytest.raises(MissingTrait):
        from symtherm.dynamics.approximations import interaction_picture

        interaction_picture(sigmaz(), sigmax(), p)
