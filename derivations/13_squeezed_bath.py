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
# # Beyond thermal baths: a squeezed bath
#
# A squeezed thermal bath has no Gibbs stationary state, so $dS/dt - \dot Q/T$ is not the entropy
# production. Spohn's form needs no temperature: with the stationary state $\pi_s$ of the dissipator,
# $\sigma = -\mathrm{Tr}[D(\rho)(\ln\rho - \ln\pi_s)] \ge 0$.
#
# Frame rotating at $\omega$; heat is counted with $E = \frac\omega2\sigma_z$. The jumps are
# $R = \cosh r\,\sigma_- + e^{i\varphi}\sinh r\,\sigma_+$ at $\gamma(n + 1)$ and $R^\dagger$ at
# $\gamma n$.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Operator,
    SqueezedBath,
    ThermalBath,
    bose,
    certify,
    clausius_rate,
    decompose,
    entropy_production,
    gibbs_state,
    gkls,
    is_zero,
    parameters,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
    steady_state,
)
from symtherm.thermo.entropy import reference_state, spohn_rate

omega, gamma, T, r = parameters("omega gamma T r")
E = omega / 2 * sigmaz()
bath = SqueezedBath("s", T, r)
L = gkls(0 * E, bath.jumps(sigmam(), frequency=omega, rate=gamma))

# %% [markdown]
# ## Without a drive the steady state is diagonal
#
# $p_e/p_g = N/(N + 1)$ with $N = n\cosh2r + \sinh^2r$: a Gibbs state at an effective temperature
# above $T$.

# %%
pi = steady_state(L).rho
n = bose(omega / T)
N = n * sp.cosh(2 * r) + sp.sinh(r) ** 2
assert is_zero(bath.quanta(omega) - N)
assert is_zero(pi[0, 0] - N / (2 * N + 1)) and pi[0, 1] == 0
hot = gibbs_state(E, bath.effective_temperature(omega))
ratio = sp.exp(-omega / bath.effective_temperature(omega))
assert is_zero(pi[0, 0] / pi[1, 1] - N / (N + 1))
at = {omega: sp.Integer(2), T: sp.Integer(1), r: sp.Rational(1, 2), gamma: sp.Rational(1, 3)}
effective = certify(bath.effective_temperature(omega), at, 15)
print("effective temperature:", effective)
assert float(effective.value) > 1

# %% [markdown]
# The coherences relax at two rates, $\Gamma_\pm = \frac\gamma2(2n + 1)e^{\pm2r}$: one quadrature is
# damped less than by a thermal bath.

# %%
x, y, z = sp.symbols("x y z", real=True)
half = sp.Rational(1, 2)
rho = Operator.of(
    E.space,
    {
        (0, 0): half * (1 + z),
        (1, 1): half * (1 - z),
        (0, 1): half * (x - sp.I * y),
        (1, 0): half * (x + sp.I * y),
    },
)
change = L(rho)
x_dot, y_dot = (sp.expand((s * change).tr()) for s in (sigmax(), sigmay()))
slow, fast = (gamma / 2 * (2 * n + 1) * sp.exp(sign * 2 * r) for sign in (-1, 1))
assert is_zero(x_dot + slow * x) and is_zero(y_dot + fast * y)

# %% [markdown]
# ## Spohn's form holds
#
# The reference is derived: the stationary state of the dissipator alone. In closed form, with
# $\Gamma = \gamma(2N + 1)$, $z_* = -1/(2N + 1)$ for populations:
# $\sigma = \Gamma(z - z_*)[\mathrm{artanh}\,z - \mathrm{artanh}\,z_*]$.

# %%
reference = reference_state(L.dissipator("s"), E)
assert all(is_zero(v) for _, _, v in (reference - pi).data)
diagonal = rho.subs({x: 0, y: 0})
sigma = entropy_production(L, diagonal, energy=E)
Gamma, zs = gamma * (2 * N + 1), -1 / (2 * N + 1)
assert is_zero(sigma - Gamma * (z - zs) * (sp.atanh(z) - sp.atanh(zs)))

# %% [markdown]
# ## The Clausius expression does not
#
# Between the Gibbs state at $T$ and $\pi$ the qubit takes heat from the bath although it is hotter
# than $T$: $dS/dt - \dot Q/T < 0$. Both rates at the midpoint, with proved signs.

# %%
clausius = clausius_rate(L, diagonal, E, temperatures={"s": T})
z_gibbs = -sp.tanh(omega / (2 * T))
middle = (z_gibbs + zs) / 2
spot = {**at, z: sp.Rational(-6, 10)}
low, high = (certify(v, {k: at[k] for k in (omega, T, r) if v.has(k)}, 10) for v in (z_gibbs, zs))
assert float(low.value) < -0.6 < float(high.value)
print("Clausius:", certify(clausius, spot, 15), "  Spohn:", certify(sigma, spot, 15))
assert certify(clausius, spot, 15).sign == -1
assert certify(sigma, spot, 15).sign == 1

# %% [markdown]
# It vanishes at both ends, at $z_T = -\tanh\frac{\omega}{2T}$ where the force is zero and at $z_*$
# where the flux is: $\sigma_C = \Gamma(z - z_*)[\mathrm{artanh}\,z - \mathrm{artanh}\,z_T]$ is a
# product of two factors that change sign at different places, hence negative exactly in between.

# %%
assert is_zero(clausius - Gamma * (z - zs) * (sp.atanh(z) - sp.atanh(z_gibbs)))

# %% [markdown]
# ## With a drive
#
# $H = \epsilon\sigma_x$ in the rotating frame. The steady state has coherence; Spohn's rate of the
# dissipator is positive there, and the first law $\dot Q + P = 0$ holds with $E$.

# %%
from symtherm import heat_current, power
from symtherm.numeric.entropies import enclose_spohn_rate

point = {omega: sp.Integer(2), T: sp.Integer(1), gamma: sp.Rational(1, 3), r: sp.Rational(1, 2)}
epsilon = sp.Rational(1, 4)
driven = gkls(epsilon * sigmax(), bath.jumps(sigmam(), frequency=omega, rate=gamma)).transform(
    lambda e: e.xreplace(point)
)
undriven = L.transform(lambda e: e.xreplace(point))
rest, own_state = steady_state(driven).rho, steady_state(undriven).rho
E_point = E.subs(point)
assert not is_zero(rest[0, 1])
assert is_zero(heat_current(driven, rest, "s", E_point) + power(driven, rest, E_point))
value = enclose_spohn_rate(driven.dissipator("s"), rest, own_state, {}, 30)
print("driven, steady:", value)
assert value.sign == 1

# %% [markdown]
# From the operators: null vector by repeated squaring, logarithms by numerical eigenvectors, the
# reference from the dissipator alone.

# %%
from symtherm.numeric.generator import apply_dissipator
from symtherm.numeric.integrate import steady_state as numeric_state
from symtherm.numeric.operators import numeric_generator

with mp.workdps(60):
    end = numeric_state(numeric_generator(driven, {}, 40), 50)
    own = numeric_state(numeric_generator(undriven, {}, 40), 50)

    def log(m):
        """The logarithm of a positive matrix, by its eigenvectors."""
        values, vectors = mp.eighe(m)
        return vectors * mp.diag([mp.log(v) for v in values]) * vectors.transpose_conj()

    flow = apply_dissipator(numeric_generator(driven, {}, 40), "s", end)
    product = flow * (log(end) - log(own))
    numeric = -mp.re(product[0, 0] + product[1, 1])
    assert abs(numeric - mp.mpf(value.value)) < mp.mpf(10) ** -25
print("from the operators:", mp.nstr(numeric, 25))

# %% [markdown]
# ## What is refused
#
# A squeezed bath has no pairs in local detailed balance; the decomposition into thermal parts needs a
# condition on $\ln\pi$ that fails here, and says so.

# %%
parts = decompose(L, diagonal, energy=E)
assert not parts.adiabatic_is_nonnegative
for hypothesis in parts.hypotheses:
    print(hypothesis)

# %% [markdown]
# ## Exercises
#
# 1. Show that at $r = 0$ the squeezed bath is the thermal bath.
# 2. Does the phase of the squeezing matter without a drive?

# %% tags=["solution"]
thermal = gkls(0 * E, [ThermalBath("s", T).jumps(sigmam(), frequency=omega, rate=gamma)])
same = L.subs(r, 0).superoperator()
assert all(is_zero(same[k] - v) for k, v in thermal.superoperator().entries.items())

phi = parameters("phi", real=True)
turned = gkls(0 * E, SqueezedBath("s", T, r, phi).jumps(sigmam(), frequency=omega, rate=gamma))
assert all(is_zero(v) for _, _, v in turned(pi).data)
assert is_zero(spohn_rate(turned, diagonal, pi) - sigma)
