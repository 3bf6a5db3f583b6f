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
# # From collisions to a GKLS equation
#
# A system meets fresh ancillas, each in $e^{-H_A/T}/Z$, for a time $\tau$ with a coupling $V$.
#
# **Hypotheses.** $\mathrm{Tr}_A[V\rho_A] = 0$; an $E$ with $[V, E + H_A] = 0$ and $[E, H_S] = 0$;
# $V^2\tau$ fixed as $\tau\to0$.
#
# **Statement.** The limit is the GKLS equation whose thermal pairs are the ancilla's matrix elements
# of $V$; the heat, energy that the ancillas lost, is $\mathrm{Tr}[E\,D(\rho)]$; and the entropy
# production per collision, an exact identity at every $\tau$ (page 4), becomes Spohn's rate.

# %%
from itertools import pairwise

import sympy as sp

from symtherm import (
    HilbertSpace,
    Operator,
    ThermalBath,
    certify,
    collision,
    entropy_production,
    gibbs_state,
    gkls,
    heat_current,
    is_zero,
    parameters,
    qeye,
    reservoir_balance,
    sigmam,
    sigmap,
    sigmax,
    sigmaz,
    steady_state,
    swap,
    tensor,
)
from symtherm.errors import MissingTrait

omega, gamma, tau, T = parameters("omega gamma tau T")
H = omega / 2 * sigmaz()
exchange = tensor(sigmap(), sigmam()) + tensor(sigmam(), sigmap())
model = collision(H, H, sp.sqrt(gamma / tau) * exchange, tau, T=T)
assert model.failures == ()

# %% [markdown]
# ## The limit is exactly a thermal qubit
#
# The ancilla in $|g\rangle$ takes a quantum with probability $p_g$: the pair has the rate
# $\gamma p_g(1 - e^{-\omega/T}) = \gamma\tanh(\omega/2T)$ times $n + 1$ and $n$. The superoperators
# agree entry by entry.

# %%
L = model.generator()
own = gkls(
    H,
    [ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma * sp.tanh(omega / (2 * T)))],
)
left, right = L.superoperator(), own.superoperator()
assert all(is_zero(left[k] - right[k]) for k in {*left.entries, *right.entries})
assert {t.name for t in L.traits} == {"TRACE_PRESERVING", "GKLS", "KMS"}
plain = model.limit().superoperator()
assert all(is_zero(left[k] - plain[k]) for k in {*left.entries, *plain.entries})

# %% [markdown]
# ## The heat is what the ancillas lost
#
# $-\frac{d}{dt}\langle H_A\rangle$, from the second order of the unitary, is the heat current of the
# generator for every state, coherence included.

# %%
z, c = sp.symbols("z c", real=True)
half = sp.Rational(1, 2)
rho = Operator.of(H.space, {(0, 0): half * (1 + z), (1, 1): half * (1 - z), (0, 1): c, (1, 0): c})
assert is_zero(model.heat(rho) - heat_current(L, rho, "b", H))

# %% [markdown]
# ## Every collision, and its limit
#
# In the interaction picture ($[V, H_S + H_A] = 0$) one collision is a partial exchange of angle
# $\theta = \sqrt{\gamma\tau}$: $U = e^{-i\theta\,(\sigma_+\sigma_- + h.c.)}$. The entropy production of
# one collision divided by $\tau$ tends to Spohn's rate; the error falls linearly in $\tau$. Exact
# identities at each $\tau$, numbers with proved digits.

# %%
theta = parameters("theta")
inside = exchange * exchange
U = qeye(H.space * H.space) + (sp.cos(theta) - 1) * inside - sp.I * sp.sin(theta) * exchange
one = reservoir_balance(U, rho, H, T)
assert is_zero(one.identity.difference)
spohn = entropy_production(L, rho)
at = {omega: sp.Rational(3, 2), T: sp.Rational(4, 5), z: sp.Rational(3, 10), c: sp.Rational(1, 4)}
limit = certify(spohn, {**at, gamma: 1}, 20)
errors = []
for k in (3, 4, 5):
    angle = sp.Rational(1, 10**k)  # gamma tau = angle^2, with gamma = 1
    value = certify(one.production / theta**2, {**at, theta: angle}, 20)
    errors.append(float(sp.Rational(value.value) - sp.Rational(limit.value)))
    print(f"tau = 1e-{2 * k}: Sigma/tau = {value}")
print("Spohn's rate:", limit)
assert all(abs(b / a - 0.01) < 1e-3 for a, b in pairwise(errors))

# %% [markdown]
# The limit exactly, for every state with coherence and all parameters: $\Sigma$ starts at second order in
# $\theta$, and $\gamma$ times its coefficient is Spohn's rate, identically.

# %%
assert is_zero(one.production.subs(theta, 0))
assert is_zero(sp.diff(one.production, theta).subs(theta, 0))
order = sp.diff(one.production, theta, 2).subs(theta, 0) / 2
assert is_zero(gamma * order - spohn)

# %% [markdown]
# The first order of the map itself, by its derivative in $\theta^2$ at zero, is the dissipator:

# %%
after = one.system[1]
second = after.apply(lambda e: sp.diff(e, theta, 2).subs(theta, 0) / 2)
dissipator = L.dissipator("b")(rho)
assert all(is_zero(v) for _, _, v in (gamma * second - dissipator).data)

# %% [markdown]
# ## The counterexample: $\sigma_x\sigma_x$
#
# No $E$ satisfies $[V, E + H_A] = 0$. The limit is still GKLS, but without detailed balance: it heats
# the system to infinite temperature. The energy that the ancillas lose is not what the system gains;
# the difference is work done by switching $V$ on and off, and it does not stop in the steady state.

# %%
cross = collision(H, H, sp.sqrt(gamma / tau) * tensor(sigmax(), sigmax()), tau, T=T)
print("fails:", cross.failures)
try:
    cross.generator()
except MissingTrait as error:
    print(error)
hot = cross.limit()
gain = (H * hot(rho)).tr()
work = gain - cross.heat(rho)
assert is_zero(gain + gamma * omega * z)
assert is_zero(work - gamma * omega * (sp.tanh(omega / (2 * T)) - z))
at_rest = Operator.of(H.space, {(0, 0): half, (1, 1): half})
assert not is_zero(hot(gibbs_state(H, T))[0, 0])
assert all(is_zero(v) for _, _, v in hot(at_rest).data)
print("work in its steady state:", work.subs(z, 0))

# %% [markdown]
# ## A mean force
#
# $\mathrm{Tr}_A[V\rho_A] \ne 0$ gives a force that grows as $1/\sqrt\tau$; there is no limit.

# %%
pushing = collision(H, H, sp.sqrt(gamma / tau) * tensor(sigmax(), sigmaz()), tau, T=T)
assert "Tr_A[V rho_A] = 0" in pushing.failures
try:
    pushing.limit()
except MissingTrait as error:
    print(error)

# %% [markdown]
# ## Exercises
#
# 1. A three-level ancilla: which jumps does it cause?
# 2. Two coupled qubits, of which the first meets the ancillas: which $E$ is conserved, and is it $H_S$?
# 3. The full swap, $\theta = \pi/2$: what is $\Sigma$?

# %% tags=["solution"]
w2 = parameters("omega_2")
space = HilbertSpace("r", levels="abc")
low, middle, high = space.kets
ancilla = omega * middle * middle.dag() + (omega + w2) * high * high.dag()
hop = tensor(sigmap(), low * middle.dag())
three = collision(H, ancilla, sp.sqrt(gamma / tau) * (hop + hop.dag()), tau, T=T)
assert three.failures == () and len(three.generator().pairs) == 1
assert is_zero(three.heat(rho) - heat_current(three.generator(), rho, "b", H))

g12 = parameters("g")
eye = qeye(H.space)
bare = tensor(H, eye) + tensor(eye, H)
coupled = bare + g12 * exchange
V = sp.sqrt(gamma / tau) * (tensor(sigmap(), eye, sigmam()) + tensor(sigmam(), eye, sigmap()))
wrong = collision(coupled, H, V, tau, T=T)
right = collision(coupled, H, V, tau, T=T, energy=bare)
assert wrong.failures == ("[V, E + H_A] = 0",) and right.failures == ()
assert steady_state(right.generator()).rho.space.dim == 4

full = reservoir_balance(-sp.I * swap(H.space), rho, H, T)
assert is_zero(full.mutual_information)
