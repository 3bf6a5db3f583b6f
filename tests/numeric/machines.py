"""Models as users change them: other couplings, one more level, a third and a fourth bath."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symtherm import (
    Coupling,
    HilbertSpace,
    Lead,
    Spectrum,
    ThermalBath,
    davies,
    flat,
    gkls,
    ledger,
    parameters,
    qeye,
    sigmam,
    steady_state,
    tensor,
)
from symtherm.thermo.ledger import Ledger
from tests.numeric.regimes import Case, points

Values = dict[str, np.ndarray]


def three_baths() -> Ledger:
    """A qubit between three baths on its one gap."""
    w, *rates = parameters("omega gamma_1 gamma_2 gamma_3")
    T = parameters("T_1 T_2 T_3")
    s = sigmam()
    baths = [ThermalBath(str(k + 1), T[k]).jumps(s, frequency=w, rate=rates[k]) for k in range(3)]
    E = w * s.dag() * s
    return ledger(steady_state(gkls(E, baths)), energy=E)


def four_baths() -> Ledger:
    """Three levels, a bath on each transition, and a second one on the lowest."""
    wl, wu, a, b, c, d = parameters("omega_l omega_u gamma_1 gamma_2 gamma_3 gamma_4")
    T = parameters("T_1 T_2 T_3 T_4")
    g, l, u = HilbertSpace("atom", levels="glu").kets
    E = wl * l * l.dag() + wu * u * u.dag()
    L = gkls(
        E,
        [
            ThermalBath("1", T[0]).jumps(g * l.dag(), frequency=wl, rate=a),
            ThermalBath("2", T[1]).jumps(g * l.dag(), frequency=wl, rate=b),
            ThermalBath("3", T[2]).jumps(g * u.dag(), frequency=wu, rate=c),
            ThermalBath("4", T[3]).jumps(l * u.dag(), frequency=wu - wl, rate=d),
        ],
        positive=[wu - wl],
    )
    return ledger(steady_state(L), energy=E)


def maser_with_two_hot_baths() -> Ledger:
    wc, wh, gc, gh, gk, eps = parameters("omega_c omega_h gamma_c gamma_h gamma_k epsilon")
    Tc, Th, Tk = parameters("T_c T_h T_k")
    g, l, u = HilbertSpace("atom", levels="glu").kets
    E = wc * l * l.dag() + wh * u * u.dag()
    baths = [
        ThermalBath("h", Th).jumps(g * u.dag(), frequency=wh, rate=gh),
        ThermalBath("k", Tk).jumps(g * u.dag(), frequency=wh, rate=gk),
        ThermalBath("c", Tc).jumps(g * l.dag(), frequency=wc, rate=gc),
    ]
    return ledger(steady_state(gkls(eps * (u * l.dag() + l * u.dag()), baths)), energy=E)


def driven_qubit() -> Ledger:
    """On resonance, between two baths: work is turned into heat also at equal temperatures."""
    w, g1, g2, T1, T2, Om = parameters("omega gamma_1 gamma_2 T_1 T_2 Omega")
    s = sigmam()
    baths = [
        ThermalBath("1", T1).jumps(s, frequency=w, rate=g1),
        ThermalBath("2", T2).jumps(s, frequency=w, rate=g2),
    ]
    return ledger(steady_state(gkls(Om * (s + s.dag()), baths)), energy=w * s.dag() * s)


def two_qubits() -> Ledger:
    """Local baths, exchange coupling."""
    w1, w2, J, g1, g2, T1, T2 = parameters("omega_1 omega_2 J gamma_1 gamma_2 T_1 T_2")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    baths = [
        ThermalBath("1", T1).jumps(a, frequency=w1, rate=g1),
        ThermalBath("2", T2).jumps(b, frequency=w2, rate=g2),
    ]
    E = w1 * a.dag() * a + w2 * b.dag() * b
    return ledger(steady_state(gkls(J * (a.dag() * b + b.dag() * a), baths)), energy=E)


def detuned_pair() -> Ledger:
    """Global baths in the eigenbasis of two detuned qubits: roots and mixing angles."""
    w, d, J, g1, g2, T1, T2 = parameters("omega delta J gamma_1 gamma_2 T_1 T_2")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = (w + d) * a.dag() * a + (w - d) * b.dag() * b + J * (a.dag() * b + b.dag() * a)
    spectrum = Spectrum.of(H, ascending=["gg", "-", "+", "ee"])
    L = davies(
        spectrum,
        [
            Coupling(ThermalBath("1", T1), a + a.dag(), flat(g1)),
            Coupling(ThermalBath("2", T2), b + b.dag(), flat(g2)),
        ],
    )
    return ledger(steady_state(L), energy=spectrum.hamiltonian)


def three_leads() -> Ledger:
    e, *rest = parameters("epsilon mu_1 mu_2 mu_3 T_1 T_2 T_3 Gamma_1 Gamma_2 Gamma_3")
    zero, one = HilbertSpace("dot", levels="01").kets
    leads = [
        Lead(str(k + 1), rest[3 + k], rest[k]).jumps(zero * one.dag(), energy=e, rate=rest[6 + k])
        for k in range(3)
    ]
    N = one * one.dag()
    return ledger(steady_state(gkls(e * N, leads)), energy=e * N, number=N)


def _near(values: Values, names: list[str], away: float, rng: np.random.Generator) -> None:
    for name in names[1:]:
        values[name] = values[names[0]] * (1 + away * rng.uniform(-2, 2, len(values[name])))


def _case(name: str, make: Callable[[], Ledger], largest: Callable[[Values], np.ndarray]) -> Case:
    nothing = ("", lambda v: np.zeros(0))
    return Case(name, make, (), nothing, largest)


def _gap(*frequencies: str) -> Callable[[Values], np.ndarray]:
    def largest(v: Values) -> np.ndarray:
        coldest = np.minimum.reduce([v[name] for name in v if name.startswith("T_")])
        return np.maximum.reduce([v[w] for w in frequencies]) / coldest

    return largest


MACHINES = {
    case.name: case
    for case in (
        _case("three baths", three_baths, _gap("omega")),
        _case("four baths", four_baths, _gap("omega_u")),
        _case("two hot baths", maser_with_two_hot_baths, _gap("omega_h", "omega_c")),
        _case("driven qubit", driven_qubit, _gap("omega")),
        _case("two qubits", two_qubits, _gap("omega_1", "omega_2")),
        _case("detuned pair", detuned_pair, _gap("omega")),
        _case("three leads", three_leads, _gap("epsilon", "mu_1", "mu_2", "mu_3")),
    )
}


def machine_points(case: Case, regime: str, count: int) -> Values:
    """Random points of a regime in the domain of a machine; all baths near equilibrium."""
    rng = np.random.default_rng(11)
    plain = "generic" if regime.endswith("equilibrium") else regime
    values = points(case, plain, count)
    if "omega_u" in values:
        values["omega_u"] = values["omega_u"] + values["omega_l"]
    if "delta" in values:
        values["omega"] = values["omega"] + 1.01 * np.hypot(values["delta"], values["J"])
    if regime.endswith("equilibrium"):
        away = float(regime.split()[0])
        kinds = [[n for n in values if n.startswith(kind)] for kind in ("T_", "mu_")]
        if case.name == "two qubits":
            values["T_2"] = values["omega_2"] / (values["omega_1"] / values["T_1"])
            values["T_2"] *= 1 + away * rng.uniform(-2, 2, count)
        elif case.name == "two hot baths":
            values["T_h"] = values["omega_h"] / (values["omega_c"] / values["T_c"])
            values["T_h"] *= 1 + away * rng.uniform(-2, 2, count)
            _near(values, ["T_h", "T_k"], away, rng)
        else:
            for names in kinds:
                _near(values, names, away, rng)
    return values
