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
# # KMS, local detailed balance, and when populations balance
#
# **Statement 1.** A bath in a thermal state obeys $C(-t) = C(t - i\beta)$ (Kubo, Martin, Schwinger),
# so its rates obey $\gamma(-\omega) = e^{-\beta\omega}\gamma(\omega)$; the jumps $A(\omega)$ with
# $[H, A(\omega)] = -\omega A(\omega)$ then leave the Gibbs state $\pi = e^{-\beta H}/Z$ stationary, for
# every spectrum, degenerate or not. It is the only stationary state if nothing but the multiples of
# 1 commutes with $H$ and all $A(\omega)$ (Frigerio, Commun. Math. Phys. 63, 269 (1978)).
#
# **Statement 2** (Kolmogorov, Math. Ann. 112, 155 (1936)). Let $W_{mn}$ be the rate from level $n$ to
# $m$. A connected network with $W_{mn} > 0$ iff $W_{nm} > 0$ has populations in detailed balance,
# $W_{mn}p_n = W_{nm}p_m$, iff the affinity $\ln\prod W_{\rightarrow}/\prod W_{\leftarrow}$ of every cycle
# vanishes.

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
    certify,
    cycle_affinities,
    davies,
    detailed_balance,
    equilibrium_populations,
    flat,
    gibbs_state,
    gkls,
    is_zero,
    ohmic,
    ohmic_cutoff,
    parameters,
    pauli,
    prove,
    replay,
    schnakenberg_rate,
    sigmax,
    sigmaz,
    steady_state,
)
from symtherm.baths.spectral import mode_correlation
from symtherm.errors import MissingTrait, NotThermal, NotUnique


def zero(operator):
    """A proof, accepted by the independent checker, that every entry of an operator is zero."""
    for _, _, value in operator.data:
        proof = prove(Claim(value, "==", 0))
        assert proof.proved and replay(proof).valid
    return True


# %% [markdown]
# ## From KMS to rates
#
# A mode of frequency $\omega$ and weight $J$ has $C(t) = J[(n + 1)e^{-i\omega t} + ne^{i\omega t}]$ with
# $n = 1/(e^{\beta\omega} - 1)$, and $C(-t) = C(t - i\beta)$ identically. The rate
# $\gamma(\omega) = \int dt\,e^{i\omega t}C(t)$ of a bath of modes is $2\pi J(\omega)(n + 1)$ at $\omega > 0$
# and $2\pi J(|\omega|)n$ at $\omega < 0$. Their ratio is $e^{-\beta\omega}$ for every spectral density, as
# it must be for any $C$ with KMS: shift the contour of the integral by $i\beta$. (Page 15 has the
# correlation function of a bath given by operators.)

# %%
omega, T, t, J, eta, cutoff = parameters("omega T t J eta omega_c")
assert is_zero(mode_correlation(J, omega, T, -t) - mode_correlation(J, omega, T, t - sp.I / T))
bath = ThermalBath("b", T)
n = bath.occupation(omega)
for spectral in (flat(J), ohmic(eta), ohmic_cutoff(eta, cutoff)):
    emission, absorption = (spectral.rate(omega) * x for x in (n + 1, n))
    assert is_zero(absorption - sp.exp(-omega / T) * emission)

# %% [markdown]
# ## Why the Gibbs state is stationary
#
# $[H, A] = -\omega A$ gives $e^{-\beta H}A = e^{\beta\omega}Ae^{-\beta H}$, that is
#
# $$A\pi = x\,\pi A, \qquad A^\dagger\pi = x^{-1}\pi A^\dagger, \qquad x = e^{-\beta\omega} .$$
#
# Nothing else about $A$, $H$ or the number of levels is used. Moved to the left with these two rules,
# $\pi$ turns gain and loss into multiples of $\pi AA^\dagger$ and $\pi A^\dagger A$, so that
#
# $$D(\pi) = \gamma_\downarrow\left(A\pi A^\dagger - \tfrac12\{A^\dagger A, \pi\}\right)
#   + \gamma_\uparrow\left(A^\dagger\pi A - \tfrac12\{AA^\dagger, \pi\}\right)$$
#
# becomes
#
# $$D(\pi) = (x\gamma_\downarrow - \gamma_\uparrow)\,\pi\,(AA^\dagger - x^{-1}A^\dagger A) .$$
#
# The last factor is not zero for $\omega > 0$, because $AA^\dagger$ and $A^\dagger A$ have the same norm. So
# $\pi$ is stationary *iff* $\gamma_\uparrow = e^{-\beta\omega}\gamma_\downarrow$. (At $\omega = 0$ the one jump
# $A = A^\dagger$ commutes with $\pi$.) The computation below is in the free algebra of the words in
# $A$, $A^\dagger$ and $\pi$.

# %%
x, down, up = parameters("x gamma_down gamma_up")
PAST = {"A": x, "B": 1 / x}  # B stands for the adjoint of A


def ordered(word):
    """(coefficient, word with pi first) of a product of letters of which one is pi."""
    place = word.index("pi")
    before = word[:place]
    return sp.Mul(*(PAST[letter] for letter in before)), (*before, *word[place + 1 :])


def dissipated(rate, L, R):
    """The words of rate (L pi R - (R L pi + pi R L)/2), R being the adjoint of L."""
    return [(rate, (L, "pi", R)), (-rate / 2, (R, L, "pi")), (-rate / 2, ("pi", R, L))]


total = {}
for coefficient, word in dissipated(down, "A", "B") + dissipated(up, "B", "A"):
    factor, rest = ordered(word)
    total[rest] = total.get(rest, 0) + coefficient * factor
assert set(total) == {("A", "B"), ("B", "A")}
assert is_zero(total["A", "B"] - (x * down - up))
assert is_zero(total["B", "A"] + (x * down - up) / x)

# %% [markdown]
# ## By normal form, two to six levels
#
# All gaps, all coupling strengths and $T$ are symbols. $L(e^{-\beta H}/Z)$ is the exact zero, with a
# certificate for every entry; and for up to four levels the null vector of $L$, which knows nothing
# of temperature, is the Gibbs state.


# %%
def ladder(N):
    """N levels with general positive gaps and a coupling of all pairs with general strengths."""
    space = HilbertSpace("n", N)
    gaps = parameters(f"g_1:{N}")
    energies = [sum(gaps[:k], sp.Integer(0)) for k in range(N)]
    entries = {}
    for i in range(N):
        for j in range(i):
            a = sp.Symbol(f"a_{j}{i}", positive=True)
            entries[i, j] = entries[j, i] = a
    return Spectrum(space, energies), Operator.of(space, entries)


gamma = parameters("gamma")
for N in range(2, 7):
    spectrum, coupling = ladder(N)
    L = davies(spectrum, [Coupling(bath, coupling, flat(gamma))])
    gibbs = gibbs_state(spectrum.hamiltonian, T)
    assert zero(L(gibbs))
    if N <= 4:
        assert zero(steady_state(L).rho - gibbs)
    print(N, "levels,", len(L.jumps), "jumps: Gibbs is stationary")

# %% [markdown]
# Equal gaps (one jump for two transitions), complex couplings, a coupling with a diagonal part
# (dephasing), two equal levels, and a qubit in a transverse field, whose Gibbs state has coherence
# between the levels: other models, the same answer.

# %%
b, w1, w2 = parameters("b omega_1 omega_2")
three = HilbertSpace("three levels", 3)
real = ladder(3)[1]
phases = Operator.of(
    three, {(0, 1): sp.I * b, (1, 0): -sp.I * b, (1, 2): b, (2, 1): b, (0, 0): b, (2, 2): 2 * b}
)
for energies, A in (
    ((0, omega, 2 * omega), real),
    ((0, w1, w1 + w2), phases),
    ((0, omega, omega), real),
):
    levels = Spectrum(three, energies)
    L = davies(levels, [Coupling(bath, A, ohmic(eta))])
    assert zero(L(gibbs_state(levels.hamiltonian, T)))

field = omega / 2 * sigmaz() + b * sigmax()
tilted = Spectrum.of(field)
L = davies(tilted, [Coupling(bath, sigmaz(), ohmic(eta))])
relaxed = tilted.to_levels(steady_state(L).rho)
assert zero(relaxed - gibbs_state(field, T))

# %% [markdown]
# From the operators alone, in numbers: a generator of three levels and $e^{tL}$, squared until it has
# forgotten its initial state, which ends at the Boltzmann weights.

# %%
from symtherm.numeric.integrate import steady_state as numeric_steady_state
from symtherm.numeric.operators import numeric_generator

spectrum, coupling = ladder(3)
L = davies(spectrum, [Coupling(bath, coupling, flat(gamma))])
letters = set().union(*(e.free_symbols for e in L.expressions))
numbers = {s: sp.Rational(k + 2, 5) for k, s in enumerate(sorted(letters, key=str))}
with mp.workdps(60):
    end = numeric_steady_state(numeric_generator(L, numbers, 50), 50)
    exponents = [sp.Rational((energy / T).xreplace(numbers)) for energy in spectrum.energies]
    weights = [mp.exp(-mp.mpf(e.p) / e.q) for e in exponents]
    for k, weight in enumerate(weights):
        assert abs(end[k, k] - weight / sum(weights)) < mp.mpf(10) ** -40
print("Boltzmann weights from the operators:", [mp.nstr(mp.re(end[k, k]), 20) for k in range(3)])

# %% [markdown]
# ## Where a hypothesis fails
#
# **One wrong rate.** Replace one absorption rate by $r$: the residual $L(\pi)$ is the violated balance
# of that one transition, and it vanishes only at $r = \gamma n = e^{-\beta\omega}\gamma(n + 1)$.

# %%
r = parameters("r")
atom = HilbertSpace("atom", levels="glu")
g, l, u = atom.kets
H = w1 * l * l.dag() + w2 * u * u.dag()
good = bath.jumps(g * l.dag(), frequency=w1, rate=gamma)
n2 = bath.occupation(w2)
broken = gkls(H, [good, (g * u.dag(), gamma * (n2 + 1)), (u * g.dag(), r)])
gibbs = gibbs_state(H, T)
p_g = gibbs[0, 0]
assert zero(broken(gibbs) - p_g * (r - gamma * n2) * (u * u.dag() - g * g.dag()))
print("L(Gibbs) = p_g (r - gamma n_2) (|u><u| - |g><g|)")

# %% [markdown]
# **A dark state.** Two equal levels that one coupling addresses together: the superposition that it
# does not see keeps its population (its projector commutes with $H$ and $A$), so the Gibbs state is
# stationary but not the only one. A second bath at the same temperature that sees the other
# superposition makes it unique.

# %%
pair = Spectrum(three, (0, omega, omega))


def seen_by(sign):
    """The coupling of level 0 to level 1 and, with a sign, to level 2."""
    return Operator.of(three, {(0, 1): b, (1, 0): b, (0, 2): sign * b, (2, 0): sign * b})


bright = Coupling(bath, seen_by(1), flat(gamma))
other = Coupling(ThermalBath("b2", T), seen_by(-1), flat(gamma))
alone = davies(pair, [bright])
gibbs = gibbs_state(pair.hamiltonian, T)
assert zero(alone(gibbs))
try:
    steady_state(alone)
except NotUnique as error:
    print(error)
else:
    raise AssertionError
assert zero(steady_state(davies(pair, [bright, other])).rho - gibbs)

# %% [markdown]
# ## The Pauli equation
#
# Where no coherence feeds a population, $\dot p_m = \sum_n(W_{mn}p_n - W_{nm}p_m)$. `pauli` reads the
# rates off the generator, and refuses where populations do not stand alone: a drive, or the pair of
# equal levels above. One bath gives $W_{mn}/W_{nm} = e^{-\beta(E_m - E_n)}$, local detailed balance.

# %%
spectrum, coupling = ladder(4)
W = pauli(davies(spectrum, [Coupling(bath, coupling, flat(gamma))]))
E = spectrum.energies
assert all(is_zero(W[m, k] / W[k, m] - sp.exp((E[k] - E[m]) / T)) for m, k in W)
drive = parameters("epsilon") * (g * l.dag() + l * g.dag())
for dynamics in (alone, gkls(drive, [good])):
    try:
        pauli(dynamics)
    except MissingTrait as error:
        print(error)
    else:
        raise AssertionError

# %% [markdown]
# ## Kolmogorov's conditions from symbolic rates
#
# Along a spanning tree the balance of its edges fixes $p$ up to a factor. Every edge outside the tree
# closes one cycle, and is balanced iff the affinity of that cycle vanishes. So as many conditions as
# there are edges outside a tree are necessary and sufficient: three on the twelve rates of a complete
# network of four levels.

# %%
free = {(m, k): sp.Symbol(f"W_{m}{k}", positive=True) for m in range(4) for k in range(4) if m != k}
cycles = cycle_affinities(free, 4)
assert len(cycles) == 3
for cycle in cycles:
    print(cycle.levels, ":", cycle.condition, "= 0")

# %% [markdown]
# *Only if.* Balanced rates are $W_{mn} = s_{mn}/p_n$ with $s$ symmetric. For these the conditions hold
# identically, and the populations that come out are the given ones.

# %%
share = parameters("p_0:4")
balanced = {
    (m, k): sp.Symbol(f"s_{min(m, k)}{max(m, k)}", positive=True) / share[k] for m, k in free
}
assert detailed_balance(balanced, 4) == ()
for k, value in enumerate(equilibrium_populations(balanced, 4)):
    assert is_zero(value - share[k] / sum(share))

# %% [markdown]
# *If.* Each condition is solved for the rate of its own edge. Then all of the six edges balance, with
# certificates, and with them every cycle.

# %%
solved = dict(free)
for cycle in cycles:
    first, second = cycle.levels[:2]  # the edge outside the tree
    solved[second, first] = free[second, first] * cycle.backward / cycle.forward
    assert free[second, first] not in solved[second, first].free_symbols
p = equilibrium_populations(solved, 4)
for m, k in solved:
    proof = prove(Claim(solved[m, k] * p[k], "==", solved[k, m] * p[m]))
    assert proof.proved and replay(proof).valid

# %% [markdown]
# ## Two baths on three levels
#
# The hot bath joins $g$ and $u$, the cold one the other two pairs. The affinity of the one cycle is the
# entropy that a turn produces, here $l\to u\to g\to l$: heat $\omega_2$ leaves the cold bath and enters the hot
# one. It vanishes at equal temperatures only, and there the populations along a tree are the null
# vector of $L$. Each bath for itself is in balance at any temperatures.

# %%
Th, Tc, ga, gb, gc = parameters("T_h T_c gamma_a gamma_b gamma_c")
hot, cold = ThermalBath("h", Th), ThermalBath("c", Tc)
ring = gkls(
    H,
    [
        hot.jumps(g * u.dag(), frequency=w2, rate=ga),
        cold.jumps(g * l.dag(), frequency=w1, rate=gb),
        cold.jumps(l * u.dag(), frequency=w2 - w1, rate=gc),
    ],
    positive=[w2 - w1],
)
W = pauli(ring)
(cycle,) = cycle_affinities(W, 3)
assert [atom.levels[k] for k in cycle.levels] == ["l", "u", "g"]
print("affinity of l -> u -> g -> l:", cycle.affinity)
assert is_zero(cycle.affinity - (w2 / Th - w2 / Tc))
equal = ring.subs(Th, Tc)
assert detailed_balance(W, 3) and detailed_balance(pauli(equal), 3) == ()
for label, temperature in (("h", Th), ("c", Tc)):
    for (m, k), rate in pauli(ring, label).items():
        gap = H[m, m] - H[k, k]
        assert is_zero(rate / pauli(ring, label)[k, m] - sp.exp(-gap / temperature))
tree = equilibrium_populations(pauli(equal), 3)
assert all(is_zero(steady_state(equal).rho[k, k] - value) for k, value in enumerate(tree))

# %% [markdown]
# In the steady state the entropy production, a sum over transitions of flux times force
# (Schnakenberg, Rev. Mod. Phys. 48, 571 (1976)), is the current around the cycle times its affinity;
# so the current goes where the affinity is positive.

# %%
steady = steady_state(ring).rho
i, j = cycle.levels[:2]
current = W[j, i] * steady[i, i] - W[i, j] * steady[j, j]
production = schnakenberg_rate(ring, steady)
assert is_zero(production - current * cycle.affinity)
law = prove(Claim(current * cycle.affinity, ">=", 0, positive=ring.positive))
assert law.proved and replay(law).valid
print("current times affinity >= 0:", law.verdict.name, "- zero iff", law.condition.text)

# %% [markdown]
# Numbers: heats and steady state from the operators alone.

# %%
from symtherm.numeric.integrate import energy_current
from symtherm.numeric.operators import numeric_entries

at = {w1: sp.Integer(1), w2: sp.Integer(3), Th: sp.Integer(4), Tc: sp.Rational(4, 5)}
at |= {ga: sp.Rational(1, 2), gb: sp.Rational(1, 3), gc: sp.Rational(2, 7)}
closed = certify(current * cycle.affinity, at, 35)
with mp.workdps(60):
    gen = numeric_generator(ring, at, 50)
    end, energy = numeric_steady_state(gen, 50), numeric_entries(H, at, 50)
    heats = {label: energy_current(gen, end, label, energy) for label in "hc"}
    numeric = -heats["h"] / 4 - heats["c"] * 5 / 4
    assert abs(mp.mpf(closed.value) - numeric) < mp.mpf(10) ** -32
print("current times affinity:", closed, " from the operators:", mp.nstr(numeric, 30))

# %% [markdown]
# A transition without its reverse has an infinite affinity; it is refused by name. So are populations
# in detailed balance where a cycle does not close.

# %%
for wrong in (
    lambda: cycle_affinities({(1, 0): gamma, (2, 1): gamma, (1, 2): r, (0, 1): r, (0, 2): r}, 3),
    lambda: equilibrium_populations(W, 3),
):
    try:
        wrong()
    except NotThermal as error:
        print(error)
    else:
        raise AssertionError

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. A network without cycles, a chain, is always in detailed balance. In a chain of four levels,
#    what is $p_3/p_0$?
# 2. Two baths on one qubit couple the same pair of levels, and the sum of their rates is in detailed
#    balance. At which $T_h$ does each bath balance for itself, so that no entropy is produced?

# %% tags=["exercise"]
chain = {k: v for k, v in free.items() if abs(k[0] - k[1]) == 1}
assert detailed_balance(chain, 4) == ()
populations = equilibrium_populations(chain, 4)
both = gkls(
    w1 * l * l.dag(),
    [hot.jumps(g * l.dag(), frequency=w1, rate=ga), cold.jumps(g * l.dag(), frequency=w1, rate=gb)],
)
rates = pauli(both)
assert detailed_balance(rates, 2) == ()  # the sum of the rates hides that the baths do not balance
shares = equilibrium_populations(rates, 2)
lost = schnakenberg_rate(both, Operator.of(atom, {(0, 0): shares[0], (1, 1): shares[1]}))
assert not is_zero(lost)


def exercise_1(answer):
    """p_3/p_0 == answer."""
    return Claim(populations[3] / populations[0], "==", answer)


def exercise_2(answer):
    """No entropy is produced at T_h = answer."""
    return Claim(lost.subs(Th, answer), "==", 0)


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
there, back = free[1, 0] * free[2, 1] * free[3, 2], free[0, 1] * free[1, 2] * free[2, 3]
assert prove(exercise_1(there / back)).proved
assert prove(exercise_2(Tc)).proved
