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
# $U = \mathrm{Tr}[H(t)\rho]$ changes by work, $\dot W = \mathrm{Tr}[\dot H\rho]$, and by heat,
# $\dot Q_a = \mathrm{Tr}[H D_a(\rho)]$ (Alicki, J. Phys. A 12, L103 (1979)). $H$ depends on time
# through undetermined functions; each function and its derivative is an atom.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Operator,
    ThermalBath,
    first_law,
    gkls,
    is_zero,
    parameters,
    power,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
)

omega, gamma, T, nu, epsilon = parameters("omega gamma T nu epsilon")
v = sp.Symbol("v", real=True)  # v = d omega/dt
x, y, z = sp.symbols("x y z", real=True)
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
# ## A qubit with a ramped gap
#
# $H = \frac{\omega(t)}{2}\sigma_z$: $\dot W = \frac{\dot\omega}{2}z$, for any ramp.

# %%
bath = ThermalBath("b", T)
ramp = gkls(omega / 2 * sigmaz(), [bath.jumps(sigmam(), frequency=omega, rate=gamma)])
law = first_law(ramp, rho, {omega: v})
assert is_zero(law.identity.difference)
assert is_zero(law.power - v * z / 2)

# %% [markdown]
# Against an integration from the operators: $\omega(t) = 1 + t/2$ from $t = 0$ to 1, Runge-Kutta in
# high precision; $\Delta U$ and the integrals of $\dot W$ and $\dot Q$ of the closed forms agree.

# %%
terms = sp.lambdify((omega, gamma, T, v, z), (law.power, law.heat["b"]), "mpmath")
with mp.workdps(30):

    def motion(t, s):
        """z', W', Q' along the ramp."""
        w = 1 + t / 2
        n = 1 / mp.expm1(w)
        rates = terms(w, mp.mpf(1) / 3, mp.mpf(1), mp.mpf(1) / 2, s[0])
        return [-(2 * n + 1) / 3 * s[0] - mp.mpf(1) / 3, rates[0], rates[1]]

    end = mp.odefun(motion, 0, [mp.mpf(3) / 10, mp.mpf(0), mp.mpf(0)])(1)
    change = mp.mpf(3) / 2 * end[0] / 2 - mp.mpf(3) / 20
    assert abs(change - end[1] - end[2]) < mp.mpf(10) ** -25
print("dU =", mp.nstr(change, 15), "  W =", mp.nstr(end[1], 15), "  Q =", mp.nstr(end[2], 15))

# %% [markdown]
# ## A rotating drive
#
# In the lab $H(t) = \frac\omega2\sigma_z + \epsilon(\cos\varphi\,\sigma_x + \sin\varphi\,\sigma_y)$ with
# $\varphi = \nu t$, so $\dot\varphi = \nu$. Its power at $\varphi = 0$ is $\epsilon\nu y$, which is the
# power $-i\mathrm{Tr}(E[H_{rot}, \rho])$ with the drive's energy unit $E = \frac\nu2\sigma_z$ in the
# rotating frame.

# %%
phi = parameters("phi", real=True)
turning = sp.cos(phi) * sigmax() + sp.sin(phi) * sigmay()
lab = gkls(
    omega / 2 * sigmaz() + epsilon * turning,
    [bath.jumps(sigmam(), frequency=omega, rate=gamma)],
)
law = first_law(lab, rho, {phi: nu})
assert is_zero(law.identity.difference)
at_zero = law.power.subs(phi, 0)
assert is_zero(at_zero - epsilon * nu * y)
frame = gkls((omega - nu) / 2 * sigmaz() + epsilon * sigmax(), [])
assert is_zero(power(frame, rho, nu / 2 * sigmaz()) - at_zero)

# %% [markdown]
# ## Where it fails
#
# With an energy operator that does not commute with $H$, part of $\dot U$ is neither work by $\dot E$
# nor heat: the bare $E = \frac\omega2\sigma_z$ under the drive. What is missing is the drive's power.

# %%
bare = first_law(lab, rho, {phi: nu}, energy=omega / 2 * sigmaz())
missing = bare.identity.difference
assert not is_zero(missing)
assert is_zero(missing - power(lab, rho, omega / 2 * sigmaz()))

# %% [markdown]
# ## Exercises
#
# 1. Ramp the gap and the drive's strength together. Is the identity still exact?
# 2. When does a ramp do no work?

# %% tags=["solution"]
u = sp.Symbol("u", real=True)
both = first_law(lab, rho, {omega: v, epsilon: u, phi: nu})
assert is_zero(both.identity.difference)
assert is_zero(first_law(ramp, rho, {omega: v}).power.subs(z, 0))
