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
# # GKLS generators are completely positive, and Redfield's is not
#
# **Hypotheses.** A linear map $L$ on matrices that keeps Hermiticity and the trace.
#
# **Statement** (Gorini, Kossakowski and Sudarshan 1976; Lindblad 1976). With orthonormal traceless
# $G_k$ there are a unique traceless $H$ and a unique Hermitian $K$ with
#
# $$L(\rho) = -i[H, \rho] + \sum_{kl} K_{kl}\left(G_k\rho G_l^\dagger
#   - \tfrac12\{G_l^\dagger G_k, \rho\}\right),$$
#
# and $e^{tL}$ is completely positive for all $t \ge 0$ iff $K \ge 0$. Positivity is read off the
# elimination $K = \sum_k d_k v_k v_k^\dagger$: as many pivots $d_k$ as eigenvalues are negative
# (Sylvester).

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Spectrum,
    ThermalBath,
    canonical_form,
    choi,
    flat,
    gkls,
    is_zero,
    kossakowski,
    kraus,
    ohmic,
    parameters,
    propagator,
    prove,
    qeye,
    redfield,
    replay,
    sigmam,
    sigmap,
    sigmaz,
    stinespring,
)
from symtherm.dynamics.evolution import apply_superoperator, map_of
from symtherm.dynamics.pivots import pivots
from symtherm.dynamics.positivity import is_trace_preserving
from symtherm.quantum.operator import Operator

# %% [markdown]
# ## A qubit in closed form
#
# Decay $\Gamma(1 - p)$, excitation $\Gamma p$ and dephasing $\kappa$. The canonical form is derived
# from the $4\times4$ matrix of $L$ alone, which does not remember how it was made; its jumps are
# traceless and orthogonal, and their rates times their lengths are the eigenvalues of $K$.

# %%
omega, Gamma, p, kappa, t = parameters("omega Gamma p kappa t")
L = gkls(
    omega / 2 * sigmaz(),
    [(sigmam(), Gamma * (1 - p)), (sigmap(), Gamma * p), (sigmaz(), kappa)],
    positive=[1 - p],
)
form = canonical_form(L.superoperator(), space=L.space, positive=[1 - p])
for rate, jump in zip(form.rates, form.jumps, strict=True):
    print(rate, "  D[", jump, "]")
assert form.is_gkls is True and is_trace_preserving(L)

# %% [markdown]
# $e^{tL}$ in closed form, its Choi matrix $\sum_{ij}|i\rangle\langle j|\otimes e^{tL}(|i\rangle\langle j|)$, and
# the pivots of that. All are visibly nonnegative for $0 < p < 1$: complete positivity at every time,
# without the theorem (Choi, Linear Algebra Appl. 10, 285 (1975)).

# %%
known = [1 - p]
channel = propagator(L, t)
C = choi(channel, space=L.space)
found = pivots(C.entries, 4, positive=known)
assert found.verdict is True and len(found.values) == 4

# %% [markdown]
# ## Kraus operators and a dilation
#
# The eliminated Choi matrix *is* a set of Kraus operators, $e^{tL}(\rho) = \sum_kd_kA_k\rho A_k^\dagger$,
# and these make an isometry into a larger space: $e^{tL}(\rho) = \mathrm{Tr}_E[V\rho V^\dagger]$ with
# $V = \sum_k\sqrt{d_k}A_k\otimes|k\rangle$ and $V^\dagger V = 1$.

# %%
operators = kraus(channel, space=L.space, positive=known)
rebuilt = map_of(lambda rho: sum((w * A * rho * A.dag() for w, A in operators), 0 * rho), L.space)
assert all(is_zero(rebuilt[k] - channel[k]) for k in {*rebuilt.entries, *channel.entries})
V = stinespring(operators)
assert V.shape == (8, 2)
complete = sum((w * A.dag() * A for w, A in operators), 0 * qeye(2)) - qeye(2)
assert all(is_zero(v) for _, _, v in complete.data)

# %% [markdown]
# ## A state entangled with an ancilla stays positive
#
# The Choi matrix over 2 is the image of a maximally entangled pair of which one half is left alone.
# That it is positive is proved above; the numbers come from another route: the generator as a matrix,
# written down by hand, its exponential, and eigenvalues. The entanglement survives for a while: the
# partial transpose has a negative eigenvalue at first.

# %%
at = {omega: sp.Rational(3, 2), Gamma: sp.Rational(2, 5), p: sp.Rational(1, 5)}
at |= {kappa: sp.Rational(1, 10), t: sp.Rational(7, 10)}


def by_hand(w, up, down, dephasing):
    """L on (rho_ee, rho_ge, rho_eg, rho_gg): the Bloch equations."""
    width = (up + down) / 2 + 2 * dephasing
    return mp.matrix(
        [
            [-down, 0, 0, up],
            [0, 1j * w - width, 0, 0],
            [0, 0, -1j * w - width, 0],
            [down, 0, 0, -up],
        ]
    )


def half_of_a_pair(flow, transposed=False):
    """The image of |ee> + |gg> over root 2, one half of which flows; or its partial transpose."""
    pair = mp.matrix(4, 4)
    for i in range(2):
        for j in range(2):
            for a in range(2):
                for b in range(2):
                    x, y = (j, i) if transposed else (i, j)
                    pair[2 * x + a, 2 * y + b] = flow[a + 2 * b, i + 2 * j] / 2
    return min(mp.eighe(pair)[0])


with mp.workdps(50):
    rates = mp.mpf(2) / 5 / 5, mp.mpf(2) / 5 * 4 / 5, mp.mpf(1) / 10
    stack = by_hand(mp.mpf(3) / 2, *rates)
    numeric = mp.expm(stack * mp.mpf(7) / 10)
    gap = max(
        abs(numeric[i, j] - mp.mpmathify(channel[i, j].xreplace(at).evalf(50)))
        for i in range(4)
        for j in range(4)
    )
    print("closed form against expm:", mp.nstr(gap, 3))
    assert gap < mp.mpf(10) ** -35
    for time in (mp.mpf(7) / 10, mp.mpf(5)):
        flow = mp.expm(stack * time)
        lowest, witness = half_of_a_pair(flow), half_of_a_pair(flow, transposed=True)
        print(f"t = {mp.nstr(time, 2)}: smallest eigenvalue {mp.nstr(lowest, 8)},", end=" ")
        print("of the partial transpose", mp.nstr(witness, 8))
        assert lowest > 0 and (witness < 0) == (time < 1)

# %% [markdown]
# ## The counterexample: Redfield
#
# Drop the secular approximation: a $V$ system at zero temperature, one coupling
# $|g\rangle\langle1| + |g\rangle\langle2| + $ h.c., two frequencies with different rates
# $\gamma_1 = \eta\omega_1$, $\gamma_2 = \eta\omega_2$ and Lamb shifts. First the emission part
# alone, with any rates: $X = \sum_i(\gamma_i/2 + iS_i)|g\rangle\langle i|$.

# %%
g1, g2 = parameters("gamma_1 gamma_2")
S1, S2 = parameters("S_1 S_2", real=True)
atom = HilbertSpace("V", levels="g12")
g, e1, e2 = atom.kets


def emission(*parts: tuple[Operator, Operator]) -> object:
    """rho -> sum over (A, X) of X rho A^+ - A^+ X rho + its adjoint."""

    def total(rho: Operator) -> Operator:
        result = 0 * rho
        for A, X in parts:
            result = result + X * rho * A.dag() - A.dag() * X * rho
            result = result + A * rho * X.dag() - rho * X.dag() * A
        return result

    return map_of(total, atom)


half = sp.Rational(1, 2)
a1, a2 = g * e1.dag(), g * e2.dag()
X1, X2 = (g1 / 2 + sp.I * S1) * a1, (g2 / 2 + sp.I * S2) * a2
K = kossakowski(emission((a1 + a2, X1 + X2)), space=atom)
(block,) = K.blocks()
determinant = K.determinant(block)
assert is_zero(determinant + (g1 - g2) ** 2 / 4 + (S1 - S2) ** 2)

# %% [markdown]
# $\det = -(\gamma_1 - \gamma_2)^2/4 - (S_1 - S_2)^2$: negative unless both differences vanish. With
# the differences as symbols the verdict is read off the pivots.

# %%
d, s = parameters("delta_gamma delta_S", real=True)
form = canonical_form(emission((a1 + a2, X1 + X2)), space=atom)
assert form.orthogonal and is_zero((form.jumps[0].dag() * form.jumps[1]).tr())
low, high = form.eigenvalues  # of K; one is negative
assert is_zero(low * high - determinant) and is_zero(low + high - g1 - g2)
shifted = {g2: g1 + d, S2: S1 + s}
moved = map_of(
    lambda rho: apply_superoperator(emission((a1 + a2, X1 + X2)), rho).subs(shifted), atom
)
assert canonical_form(moved, space=atom).is_gkls is False
proof = prove(Claim(-(determinant.xreplace(shifted)), ">=", 0))
print("-det K >= 0:", proof.verdict.name, "- equality iff", proof.condition.text)
assert proof.proved and replay(proof).valid

# %% [markdown]
# ## Partly correlated couplings
#
# The two transitions couple to fields with the correlation $c$, $0 \le c \le 1$: the correlation
# matrix $\begin{pmatrix}1 & c\\ c & 1\end{pmatrix}$ is the independent pair of couplings
# $a_1 + c\,a_2$ and $\sqrt{1 - c^2}\,a_2$. The determinant is now
# $\gamma_1\gamma_2 - c^2\left[(\gamma_1 + \gamma_2)^2/4 + (S_1 - S_2)^2\right]$,
# and turns negative where $c^2$ exceeds
# $\gamma_1\gamma_2/[(\gamma_1 + \gamma_2)^2/4 + (S_1 - S_2)^2]$.

# %%
c = parameters("c")
root = sp.sqrt(1 - c**2)
partly = kossakowski(
    emission((a1 + c * a2, X1 + c * X2), (root * a2, root * X2)), space=atom, positive=[1 - c]
)
(block,) = partly.blocks()
determinant = partly.determinant(block)
bracket = (g1 + g2) ** 2 / 4 + (S1 - S2) ** 2
assert is_zero(determinant - g1 * g2 + c**2 * bracket)
assert is_zero(determinant.xreplace({c: sp.sqrt(g1 * g2 / bracket)}))
# bracket >= gamma_1 gamma_2, so that the threshold is at most 1, equality iff nothing differs:
assert prove(Claim(bracket.xreplace(shifted), ">=", (g1 * g2).xreplace(shifted))).proved

# %% [markdown]
# ## The same from the Redfield equation itself
#
# `redfield` with a thermal bath has an emission and an absorption block. Neither is positive.

# %%
T, eta = parameters("T eta")
w1, w2 = parameters("omega_1 omega_2")
full = redfield(
    Spectrum(atom, (0, w1, w2)),
    [Coupling(ThermalBath("b", T), a1 + a2 + a1.dag() + a2.dag(), ohmic(eta))],
)
K = kossakowski(full.superoperator(), space=atom, positive=[w2 - w1])
n1, n2 = (1 / (sp.exp(w / T) - 1) for w in (w1, w2))
symbols = {str(x): x for x in full.shifts}
down = K.determinant([k for k in range(len(K.basis)) if K.basis[k] in (a1, a2)])
expected = -((eta * (w1 * (n1 + 1) - w2 * (n2 + 1))) ** 2) / 4
expected -= (symbols["S_b1_0+"] - symbols["S_b1_1+"]) ** 2
assert is_zero(down - expected)

# %% [markdown]
# And $e^{tL}$ is not completely positive: numbers from the operators, with
# $L(\rho) = -i[H, \rho] + X\rho A - AX\rho + h.c.$ as a matrix by hand, no Lamb shift, and the smallest
# eigenvalue of the Choi matrix of its exponential at short times. Davies' generator (page 15) for the
# same bath has none below zero.

# %%
with mp.workdps(30):
    energies = [mp.mpf(0), mp.mpf(1), mp.mpf(3)]
    strength, temperature = mp.mpf(1) / 10, mp.mpf(2)

    def rate(w):
        """gamma(w), of emission for w > 0 and of absorption for w < 0."""
        return strength * w / (1 - mp.exp(-w / temperature))

    A = mp.matrix([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    X = mp.matrix(3, 3)
    for i in range(3):
        for j in range(3):
            if A[i, j]:
                X[i, j] = A[i, j] * rate(energies[j] - energies[i]) / 2

    def redfield_by_hand(rho):
        """Redfield's equation without Lamb shift."""
        first = X * rho * A - A * X * rho
        back = A * rho * X.T - rho * X.T * A
        H = mp.diag(energies)
        return -1j * (H * rho - rho * H) + first + back

    def davies_by_hand(rho):
        """Every transition by itself."""
        H, total = mp.diag(energies), mp.matrix(3, 3)
        for i in range(3):
            for j in range(3):
                if A[i, j]:
                    jump = mp.matrix(3, 3)
                    jump[i, j] = mp.sqrt(2 * X[i, j])
                    norm = jump.T * jump
                    total += jump * rho * jump.T - (norm * rho + rho * norm) / 2
        return -1j * (H * rho - rho * H) + total

    def lowest_of(generator, time):
        """The smallest eigenvalue of the Choi matrix of e^{tL}."""
        L9 = mp.matrix(9, 9)
        for i in range(3):
            for j in range(3):
                unit = mp.matrix(3, 3)
                unit[i, j] = 1
                image = generator(unit)
                for a in range(3):
                    for b in range(3):
                        L9[a + 3 * b, i + 3 * j] = image[a, b]
        flow, matrix = mp.expm(L9 * time), mp.matrix(9, 9)
        for i in range(3):
            for j in range(3):
                for a in range(3):
                    for b in range(3):
                        matrix[3 * i + a, 3 * j + b] = flow[a + 3 * b, i + 3 * j]
        return min(mp.eighe(matrix)[0])

    for time in (mp.mpf(1) / 100, mp.mpf(1) / 10):
        pair = lowest_of(redfield_by_hand, time), lowest_of(davies_by_hand, time)
        print(
            f"t = {mp.nstr(time, 2)}: Redfield {mp.nstr(pair[0], 6)}, Davies {mp.nstr(pair[1], 6)}"
        )
        assert pair[0] < -(mp.mpf(10) ** -6) and pair[1] > -(mp.mpf(10) ** -25)
    # To first order the Choi matrix is t K on the block of the jumps: the negative eigenvalue of K.
    at = {w1: 1, w2: 3, eta: sp.Rational(1, 10), T: 2, **dict.fromkeys(full.shifts, 0)}
    K0 = mp.matrix(len(K.basis), len(K.basis))
    for (i, j), v in K.entries.items():
        K0[i, j] = mp.mpmathify(v.xreplace(at).evalf(25))
    short = lowest_of(redfield_by_hand, mp.mpf(10) ** -8) * 10**8
    print("smallest eigenvalue of K:", mp.nstr(min(mp.eighe(K0)[0]), 10), "and", mp.nstr(short, 10))
    assert abs(min(mp.eighe(K0)[0]) - short) < mp.mpf(10) ** -6

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. $L(\rho) = \kappa(\rho^T - \rho)$ keeps trace and Hermiticity, and $e^{tL}$ is positive. Its
#    Kossakowski matrix is diagonal in the Pauli matrices. Which eigenvalue forbids complete positivity?
# 2. At infinite temperature a flat spectral density has $\gamma_1 = \gamma_2$. Which condition is left
#    for the emission part of Redfield's equation: what is $-\det K$?

# %% tags=["exercise"]
transpose = map_of(
    lambda rho: kappa * (Operator.of(rho.space, {(j, i): v for i, j, v in rho.data}) - rho),
    sigmaz().space,
)
lowest = min(canonical_form(transpose).eigenvalues, key=lambda v: v / kappa)
equal = kossakowski(emission((a1 + a2, (X1 + X2).subs({g2: g1}))), space=atom)


def exercise_1(answer):
    """The negative eigenvalue of K for the transposition."""
    return Claim(lowest, "==", answer)


def exercise_2(answer):
    """-det K at equal rates."""
    return Claim(-equal.determinant(equal.blocks()[0]), "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert canonical_form(transpose).is_gkls is False
assert prove(exercise_1(-kappa)).proved
assert prove(exercise_2((S1 - S2) ** 2)).proved
assert flat(g1).rate(w1) == flat(g1).rate(w2)
