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
# $S(\rho\|\sigma) = \mathrm{Tr}\,\rho(\ln\rho - \ln\sigma)$ is nonnegative, zero only for
# $\rho = \sigma$ (Klein), not symmetric, infinite when $\rho$ leaves the support of $\sigma$, and it
# never grows under a channel (Lindblad, Commun. Math. Phys. 40, 147 (1975)). We derive its closed form
# for two qubits' states, use it as excess free energy, and watch it fall under $e^{tL}$.

# %%
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    ThermalBath,
    certify,
    evolve,
    free_energy,
    gibbs_state,
    gkls,
    is_zero,
    isospectral,
    ket2dm,
    kraus,
    parameters,
    propagator,
    prove,
    qeye,
    relative_entropy,
    sigmam,
    sigmap,
    sigmax,
    sigmaz,
    spohn_rate,
    von_neumann_entropy,
)

half = sp.Rational(1, 2)
z, c, u, v = sp.symbols("z c u v", real=True)


def bloch(z, c):
    """The qubit state with <sigma_z> = z and real coherence c."""
    entries = {(0, 0): half * (1 + z), (1, 1): half * (1 - z), (0, 1): c, (1, 0): c}
    return Operator.of(sigmaz().space, entries)


# %% [markdown]
# ## Closed form for qubits
#
# With Bloch vectors $\vec r = (2c, 0, z)$ and $\vec s = (2v, 0, u)$ the definition becomes
#
# $$S(\rho\|\sigma) = \tfrac12\ln\frac{1 - r^2}{1 - s^2} + r\,\mathrm{artanh}\,r
#   - \frac{\vec r\cdot\vec s}{s}\,\mathrm{artanh}\,s .$$

# %%
rho, sigma = bloch(z, c), bloch(u, v)
r, s = sp.sqrt(z**2 + 4 * c**2), sp.sqrt(u**2 + 4 * v**2)
by_hand = sp.log((1 - r**2) / (1 - s**2)) / 2 + r * sp.atanh(r)
by_hand -= (z * u + 4 * c * v) / s * sp.atanh(s)
assert is_zero(relative_entropy(rho, sigma) - by_hand)

# %% [markdown]
# ## Its properties
#
# Zero at equality; infinite off the support; not symmetric (two numbers with proved digits); and
# invariant under unitaries, because spectra are: $\mathrm{Tr}(U\rho U^\dagger)^k = \mathrm{Tr}\rho^k$.

# %%
theta = parameters("theta")
U = sp.cos(theta) * qeye(rho.space) - sp.I * sp.sin(theta) * sigmax()
assert is_zero(relative_entropy(rho, rho))
assert relative_entropy(rho, ket2dm(rho.space.ket("e"))) == sp.oo
assert isospectral(rho, U * rho * U.dag())
turned = relative_entropy(U * rho * U.dag(), U * sigma * U.dag())
assert is_zero(turned - by_hand)
there = certify(relative_entropy(bloch(half, 0), bloch(0, 0)), {}, 20)
back = certify(relative_entropy(bloch(0, 0), bloch(half, 0)), {}, 20)
print("S(a||b) =", there, "  S(b||a) =", back)
assert there.value != back.value

# %% [markdown]
# Positivity for populations: with $p, q$ the relative entropy is
# $p\ln\frac pq + (1 - p)\ln\frac{1 - p}{1 - q}$, a sum of two terms $a\ln\frac ab - a + b \ge 0$.

# %%
p, q = parameters("p q")
klein = [a * sp.log(a / b) - a + b for a, b in ((p, q), (1 - p, 1 - q))]
diagonal = relative_entropy(
    Operator.of(rho.space, {(0, 0): p, (1, 1): 1 - p}),
    Operator.of(rho.space, {(0, 0): q, (1, 1): 1 - q}),
)
assert is_zero(sum(klein) - diagonal)
for term in klein:
    proof = prove(Claim(term, ">=", 0, positive=(1 - p, 1 - q)))
    print(proof.verdict.name, "- equality iff", proof.condition and proof.condition.text)
    assert proof.verdict.name == "PROVED"

# %% [markdown]
# ## Excess free energy
#
# $S(\rho\|\rho_\beta) = \beta\,[F(\rho) - F(\rho_\beta)]$ for any qubit state with coherence, and for
# the populations of any number of levels.

# %%
omega, T = parameters("omega T")
H = omega / 2 * sigmaz()
thermal = gibbs_state(H, T)
excess = (free_energy(rho, H, T) - free_energy(thermal, H, T)) / T
assert is_zero(relative_entropy(rho, thermal) - excess)

energies = parameters("E_1:6")
weights = parameters("p_1:5")
space = HilbertSpace("n", 5)
E = Operator.of(space, {(i, i): e for i, e in enumerate(energies)})
levels = Operator.of(space, {(i, i): w for i, w in enumerate([*weights, 1 - sum(weights)])})
five = gibbs_state(E, T)
assert is_zero(
    relative_entropy(levels, five) - (free_energy(levels, E, T) - free_energy(five, E, T)) / T
)

# %% [markdown]
# ## Data processing under $e^{tL}$
#
# $e^{tL}$ is a channel: its Kraus operators exist at every time (page 5). By Lindblad's theorem
# $S(e^{tL}\rho\|e^{tL}\sigma) \le S(\rho\|\sigma)$; with a stationary $\sigma = \pi$ the
# slope is minus Spohn's rate, an identity that we decide on the closed form of $\rho_t$ at every
# time.

# %%
Gamma, pe, kappa, t = parameters("Gamma p_e kappa t")
L = gkls(
    H, [(sigmam(), Gamma * (1 - pe)), (sigmap(), Gamma * pe), (sigmaz(), kappa)], positive=[1 - pe]
)
channel = propagator(L, t)
assert len(kraus(channel, space=L.space, positive=[1 - pe, sp.exp(-2 * kappa * t)])) == 4
pi = Operator.of(L.space, {(0, 0): pe, (1, 1): 1 - pe})
rho_t = evolve(L, rho, t)
assert is_zero(sp.diff(relative_entropy(rho_t, pi), t) + spohn_rate(L, rho_t, pi))

# %% [markdown]
# A channel given by Kraus operators makes a claim of its own: amplitude damping with survival $1/(1 + g)$
# on two coherent states. The certificate holds all four states by eigenvalues and projectors, and the
# checker verifies $\sum_k K_k^\dagger K_k = 1$ and the images. Without it (a filter, say) the inequality
# is no theorem, and none is claimed.

# %%
from symtherm import data_processing, qeye, replay, sigmax
from symtherm.errors import BadExpression

g = parameters("g")
x1, z1, x2, z2 = parameters("x_1 z_1 x_2 z_2", real=True)
survives = Operator.of(H.space, {(0, 0): 1 / sp.sqrt(1 + g), (1, 1): sp.Integer(1)})
falls = Operator.of(H.space, {(1, 0): sp.sqrt(g) / sp.sqrt(1 + g)})
first, second = ((qeye(2) + a * sigmax() + b * sigmaz()) / 2 for a, b in ((x1, z1), (x2, z2)))
proof = prove(data_processing(first, second, [survives, falls]))
print(proof, replay(proof).valid)
assert proof.proved and replay(proof).valid
try:
    data_processing(first, second, [survives])
except BadExpression as error:
    print(error)

# %% [markdown]
# ## Random channels on three levels, in balls
#
# Beyond blocks of two levels there is no closed form; the same statements hold with proved digits.
# Random Kraus operators $A_k = B_k M^{-1/2}$ need a root, so we take rational mixtures of
# permutations and of a generalized measurement, exact and trace preserving by construction.

# %%
from random import Random

from symtherm.numeric.entropies import enclose_entropy, enclose_relative_entropy

three = HilbertSpace("t", 3)


def random_state(rng):
    """A A^+ / Tr with small Gaussian integers: rational, Hermitian, of full rank."""
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
    """rho -> w V rho V^+ + (1 - w) sum_i |i><i| rho |i><i| with V = (1 - iK)(1 + iK)^-1 unitary."""
    K = sp.Matrix(3, 3, lambda i, j: 0)
    for i in range(3):
        for j in range(i, 3):
            a, b = rng.randint(-2, 2), rng.randint(-2, 2) if i != j else 0
            K[i, j], K[j, i] = a + sp.I * b, a - sp.I * b
    inverse = (sp.eye(3) + sp.I * K).inv().applyfunc(sp.expand_complex)
    unitary = ((sp.eye(3) - sp.I * K) * inverse).applyfunc(sp.expand_complex)
    V = Operator.of(three, {(i, j): unitary[i, j] for i in range(3) for j in range(3)})
    w = sp.Rational(rng.randint(1, 5), 6)

    def channel(x):
        pinched = Operator.of(three, {(i, i): x[i, i] for i in range(3)})
        return (w * (V * x * V.dag()) + (1 - w) * pinched).apply(sp.expand)

    return channel


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
# ## Where a hypothesis fails
#
# The transposition keeps the spectrum and the trace and is positive, but it is not completely
# positive. A map that is not even positive breaks monotonicity: stretching the Bloch vector by
# $3/2$ makes states more distinguishable.

# %%
a, b = bloch(sp.Rational(1, 2), 0), bloch(sp.Rational(-1, 2), 0)
wide = [bloch(sp.Rational(3, 4), 0), bloch(sp.Rational(-3, 4), 0)]
assert certify(relative_entropy(*wide) - relative_entropy(a, b), {}, 10).sign == 1

# %% [markdown]
# ## Exercises
#
# 1. What is $S(\rho\|1/d)$? Show that relaxation to $1/d$ raises the entropy.
# 2. Show that $F(\rho_\beta) = -T\ln Z$ for five levels.
# 3. Give the entropy of a random three-level state to 20 digits.

# %% tags=["solution"]
mixed = qeye(rho.space) / 2
assert is_zero(relative_entropy(rho, mixed) - sp.log(2) + von_neumann_entropy(rho))
Z = sum(sp.exp(-e / T) for e in energies)
assert is_zero(free_energy(five, E, T) + T * sp.log(Z))
print(enclose_entropy(random_state(Random(3)), {}, 20))
bath = ThermalBath("b", T)
assert bath.occupation(omega) == 1 / (sp.exp(omega / T) - 1)
