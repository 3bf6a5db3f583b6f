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
# # Entropy production is lost information
#
# **Hypotheses.** A system $S$ in any state $\rho_S$, a reservoir $B$ in the Gibbs state
# $\rho_B = e^{-\beta H_B}/Z$, no correlations at the start, and a unitary $U$ on both.
#
# **Statement.** With the heat $Q_S = \mathrm{Tr}[H_B(\rho_B - \rho_B')]$, the energy that the
# reservoir lost,
#
# $$\Sigma = \Delta S_S - \beta Q_S = I(S{:}B) + S(\rho_B'\|\rho_B) \ge 0 .$$
#
# The entropy of the whole is constant; what is produced is the information that looking at $S$ and
# counting heat leaves out (Esposito, Lindenberg and Van den Broeck, New J. Phys. 12, 013013 (2010)).

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    HilbertSpace,
    Operator,
    certify,
    is_zero,
    isospectral,
    mutual_information,
    parameters,
    ptrace,
    qeye,
    relative_entropy,
    reservoir_balance,
    sigmaz,
    swap,
    tensor,
    von_neumann_entropy,
)
from symtherm.errors import MissingTrait

omega, T, theta = parameters("omega T theta")
z, c = sp.symbols("z c", real=True)
half = sp.Rational(1, 2)
H = omega / 2 * sigmaz()
rho = Operator.of(
    H.space,
    {(0, 0): half * (1 + z), (1, 1): half * (1 - z), (0, 1): c, (1, 0): c},
)

# %% [markdown]
# ## A partial swap of angle theta
#
# The reservoir is one thermal qubit, and $U = e^{-i\theta\,\mathrm{swap}} = \cos\theta - i\sin\theta\,
# \mathrm{swap}$. That $U$ is unitary is decided in a normal form in which
# $\cos^2\theta + \sin^2\theta = 1$; a matrix that is not unitary is refused.

# %%
pair = H.space * H.space
U = sp.cos(theta) * qeye(pair) - sp.I * sp.sin(theta) * swap(H.space)
balance = reservoir_balance(U, rho, H, T)

try:
    reservoir_balance(2 * U, rho, H, T)
except MissingTrait as error:
    print(error)

# %% [markdown]
# ## The entropy of the whole is constant
#
# No eigenvalue of the $4\times4$ state is needed: $\mathrm{Tr}\rho_{SB}^k$ is the same before and
# after for $k = 1, \dots, 4$, and by Newton's identities these fix the characteristic polynomial.

# %%
assert isospectral(balance.before, balance.after)

# %% [markdown]
# The reduced state is not constant, and its entropy is not either:

# %%
assert not isospectral(balance.system[0], balance.system[1])
print("heat:", sp.factor(balance.heat))

# %% [markdown]
# ## The identity
#
# General $z$, $c$, $\theta$, $\omega$ and $T$: the difference of the two sides is the exact zero.
# Both summands on the right are nonnegative by Klein's inequality, so this is a second law.

# %%
assert is_zero(balance.identity.difference)

# %% [markdown]
# For populations alone the state of the whole falls into blocks $1 + 2 + 1$, so that its entropy is
# a closed form too, and the second route to $I(S{:}B)$ needs no theorem:

# %%
p = parameters("p")
diagonal = reservoir_balance(U, Operator.of(H.space, {(0, 0): p, (1, 1): 1 - p}), H, T)
assert is_zero(mutual_information(diagonal.after, 0) - diagonal.mutual_information)
assert is_zero(von_neumann_entropy(diagonal.after) - von_neumann_entropy(diagonal.before))

# %% [markdown]
# ## Landauer's bound as an equality
#
# With $Q_{out} = -Q_S$ the same identity reads
# $\beta Q_{out} = -\Delta S_S + I(S{:}B) + S(\rho_B'\|\rho_B) \ge -\Delta S_S$ for a reservoir of any
# size (Reeb and Wolf, New J. Phys. 16, 103011 (2014)).

# %%
assert is_zero(balance.landauer.difference)

# %% [markdown]
# ## Numbers from the operators
#
# The second route: $U$ as the matrix exponential of $-i\theta\,\mathrm{swap}$, partial traces by
# hand, entropies from numerical eigenvalues, 40 digits. The first: the closed form in a ball.

# %%
from symtherm.numeric.integrate import von_neumann_entropy as entropy

at = {omega: sp.Rational(3, 2), T: sp.Rational(4, 5), theta: sp.Rational(2, 5)}
at |= {z: sp.Rational(3, 10), c: sp.Rational(1, 4)}
closed = certify(balance.production, at, digits=35)

with mp.workdps(60):
    w, temperature, angle = mp.mpf(3) / 2, mp.mpf(4) / 5, mp.mpf(2) / 5
    start = mp.matrix([[mp.mpf(13) / 20, mp.mpf(1) / 4], [mp.mpf(1) / 4, mp.mpf(7) / 20]])
    x = mp.exp(-w / temperature)
    bath = mp.diag([x / (1 + x), 1 / (1 + x)])
    exchange = mp.matrix(4, 4)
    for a in range(2):
        for b in range(2):
            exchange[2 * b + a, 2 * a + b] = 1
    step = mp.expm(-1j * angle * exchange)
    joint = mp.matrix(4, 4)
    for i in range(4):
        for j in range(4):
            joint[i, j] = start[i // 2, j // 2] * bath[i % 2, j % 2]
    joint = step * joint * step.transpose_conj()
    end = mp.matrix(2, 2)
    bath_end = mp.matrix(2, 2)
    for a in range(2):
        for b in range(2):
            end[a, b] = sum(joint[2 * a + k, 2 * b + k] for k in range(2))
            bath_end[a, b] = sum(joint[2 * k + a, 2 * k + b] for k in range(2))
    heat = mp.re(sum(w / 2 * s * (bath[k, k] - bath_end[k, k]) for k, s in ((0, 1), (1, -1))))
    integrated = entropy(end, 45) - entropy(start, 45) - heat / temperature
    gap = abs(mp.mpf(closed.value) - integrated)
print("closed form ", closed)
print("operators   ", mp.nstr(integrated, 35))
assert gap < mp.mpf(10) ** -32

# %% [markdown]
# ## Where a hypothesis fails
#
# If system and reservoir are correlated at the start, $\Sigma$ can be negative: take the state after
# the partial swap and undo the swap. The system returns to $\rho_S$, and $\Delta S_S - \beta Q_S$ of
# this second step is minus that of the first. (Micadei et al., Nat. Commun. 10, 2456 (2019), saw
# heat flow from cold to hot so.)

# %%
undone = (U.dag() * balance.after * U).apply(sp.expand)
back, reservoir_back = ptrace(undone, 0), ptrace(undone, 1)
second = (
    von_neumann_entropy(back)
    - von_neumann_entropy(balance.system[1])
    - (H * (balance.reservoir[1] - reservoir_back)).tr() / T
)
assert is_zero(second + balance.production)

# %% [markdown]
# ## Exercises
#
# 1. A full swap, $\theta = \pi/2$, thermalises the qubit in one stroke. Show that no correlation is
#    left, so that all of $\Sigma$ is the displacement of the reservoir, and that $\Sigma =
#    S(\rho_S\|\rho_B)$.
# 2. The same identity for a three-level system and a unitary that does not conserve energy.

# %% tags=["solution"]
full = reservoir_balance(-sp.I * swap(H.space), rho, H, T)
assert is_zero(full.mutual_information)
assert is_zero(full.production - relative_entropy(rho, full.reservoir[0]))

atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
flip = g * u.dag() + u * g.dag() + l * l.dag()  # a permutation: unitary
lower, upper = H.space.ket("g"), H.space.ket("e")
control = tensor(flip, upper * upper.dag()) + tensor(qeye(atom), lower * lower.dag())
q, r = parameters("q r")
three = Operator.of(atom, {(0, 0): q, (1, 1): r, (2, 2): 1 - q - r})
other = reservoir_balance(control, three, H, T)
assert is_zero(other.identity.difference) and is_zero(other.heat)
