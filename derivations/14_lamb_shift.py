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
# # The Lamb shift in closed form
#
# Convention: $\gamma(\omega) = 2\pi J(\omega)(n + 1)$ and
#
# $$S(\omega) = \mathrm{PV}\!\int_0^\infty\!d\omega'\,J(\omega')\left[\frac{n(\omega') + 1}{\omega -
#   \omega'} + \frac{n(\omega')}{\omega + \omega'}\right],$$
#
# the real and imaginary part of $\int_0^\infty ds\,e^{i\omega s}C(s) = \gamma/2 + iS$. The proofs of
# the closed forms stand in `symtherm.baths.spectral`; here they meet the integral to 40 digits.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Spectrum,
    ThermalBath,
    davies,
    drude,
    heat_current,
    is_zero,
    ohmic_cutoff,
    parameters,
)
from symtherm.errors import OutsideClosedForm
from symtherm.numeric.principal import lamb_integral
from symtherm.quantum.operator import Operator, commutator

# %% [markdown]
# ## Ohmic with exponential cutoff, $T = 0$
#
# $S(\omega) = \eta\,[-\omega_c + \omega e^{-\omega/\omega_c}\mathrm{Ei}(\omega/\omega_c)]$.

# %%
eta, omega, omega_c, T = parameters("eta omega omega_c T")
closed = ohmic_cutoff(eta, omega_c).lamb(omega)
print(closed)
with mp.workdps(55):
    at = {eta: sp.Rational(1, 10), omega: sp.Integer(1), omega_c: sp.Integer(5)}
    value = mp.mpf(str(closed.xreplace(at).evalf(50)))
    one, five = mp.mpf(1), mp.mpf(5)
    integral = lamb_integral(lambda x: x * mp.exp(-x / 5) / 10, one, 0, five, 42)
    print("golden 26:", mp.nstr(value, 42))
    assert (
        abs(value - mp.mpf("-0.56728006649831373189686009921502008739468630888801"))
        < mp.mpf(10) ** -45
    )
    assert abs(value - integral) < mp.mpf(10) ** -40

# %% [markdown]
# ## Drude at finite temperature
#
# With $a = \omega_c$:
# $S = \frac{\eta a^2}{\omega^2 + a^2}\left\{\omega\left[\frac{\pi T}{a} + \mathrm{Re}\,\psi\!\left(1 +
# \frac{i\omega}{2\pi T}\right) - \psi\!\left(1 + \frac{a}{2\pi T}\right)\right] - \frac{\pi a}{2}\right\}$.
# The tail of $J$ is algebraic; with $x = \tan$ the quadrature of the part without $n$ is exact enough,
# and the parts with $n$ fall exponentially.

# %%
shift = drude(eta, omega_c).lamb(omega, T)
with mp.workdps(60):
    e, a, w, temperature = mp.mpf(1) / 10, mp.mpf(3), mp.mpf(2), mp.mpf(4) / 5

    def J(x):
        """The Drude density."""
        return e * x * a**2 / (x**2 + a**2)

    def folded(f):
        """PV int_0^oo f(x)/(w - x) dx: folded about the pole, then x = 2w/(1 - u)."""
        near = mp.quad(
            lambda s: (f(w - s) - f(w + s)) / s if s else -2 * mp.diff(f, w), [0, w / 2, w]
        )
        far = mp.quad(
            lambda u: f(2 * w / (1 - u)) / (w - 2 * w / (1 - u)) * 2 * w / (1 - u) ** 2, [0, 0.5, 1]
        )
        return near + far

    def with_n(x):
        """J n, finite at 0, without the algebraic tail."""
        return J(x) / mp.expm1(x / temperature) if x else e * temperature

    cuts = [0, 1, 2, 4, 8, 16, 32, 64, 128]
    minus = mp.quad(lambda x: with_n(x) / (w + x), cuts)
    near = mp.quad(
        lambda s: (with_n(w - s) - with_n(w + s)) / s if s else -2 * mp.diff(with_n, w), [0, 1, 2]
    )
    plus = near + mp.quad(lambda x: with_n(x) / (w - x), [4, 8, 16, 32, 64, 128])
    integral = folded(J) + plus + minus
    z = 1 + 1j * w / (2 * mp.pi * temperature)
    psi = mp.re(mp.digamma(z)) - mp.digamma(1 + a / (2 * mp.pi * temperature))
    value = e * a**2 / (w**2 + a**2) * (w * (mp.pi * temperature / a + psi) - mp.pi * a / 2)
    print("Drude:", mp.nstr(value, 42))
    assert abs(value - integral) < mp.mpf(10) ** -40
    point = {eta: sp.Rational(1, 10), omega_c: 3, omega: 2, T: sp.Rational(4, 5)}
    symbolic = sp.re(shift.subs(point)).evalf(30)
    assert abs(mp.mpf(str(symbolic)) - value) < mp.mpf(10) ** -25

# %% [markdown]
# ## The Lamb shift commutes with $H_S$ in Davies' generator
#
# Three levels with two couplings: every $A^\dagger(\omega)A(\omega)$ commutes with $H_S$, so
# $[H_{LS}, H_S] = 0$, and heat, defined with $H_S$, does not see it.

# %%
w1, w2 = parameters("omega_1 omega_2")
atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
spectrum = Spectrum(atom, (0, w1, w2))
hop = g * l.dag() + g * u.dag() + l * u.dag()
bath = ThermalBath("b", T)
couplings = [Coupling(bath, hop + hop.dag(), drude(eta, omega_c))]
shifted, bare = davies(spectrum, couplings, lamb_shift=True), davies(spectrum, couplings)
H_LS = shifted.hamiltonian - spectrum.hamiltonian
assert H_LS.data and all(is_zero(v) for _, _, v in commutator(H_LS, spectrum.hamiltonian).data)
p, q = parameters("p q")
k = sp.Symbol("k", real=True)
rho = Operator.of(atom, {(0, 0): 1 - p - q, (1, 1): p, (2, 2): q, (0, 1): k, (1, 0): k})
heat = heat_current(shifted, rho, "b", spectrum.hamiltonian)
assert is_zero(heat - heat_current(bare, rho, "b", spectrum.hamiltonian))

# %% [markdown]
# ## Where a hypothesis fails
#
# At $T = 0$ Drude's closed form does not exist, and the exponential cutoff has none at $T > 0$:

# %%
for wrong in (
    lambda: drude(eta, omega_c).lamb(omega, 0),
    lambda: ohmic_cutoff(eta, omega_c).lamb(omega, T),
):
    try:
        wrong()
    except OutsideClosedForm as error:
        print(error)
    else:
        raise AssertionError

# %% [markdown]
# ## Exercises
#
# 1. What is $S(0)$ for a Drude density, at any temperature?
# 2. Check KMS for it: $\gamma(\omega)e^{-\omega/T} = \gamma(-\omega)$ with
#    $\gamma(-\omega) = 2\pi J(\omega)n$.

# %% tags=["solution"]
assert drude(eta, omega_c).lamb(sp.Integer(0), T) == -sp.pi * eta * omega_c / 2
n = bath.occupation(omega)
rate = drude(eta, omega_c).rate(omega)
assert is_zero(rate * (n + 1) * sp.exp(-omega / T) - rate * n)
