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
# # A quantum dot between two leads
#
# A single level $\epsilon$ exchanges electrons with two leads at temperatures $T_l, T_r$ and chemical
# potentials $\mu_l, \mu_r$. It is the smallest thermoelectric engine, and reversible although the
# temperatures differ (Esposito, Lindenberg and Van den Broeck, EPL 85, 60010 (2009)).

# %%
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Lead,
    certify,
    fermi,
    gkls,
    is_zero,
    ledger,
    parameters,
    pauli,
    prove,
    replay,
    schnakenberg_rate,
    steady_state,
)

epsilon, mu_l, mu_r = parameters("epsilon mu_l mu_r", real=True)
T_l, T_r, Gamma_l, Gamma_r = parameters("T_l T_r Gamma_l Gamma_r")

dot = HilbertSpace("dot", levels="01")
empty, full = dot.kets
N = full * full.dag()
H = epsilon * N
left, right = Lead("l", T_l, mu_l), Lead("r", T_r, mu_r)
L = gkls(
    H,
    [
        left.jumps(empty * full.dag(), energy=epsilon, rate=Gamma_l),
        right.jumps(empty * full.dag(), energy=epsilon, rate=Gamma_r),
    ],
)

# %% [markdown]
# ## Rates
#
# Populations decouple from coherences, so there is a Pauli equation. The dot is filled at
# $\Gamma_l f_l + \Gamma_r f_r$ and emptied at $\Gamma_l(1 - f_l) + \Gamma_r(1 - f_r)$, with
# $f = 1/(e^{(\epsilon - \mu)/T} + 1)$.

# %%
for (to, start), rate in pauli(L).items():
    print(f"W[{to} <- {start}] =", rate)

# %% [markdown]
# ## Currents
#
# `current[l]` counts electrons that enter from the left lead; the heat it brings is
# $(\epsilon - \mu_l)$ per electron, and the chemical work is $\sum_a \mu_a I_a$.

# %%
book = ledger(steady_state(L), energy=H, number=N)
for name in ("current[l]", "heat[l]", "power", "entropy_production"):
    print(name, "=", book.readable(name))

x_l, x_r = (epsilon - mu_l) / T_l, (epsilon - mu_r) / T_r
current = Gamma_l * Gamma_r / (Gamma_l + Gamma_r) * (fermi(x_l) - fermi(x_r))
assert is_zero(book.current["l"] - current)
assert is_zero(book.current["l"] + book.current["r"])
assert is_zero(book.heat["l"] - (epsilon - mu_l) * current)
assert is_zero(book.power - (mu_l - mu_r) * current)
assert prove(book.first_law).proved

# %% [markdown]
# ## Entropy production
#
# $\dot\Sigma = (f_l - f_r)(x_r - x_l)\,\Gamma_l\Gamma_r/(\Gamma_l + \Gamma_r)$, a flux times its force. The same
# number is Schnakenberg's sum over the two transitions of the network, lead by lead.

# %%
assert is_zero(book.entropy_production - current * (x_r - x_l))
assert is_zero(book.entropy_production - schnakenberg_rate(L, book.state.rho))

proof = prove(book.second_law)
print(proof.verdict.name, "- equality iff", proof.condition.text)
assert proof.proved and replay(proof).valid

# %% [markdown]
# Equality needs $x_l = x_r$, not equal temperatures: the dot is an energy filter, and every electron
# carries the same heat. There the efficiency is Carnot's. An engine takes heat from the right lead
# ($\epsilon > \mu_r$) with a current to the left ($x_l > x_r$): then it is at most that.

# %%
eta = book.efficiency("r")
mu_reversible = epsilon - x_r * T_l
assert is_zero(book.entropy_production.xreplace({mu_l: mu_reversible}))
assert is_zero(eta.xreplace({mu_l: mu_reversible}) - (1 - T_l / T_r))

engine = (x_l - x_r, epsilon - mu_r)
for larger, smaller in ((1 - T_l / T_r, eta), (book.current["r"], 0), (book.heat["r"], 0)):
    bound = prove(Claim(larger, ">=", sp.Integer(0) + smaller, positive=engine))
    assert bound.proved and replay(bound).valid
print("if", ", ".join(f"{e} > 0" for e in engine) + ":", "eta <= 1 - T_l/T_r")

# %% [markdown]
# ## Numbers

# %%
at = {epsilon: 1, mu_l: "1/5", mu_r: 0, T_l: "1/2", T_r: 1, Gamma_l: "3/10", Gamma_r: "7/10"}
print(
    "sigma =", certify(book, at, digits=50, quantities=["entropy_production"])["entropy_production"]
)

# %% [markdown]
# The same from the operators alone: $e^{tL}$ squared until it has forgotten its initial state, and
# $\mathrm{Tr}[ND_a(\pi)]$, $\mathrm{Tr}[HD_a(\pi)]$ with the dissipators as matrices.

# %%
import mpmath as mp

from symtherm.numeric.integrate import energy_current
from symtherm.numeric.integrate import steady_state as numeric_steady_state
from symtherm.numeric.operators import numeric_entries, numeric_generator

point = {symbol: sp.Rational(value) for symbol, value in at.items()}
with mp.workdps(60):
    matrices = numeric_generator(L, point, 50)
    state = numeric_steady_state(matrices, 50)
    production = mp.mpf(0)
    for label, mu, temperature in (("l", mu_l, T_l), ("r", mu_r, T_r)):
        entered = energy_current(matrices, state, label, numeric_entries(N, point, 60))
        energy = energy_current(matrices, state, label, numeric_entries(H, point, 60))
        heat = energy - mp.mpf(point[mu].p) / point[mu].q * entered
        production -= heat * point[temperature].q / point[temperature].p
        closed = certify(book.current[label], point, 45)
        assert abs(entered - mp.mpf(closed.value)) < mp.mpf(10) ** -40
    closed = certify(book.entropy_production, point, 45)
    assert abs(production - mp.mpf(closed.value)) < mp.mpf(10) ** -40
print("sigma =", mp.nstr(production, 40))

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. At equal temperatures the dissipated power is all of the entropy production, up to which factor?
# 2. Let the right lead be at infinite bias ($\mu_r \to -\infty$, so $f_r = 0$). What is the current?

# %% tags=["exercise"]
T = parameters("T")
same = ledger(steady_state(L.transform(lambda e: e.xreplace({T_l: T, T_r: T}))), energy=H, number=N)


def exercise_1(answer):
    """power == answer * entropy production at equal temperatures."""
    return Claim(same.power, "==", answer * same.entropy_production)


def exercise_2(answer):
    """current[l] == answer where f_r = 0."""
    return Claim(current.xreplace({fermi(x_r): sp.Integer(0)}), "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(T)).proved
assert prove(exercise_2(Gamma_l * Gamma_r * fermi(x_l) / (Gamma_l + Gamma_r))).proved
