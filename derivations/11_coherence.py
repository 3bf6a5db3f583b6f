# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Populations and coherences
#
# **Hypotheses.** $\Delta$ is the pinching onto the eigenspaces of $H_S$, $\Delta\rho = \sum_EP_E\,\rho P_E$;
# $[L, \Delta] = 0$; and the steady state of full rank obeys $\pi = \Delta(\pi)$.
#
# **Statement** (Santos, Celeri, Landi and Paternostro, npj Quantum Inf. 5, 23 (2019)). The
# nonadiabatic part of $\sigma$ (all of it, for one bath) is $\sigma_{pop} + \sigma_{coh}$, with Spohn's rate
# at $\Delta(\rho)$ and $\sigma_{coh} = -\frac{d}{dt}S(\rho\|\Delta(\rho))$; both are $\ge 0$.
#
# *Proof.* $S(\rho\|\pi) = S(\Delta\rho\|\pi) + S(\rho\|\Delta\rho)$, because $\ln\pi$ and
# $\ln\Delta\rho$ are block diagonal. As $\Delta$ commutes with $e^{tL}$, both terms on the right are
# relative entropies of states that evolve under the same channel, and neither can grow. $\square$
#
# Davies' generators meet both hypotheses: $L$ commutes with $\mathcal{U}_s\rho =
# e^{-iH_Ss}\rho\,e^{iH_Ss}$, hence with $\Delta = \lim_{s\to\infty}\frac1s\int_0^s\mathcal{U}$, and so
# $\Delta(\pi)$ is stationary, too. Here they are tested on every generator, entry by entry.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    bose,
    certify,
    davies,
    decompose,
    evolve,
    gibbs_state,
    gkls,
    is_zero,
    ohmic,
    parameters,
    pinching,
    prove,
    qeye,
    relative_entropy,
    replay,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
)
from symtherm.thermo.decomposition import covariant

omega, gamma, T = parameters("omega gamma T")
x, y, z = parameters("x y z", real=True)
half = sp.Rational(1, 2)
H = omega / 2 * sigmaz()
L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)])
rho = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2

# %% [markdown]
# ## A qubit in closed form
#
# With $\Gamma = \gamma(2n + 1)$, $z_* = -1/(2n + 1)$, $A = \mathrm{artanh}$ and a Bloch vector of length $r$,
#
# $$\sigma_{pop} = \Gamma(z - z_*)[A(z) - A(z_*)], \qquad \sigma_{coh} = \Gamma\left\{\tfrac{A(r)}r
#   \left[z(z - z_*) + \tfrac12(x^2 + y^2)\right] - (z - z_*)A(z)\right\} .$$
#
# Both inequalities and the absence of a cross term are claims: the certificate of the second holds
# the eigenprojectors of $\rho$ and $\Delta(\rho)$ and the jumps, and the checker tests $[L, \Delta] = 0$.

# %%
split = decompose(L, rho).coherence
n = bose(omega / T)
G, zs = gamma * (2 * n + 1), -1 / (2 * n + 1)
r = sp.sqrt(x**2 + y**2 + z**2)
A = sp.atanh
assert is_zero(split.populations - G * (z - zs) * (A(z) - A(zs)))
coherent = G * (A(r) / r * (z * (z - zs) + (x**2 + y**2) / 2) - (z - zs) * A(z))
assert is_zero(split.coherences - coherent)
assert is_zero(split.cross) and split.holds
for hypothesis in split.hypotheses:
    print(hypothesis)
for claim in split.claims:
    proof = prove(claim)
    assert proof.proved and replay(proof).valid
    print(f"{claim.name}: {proof.verdict.name}")

# %% [markdown]
# A published value: the state at $t = 7/10$ from $z_0 = 3/10$, $c_0 = x_0/2 = 1/4$, from the closed form
# of $\rho_t$; and independently as a numerical derivative of $S(\Delta\rho_t) - S(\rho_t)$ along states
# that are integrated from the jump operators.

# %%
t, Gn, pn = parameters("t Gamma p")
named = gkls(H, [(sigmam(), Gn * (1 - pn)), (sigmam().dag(), Gn * pn)], positive=[1 - pn])
moved = evolve(named, rho, t)
assert is_zero(
    (moved[0, 0] - moved[1, 1]) - (2 * pn - 1) * (1 - sp.exp(-Gn * t)) - z * sp.exp(-Gn * t)
)
assert is_zero(moved[0, 1] * moved[1, 0] - (x**2 + y**2) / 4 * sp.exp(-Gn * t))
fall = sp.exp(-t * G / 2)
later = split.coherences.xreplace({z: zs + (z - zs) * fall**2, x: x * fall, y: y * fall})
at = {omega: sp.Rational(3, 2), gamma: sp.Rational(2, 5), T: sp.Rational(5, 4)}
at |= {t: sp.Rational(7, 10), x: half, y: sp.Integer(0), z: sp.Rational(3, 10)}
value = certify(later, at, 40)
print("sigma_coh:", value)
assert value.value.startswith("0.0575094380845208587778008341592846508")

from symtherm.numeric.integrate import evolve as propagate
from symtherm.numeric.operators import numeric_generator

with mp.workdps(60):
    gen = numeric_generator(L, at, 55)
    start = mp.matrix([[mp.mpf(13) / 20, mp.mpf(1) / 4], [mp.mpf(1) / 4, mp.mpf(7) / 20]])

    def gap(time):
        """S(Delta rho_t) - S(rho_t)."""
        state = propagate(gen, start, time, 55)
        flat = mp.diag([state[0, 0], state[1, 1]])
        total = mp.mpf(0)
        for sign, m in ((1, flat), (-1, state)):
            for s in mp.eighe(m)[0]:
                total -= sign * s * mp.log(s)
        return mp.re(total)

    step = mp.mpf(10) ** -6
    weights = {1: mp.mpf(4) / 5, 2: -mp.mpf(1) / 5, 3: mp.mpf(4) / 105, 4: -mp.mpf(1) / 280}
    slope = sum(
        a * (gap(mp.mpf(7) / 10 + k * step) - gap(mp.mpf(7) / 10 - k * step))
        for k, a in weights.items()
    )
    slope = -slope / step
    assert abs(slope - mp.mpf(value.value)) < mp.mpf(10) ** -30
print("numerical derivative:", mp.nstr(slope, 25))

# %% [markdown]
# ## Where it comes from
#
# The three relative entropies, exactly:

# %%
pi = gibbs_state(H, T)
flat = pinching(rho, H)
assert is_zero(relative_entropy(rho, pi) - relative_entropy(flat, pi) - relative_entropy(rho, flat))

# %% [markdown]
# ## More levels, in balls
#
# A four-level ladder with equal Bohr frequencies on two steps and coherence everywhere: no closed form,
# the same traces with proved digits by `certify`. The first route takes logarithms of balls; the second
# one applies jump operators and takes logarithms by numerical eigenvectors.

# %%
from symtherm.numeric.generator import apply_dissipator

four = HilbertSpace("ladder", 4)
spectrum = Spectrum(four, (0, omega, 2 * omega, 4 * omega))
hop = Operator.of(
    four, {(i, j): sp.Integer(1 + min(i, j)) for i in range(4) for j in range(4) if i != j}
)
ladder = davies(spectrum, [Coupling(ThermalBath("b", T), hop, ohmic(gamma))])
seed = Operator.of(
    four,
    {
        (i, j): sp.Rational((3 * i + 5 * j) % 7 - 3) + sp.I * ((i + 2 * j) % 3)
        for i in range(4)
        for j in range(4)
    },
)
mixed = seed * seed.dag() + 9 * qeye(four)
mixed = (mixed / mixed.tr()).apply(sp.expand)
here = {omega: sp.Integer(1), gamma: sp.Rational(1, 10), T: sp.Integer(2)}
gibbs = gibbs_state(spectrum.hamiltonian, T)
levels = decompose(ladder, mixed, pi=gibbs)
assert levels.adiabatic_is_nonnegative and covariant(ladder, spectrum.hamiltonian).holds
balls = certify(levels, here, 30)
print(
    *(f"{name} {balls[name]}" for name in ("nonadiabatic", "populations", "coherences")), sep="\n"
)
assert balls["populations"].sign == balls["coherences"].sign == 1
with mp.workdps(40):
    gen = numeric_generator(ladder, here, 40)
    E = mp.diag([0, 1, 2, 4])
    state = mp.matrix(4, 4)
    for i, j, w in mixed.data:
        re, im = w.as_real_imag()
        state[i, j] = mp.mpc(mp.mpf(re.p) / re.q, mp.mpf(im.p) / im.q)

    def diagonal(M):
        """The pinching: no two levels have one energy."""
        return mp.diag([M[i, i] for i in range(4)])

    def rate(state):
        """L(rho) from the jumps."""
        return apply_dissipator(gen, "b", state) - 1j * (E * state - state * E)

    def log(matrix):
        """The logarithm of a positive matrix."""
        values, vectors = mp.eighe(matrix)
        return vectors * mp.diag([mp.log(e) for e in values]) * vectors.transpose_conj()

    def trace(M):
        """The real part of the trace."""
        return mp.re(sum(M[i, i] for i in range(4)))

    flat = diagonal(state)
    populations = -trace(rate(flat) * (log(flat) + E / 2))  # ln pi = -E/T - ln Z, T = 2
    whole = -trace(rate(state) * (log(state) + E / 2))
    coherences = trace(rate(state) * (log(flat) - log(state)))
    for name, found in (("nonadiabatic", whole), ("populations", populations)):
        assert abs(found - mp.mpf(balls[name].value)) < mp.mpf(10) ** -28
    assert abs(coherences - mp.mpf(balls["coherences"].value)) < mp.mpf(10) ** -28
    assert abs(whole - populations - coherences) < mp.mpf(10) ** -35

# %% [markdown]
# ## Where a hypothesis fails
#
# A $V$ system with two degenerate excited levels: the coherence $k = \rho_{12}$ lies *inside* an
# eigenspace of $H_S$, and $\Delta$ keeps it. The statement holds, with nothing for $\sigma_{coh}$ to do.
#
# Dephase in the level basis instead, and $[L, \Delta] = 0$ fails, because the common coupling turns
# coherence into population and back. The sum of the two parts misses the cross term
#
# $$\sigma_\times = -\mathrm{Tr}[L(\chi)(\ln\Delta\rho - \ln\pi)]
#   = \gamma(n + 1)\,k\left[\ln\frac{p_1p_2}{p_g^2} + \frac{2\omega}T\right], \qquad \chi = \rho - \Delta\rho,$$
#
# of either sign, and $\sigma_{coh}$ may be negative: the bath *makes* coherence between the levels.

# %%
from dataclasses import replace

V = HilbertSpace("V", levels="g12")
g, e1, e2 = V.kets
excited = omega * (e1 * e1.dag() + e2 * e2.dag())
bath = ThermalBath("b", T)
degenerate = gkls(
    excited,
    [
        bath.jumps(g * (e1 + e2).dag(), frequency=omega, rate=gamma),
        bath.jumps(g * e1.dag(), frequency=omega, rate=gamma / 2),
    ],
)
p1, p2 = parameters("p_1 p_2")
k = parameters("k", real=True)
state = Operator.of(V, {(0, 0): 1 - p1 - p2, (1, 1): p1, (2, 2): p2, (1, 2): k, (2, 1): k})
whole = decompose(degenerate, state)
good = whole.coherence
assert good.holds and is_zero(good.cross) and is_zero(good.coherences)
for claim in good.claims:
    proof = prove(claim)
    assert proof.proved and replay(proof).valid

labels = excited + Operator.of(V, {(2, 2): sp.Integer(1)})  # tells 1 from 2
bad = replace(whole, energy=labels).coherence
for hypothesis in bad.hypotheses:
    print(hypothesis)
assert not bad.holds
force = sp.log(p1) + sp.log(p2) - 2 * sp.log(1 - p1 - p2) + 2 * omega / T
assert is_zero(bad.cross - gamma * (n + 1) * k * force)
point = {omega: 1, gamma: 1, T: 1, p1: sp.Rational(1, 10), p2: sp.Rational(1, 10)}
for small in (sp.Rational(1, 50), -sp.Rational(1, 50)):
    values = [certify(v, {**point, k: small}, 12) for v in (bad.cross, bad.coherences)]
    print(f"k = {small}: cross term {values[0]}, coherences {values[1]}")
    assert values[0].sign == -sp.sign(small) and values[1].sign == -sp.sign(small)

# %% [markdown]
# With a drive both hypotheses fail: the steady state itself has coherence, and the commutator feeds it.
# The parts still add up to Spohn's rate, with their cross term, but nothing is claimed of them.

# %%
epsilon = parameters("epsilon")
bath_jumps = ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)
driven = decompose(gkls(epsilon * sigmax(), [bath_jumps]), rho, energy=H)
for hypothesis in driven.coherence.hypotheses:
    print(hypothesis)
assert not any(h.holds for h in driven.coherence.hypotheses)
assert not is_zero(driven.coherence.cross)
assert "Part of the coherences" not in [claim.name for claim in driven.claims]

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. Pure dephasing by $\sqrt{\gamma_\phi}\,\sigma_z$ leaves nothing for the populations. What is
#    $\sigma_{coh}$, for a Bloch vector $(x, y, z)$ of length $r$?
# 2. At which $z$ is all of $\sigma$ coherent?

# %% tags=["exercise"]
phi = parameters("gamma_phi")
noisy = gkls(H, [(sigmaz(), phi, "d")])
only = decompose(noisy, rho, pi=gibbs_state(H, T)).coherence
assert is_zero(only.populations) and only.holds


def exercise_1(answer):
    """sigma_coh of dephasing == answer."""
    return Claim(only.coherences, "==", answer)


def exercise_2(answer):
    """sigma_pop vanishes at z = answer."""
    return Claim(split.populations.xreplace({z: answer}), "==", sp.Integer(0))


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(2 * phi * (x**2 + y**2) * sp.atanh(r) / r)).proved
assert is_zero(only.coherences - decompose(noisy, rho, pi=gibbs_state(H, T)).nonadiabatic)
assert prove(exercise_2(zs)).proved
