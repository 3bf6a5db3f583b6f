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
# # Two coupled qubits without the secular approximation
#
# $H_S = \omega(n_1 + n_2) + J(\sigma_+^1\sigma_-^2 + h.c.)$, each qubit coupled by $\sigma_x$ to its own
# bath. The eigenmodes $\pm$ have the frequencies $\omega\pm J$; for small $J$ they are nearly
# degenerate, and Redfield's equation keeps what couples their coherence $\rho_{+-}$ to populations.
#
# **Statements.** With $\dot Q_a = \mathrm{Tr}[H_SL_a(\rho)]$, $L_a$ including its Lamb commutator, and
# $\chi = \rho - \Delta(\rho)$:
#
# 1. coherences carry heat, $\mathrm{Tr}[H_SL_a(\chi)]$;
# 2. $\sigma = \sigma_{pop} + \sigma_{coh} + \sigma_\times$ with
#    $\sigma_\times = -\sum_a\mathrm{Tr}[L_a(\chi)(\ln\Delta(\rho) + \beta_aH_S)]$, which does not vanish
#    (proof in `symtherm.thermo.nonsecular`);
# 3. the secular projection is Davies' generator for $J$ large against the rates; at $J = 0$ it is the
#    grouped one, here that of two local baths.

# %%
from functools import cache

import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    Operator,
    Spectrum,
    ThermalBath,
    davies,
    drude,
    gibbs_state,
    gkls,
    is_zero,
    nonsecular_balance,
    ohmic,
    parameters,
    prove,
    qeye,
    redfield,
    replay,
    secular,
    sigmam,
    tensor,
)

omega, J, g1, g2, T1, T2 = parameters("omega J gamma_1 gamma_2 T_1 T_2")
a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
H = omega * (a.dag() * a + b.dag() * b) + J * (a.dag() * b + b.dag() * a)
spectrum = Spectrum.of(H, ascending=["gg", "-", "+", "ee"])
baths = ThermalBath("1", T1), ThermalBath("2", T2)


def couplings(densities):
    """sigma_x of each qubit to its own bath."""
    operators = a + a.dag(), b + b.dag()
    return [Coupling(*x) for x in zip(baths, operators, densities, strict=True)]


L = redfield(spectrum, couplings((ohmic(g1), ohmic(g2))))
assert L.space.levels == ("ee", "+", "-", "gg")

# %% [markdown]
# ## The heat that coherence carries
#
# A general state of the populations and of $\rho_{+-} = u + iv$. With $\omega_\pm = \omega\pm J$ and the
# occupations $n_\pm$ of bath 1 the coherence adds
#
# $$\gamma_1\omega_+\omega_-(n_+ + n_- + 1)\,u + \left\{\omega_+[S(\omega_-) - S(-\omega_-)]
#   - \omega_-[S(\omega_+) - S(-\omega_+)]\right\}v$$
#
# to $\dot Q_1$, and the same with the opposite sign, $\gamma_2$ and its own $n$ and $S$ to $\dot Q_2$:
# $2u$ is the excess of the second qubit's excitation over the first's, which populations of $\pm$ do not
# know, and which bath 1 makes up for.

# %%
pe, pp, pm = parameters("p_e p_+ p_-")
u, v = sp.symbols("u v", real=True)
rho = Operator.of(
    L.space,
    {
        (0, 0): pe,
        (1, 1): pp,
        (2, 2): pm,
        (3, 3): 1 - pe - pp - pm,
        (1, 2): u + sp.I * v,
        (2, 1): u - sp.I * v,
    },
)
balance = nonsecular_balance(L, rho)
up, low = omega + J, omega - J
S = {(label, w): s for s, (label, w) in L.shifts.items()}
for bath, rate, sign in ((baths[0], g1, 1), (baths[1], g2, -1)):
    x = bath.label
    n_up, n_low = bath.occupation(up), bath.occupation(low)
    real = rate * up * low * (n_up + n_low + 1)
    imaginary = up * (S[x, low] - S[x, -low]) - low * (S[x, up] - S[x, -up])
    assert is_zero(balance.coherent_heat[x] - sign * (real * u + imaginary * v))
assert is_zero((spectrum.to_eigenbasis(b.dag() * b - a.dag() * a) * rho).tr() - 2 * u)

# %% [markdown]
# Part of it is carried by the Lamb commutator: $[H_{LS}, H_S] \ne 0$ without the secular approximation,
# $-i\mathrm{Tr}(H_S[H_{LS,1}, \rho])$. Davies' Lamb shift carries none (page 14).

# %%
lamb = balance.lamb_heat["1"]
print("by the Lamb commutator, coefficient of v:", sp.factor(sp.expand(lamb).coeff(v)))
difference_of_rates = g1 * (up * (2 * baths[0].occupation(up) + 1))
difference_of_rates -= g1 * (low * (2 * baths[0].occupation(low) + 1))
shifts = sum(S["1", s * low] * s + S["1", s * up] * s for s in (1, -1))
assert is_zero(lamb - J * (shifts * v - difference_of_rates * u / 2))

# %% [markdown]
# ## The entropy cross term
#
# The flows $\langle i|L_1(\chi)|i\rangle$ from coherence to populations, and the cross term of bath 1 with
# them, $-\sum_i\langle i|L_1(\chi)|i\rangle(\ln p_i + \beta_1E_i)$:

# %%
short = dict(zip(parameters("n_+ n_-"), (up, low), strict=True))
names = {baths[0].occupation(w): n for n, w in short.items()}
flows = L.dissipate("1", balance.coherent)
for i, level in enumerate(L.space.levels):
    print(f"<{level}|L_1(chi)|{level}> =", sp.factor(sp.expand(flows[i, i].xreplace(names))))
energies = [L.hamiltonian[i, i] for i in range(4)]
cross = -sum(
    flows[i, i] * (sp.log(rho[i, i]) + e / T1) for i, e in zip(range(4), energies, strict=True)
)
assert is_zero(balance.cross_terms["1"] - cross)
n_up, n_low = baths[0].occupation(up), baths[0].occupation(low)
down, rise = up * (n_up + 1) + low * (n_low + 1), up * n_up + low * n_low
twist = (S["1", up] - S["1", low]) * v, (S["1", -low] - S["1", -up]) * v
assert is_zero(flows[3, 3] + g1 * down * u / 2 - twist[0])
assert is_zero(flows[0, 0] - g1 * rise * u / 2 + twist[1])

# %% [markdown]
# The three parts, each on its own, add up to $\dot S - \sum_a\beta_a\dot Q_a$; the split's hypotheses fail.

# %%
proof = prove(balance.identity)
assert proof.proved and replay(proof).valid
for hypothesis in balance.hypotheses:
    print(hypothesis)
assert not any(h.holds for h in balance.hypotheses)
flat = nonsecular_balance(L, rho.subs({u: 0, v: 0}))
assert is_zero(flat.cross) and is_zero(flat.coherent_heat["1"])

# %% [markdown]
# ## Numbers from the operators
#
# An independent route: matrices in the *product* basis, eigenvectors by mpmath, a Drude density with its
# Lamb shift, $X = \sum_{jk}\Gamma(E_k - E_j)|j\rangle\langle j|A|k\rangle\langle k|$; and
# $\frac{d}{dt}$ of entropies by central differences along $L(\rho)$, no logarithm of a matrix.

# %%
eta, cut = parameters("eta omega_c")
model = redfield(spectrum, couplings((drude(eta, cut), drude(2 * eta, cut))))
point = {omega: 1, J: sp.Rational(1, 20), T1: 2, T2: sp.Rational(1, 2), eta: sp.Rational(1, 100)}
point |= {cut: 5, pe: sp.Rational(1, 10), pp: sp.Rational(1, 5), pm: sp.Rational(3, 10)}
point |= {u: sp.Rational(1, 10), v: sp.Rational(-1, 8)}


def shift_of(label, w):
    """S(w) of the Drude density, for either sign of w."""
    return drude(eta if label == "1" else 2 * eta, cut).lamb(w, T1 if label == "1" else T2)


with mp.workdps(50):

    def value(expr):
        """A closed form at the point."""
        return mp.mpf(sp.re(expr.subs(point)).evalf(45)._to_mpmath(160))

    given = {s: sp.Float(value(shift_of(*where)), 45) for s, where in model.shifts.items()}
    exact = nonsecular_balance(model, rho)
    names = ("production", "populations", "coherences", "cross")
    closed = [value(getattr(exact, name).xreplace(given)) for name in names]
    heats = {x: value(exact.heat[x].xreplace(given)) for x in "12"}

    lower = mp.zeros(4), mp.zeros(4)  # |g><e| of either qubit, on ee, eg, ge, gg
    lower[0][2, 0] = lower[0][3, 1] = lower[1][1, 0] = lower[1][3, 2] = 1
    hop = lower[0].T * lower[1] + lower[1].T * lower[0]
    matrix = lower[0].T * lower[0] + lower[1].T * lower[1] + hop / 20
    E, U = mp.eighe(matrix)
    beta = {0: mp.mpf(1) / 2, 1: mp.mpf(2)}

    @cache
    def half(k, w):
        """Gamma(w) = gamma/2 + i S of bath k, from J, n and the Drude shift."""
        strength = mp.mpf(k + 1) / 100
        rate = 2 * mp.pi * strength * w * 25 / (w**2 + 25)  # odd in w, as 1 + n(w) + n(-w) = 0
        S_w = value(shift_of(str(k + 1), sp.Float(w, 45)))
        return rate / (1 - mp.exp(-beta[k] * w)) / 2 + 1j * S_w

    def part(k, state):
        """L_k(state) in the product basis."""
        A = lower[k] + lower[k].T
        inside = U.transpose_conj() * A * U
        for i in range(4):
            for j in range(4):
                w = E[j] - E[i]
                inside[i, j] = inside[i, j] * half(k, w) if abs(inside[i, j]) > 1e-30 else 0
        X = U * inside * U.transpose_conj()
        first = X * state * A - A * X * state
        return first + first.transpose_conj()

    modes = [mp.matrix([0, s, 1, 0]) / mp.sqrt(2) for s in (1, -1)]  # the phases of spectrum.basis
    plus, less = modes
    state = mp.diag([mp.mpf(1) / 10, 0, 0, mp.mpf(2) / 5])
    state += plus * plus.T / 5 + less * less.T * 3 / 10
    z = mp.mpf(1) / 10 - 1j * mp.mpf(1) / 8
    state += z * plus * less.T + mp.conj(z) * less * plus.T
    changes = [part(k, state) for k in (0, 1)]
    found = [mp.re(sum((matrix * c)[i, i] for i in range(4))) for c in changes]
    motion = -1j * (matrix * state - state * matrix) + changes[0] + changes[1]

    def entropy(M):
        """-Tr M ln M by eigenvalues."""
        return -sum(x * mp.log(x) for x in mp.eighe(M)[0])

    def pinched(M):
        """The diagonal in the modes."""
        inside = U.transpose_conj() * M * U
        return U * mp.diag([inside[i, i] for i in range(4)]) * U.transpose_conj()

    def slope(f, M, direction):
        """d f/dt along the direction, error of fourth order in the step."""
        h = mp.mpf(10) ** -8
        ends = [f(M + k * h * direction) for k in (-2, -1, 1, 2)]
        return (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * h)

    production = slope(entropy, state, motion) - sum(beta[k] * found[k] for k in (0, 1))
    coherent = slope(lambda M: entropy(M) - entropy(pinched(M)), state, motion)
    still = pinched(state)
    base = [part(k, still) for k in (0, 1)]
    populations = slope(entropy, still, pinched(base[0] + base[1]))
    for k in (0, 1):
        populations -= beta[k] * mp.re(sum((matrix * base[k])[i, i] for i in range(4)))
    numeric = [production, populations, coherent, production - populations - coherent]
    for name, x, y in zip(names, closed, numeric, strict=True):
        print(f"{name:12}", mp.nstr(x, 20), mp.nstr(mp.re(y), 20))
        assert abs(x - y) < mp.mpf(10) ** -25
    assert max(abs(found[k] - heats[str(k + 1)]) for k in (0, 1)) < mp.mpf(10) ** -35
print("heats:", {x: mp.nstr(h, 12) for x, h in heats.items()})

# %% [markdown]
# ## Two limits
#
# **Large splitting.** The secular projection of Redfield's superoperator is Davies' generator with its
# Lamb shift, entry by entry. What it drops turns at $2J$ or faster.

# %%


def same(left, right):
    """Entry by entry, in normal form."""
    return all(is_zero(left[k] - right[k]) for k in {*left.entries, *right.entries})


full = L.superoperator()
kept = secular(full, spectrum)
global_form = davies(spectrum, couplings((ohmic(g1), ohmic(g2))), lamb_shift=True)
assert same(kept, global_form.superoperator())

# %% [markdown]
# **Exact degeneracy.** At $J = 0$ the modes $\pm$ have one frequency. Davies' *grouped* generator at
# $J = 0$ is that of two local baths, in the basis of the modes; the partial secular projection of the
# split model (which keeps what turns at $2J$) tends to it.

# %%
joined = [e.subs(J, 0) for e in spectrum.energies]
degenerate = Spectrum(spectrum.space, joined, spectrum.order, spectrum.basis)
grouped = davies(degenerate, couplings((ohmic(g1), ohmic(g2))), lamb_shift=True)
near = redfield(degenerate, couplings((ohmic(g1), ohmic(g2))))
assert same(secular(near.superoperator(), degenerate), grouped.superoperator())
partial = secular(full, spectrum, same={J: 0})
merged = {
    s: next(t for t, (y, at) in near.shifts.items() if (y, at) == (x, w.subs(J, 0)))
    for s, (x, w) in L.shifts.items()
}
target = grouped.superoperator()
assert all(
    is_zero(partial[k].subs(J, 0).xreplace(merged) - target[k])
    for k in {*partial.entries, *target.entries}
)
local = davies(degenerate, couplings((ohmic(g1), ohmic(g2))))
own = [
    bath.jumps(spectrum.to_eigenbasis(A), frequency=omega, rate=rate * omega)
    for bath, A, rate in zip(baths, (a, b), (g1, g2), strict=True)
]
assert same(local.superoperator(), gkls(degenerate.hamiltonian, own).superoperator())

# %% [markdown]
# In between lies the physics: the steady heat current, from the null vector of each superoperator.
# Davies' current stays finite as $J\to0$, although two qubits that are not coupled cannot conduct;
# Redfield's falls as $J^2$, and agrees with Davies' for $J$ large against the rates.

# %%
bare = redfield(spectrum, couplings((ohmic(g1), ohmic(g2))), lamb_shift=False)
plain = secular(bare.superoperator(), spectrum)
rates = {omega: 1, T1: 2, T2: sp.Rational(1, 2), g1: sp.Rational(1, 100), g2: sp.Rational(1, 50)}
weights = {
    (i, j): bare.heat("1", Operator.of(L.space, {(i, j): sp.Integer(1)}))
    for i in range(4)
    for j in range(4)
}


def current(superoperator, splitting):
    """Tr[H_S L_1(rho)] in the steady state, in double precision."""
    table = {**superoperator.entries, **{("heat", k): w for k, w in weights.items()}}
    values = sp.lambdify(J, [e.subs(rates) for e in table.values()], "mpmath")(mp.mpf(splitting))
    found = dict(zip(table, values, strict=True))
    M = mp.matrix(17, 16)
    for place in superoperator.entries:
        M[place] = found[place]
    for k in range(4):
        M[16, 5 * k] = 1
    steady = mp.lu_solve(M, mp.matrix([*[0] * 16, 1]))
    return mp.re(sum(found["heat", (i, j)] * steady[i + 4 * j] for i, j in weights))


splittings = [mp.mpf(1) / k for k in (10**4, 10**3, 100, 4)]
table = [
    (j, current(full_form, j)) for full_form in (bare.superoperator(), plain) for j in splittings
]
free, global_ = [x for _, x in table[:4]], [x for _, x in table[4:]]
for j, x, y in zip(splittings, free, global_, strict=True):
    print(f"J = {mp.nstr(j, 3)}: Redfield {mp.nstr(x, 6)}  Davies {mp.nstr(y, 6)}")
assert abs(free[1] / free[0] - 100) < 1 and global_[0] > 1e-3
assert abs(free[3] / global_[3] - 1) < 1e-2

# %% [markdown]
# ## Where the second law fails
#
# Redfield's equation is not completely positive (page 5). Without its Lamb shift it still keeps the
# Gibbs state at one temperature: $A(\omega)\pi = e^{-\beta\omega}\pi A(\omega)$ and KMS give
# $X\pi = \pi X^\dagger$, and the four terms cancel. With its Lamb shift it does not, so that
# $\sigma = -\mathrm{Tr}[L(\rho)(\ln\rho - \ln\pi)]$ is linear in $\rho - \pi$ near $\pi$ and changes its sign.

# %%
from symtherm.numeric.entropies import enclose_spohn_rate


def alike(lamb_shift):
    """Both baths at T_1."""
    pairs = (("1", a, g1), ("2", b, g2))
    return redfield(
        spectrum,
        [Coupling(ThermalBath(x, T1), A + A.dag(), ohmic(g)) for x, A, g in pairs],
        lamb_shift=lamb_shift,
    )


gibbs = gibbs_state(spectrum.hamiltonian, T1)
assert all(is_zero(x) for _, _, x in alike(False)(gibbs).data)
shifted = alike(True)
assert not is_zero(shifted(gibbs)[1, 2])
here = {omega: 1, J: sp.Rational(1, 20), T1: 2, g1: sp.Rational(1, 100), g2: sp.Rational(1, 50)}
with mp.workdps(30):  # the shifts of a Drude density, as rationals of 12 digits
    for s, (x, w) in shifted.shifts.items():
        density = drude(eta if x == "1" else 2 * eta, cut).lamb(w, T1)
        here[s] = sp.Rational(str(sp.re(density.subs(point)).evalf(12)))
signs = set()
for small in (sp.Rational(1, 10**4), -sp.Rational(1, 10**4)):
    nearby = gibbs + Operator.of(L.space, {(1, 2): sp.I * small, (2, 1): -sp.I * small})
    sigma = enclose_spohn_rate(shifted, nearby, gibbs, here, 12)
    signs.add(sigma.sign)
    print("sigma near equilibrium:", sigma)
assert signs == {1, -1}

# %% [markdown]
# A stationary Gibbs state does not save it. One bath, no Lamb shift: both emissions of $|ee\rangle$ share
# the operator $\sigma_x^1$, and for $|v\rangle = \frac{12}{13}|+\rangle - \frac5{13}|-\rangle$ the rate of
# $\langle v|\rho|v\rangle$ is negative: where this population is $\eta\to0$ the state turns negative, and on
# the way there $\sigma = \ldots - \langle v|L(\rho)|v\rangle\ln\eta \to -\infty$.

# %%
single = redfield(spectrum, [Coupling(baths[0], a + a.dag(), ohmic(g1))], lamb_shift=False)
assert all(is_zero(w) for _, _, w in single(gibbs).data)
ee, plus, minus, gg = (ket * ket.dag() for ket in L.space.kets)
ket = sp.Rational(12, 13) * L.space.kets[1] - sp.Rational(5, 13) * L.space.kets[2]
at_low = {omega: 1, J: sp.Rational(9, 10), T1: sp.Rational(1, 10), g1: sp.Rational(1, 10)}
signs, tenth = [], sp.Rational(1, 10)
for k in (3, 30, 90):
    eta = sp.Rational(1, 10**k)
    edge = (1 - 2 * tenth - eta) * ee + tenth * (plus + minus + gg)
    edge = edge - (tenth - eta) * ket * ket.dag()
    sigma = enclose_spohn_rate(single, edge, gibbs, at_low, 12)
    signs.append(sigma.sign)
    print(f"eta = 10^-{k}: sigma =", sigma)
assert signs[0] == 1 and signs[-1] == -1

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. Let both qubits couple to *one* bath by $\sigma_x^1 + \sigma_x^2$. One of the modes is dark. How
#    much heat comes with the coherence?
# 2. Identical baths at one temperature: what do both coherent heats add up to?
# 3. In the coherent heat of bath 1, what multiplies $u$, the real part of the coherence?

# %% tags=["exercise"]
common = redfield(
    spectrum, [Coupling(baths[0], a + a.dag() + b + b.dag(), ohmic(g1))], lamb_shift=False
)
dark = nonsecular_balance(common, rho)
assert is_zero(common.parts[0].coupling[3, 2]) and is_zero(dark.cross)
sums = (balance.coherent_heat["1"] + balance.coherent_heat["2"]).subs({T2: T1, g2: g1})
equal_shifts = {S["2", w]: S["1", w] for w in (up, low, -up, -low)}
imaginary = up * (S["1", low] - S["1", -low]) - low * (S["1", up] - S["1", -up])


def exercise_1(answer):
    """The coherent heat of the common bath == answer."""
    return Claim(dark.coherent_heat["1"], "==", answer)


def exercise_2(answer):
    """The sum of both coherent heats == answer."""
    return Claim(sums.xreplace(equal_shifts), "==", answer)


def exercise_3(answer):
    """The coherent heat of bath 1 == answer * u + (...) v."""
    return Claim(balance.coherent_heat["1"], "==", answer * u + imaginary * v)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(sp.Integer(0))).proved
assert prove(exercise_2(sp.Integer(0))).proved
real = g1 * up * low * (baths[0].occupation(up) + baths[0].occupation(low) + 1)
proof = prove(exercise_3(real))
assert proof.proved and replay(proof).valid
