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
# elimination $K = \sum_k d_k v_k v_k^\dagger$: as many pivots $d_k$ as eigenvalues are negative.

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
# $e^{tL}$ in closed form, its Choi matrix, and the pivots of that. All are visibly nonnegative for
# $0 < p < 1$: complete positivity at every time, without a theorem. (Naming $e^{-2\kappa t}$ lets the
# normal form use $\Gamma t/2$ and $2\kappa t$ as its independent exponents.)

# %%
known = [1 - p, sp.exp(-2 * kappa * t)]
channel = propagator(L, t)
C = choi(channel, space=L.space)
found = pivots(C.entries, 4, positive=known)
assert found.verdict is True and len(found.values) == 4

# %% [markdown]
# ## Kraus operators and a dilation
#
# The eliminated Choi matrix *is* a set of Kraus operators, and these make an isometry into a larger
# space: $e^{tL}(\rho) = \mathrm{Tr}_E[V\rho V^\dagger]$ with $V^\dagger V = 1$.

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
# The Choi matrix over 2 is the image of a maximally entangled pair. Numbers: its smallest
# eigenvalue along a trajectory, from an independent matrix exponential of the superoperator.

# %%
at = {omega: sp.Rational(3, 2), Gamma: sp.Rational(2, 5), p: sp.Rational(1, 5)}
at |= {kappa: sp.Rational(1, 10), t: sp.Rational(7, 10)}
with mp.workdps(50):
    stack = mp.matrix(4, 4)
    for (i, j), v in L.superoperator().entries.items():
        value = v.xreplace(at).evalf(50)
        re, im = value.as_real_imag()
        stack[i, j] = mp.mpc(str(re), str(im))
    numeric = mp.expm(stack * mp.mpf(7) / 10)
    gap = max(
        abs(numeric[i, j] - mp.mpmathify(channel[i, j].xreplace(at).evalf(50)))
        for i in range(4)
        for j in range(4)
    )
    pair = mp.matrix(4, 4)
    for i in range(2):
        for j in range(2):
            for a in range(2):
                for b in range(2):
                    pair[2 * i + a, 2 * j + b] = numeric[a + 2 * b, i + 2 * j] / 2
    lowest = min(mp.eighe(pair)[0])
print("closed form against expm:", mp.nstr(gap, 3), "  smallest eigenvalue:", mp.nstr(lowest, 12))
assert gap < mp.mpf(10) ** -35 and lowest > 0

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
print(proof.verdict.name)

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
# ## Exercises
#
# 1. $L(\rho) = \kappa(\rho^T - \rho)$ keeps trace and Hermiticity, and $e^{tL}$ is positive. Is it
#    completely positive?
# 2. A flat spectral density at infinite temperature has $\gamma_1 = \gamma_2$. Which condition is
#    left for the emission part of Redfield's equation?

# %% tags=["solution"]
transpose = map_of(
    lambda rho: kappa * (Operator.of(rho.space, {(j, i): v for i, j, v in rho.data}) - rho),
    sigmaz().space,
)
assert canonical_form(transpose).is_gkls is False

equal = kossakowski(emission((a1 + a2, X1 + X2.subs({g2: g1}))), space=atom)
assert is_zero(equal.determinant(equal.blocks()[0]) + (S1 - S2) ** 2)
assert flat(g1).rate(w1) == flat(g1).rate(w2)
