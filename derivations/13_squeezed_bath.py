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
# production. Spohn's form needs no temperature: with the stationary state $\pi_s$ of the dissipator
# alone,
#
# $$\sigma = -\mathrm{Tr}[D(\rho)(\ln\rho - \ln\pi_s)] \ge 0 .$$
#
# The frame rotates at $\omega$, and heat is counted with $E = \frac\omega2\sigma_z$. The jumps are
# $R = \cosh r\,\sigma_- + e^{i\varphi}\sinh r\,\sigma_+$ at the rate $\gamma(n + 1)$ and $R^\dagger$ at
# $\gamma n$, with $n = 1/(e^{\omega/T} - 1)$ (Breuer and Petruccione, The Theory of Open Quantum
# Systems, section 3.4.3).

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    SqueezedBath,
    ThermalBath,
    bose,
    certify,
    clausius_rate,
    decompose,
    entropy_production,
    gibbs_state,
    gkls,
    heat_current,
    is_zero,
    ledger,
    parameters,
    power,
    prove,
    qeye,
    replay,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
    spohn_inequality,
    steady_state,
)
from symtherm.thermo.entropy import reference_state, spohn_rate

omega, gamma, T, r = parameters("omega gamma T r")
phi, x, y, z = parameters("varphi x y z", real=True)
E = omega / 2 * sigmaz()
bath = SqueezedBath("s", T, r, phi)
L = gkls(0 * E, bath.jumps(sigmam(), frequency=omega, rate=gamma))
rho = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2


def proved(claim):
    """The proof of a claim, accepted by the independent checker."""
    proof = prove(claim)
    assert proof.proved and replay(proof).valid
    return proof


# %% [markdown]
# ## Without a drive the steady state is diagonal
#
# $p_e/p_g = N/(N + 1)$ with $N = n\cosh2r + \sinh^2r$, whatever the phase: a Gibbs state at an effective
# temperature, $e^{-\omega/T_{eff}} = N/(N + 1)$. It lies above $T$, since $N > n$.

# %%
pi = steady_state(L).rho
n = bose(omega / T)
N = n * sp.cosh(2 * r) + sp.sinh(r) ** 2
assert is_zero(bath.quanta(omega) - N)
assert is_zero(pi[0, 0] - N / (2 * N + 1)) and pi[0, 1] == 0
effective = gibbs_state(E, bath.effective_temperature(omega))
assert all(is_zero(v) for _, _, v in (effective - pi).data)
proved(Claim(bath.quanta(omega) - n, ">=", 0))
at = {omega: sp.Integer(2), T: sp.Integer(1), r: sp.Rational(1, 2), gamma: sp.Rational(1, 3)}
print("effective temperature:", certify(bath.effective_temperature(omega), at, 15))

# %% [markdown]
# The Bloch vector relaxes along $z$ at $\Gamma_z = \gamma(2N + 1)$ towards $z_* = -1/(2N + 1)$, and across
# $z$ at two rates, $\Gamma_\pm = \frac\gamma2(2n + 1)e^{\pm2r}$: one quadrature is damped less than by a
# thermal bath. The slow axis is turned by $-\varphi/2$ from $x$. With $\Gamma_0, \Gamma_1 =
# \frac12(\Gamma_+ \pm \Gamma_-)$,
#
# $$\dot x = -(\Gamma_0 - \Gamma_1\cos\varphi)\,x - \Gamma_1\sin\varphi\;y, \qquad
#   \dot y = -(\Gamma_0 + \Gamma_1\cos\varphi)\,y - \Gamma_1\sin\varphi\;x .$$

# %%
half = sp.Rational(1, 2)
change = L(rho)
x_dot, y_dot, z_dot = ((s * change).tr() for s in (sigmax(), sigmay(), sigmaz()))
slow, fast = (gamma / 2 * (2 * n + 1) * sp.exp(sign * 2 * r) for sign in (-1, 1))
G0, G1 = (fast + slow) / 2, (fast - slow) / 2
Gz, zs = gamma * (2 * N + 1), -1 / (2 * N + 1)
assert is_zero(x_dot + (G0 - G1 * sp.cos(phi)) * x + G1 * sp.sin(phi) * y)
assert is_zero(y_dot + (G0 + G1 * sp.cos(phi)) * y + G1 * sp.sin(phi) * x)
assert is_zero(z_dot + Gz * (z - zs))

# %% [markdown]
# ## Spohn's form holds
#
# The reference is derived: the stationary state of the dissipator alone. For every Bloch vector, of
# length $\ell$,
#
# $$\sigma = \frac{\mathrm{artanh}\,\ell}{\ell}\left[\Gamma_0(x^2 + y^2) - \Gamma_1(x^2 - y^2)\cos\varphi
#   + 2\Gamma_1xy\sin\varphi + \Gamma_zz(z - z_*)\right] - \Gamma_z(z - z_*)\,\mathrm{artanh}\,z_* ,$$
#
# which is $\Gamma_z(z - z_*)(\mathrm{artanh}\,z - \mathrm{artanh}\,z_*)$ for populations. That it is
# nonnegative is Spohn's theorem, with a certificate of the rates, the jumps and the stationarity.

# %%
reference = reference_state(L.dissipator("s"), E)
assert all(is_zero(v) for _, _, v in (reference - pi).data)
length = sp.sqrt(x**2 + y**2 + z**2)
across = G0 * (x**2 + y**2) - G1 * (x**2 - y**2) * sp.cos(phi) + 2 * G1 * x * y * sp.sin(phi)
general = sp.atanh(length) / length * (across + Gz * z * (z - zs)) - Gz * (z - zs) * sp.atanh(zs)
assert is_zero(entropy_production(L, rho, energy=E) - general)
diagonal = rho.subs({x: 0, y: 0})
sigma = entropy_production(L, diagonal, energy=E)
assert is_zero(sigma - Gz * (z - zs) * (sp.atanh(z) - sp.atanh(zs)))
for state in (rho, diagonal):
    proved(spohn_inequality(L.dissipator("s"), state, reference))

# %% [markdown]
# ## The Clausius expression does not
#
# With $z_T = -\tanh\frac\omega{2T}$, the inversion of the Gibbs state at $T$,
#
# $$\sigma_C = \frac{dS}{dt} - \frac{\dot Q}T = \Gamma_z(z - z_*)(\mathrm{artanh}\,z - \mathrm{artanh}\,z_T)$$
#
# for populations: a product of two factors that change sign at different places, the flux at $z_*$ and
# the force at $z_T$. So it is negative exactly between the two states, where the qubit takes heat from
# the bath although it is hotter than $T$. Every such state is $z = (z_T + \lambda z_*)/(1 + \lambda)$ with
# $\lambda > 0$, and for these $-\sigma_C \ge 0$ is one monotone pair, never zero:

# %%
clausius = clausius_rate(L, diagonal, E, temperatures={"s": T})
z_T = -sp.tanh(omega / (2 * T))
assert is_zero(clausius - Gz * (z - zs) * (sp.atanh(z) - sp.atanh(z_T)))
weight = parameters("lambda")
between = (z_T + weight * zs) / (1 + weight)
ratios = [(1 + v) / (1 - v) for v in (between, z_T)]
force = (sp.log(ratios[0]) - sp.log(ratios[1])) / 2
assert is_zero(clausius.xreplace({z: between}) - Gz * (between - zs) * force)
proof = proved(Claim(-Gz * (between - zs) * force, ">=", 0, "Clausius fails in between"))
print(proof.verdict.name, "- zero", proof.condition.text)
values = [v.subs(z, (z_T + zs) / 2) for v in (clausius, sigma)]
found = [certify(v, at, 15) for v in values]
print("halfway, Clausius:", found[0], "  Spohn:", found[1])
assert [ball.sign for ball in found] == [-1, 1]

# %% [markdown]
# The same two numbers from the operators: $dS/dt$ and $\dot Q$ from the jumps, with numerical logarithms.

# %%
from symtherm.numeric.generator import apply_dissipator
from symtherm.numeric.integrate import energy_current, entropy_production_rate
from symtherm.numeric.integrate import steady_state as numeric_state
from symtherm.numeric.operators import numeric_entries, numeric_generator


def log(m):
    """The logarithm of a positive matrix, by its eigenvectors."""
    values, vectors = mp.eighe(m)
    return vectors * mp.diag([mp.log(v) for v in values]) * vectors.transpose_conj()


def by_operators(generator, state, own):
    """Spohn's rate of the squeezed dissipator with the reference ``own``."""
    product = apply_dissipator(generator, "s", state) * (log(state) - log(own))
    return -mp.re(product[0, 0] + product[1, 1])


at_phase = {**at, phi: sp.Rational(3, 4)}
with mp.workdps(60):
    gen = numeric_generator(L, at_phase, 45)
    own = numeric_state(gen, 50)
    inversion = (-mp.tanh(1) + 2 * mp.re(own[0, 0]) - 1) / 2
    halfway = mp.diag([(1 + inversion) / 2, (1 - inversion) / 2])
    by_heat = entropy_production_rate(
        gen, halfway, numeric_entries(E, at, 60), {"s": mp.mpf(1)}, 40
    )
    assert abs(by_heat - mp.mpf(found[0].value)) < mp.mpf(10) ** -15
    assert abs(by_operators(gen, halfway, own) - mp.mpf(found[1].value)) < mp.mpf(10) ** -15

# %% [markdown]
# ## With a drive, in general symbols
#
# $H = \epsilon\sigma_x$ in the rotating frame, any $\epsilon$, $r$, $\varphi$, $T$, $\omega$, $\gamma$. The drive
# turns $y$ into $z$, and meets the rate $\Gamma_\varphi$ that is left when $x$ has adjusted:
#
# $$\frac1{\Gamma_\varphi} = \frac{\cos^2(\varphi/2)}{\Gamma_+} + \frac{\sin^2(\varphi/2)}{\Gamma_-}, \qquad
#   z = z_*\frac{\Gamma_z\Gamma_\varphi}{\Gamma_z\Gamma_\varphi + 4\epsilon^2},\qquad
#   y = -\frac{2\epsilon z}{\Gamma_\varphi},\qquad
#   x = -\frac{\Gamma_1\sin\varphi}{\Gamma_0 - \Gamma_1\cos\varphi}\,y ,$$
#
# the null vector of the symbolic generator.

# %%
drive = parameters("epsilon")
driven = gkls(drive * sigmax(), bath.jumps(sigmam(), frequency=omega, rate=gamma))
rest = steady_state(driven).rho
met = 1 / ((1 + sp.cos(phi)) / (2 * fast) + (1 - sp.cos(phi)) / (2 * slow))
z_d = zs * Gz * met / (Gz * met + 4 * drive**2)
y_d = -2 * drive * z_d / met
x_d = -G1 * sp.sin(phi) / (G0 - G1 * sp.cos(phi)) * y_d
for matrix, component in ((sigmax(), x_d), (sigmay(), y_d), (sigmaz(), z_d)):
    assert is_zero((matrix * rest).tr() - component)

# %% [markdown]
# The first law $\dot Q + P = 0$ holds with $E$. At rest $\mathrm{Tr}[D(\pi)\ln\pi] = 0$, so that Spohn's
# rate is linear in the heat,
#
# $$\sigma = -\frac{\dot Q}{T_{eff}} = \frac{4\epsilon^2\Gamma_z\,z_*\mathrm{artanh}\,z_*}{\Gamma_z\Gamma_\varphi +
#   4\epsilon^2} \ge 0,$$
#
# zero without a drive only: $u\,\mathrm{artanh}\,u$ is a monotone pair, proved for $u = |z_*|$. The
# squeezed bath turns work into heat at the temperature $T_{eff}$; counted with $T < T_{eff}$ more
# entropy would seem to be produced.

# %%
heat = heat_current(driven, rest, "s", E)
assert is_zero(heat + power(driven, rest, E))
assert is_zero(heat - omega / 2 * Gz * (zs - z_d))
spohn_rest = 4 * drive**2 * Gz * zs * sp.atanh(zs) / (Gz * met + 4 * drive**2)
assert is_zero(spohn_rest + heat / bath.effective_temperature(omega))
assert is_zero(entropy_production(driven, rest, energy=E) - spohn_rest)
size = parameters("u")
proved(Claim(size * sp.log((1 + size) / (1 - size)) / 2, ">=", 0, positive=(1 - size,)))

# %% [markdown]
# The ledger writes its heat with the quanta $N$ and $M = (2n + 1)\sinh r\cosh r$ of the bath, and the
# effective rate $W = 2\epsilon^2/\Gamma_\varphi$ of the drive:

# %%
book = ledger(steady_state(driven), energy=E)
for definition in book.structured("heat[s]"):
    print(definition.symbol, "=", definition.expr)
named = {str(d.symbol): d.symbol for d in book.structured("heat[s]")}
by_hand = -omega * gamma * named["W"] / (gamma * (2 * named["N_s"] + 1) + 2 * named["W"])
assert is_zero(book.readable("heat[s]") - by_hand)
(effective,) = (d.explicit for d in book.structured("heat[s]") if str(d.symbol) == "W")
assert is_zero(steady_state(driven).expand(effective) - 2 * drive**2 / met)

# %% [markdown]
# Away from rest the drive enters neither expression, since $-i[H, \rho]$ changes no entropy and $D$ does
# not know of it: $\sigma$ is the formula above. The nonadiabatic part, Spohn's rate towards the driven
# steady state, does know of it; its inequality is proved for every Bloch vector and every phase. Of
# the adiabatic part nothing is claimed.

# %%
assert is_zero(entropy_production(driven, rho, energy=E) - general)
parts = decompose(driven, rho, energy=E)
for hypothesis in parts.hypotheses:
    print(hypothesis)
assert not parts.adiabatic_is_nonnegative
for claim in parts.claims:
    print(f"{claim.name}: {proved(claim).verdict.name}")

# %% [markdown]
# Numbers of the driven steady state at the phase $\varphi = 3/4$: the closed form in a ball, the parts of
# the entropy production by `certify` from the matrices, and a null vector by repeated squaring with
# numerical logarithms and the reference from the dissipator alone.

# %%
at_point = {**at_phase, drive: sp.Rational(1, 4)}
value = certify(spohn_rest, at_point, 30)
balls = certify(decompose(driven, rest, energy=E), at_point, 30, ["total", "nonadiabatic"])
print("driven, steady:", value, "  from the matrices:", balls["total"])
with mp.workdps(60):
    closed = mp.mpf(value.value)
    gen_driven = numeric_generator(driven, at_point, 45)
    numeric = by_operators(gen_driven, numeric_state(gen_driven, 50), own)
    assert abs(closed - mp.mpf(balls["total"].value)) < mp.mpf(10) ** -28
    assert abs(closed - numeric) < mp.mpf(10) ** -28
    energy = numeric_entries(E, at_point, 60)
    in_heat = energy_current(gen_driven, numeric_state(gen_driven, 50), "s", energy)
    assert abs(in_heat - mp.mpf(certify(heat, at_point, 30).value)) < mp.mpf(10) ** -28
assert value.sign == 1 and abs(float(balls["nonadiabatic"].value)) < 1e-30

# %% [markdown]
# ## Beside a thermal bath
#
# Two baths, one of them squeezed: $\sigma$ is the sum of two Spohn rates, each with its own reference,
# and splits into adiabatic and nonadiabatic parts as on page 10. A squeezed bath is in no equilibrium:
# its jumps do not keep $1/d$, have no temperature, and $\ln\pi$ mixes them, so that the sufficient
# condition for the adiabatic part fails, by name.

# %%
Tc, gc = parameters("T_c gamma_c")
cold = ThermalBath("c", Tc).jumps(sigmam(), frequency=omega, rate=gc)
both = gkls(0 * E, [*bath.jumps(sigmam(), frequency=omega, rate=gamma), cold])
parts = decompose(both, rho, energy=E)
for hypothesis in parts.hypotheses:
    print(hypothesis)
for claim in parts.claims:
    print(f"{claim.name}: {proved(claim).verdict.name}")

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. At $r = 0$ the squeezed bath is the thermal bath. To which $z_*$ does the inversion fall?
# 2. By how much does the phase of the squeezing change $\sigma$ of populations?
# 3. And with a drive: what is the inversion in the steady state for the phase $\pi$, where $\sinh r$
#    changes its sign?

# %% tags=["exercise"]
thermal = gkls(0 * E, [ThermalBath("s", T).jumps(sigmam(), frequency=omega, rate=gamma)])
same = L.subs(r, 0).superoperator()
unsqueezed = steady_state(L.subs(r, 0)).rho
assert all(is_zero(same[k] - v) for k, v in thermal.superoperator().entries.items())
in_line = gkls(0 * E, SqueezedBath("s", T, r).jumps(sigmam(), frequency=omega, rate=gamma))
opposite = SqueezedBath("s", T, r, sp.pi)
other = gkls(drive * sigmax(), opposite.jumps(sigmam(), frequency=omega, rate=gamma))
state = steady_state(other).rho


def exercise_1(answer):
    """z_* at r = 0 == answer."""
    return Claim(unsqueezed[0, 0] - unsqueezed[1, 1], "==", answer)


def exercise_2(answer):
    """sigma at the phase phi minus that at phase 0 == answer."""
    return Claim(sigma - spohn_rate(in_line, diagonal, pi), "==", answer)


def exercise_3(answer):
    """z in the driven steady state at the phase pi == answer."""
    return Claim(state[0, 0] - state[1, 1], "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(-1 / (2 * bose(omega / T) + 1))).proved
assert prove(exercise_2(sp.Integer(0))).proved
z_pi = zs * Gz * slow / (Gz * slow + 4 * drive**2)
assert prove(exercise_3(z_pi)).proved  # the drive meets the other quadrature
