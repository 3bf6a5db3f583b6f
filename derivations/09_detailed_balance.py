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
# # KMS, local detailed balance, and when populations balance
#
# **Statement 1.** KMS of the bath's correlation function, $C(-t) = C(t - i\beta)$, gives
# $\gamma(-\omega) = e^{-\beta\omega}\gamma(\omega)$; with $[H, A(\omega)] = -\omega A(\omega)$ the Gibbs
# state is stationary under the bath's dissipator, for every spectrum, degenerate or not.
#
# **Statement 2** (Kolmogorov). A connected network of rates with $W_{mn} > 0$ iff $W_{nm} > 0$ has a
# distribution in detailed balance iff the product of rates around every cycle equals the product
# backwards.

# %%
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    cycle_affinities,
    davies,
    detailed_balance,
    equilibrium_populations,
    flat,
    gibbs_state,
    gkls,
    is_zero,
    parameters,
    pauli,
    prove,
    schnakenberg_rate,
    steady_state,
)
from symtherm.baths.spectral import mode_correlation
from symtherm.dynamics.davies import eigenoperators
from symtherm.errors import NotThermal
from symtherm.quantum.operator import commutator

# %% [markdown]
# ## KMS of the correlation function
#
# A bath is a sum of modes. Each has $C(t) = J[(n + 1)e^{-i\omega t} + ne^{i\omega t}]$, and
# $C(-t) = C(t - i/T)$ identically. Shifting the contour of
# $\gamma(-\omega) = \int dt\,e^{-i\omega t}C(t)$ by $-i\beta$ gives the ratio of rates.

# %%
omega, T, t, J = parameters("omega T t J")
assert is_zero(mode_correlation(J, omega, T, -t) - mode_correlation(J, omega, T, t - sp.I / T))

# %% [markdown]
# ## The structure behind Statement 1
#
# From $[H, A] = -\omega A$ follows $e^{-\beta H}A = e^{\beta\omega}Ae^{-\beta H}$, hence $A^\dagger A$
# commutes with $H$, and with $\gamma_\uparrow = e^{-\beta\omega}\gamma_\downarrow$
#
# $$\gamma_\downarrow A\pi A^\dagger = \gamma_\uparrow\,\pi\,AA^\dagger, \qquad
#   \gamma_\uparrow A^\dagger\pi A = \gamma_\downarrow\,\pi\,A^\dagger A,$$
#
# which cancel the two loss terms: $D(\pi) = 0$ term by term. Both identities are checked below on the
# operators of a spectrum with general gaps.


# %%
def ladder(N):
    """N levels with general positive gaps and a coupling of all pairs with real strengths."""
    space = HilbertSpace("n", N)
    gaps = parameters(f"g_1:{N}")
    energies = [sum(gaps[:k], sp.Integer(0)) for k in range(N)]
    entries = {}
    for i in range(N):
        for j in range(i):
            a = sp.Symbol(f"a_{j}{i}", positive=True)
            entries[i, j] = entries[j, i] = a
    return Spectrum(space, energies), Operator.of(space, entries)


gamma = parameters("gamma")
bath = ThermalBath("b", T)
spectrum, coupling = ladder(4)
pi = gibbs_state(spectrum.hamiltonian, T)
for frequency, A in eigenoperators(spectrum, coupling):
    x = sp.exp(-frequency / T)
    shifted = commutator(spectrum.hamiltonian, A) + frequency * A
    gain = A * pi * A.dag() - x * pi * A * A.dag()
    loss = x * A.dag() * pi * A - pi * A.dag() * A
    for residual in (shifted, gain, loss):
        assert all(is_zero(v) for _, _, v in residual.data)

# %% [markdown]
# ## By normal form, two to six levels
#
# All gaps, all coupling strengths and $T$ are symbols; $L(e^{-\beta H}/Z)$ is the exact zero, and the
# steady state, where it is derived independently, is the Gibbs state. Two equal gaps (a degenerate
# Bohr frequency) are a different model with the same answer.

# %%
for N in range(2, 7):
    spectrum, coupling = ladder(N)
    L = davies(spectrum, [Coupling(bath, coupling, flat(gamma))])
    residual = L(gibbs_state(spectrum.hamiltonian, T))
    assert all(is_zero(v) for _, _, v in residual.data)
    print(N, "levels,", len(L.jumps), "jumps: Gibbs is stationary")

space = HilbertSpace("equal gaps", 3)
harmonic = Spectrum(space, (0, omega, 2 * omega))
equal = davies(harmonic, [Coupling(bath, ladder(3)[1], flat(gamma))])
residual = equal(gibbs_state(harmonic.hamiltonian, T))
assert all(is_zero(v) for _, _, v in residual.data)

# %% [markdown]
# From the operators alone, in numbers: a generator of three levels and $e^{tL}$, squared until it has
# forgotten its initial state, which ends at the Boltzmann weights.

# %%
import mpmath as mp

from symtherm.numeric.integrate import steady_state as numeric_steady_state
from symtherm.numeric.operators import numeric_generator

spectrum, coupling = ladder(3)
three = davies(spectrum, [Coupling(bath, coupling, flat(gamma))])
letters = set().union(*(e.free_symbols for e in three.expressions))
numbers = {s: sp.Rational(k + 2, 5) for k, s in enumerate(sorted(letters, key=str))}
with mp.workdps(60):
    end = numeric_steady_state(numeric_generator(three, numbers, 50), 50)
    exponents = [sp.Rational((energy / T).xreplace(numbers)) for energy in spectrum.energies]
    weights = [mp.exp(-mp.mpf(e.p) / e.q) for e in exponents]
    for k, weight in enumerate(weights):
        assert abs(end[k, k] - weight / sum(weights)) < mp.mpf(10) ** -40
print("Boltzmann weights from the operators:", [mp.nstr(mp.re(end[k, k]), 20) for k in range(3)])

# %% [markdown]
# ## One wrong rate
#
# Replace one absorption rate by $r$: the residual is the violated balance of that one transition,
# and it vanishes only at $r = \gamma e^{-\beta\omega}(n + 1) = \gamma n$.

# %%
r = parameters("r")
atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
w1, w2 = parameters("omega_1 omega_2")
H = w1 * l * l.dag() + w2 * u * u.dag()
good = bath.jumps(g * l.dag(), frequency=w1, rate=gamma)
n2 = bath.occupation(w2)
broken = gkls(H, [good, (g * u.dag(), gamma * (n2 + 1)), (u * g.dag(), r)])
residual = broken(gibbs_state(H, T))
weight = gibbs_state(H, T)[0, 0]
assert is_zero(residual[2, 2] - weight * (r - gamma * n2))
print("residual at u:", sp.factor(residual[2, 2]))
assert is_zero(residual[1, 1])

# %% [markdown]
# ## Kolmogorov's conditions from symbolic rates
#
# Two baths on the three transitions of an atom: the rates come from `pauli(L)`, the condition from a
# spanning tree. At equal temperatures it holds identically; at different ones the affinity is the
# entropy per turn.

# %%
Th, Tc, ga, gb, gc = parameters("T_h T_c gamma_a gamma_b gamma_c")
hot, cold = ThermalBath("h", Th), ThermalBath("c", Tc)
ring = gkls(
    H,
    [
        hot.jumps(g * u.dag(), frequency=w2, rate=ga),
        cold.jumps(g * l.dag(), frequency=w1, rate=gb),
        cold.jumps(l * u.dag(), frequency=w2 - w1, rate=gc),
    ],
    positive=[w2 - w1],
)
W = pauli(ring)
(cycle,) = cycle_affinities(W, 3)
print(
    "cycle",
    [atom.levels[k] for k in cycle.levels],
    "affinity",
    sp.expand_log(cycle.affinity, force=True),
)
entropy_per_turn = w2 / Tc - w2 / Th
assert is_zero(cycle.affinity - entropy_per_turn) or is_zero(cycle.affinity + entropy_per_turn)
assert detailed_balance(W, 3)
assert detailed_balance(pauli(ring.subs(Th, Tc)), 3) == ()

# %% [markdown]
# The steady-state entropy production is current times affinity; in detailed balance the populations
# follow from ratios along a tree, and agree with the null vector of $L$.

# %%
pi = steady_state(ring)
a, b = cycle.levels[0], cycle.levels[1]
current = W[b, a] * pi.rho[a, a] - W[a, b] * pi.rho[b, b]
assert is_zero(schnakenberg_rate(ring, pi.rho) - current * cycle.affinity)

balanced = ring.subs(Th, Tc)
tree = equilibrium_populations(pauli(balanced), 3)
assert all(is_zero(steady_state(balanced).rho[k, k] - p) for k, p in enumerate(tree))

# %% [markdown]
# Rates that are all free symbols: a complete network of four levels has three fundamental cycles, so
# three conditions on twelve rates.

# %%
free = {(m, n): sp.Symbol(f"W_{m}{n}", positive=True) for m in range(4) for n in range(4) if m != n}
for cycle in cycle_affinities(free, 4):
    print(cycle.levels, ":", cycle.condition, "= 0")
assert len(cycle_affinities(free, 4)) == 3

# %% [markdown]
# ## Where a hypothesis fails
#
# A transition without its reverse has an infinite affinity; it is refused by name. So are populations
# in detailed balance where a cycle does not close.

# %%
for wrong in (
    lambda: cycle_affinities({(1, 0): gamma, (2, 1): gamma, (1, 2): r, (0, 1): r, (0, 2): r}, 3),
    lambda: equilibrium_populations(W, 3),
):
    try:
        wrong()
    except NotThermal as error:
        print(error)
    else:
        raise AssertionError

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. A network without cycles, a chain, is always in detailed balance. In a chain of four levels,
#    what is $p_3/p_0$?
# 2. Two baths on one qubit couple the same pair of levels, and the sum of their rates is in detailed
#    balance. At which $T_h$ does each bath balance for itself, so that no entropy is produced?

# %% tags=["exercise"]
chain = {k: v for k, v in free.items() if abs(k[0] - k[1]) == 1}
assert detailed_balance(chain, 4) == ()
populations = equilibrium_populations(chain, 4)
both = gkls(
    w1 * l * l.dag(),
    [hot.jumps(g * l.dag(), frequency=w1, rate=ga), cold.jumps(g * l.dag(), frequency=w1, rate=gb)],
)
rates = pauli(both)
assert detailed_balance(rates, 2) == ()  # the sum of the rates hides that the baths do not balance
steady = equilibrium_populations(rates, 2)
production = schnakenberg_rate(both, Operator.of(atom, {(k, k): steady[k] for k in (0, 1)}))
assert not is_zero(production)


def exercise_1(answer):
    """p_3/p_0 == answer."""
    return Claim(populations[3] / populations[0], "==", answer)


def exercise_2(answer):
    """No entropy is produced at T_h = answer."""
    return Claim(production.subs(Th, answer), "==", sp.Integer(0))


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
W = free
there, back = W[1, 0] * W[2, 1] * W[3, 2], W[0, 1] * W[1, 2] * W[2, 3]
assert prove(exercise_1(there / back)).proved
assert prove(exercise_2(Tc)).proved
