"""Published closed forms, reproduced exactly: the difference is zero in normal form.

The values next to them are 50-digit numbers confirmed by independent routes; conventions stand in
``golden.json`` with each entry.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    Operator,
    ThermalBath,
    bose,
    certify,
    clausius_rate,
    expect,
    fermi,
    gkls,
    is_zero,
    ledger,
    model,
    parameters,
    qeye,
    relative_entropy,
    sigmam,
    sigmax,
    sigmaz,
    spohn_rate,
    steady_state,
    tensor,
    total_spohn_rate,
)
from symtherm.numeric.integrate import entropy_production, evolve
from symtherm.numeric.operators import numeric_entries, numeric_generator

GOLDEN = {row["id"]: row for row in json.loads((Path(__file__).parent / "golden.json").read_text())}


def rational(text: str) -> sp.Rational:
    value = Fraction(text)
    return sp.Rational(value.numerator, value.denominator)


def close(enclosure, entry: int, digits: int = 48) -> bool:
    """The certified value is the published one to ``digits`` digits."""
    with mp.workdps(60):
        published = mp.mpf(GOLDEN[entry]["value_50_digits"])
        return abs(mp.mpf(enclosure.value) - published) <= abs(published) * mp.mpf(10) ** (-digits)


def maser_symbols():
    m = model("three-level-maser")
    return m, {p.name: p for p in m.parameters}


def published_maser_current(s):
    """Entry 6, in the letters of the paper: b for emission, a for absorption."""
    nh, nc = bose(s["omega_h"] / s["T_h"]), bose(s["omega_c"] / s["T_c"])
    bu, au = s["gamma_h"] * (nh + 1), s["gamma_h"] * nh
    bl, al = s["gamma_c"] * (nc + 1), s["gamma_c"] * nc
    G = (bu + bl) / 2
    W = 2 * s["epsilon"] ** 2 * G / (G**2 + s["Delta"] ** 2)
    return (
        W
        * s["gamma_h"]
        * s["gamma_c"]
        * (nh - nc)
        / (W * (bu + bl + 2 * au + 2 * al) + bu * bl + au * bl + al * bu)
    )


def test_maser_currents_are_the_published_ones_for_any_detuning():
    m, s = maser_symbols()
    J = published_maser_current(s)
    assert is_zero(m.ledger.power + (s["omega_h"] - s["omega_c"]) * J)
    assert is_zero(m.ledger.heat["h"] - s["omega_h"] * J)
    assert is_zero(m.ledger.heat["c"] + s["omega_c"] * J)
    sigma = (s["omega_c"] / s["T_c"] - s["omega_h"] / s["T_h"]) * J
    assert is_zero(m.ledger.entropy_production - sigma)


def test_maser_efficiency_is_one_minus_the_ratio_of_frequencies():
    m, s = maser_symbols()
    assert is_zero(m.ledger.efficiency("h") - (1 - s["omega_c"] / s["omega_h"]))


def test_maser_power_has_the_published_digits():
    m, s = maser_symbols()
    names = {
        "wh": "omega_h",
        "wc": "omega_c",
        "Th": "T_h",
        "Tc": "T_c",
        "gh": "gamma_h",
        "gc": "gamma_c",
        "eps": "epsilon",
    }
    at = {s[names[k]]: v for k, v in GOLDEN[6]["parameters"].items()}
    at[s["Delta"]] = 0
    value = certify(-m.ledger.power, at, digits=50)
    assert close(value, 6)


def test_dot_current_and_entropy_production_are_the_published_ones():
    m = model("quantum-dot")
    s = {p.name: p for p in m.parameters}
    xl = (s["epsilon"] - s["mu_l"]) / s["T_l"]
    xr = (s["epsilon"] - s["mu_r"]) / s["T_r"]
    current = s["Gamma_l"] * s["Gamma_r"] / (s["Gamma_l"] + s["Gamma_r"]) * (fermi(xr) - fermi(xl))
    assert is_zero(m.ledger.current["r"] - current)
    assert is_zero(m.ledger.current["l"] + current)
    assert is_zero(m.ledger.entropy_production - current * (xl - xr))


def test_dot_entropy_production_has_the_published_digits():
    m = model("quantum-dot")
    s = {p.name: p for p in m.parameters}
    names = {
        "eps": "epsilon",
        "mul": "mu_l",
        "mur": "mu_r",
        "Tl": "T_l",
        "Tr": "T_r",
        "Gl": "Gamma_l",
        "Gr": "Gamma_r",
    }
    at = {s[names[k]]: v for k, v in GOLDEN[8]["parameters"].items()}
    assert close(certify(m, at, 50, ["entropy_production"])["entropy_production"], 8)


def test_optical_bloch_inversion_of_a_users_own_model():
    """Entry 4: <sigma_z> = -1/(2n + 1) (D^2 + G2^2)/(D^2 + G2^2 + O^2 G2/G), with symbols for n."""
    g, n, gphi, Omega = parameters("g n gamma_phi Omega")
    Delta = parameters("Delta", real=True)
    H = -Delta / 2 * sigmaz() + Omega / 2 * sigmax()
    L = gkls(
        H,
        [
            (sigmam(), g * (n + 1), "down"),
            (sigmam().dag(), g * n, "up"),
            (sigmaz(), gphi / 2, "phi"),
        ],
    )
    inversion = expect(sigmaz(), steady_state(L).rho)
    G = g * (2 * n + 1)
    G2 = G / 2 + gphi
    published = -(Delta**2 + G2**2) / ((2 * n + 1) * (Delta**2 + G2**2 + Omega**2 * G2 / G))
    assert is_zero(inversion - published)
    names = {"g": g, "n": n, "gphi": gphi, "Delta": Delta, "Omega": Omega}
    at = {names[k]: v for k, v in GOLDEN[4]["parameters"].items()}
    assert close(certify(inversion, at, 50), 4)


def bloch_state(z, c) -> Operator:
    """(1 + z sigma_z)/2 + c (|e><g| + |g><e|)."""
    half = sp.Rational(1, 2)
    return half * qeye(2) + (z / 2) * sigmaz() + c * sigmax()


def relaxation():
    m = model("qubit")
    omega, gamma, T = m.parameters
    z, c = sp.symbols("z c", real=True)
    return m, omega, gamma, T, z, c


def test_spohn_rate_of_a_qubit_with_coherence_is_the_published_one():
    """Entry 1: G {artanh(r)/r [z (z - z*) + 2 c^2] - artanh(z*)(z - z*)}, for any state."""
    m, omega, gamma, T, z, c = relaxation()
    rho = bloch_state(z, c)
    n = bose(omega / T)
    G = gamma * (2 * n + 1)
    star = -1 / (2 * n + 1)
    r = sp.sqrt(z**2 + 4 * c**2)
    published = G * (sp.atanh(r) / r * (z * (z - star) + 2 * c**2) - sp.atanh(star) * (z - star))
    ours = spohn_rate(m.generator, rho, m.steady_state.rho)
    assert is_zero(ours - published)
    assert is_zero(total_spohn_rate(m.generator, rho, m.energy) - published)
    assert is_zero(clausius_rate(m.generator, rho, m.energy) - published)


def test_spohn_rate_along_the_relaxation_has_the_published_digits():
    m, omega, gamma, T, z, c = relaxation()
    p = {
        k: mp.mpf(Fraction(v).numerator) / Fraction(v).denominator
        for k, v in GOLDEN[1]["parameters"].items()
    }
    at = {omega: rational("3/2"), gamma: rational("2/5"), T: rational("5/4")}
    with mp.workdps(60):
        p = {
            k: mp.mpf(Fraction(v).numerator) / Fraction(v).denominator
            for k, v in GOLDEN[1]["parameters"].items()
        }
        gen = numeric_generator(m.generator, at, 55)
        start = mp.matrix([[(1 + p["z0"]) / 2, p["c0"]], [p["c0"], (1 - p["z0"]) / 2]])
        rho = evolve(gen, start, p["t"], 55)
        zt = mp.re(rho[0, 0] - rho[1, 1])
        ct = abs(rho[0, 1])
        rate = spohn_rate(m.generator, bloch_state(z, c), m.steady_state.rho)
        value = rate.xreplace({**at, z: sp.Float(zt, 60), c: sp.Float(ct, 60)}).evalf(50)
        assert abs(mp.mpf(str(value)) - mp.mpf(GOLDEN[1]["value_50_digits"])) < mp.mpf(10) ** -45


def test_relative_entropy_to_the_gibbs_state_is_the_published_one():
    """Entry 3: sum of (1 +- r)/2 ln (1 +- r)/2 + beta omega z/2 + ln 2cosh(beta omega/2)."""
    m, omega, gamma, T, z, c = relaxation()
    r = sp.sqrt(z**2 + 4 * c**2)
    x = omega / T
    published = (
        (1 + r) / 2 * sp.log((1 + r) / 2)
        + (1 - r) / 2 * sp.log((1 - r) / 2)
        + x * z / 2
        + sp.log(2 * sp.cosh(x / 2))
    )
    ours = relative_entropy(bloch_state(z, c), m.steady_state.rho)
    assert is_zero(ours - published)
    at = {omega: rational("3/2"), T: rational("5/4"), z: rational("3/10"), c: rational("1/4")}
    assert close(certify(ours, at, 50), 3)


def test_integrated_entropy_production_is_the_relative_entropy():
    """Entry 3 by the other route: the rate integrated along the trajectory, from the operators."""
    m, omega, gamma, T, _, _ = relaxation()
    at = {omega: rational("3/2"), gamma: rational("2/5"), T: rational("5/4")}
    with mp.workdps(40):
        gen = numeric_generator(m.generator, at, 30)
        start = mp.matrix([[mp.mpf(13) / 20, mp.mpf(1) / 4], [mp.mpf(1) / 4, mp.mpf(7) / 20]])
        energy = numeric_entries(m.energy, at, 40)
        total = entropy_production(gen, start, 200, energy, {"b": mp.mpf(4) / 5}, 30)
        assert abs(total - mp.mpf(GOLDEN[3]["value_50_digits"])) < mp.mpf(10) ** -24


def coupled_qubits():
    w1, w2, T1, T2, g, g1, g2 = parameters("omega_1 omega_2 T_1 T_2 g gamma_1 gamma_2")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H0 = w1 * a.dag() * a + w2 * b.dag() * b
    H = H0 + g * (a.dag() * b + b.dag() * a)
    L = gkls(
        H,
        [
            ThermalBath("1", T1).jumps(a, frequency=w1, rate=g1),
            ThermalBath("2", T2).jumps(b, frequency=w2, rate=g2),
        ],
    )
    return L, H0, H, (w1, w2, T1, T2, g, g1, g2)


def test_two_coupled_qubits_have_the_published_entropy_production():
    """Entry 13: J = (s_1 - s_2)/(1/W + 1/G_1 + 1/G_2), sigma = (b_2 w_2 - b_1 w_1) J."""
    L, H0, _, (w1, w2, T1, T2, g, g1, g2) = coupled_qubits()
    book = ledger(steady_state(L), energy=H0)
    n1, n2 = bose(w1 / T1), bose(w2 / T2)
    G1, G2 = g1 * (2 * n1 + 1), g2 * (2 * n2 + 1)
    kappa = (G1 + G2) / 2
    W = 2 * g**2 * kappa / (kappa**2 + (w1 - w2) ** 2)
    J = (fermi(w1 / T1) - fermi(w2 / T2)) / (1 / W + 1 / G1 + 1 / G2)
    assert is_zero(book.heat["1"] - w1 * J)
    assert is_zero(book.entropy_production - (w2 / T2 - w1 / T1) * J)
    names = {"w1": w1, "w2": w2, "T1": T1, "T2": T2, "g": g, "g1": g1, "g2": g2}
    at = {names[k]: v for k, v in GOLDEN[13]["parameters"].items()}
    assert close(certify(book.entropy_production, at, 50), 13)


@pytest.mark.parametrize("temperatures", [("T_1", "T_2"), ("T_2", "T_1")])
def test_levy_kosloff_violation_is_refuted_with_an_exact_point(temperatures):
    """With E = H the Clausius form of local dissipators is no second law, and a point shows it."""
    from symtherm import prove
    from symtherm.errors import MissingTrait

    L, _, H, _ = coupled_qubits()
    book = ledger(steady_state(L), energy=H)
    with pytest.raises(MissingTrait, match="omega"):
        _ = book.second_law
    proof = prove(book.entropy_production >= 0)
    assert proof.verdict.name == "REFUTED"
    at = {p: proof.counterexample[p.name] for p in book.entropy_production.free_symbols}
    assert certify(book.entropy_production, at, 10).sign == -1
