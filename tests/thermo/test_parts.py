"""The parts of the entropy production on models that the pages do not use, by two routes.

The second route is numpy: jump operators as arrays, the steady state by a singular value
decomposition, logarithms by eigenvectors.
"""

from __future__ import annotations

import numpy as np
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
    decompose,
    entropy_production,
    flat,
    gibbs_state,
    gkls,
    is_zero,
    nonsecular_balance,
    ohmic,
    parameters,
    prove,
    qeye,
    redfield,
    replay,
    sigmam,
    sigmap,
    sigmax,
    sigmay,
    sigmaz,
    spohn_inequality,
    steady_state,
)
from symtherm.errors import (
    NotThermal,
    NotUnique,
    OutOfDomain,
    OutsideClosedForm,
    Undecided,
    UnknownQuantity,
)
from symtherm.exact.refine import refine
from symtherm.numeric.entropies import (
    enclose_entropy,
    enclose_log_sum,
    enclose_parts,
    enclose_relative_entropy,
    enclose_total_rate,
)
from symtherm.thermo.entropy import without_units

w, w1, w2, g, k, T, Th, Tc, Tm, r, eps, d = parameters(
    "omega omega_1 omega_2 gamma kappa T T_h T_c T_m r epsilon Delta"
)
x, y, z, phi = parameters("x y z varphi", real=True)
rational = sp.Rational
E = w / 2 * sigmaz()
ANY = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2
HOT, COLD, WARM = ThermalBath("h", Th), ThermalBath("c", Tc), ThermalBath("m", Tm)
ATOM = HilbertSpace("atom", levels="glu")
G, LOW, UP = ATOM.kets
POINT = {
    **{w: rational(3, 2), w1: 1, w2: rational(5, 2), g: rational(1, 3), k: rational(1, 5)},
    **{T: 1, Th: 3, Tc: 1, Tm: 2, r: rational(1, 2), eps: rational(1, 4), d: rational(1, 7)},
    **{x: rational(1, 3), y: rational(-1, 5), z: rational(1, 4), phi: rational(3, 4)},
}


def array(operator):
    size = operator.space.dim
    out = np.zeros((size, size), complex)
    for i, j, v in operator.data:
        out[i, j] = complex(sp.N(v.subs(POINT), 20))
    return out


def log(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.log(values)) @ vectors.conj().T


def steady(change, size):
    columns = [change(e.reshape(size, size)).ravel() for e in np.eye(size * size, dtype=complex)]
    pi = np.linalg.svd(np.array(columns).T)[2][-1].conj().reshape(size, size)
    return pi / np.trace(pi)


def dissipators(generator):
    """rho -> D_a(rho) of every dissipator, from its jumps and rates."""

    def of(jumps):
        pairs = [(array(j.operator), float(sp.N(j.rate.subs(POINT), 20))) for j in jumps]

        def change(rho):
            total = 0 * rho
            for L, rate in pairs:
                square = L.conj().T @ L
                total = total + rate * (L @ rho @ L.conj().T - (square @ rho + rho @ square) / 2)
            return total

        return change

    return {part.label: of(part.jumps) for part in generator.dissipators}


def by_arrays(generator, rho, energy):
    """total, adiabatic, nonadiabatic, populations and coherences at POINT."""
    H, state, each = array(generator.hamiltonian), array(rho), dissipators(generator)
    size = len(H)

    def change(rho):
        return -1j * (H @ rho - rho @ H) + sum(part(rho) for part in each.values())

    pi, total = steady(change, size), 0.0
    for part in generator.dissipators:
        if part.bath is None:
            own = steady(each[part.label], size) if part.label == "s" else np.eye(size) / size
        else:
            values = np.diag(array(energy)).real / float(part.bath.T.subs(POINT))
            own = np.diag(np.exp(-values))
        total -= np.trace(each[part.label](state) @ (log(state) - log(own))).real
    spohn = -np.trace(change(state) @ (log(state) - log(pi))).real
    gaps = np.subtract.outer(np.diag(array(energy)), np.diag(array(energy)))
    inside = abs(gaps) < 1e-12
    flat = np.where(inside, state, 0)
    populations = -np.trace(change(flat) @ (log(flat) - log(pi))).real
    kept = np.where(inside, change(state), 0)
    coherences = np.trace(kept @ log(flat)).real - np.trace(change(state) @ log(state)).real
    return {
        "total": total,
        "adiabatic": total - spohn,
        "nonadiabatic": spohn,
        "populations": populations,
        "coherences": coherences,
        "cross": spohn - populations - coherences,
    }


H3 = w1 * LOW * LOW.dag() + w2 * UP * UP.dag()
FULL = Operator.of(
    ATOM,
    {
        **{(0, 0): rational(1, 2), (1, 1): rational(1, 4), (2, 2): rational(1, 4)},
        **{(0, 1): rational(1, 10), (1, 0): rational(1, 10), (1, 2): sp.I / 12, (2, 1): -sp.I / 12},
        **{(0, 2): rational(1, 20), (2, 0): rational(1, 20)},
    },
)
SQUEEZED = SqueezedBath("s", T, r, phi).jumps(sigmam(), frequency=w, rate=g)


def three_levels():
    jumps = [
        HOT.jumps(G * UP.dag(), frequency=w2, rate=g),
        COLD.jumps(G * LOW.dag(), frequency=w1, rate=k),
        WARM.jumps(LOW * UP.dag(), frequency=w2 - w1, rate=g / 2),
        (LOW * LOW.dag(), k, "phi"),
    ]
    return gkls(H3, jumps, positive=[w2 - w1]), FULL, H3


def driven_three_levels():
    jumps = [
        HOT.jumps(G * UP.dag(), frequency=w2, rate=g),
        COLD.jumps(G * LOW.dag(), frequency=w1, rate=k),
    ]
    return gkls(eps * (UP * LOW.dag() + LOW * UP.dag()), jumps), FULL, H3


def degenerate_levels():
    """Two excited levels of one energy; the Gibbs states have equal eigenvalues."""
    H = w * (LOW * LOW.dag() + UP * UP.dag())
    jumps = [
        HOT.jumps(G * (LOW + UP).dag(), frequency=w, rate=g),
        HOT.jumps(G * LOW.dag(), frequency=w, rate=k),
    ]
    return gkls(H, jumps), FULL, H


def squeezed_and_thermal():
    cold = COLD.jumps(sigmam(), frequency=w, rate=k)
    return gkls(0 * E, [*SQUEEZED, cold, (sigmaz(), g / 2, "phi")]), ANY, E


def driven_and_squeezed():
    return gkls(eps * sigmax() + d / 2 * sigmaz(), SQUEEZED), ANY, E


MODELS = [
    three_levels,
    driven_three_levels,
    degenerate_levels,
    squeezed_and_thermal,
    driven_and_squeezed,
]


@pytest.mark.parametrize("build", MODELS, ids=lambda f: f.__name__)
def test_balls_of_the_parts_are_those_of_arrays(build):
    L, rho, energy = build()
    balls = certify(decompose(L, rho, energy=energy), POINT, 20)
    found = by_arrays(L, rho, energy)
    assert balls.keys() == found.keys()
    for name, value in found.items():
        assert abs(float(balls[name].value) - value) < 1e-11, name


@pytest.mark.parametrize("build", MODELS[3:], ids=lambda f: f.__name__)
def test_closed_forms_beside_a_squeezed_bath_are_those_of_arrays(build):
    """The adiabatic part counts a squeezed bath with its own stationary state.

    A drive, any phase and a detuning together are beyond the normal form of square roots (TooLarge).
    """
    L, rho, energy = build()
    L = L.subs({d: 0})
    parts, found = decompose(L, rho, energy=energy), by_arrays(L, rho, energy)
    for name in ("total", "adiabatic", "nonadiabatic"):
        assert abs(float(certify(getattr(parts, name), POINT, 15).value) - found[name]) < 1e-11
    assert is_zero(parts.total - parts.adiabatic - parts.nonadiabatic)
    assert is_zero(parts.total - entropy_production(L, rho, energy=energy))
    total = enclose_total_rate(L, rho, energy, POINT, 15)
    assert abs(float(total.value) - found["total"]) < 1e-11


def test_every_claim_beside_a_squeezed_bath_is_proved():
    """Any phase, any Bloch vector; of the adiabatic part nothing is claimed."""
    L, rho, energy = squeezed_and_thermal()
    parts = decompose(L, rho, energy=energy)
    failed = [h.statement for h in parts.hypotheses if not h.holds]
    assert "D(1) = 0 for 's'" in failed
    names = [claim.name for claim in parts.claims]
    assert "The parts sum to the whole" in names and "Adiabatic part" not in names
    for claim in parts.claims:
        proof = prove(claim)
        assert proof.proved and replay(proof).valid, claim.name


@pytest.mark.parametrize("phase", [phi, rational(3, 4), sp.pi], ids=["any", "3/4", "pi"])
def test_every_claim_of_a_driven_squeezed_qubit_is_proved_at_any_phase(phase):
    """The eigenvalues of pi divide by sums with cos(phi): their numerators are assumed positive."""
    jumps = SqueezedBath("s", T, r, phase).jumps(sigmam(), frequency=w, rate=g)
    parts = decompose(gkls(eps * sigmax(), jumps), ANY, energy=E)
    names = [claim.name for claim in parts.claims]
    assert names == ["The parts sum to the whole", "Entropy production", "Nonadiabatic part"]
    for claim in parts.claims:
        proof = prove(claim)
        assert proof.proved and replay(proof).valid, claim.name


def test_spohns_inequality_of_a_detuned_drive_at_any_phase():
    L, rho, energy = driven_and_squeezed()
    proof = prove(spohn_inequality(L, rho, steady_state(L).rho))
    assert proof.proved and replay(proof).valid
    forged = {**proof.certificate, "names": [dict(n) for n in proof.certificate["names"]]}
    assumed = [n for n in forged["names"] if n["kind"] == "assumed"]
    assert len(assumed) == 2  # |r| < 1, and the determinant of pi
    assumed[1]["value"] = f"2*({assumed[1]['value']})"
    assert not replay(forged).valid


def test_the_driven_squeezed_state_at_any_phase_and_detuning():
    """The null vector solves the Bloch equations with the turned axes of the squeezing."""
    L, _, _ = driven_and_squeezed()
    pi = steady_state(L).rho
    n = 1 / (sp.exp(w / T) - 1)
    N = n * sp.cosh(2 * r) + sp.sinh(r) ** 2
    G0, G1 = (g / 2 * (2 * n + 1) * f(2 * r) for f in (sp.cosh, sp.sinh))
    X, Y, Z = ((s * pi).tr() for s in (sigmax(), sigmay(), sigmaz()))
    assert is_zero(-(G0 - G1 * sp.cos(phi)) * X - (G1 * sp.sin(phi) + d) * Y)
    assert is_zero(-(G0 + G1 * sp.cos(phi)) * Y - (G1 * sp.sin(phi) - d) * X - 2 * eps * Z)
    assert is_zero(-g * (2 * N + 1) * Z - g + 2 * eps * Y)


def test_leads_and_coherence():
    """Levels of either sign of energy between two leads: every claim is proved, in seconds."""
    dot = HilbertSpace("dot", levels=["full", "empty"])
    full, empty = dot.kets
    left, right, level = parameters("mu_L mu_R epsilon_d", real=True)
    p = parameters("p")
    number = full * full.dag()
    L = gkls(
        level * number,
        [
            Lead("L", Th, left).jumps(empty * full.dag(), energy=level, rate=g),
            Lead("R", Tc, right).jumps(empty * full.dag(), energy=level, rate=k),
        ],
    )
    rho = Operator.of(dot, {(0, 0): p, (1, 1): 1 - p, (0, 1): x + sp.I * y, (1, 0): x - sp.I * y})
    parts = decompose(L, rho, number=number)
    assert parts.adiabatic_is_nonnegative
    assert set(parts.visible) == {"total", "adiabatic", "nonadiabatic"}
    for claim in parts.claims:
        proof = prove(claim)
        assert proof.proved and replay(proof).valid, claim.name
    at = {level: 1, left: rational(1, 5), right: 0, Th: rational(1, 2), Tc: 1, g: 1, k: 2}
    at |= {p: rational(1, 3), x: rational(1, 5), y: rational(1, 7)}
    balls = certify(parts, at, 15)
    for name in ("total", "adiabatic", "nonadiabatic"):
        closed = certify(getattr(parts, name), at, 15)
        assert abs(float(closed.value) - float(balls[name].value)) < 1e-13
    whole = enclose_total_rate(L, rho, level * number, at, 15, number=number)
    assert whole.value == balls["total"].value


def test_equal_temperatures_and_no_drive():
    """Nothing keeps house in equilibrium; a drive that is zero leaves no trace."""
    warm = [ThermalBath(s, T).jumps(sigmam(), frequency=w, rate=v) for s, v in (("h", g), ("c", k))]
    still = decompose(gkls(E, warm), ANY)
    assert still.adiabatic_is_nonnegative and is_zero(still.adiabatic)
    L, rho, _ = driven_and_squeezed()
    bare = gkls(0 * E, SQUEEZED)
    off = decompose(L.subs({eps: 0, d: 0}), rho, energy=E)
    assert is_zero(off.total - decompose(bare, rho, energy=E).total)
    assert is_zero(off.adiabatic)  # one bath: its own state is the steady one


def test_jumps_without_a_way_back():
    """Plain decay and pumping: sigma is infinite, so only what is defined is claimed."""
    L = gkls(E, [(sigmam(), g), (sigmap(), k)])
    parts = decompose(L, ANY)
    names = [claim.name for claim in parts.claims]
    assert names[0] == "Nonadiabatic part" and "Entropy production" not in names
    assert all(prove(claim).proved for claim in parts.claims)
    with pytest.raises(OutOfDomain):
        _ = parts.adiabatic
    noise = gkls(E, [(sigmaz(), g, "phi")])
    with pytest.raises(NotUnique):
        decompose(noise, ANY)
    given = decompose(noise, ANY, pi=gibbs_state(E, T))
    assert given.coherence.holds and is_zero(given.coherence.populations)
    assert all(prove(claim).proved for claim in given.claims)


def test_hypotheses_are_told_in_a_line():
    L, rho, energy = driven_three_levels()
    parts = decompose(
        L, Operator.of(ATOM, {(i, i): rational(1, 3) for i in range(3)}), energy=energy
    )
    found = [str(h) for h in (*parts.hypotheses, *parts.coherence.hypotheses)]
    assert "NO   pi = Delta(pi)  (pi holds |l><u|)" in found
    assert max(map(len, found)) < 100


def test_parts_that_there_are_not():
    L, rho, energy = three_levels()
    parts = decompose(L, rho)
    with pytest.raises(UnknownQuantity):
        certify(parts, POINT, 10, "heat")
    with pytest.raises(OutsideClosedForm, match="certify"):
        _ = parts.nonadiabatic
    assert certify(parts, POINT, 10, "total").keys() == {"total"}
    tilted = decompose(L, rho, energy=H3 + LOW * UP.dag() + UP * LOW.dag())
    # exp(-E/T) of an energy that the jumps do not move by their own frequency
    with pytest.raises(NotThermal):
        enclose_parts(tilted, POINT)
    with pytest.raises(NotThermal):
        _ = tilted.total


# --- Redfield -----------------------------------------------------------------------------------


def test_a_redfield_balance_with_coherence_everywhere():
    """Two baths on three levels, no closed form: the parts against arrays."""
    spectrum = Spectrum(ATOM, (0, w1, w2))
    one, two = G * LOW.dag() + 2 * G * UP.dag(), G * LOW.dag() - G * UP.dag() + LOW * UP.dag()
    L = redfield(
        spectrum,
        [Coupling(HOT, one + one.dag(), ohmic(g)), Coupling(COLD, two + two.dag(), flat(k))],
    )
    shifts = {s: rational(i + 1, 10) for i, s in enumerate(sorted(L.shifts, key=str))}
    assert L.free_symbols == {w1, w2, g, k, Th, Tc, *shifts}
    balls = certify(nonsecular_balance(L, FULL), {**POINT, **shifts}, 20)
    energies, state = np.array([0, 1, 2.5]), array(FULL)
    where = {place: float(shifts[s]) for s, place in L.shifts.items()}
    symbols = [sp.Integer(0), w1, w2]

    def rate(label, gap):
        beta, strength = (1 / 3, gap / 3) if label == "h" else (1.0, np.sign(gap) / 5)
        return strength / (1 - np.exp(-beta * gap))

    def part(label, coupling, rho):
        A, X = array(coupling), np.zeros((3, 3), complex)
        for i in range(3):
            for j in range(3):
                if A[i, j]:
                    gap = energies[j] - energies[i]
                    shift = where[label, sp.expand(symbols[j] - symbols[i])]
                    X[i, j] = (rate(label, gap) / 2 + 1j * shift) * A[i, j]
        first = X @ rho @ A - A @ X @ rho
        return first + first.conj().T

    def each(rho):
        return {"h": part("h", one + one.dag(), rho), "c": part("c", two + two.dag(), rho)}

    def clausius(rho):
        return sum(
            beta * np.trace(np.diag(energies) @ each(rho)[label]).real
            for label, beta in (("h", 1 / 3), ("c", 1.0))
        )

    H, flat_ = np.diag(energies), np.diag(np.diag(state))
    change = -1j * (H @ state - state @ H) + sum(each(state).values())
    production = -np.trace(change @ log(state)).real - clausius(state)
    populations = -np.trace(sum(each(flat_).values()) @ log(flat_)).real - clausius(flat_)
    coherences = np.trace(np.diag(np.diag(change)) @ log(flat_) - change @ log(state)).real
    found = {"production": production, "populations": populations, "coherences": coherences}
    found["cross"] = production - populations - coherences
    assert balls.keys() == found.keys()
    for name, value in found.items():
        assert abs(float(balls[name].value) - value) < 1e-11, name
    assert abs(found["cross"]) > 1e-3


def test_redfield_breaks_the_second_law_although_gibbs_is_stationary():
    """A V system: both absorptions share an operator, so a population next to 0 falls further."""
    A = G * LOW.dag() + G * UP.dag()
    coupling = Coupling(HOT, A + A.dag(), ohmic(g))
    L = redfield(Spectrum(ATOM, (0, w1, w2)), [coupling], lamb_shift=False)
    gibbs = gibbs_state(L.hamiltonian, Th)
    assert all(is_zero(v) for _, _, v in L(gibbs).data)
    thin = rational(3, 5) * LOW - rational(4, 5) * UP
    at = {w1: rational(1, 10), w2: 2, Th: 1, g: rational(1, 10)}
    tenth, found = rational(1, 10), []
    for digits in (1, 20, 200):
        eta = rational(1, 10**digits)
        rho = (1 - tenth - eta) * G * G.dag() + tenth * (LOW * LOW.dag() + UP * UP.dag())
        rho = rho - (tenth - eta) * thin * thin.dag()
        assert is_zero(rho.tr() - 1)
        found.append(float(certify(nonsecular_balance(L, rho), at, 10)["production"].value))
    assert found == sorted(found, reverse=True) and found[0] > 0 > found[-1]
    change = L(G * G.dag())
    rate = (thin * thin.dag() * change).tr()
    slope = (found[2] - found[1]) / (180 * np.log(10))  # sigma = ... - <v|L(rho)|v> ln(eta)
    assert float(sp.N(rate.subs(at))) < 0 and slope < 0


# --- balls --------------------------------------------------------------------------------------


def test_logarithms_of_degenerate_pure_and_wrong_matrices():
    third = Operator.of(ATOM, {(i, i): rational(1, 3) for i in range(3)})
    assert enclose_relative_entropy(third, third, {}, 10).value == "0"
    assert enclose_entropy(third, {}, 10).value == str(sp.log(3).evalf(10))
    pure = (G + LOW) * (G + LOW).dag() / 2
    assert enclose_entropy(pure, {}, 10).value == "0"
    assert enclose_relative_entropy(pure, third, {}, 10).value == str(sp.log(3).evalf(10))
    with pytest.raises(Undecided, match="singular"):
        enclose_relative_entropy(third, pure, {}, 10)
    with pytest.raises(OutOfDomain):
        enclose_log_sum([(third, third - G * G.dag())], {}, 10)


def test_a_zero_comes_with_a_short_radius():
    from flint import arb

    zero = refine(lambda: {"x": arb(2).sqrt() ** 2 - 2}, 20, "nothing")["x"]
    assert zero.value == "0" and len(zero.radius) <= 8 and float(zero.radius) < 1e-40


def test_phases_are_read_as_cosine_and_sine():
    trace = sp.exp(sp.I * phi) * (x + sp.I * y) + sp.exp(-sp.I * phi) * (x - sp.I * y)
    assert is_zero(without_units(trace) - 2 * x * sp.cos(phi) + 2 * y * sp.sin(phi))
    assert not without_units(trace).has(sp.I)
