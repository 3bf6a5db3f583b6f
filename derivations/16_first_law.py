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
# # The first law with a time-dependent Hamiltonian
#
# **Hypotheses.** $\rho' = L_t(\rho)$ with a Hamiltonian $H(t)$, couplings and rates that may all depend
# on time, through functions that stay undetermined.
#
# **Statement.** $U = \mathrm{Tr}[H(t)\rho]$ changes by work, $\dot W = \mathrm{Tr}[\dot H\rho]$, and by
# heat, $\dot Q_a = \mathrm{Tr}[H D_a(\rho)]$ (Alicki, J. Phys. A 12, L103 (1979)), identically.
#
# Each function of $t$ and each of its derivatives is an atom of the normal form: at any one time their
# values can be anything, so an identity between functions is one between letters.

# %%
from fractions import Fraction

import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    Operator,
    ThermalBath,
    expect,
    first_law,
    functions,
    gkls,
    is_zero,
    parameters,
    power,
    prove,
    replay,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
)
from symtherm.numeric.enclosure import Enclosed
from symtherm.numeric.system import system_of

T, t = parameters("T t")
omega, gamma = functions("omega gamma", t)
epsilon, phi, x, y, z = functions("epsilon phi x y z", t, real=True)
half = sp.Rational(1, 2)
rho = Operator.of(
    sigmaz().space,
    {
        (0, 0): half * (1 + z),
        (1, 1): half * (1 - z),
        (0, 1): half * (x - sp.I * y),
        (1, 0): half * (x + sp.I * y),
    },
)

# %% [markdown]
# ## A qubit in which everything moves
#
# $H = \frac{\omega(t)}2\sigma_z + \epsilon(t)[\cos\varphi(t)\,\sigma_x + \sin\varphi(t)\,\sigma_y]$ and a
# bath with the rate $\gamma(t)$; the state has the Bloch vector $(x, y, z)$. The power is
#
# $$\dot W = \tfrac12\dot\omega z + \dot\epsilon(x\cos\varphi + y\sin\varphi)
#   + \epsilon\dot\varphi(y\cos\varphi - x\sin\varphi) .$$
#
# The identity is proved in normal form, and the certificate is checked by code that shares nothing
# with the prover.

# %%
bath = ThermalBath("b", T)
turning = sp.cos(phi) * sigmax() + sp.sin(phi) * sigmay()
lab = gkls(
    omega / 2 * sigmaz() + epsilon * turning,
    [bath.jumps(sigmam(), frequency=omega, rate=gamma)],
)
law = first_law(lab, rho, t)
across = sp.diff(epsilon, t) * (x * sp.cos(phi) + y * sp.sin(phi))
across += epsilon * sp.diff(phi, t) * (y * sp.cos(phi) - x * sp.sin(phi))
for claim in (law.identity, Claim(law.power, "==", sp.diff(omega, t) * z / 2 + across)):
    proof = prove(claim)
    print(claim.name or "Power", proof.verdict.name)
    assert proof.proved and replay(proof).valid

# %% [markdown]
# A second route: differentiate $U(t) = \mathrm{Tr}[H(t)\rho(t)]$ as a function of time, and put
# $\dot x = \mathrm{Tr}[\sigma_xL_t(\rho)]$ and so on for the derivatives of the state.

# %%
bloch = {
    sp.diff(s, t): expect(sigma, lab(rho))
    for s, sigma in ((x, sigmax()), (y, sigmay()), (z, sigmaz()))
}
slope = sp.diff(expect(lab.hamiltonian, rho), t).xreplace(bloch)
assert is_zero(slope - law.power - law.heat["b"])

# %% [markdown]
# ## A ramped gap
#
# Without the drive $\dot W = \frac{\dot\omega}{2}z$, for any ramp.

# %%
ramp = gkls(omega / 2 * sigmaz(), [bath.jumps(sigmam(), frequency=omega, rate=gamma)])
law = first_law(ramp, rho, t)
assert is_zero(law.identity.difference)
assert is_zero(law.power - sp.diff(omega, t) * z / 2)

# %% [markdown]
# The ramp $\omega = 1 + t/2$ from $t = 0$ to 1, by two integrations. From the operators, in balls:
# Taylor steps of $\rho' = L_t(\rho)$ with a proved remainder, heat integrated on the way. And from the
# closed forms of $\dot W$ and $\dot Q$, along the Bloch equation, by mpmath. $\Delta U = W + Q$.

# %%
chosen = {epsilon: 0, omega: 1 + t / 2, gamma: sp.Rational(1, 3), T: sp.Integer(1)}


def at_ramp(expr):
    """An expression on the ramp."""
    return expr.subs(chosen).doit()


moving = ramp.transform(at_ramp)
start = (Fraction(13, 20), Fraction(7, 20), Fraction(0), Fraction(0))
system = system_of(moving, moving.hamiltonian, time=t)
end = Enclosed(system, {}).state(start, Fraction(1), 30, ["population[e]", "heat_integral[b]"])

terms = sp.lambdify((t, z), [at_ramp(e) for e in (bloch[sp.diff(z, t)], law.power)], "mpmath")
with mp.workdps(28):
    flow = mp.odefun(lambda s, v: [terms(s, v[0])[k] for k in (0, 1)], 0, [mp.mpf(3) / 10, 0])(1)
    # U = omega z/2 goes from 1/2 * 3/10 to 3/2 * z/2.
    change = mp.mpf(3) / 4 * flow[0] - mp.mpf(3) / 20
    assert abs(2 * mp.mpf(end["population[e]"].value) - 1 - flow[0]) < mp.mpf(10) ** -24
    heat = mp.mpf(end["heat_integral[b]"].value)
    assert abs(change - flow[1] - heat) < mp.mpf(10) ** -24
print("dU =", mp.nstr(change, 15), "  W =", mp.nstr(flow[1], 15), "  Q =", mp.nstr(heat, 15))

# %% [markdown]
# ## A rotating drive
#
# $\varphi = \nu t$ at constant $\omega$ and $\epsilon$. In the lab the power is
# $\epsilon\nu(y\cos\varphi - x\sin\varphi)$; in the frame that rotates with the drive it is
# $-i\mathrm{Tr}(E[H_{rot}, \rho])$ with the drive's quantum as energy, $E = \frac\nu2\sigma_z$. The two
# are equal at every time, not only where the frames coincide.

# %%
nu, w, strength, rate = parameters("nu omega_0 epsilon_0 gamma_0")
rotating = {omega: w, epsilon: strength, phi: nu * t, gamma: rate}
u, v, s = sp.symbols("u v s", real=True)  # the state, in the lab


def steadily(expr):
    """Constant gap, strength and rate, and a phase that turns at nu."""
    return expr.subs(rotating).doit()


constant = rho.subs({x: u, y: v, z: s})
drive = first_law(lab.transform(steadily), constant, t)
assert is_zero(drive.identity.difference)
assert is_zero(drive.power - strength * nu * (v * sp.cos(nu * t) - u * sp.sin(nu * t)))

turned = Operator.of(  # e^{i nu t sigma_z/2} rho e^{-i nu t sigma_z/2}
    rho.space,
    {(i, j): value * sp.exp(sp.I * nu * t * (j - i)) for (i, j), value in constant.entries.items()},
)
frame = gkls((w - nu) / 2 * sigmaz() + strength * sigmax(), [])
assert is_zero(power(frame, turned, nu / 2 * sigmaz()) - drive.power)

# %% [markdown]
# ## Where it fails
#
# With an energy operator that does not commute with $H$, part of $\dot U$ is neither work by $\dot E$
# nor heat: the bare $E = \frac\omega2\sigma_z$ under the drive. What is missing is the drive's power
# $-i\mathrm{Tr}(E[H, \rho])$, exactly.

# %%
bare = first_law(lab, rho, t, energy=omega / 2 * sigmaz())
missing = bare.energy - bare.power - bare.heat["b"]
assert not is_zero(missing)
assert is_zero(missing - power(lab, rho, omega / 2 * sigmaz()))

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. In which states does the ramp do no work?
# 2. Three levels between two baths, gaps that move, and a coupling $k(t)$ between the upper levels that
#    is switched on. In a state with the coherence $\langle l|\rho|u\rangle = c$, real, what is the power?
# 3. The second law with $H(t)$: $\dot S - \beta\dot Q$ is Spohn's rate of $D_t$ for which reference state?

# %% tags=["exercise"]
from symtherm import HilbertSpace, clausius_rate, gibbs_state, spohn_rate

ramped = first_law(ramp, rho, t)


def exercise_1(answer):
    """The power at <sigma_z> = answer."""
    return Claim(ramped.power.subs(z, answer), "==", 0)


atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
first, second = functions("omega_1 omega_2", t)
k = functions("k", t, real=True)
cold = ThermalBath("c", parameters("T_c"))
three = gkls(
    first * l * l.dag() + second * u * u.dag() + k * (l * u.dag() + u * l.dag()),
    [
        bath.jumps(g * u.dag(), frequency=second, rate=gamma),
        cold.jumps(g * l.dag(), frequency=first, rate=gamma),
    ],
)
p, q, c = functions("p q c", t, real=True)
state = Operator.of(atom, {(0, 0): 1 - p - q, (1, 1): p, (2, 2): q, (1, 2): c, (2, 1): c})
driven_law = first_law(three, state, t)


def exercise_2(answer):
    """The power of the three levels."""
    return Claim(driven_law.power, "==", answer)


def exercise_3(answer):
    """The entropy production of the ramp at one time; ``answer`` is the reference state."""
    return Claim(clausius_rate(ramp, rho, ramp.hamiltonian), "==", spohn_rate(ramp, rho, answer))


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(0)).proved
dots = [sp.diff(f, t) for f in (first, second, k)]
assert prove(exercise_2(dots[0] * p + dots[1] * q + 2 * dots[2] * c)).proved
assert prove(driven_law.identity).proved
assert prove(exercise_3(gibbs_state(ramp.hamiltonian, T))).proved  # of the instantaneous H(t)
