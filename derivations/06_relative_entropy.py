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
# # Relative entropy and free energy
#
# $S(\rho) = -\mathrm{Tr}\,\rho\ln\rho$ and
# $S(\rho\|\sigma) = \mathrm{Tr}\,\rho(\ln\rho - \ln\sigma)$.
#
# **Statements.** For states $\rho$, $\sigma$ of equal trace:
#
# 1. both are invariant under unitaries;
# 2. $S(\rho\|\sigma) \ge 0$, zero only for $\rho = \sigma$ (Klein, Z. Phys. 72, 767 (1931)); it is
#    not symmetric, and infinite when $\rho$ leaves the support of $\sigma$;
# 3. $S(\Phi\rho\|\Phi\sigma) \le S(\rho\|\sigma)$ for a channel $\Phi$: completely positive, trace
#    preserving (Lindblad, Commun. Math. Phys. 40, 147 (1975));
# 4. $S(\rho\|\rho_\beta) = \beta\,[F(\rho) - F(\rho_\beta)]$ for $\rho_\beta = e^{-\beta H}/Z$ and the
#    nonequilibrium free energy $F(\rho) = \mathrm{Tr}[H\rho] - S(\rho)/\beta$.
#
# Closed forms need states whose connected blocks have at most two levels; beyond these the numbers
# come in balls.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    certify,
    data_processing,
    evolve,
    free_energy,
    gibbs_state,
    gkls,
    is_zero,
    isospectral,
    klein_inequality,
    kraus,
    parameters,
    propagator,
    prove,
    qeye,
    relative_entropy,
    replay,
    sigmam,
    sigmap,
    sigmax,
    sigmay,
    sigmaz,
    spohn_rate,
    von_neumann_entropy,
)
from symtherm.errors import BadExpression

half = sp.Rational(1, 2)
x, y, z = parameters("x y z", real=True)
u1, u2, u3 = parameters("u_1 u_2 u_3", real=True)


def bloch(x, y, z):
    """The qubit state with the Bloch vector (x, y, z)."""
    return (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2


def proved(claim):
    """The proof of a claim, accepted by the independent checker."""
    proof = prove(claim)
    assert proof.proved and replay(proof).valid
    return proof


# %% [markdown]
# ## Closed form for qubits
#
# A state with the Bloch vector $\vec r$ has the eigenvalues $(1 \pm r)/2$, and its logarithm is
# $\frac12\ln\frac{1 - r^2}4 + \frac{\mathrm{artanh}\,r}{r}\,\vec r\cdot\vec\sigma$. So for any two Bloch
# vectors
#
# $$S(\rho\|\sigma) = \tfrac12\ln\frac{1 - r^2}{1 - s^2} + r\,\mathrm{artanh}\,r
#   - \frac{\vec r\cdot\vec s}{s}\,\mathrm{artanh}\,s .$$

# %%
rho, sigma = bloch(x, y, z), bloch(u1, u2, u3)
r, s = sp.sqrt(x**2 + y**2 + z**2), sp.sqrt(u1**2 + u2**2 + u3**2)
by_hand = sp.log((1 - r**2) / (1 - s**2)) / 2 + r * sp.atanh(r)
by_hand -= (x * u1 + y * u2 + z * u3) / s * sp.atanh(s)
assert is_zero(relative_entropy(rho, sigma) - by_hand)

# %% [markdown]
# The same number from matrices, with the spectral decompositions of mpmath:

# %%
at = {x: sp.Rational(1, 2), y: sp.Rational(-1, 5), z: sp.Rational(3, 10)}
at |= {u1: sp.Rational(-1, 3), u2: sp.Rational(2, 5), u3: sp.Rational(1, 7)}
with mp.workdps(50):

    def matrix_of(state, size):
        """An exact state without parameters as a matrix."""
        return mp.matrix(size, size) + mp.matrix(
            [[mp.mpmathify(sp.N(state[i, j], 50)) for j in range(size)] for i in range(size)]
        )

    def by_eigenvalues(one, two):
        """Tr rho (ln rho - ln sigma)."""
        total = mp.mpf(0)
        for state, sign in ((one, 1), (two, -1)):
            values, vectors = mp.eighe(state)
            for k in range(len(values)):
                v = vectors[:, k]
                total += sign * mp.log(values[k]) * mp.re((v.H * one * v)[0])
        return total

    numeric = by_eigenvalues(matrix_of(rho.subs(at), 2), matrix_of(sigma.subs(at), 2))
    closed = certify(relative_entropy(rho, sigma), at, 40)
    assert abs(mp.mpf(closed.value) - numeric) < mp.mpf(10) ** -38
print("S(rho||sigma) =", closed)

# %% [markdown]
# ## 1. Unitary invariance
#
# $\mathrm{Tr}(U\rho U^\dagger)^k = \mathrm{Tr}\rho^k$ for every $k$, so spectra and entropies are equal; and
# the closed form of the turned pair is that of the pair.

# %%
theta = parameters("theta")
U = sp.cos(theta) * qeye(2) - sp.I * sp.sin(theta) * sigmax()
assert isospectral(rho, U * rho * U.dag())
assert is_zero(von_neumann_entropy(U * rho * U.dag()) - von_neumann_entropy(rho))
assert is_zero(relative_entropy(U * rho * U.dag(), U * sigma * U.dag()) - by_hand)

# %% [markdown]
# ## 2. Klein's inequality
#
# Proved for every two Bloch vectors of length below 1, equality iff they are equal; and for the
# populations of any number of levels, here four.

# %%
print(proved(klein_inequality(rho, sigma)).condition.text)
assert is_zero(relative_entropy(rho, rho))
p1, p2, p3, q1, q2, q3 = parameters("p_1 p_2 p_3 q_1 q_2 q_3")
four = HilbertSpace("n", 4)


def populations(*values):
    """A diagonal state; the last population is what is left."""
    return Operator.of(four, {(i, i): v for i, v in enumerate([*values, 1 - sum(values)])})


proved(klein_inequality(populations(p1, p2, p3), populations(q1, q2, q3)))

# %% [markdown]
# Not symmetric, two numbers with proved digits; and infinite off the support, whichever basis that
# is diagonal in. Two equal pure states have the relative entropy 0.

# %%
there = certify(relative_entropy(bloch(0, 0, half), bloch(0, 0, 0)), {}, 20)
back = certify(relative_entropy(bloch(0, 0, 0), bloch(0, 0, half)), {}, 20)
print("S(a||b) =", there, "  S(b||a) =", back)
assert there.value != back.value
for pure in (bloch(0, 0, 1), bloch(1, 0, 0), bloch(0, sp.Rational(3, 5), sp.Rational(4, 5))):
    assert relative_entropy(rho, pure) == sp.oo
    assert is_zero(relative_entropy(pure, pure))
    assert is_zero(relative_entropy(pure, qeye(2) / 2) - sp.log(2))

# %% [markdown]
# ## 3. Data processing under $e^{tL}$
#
# A qubit with decay, excitation and dephasing. The Kraus operators of $e^{tL}$ at any time $t$ (page
# 5) with their weights, and any two states: the certificate holds the states before and after by
# eigenvalues and projectors, and the checker verifies $\sum_kw_kA_k^\dagger A_k = 1$, $w_k \ge 0$, and
# the images.

# %%
omega, T = parameters("omega T")
Gamma, pe, kappa, t = parameters("Gamma p_e kappa t")
H = omega / 2 * sigmaz()
L = gkls(
    H, [(sigmam(), Gamma * (1 - pe)), (sigmap(), Gamma * pe), (sigmaz(), kappa)], positive=[1 - pe]
)
known = [1 - pe]
operators = kraus(propagator(L, t), space=L.space, positive=known)
assert len(operators) == 4
print(proved(data_processing(rho, sigma, operators, positive=known)).condition.text)

# %% [markdown]
# With a stationary $\sigma = \pi$ this says that $S(\rho_t\|\pi)$ falls; its slope is minus Spohn's
# rate (page 7), an identity on the closed form of $\rho_t$ at every time. ($H$ turns the Bloch vector
# about $z$, so the start may have $y = 0$.)

# %%
pi = Operator.of(L.space, {(0, 0): pe, (1, 1): 1 - pe})
rho_t = evolve(L, bloch(x, 0, z), t)
assert is_zero(sp.diff(relative_entropy(rho_t, pi), t) + spohn_rate(L, rho_t, pi))

# %% [markdown]
# ## Random channels on three levels, in balls
#
# Beyond blocks of two levels there is no closed form; the same statement holds with proved digits.
# Every channel has the form $\Phi\rho = \mathrm{Tr}_E[U(\rho\otimes|0\rangle\langle0|)U^\dagger]$. Products
# of random rotations with rational sines and cosines make an exact $U$.

# %%
from random import Random

from symtherm.numeric.entropies import enclose_entropy, enclose_relative_entropy

three = HilbertSpace("t", 3)


def random_state(rng):
    """(A A^+ + 1)/Tr with small Gaussian integers: rational, Hermitian, of full rank."""
    A = Operator.of(
        three,
        {
            (i, j): rng.randint(-4, 4) + sp.I * rng.randint(-4, 4)
            for i in range(3)
            for j in range(3)
        },
    )
    M = A * A.dag() + qeye(three)
    return (M / M.tr()).apply(lambda e: sp.expand(e))


def random_channel(rng):
    """Two Kraus operators, the blocks <k|U|0> of a unitary on system and a two-level environment."""
    U = sp.eye(6)
    for _ in range(12):
        i, j = rng.sample(range(6), 2)
        c, sine = rng.choice([(3, 4), (4, 3), (5, 12), (8, 15)])
        norm = sp.Integer(round((c * c + sine * sine) ** 0.5))
        phase = rng.choice([1, sp.I, -1, (3 + 4 * sp.I) / 5])
        turn = sp.eye(6)
        turn[i, i] = turn[j, j] = c / norm
        turn[i, j], turn[j, i] = -sine / norm * sp.conjugate(phase), sine / norm * phase
        U = (turn * U).applyfunc(sp.expand)
    kraus = [
        Operator.of(three, {(i, j): U[2 * i + k, 2 * j] for i in range(3) for j in range(3)})
        for k in range(2)
    ]
    total = sum((A.dag() * A for A in kraus), 0 * qeye(three))
    assert all(is_zero(v) for _, _, v in (total - qeye(three)).data)
    return lambda state: sum((A * state * A.dag() for A in kraus), 0 * state).apply(sp.expand)


rng = Random(7)
for _ in range(4):
    a, b, channel = random_state(rng), random_state(rng), random_channel(rng)
    before = enclose_relative_entropy(a, b, {}, 15)
    after = enclose_relative_entropy(channel(a), channel(b), {}, 15)
    print(before, ">=", after)
    assert sp.Rational(before.value) - sp.Rational(before.radius) > sp.Rational(
        after.value
    ) + sp.Rational(after.radius)

# %% [markdown]
# ## 4. Excess free energy
#
# $\ln\rho_\beta = -\beta H - \ln Z$ gives $S(\rho\|\rho_\beta) = -S(\rho) + \beta\mathrm{Tr}[H\rho] +
# \ln Z = \beta F(\rho) + \ln Z$ for any number of levels, and $F(\rho_\beta) = -T\ln Z$. As claims: for a
# qubit state with any Bloch vector, and for the populations of five levels with any energies.
# $F(\rho_\beta) = -T\ln Z$ is the least value, by Klein's inequality.

# %%


def excess(state, energy):
    """S(rho||rho_beta) == (F(rho) - F(rho_beta))/T."""
    thermal = gibbs_state(energy, T)
    difference = free_energy(state, energy, T) - free_energy(thermal, energy, T)
    return Claim(relative_entropy(state, thermal), "==", difference / T, "Excess free energy")


proved(excess(rho, H))
energies = parameters("E_1:6")
weights = parameters("w_1:5")
space = HilbertSpace("n", 5)
E = Operator.of(space, {(i, i): e for i, e in enumerate(energies)})
levels = Operator.of(space, {(i, i): w for i, w in enumerate([*weights, 1 - sum(weights)])})
proved(excess(levels, E))
proved(klein_inequality(rho, gibbs_state(H, T)))
five = gibbs_state(E, T)
Z = sum(sp.exp(-e / T) for e in energies)
assert is_zero(free_energy(five, E, T) + T * sp.log(Z))

# %% [markdown]
# Any Hamiltonian is diagonal in its eigenbasis, so a tilted one, $H = \frac\omega2(\cos\alpha\,\sigma_z
# + \sin\alpha\,\sigma_x)$ with the rational point $(\frac35, \frac45)$ of the circle, gives the same number
# from matrices as the turned state does in closed form:

# %%
numbers = {omega: sp.Integer(2), T: sp.Rational(3, 2)}
tilt = sp.Rational(2, 1) / sp.sqrt(5) * qeye(2) - sp.I / sp.sqrt(5) * sigmay()  # cos(a/2), sin(a/2)
tilted = (tilt * H * tilt.dag()).apply(sp.expand)
assert is_zero((tilted * sigmax()).tr() - sp.Rational(4, 5) * omega)
turned = (tilt.dag() * rho * tilt).apply(sp.expand)  # the state in the eigenbasis
value = certify((excess(turned, H).rhs).xreplace(numbers), {k: at[k] for k in (x, y, z)}, 30)
with mp.workdps(50):
    state, energy = matrix_of(rho.subs(at), 2), matrix_of(tilted.subs(numbers), 2)
    boltzmann = mp.expm(energy * -2 / 3)
    boltzmann /= boltzmann[0, 0] + boltzmann[1, 1]
    assert abs(by_eigenvalues(state, boltzmann) - mp.mpf(value.value)) < mp.mpf(10) ** -28
print("tilted Hamiltonian:", value)

# %% [markdown]
# ## Where a hypothesis fails
#
# A map that is not positive breaks monotonicity: stretching the Bloch vector by $3/2$ makes states
# more distinguishable. And Kraus operators that are not complete (a filter) are no channel; nothing
# is claimed of them.

# %%
a, b = bloch(0, 0, half), bloch(0, 0, -half)
wide = [bloch(0, 0, sp.Rational(3, 4)), bloch(0, 0, -sp.Rational(3, 4))]
assert certify(relative_entropy(*wide) - relative_entropy(a, b), {}, 10).sign == 1
try:
    data_processing(rho, sigma, operators[:3], positive=known)
except BadExpression as error:
    print(error)

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. Write $S(\rho\|1/d)$ with the von Neumann entropy, for $d = 2$.
# 2. A thermal qubit at $T$ is taken as the reference at another temperature $T_2$. What is
#    $S(\rho_T\|\rho_{T_2})$ in terms of free energies at $T_2$?
# 3. Mixing: with $\bar\rho = \frac12(\rho + \sigma)$, what is
#    $\frac12S(\rho\|\bar\rho) + \frac12S(\sigma\|\bar\rho)$ in terms of entropies?

# %% tags=["exercise"]
T2 = parameters("T_2")
thermal, other = gibbs_state(H, T), gibbs_state(H, T2)
mean = (rho + sigma) / 2


def exercise_1(answer):
    """The relative entropy to the completely mixed state."""
    return Claim(relative_entropy(rho, qeye(2) / 2), "==", answer)


def exercise_2(answer):
    """The relative entropy of two thermal states."""
    return Claim(relative_entropy(thermal, other), "==", answer)


def exercise_3(answer):
    """The entropy of mixing."""
    mixing = relative_entropy(rho, mean) + relative_entropy(sigma, mean)
    return Claim(mixing / 2, "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
proved(exercise_1(sp.log(2) - von_neumann_entropy(rho)))
proved(exercise_2((free_energy(thermal, H, T2) - free_energy(other, H, T2)) / T2))
S = von_neumann_entropy
proved(exercise_3(S(mean) - (S(rho) + S(sigma)) / 2))
print(enclose_entropy(random_state(Random(3)), {}, 20))
