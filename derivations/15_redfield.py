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
# # Born, Markov, secular; and without the secular approximation
#
# From $H_S + H_B + A\otimes B$ in three named steps, each an operation and each with what it drops:
#
# 1. **Born**: $\rho_{SB}(t - s)$ becomes $\rho(t - s)\otimes\rho_B$; drops correlations, fourth order in
#    the coupling where the odd moments of $B$ vanish. The memory is
#    $K(s)x = -[A, C(s)e^{-iHs}Ax\,e^{iHs} - C(s)^*e^{-iHs}xA\,e^{iHs}]$.
# 2. **Markov**: $\rho(t - s)$ becomes $e^{iHs}\rho(t)e^{-iHs}$ and the integral goes to infinity; drops what
#    happens in the interaction picture while $C(s)$ lasts. With
#    $\Gamma(\omega) = \int_0^\infty ds\,e^{i\omega s}C(s) = \gamma/2 + iS$ this is Redfield's equation,
#    $D(\rho) = X\rho A - AX\rho + h.c.$ with $X = \sum_\omega\Gamma(\omega)A(\omega)$.
# 3. **Secular**: a projection of the superoperator, which drops the entries that turn in the interaction
#    picture. The result is Davies' generator with its Lamb shift.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    davies,
    gibbs_state,
    is_zero,
    nonsecular_balance,
    ohmic,
    ohmic_cutoff,
    parameters,
    prove,
    redfield,
    replay,
    secular,
    sigmax,
    sigmaz,
)
from symtherm.baths.spectral import mode_correlation
from symtherm.dynamics.approximations import (
    approximations,
    born_kernel,
    correlation,
    interaction_picture,
    markov_kernel,
    second_order_kernel,
    turning,
)
from symtherm.dynamics.positivity import is_trace_preserving
from symtherm.errors import MissingTrait
from symtherm.numeric.principal import lamb_integral

T, w, s, eta = parameters("T omega s eta")
w1, w2 = parameters("omega_1 omega_2")
V = HilbertSpace("V", levels="g12")
g, e1, e2 = V.kets
hop = g * e1.dag() + g * e2.dag()
A = hop + hop.dag()
bath = ThermalBath("b", T)
split = Spectrum(V, (0, w1, w2))
p1, p2 = parameters("p_1 p_2")
u, v = sp.symbols("u v", real=True)
rho = Operator.of(
    V, {(0, 0): 1 - p1 - p2, (1, 1): p1, (2, 2): p2, (1, 2): u + sp.I * v, (2, 1): u - sp.I * v}
)


def equal(left, right):
    """Two operators, entry by entry in normal form."""
    return all(is_zero(x) for _, _, x in (left - right).data)


# %% [markdown]
# ## Born
#
# The double commutator on system *and* bath, traced over the bath, against the formula with the
# correlation function. The bath here is one two-level mode in a thermal state, $B = \sigma_x$, and the
# system a $V$ system with two frequencies; nothing is approximated in this comparison.

# %%
nu, p = parameters("nu p")
mode = nu / 2 * sigmaz()
thermal = Operator.of(mode.space, {(0, 0): p, (1, 1): 1 - p})
C = correlation(sigmax(), thermal, mode, s)
print("C(s) =", C)
from_operators = second_order_kernel(A, sigmax(), split.hamiltonian, mode, thermal, s)
from_correlation = born_kernel(A, split.hamiltonian, C, s)
assert equal(from_operators(rho), from_correlation(rho))

try:
    second_order_kernel(A, sigmaz(), split.hamiltonian, mode, thermal, s)
except MissingTrait as error:
    print(error)

# %% [markdown]
# What Born drops is of fourth order. A qubit and the mode with the coupling $\lambda\sigma_x\sigma_x$:
# the exact state from the exponential of the $4\times4$ Hamiltonian, against the double integral of
# $K$; halving $\lambda$ divides the difference by 16.

# %%
with mp.workdps(20):
    gap, frequency, excited, end = mp.mpf(1), mp.mpf(13) / 10, mp.mpf(1) / 5, mp.mpf(2)
    X, Z, one = mp.matrix([[0, 1], [1, 0]]), mp.diag([1, -1]), mp.eye(2)
    H = gap / 2 * Z
    start = mp.matrix([[mp.mpf(3) / 10, mp.mpf(1) / 5], [mp.mpf(1) / 5, mp.mpf(7) / 10]])

    def kron(M, N):
        """The tensor product of 2 x 2 matrices."""
        return mp.matrix(
            [[M[i // 2, j // 2] * N[i % 2, j % 2] for j in range(4)] for i in range(4)]
        )

    def turned(M, t):
        """e^{iHt} M e^{-iHt}."""
        phase = mp.diag([mp.expj(gap * t / 2), mp.expj(-gap * t / 2)])
        return phase * M * phase.transpose_conj()

    def exact(strength):
        """The reduced state in the interaction picture at the end."""
        whole = kron(H, one) + frequency / 2 * kron(one, Z) + strength * kron(X, X)
        U = mp.expm(-1j * end * whole)
        joint = U * kron(start, mp.diag([excited, 1 - excited])) * U.transpose_conj()
        reduced = mp.matrix(2, 2)
        for i in range(2):
            for j in range(2):
                reduced[i, j] = sum(joint[2 * i + k, 2 * j + k] for k in range(2))
        return turned(reduced, end)

    def memory(t, lag):
        """K(s) of the interaction picture at t, applied to the initial state."""
        c = excited * mp.expj(frequency * lag) + (1 - excited) * mp.expj(-frequency * lag)
        now, before = turned(X, t), turned(X, t - lag)
        inner = c * before * start - mp.conj(c) * start * before
        return inner * now - now * inner

    nodes = [
        (end / 2 * (1 + x), end / 2 * y)
        for x, y in mp.calculus.quadrature.GaussLegendre(mp.mp).calc_nodes(4, 70)
    ]
    second = mp.zeros(2)
    for t, weight in nodes:
        for x, inner_weight in nodes:
            lag = t * x / end
            second += weight * inner_weight * t / end * memory(t, lag)
    rest = []
    for strength in (mp.mpf(1) / 10, mp.mpf(1) / 20):
        rest.append(mp.norm(exact(strength) - start - strength**2 * second))
print("what is dropped, and its ratio:", mp.nstr(rest, 5), mp.nstr(rest[0] / rest[1], 6))
assert abs(rest[0] / rest[1] - 16) < 0.2

# %% [markdown]
# ## Markov
#
# The kernel on $e^{iHs}\rho\,e^{-iHs}$ is $X(s)\rho A - AX(s)\rho + h.c.$ with
# $X(s) = \sum_\omega e^{i\omega s}C(s)A(\omega)$, an identity. So all that is left to integrate are
# $e^{i\omega s}C(s)$.

# %%
back = interaction_picture(rho, split.hamiltonian, -s)
markov = markov_kernel(A, split.hamiltonian, C, s)
assert equal(from_correlation(back), markov(rho))

# %% [markdown]
# For one mode of frequency $\nu$ with a damping $e^{-\epsilon s}$ the integral is
# $F = \frac{n + 1}{\epsilon - i(\omega - \nu)} + \frac{n}{\epsilon - i(\omega + \nu)}$, shown by its
# antiderivative. Twice its real part is $2\epsilon/[\epsilon^2 + (\omega - \nu)^2]$, which tends to
# $2\pi\delta(\omega - \nu)$; its imaginary part tends to the principal value. With the weights $J(\nu)d\nu$:
# $\gamma(\omega) = 2\pi J(n + 1)$ and $S(\omega)$ of page 14.

# %%
epsilon = parameters("epsilon")
n = bath.occupation(nu)
poles = epsilon - sp.I * (w - nu), epsilon - sp.I * (w + nu)
turn = sp.exp(sp.expand((sp.I * w - epsilon) * s))
grown = -turn * ((n + 1) * sp.exp(-sp.I * nu * s) / poles[0] + n * sp.exp(sp.I * nu * s) / poles[1])
F = (n + 1) / poles[0] + n / poles[1]
integrand = turn * mode_correlation(1, nu, T, s)
assert is_zero(sp.re(sp.diff(grown, s) - integrand)) and is_zero(
    sp.im(sp.diff(grown, s) - integrand)
)
assert is_zero(sp.re(grown.subs(s, 0) + F)) and is_zero(sp.im(grown.subs(s, 0) + F))
lines = [x / (epsilon**2 + x**2) for x in (w - nu, w + nu)]
assert is_zero(sp.im(F) - (n + 1) * lines[0] - n * lines[1])
widths = [epsilon / (epsilon**2 + x**2) for x in (w - nu, w + nu)]
assert is_zero(sp.re(F) - (n + 1) * widths[0] - n * widths[1])

# %% [markdown]
# ## KMS: absorption from emission
#
# In a thermal state $\rho_B = e^{-H_B/T}/Z$ the correlation function obeys $C(-s) = C(s - i/T)$ (Kubo,
# Martin and Schwinger), because $e^{-H_B/T}$ is an evolution by $-i/T$. Both directions of $B$ have the
# same matrix elements, so at each Bohr frequency $\nu$ of the bath the weight of $e^{i\nu s}$ is
# $e^{-\nu/T}$ times that of $e^{-i\nu s}$. Shown on a bath of three levels with any $B$ that has no mean:

# %%
nu_2, b01, b02 = parameters("nu_2 b_01 b_02")
re12, im12 = parameters("b_r b_i", real=True)
levels = HilbertSpace("B", 3)
H_B = Operator.of(levels, {(1, 1): nu, (2, 2): nu + nu_2})
B = Operator.of(levels, {(0, 1): b01, (0, 2): b02, (1, 2): re12 + sp.I * im12})
B = B + B.dag()
C_B = correlation(B, gibbs_state(H_B, T), H_B, s)
there, moved = C_B.subs(s, -s), C_B.subs(s, s - sp.I / T)
assert is_zero(sp.re(there) - sp.re(moved)) and is_zero(sp.im(there) - sp.im(moved))
assert is_zero(mode_correlation(1, w, T, -s) - mode_correlation(1, w, T, s - sp.I / T))
thermal = gibbs_state(H_B, T)  # the weights of e^{i nu s} and e^{-i nu s} are |B_01|^2 p_1 and p_0
ratio = Claim(b01**2 * thermal[1, 1] / (b01**2 * thermal[0, 0]), "==", sp.exp(-nu / T))
assert prove(ratio).proved and replay(prove(ratio)).valid

# %% [markdown]
# A continuum of modes obeys it too, and $C$ is analytic in the strip between. So, shifting the contour,
#
# $$\gamma(-\omega) = \int ds\,e^{-i\omega s}C(s) = \int ds\,e^{i\omega s}C(-s)
#   = \int ds\,e^{i\omega s}C(s - i/T) = e^{-\omega/T}\gamma(\omega) .$$
#
# Numbers for an Ohmic bath with exponential cutoff at $T > 0$, with $\int_0^\infty x e^{-bx}n(x)dx =
# T^2\psi'(1 + bT)$: $C(s) = \eta[(\frac1{\omega_c} + is)^{-2} + T^2\psi'(1 + \frac T{\omega_c} + iTs) +
# T^2\psi'(1 + \frac T{\omega_c} - iTs)]$. Its one-sided transforms at $\pm\omega$ by quadrature over *time*
# (along rays off the real axis; the poles of $C$ lie on the imaginary one) give $\gamma/2$ and $S$; these are compared with $\pi J(n + 1)$, with the Boltzmann factor, and with the
# principal value, an integral over *frequency*.

# %%
with mp.workdps(25):
    cutoff, at, hot = mp.mpf(5), mp.mpf(1), mp.mpf(2)

    def C_T(time):
        """The correlation function at T = 2, for eta = 1."""
        thermal = sum(mp.psi(1, 1 + hot / cutoff + sign * 1j * hot * time) for sign in (1, -1))
        return 1 / (1 / cutoff + 1j * time) ** 2 + hot**2 * thermal

    sides = {}
    for sign in (1, -1):  # on the ray of angle 1/2 the factor e^{i omega s} decays
        ray = mp.expj(mp.mpf(sign) / 2)
        sides[sign] = mp.quad(
            lambda r, d=ray, k=sign: d * mp.expj(k * at * r * d) * C_T(r * d),
            [0, 0.25, 1, 3, 8, 20, 50, 120],
        )
    emission = mp.pi * at * mp.exp(-at / cutoff) / (1 - mp.exp(-at / hot))
    value = lamb_integral(lambda x: x * mp.exp(-x / cutoff), at, hot, cutoff, 20)
    print("gamma/2 and S at omega:", mp.nstr(sides[1], 12), "  at -omega:", mp.nstr(sides[-1], 12))
    assert abs(sides[1].real - emission) < mp.mpf(10) ** -12
    assert abs(sides[-1].real - mp.exp(-at / hot) * sides[1].real) < mp.mpf(10) ** -12
    assert abs(sides[1].imag - value) < mp.mpf(10) ** -12

# %% [markdown]
# At $T = 0$, $C(s) = \eta\omega_c^2/(1 + i\omega_cs)^2$, and the imaginary part is the closed form with Ei
# of page 14.

# %%
density = ohmic_cutoff(sp.Integer(1), sp.Integer(5))
with mp.workdps(30):
    cutoff, at = mp.mpf(5), mp.mpf(1)

    def C_0(time):
        """The correlation function at T = 0."""
        return cutoff**2 / (1 + 1j * cutoff * time) ** 2

    halves = [
        mp.quadosc(lambda x, f=f: f(mp.expj(at * x) * C_0(x)), [0, mp.inf], omega=at)
        for f in (mp.re, mp.im)
    ]
    shift = mp.mpf(str(density.lamb(sp.Integer(1)).evalf(30)))
    rate = mp.mpf(str(density.rate(sp.Integer(1)).evalf(30)))
    assert abs(halves[0] - rate / 2) < mp.mpf(10) ** -15
    assert abs(halves[1] - shift) < mp.mpf(10) ** -15
print("Gamma(1) =", mp.nstr(halves[0], 15), "+ i", mp.nstr(halves[1], 15))

# %% [markdown]
# **Where it fails.** One mode alone never forgets: $C(s)$ does not decay, $F$ has no limit on resonance
# ($1/\epsilon$), and the exact state returns. Markov needs a continuum.

# %%
assert is_zero(sp.re(F).subs(nu, w) - (n + 1).subs(nu, w) / epsilon - (n * widths[1]).subs(nu, w))

# %% [markdown]
# ## A $V$ system: secular Redfield is Davies
#
# Two excited levels with different energies, one bath, one coupling. The secular projection of the
# Redfield superoperator equals Davies' generator with its Lamb shift, entry by entry.

# %%


def couplings(operator):
    """One bath, one coupling."""
    return [Coupling(bath, operator, ohmic(eta))]


L = redfield(split, couplings(hop + hop.dag()))
assert is_trace_preserving(L.superoperator())
projected = secular(L.superoperator(), split)
expected = davies(split, couplings(hop + hop.dag()), lamb_shift=True).superoperator()
assert all(is_zero(projected[k] - expected[k]) for k in {*projected.entries, *expected.entries})
steps = approximations(split, couplings(A), {"b": mode_correlation(1, nu, T, s)}, s)
for step in steps:
    print(step)
assert all(is_zero(steps[2].equation[k] - expected[k]) for k in expected.entries)
dropped = turning(L.superoperator(), split)
assert len(dropped) + len(projected.entries) == len(L.superoperator().entries)
assert all(is_zero(x) is not True for x in dropped.values())

# %% [markdown]
# ## The other limit: exact degeneracy
#
# At $\omega_1 = \omega_2$ the two transitions are one Bohr frequency. Redfield's equation becomes
# Davies' *grouped* generator, all of it that does not change the number of excitations by two; only
# counter-rotating terms at $2\omega$ are left for the secular projection.

# %%
same = Spectrum(V, (0, w, w))
grouped = davies(same, couplings(hop + hop.dag()), lamb_shift=True).superoperator()
near = redfield(same, couplings(hop + hop.dag()))
projected = secular(near.superoperator(), same)
assert all(is_zero(projected[k] - grouped[k]) for k in {*projected.entries, *grouped.entries})
# A partial secular approximation of the split levels, treating omega_2 as omega_1, keeps the same
# entries, with the rates of both frequencies.
partial = secular(L.superoperator(), split, same={w2: w1})
names = {str(x): x for x in L.shifts}
merged = {w1: w, w2: w, **{names[f"S_b1_1{k}"]: names[f"S_b1_0{k}"] for k in "+-"}}
assert all(
    is_zero(partial[k].xreplace(merged) - grouped[k]) for k in {*partial.entries, *grouped.entries}
)

# %% [markdown]
# ## Heat, with coherences
#
# $\dot Q = \mathrm{Tr}[H_SL_a(\rho)]$ with $L_a$ including its Lamb commutator. The populations give the
# Pauli heat; the coherence $\rho_{12} = u + iv$ enters with the term printed.

# %%
names = {str(x): x for x in L.shifts}
balance = nonsecular_balance(L, rho)
n1, n2 = (bath.occupation(x) for x in (w1, w2))
G1, G2 = eta * w1 * (n1 + 1), eta * w2 * (n2 + 1)
S1, S2 = names["S_b1_0+"], names["S_b1_1+"]
term = -(G2 * w1 + G1 * w2) * u + 2 * (S1 * w2 - S2 * w1) * v
print(
    "heat of the coherence:  -(gamma_2 omega_1 + gamma_1 omega_2) u + 2 (S_1 omega_2 - S_2 omega_1) v"
)
assert is_zero(balance.coherent_heat["b"] - term)
alone = nonsecular_balance(L, rho.subs({u: 0, v: 0}))
assert is_zero(balance.heat["b"] - alone.heat["b"] - term)

# %% [markdown]
# ## The split into populations and coherences fails
#
# Redfield's generator does not commute with the pinching: $\rho_{12}$ feeds the populations, at
# $\dot p_g = (\gamma_1 + \gamma_2)u + 2(S_2 - S_1)v$ (with $\gamma$ of emission). The entropy cross term
# $-\mathrm{Tr}[L(\chi)(\ln\Delta(\rho) + \beta H_S)] = -\sum_iF_i(\ln p_i + \beta E_i)$ with the flows
# $F_i = \langle i|L(\chi)|i\rangle$ is printed. (Page 17: two coupled qubits, with numbers from the operators.)

# %%
flows = L.dissipate("b", balance.coherent)
feed = (G1 + G2) * u + 2 * (S2 - S1) * v
assert is_zero(flows[0, 0] - feed)
assert is_zero(flows[1, 1] + G2 * u + 2 * S2 * v) and is_zero(flows[2, 2] + G1 * u - 2 * S1 * v)
forces = sp.log(1 - p1 - p2), sp.log(p1) + w1 / T, sp.log(p2) + w2 / T
cross = -feed * forces[0] + (G2 * u + 2 * S2 * v) * forces[1] + (G1 * u - 2 * S1 * v) * forces[2]
assert is_zero(balance.cross - cross)
proof = prove(balance.identity)
assert proof.proved and replay(proof).valid
print("sigma_x = gamma_2 u [ln(p_1/p_g) + beta omega_1] + gamma_1 u [ln(p_2/p_g) + beta omega_2]")
print("        + 2 S_2 v [ln(p_1/p_g) + beta omega_1] - 2 S_1 v [ln(p_2/p_g) + beta omega_2]")
for hypothesis in balance.hypotheses:
    print(hypothesis)
assert not balance.hypotheses[0].holds
# In the secular approximation both terms vanish, for Davies' generator of the same model:
from symtherm import decompose, heat_current

kept = davies(split, couplings(A), lamb_shift=True)
assert is_zero(heat_current(kept, balance.coherent, "b", split.hamiltonian))
assert is_zero(decompose(kept, rho, energy=split.hamiltonian).coherence.cross)

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. Redfield's equation of a qubit with a $\sigma_x$ coupling: which excited population $p$ is
#    stationary?
# 2. Which entries does the secular projection drop for a qubit, and at which frequency do they turn?

# %% tags=["exercise"]
q = HilbertSpace("q", levels="ge")
low, high = q.kets
qubit = Spectrum(q, (0, w))
R = redfield(qubit, couplings(low * high.dag() + high * low.dag()))


def exercise_1(answer):
    """The change of the excited population at p = answer, without coherence."""
    return Claim(R(Operator.of(q, {(0, 0): 1 - answer, (1, 1): answer}))[1, 1], "==", 0)


def exercise_2(entry, answer):
    """The frequency at which an entry (row, column) turns that is dropped."""
    return Claim(turning(R.superoperator(), qubit)[entry], "==", answer)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(gibbs_state(qubit.hamiltonian, T)[1, 1])).proved
assert set(turning(R.superoperator(), qubit)) == {(1, 2), (2, 1)}
assert prove(exercise_2((1, 2), 2 * w)).proved and prove(exercise_2((2, 1), -2 * w)).proved
