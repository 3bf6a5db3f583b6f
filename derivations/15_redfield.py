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
# # Born, Markov, secular; and without the secular approximation
#
# 1. **Born**: the coupling $A\otimes B$ to second order, the bath stays in its Gibbs state.
# 2. **Markov**: $C(s)$ decays faster than the system moves; with
#    $\Gamma(\omega) = \int_0^\infty ds\,e^{i\omega s}C(s) = \gamma/2 + iS$ this is Redfield's equation,
#    $D(\rho) = X\rho A - AX\rho + h.c.$ with $X = \sum_\omega\Gamma(\omega)A(\omega)$.
# 3. **Secular**: keep the terms that do not turn in the interaction picture. The result is Davies'
#    generator with its Lamb shift.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    davies,
    is_zero,
    ohmic,
    parameters,
    redfield,
    secular,
)
from symtherm.baths.spectral import mode_correlation
from symtherm.dynamics.positivity import is_trace_preserving

# %% [markdown]
# ## The correlation function and its transform
#
# KMS mode by mode, exactly; and for an Ohmic bath with cutoff at $T = 0$,
# $C(s) = \eta\omega_c^2/(1 + i\omega_cs)^2$, the transform over all $s$ is $2\pi J(\omega)$.

# %%
T, w, s, eta = parameters("T omega s eta")
assert is_zero(mode_correlation(1, w, T, -s) - mode_correlation(1, w, T, s - sp.I / T))
with mp.workdps(30):
    cutoff, at = mp.mpf(5), mp.mpf(1)
    # Rotated onto s = -iy + ..., both half axes give the residue at s = i/cutoff: check by quadrature.
    total = mp.quadosc(
        lambda x: 2 * mp.re(mp.exp(1j * at * x) * cutoff**2 / (1 + 1j * cutoff * x) ** 2),
        [0, mp.inf],
        omega=at,
    )
    assert abs(total - 2 * mp.pi * at * mp.exp(-at / cutoff)) < mp.mpf(10) ** -15

# %% [markdown]
# ## A $V$ system: secular Redfield is Davies
#
# Two excited levels with different energies, one bath, one coupling. The secular projection of the
# Redfield superoperator equals Davies' generator with its Lamb shift, entry by entry.

# %%
w1, w2 = parameters("omega_1 omega_2")
V = HilbertSpace("V", levels="g12")
g, e1, e2 = V.kets
hop = g * e1.dag() + g * e2.dag()
bath = ThermalBath("b", T)


def couplings(operator):
    """One bath, one coupling."""
    return [Coupling(bath, operator, ohmic(eta))]


split = Spectrum(V, (0, w1, w2))
L = redfield(split, couplings(hop + hop.dag()))
assert is_trace_preserving(L.superoperator())
projected = secular(L.superoperator(), split)
expected = davies(split, couplings(hop + hop.dag()), lamb_shift=True).superoperator()
assert all(is_zero(projected[k] - expected[k]) for k in {*projected.entries, *expected.entries})

# %% [markdown]
# ## The other limit: exact degeneracy
#
# At $\omega_1 = \omega_2$ the two transitions are one Bohr frequency. Redfield's equation becomes
# Davies' *grouped* generator, all of it that does not change the number of excitations by two; only
# counter-rotating terms at $2\omega$ are left for the secular projection.

# %%
same = Spectrum(V, (0, w, w))
grouped = davies(same, couplings(hop + hop.dag()), lamb_shift=True).superoperator()
near = redfield(same, couplings(hop + hop.dag()))
projected = secular(near.superoperator(), same)
assert all(is_zero(projected[k] - grouped[k]) for k in {*projected.entries, *grouped.entries})
# A partial secular approximation of the split levels, treating omega_2 as omega_1, keeps the same
# entries, with the rates of both frequencies.
partial = secular(L.superoperator(), split, same={w2: w1})
names = {str(x): x for x in L.shifts}
merged = {w1: w, w2: w, **{names[f"S_b1_1{k}"]: names[f"S_b1_0{k}"] for k in "+-"}}
assert all(
    is_zero(partial[k].xreplace(merged) - grouped[k]) for k in {*partial.entries, *grouped.entries}
)

# %% [markdown]
# ## Heat, with coherences
#
# $\dot Q = \mathrm{Tr}[H_SL_a(\rho)]$ with $L_a$ including its Lamb commutator. The populations give the
# Pauli heat; the coherence $\rho_{12} = u + iv$ enters with the term printed.

# %%
p1, p2 = parameters("p_1 p_2")
u, v = sp.symbols("u v", real=True)
rho = Operator.of(
    V, {(0, 0): 1 - p1 - p2, (1, 1): p1, (2, 2): p2, (1, 2): u + sp.I * v, (2, 1): u - sp.I * v}
)
heat = sp.expand(L.heat("b", rho))
secular_heat = sp.expand(heat.subs({u: 0, v: 0}))
n1, n2 = (bath.occupation(x) for x in (w1, w2))
G1, G2 = eta * w1 * (n1 + 1), eta * w2 * (n2 + 1)
S1, S2 = names["S_b1_0+"], names["S_b1_1+"]
term = -(G2 * w1 + G1 * w2) * u + 2 * (S1 * w2 - S2 * w1) * v
print(
    "coherent part of the heat:  -(gamma_2 omega_1 + gamma_1 omega_2) u + 2 (S_1 omega_2 - S_2 omega_1) v"
)
difference = sp.expand(heat - secular_heat)
pure = [sp.expand(difference).coeff(u), sp.expand(difference).coeff(v)]
residual_u, residual_v = (
    sp.expand(a - sp.expand(term).coeff(b)) for a, b in zip(pure, (u, v), strict=True)
)
assert is_zero(residual_u) and is_zero(residual_v)

# %% [markdown]
# ## The split into populations and coherences fails
#
# Redfield's generator does not commute with the pinching: $\rho_{12}$ feeds the populations. Coherence
# in, population out:

# %%
only = Operator.of(V, {(1, 2): u, (2, 1): u})
fed = L(only)[0, 0]
print("d p_g/dt from rho_12:", sp.factor(sp.expand(fed).coeff(u)))
assert is_zero(sp.expand(fed) - (G1 + G2) * u)

# %% [markdown]
# ## Exercises
#
# 1. Does the Redfield equation of a single qubit with $\sigma_x$ coupling leave the Gibbs state
#    stationary for the populations?
# 2. Which entries does the secular projection drop for a qubit?

# %% tags=["solution"]
q = HilbertSpace("q", levels="ge")
low, high = q.kets
x = low * high.dag() + high * low.dag()
qubit = Spectrum(q, (0, w))
R = redfield(qubit, couplings(x))
from symtherm import gibbs_state

assert is_zero(R(gibbs_state(qubit.hamiltonian, T))[0, 0])
dropped = set(R.superoperator().entries) - set(secular(R.superoperator(), qubit).entries)
assert (1, 2) in dropped and (2, 1) in dropped
