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
# # The three-level maser is a heat engine
#
# Scovil and Schulz-DuBois (1959) read the maser as a heat engine: a hot bath pumps $g \to u$, a cold
# bath empties $l \to g$, and a coherent field takes the difference out on $u \to l$. We derive the
# currents, both laws, and Carnot's bound.

# %%
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    ThermalBath,
    bose,
    certify,
    gkls,
    is_zero,
    ledger,
    parameters,
    prove,
    replay,
    steady_state,
)

omega_c, omega_h, gamma_c, gamma_h = parameters("omega_c omega_h gamma_c gamma_h")
T_c, T_h, epsilon = parameters("T_c T_h epsilon")
Delta = parameters("Delta", real=True)

atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
H_0 = omega_c * l * l.dag() + omega_h * u * u.dag()

# %% [markdown]
# In the frame that rotates at the drive frequency $\omega_d$, with
# $\Delta = \omega_d - (\omega_h - \omega_c)$, the Hamiltonian is
# $H = -\Delta|u\rangle\langle u| + \epsilon(|u\rangle\langle l| + |l\rangle\langle u|)$.
# Heat and power are those of the bare $H_0$: that is the energy which the jumps move by
# $\omega_h$ and $\omega_c$, and the ledger checks $[H_0, L_k] = -\omega_k L_k$ before it claims a
# second law.

# %%
H = -Delta * u * u.dag() + epsilon * (u * l.dag() + l * u.dag())
hot, cold = ThermalBath("h", T_h), ThermalBath("c", T_c)
L = gkls(
    H,
    [
        hot.jumps(g * u.dag(), frequency=omega_h, rate=gamma_h),
        cold.jumps(g * l.dag(), frequency=omega_c, rate=gamma_c),
    ],
    positive=[omega_h - omega_c],
)
pi = steady_state(L)
for definition in pi.structure:
    print(definition.symbol, "=", definition.expr)

# %% [markdown]
# Eliminating the coherence between $l$ and $u$ leaves an effective rate
# $W = 2\epsilon^2\Gamma/(\Gamma^2 + \Delta^2)$ between them: the drive acts on the populations like a
# bath of infinite temperature.
#
# ## Currents
#
# One quantum of each frequency goes through together (tight coupling): with a single flux $J$,
# $\dot Q_h = \omega_h J$, $\dot Q_c = -\omega_c J$, $P = -(\omega_h - \omega_c) J$.

# %%
book = ledger(pi, energy=H_0)
print("heat[h] =", book.readable("heat[h]"))
print("power   =", book.readable("power"))

n_h, n_c = bose(omega_h / T_h), bose(omega_c / T_c)
b_u, a_u = gamma_h * (n_h + 1), gamma_h * n_h
b_l, a_l = gamma_c * (n_c + 1), gamma_c * n_c
Gamma = (b_u + b_l) / 2
W = 2 * epsilon**2 * Gamma / (Gamma**2 + Delta**2)
J = (
    W
    * gamma_h
    * gamma_c
    * (n_h - n_c)
    / (W * (b_u + b_l + 2 * a_u + 2 * a_l) + b_u * b_l + a_u * b_l + a_l * b_u)
)
assert is_zero(book.heat["h"] - omega_h * J)
assert is_zero(book.heat["c"] + omega_c * J)
assert is_zero(book.power + (omega_h - omega_c) * J)

# %% [markdown]
# ## First law
#
# Heats are traces with the dissipators, power is $-i\,\mathrm{Tr}(H_0[H, \pi])$: nothing forces their
# sum to vanish except the first law. It is the exact zero.

# %%
assert prove(book.first_law).proved

# %% [markdown]
# ## Second law
#
# $\dot\Sigma = -\dot Q_h/T_h - \dot Q_c/T_c = (\omega_c/T_c - \omega_h/T_h)\,J$, and $J$ has the sign of
# $n_h - n_c$, which is that of $\omega_c/T_c - \omega_h/T_h$. So the product is never negative. The proof
# carries a certificate that a small independent checker replays.

# %%
proof = prove(book.second_law)
print(proof.verdict.name, "- equality iff", proof.condition.text)
checked = replay(proof)
print(
    "replayed:",
    checked.valid,
    " false identity passes with probability below 2^%.0f" % checked.log2_error,
)
assert proof.proved and checked.valid

# %% [markdown]
# ## Efficiency
#
# $\eta = -P/\dot Q_h = 1 - \omega_c/\omega_h$ in every operating mode. An engine needs $n_h > n_c$, that is
# $\omega_c/\omega_h > T_c/T_h$, hence $\eta < 1 - T_c/T_h$, reached only at the reversible point. The
# regime is an assumption of the claims below, and without it they are refuted by a point.

# %%

eta = book.efficiency("h")
assert is_zero(eta - (1 - omega_c / omega_h))
at_reversible = eta.xreplace({omega_c: omega_h * T_c / T_h})
assert is_zero(at_reversible - (1 - T_c / T_h))

engine = (omega_c / T_c - omega_h / T_h, omega_h - omega_c)
for larger, smaller in ((1 - T_c / T_h, eta), (-book.power, 0), (book.heat["h"], 0)):
    bound = prove(Claim(larger, ">=", sp.Integer(0) + smaller, positive=engine))
    assert bound.proved and replay(bound).valid
print("if", ", ".join(f"{e} > 0" for e in engine) + ":", "eta <= 1 - T_c/T_h")
assert prove(Claim(1 - T_c / T_h, ">=", eta)).verdict.name == "REFUTED"

# %% [markdown]
# ## Where a hypothesis fails
#
# The jumps move the bare $H_0$, not the full $H_0 + H_{drive}$. Kept with another energy operator, the
# same Clausius expression is no second law, and the ledger says why.

# %%
from symtherm.errors import MissingTrait

other = ledger(pi, energy=H_0 + epsilon * (u * l.dag() + l * u.dag()))
try:
    print(other.second_law)
except MissingTrait as error:
    print(error)
else:
    raise AssertionError("a second law was claimed without its hypothesis")

# %% [markdown]
# ## Numbers

# %%
at = {
    omega_h: 3,
    omega_c: 1,
    T_h: 10,
    T_c: 1,
    gamma_h: "1/50",
    gamma_c: "1/40",
    epsilon: "1/20",
    Delta: 0,
}
print("power =", certify(book, at, digits=50, quantities=["power"])["power"])

# %% [markdown]
# The same from the operators alone: $e^{tL}$ squared until it has forgotten its initial state, and
# $\mathrm{Tr}[H_0D_a(\pi)]$ with the dissipators as matrices.

# %%
import mpmath as mp

from symtherm.numeric.integrate import energy_current
from symtherm.numeric.integrate import steady_state as numeric_steady_state
from symtherm.numeric.operators import numeric_entries, numeric_generator

point = {symbol: sp.Rational(value) for symbol, value in at.items()}
with mp.workdps(60):
    matrices = numeric_generator(L, point, 50)
    state = numeric_steady_state(matrices, 50)
    for label in ("h", "c"):
        heat = energy_current(matrices, state, label, numeric_entries(H_0, point, 60))
        closed = certify(book.heat[label], point, 45)
        assert abs(heat - mp.mpf(closed.value)) < mp.mpf(10) ** -40
        print(f"heat[{label}] =", mp.nstr(heat, 40))

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. At which $T_c$, the rest given, does the maser stop producing entropy?
# 2. What is the efficiency, with any detuning?
# 3. At equal temperatures the drive does work on the maser. Which is the largest bound of its power
#    from below that holds for all rates?

# %% tags=["exercise"]
T = parameters("T")
equal = ledger(steady_state(L.transform(lambda e: e.xreplace({T_h: T, T_c: T}))), energy=H_0)


def exercise_1(answer):
    """The entropy production vanishes at T_c = answer."""
    return Claim(book.entropy_production.xreplace({T_c: answer}), "==", sp.Integer(0))


def exercise_2(answer):
    """-power/heat[h] == answer."""
    return Claim(eta, "==", answer)


def exercise_3(answer):
    """power >= answer at equal temperatures."""
    return Claim(equal.power, ">=", answer, positive=(omega_h - omega_c,))


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(T_h * omega_c / omega_h)).proved
assert prove(exercise_2(1 - omega_c / omega_h)).proved and book.heat["h"].has(Delta)
assert prove(exercise_3(sp.Integer(0))).proved
