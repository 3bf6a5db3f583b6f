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
#
# **Derivation.** With $v = \sqrt\tau\,V$ one collision, $U = e^{-i\tau(H_S + H_A + V)}$, changes the
# state per time by
#
# $$\frac{\rho' - \rho}\tau \to -i[H_S, \rho] - \frac{i}{\sqrt\tau}\mathrm{Tr}_A[v, \rho\otimes\rho_A]
#   - \frac12\mathrm{Tr}_A[v, [v, \rho\otimes\rho_A]] .$$
#
# The first hypothesis removes the term that diverges. The last one is
# $\sum_{jk}p_k(v_{jk}\rho v_{jk}^\dagger - \frac12\{v_{jk}^\dagger v_{jk}, \rho\})$ with
# $v_{jk} = \langle j|v|k\rangle$ and $H_A|k\rangle = e_k|k\rangle$, $p_k = e^{-e_k/T}/Z$. The second
# says $[E, v_{jk}] = -(e_j - e_k)v_{jk}$: the jumps $jk$ and $kj$ are a thermal pair of the frequency
# $e_j - e_k$.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    ThermalBath,
    certify,
    collision,
    entropy_production,
    expect,
    gibbs_state,
    gkls,
    heat_current,
    is_zero,
    parameters,
    prove,
    ptrace,
    qeye,
    relative_entropy,
    replay,
    reservoir_balance,
    sigmam,
    sigmap,
    sigmax,
    sigmay,
    sigmaz,
    spohn_inequality,
    steady_state,
    tensor,
)
from symtherm.errors import MissingTrait
from symtherm.quantum.operator import commutator

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
# And it is the double commutator above, on system and ancilla, for every state (with the Bloch
# vector $(x, y, z)$): a route that knows neither jumps nor rates.

# %%
x, y, z = parameters("x y z", real=True)
half = sp.Rational(1, 2)
rho = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2


def second_order(model, rho):
    """-i[H_S, rho] - (1/2) Tr_A[v, [v, rho x rho_A]]."""
    v = model.coupling.apply(lambda e: sp.sqrt(tau) * e)
    twice = commutator(v, commutator(v, tensor(rho, model.ancilla_state)))
    kept = list(range(len(rho.space.dims)))
    return -sp.I * commutator(model.hamiltonian, rho) - ptrace(twice, kept) / 2


assert all(is_zero(value) for _, _, value in (second_order(model, rho) - L(rho)).data)

# %% [markdown]
# ## The heat is what the ancillas lost
#
# $-\frac{d}{dt}\langle H_A\rangle$, from the second order of the unitary, is the heat current of the
# generator for every state, coherence included.

# %%
heat = Claim(model.heat(rho), "==", heat_current(L, rho, "b", H))
assert prove(heat).proved and replay(prove(heat)).valid

# %% [markdown]
# ## Every collision, and its limit
#
# In the interaction picture ($[V, H_S + H_A] = 0$) one collision is a partial exchange of angle
# $\theta = \sqrt{\gamma\tau}$: $U = e^{-i\theta\,(\sigma_+\otimes\sigma_- + h.c.)}$. Identity and second
# law hold at every $\theta$, by the claims of page 4.

# %%
theta = parameters("theta")
inside = exchange * exchange
U = qeye(H.space * H.space) + (sp.cos(theta) - 1) * inside - sp.I * sp.sin(theta) * exchange
one = reservoir_balance(U, rho, H, T)
for claim in one.claims:
    proof = prove(claim)
    print(claim.name, proof.verdict.name)
    assert proof.proved and replay(proof).valid
spohn = entropy_production(L, rho)

# %% [markdown]
# The limit exactly, for every state with coherence and all parameters: $\Sigma$ starts at second order in
# $\theta$, and $\gamma$ times its coefficient is Spohn's rate, identically.

# %%
assert is_zero(one.production.subs(theta, 0))
assert is_zero(sp.diff(one.production, theta).subs(theta, 0))
order = sp.diff(one.production, theta, 2).subs(theta, 0) / 2
assert is_zero(gamma * order - spohn)
proof = prove(spohn_inequality(L.dissipator("b"), rho, gibbs_state(H, T)))
assert proof.proved and replay(proof).valid

# %% [markdown]
# The first order of the map itself, by its derivative in $\theta^2$ at zero, is the dissipator:

# %%
after = one.system[1]
second = after.apply(lambda e: sp.diff(e, theta, 2).subs(theta, 0) / 2)
dissipator = L.dissipator("b")(rho)
assert all(is_zero(v) for _, _, v in (gamma * second - dissipator).data)

# %% [markdown]
# ## Numbers from the operators
#
# Nothing of the above is used here: $U = e^{-i\tau(H_S + H_A + V)}$ as a matrix exponential, partial
# traces and entropies from eigenvalues. State, heat and entropy production per time are analytic in
# $\tau$, so that their values at $\tau = 2^{-3}, \dots, 2^{-14}$ extrapolate to $\tau = 0$.


# %%
def collide(V, state, step):
    """Per time: change of the state, energy that the ancilla lost, entropy production."""
    H1, one = mp.diag([w / 2, -w / 2]), mp.eye(2)
    kron = [[i // 2, j // 2, i % 2, j % 2] for i in range(4) for j in range(4)]
    sums = [H1[a, b] * one[c, d] + one[a, b] * H1[c, d] for a, b, c, d in kron]
    whole = mp.matrix(4, 4)
    for k, value in enumerate(sums):
        whole[k // 4, k % 4] = value + mp.sqrt(1 / step) * V[k // 4, k % 4]
    U = mp.expm(-1j * step * whole)
    weights = [mp.exp(-w / 2 / t), mp.exp(w / 2 / t)]
    thermal = mp.diag([weight / sum(weights) for weight in weights])
    joint = mp.matrix(4, 4)
    for k, (a, b, c, d) in enumerate(kron):
        joint[k // 4, k % 4] = state[a, b] * thermal[c, d]
    joint = U * joint * U.transpose_conj()
    after, ancilla = mp.matrix(2, 2), mp.matrix(2, 2)
    for a in range(2):
        for b in range(2):
            after[a, b] = sum(joint[2 * a + k, 2 * b + k] for k in range(2))
            ancilla[a, b] = sum(joint[2 * k + a, 2 * k + b] for k in range(2))
    lost = mp.re(sum(H1[k, k] * (thermal[k, k] - ancilla[k, k]) for k in range(2)))

    def entropy(matrix):
        return -sum(v * mp.log(v) for v in mp.eighe(matrix)[0])

    production = entropy(after) - entropy(state) - lost / t
    change = (after - state) / step
    return [change[0, 0], change[0, 1], lost / step, production / step]


def extrapolated(V, state):
    """The limit of ``collide``, by Neville's polynomial through twelve steps."""
    steps = [mp.mpf(2) ** -k for k in range(3, 15)]
    table = [collide(V, state, step) for step in steps]
    for level in range(1, len(steps)):
        for k in range(len(steps) - level):
            far, near = steps[k], steps[k + level]
            table[k] = [
                (far * b - near * a) / (far - near)
                for a, b in zip(table[k], table[k + 1], strict=True)
            ]
    return table[0]


at = {omega: sp.Rational(3, 2), T: sp.Rational(4, 5), gamma: 1}
at |= {x: sp.Rational(1, 2), y: sp.Rational(-1, 5), z: sp.Rational(3, 10)}
with mp.workdps(50):
    w, t = mp.mpf(3) / 2, mp.mpf(4) / 5
    state = mp.matrix([[13, 5 + 2j], [5 - 2j, 7]]) / 20
    V = mp.matrix(4, 4)
    V[1, 2] = V[2, 1] = 1
    found = extrapolated(V, state)
    closed = [L(rho)[0, 0], sp.re(L(rho)[0, 1].subs(at)), model.heat(rho), spohn]
    for name, number, value in zip(
        ("p_e'", "Re rho_eg'", "heat", "Sigma'"), found, closed, strict=True
    ):
        exact = mp.mpf(certify(value, at, 30).value)
        print(f"{name:11} {mp.nstr(mp.re(number), 20)}   closed form {mp.nstr(exact, 20)}")
        assert abs(mp.re(number) - exact) < mp.mpf(10) ** -20

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
with mp.workdps(50):
    V = mp.matrix(4, 4)
    for k in range(4):
        V[k, 3 - k] = 1
    change, _, lost, _ = extrapolated(V, state)
    by_hand = w * mp.re(change) - lost  # Tr[H drho/dt] = w dp_e/dt
    assert abs(by_hand - mp.mpf(certify(work, at, 30).value)) < mp.mpf(10) ** -20
print("work in its steady state: gamma omega tanh(omega/2T), from the operators too")

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
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. An ancilla of three levels $a, b, c$ with the gaps $\omega$ and $\omega_2$, of which the lower
#    transition is resonant with the qubit. What is the relaxation rate $\gamma(2n + 1)$ of the qubit
#    now?
# 2. Two coupled qubits, of which the first meets the ancillas. For which $E$ is
#    $\mathrm{Tr}[E\,D(\rho)]$ the energy that the ancillas lose, and is it $H_S$?
# 3. A full exchange, $\theta = \pi/2$. What is $\Sigma$ of one collision?

# %% tags=["exercise"]
w2 = parameters("omega_2")
space = HilbertSpace("r", levels="abc")
low, middle, high = space.kets
ancilla = omega * middle * middle.dag() + (omega + w2) * high * high.dag()
hop = tensor(sigmap(), low * middle.dag())
three = collision(H, ancilla, sp.sqrt(gamma / tau) * (hop + hop.dag()), tau, T=T)
down, up = three.generator().jumps


def exercise_1(answer):
    """The rates of the two jumps, added."""
    return Claim(down.rate + up.rate, "==", answer)


g12 = parameters("g")
eye = qeye(H.space)
bare = tensor(H, eye) + tensor(eye, H)
coupled = bare + g12 * exchange
V = sp.sqrt(gamma / tau) * (tensor(sigmap(), eye, sigmam()) + tensor(sigmam(), eye, sigmap()))


pair = collision(coupled, H, V, tau, T=T, energy=bare)
p1, p2, p3, re, im = parameters("p_1 p_2 p_3 a b", real=True)
weights = [p1, p2, p3, 1 - p1 - p2 - p3]
joint = Operator.of(
    V.space.parts[0] * V.space.parts[1],
    {(k, k): v for k, v in enumerate(weights)} | {(1, 2): re + sp.I * im, (2, 1): re - sp.I * im},
)


def exercise_2(answer):
    """The heat of the ancillas, with E == answer."""
    change = pair.limit().dissipator("b")(joint)
    return Claim(pair.heat(joint), "==", expect(answer, change))


def exercise_3(answer):
    """Sigma of the full exchange."""
    return Claim(one.production.subs(theta, sp.pi / 2), "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
# gamma (p_a + p_b): the third level only takes weight from the other two.
p_a, p_b, _ = (gibbs_state(ancilla, T)[k, k] for k in range(3))
assert three.failures == () and prove(exercise_1(gamma * (p_a + p_b))).proved
assert is_zero(three.heat(rho) - heat_current(three.generator(), rho, "b", H))

assert prove(exercise_2(bare)).proved and pair.failures == ()
assert not prove(exercise_2(coupled)).proved  # not H_S, which V with H_A does not conserve
assert collision(coupled, H, V, tau, T=T).failures == ("[V, E + H_A] = 0",)
assert steady_state(pair.generator()).rho.space.dim == 4

# The qubit and the ancilla exchange their states, up to a phase of the coherence.
assert prove(exercise_3(relative_entropy(rho, gibbs_state(H, T)))).proved
