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
    Claim,
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
    prove,
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
# ## With a drive, in general symbols
#
# $H = \epsilon\sigma_x$ in the rotating frame, any $\epsilon$, $r$, $T$, $\omega$, $\gamma$. With
# $\Gamma_z = \gamma(2N + 1)$ and the two rates of the quadratures, $\Gamma_+$ for $\sigma_y$,
#
# $$z = z_*\frac{\Gamma_z\Gamma_+}{\Gamma_z\Gamma_+ + 4\epsilon^2},\qquad
#   y = -\frac{2\epsilon z}{\Gamma_+},\qquad x = 0,$$
#
# as the null vector of the symbolic generator. The structured form names the occupation and rates.

# %%
from symtherm import heat_current, power
from symtherm.numeric.entropies import enclose_spohn_rate

drive = parameters("epsilon")
driven = gkls(drive * sigmax(), bath.jumps(sigmam(), frequency=omega, rate=gamma))
found = steady_state(driven)
rest = found.rho
for definition in found.structure[:5]:
    print(definition.symbol, "=", definition.expr)
Gz, Gf = gamma * (2 * N + 1), fast
z_d = zs * Gz * Gf / (Gz * Gf + 4 * drive**2)
y_d = -2 * drive * z_d / Gf
assert is_zero(rest[0, 0] - rest[1, 1] - z_d)
assert is_zero(sp.I * (rest[0, 1] - rest[1, 0]) - y_d) and is_zero(rest[0, 1] + rest[1, 0])

# %% [markdown]
# The first law $\dot Q + P = 0$ holds with $E$. At rest $\mathrm{Tr}[D(\pi)\ln\pi] = 0$, so that Spohn's
# rate is linear in the heat,
#
# $$\sigma = -\frac{\dot Q}{T_{eff}} = \frac{4\epsilon^2\Gamma_z\,z_*\mathrm{artanh}z_*}{\Gamma_z\Gamma_+ +
#   4\epsilon^2} \ge 0,$$
#
# zero without a drive only: $u\,\mathrm{artanh}\,u$ is a monotone pair, proved for $u = |z_*|$.

# %%
heat = heat_current(driven, rest, "s", E)
assert is_zero(heat + power(driven, rest, E))
assert is_zero(heat - omega / 2 * Gz * (zs - z_d))
spohn_rest = 4 * drive**2 * Gz * zs * sp.atanh(zs) / (Gz * Gf + 4 * drive**2)
assert is_zero(spohn_rest + heat / bath.effective_temperature(omega))
assert is_zero(entropy_production(driven, rest, energy=E) - spohn_rest)
size = parameters("u")
proof = prove(Claim(size * sp.log((1 + size) / (1 - size)) / 2, ">=", 0, positive=(1 - size,)))
assert proof.verdict.name == "PROVED"

# %% [markdown]
# Away from rest, for every state and any drive (which enters neither expression, since
# $-i[H, \rho]$ changes no entropy and no heat from the bath):
#
# $$\sigma = \frac{\mathrm{artanh}|r|}{|r|}\left[\Gamma_-x^2 + \Gamma_+y^2 + \Gamma_zz(z - z_*)\right]
#   - \Gamma_z(z - z_*)\,\mathrm{artanh}z_* .$$

# %%
length = sp.sqrt(x**2 + y**2 + z**2)
general = sp.atanh(length) / length * (slow * x**2 + fast * y**2 + Gz * z * (z - zs))
general -= Gz * (z - zs) * sp.atanh(zs)
assert is_zero(entropy_production(driven, rho, energy=E) - general)
assert is_zero(clausius_rate(driven, diagonal, E, temperatures={"s": T}) - clausius)

# %% [markdown]
# Numbers: the steady state's rate as a ball, from $\ln\pi$ of the $2\times2$ state.

# %%
epsilon = sp.Rational(1, 4)
point = {omega: sp.Integer(2), T: sp.Integer(1), gamma: sp.Rational(1, 3), r: sp.Rational(1, 2)}
at_point = {**point, drive: epsilon}
undriven = L.transform(lambda e: e.xreplace(point))
driven = driven.transform(lambda e: e.xreplace(at_point))
rest, own_state = steady_state(driven).rho, steady_state(undriven).rho
value = enclose_spohn_rate(driven.dissipator("s"), rest, own_state, {}, 30)
print("driven, steady:", value, " closed form:", certify(spohn_rest, at_point, 30))
assert value.sign == 1
with mp.workdps(35):
    closed = mp.mpf(certify(spohn_rest, at_point, 30).value)
    assert abs(closed - mp.mpf(value.value)) < mp.mpf(10) ** -28

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
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. At $r = 0$ the squeezed bath is the thermal bath. To which $z_*$ does the inversion fall?
# 2. Turn the phase of the squeezing by any $\varphi$. By how much does $\sigma$ change without a
#    drive?
# 3. And with one: what is the inversion in the steady state for the phase $\pi$, where $\sinh r$
#    changes its sign?

# %% tags=["exercise"]
thermal = gkls(0 * E, [ThermalBath("s", T).jumps(sigmam(), frequency=omega, rate=gamma)])
same = L.subs(r, 0).superoperator()
unsqueezed = steady_state(L.subs(r, 0)).rho
assert all(is_zero(same[k] - v) for k, v in thermal.superoperator().entries.items())
phi = parameters("phi", real=True)
turned = gkls(0 * E, SqueezedBath("s", T, r, phi).jumps(sigmam(), frequency=omega, rate=gamma))
assert all(is_zero(v) for _, _, v in turned(pi).data)
opposite = SqueezedBath("s", T, r, sp.pi)
other = gkls(drive * sigmax(), opposite.jumps(sigmam(), frequency=omega, rate=gamma))
state = steady_state(other).rho


def exercise_1(answer):
    """z_* at r = 0 == answer."""
    return Claim(unsqueezed[0, 0] - unsqueezed[1, 1], "==", answer)


def exercise_2(answer):
    """sigma at the phase phi minus that at phase 0 == answer."""
    return Claim(spohn_rate(turned, diagonal, pi) - sigma, "==", answer)


def exercise_3(answer):
    """z in the driven steady state at the phase pi == answer."""
    return Claim(state[0, 0] - state[1, 1], "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(-1 / (2 * bose(omega / T) + 1))).proved
assert prove(exercise_2(sp.Integer(0))).proved
z_pi = zs * Gz * slow / (Gz * slow + 4 * drive**2)
assert prove(exercise_3(z_pi)).proved  # the drive meets the other quadrature
