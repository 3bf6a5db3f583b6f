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
# # One qubit and one bath
#
# A qubit with Hamiltonian $H = \frac{\omega}{2}\sigma_z$ exchanges quanta with a thermal bath at
# temperature $T$. We derive its steady state, its entropy production for *any* state, coherence
# included, and the second law; then we check the numbers against an integration that knows nothing
# of the closed forms.
#
# Conventions: $\hbar = k_B = 1$; energy and heat are positive into the system; entropies in nats.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    Operator,
    ThermalBath,
    bose,
    certify,
    clausius_rate,
    gibbs_state,
    gkls,
    heat_current,
    is_zero,
    ket2dm,
    parameters,
    prove,
    relative_entropy,
    sigmam,
    sigmaz,
    spohn_rate,
    steady_state,
    von_neumann_entropy,
)

omega, gamma, T = parameters("omega gamma T")
H = omega / 2 * sigmaz()
bath = ThermalBath("b", T)
L = gkls(H, [bath.jumps(sigmam(), frequency=omega, rate=gamma)])

# %% [markdown]
# ## The steady state is the Gibbs state
#
# The bath lowers the qubit at the rate $\gamma(n + 1)$ and raises it at $\gamma n$, with
# $n = 1/(e^{\omega/T} - 1)$. The ratio is $e^{\omega/T}$, so detailed balance holds, and the unique
# steady state is $e^{-H/T}/Z$: the difference is the exact zero, entry by entry.

# %%
pi = steady_state(L)
for definition in pi.structure:
    print(definition.symbol, "=", definition.expr, "   #", definition.meaning)

gibbs = gibbs_state(H, T)
assert all(is_zero(value) for _, _, value in (pi.rho - gibbs).data)

# %% [markdown]
# ## Entropy production of any state
#
# Take the state with Bloch components $z = \langle\sigma_z\rangle$ and coherence $c = \rho_{eg}$
# (real, without loss of generality: a rotation about $z$ makes it so and commutes with $L$).
# Its eigenvalues are $(1 \pm r)/2$ with $r = \sqrt{z^2 + 4c^2}$. Spohn's rate is
#
# $$\dot\Sigma = -\mathrm{Tr}\left[L(\rho)\,(\ln\rho - \ln\pi)\right] .$$

# %%
z, c = sp.symbols("z c", real=True)
half = sp.Rational(1, 2)
rho = Operator.of(
    H.space,
    {(0, 0): half * (1 + z), (1, 1): half * (1 - z), (0, 1): c, (1, 0): c},
)
sigma = spohn_rate(L, rho, pi.rho)

# %% [markdown]
# By hand: with $\Gamma = \gamma(2n + 1)$ and $z_* = -1/(2n + 1)$ the populations relax at $\Gamma$
# and the coherence at $\Gamma/2$, so that
#
# $$\dot\Sigma = \Gamma\left\{\frac{\operatorname{artanh} r}{r}
#   \left[z(z - z_*) + 2c^2\right] - \operatorname{artanh}(z_*)\,(z - z_*)\right\} .$$
#
# The two agree identically. The test is a decision in a normal form in which $r$ carries its
# relation $r^2 = z^2 + 4c^2$ and the logarithms of Boltzmann factors are written as $\omega/T$.

# %%
n = bose(omega / T)
Gamma, z_star = gamma * (2 * n + 1), -1 / (2 * n + 1)
r = sp.sqrt(z**2 + 4 * c**2)
by_hand = Gamma * (
    sp.atanh(r) / r * (z * (z - z_star) + 2 * c**2) - sp.atanh(z_star) * (z - z_star)
)
assert is_zero(sigma - by_hand)

# %% [markdown]
# The Clausius form $dS/dt - \dot Q/T$ is the same expression, for every state:

# %%
assert is_zero(sigma - clausius_rate(L, rho, H))

# %% [markdown]
# ## Free energy
#
# The relative entropy to the Gibbs state is the excess free energy,
# $S(\rho\|\pi) = (F(\rho) - F(\pi))/T$ with $F = U - TS$:

# %%
U = (H * rho).tr()
F = U - T * von_neumann_entropy(rho)
F_pi = (H * gibbs).tr() - T * von_neumann_entropy(gibbs)
assert is_zero(relative_entropy(rho, pi.rho) - (F - F_pi) / T)

# %% [markdown]
# ## Numbers
#
# All the entropy produced on the way to equilibrium is the relative entropy of the initial state,
# $\int_0^\infty \dot\Sigma\,dt = S(\rho_0\|\pi)$. The left side is integrated from the operators at
# high precision, the right side is the closed form enclosed in a ball.

# %%
from symtherm.numeric.integrate import entropy_production
from symtherm.numeric.operators import numeric_entries, numeric_generator

at = {omega: sp.Rational(3, 2), gamma: sp.Rational(2, 5), T: sp.Rational(5, 4)}
start = {z: sp.Rational(3, 10), c: sp.Rational(1, 4)}
closed = certify(relative_entropy(rho, pi.rho), {**at, **start}, digits=40)
with mp.workdps(45):
    rho_0 = mp.matrix([[mp.mpf(13) / 20, mp.mpf(1) / 4], [mp.mpf(1) / 4, mp.mpf(7) / 20]])
    integrated = entropy_production(
        numeric_generator(L, at, 40),
        rho_0,
        200,
        numeric_entries(H, at, 45),
        {"b": mp.mpf(4) / 5},
        40,
    )
    gap = abs(mp.mpf(closed.value) - integrated)
print("closed form ", closed)
print("integration ", mp.nstr(integrated, 40))
assert gap < mp.mpf(10) ** -30

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. What is the heat into a qubit that starts in $|e\rangle$, per unit of time at $t = 0$?
# 2. Pure coherence, $z = z_*$ with $c \ne 0$, still produces entropy: $2\Gamma c^2$ times which
#    function of $q = \sqrt{z_*^2 + 4c^2}$?

# %% tags=["exercise"]
excited = ket2dm(H.space.ket("e"))
q = sp.sqrt(z_star**2 + 4 * c**2)


def exercise_1(answer):
    """heat == answer."""
    return Claim(heat_current(L, excited, "b", H), "==", answer)


def exercise_2(answer):
    """sigma at z = z_* == 2 Gamma c^2 answer."""
    return Claim(sigma.xreplace({z: z_star}), "==", 2 * Gamma * c**2 * answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(-gamma * omega * (n + 1))).proved
assert prove(exercise_2(sp.atanh(q) / q)).proved
