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
# # Adiabatic and nonadiabatic entropy production
#
# Between two baths a system never rests: $\sigma$ has a *housekeeping* (adiabatic) part that keeps the
# steady state $\pi$ going, and a *nonadiabatic* part that brings the state to $\pi$:
#
# $$\sigma = \underbrace{-\sum_a\beta_a\dot Q_a - \mathrm{Tr}[L(\rho)\ln\pi]}_{adiabatic}
#   \;\underbrace{-\,\mathrm{Tr}[L(\rho)(\ln\rho - \ln\pi)]}_{nonadiabatic} .$$
#
# The nonadiabatic part is Spohn's rate of $L$ (page 7): $\ge 0$ for every GKLS generator with a $\pi$ of
# full rank. The adiabatic part is $\ge 0$ under three hypotheses (Horowitz and Parrondo, New J. Phys.
# 15, 085028 (2013)):
#
# 1. the jumps come in pairs $L$, $L^\dagger$ in local detailed balance, with the rates
#    $\gamma_\downarrow = e^x\gamma_\uparrow$ and $x$ the energy exchanged over $T_a$;
# 2. $[H, \pi] = 0$;
# 3. $[L, \ln\pi] = \phi L$ for each of them, and $\phi = 0$ for jumps that exchange no energy.
#
# *Proof.* By 3, $L\pi = e^\phi\pi L$, and with 1 a pair contributes
# $(x + \phi)(\gamma_\downarrow\langle L^\dagger L\rangle - \gamma_\uparrow\langle LL^\dagger\rangle)$. Use
# $u\ln\frac uv \ge u - v$ twice: with $u = \gamma_\downarrow$, $v = \gamma_\uparrow e^{-\phi}$ for the first term
# and $u = \gamma_\uparrow$, $v = \gamma_\downarrow e^\phi$ for the second. The sum over pairs is at least
# $\langle G\rangle$ with $G = \sum[(\gamma_\downarrow - \gamma_\uparrow e^{-\phi})L^\dagger L +
# (\gamma_\uparrow - \gamma_\downarrow e^\phi)LL^\dagger]$, which is $-\pi^{-1}\sum_aD_a(\pi)$, and this is zero
# by 2 and $L(\pi) = 0$. $\square$

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
    gkls,
    heat_current,
    is_zero,
    parameters,
    prove,
    replay,
    sigmam,
    sigmax,
    sigmaz,
)

omega, gh, gc, Th, Tc = parameters("omega gamma_h gamma_c T_h T_c")
z, x, y = sp.symbols("z x y", real=True)
half = sp.Rational(1, 2)
H = omega / 2 * sigmaz()
hot, cold = ThermalBath("h", Th), ThermalBath("c", Tc)
L = gkls(
    H,
    [
        hot.jumps(sigmam(), frequency=omega, rate=gh),
        cold.jumps(sigmam(), frequency=omega, rate=gc),
    ],
)
rho = Operator.of(
    H.space,
    {
        (0, 0): half * (1 + z),
        (1, 1): half * (1 - z),
        (0, 1): half * (x - sp.I * y),
        (1, 0): half * (x + sp.I * y),
    },
)

# %% [markdown]
# ## A qubit between two baths, away from the steady state
#
# With $\Gamma = \Gamma_h + \Gamma_c$, $z_* = (\Gamma_hz_h + \Gamma_cz_c)/\Gamma$ and
# $A = \mathrm{artanh}$,
#
# $$\sigma_{na} = \Gamma\left\{\tfrac{A(r)}{r}[z(z - z_*) + \tfrac12(x^2 + y^2)] - A(z_*)(z - z_*)\right\},
#   \qquad \sigma_{ad} = -\sum_a\Gamma_a(z_a - z)[A(z_*) - A(z_a)] .$$

# %%
parts = decompose(L, rho)
n_h, n_c = bose(omega / Th), bose(omega / Tc)
G_h, G_c = gh * (2 * n_h + 1), gc * (2 * n_c + 1)
z_h, z_c = -1 / (2 * n_h + 1), -1 / (2 * n_c + 1)
G = G_h + G_c
z_s = (G_h * z_h + G_c * z_c) / G
r = sp.sqrt(x**2 + y**2 + z**2)
A = sp.atanh
nonadiabatic = G * (A(r) / r * (z * (z - z_s) + (x**2 + y**2) / 2) - A(z_s) * (z - z_s))
adiabatic = -sum(g * (z_a - z) * (A(z_s) - A(z_a)) for g, z_a in ((G_h, z_h), (G_c, z_c)))
assert is_zero(parts.nonadiabatic - nonadiabatic)
assert is_zero(parts.adiabatic - adiabatic)
assert is_zero(parts.total - adiabatic - nonadiabatic)

# %% [markdown]
# The hypotheses, tested on the operators, and the identity as a claim. The adiabatic part vanishes iff
# both baths ask for the same ratio of populations:

# %%
for hypothesis in parts.hypotheses:
    print(hypothesis)
assert parts.adiabatic_is_nonnegative
for claim in parts.claims[:4]:
    proof = prove(claim)
    assert proof.proved and replay(proof).valid
    print(f"{claim.name}: {proof.verdict.name}")
print("adiabatic part: zero iff", proof.condition.text)
assert is_zero(parts.adiabatic.subs(Th, Tc))

# %% [markdown]
# **Every inequality as a claim.** For a state of populations each part is a sum of terms that are
# visibly nonnegative, Klein's $u\ln\frac uv - u + v$ or a flux times a force: one claim that the part *is*
# this sum, and one that the terms are $\ge0$ for all positive letters. `prove` covers them with
# certificates that can be replayed.

# %%
weight = parameters("p")
level = Operator.of(H.space, {(0, 0): weight, (1, 1): 1 - weight})
for claim in decompose(L, level).claims:
    proof = prove(claim)
    print(f"{claim.name:45}", proof.verdict.name)
    assert proof.proved and replay(proof).valid

# %% [markdown]
# For a qubit's populations the nonadiabatic part is even a flux times a force, with the stationary
# excited population $q$; this is one monotone pair:

# %%
p, q, rate = parameters("p q Gamma")
relaxing = gkls(H, [(sigmam(), rate * (1 - q)), (sigmam().dag(), rate * q)], positive=[1 - q])
populations = Operator.of(H.space, {(0, 0): p, (1, 1): 1 - p})
bare = decompose(relaxing, populations).nonadiabatic
flux_force = rate * (p - q) * (sp.log(p / (1 - p)) - sp.log(q / (1 - q)))
assert is_zero(bare - flux_force)
proof = prove(Claim(flux_force, ">=", 0, positive=(1 - p, 1 - q)))
assert proof.proved and replay(proof).valid
print(proof.verdict.name, "- zero iff", proof.condition.text)

# %% [markdown]
# **With coherence** the same holds in the eigenbasis of $\rho$: with $P_{ij} = |\langle i|L|j\rangle|^2$ a
# thermal pair contributes $\sum_{ij}P_{ij}(a - b)(\ln a - \ln b)$ to the total, $a = \gamma_\downarrow p_j$,
# $b = \gamma_\uparrow p_i$; the other two parts are Klein sums (proof in
# `symtherm.thermo.visible_operators`). The identities are decided for general $z$ and coherence $c$.

# %%
c = parameters("c")
tilted = Operator.of(
    H.space, {(0, 0): half * (1 + z), (1, 1): half * (1 - z), (0, 1): c, (1, 0): c}
)
whole = decompose(L, tilted)
assert set(whole.visible) == {"total", "adiabatic", "nonadiabatic"}
for name, form in whole.visible.items():
    assert is_zero(getattr(whole, name) - form.expression)
    proof = prove(form.inequality)
    print(name, len(form.terms), "terms:", proof.verdict.name)
    assert proof.proved and replay(proof).valid

# %% [markdown]
# **By their theorems** the parts are claims about operators: the certificate lists eigenvalues and
# projectors of the states, and the checker verifies the hypotheses on the matrices (Spohn's for every
# dissipator and for $L$, Klein's jump by jump for the adiabatic part, data processing for the
# coherences). That $\rho$ is a state is part of the statement.

# %%
for claim in whole.claims:
    if claim.theorem is not None:
        proof = prove(claim)
        checked = replay(proof)
        print(f"{claim.name}: {proof.verdict.name}")
        assert proof.proved and checked.valid and checked.log2_error < -80

# %% [markdown]
# ## Numbers from the operators
#
# The total rate by the heats and $dS/dt$; the adiabatic part as that minus Spohn's rate of $L$, whose
# $\pi$ comes from repeated squaring of $e^{tL}$ and whose logarithms come from eigenvectors.

# %%
from symtherm.numeric.generator import apply_dissipator
from symtherm.numeric.integrate import entropy_production_rate, steady_state
from symtherm.numeric.operators import numeric_entries, numeric_generator


def log(matrix):
    """The logarithm of a positive matrix."""
    values, vectors = mp.eighe(matrix)
    return vectors * mp.diag([mp.log(e) for e in values]) * vectors.transpose_conj()


def by_operators(generator, energy, point, temperatures):
    """(adiabatic, total) of the state at the point."""
    gen = numeric_generator(generator, point, 40)
    X, Y, Z = (mp.mpf(point[s].p) / point[s].q for s in (x, y, z))
    state = mp.matrix([[1 + Z, X - 1j * Y], [X + 1j * Y, 1 - Z]]) / 2
    betas = {label: mp.mpf(T.q) / T.p for label, T in temperatures.items()}
    total = entropy_production_rate(gen, state, numeric_entries(energy, point, 60), betas, 40)
    H = mp.matrix(2, 2)
    for (i, j), value in numeric_entries(generator.hamiltonian, point, 60):
        H[i, j] = value
    change = -1j * (H * state - state * H)
    for label in gen.labels:
        change += apply_dissipator(gen, label, state)
    product = change * (log(state) - log(steady_state(gen, 50)))
    return total + mp.re(product[0, 0] + product[1, 1]), total


at = {omega: sp.Rational(3, 2), gh: sp.Rational(1, 5), gc: sp.Rational(2, 5), Th: sp.Integer(3)}
at |= {Tc: sp.Rational(5, 4), x: sp.Rational(1, 2), y: sp.Rational(-1, 4), z: sp.Rational(3, 10)}
with mp.workdps(60):
    numeric = by_operators(L, H, at, {"h": at[Th], "c": at[Tc]})
    for name, found in zip(("adiabatic", "total"), numeric, strict=True):
        closed = certify(getattr(parts, name), at, 35)
        assert abs(mp.mpf(closed.value) - found) < mp.mpf(10) ** -30
        print(name, closed)

# %% [markdown]
# ## Where the condition fails
#
# A coherent drive, $H = \epsilon\sigma_x$ in the rotating frame: $\pi$ does not commute with $H$, and
# $\ln\pi$ mixes the jumps. The identity and the nonadiabatic inequality hold as before, for every Bloch
# vector and every drive; nothing is claimed of the adiabatic part, and it is negative for some states,
# here one with the Bloch vector $(0.3, -0.57, -0.0625)$.

# %%
epsilon, gamma, T = parameters("epsilon gamma T")
driven = gkls(
    epsilon * sigmax(), [ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)]
)
bent = decompose(driven, rho, energy=H)
for hypothesis in bent.hypotheses:
    print(hypothesis)
assert not bent.adiabatic_is_nonnegative
names = [claim.name for claim in bent.claims]
assert "Nonadiabatic part" in names and "Adiabatic part" not in names
for claim in bent.claims:
    proof = prove(claim)
    assert proof.proved and replay(proof).valid
spot = {omega: sp.Integer(1), gamma: sp.Integer(1), T: sp.Integer(1), epsilon: half}
spot |= {x: sp.Rational(3, 10), y: sp.Rational(-57, 100), z: sp.Rational(-1, 16)}
value = certify(bent.adiabatic, spot, 15)
with mp.workdps(60):
    adiabatic, _ = by_operators(driven, H, spot, {"b": spot[T]})
    assert abs(adiabatic - mp.mpf(value.value)) < mp.mpf(10) ** -14
print("adiabatic part of a driven qubit:", value)
assert value.sign == -1

# %% [markdown]
# ## More levels, in balls
#
# Closed forms stop at states whose blocks have two levels. For any state `certify` encloses the parts
# from the matrices: a three-level system between three baths, coherence everywhere.

# %%
w1, w2, g3, Tm = parameters("omega_1 omega_2 gamma_3 T_m")
atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
three_baths = gkls(
    w1 * l * l.dag() + w2 * u * u.dag(),
    [
        hot.jumps(g * u.dag(), frequency=w2, rate=gh),
        cold.jumps(g * l.dag(), frequency=w1, rate=gc),
        ThermalBath("m", Tm).jumps(l * u.dag(), frequency=w2 - w1, rate=g3),
    ],
    positive=[w2 - w1],
)
everywhere = Operator.of(
    atom, {(i, j): sp.Rational(1, 3 if i == j else 12) for i in range(3) for j in range(3)}
)
general = decompose(three_baths, everywhere)
assert general.adiabatic_is_nonnegative
place = {w1: 1, w2: "5/2", gh: "1/3", gc: "1/5", g3: "1/7", Th: 3, Tc: 1, Tm: 2}
balls = certify(general, place, 20)
for name, ball in balls.items():
    print(f"{name:12}", ball)
assert all(balls[name].sign == 1 for name in ("total", "adiabatic", "nonadiabatic"))

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. At $\rho = \pi$ everything is adiabatic, and equal to $\dot Q_h$ times which force?
# 2. A three-level ring between two baths meets the sufficient condition. What is its adiabatic part
#    at equal temperatures, in any state?
# 3. Add dephasing to the qubit. By how much does the adiabatic part change?

# %% tags=["exercise"]
at_rest = decompose(L, parts.pi)
ring = gkls(
    w1 * l * l.dag() + w2 * u * u.dag(),
    [
        hot.jumps(g * u.dag(), frequency=w2, rate=gh),
        cold.jumps(g * l.dag(), frequency=w1, rate=gc),
        cold.jumps(l * u.dag(), frequency=w2 - w1, rate=gc),
    ],
    positive=[w2 - w1],
)
weights = parameters("a b")
state = Operator.of(atom, {(0, 0): 1 - sum(weights), (1, 1): weights[0], (2, 2): weights[1]})
three = decompose(ring, state)
assert three.adiabatic_is_nonnegative
phi = parameters("gamma_phi")
noisy = gkls(
    H,
    [
        hot.jumps(sigmam(), frequency=omega, rate=gh),
        cold.jumps(sigmam(), frequency=omega, rate=gc),
        (sigmaz(), phi, "d"),
    ],
)


def exercise_1(answer):
    """The adiabatic part at rest == answer * heat[h]."""
    return Claim(at_rest.adiabatic, "==", answer * heat_current(L, parts.pi, "h", H))


def exercise_2(answer):
    """The adiabatic part of the ring at T_h = T_c == answer."""
    return Claim(three.adiabatic.subs(Th, Tc), "==", answer, positive=ring.positive)


def exercise_3(answer):
    """The adiabatic part with dephasing minus that without == answer."""
    return Claim(decompose(noisy, rho).adiabatic - parts.adiabatic, "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert is_zero(at_rest.nonadiabatic)
assert prove(exercise_1(1 / Tc - 1 / Th)).proved
assert prove(exercise_2(sp.Integer(0))).proved
assert prove(exercise_3(sp.Integer(0))).proved
