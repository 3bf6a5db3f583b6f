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
# A bath of modes with the spectral density $J$ and the occupation $n$ has the correlation function
# $C(s) = \int_0^\infty d\omega' J(\omega')[(n' + 1)e^{-i\omega's} + n'e^{i\omega's}]$. Its one-sided
# Fourier transform is $\int_0^\infty ds\,e^{i\omega s}C(s) = \frac12\gamma(\omega) + iS(\omega)$ (page 15),
# with $\gamma(\omega) = 2\pi J(\omega)(n + 1)$ and
#
# $$S(\omega) = \mathrm{PV}\!\int_0^\infty\!d\omega'\,J(\omega')\left[\frac{n(\omega') + 1}{\omega -
#   \omega'} + \frac{n(\omega')}{\omega + \omega'}\right] .$$
#
# The system's levels move by $H_{LS} = \sum_\omega S(\omega)A^\dagger(\omega)A(\omega)$, $\omega$ of both
# signs. We derive $S$ in closed form for two densities, compare with the integral to 40 digits, and
# show that $H_{LS}$ commutes with $H_S$, so that heat, defined with $H_S$, does not see it.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Spectrum,
    ThermalBath,
    bose,
    certify,
    davies,
    drude,
    heat_current,
    is_zero,
    ohmic,
    ohmic_cutoff,
    parameters,
    prove,
    redfield,
    replay,
)
from symtherm.dynamics.redfield import lamb_shifts
from symtherm.errors import OutsideClosedForm
from symtherm.numeric.principal import lamb_integral
from symtherm.quantum.operator import Operator, commutator

eta, omega, omega_c, T = parameters("eta omega omega_c T")
x, nu, a, b = parameters("x nu a b")

# %% [markdown]
# ## Ohmic with exponential cutoff, $T = 0$
#
# $J = \eta x e^{-x/\omega_c}$ and $n = 0$. With $\frac{x}{\omega - x} = -1 + \frac{\omega}{\omega - x}$ the
# integral is $-\omega_c + \omega\,\mathrm{PV}\!\int_0^\infty\frac{e^{-x/\omega_c}}{\omega - x}dx$. Substitute
# $v = (\omega - x)/\omega_c$: the last integral is
# $e^{-\omega/\omega_c}\,\mathrm{PV}\!\int_{-\infty}^{\omega/\omega_c}\frac{e^v}{v}dv$, which is the definition
# of $\mathrm{Ei}$. So
#
# $$S(\omega) = \eta\,[-\omega_c + \omega e^{-\omega/\omega_c}\mathrm{Ei}(\omega/\omega_c)],$$
#
# for $\omega$ of either sign.

# %%
assert is_zero(x / (omega - x) - (-1 + omega / (omega - x)))
closed = ohmic_cutoff(eta, omega_c).lamb(omega)
print(closed)
at = {eta: sp.Rational(1, 10), omega: sp.Integer(1), omega_c: sp.Integer(5)}
value = certify(closed, at, 45)
print("exponential cutoff:", value)
with mp.workdps(60):
    one, five = mp.mpf(1), mp.mpf(5)
    integral = lamb_integral(lambda x: x * mp.exp(-x / 5) / 10, one, 0, five, 42)
    assert abs(mp.mpf(value.value) - integral) < mp.mpf(10) ** -40
    assert value.value.startswith("-0.567280066498313731896860099215020087394686")
    # Below zero the integral has no pole.
    below = certify(ohmic_cutoff(eta, omega_c).lamb(-omega), at, 42)
    plain = mp.quad(lambda x: -x * mp.exp(-x / 5) / 10 / (1 + x), [0, 1, 5, 20, 80, 200, mp.inf])
    assert abs(mp.mpf(below.value) - plain) < mp.mpf(10) ** -40

# %% [markdown]
# ## Drude at finite temperature
#
# $J = \eta a^2x/(x^2 + a^2)$ with $a = \omega_c$ is odd, and $n(-x) = -(n(x) + 1)$. So the two terms of
# $S$ are one integral over the whole axis, $S = \mathrm{PV}\!\int_{-\infty}^\infty\frac{J(n + 1)}{\omega -
# x}dx$, with $n + 1 = \frac12 + \frac12\coth\frac x{2T}$ and
# $\coth\frac x{2T} = 2T\big[\frac1x + \sum_{k\ge1}\frac{2x}{x^2 + \nu_k^2}\big]$, $\nu_k = 2\pi kT$.

# %%


def n(w):
    """The occupation 1/(e^{w/T} - 1)."""
    return 1 / (sp.exp(w / T) - 1)


density = drude(eta, a).density(x)
assert is_zero(n(-x) + n(x) + 1) and is_zero(density.subs(x, -x) + density)
mirrored = density.subs(x, -x) * (n(-x) + 1) / (omega + x)
assert is_zero(mirrored - density * n(x) / (omega + x))
assert is_zero(n(x) + 1 - (1 + sp.coth(x / (2 * T))) / 2)

# %% [markdown]
# One integral is all that is needed,
# $\mathrm{PV}\!\int_{-\infty}^\infty\frac{dx}{(x^2 + b^2)(\omega - x)} = \frac{\pi\omega}{b(\omega^2 + b^2)}$: its
# antiderivative is $\frac{1}{\omega^2 + b^2}\big[\frac\omega b\arctan\frac xb + \frac12\ln\frac{x^2 + b^2}
# {(\omega - x)^2}\big]$, whose logarithm vanishes at both ends and is even about the pole.

# %%
inside = omega / b * sp.atan(x / b) + sp.log((x**2 + b**2) / (omega - x) ** 2) / 2
assert is_zero(sp.diff(inside, x) / (omega**2 + b**2) - 1 / ((x**2 + b**2) * (omega - x)))


def pole(b):
    """PV of 1/((x^2 + b^2)(omega - x)) over the real axis."""
    return sp.pi * omega / (b * (omega**2 + b**2))


# %% [markdown]
# The three parts, in units of $\eta a^2$: the constant $\frac12$ gives
# $\frac12\big[\omega I(a) - \frac\pi a\big]$ with $\frac{x}{\omega - x} = -1 + \frac\omega{\omega - x}$;
# $\frac1x$ gives $T\,I(a)$; and the $k$-th term $2T\frac{a^2I(a) - \nu^2I(\nu)}{a^2 - \nu^2}$ by partial
# fractions, where $I$ is the integral above.

# %%
half = sp.Rational(1, 2)
fractions = (a**2 / (x**2 + a**2) - nu**2 / (x**2 + nu**2)) / (a**2 - nu**2)
assert is_zero(x**2 / ((x**2 + a**2) * (x**2 + nu**2)) - fractions)
constant = half * (omega * pole(a) - sp.pi / a)
kth = 2 * T * (a**2 * pole(a) - nu**2 * pole(nu)) / (a**2 - nu**2)
common = 2 * sp.pi * T * omega / (omega**2 + a**2)
assert is_zero(constant + sp.pi * a / (2 * (omega**2 + a**2)))
assert is_zero(kth - common * (1 / (a + nu) - nu / (omega**2 + nu**2)))

# %% [markdown]
# With $\nu = 2\pi kT$ the sum over $k$ is that of $\psi(1 + z) = -\gamma_E + \sum_{k\ge1}\big(\frac1k -
# \frac1{k + z}\big)$ at two points: $\sum_k\big[\frac1{a + \nu_k} - \frac{\nu_k}{\omega^2 + \nu_k^2}\big] =
# \frac{1}{2\pi T}\big[\mathrm{Re}\,\psi\big(1 + \frac{i\omega}{2\pi T}\big) - \psi\big(1 +
# \frac a{2\pi T}\big)\big]$, because $\mathrm{Re}\frac{1}{k + iu} = \frac{k}{k^2 + u^2}$. Together,
#
# $$S = \frac{\eta a^2}{\omega^2 + a^2}\left\{\omega\left[\frac{\pi T}{a} + \mathrm{Re}\,\psi\!\left(1 +
# \frac{i\omega}{2\pi T}\right) - \psi\!\left(1 + \frac{a}{2\pi T}\right)\right] - \frac{\pi a}{2}\right\} .$$

# %%
digammas = sp.Symbol("psi", real=True)  # the difference of the two
total = eta * a**2 * (constant + T * pole(a) + common / (2 * sp.pi * T) * digammas)
shift = drude(eta, a).lamb(omega, T)
psi = sp.re(sp.digamma(1 + sp.I * omega / (2 * sp.pi * T))) - sp.digamma(1 + a / (2 * sp.pi * T))
assert is_zero(total - shift.subs(psi, digammas))

# %% [markdown]
# The number, from the closed form and from the integral. The tail of $J$ is algebraic: beyond
# $2\omega$ the part without $n$ is mapped to a finite interval, and the parts with $n$ fall
# exponentially.

# %%
point = {eta: sp.Rational(1, 10), a: 3, omega: 2, T: sp.Rational(4, 5)}
value = certify(shift, point, 45)
print("Drude:", value)
with mp.workdps(60):
    e, c, w, temperature = mp.mpf(1) / 10, mp.mpf(3), mp.mpf(2), mp.mpf(4) / 5

    def J(x):
        """The Drude density."""
        return e * x * c**2 / (x**2 + c**2)

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
    assert abs(mp.mpf(value.value) - integral) < mp.mpf(10) ** -40

# %% [markdown]
# ## The Lamb shift commutes with $H_S$ in Davies' generator
#
# $[H_S, A(\omega)] = -\omega A(\omega)$ gives $[H_S, A^\dagger(\omega)A(\omega)] = \omega A^\dagger A -
# \omega A^\dagger A = 0$ for every spectrum and every coupling. Three levels, one coupling with any
# matrix elements (also diagonal ones), one of them complex; and heat with any state.

# %%
w1, w2 = parameters("omega_1 omega_2")
m0, m1, m2, gl, gu = parameters("m_0 m_1 m_2 a_gl a_gu", real=True)
re, im = parameters("r s", real=True)
atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
spectrum = Spectrum(atom, (0, w1, w2))
hop = gl * g * l.dag() + gu * g * u.dag() + (re + sp.I * im) * l * u.dag()
diagonal = m0 * g * g.dag() + m1 * l * l.dag() + m2 * u * u.dag()
bath = ThermalBath("b", T)
couplings = [Coupling(bath, diagonal + hop + hop.dag(), drude(eta, omega_c))]
shifted, bare = davies(spectrum, couplings, lamb_shift=True), davies(spectrum, couplings)
H_LS = shifted.hamiltonian - spectrum.hamiltonian
assert H_LS.data and all(is_zero(v) for _, _, v in commutator(H_LS, spectrum.hamiltonian).data)
p, q = parameters("p q")
k1, k2, k3 = parameters("k_1 k_2 k_3", real=True)
coherent = {(0, 1): k1, (1, 0): k1, (0, 2): sp.I * k2, (2, 0): -sp.I * k2, (1, 2): k3, (2, 1): k3}
rho = Operator.of(atom, {(0, 0): 1 - p - q, (1, 1): p, (2, 2): q, **coherent})
same = Claim(
    heat_current(shifted, rho, "b", spectrum.hamiltonian),
    "==",
    heat_current(bare, rho, "b", spectrum.hamiltonian),
)
assert prove(same).proved and replay(prove(same)).valid

# %% [markdown]
# Its values are those of the closed form, one for each signed Bohr frequency. The ground state of a
# weakly damped qubit, for instance, moves down by $S(-\omega)$ and the excited one by $S(\omega)$:

# %%
two = HilbertSpace("q", levels="ge")
low, high = two.kets
flip = [Coupling(bath, low * high.dag() + high * low.dag(), drude(eta, omega_c))]
qubit = Spectrum(two, (0, omega))
values = lamb_shifts(qubit, flip)
moved = davies(qubit, flip, lamb_shift=True).hamiltonian
there = {eta: sp.Rational(1, 10), omega_c: 3, omega: 2, T: sp.Rational(4, 5)}
for k, level in enumerate("ge"):
    energy = (moved - qubit.hamiltonian)[k, k].subs(values)
    print(f"shift of {level}:", certify(energy, there, 15))
assert is_zero((moved[1, 1] - omega).subs(values) - drude(eta, omega_c).lamb(omega, T))

# %% [markdown]
# ## Where a hypothesis fails
#
# Without the secular approximation the Lamb shift does not commute with $H_S$ when two frequencies
# share a coupling (page 15), and then it enters heat.

# %%
part = redfield(spectrum, couplings).parts[0]
assert not all(is_zero(v) for _, _, v in commutator(part.lamb_shift, spectrum.hamiltonian).data)

# %% [markdown]
# At $T = 0$ Drude's closed form does not exist, the exponential cutoff has none at $T > 0$, and a
# density without cutoff has a divergent shift:

# %%
for wrong in (
    lambda: drude(eta, omega_c).lamb(omega, 0),
    lambda: ohmic_cutoff(eta, omega_c).lamb(omega, T),
    lambda: lamb_shifts(qubit, [Coupling(bath, flip[0].operator, ohmic(eta))]),
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
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. What is $S(0)$ for a Drude density, at any temperature?
# 2. The rates obey $\gamma(-\omega) = e^{-\omega/T}\gamma(\omega)$. Which factor makes
#    $2\pi J(\omega)n$ of $\gamma(\omega)$?
# 3. By how much does the transition frequency of a qubit move, in units of $S$? At high temperature
#    $n \gg 1$ and $S(\omega) + S(-\omega)$ tends to a constant. Which one?

# %% tags=["exercise"]
forth = psi.subs(a, omega_c)
back = forth.subs(omega, -omega)  # Re psi(1 + iu) is even in u


def exercise_1(answer):
    """S(0)."""
    return Claim(drude(eta, omega_c).lamb(sp.Integer(0), T), "==", answer)


def exercise_2(answer):
    """Absorption from emission."""
    rate = drude(eta, omega_c).rate(omega)
    return Claim(rate * (bose(omega / T) + 1) * answer, "==", rate * bose(omega / T))


def exercise_3(answer):
    """S(omega) + S(-omega), here at every temperature."""
    both = drude(eta, omega_c).lamb(omega, T) + drude(eta, omega_c).lamb(-omega, T)
    return Claim(both.subs(forth, digammas).subs(back, digammas), "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(-sp.pi * eta * omega_c / 2)).proved
assert prove(exercise_2(sp.exp(-omega / T))).proved
# The frequency moves by S(omega) - S(-omega); the sum is free of T altogether.
assert prove(exercise_3(-sp.pi * eta * omega_c**3 / (omega**2 + omega_c**2))).proved
