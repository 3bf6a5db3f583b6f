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
#
# **Derivation.** $S(\rho_{SB}') = S(\rho_S) + S(\rho_B)$, so
# $I(S{:}B) = S(\rho_S') + S(\rho_B') - S(\rho_S) - S(\rho_B)$; and $\ln\rho_B = -\beta H_B - \ln Z$
# makes $S(\rho_B'\|\rho_B) = S(\rho_B) - S(\rho_B') - \beta Q_S$. The sum is
# $\Delta S_S - \beta Q_S$. Both are relative entropies, and so is their sum,
# $\Sigma = S(\rho_{SB}'\|\rho_S'\otimes\rho_B)$.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    certify,
    is_zero,
    isospectral,
    mutual_information,
    parameters,
    prove,
    ptrace,
    qeye,
    relative_entropy,
    replay,
    reservoir_balance,
    sigmax,
    sigmay,
    sigmaz,
    swap,
    tensor,
    von_neumann_entropy,
)
from symtherm.errors import MissingTrait

omega, T, theta = parameters("omega T theta")
x, y, z = parameters("x y z", real=True)
H = omega / 2 * sigmaz()
rho = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2

# %% [markdown]
# ## A partial swap of angle theta
#
# The system is a qubit in any state, with the Bloch vector $(x, y, z)$; the reservoir is one thermal
# qubit, and $U = e^{-i\theta\,\mathrm{swap}} = \cos\theta - i\sin\theta\,\mathrm{swap}$. That $U$ is
# unitary is decided in a normal form in which $\cos^2\theta + \sin^2\theta = 1$; a matrix that is
# not unitary is refused.

# %%
pair = H.space * H.space
U = sp.cos(theta) * qeye(pair) - sp.I * sp.sin(theta) * swap(H.space)
balance = reservoir_balance(U, rho, H, T)

try:
    reservoir_balance(2 * U, rho, H, T)
except MissingTrait as error:
    print(error)

# %% [markdown]
# This $U$ conserves $H_S + H_B$, so the heat is what the system gained; no work is done.

# %%
print("Q_S =", sp.factor(balance.heat))
assert is_zero(balance.heat - (H * (balance.system[1] - rho)).tr())

# %% [markdown]
# ## The entropy of the whole is constant
#
# No eigenvalue of the $4\times4$ state is needed: $\mathrm{Tr}\rho_{SB}^k$ is the same before and
# after for $k = 1, \dots, 4$, and by Newton's identities these fix the characteristic polynomial.

# %%
assert isospectral(balance.before, balance.after)

# %% [markdown]
# The entropy of the reduced state is not constant: its purity changes, by

# %%
change = (balance.system[1] * balance.system[1]).tr() - (rho * rho).tr()
print("change of purity at x = y = 0:", sp.factor(change.subs({x: 0, y: 0})))
assert is_zero(change) is False

# %% [markdown]
# ## Identity and inequalities
#
# For every Bloch vector and all $\theta$, $\omega$ and $T$: two identities, in normal form, and three
# inequalities, by Klein's theorem. The certificate of each inequality holds both states by
# eigenvalues and projectors, that of the whole as $U$ moved them. The checker verifies these on the
# matrices, and that the relative entropy which they give is the expression claimed.

# %%
for claim in balance.claims:
    proof = prove(claim)
    print(f"{claim.name}: {proof.verdict.name}")
    assert proof.proved and replay(proof).valid
print("no entropy is produced iff", prove(balance.claims[2]).condition.text)

# %% [markdown]
# For populations alone the state of the whole falls into blocks $1 + 2 + 1$, so that its entropy is
# a closed form too, and the second route to $I(S{:}B)$ needs no unitarity:

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
assert prove(balance.landauer).proved
assert is_zero(balance.released / T + balance.entropy_change - balance.production)

# %% [markdown]
# ## Numbers from the operators
#
# The second route: $U$ as the matrix exponential of $-i\theta\,\mathrm{swap}$, partial traces by
# hand, entropies from numerical eigenvalues, logarithms of matrices for the relative entropy, 40
# digits. The first: closed forms in balls.

# %%
at = {omega: sp.Rational(3, 2), T: sp.Rational(4, 5), theta: sp.Rational(2, 5)}
at |= {x: sp.Rational(1, 2), y: sp.Rational(-1, 5), z: sp.Rational(3, 10)}
closed = {
    "Sigma": certify(balance.production, at, digits=35),
    "I": certify(balance.mutual_information, at, digits=35),
    "S(B'||B)": certify(balance.displacement, at, digits=35),
}

with mp.workdps(50):

    def entropy(state):
        """-sum of l ln l over numerical eigenvalues."""
        return -sum(v * mp.log(v) for v in mp.eighe(state)[0])

    w, temperature, angle = mp.mpf(3) / 2, mp.mpf(4) / 5, mp.mpf(2) / 5
    bloch = mp.mpf(1) / 2, -mp.mpf(1) / 5, mp.mpf(3) / 10
    off = (bloch[0] - 1j * bloch[1]) / 2
    start = mp.matrix([[(1 + bloch[2]) / 2, off], [mp.conj(off), (1 - bloch[2]) / 2]])
    boltzmann = mp.exp(-w / temperature)
    bath = mp.diag([boltzmann / (1 + boltzmann), 1 / (1 + boltzmann)])
    exchange = mp.matrix(4, 4)
    for a in range(2):
        for b in range(2):
            exchange[2 * b + a, 2 * a + b] = 1
    step = mp.expm(-1j * angle * exchange)
    joint = mp.matrix(4, 4)
    for i in range(4):
        for j in range(4):
            joint[i, j] = start[i // 2, j // 2] * bath[i % 2, j % 2]
    whole = entropy(joint)
    joint = step * joint * step.transpose_conj()
    end = mp.matrix(2, 2)
    bath_end = mp.matrix(2, 2)
    for a in range(2):
        for b in range(2):
            end[a, b] = sum(joint[2 * a + k, 2 * b + k] for k in range(2))
            bath_end[a, b] = sum(joint[2 * k + a, 2 * k + b] for k in range(2))
    heat = mp.re(sum(w / 2 * s * (bath[k, k] - bath_end[k, k]) for k, s in ((0, 1), (1, -1))))
    numbers = {
        "Sigma": entropy(end) - entropy(start) - heat / temperature,
        "I": entropy(end) + entropy(bath_end) - entropy(joint),
        "S(B'||B)": -entropy(bath_end)
        - sum(mp.re(bath_end[k, k]) * mp.log(bath[k, k]) for k in range(2)),
    }
    assert abs(entropy(joint) - whole) < mp.mpf(10) ** -40
    for name, value in numbers.items():
        print(f"{name}: {closed[name]}, from the operators {mp.nstr(value, 35)}")
        assert abs(mp.mpf(closed[name].value) - value) < mp.mpf(10) ** -32

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
assert prove(Claim(second, "==", -balance.production)).proved
print("Sigma of the way back:", certify(second, at, 12))

# %% [markdown]
# A reservoir that is not thermal at $T$ fails as well: the ground state has less entropy and less
# energy than $\rho_B$, and a swap with an excited system makes $\Sigma = \Delta S_S - \beta Q_S$
# negative where $\beta\omega$ is small enough.

# %%
up, down = H.space.kets
cold = swap(H.space) * tensor(rho, down * down.dag()) * swap(H.space)
gained = (H * (down * down.dag() - ptrace(cold, 1))).tr()
sigma = von_neumann_entropy(ptrace(cold, 0)) - von_neumann_entropy(rho) - gained / T
print("Sigma with a pure reservoir:", certify(sigma, {**at, T: 10}, 12))
assert certify(sigma, {**at, T: 10}, 12).sign == -1

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. A full swap, $\theta = \pi/2$, thermalises the qubit in one stroke. No correlation is left (show
#    it), so all of $\Sigma$ is the displacement of the reservoir. Which relative entropy of
#    *system* states is it?
# 2. A three-level system (levels $g, l, u$ with the populations $1 - q - r$, $q$, $r$) and a control:
#    if the reservoir's qubit is up, $g$ and $u$ change places. $H_S$ is not conserved. What is $Q_S$?

# %% tags=["exercise"]
full = reservoir_balance(-sp.I * swap(H.space), rho, H, T)


def exercise_1(answer):
    """Sigma of the full swap."""
    return Claim(full.production, "==", answer)


atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
flip = g * u.dag() + u * g.dag() + l * l.dag()
control = tensor(flip, up * up.dag()) + tensor(qeye(atom), down * down.dag())
q, r = parameters("q r")
three = Operator.of(atom, {(0, 0): 1 - q - r, (1, 1): q, (2, 2): r})
other = reservoir_balance(control, three, H, T)


def exercise_2(answer):
    """The heat of the controlled flip."""
    return Claim(other.heat, "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(Claim(full.mutual_information, "==", 0)).proved
assert prove(exercise_1(relative_entropy(rho, full.reservoir[0]))).proved
# The control's populations do not change, so no heat flows; the energy of the flip is work. The
# identity and the inequalities hold all the same.
assert prove(exercise_2(0)).proved
assert all(replay(prove(claim)).valid for claim in other.claims)
