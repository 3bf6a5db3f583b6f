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
# **Hypotheses.** $\Delta$ is the pinching onto the eigenspaces of $H_S$, $[L, \Delta] = 0$, and
# $\pi = \Delta(\pi)$.
#
# **Statement** (Santos, Celeri, Landi and Paternostro, npj Quantum Inf. 5, 23 (2019)).
# $\sigma = \sigma_{pop} + \sigma_{coh}$, with Spohn's rate at $\Delta(\rho)$ and
# $\sigma_{coh} = -\frac{d}{dt}S(\rho\|\Delta(\rho))$; both are $\ge 0$.
#
# Proof. $S(\rho\|\pi) = S(\Delta\rho\|\pi) + S(\rho\|\Delta\rho)$, because $\ln\pi$ and
# $\ln\Delta\rho$ are block diagonal. As $\Delta$ commutes with $e^{tL}$, both terms on the right are
# relative entropies of states that evolve under the same channel, and neither can grow.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    ThermalBath,
    bose,
    certify,
    decompose,
    evolve,
    gibbs_state,
    gkls,
    is_zero,
    parameters,
    pinching,
    prove,
    relative_entropy,
    sigmam,
    sigmaz,
)

omega, gamma, T = parameters("omega gamma T")
z, c = sp.symbols("z c", real=True)
half = sp.Rational(1, 2)
H = omega / 2 * sigmaz()
L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)])
rho = Operator.of(H.space, {(0, 0): half * (1 + z), (1, 1): half * (1 - z), (0, 1): c, (1, 0): c})

# %% [markdown]
# ## A qubit in closed form

# %%
split = decompose(L, rho).coherence
n = bose(omega / T)
G, zs = gamma * (2 * n + 1), -1 / (2 * n + 1)
r = sp.sqrt(z**2 + 4 * c**2)
A = sp.atanh
assert is_zero(split.populations - G * (z - zs) * (A(z) - A(zs)))
coherent = G * (A(r) / r * (z * (z - zs) + 2 * c**2) - (z - zs) * A(z))
assert is_zero(split.coherences - coherent)
assert is_zero(split.cross) and split.holds
for hypothesis in split.hypotheses:
    print(hypothesis)

# %% [markdown]
# A published value: the state at $t = 7/10$ from $z_0 = 3/10$, $c_0 = 1/4$, from the closed form of
# $\rho_t$; and independently as a numerical derivative of $S(\Delta\rho_t) - S(\rho_t)$ along a matrix
# exponential of $L$.

# %%
t, Gn, pn = parameters("t Gamma p")
named = gkls(H, [(sigmam(), Gn * (1 - pn)), (sigmam().dag(), Gn * pn)], positive=[1 - pn])
moved = evolve(named, rho, t)
later = split.coherences.xreplace(
    {z: zs + (z - zs) * sp.exp(-t * Gn), c: c * sp.exp(-t * Gn / 2)}
).xreplace({Gn: G})
assert is_zero((moved[0, 0] - moved[1, 1]).xreplace({pn: (1 + z) / 2}) - z)
at = {
    omega: sp.Rational(3, 2),
    gamma: sp.Rational(2, 5),
    T: sp.Rational(5, 4),
    t: sp.Rational(7, 10),
}
at |= {z: sp.Rational(3, 10), c: sp.Rational(1, 4)}
value = certify(later, at, 40)
print("sigma:", value)
assert value.value.startswith("0.0575094380845208587778008341592846508")

with mp.workdps(60):
    w, g, temperature = mp.mpf(3) / 2, mp.mpf(2) / 5, mp.mpf(5) / 4
    occupation = 1 / mp.expm1(w / temperature)
    rate = g * (2 * occupation + 1)
    stack = mp.matrix(4, 4)
    for (i, j), v in L.superoperator().entries.items():
        re, im = v.xreplace(at).evalf(60).as_real_imag()
        stack[i, j] = mp.mpc(re._to_mpmath(200), im._to_mpmath(200))

    def gap(time):
        """S(Delta rho_t) - S(rho_t) along the matrix exponential."""
        start = mp.matrix([mp.mpf(13) / 20, mp.mpf(1) / 4, mp.mpf(1) / 4, mp.mpf(7) / 20])
        v = mp.expm(stack * time) * start
        state = mp.matrix([[v[0], v[2]], [v[1], v[3]]])
        flat = mp.diag([v[0], v[3]])
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
# A four-level ladder with a degenerate Bohr frequency and coherence everywhere: no closed form, the
# same traces with proved digits. Both parts are positive and their sum is the total.

# %%
from symtherm import Coupling, Spectrum, davies, ohmic
from symtherm.numeric.entropies import enclose_log_sum

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
mixed = seed * seed.dag()
for k in range(4):
    mixed = mixed + Operator.of(four, {(k, k): sp.Integer(9)})
mixed = (mixed / mixed.tr()).apply(sp.expand)
gibbs = gibbs_state(spectrum.hamiltonian, T)
flat = pinching(mixed, spectrum.hamiltonian)
here = {omega: sp.Integer(1), gamma: sp.Rational(1, 10), T: sp.Integer(2)}
change, low = ladder(mixed), ladder(flat)
total = enclose_log_sum([(-change, mixed), (change, gibbs)], here, 20)
populations = enclose_log_sum([(-low, flat), (low, gibbs)], here, 20)
coherences = enclose_log_sum(
    [(-change, mixed), (pinching(change, spectrum.hamiltonian), flat)], here, 20
)
print(total, "=", populations, "+", coherences)
assert populations.sign == coherences.sign == 1
with mp.workdps(30):
    values = [mp.mpf(x.value) for x in (total, populations, coherences)]
    assert abs(values[0] - values[1] - values[2]) < mp.mpf(10) ** -17

# %% [markdown]
# ## Where a hypothesis fails
#
# A $V$ system with two degenerate excited levels: the coherence between them lies *inside* an
# eigenspace of $H_S$, and $\Delta$ keeps it. Dephase in the level basis instead, and $[L, \Delta] = 0$
# fails, because the common coupling turns that coherence into population. The cross term is what is
# left over.

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
a, b, k = parameters("a b k")
state = Operator.of(V, {(0, 0): 1 - a - b, (1, 1): a, (2, 2): b, (1, 2): k, (2, 1): k})
whole = decompose(degenerate, state)
good = whole.coherence
assert good.holds and is_zero(good.cross) and is_zero(good.coherences)

labels = excited + Operator.of(V, {(2, 2): sp.Integer(1)})  # tells 1 from 2
bad = replace(whole, energy=labels).coherence
for hypothesis in bad.hypotheses:
    print(hypothesis)
assert not bad.holds
spot = {omega: 1, gamma: 1, T: 1, a: sp.Rational(1, 4), b: sp.Rational(1, 5), k: sp.Rational(1, 10)}
print("cross term:", certify(bad.cross, spot, 12))
assert certify(bad.cross, spot, 12).sign != 0

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. Pure dephasing by $\sqrt{\gamma_\phi}\,\sigma_z$ leaves nothing for the populations. What is
#    $\sigma_{coh}$, with $r = \sqrt{z^2 + 4c^2}$?
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
assert prove(exercise_1(8 * phi * c**2 * sp.atanh(r) / r)).proved
assert is_zero(only.coherences - decompose(noisy, rho, pi=gibbs_state(H, T)).nonadiabatic)
assert prove(exercise_2(zs)).proved
