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
# # Landauer's principle
#
# **Hypotheses.** A system in any state, and a bath at the temperature $T = 1/\beta$ that is in
# equilibrium and not correlated with the system at the start. Either both together evolve unitarily
# (page 4), or the bath acts by a dissipator that obeys detailed balance at every moment of a driven
# $H(t)$ (pages 7 and 16).
#
# **Statement.** The heat that the bath takes up obeys
#
# $$\beta Q_{out} = -\Delta S + \Sigma \ge -\Delta S ,$$
#
# at least $T\ln2$ for erasing a random bit (Landauer, IBM J. Res. Dev. 5, 183 (1961)). The bound is
# reached by quasi-static processes only; in a time $t_f$ the excess $\Sigma$ is of the order of $1/t_f$.
#
# The bit is a two-level system whose upper level is raised from $0$ to $\omega$ in contact with the
# bath: by one swap, quasi-statically, in a finite number of steps, and in a finite time.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    ThermalBath,
    certify,
    data_processing,
    expect,
    free_energy,
    gibbs_state,
    gkls,
    is_zero,
    isothermal_steps,
    ket2dm,
    klein_inequality,
    mutual_information,
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
    swap,
    tensor,
    von_neumann_entropy,
)
from symtherm.thermo.information import is_unitary

omega, T = parameters("omega T")
n = sigmap() * sigmam()
start = qeye(n.space) / 2


def proved(claim):
    """The proof of a claim, accepted by the independent checker."""
    proof = prove(claim)
    assert proof.proved and replay(proof).valid
    return proof


# %% [markdown]
# ## One swap
#
# The smallest bath is one qubit with the gap $\omega$ in its Gibbs state $\pi$. A swap leaves the bit in
# $\pi$, whatever its state was. Page 4's equality
# $\beta Q_{out} = -\Delta S + I(S{:}B) + S(\rho_B'\|\rho_B)$ then has $I = 0$ and the excess
# $\Sigma = S(\rho\|\pi)$. For any Bloch vector:

# %%
bloch = parameters("b_x b_y b_z", real=True)
bit = (qeye(2) + bloch[0] * sigmax() + bloch[1] * sigmay() + bloch[2] * sigmaz()) / 2
once = reservoir_balance(swap(n.space), bit, omega * n, T)
for claim in once.claims:
    proved(claim)
gibbs = gibbs_state(omega * n, T)
proved(Claim(once.production, "==", relative_entropy(bit, gibbs)))
print("Sigma of a swap is zero iff", prove(klein_inequality(bit, gibbs)).condition.text)

# %% [markdown]
# ## Quasi-static
#
# The state is Gibbs at every moment, so the work is $dW = \mathrm{Tr}[\pi\,dH]$, and that is the change of
# the free energy $F = -T\ln Z$. Derived, not assumed: for the energies of four levels, and for a field
# on a qubit that changes its direction,

# %%
energies, h = parameters("E_0:4"), parameters("h")
four = HilbertSpace("n", 4)
E = Operator.of(four, {(k, k): e for k, e in enumerate(energies)})
turning = omega / 2 * sigmaz() + h / 2 * sigmax()
for H, force, letter in ((E, None, energies[2]), (turning, sigmax() / 2, h)):
    thermal = gibbs_state(H, T)
    slope = sp.diff(free_energy(thermal, H, T), letter)
    proved(Claim(slope, "==", thermal[2, 2] if force is None else expect(force, thermal)))

# %% [markdown]
# So $W = \Delta F$, and $Q_{out} = W - \Delta U = -T\Delta S$: the bound is reached. For the bit, with the binary
# entropy $h(p)$, $Q_{out} = T[\ln2 - h(p)]$, which goes to $T\ln 2$ as $\omega\to\infty$.

# %%
F = free_energy(gibbs, omega * n, T)
p = gibbs[0, 0]
work = F - free_energy(start, 0 * n, T)
proved(Claim(work, "==", T * sp.log(2 / (1 + sp.exp(-omega / T)))))
released = work - omega * p
binary = -p * sp.log(p) - (1 - p) * sp.log(1 - p)
proved(Claim(released, "==", T * (sp.log(2) - binary)))
proved(Claim(released / T, "==", von_neumann_entropy(start) - von_neumann_entropy(gibbs)))
assert sp.limit(p.xreplace({T: 1}), omega, sp.oo) == 0

# %% [markdown]
# Against a quadrature of $p\,d\omega$ from the Boltzmann factors, to 40 digits:

# %%
at = {omega: sp.Integer(3), T: sp.Rational(4, 5)}
closed = certify(released, at, 45)
with mp.workdps(50):
    beta = mp.mpf(5) / 4
    area = mp.quad(lambda w: 1 / (mp.exp(beta * w) + 1), [0, 1, 2, 3])
    numeric = area - 3 / (mp.exp(3 * beta) + 1)
    assert abs(numeric - mp.mpf(closed.value)) < mp.mpf(10) ** -40
print("Q_out, closed form:", closed)
assert closed.value.startswith("0.466989263219939380115377595276159526166")

# %% [markdown]
# ## A finite number of steps
#
# Raise the gap to $\omega k/N$ at once, let the bit thermalise, repeat. Each step produces
# $S(\pi_{k-1}\|\pi_k)$, so $\beta Q_{out} = -\Delta S + \sum_kS(\pi_{k-1}\|\pi_k)$, identically in
# $\omega$ and $T$, and each term is nonnegative by Klein's inequality.

# %%
excesses = {}
for steps in (1, 2, 4, 16, 64):
    gaps = [omega * sp.Rational(k, steps) * n for k in range(steps + 1)]
    process = isothermal_steps(start, gaps, T)
    if steps <= 4:
        proved(process.landauer)
        for before, after in zip(process.states, process.states[1:], strict=False):
            proved(klein_inequality(before, after))
    excesses[steps] = certify(process.production, at, 20)
    print(f"N = {steps}: Sigma = {excesses[steps]}")

# %% [markdown]
# For many steps the excess falls as $1/N$. To second order in the step
# $S(\pi_\omega\|\pi_{\omega + \delta}) = \frac{\delta^2}{2}\beta^2p(1 - p)$, derived from the closed form; and
# $\beta p(1 - p) = -dp/d\omega$, so $N\Sigma\to\frac12\beta\omega(\frac12 - p)$.

# %%
delta = parameters("delta")
step = relative_entropy(gibbs, gibbs_state((omega + delta) * n, T))
second = sp.diff(step, delta, 2).subs(delta, 0)
assert is_zero(step.subs(delta, 0)) and is_zero(sp.diff(step, delta).subs(delta, 0))
proved(Claim(second, "==", p * (1 - p) / T**2))
proved(Claim(sp.diff(p, omega), "==", -p * (1 - p) / T))
half = sp.Rational(1, 2)
limit = certify(omega / (2 * T) * (half - p), at, 15)
far = [abs(N * float(excesses[N].value) - float(limit.value)) for N in (4, 16, 64)]
print("N Sigma - limit:", ", ".join(f"{v:.6f}" for v in far))
assert 3.9 < far[0] / far[1] < 4.1 and 3.9 < far[1] / far[2] < 4.1  # the next order is 1/N

# %% [markdown]
# **Short contacts, from the operators.** Contact with a bath for a time $\tau$ leaves a part
# $m = e^{-\Gamma\tau}$ of the distance to equilibrium, and the step produces
# $S(\rho\|\pi_k) - S(\rho'\|\pi_k)$. Three contacts of a bit with bosons, whose $\Gamma_k = \gamma(2n_k + 1)$
# depends on the gap: the identity with a letter for each $m_k$; that a step produces no less than
# zero, because a contact is a channel (it keeps the state with probability $m$, and replaces it by
# $\pi_k$ otherwise); and the numbers against $e^{\tau L}$ of each generator, with $\Delta S - \beta Q$ by one
# exponential (page 7).

# %%
from symtherm.numeric.integrate import entropy_production as integrated
from symtherm.numeric.integrate import evolve as evolved
from symtherm.numeric.operators import numeric_entries, numeric_generator

gamma = parameters("gamma")
kept = parameters("m_1:4")
bosons = ThermalBath("b", T)
process = isothermal_steps(start, [omega * k * n for k in range(4)], T, memory=kept)
proved(process.landauer)
u, v, m = parameters("u v m")
known = [1 - u, 1 - v, 1 - m]
before, after = (Operator.of(n.space, {(0, 0): w, (1, 1): 1 - w}) for w in (u, v))
up, down = n.space.kets
resets = [
    ((1 - m) * after[i, i], a * b.dag()) for i, a in enumerate((up, down)) for b in (up, down)
]
proved(data_processing(before, after, [(m, qeye(n.space)), *resets], positive=known))
there = {omega: sp.Integer(1), T: sp.Rational(4, 5), gamma: sp.Rational(1, 3)}
with mp.workdps(60):
    beta, tau = mp.mpf(5) / 4, mp.mpf(3) / 2
    left = [mp.exp(-tau / 3 * mp.coth(beta * k / 2)) for k in (1, 2, 3)]
    closed = sp.lambdify(kept, process.production.subs(there), "mpmath")(*left)
    state, whole = mp.diag([mp.mpf(1) / 2, mp.mpf(1) / 2]), mp.mpf(0)
    for k in (1, 2, 3):
        contact = gkls(omega * k * n, [bosons.jumps(sigmam(), frequency=omega * k, rate=gamma)])
        gen = numeric_generator(contact, there, 40)
        energy = numeric_entries(contact.hamiltonian, there, 60)
        whole += integrated(gen, state, tau, energy, {"b": beta}, 30)
        state = evolved(gen, state, tau, 45)
    assert abs(closed - whole) < mp.mpf(10) ** -27
print("Sigma of three short contacts:", mp.nstr(whole, 25))

# %% [markdown]
# ## Finite time, exactly
#
# The bit is a quantum dot that is empty or holds one electron, at the energy $\omega(t)$ above the Fermi
# level of a lead (Esposito, Kawai, Lindenberg and Van den Broeck, EPL 89, 20003 (2010)). The lead
# fills and empties it, $\dot p = \Gamma[f(\omega(t)) - p]$ with $f = 1/(e^{\omega/T} + 1)$. The population goes on
# a straight line from $\frac12$ to $p_f$ in the time $t_f$ if the Gibbs state runs ahead of it by the lag
# $a = 1/(\Gamma t_f)$, that is for the gap
# $\omega(t) = T\ln\frac{1 - q}{q}$, $q = p(t) + a\,(p_f - \frac12)$. (It jumps at both ends, which is work at
# fixed populations and no heat.) From the operators:

# %%
from fractions import Fraction

from symtherm import Lead, friction, heat_current, straight_process
from symtherm.numeric.enclosure import Enclosed
from symtherm.numeric.system import system_of

Gamma, t_f, t, p_f = parameters("Gamma t_f t p_f")
erased = Operator.of(n.space, {(0, 0): p_f, (1, 1): 1 - p_f})
process = straight_process(start, erased, T, 1 / (Gamma * t_f))
H = process.energy(t / t_f)
q = process.target(t / t_f)[0, 0]
assert is_zero(H[0, 0] - T * sp.log((1 - q) / q)) and H[1, 1] == 0
gap = sp.Symbol("gap", real=True)
bath = Lead("b", T, 0)
qubit = gkls(gap * n, [bath.jumps(sigmam(), energy=gap, rate=Gamma)])


def driven(e):
    """An expression at the time t."""
    return e.subs(gap, H[0, 0])


moving = process.state(t / t_f)
change = qubit(moving).apply(driven) - moving.apply(lambda e: sp.diff(e, t))
assert all(is_zero(v) for _, _, v in change.data)  # rho' = L_t(rho)

# %% [markdown]
# The heat is an integral of $\dot Q = \omega\dot p$ along it, and that is a difference of entropies,
# $Q_{out} = T[S(\rho_a) - S(\rho_{1 + a})]$ (derived in `symtherm.thermo.driving`): differentiate the heat
# released until $t$ and compare with the heat current of the generator.

# %%
until = T * (von_neumann_entropy(process.target(0)) - von_neumann_entropy(process.target(t / t_f)))
current = driven(heat_current(qubit, moving, "b", gap * n))
assert is_zero(sp.diff(until, t) + current)
assert is_zero(until.subs(t, 0)) and is_zero(until.subs(t, t_f) - process.released)
excess = process.production  # beta Q_out + Delta S

# %% [markdown]
# **The excess.** $\rho_1$ and $\rho_a$ lie on the line between $\rho_0$ and $\rho_{1 + a}$, and what mixing adds
# to the entropy is a mean of relative entropies to the mixture. So, for every lag,
#
# $$(1 + a)\,\Sigma = a\,S(\rho_0\|\rho_1) + S(\rho_{1 + a}\|\rho_1) + S(\rho_0\|\rho_a)
#   + a\,S(\rho_{1 + a}\|\rho_a) \ge 0 .$$
#
# The identity and the sign of the sum are two claims. $\Sigma$ is zero at $a = 0$ and grows with $a$: its
# slope is a sum of monotone pairs $(v - u)(\ln v - \ln u)$. It is also convex in $a$, hence above its
# tangent:
#
# $$\Sigma \ge \frac{1}{\Gamma t_f}\left(\tfrac12 - p_f\right)\ln\frac{1 - p_f}{p_f},$$
#
# with equality to first order in $1/t_f$: the excess goes as $1/t_f$.

# %%
lag = parameters("a")
in_lag = straight_process(start, erased, T, lag)
sigma = in_lag.production
proved(in_lag.visible.identity(sigma))
proved(in_lag.visible.inequality)
assert is_zero(sigma.subs(lag, 0)) and is_zero(sp.diff(sigma, lag) - in_lag.growth)
proved(in_lag.claim)
tangent = (half - p_f) * sp.log((1 - p_f) / p_f)
proved(Claim(in_lag.slow, "==", tangent, positive=(1 - p_f,)))
assert is_zero(sp.diff(sigma, lag).subs(lag, 0) - tangent)
# Convexity. With d = 1/2 - p_f, x = a d and y = 1/2 - x - d > 0 (the last target is a state):
d, x, y = parameters("d x y")
bend = sp.diff(sigma, lag, 2).subs(p_f, half - d).subs(lag, x / d)
s = x + d + y  # one half
visible = d**2 * (1 / (s**2 - (x + d) ** 2) - 1 / (s**2 - x**2))
assert is_zero(bend - visible.subs(y, half - x - d))
proved(Claim(visible, ">=", 0))

# %% [markdown]
# Against an integration from the operators: $\rho' = L_t(\rho)$ in balls with a proved remainder, for
# $p_f = 1/20$, $\Gamma = 1$ and several $t_f$. The product $\Sigma\,\Gamma t_f$ falls to its limit from above.
# No straight line is faster than $a = p_f/(\frac12 - p_f)$: there the gap would have to be infinite.

# %%
values = {p_f: sp.Rational(1, 20), Gamma: sp.Integer(1), T: sp.Rational(4, 5)}
limit = certify(tangent, values, 15)
begin = (Fraction(1, 2), Fraction(1, 2), Fraction(0), Fraction(0))
name, products = "entropy_production_integral", []
for duration in (10, 40, 160):
    there = {**values, t_f: sp.Integer(duration)}
    model = qubit.transform(lambda e, there=there: driven(e).subs(there))
    system = system_of(model, model.hamiltonian, time=t)
    found = Enclosed(system, {}).state(begin, Fraction(duration), 25, [name, "population[e]"])
    closed = certify(excess, {k: v for k, v in there.items() if k != T}, 25)
    assert found["population[e]"].value.startswith("0.05000000000000000000")
    with mp.workdps(40):
        assert abs(mp.mpf(closed.value) - mp.mpf(found[name].value)) < mp.mpf(10) ** -20
    products.append(float(closed.value) * duration)
    print(f"t_f = {duration}: Sigma = {found[name]}  Sigma Gamma t_f = {products[-1]:.6f}")
print("limit:", limit)
assert products[0] > products[1] > products[2] > float(limit.value)
assert 4 < (products[1] - float(limit.value)) / (products[2] - float(limit.value)) < 4.4  # order a

# %% [markdown]
# ## Finite time, other protocols
#
# Another ramp has no closed form, but its $1/t_f$ term has: $\Sigma = \frac1{t_f}\int_0^1\zeta\,
# (d\omega/ds)^2ds$ with the friction $\zeta$, derived for any network of populations. Here
# $\zeta = \beta^2f(1 - f)/\Gamma$, so a gap that rises linearly to $\omega_f$ costs
# $\beta\omega_f(\frac12 - f)/(\Gamma t_f)$; the integral is checked by its derivative.

# %%
w = parameters("omega_f")
dot = gkls(w * n, [bath.jumps(sigmam(), energy=w, rate=Gamma)])
zeta = friction(dot, w)
f = bath.occupation(w)
assert is_zero(zeta - f * (1 - f) / (Gamma * T**2))
integral = (half - f) / (Gamma * T)  # int_0^w zeta d omega
assert is_zero(sp.diff(integral, w) - zeta) and integral.subs(w, 0) == 0
cost = w * integral  # (1/t_f) int zeta (d omega/ds)^2 ds, with d omega/ds = omega_f
target = certify(cost, {w: sp.Integer(3), Gamma: sp.Integer(1), T: sp.Rational(4, 5)}, 15)
ramped = []
for duration in (10, 20, 40):
    line = {gap: 3 * t / duration, Gamma: sp.Integer(1), T: sp.Rational(4, 5)}
    model = qubit.transform(lambda e, line=line: e.subs(line))
    system = system_of(model, model.hamiltonian, time=t)
    found = Enclosed(system, {}).state(begin, Fraction(duration), 15, [name])
    ramped.append(float(found[name].value) * duration)
print("linear ramp, Sigma t_f:", ", ".join(f"{v:.6f}" for v in ramped), " limit", target)
gaps = [abs(v - float(target.value)) for v in ramped]
assert gaps[0] > gaps[1] > gaps[2] and 2 < gaps[1] / gaps[2] < 2.4  # 2 + order of 1/t_f

# %% [markdown]
# ## Where a hypothesis fails
#
# **A bath that is not in equilibrium.** Swap the bit with a qubit that is colder than $T$: its upper
# population $r$ is below $f = 1/(e^{\beta\omega} + 1)$. The bit ends in $\rho_B$, and the price
# $\beta Q_{out} + \Delta S$ is what it was, $S(\rho\|\pi)$, less the distance of $\rho_B$ from equilibrium, which is
# used up: $\beta Q_{out} + \Delta S = S(\rho\|\pi) - S(\rho_B\|\pi)$, negative for a random bit and a cold enough
# qubit.

# %%
r = parameters("r")
used = Operator.of(n.space, {(0, 0): r, (1, 1): 1 - r})
both = swap(n.space) * tensor(bit, used) * swap(n.space)
ends = ptrace(both, 0), ptrace(both, 1)
given = expect(omega * n, ends[1] - used)  # to the reservoir
price = given / T + von_neumann_entropy(ends[0]) - von_neumann_entropy(bit)
gap_of = relative_entropy(bit, gibbs) - relative_entropy(used, gibbs)
proved(Claim(price, "==", gap_of, positive=(1 - r,)))
cheap = certify(price.subs(dict.fromkeys(bloch, 0)), {omega: 1, T: 1, r: sp.Rational(1, 50)}, 12)
print("beta Q_out + Delta S with a cold qubit:", cheap)
assert cheap.sign == -1

# %% [markdown]
# **A bath that knows the bit.** Let both be entangled, $\sqrt f|ee\rangle + \sqrt{1 - f}|gg\rangle$. Each alone
# is in its Gibbs state, so nothing local shows it; a rotation of $|gg\rangle$ and $|ee\rangle$ makes
# them $|gg\rangle$: the bit is erased, and the bath *loses* heat (del Rio, Aberg, Renner, Dahlsten and
# Vedral, Nature 474, 61 (2011)). What is used up is the mutual information of the start:
# $\beta Q_{out} + \Delta S = S(\rho_B'\|\rho_B) - I(S{:}B)$.

# %%
f = 1 / (sp.exp(omega / T) + 1)
root_f, root_g = sp.sqrt(f), sp.sqrt(1 - f)
ee, gg = tensor(up, up), tensor(down, down)
psi = root_f * ee + root_g * gg
turn = root_g * (ee * ee.dag() + gg * gg.dag()) + root_f * (gg * ee.dag() - ee * gg.dag())
turn = turn + tensor(up, down) * tensor(up, down).dag() + tensor(down, up) * tensor(down, up).dag()
assert is_unitary(turn)
known = ket2dm(psi)
erased_both = turn * known * turn.dag()
for k in (0, 1):
    assert all(is_zero(w) for _, _, w in (ptrace(known, k) - gibbs).data)
    assert is_zero(ptrace(erased_both, k)[1, 1] - 1)
given = expect(omega * n, ptrace(erased_both, 1) - gibbs)
price = given / T - von_neumann_entropy(gibbs)
assert certify(given, {omega: 1, T: 1}, 12).sign == certify(price, {omega: 1, T: 1}, 12).sign == -1
shared = mutual_information(known, 0)
proved(Claim(price, "==", relative_entropy(ptrace(erased_both, 1), gibbs) - shared))
print("Q_out of a bit that the bath knows:", certify(given, {omega: 1, T: 1}, 12))

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. Erase a trit: raise two degenerate levels above the third. $Q_{out} = T(a - S)$ with the entropy
#    $S$ of the end; what is $a$?
# 2. Erase the trit in finite time on a straight line, to populations $1 - a_1 - a_2, a_1, a_2$. What
#    is the excess to first order in $1/t_f$, in units of the relaxation time?

# %% tags=["exercise"]
trit = HilbertSpace("trit", 3)
up = Operator.of(trit, {(1, 1): sp.Integer(1), (2, 2): sp.Integer(1)})
ready = gibbs_state(omega * up, T)
out = free_energy(ready, omega * up, T) + T * sp.log(3) - omega * (up * ready).tr()
a_1, a_2 = parameters("a_1 a_2")
ends = Operator.of(trit, {(0, 0): 1 - a_1 - a_2, (1, 1): a_1, (2, 2): a_2})
third = Operator.of(trit, {(k, k): sp.Rational(1, 3) for k in range(3)})
trits = straight_process(third, ends, T, lag)


def exercise_1(answer):
    """Q_out == T (answer - S)."""
    return Claim(out, "==", T * (answer - von_neumann_entropy(ready)))


def exercise_2(answer):
    """The coefficient of 1/t_f == answer."""
    return Claim(trits.slow, "==", answer, positive=(1 - a_1 - a_2,))


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(sp.log(3))).proved
assert abs(float(certify(out, {omega: 40, T: 1}, 12).value) - float(sp.log(3))) < 1e-9
by_hand = sum((ends[k, k] - sp.Rational(1, 3)) * sp.log(3 * ends[k, k]) for k in range(3))
assert prove(exercise_2(by_hand)).proved and prove(trits.claim).proved
assert is_zero(sp.diff(trits.production, lag) - trits.growth)
