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
# # Landauer's principle
#
# Erasing a bit lowers its entropy by $\ln2$; the bath at temperature $T$ must take up at least
# $T\ln2$ of heat (Landauer, IBM J. Res. Dev. 5, 183 (1961)):
# $\beta Q_{out} = -\Delta S + \Sigma \ge -\Delta S$.
#
# We erase a qubit with energy levels $0$ and $\omega$ by raising $\omega$ in contact with the bath:
# quasi-statically, in a finite number of steps, and in a finite time, each in closed form.
# (For a finite bath the bound is an equality with two named terms: page 4.)

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    certify,
    free_energy,
    gibbs_state,
    is_zero,
    isothermal_steps,
    parameters,
    prove,
    qeye,
    relative_entropy,
    sigmam,
    sigmap,
    von_neumann_entropy,
)

omega, T = parameters("omega T")
n = sigmap() * sigmam()
start = qeye(n.space) / 2

# %% [markdown]
# ## Quasi-static
#
# The state is Gibbs at every gap, so $dW = p(\omega)\,d\omega$ and the work is the change of free
# energy. Derived, not assumed: $dF/d\omega = p(\omega)$ identically. Then
# $Q_{out} = T[\ln2 - h(p)]$ with the binary entropy $h$.

# %%
gibbs = gibbs_state(omega * n, T)
F = free_energy(gibbs, omega * n, T)
p = gibbs[0, 0]
assert is_zero(sp.diff(F, omega) - p)
work = F - free_energy(start, 0 * n, T)
assert is_zero(work - T * sp.log(2 / (1 + sp.exp(-omega / T))))
released = work - omega * p
entropy = -p * sp.log(p) - (1 - p) * sp.log(1 - p)
assert is_zero(released - T * (sp.log(2) - entropy))
assert is_zero(released / T + von_neumann_entropy(gibbs) - von_neumann_entropy(start))
assert sp.limit(p.xreplace({T: 1}), omega, sp.oo) == 0

# %% [markdown]
# Against a quadrature of $p\,d\omega$ from the Boltzmann factors, to 40 digits:

# %%
at = {omega: sp.Integer(3), T: sp.Rational(4, 5)}
closed = certify(released, at, 45)
with mp.workdps(50):
    beta = mp.mpf(5) / 4
    area = mp.quad(lambda w: 1 / (mp.exp(beta * w) + 1), [0, 1, 2, 3])
    numeric = area - 3 / (mp.exp(3 * beta) + 1)
    assert abs(numeric - mp.mpf(closed.value)) < mp.mpf(10) ** -40
print("golden 19:", closed)
assert closed.value.startswith("0.466989263219939380115377595276159526166")

# %% [markdown]
# ## A finite number of steps
#
# Raise the gap to $\omega k/N$ at once, let the qubit thermalise, repeat. Each step produces
# $S(\pi_{k-1}\|\pi_k)$, so $\beta Q_{out} = -\Delta S + \sum_kS(\pi_{k-1}\|\pi_k)$, identically in
# $\omega$ and $T$.

# %%
for steps in (1, 2, 4):
    gaps = [omega * sp.Rational(k, steps) * n for k in range(steps + 1)]
    process = isothermal_steps(start, gaps, T)
    assert is_zero(process.released / T + process.entropy_change - process.production)
    excess = certify(process.production, at, 20)
    print(f"N = {steps}: Sigma = {excess}")

# %% [markdown]
# Every step's production is a relative entropy of populations, a sum of terms
# $a\ln\frac ab - a + b$, each proved nonnegative by Klein's inequality:

# %%
two = isothermal_steps(start, [0 * n, omega / 2 * n, omega * n], T)
for before, after in zip(two.states, two.states[1:], strict=False):
    terms = [
        before[i, i] * sp.log(before[i, i] / after[i, i]) - before[i, i] + after[i, i]
        for i in (0, 1)
    ]
    assert is_zero(relative_entropy(before, after) - sum(terms))

a, b = parameters("a b")
assert prove(Claim(a * sp.log(a / b) - a + b, ">=", 0)).verdict.name == "PROVED"

# %% [markdown]
# ## Finite time
#
# Each relaxation now lasts a time $\tau$ and leaves the fraction $x = e^{-\Gamma\tau}$ of the
# deviation. The excess over Landauer is a sum of $S(\rho\|\pi_k) - S(\rho'\|\pi_k)$; the heat
# released per step is smaller, but so is the entropy removed. At fixed final gap, the excess per
# removed entropy grows with $x$.

# %%
x = parameters("x")
slow = isothermal_steps(start, [0 * n, omega / 2 * n, omega * n], T, memory=x)
assert is_zero(slow.released / T + slow.entropy_change - slow.production)
cost = slow.released / (-T * slow.entropy_change)
costs = [
    certify(cost, {**at, x: v}, 12)
    for v in (sp.Rational(1, 10), sp.Rational(1, 2), sp.Rational(9, 10))
]
print("Q_out per T |Delta S|:", ", ".join(str(v) for v in costs))
assert 1 < float(costs[0].value) < float(costs[1].value) < float(costs[2].value)

# %% [markdown]
# For many slow steps the excess falls as $1/N$. To second order in the step
# $S(\pi_\omega\|\pi_{\omega + \delta}) = \frac{\delta^2}{2}\beta^2p(1 - p)$: the series is derived
# from the closed form.

# %%
delta = parameters("delta")
step = relative_entropy(gibbs, gibbs_state((omega + delta) * n, T))
second = sp.diff(step, delta, 2).subs(delta, 0)
assert is_zero(step.subs(delta, 0)) and is_zero(sp.diff(step, delta).subs(delta, 0))
assert is_zero(second - p * (1 - p) / T**2)

# %% [markdown]
# ## Where a hypothesis fails
#
# The bound is on a state that forgets: a bit that is known (pure) is "erased" by a unitary, with no
# heat. Formally $\Delta S = 0$. And a reservoir that is not thermal at the start can absorb entropy
# at less than $T$ per nat: Landauer's $T$ is that of the Gibbs state $\rho_B$.

# %%
known = Operator.of(n.space, {(0, 0): sp.Integer(1)})
assert von_neumann_entropy(known) == 0

# %% [markdown]
# ## Exercises
#
# 1. Erase a trit: raise two degenerate levels above the third. What is $Q_{out}$ as $\omega\to\infty$?
# 2. Show that resetting in one step to $\omega$ costs $\Sigma = S(1/2\|\pi)$.

# %% tags=["solution"]
trit = HilbertSpace("trit", 3)
up = Operator.of(trit, {(1, 1): sp.Integer(1), (2, 2): sp.Integer(1)})
ready = gibbs_state(omega * up, T)
out = free_energy(ready, omega * up, T) + T * sp.log(3) - omega * (up * ready).tr()
assert is_zero(out - T * (sp.log(3) - von_neumann_entropy(ready)))
assert abs(float(certify(out, {omega: 40, T: 1}, 12).value) - float(sp.log(3))) < 1e-9

once = isothermal_steps(start, [0 * n, omega * n], T)
assert is_zero(once.production - relative_entropy(start, gibbs))
