"""Published steady states of driven and decaying atoms, as normal forms.

Each formula stands in the letters of its paper; numbers from NumPy's own Liouvillian stand beside
those that no paper has.
"""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    ThermalBath,
    bose,
    expect,
    gkls,
    is_zero,
    ledger,
    parameters,
    prove,
    qeye,
    sigmam,
    sigmap,
    sigmax,
    sigmaz,
    steady_state,
    tensor,
)

Omega, g, phi, w, T = parameters("Omega gamma gamma_phi omega T")
Delta = parameters("Delta", real=True)


def test_resonance_fluorescence_with_pure_dephasing():
    """p_e = Omega^2 G/(2 gamma (G^2 + Delta^2) + 2 Omega^2 G), G = gamma/2 + gamma_phi (Mollow)."""
    H = -Delta / 2 * sigmaz() + Omega / 2 * sigmax()
    pi = steady_state(gkls(H, [(sigmam(), g, "vacuum"), (sigmaz(), phi / 2, "phi")]))
    G = g / 2 + phi
    published = Omega**2 * G / (2 * g * (G**2 + Delta**2) + 2 * Omega**2 * G)
    assert is_zero(pi.population("e") - published)


def test_the_bloch_equations_with_thermal_photons_heat_the_bath():
    H = -Delta / 2 * sigmaz() + Omega / 2 * sigmax()
    bath = ThermalBath("b", T)
    emission = bath.jumps(sigmam(), frequency=w, rate=g)
    L = gkls(H, [emission, bath.dephasing(sigmaz(), rate=phi / 2)])
    book = ledger(steady_state(L), energy=w * sigmap() * sigmam())
    n = bose(w / T)
    G = g * (2 * n + 1) / 2 + phi
    W = Omega**2 * G / (2 * (G**2 + Delta**2))
    assert is_zero(book.power - w * W * g / (g * (2 * n + 1) + 2 * W))
    assert prove(book.second_law).condition.text == "never"


def lambda_system(dephasing, two_photon):
    """A Lambda system: fields Omega_p, Omega_c with detunings Delta and Delta - two_photon."""
    Op, Oc, G1, G2 = parameters("Omega_p Omega_c Gamma_1 Gamma_2")
    one, two, up = HilbertSpace("atom", levels="123").kets
    H = -Delta * up * up.dag() - two_photon * two * two.dag()
    H = H + Op / 2 * (up * one.dag() + one * up.dag()) + Oc / 2 * (up * two.dag() + two * up.dag())
    decay = [(one * up.dag(), G1, "1"), (two * up.dag(), G2, "2")]
    loss = [(two * two.dag(), 2 * dephasing, "d")] if dephasing != 0 else []
    return steady_state(gkls(H, decay + loss)), (Op, Oc, G1, G2)


def test_coherent_population_trapping():
    """On two-photon resonance the dark state (Oc|1> - Op|2>)/sqrt(Op^2 + Oc^2) is the only one."""
    pi, (Op, Oc, *_) = lambda_system(0, 0)
    norm = Op**2 + Oc**2
    assert pi.population("3") == 0
    assert is_zero(pi.rho[0, 0] - Oc**2 / norm) and is_zero(pi.rho[0, 1] + Oc * Op / norm)


def test_transparency_is_quadratic_in_the_two_photon_detuning():
    d = parameters("delta", real=True)
    pi, (Op, Oc, G1, G2) = lambda_system(0, d)
    upper = pi.population("3")
    assert is_zero(upper.subs(d, 0))
    num, den = sp.fraction(sp.together(upper))
    ratio = sp.cancel(num / d**2) / den
    slope = ratio.subs(d, 0)  # the leading coefficient
    published = 4 * Op**2 * Oc**2 * (G1 + G2) / ((Op**2 + Oc**2) ** 2 * (G1 * Oc**2 + G2 * Op**2))
    assert is_zero(slope - published)


def test_noise_induced_coherence_of_a_v_system():
    """Aligned dipoles on the hot bath: the coherence has the sign of n_h - n_c (Scully 2011)."""
    g1, g2, gc, Th, Tc = parameters("gamma_1 gamma_2 gamma_c T_h T_c")
    ground, one, two = HilbertSpace("V", levels="g12").kets
    H = w * (one * one.dag() + two * two.dag())
    hot, cold = ThermalBath("h", Th), ThermalBath("c", Tc)
    joint = sp.sqrt(g1) * ground * one.dag() + sp.sqrt(g2) * ground * two.dag()
    jumps = [hot.jumps(joint, frequency=w, rate=1)]
    jumps += [cold.jumps(ground * k.dag(), frequency=w, rate=gc) for k in (one, two)]
    pi = steady_state(gkls(H, jumps))
    nh, nc = bose(w / Th), bose(w / Tc)
    # The bright state meets both baths, the dark one the cold bath alone.
    G = g1 + g2
    up, down = G * nh + gc * nc, G * (nh + 1) + gc * (nc + 1)
    bright, dark = up / down, nc / (nc + 1)
    ground_ = 1 / (1 + bright + dark)
    assert is_zero(pi.rho[1, 2] - sp.sqrt(g1 * g2) / G * (bright - dark) * ground_)
    assert is_zero(pi.population("g") - ground_)
    book = ledger(pi, energy=H)
    assert prove(book.second_law).condition.text == "T_h = T_c"


def test_four_level_amplifier():
    """Efficiency omega_2/(omega_1 + omega_2 + omega_3); reversible at equal ratios (Carnot)."""
    w1, w2, w3, gh, gc, Tc, Th = parameters("omega_1 omega_2 omega_3 gamma_h gamma_c T_c T_h")
    k = HilbertSpace("atom", levels="1234").kets
    E = w1 * k[1] * k[1].dag() + (w1 + w2) * k[2] * k[2].dag()
    E = E + (w1 + w2 + w3) * k[3] * k[3].dag()
    lower = k[1] * k[2].dag()
    hot, cold = ThermalBath("h", Th), ThermalBath("c", Tc)
    L = gkls(
        Omega * (lower + lower.dag()),
        [
            hot.jumps(k[0] * k[3].dag(), frequency=w1 + w2 + w3, rate=gh),
            cold.jumps(k[0] * k[1].dag(), frequency=w1, rate=gc),
            cold.jumps(k[2] * k[3].dag(), frequency=w3, rate=gc),
        ],
    )
    book = ledger(steady_state(L), energy=E)
    assert book.efficiency("h") == w2 / (w1 + w2 + w3)
    proof = prove(book.second_law)
    assert proof.condition.text == "(ω_1 + ω_2 + ω_3)/T_h = (ω_1 + ω_3)/T_c"


def test_the_entangled_state_of_two_reset_qubits():
    """rho = c [p_c p_h tau_c x tau_h + 2g^2/(p_c+p_h)^2 (p_c tau_c + p_h tau_h)^(x2) + coherence]
    with c = 1/(2 g^2 + p_c p_h) (Brask, Haack, Brunner, Huber 2015)."""
    pc, ph, rc, rh = parameters("p_c p_h r_c r_h")
    excited, ground = HilbertSpace("q", levels="eg").kets
    one = qeye(2)

    def resets(site, p, r, label):
        found = []
        for into, weight in ((excited, r), (ground, 1 - r)):
            for out in (excited, ground):
                op = into * out.dag()
                found.append((tensor(op, one) if site == 0 else tensor(one, op), p * weight, label))
        return found

    a = tensor(ground * excited.dag(), one)
    b = tensor(one, ground * excited.dag())
    H = w * (a.dag() * a + b.dag() * b) + g * (a.dag() * b + b.dag() * a)
    baths = resets(0, pc, rc, "c") + resets(1, ph, rh, "h")
    pi = steady_state(gkls(H, baths, positive=[1 - rc, 1 - rh]))
    c = 1 / (2 * g**2 + pc * ph)
    both = pc * ph * rc * rh + 2 * g**2 / (pc + ph) ** 2 * (pc * rc + ph * rh) ** 2
    assert is_zero(pi.population("ee") - c * both)
    assert is_zero(pi.rho[1, 2] - sp.I * c * g * pc * ph * (rc - rh) / (pc + ph))


@pytest.mark.parametrize("sites", [2, 3])
def test_the_spin_current_of_an_xx_chain_does_not_depend_on_its_length(sites):
    """16 J^2 gamma f/(16 J^2 + gamma^2) between ends driven at gamma (1 +- f)/2."""
    J, f = parameters("J f")

    def at(k, op):
        return tensor(*(op if i == k else qeye(2) for i in range(sites)))

    down = [at(k, sigmam()) for k in range(sites)]
    hops = [down[k].dag() * down[k + 1] + down[k + 1].dag() * down[k] for k in range(sites - 1)]
    H = 2 * J * sum(hops[1:], hops[0])  # J (XX + YY)
    first, last = down[0], down[-1]
    jumps = [(first.dag(), g * (1 + f) / 2, "L"), (first, g * (1 - f) / 2, "L")]
    jumps += [(last.dag(), g * (1 - f) / 2, "R"), (last, g * (1 + f) / 2, "R")]
    pi = steady_state(gkls(H, jumps, positive=[1 - f]))
    flow = 4 * J * sp.I * (down[0].dag() * down[1] - down[1].dag() * down[0])
    current = expect(flow, pi.rho)
    published = 16 * J**2 * g * f / (16 * J**2 + g**2)
    assert is_zero(current - published)
