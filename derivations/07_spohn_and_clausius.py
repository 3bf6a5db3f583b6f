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
# # Spohn's inequality, the Clausius inequality, and dephasing
#
# **Spohn** (J. Math. Phys. 19, 1227 (1978)). If $L$ is a GKLS generator and $L(\pi) = 0$ with $\pi$ of
# full rank, then $\sigma = -\mathrm{Tr}[L(\rho)(\ln\rho - \ln\pi)] \ge 0$. Proof: $\sigma =
# -\frac{d}{dt}S(e^{tL}\rho\|\pi)$ at $t = 0$, and $S(e^{tL}\rho\|e^{tL}\pi)$ cannot grow (page 6).
#
# **Clausius.** If the dissipator of bath $a$ has the stationary state $e^{-\beta_aH}/Z$, Spohn's rate
# of that dissipator is $-\mathrm{Tr}[D_a(\rho)\ln\rho] - \beta_a\dot Q_a$, and their sum is
# $\sigma = dS/dt - \sum_a\beta_a\dot Q_a$.

# %%
import mpmath as mp
import sympy as sp

from symtherm import (
    HilbertSpace,
    Operator,
    ThermalBath,
    bose,
    certify,
    clausius_rate,
    decompose,
    entropy_production,
    evolve,
    gibbs_state,
    gkls,
    heat_current,
    is_zero,
    parameters,
    pinching,
    relative_entropy,
    sigmam,
    sigmaz,
    spohn_rate,
    steady_state,
    total_spohn_rate,
    von_neumann_entropy,
)
from symtherm.errors import NotThermal, OutOfDomain

omega, gh, gc, Th, Tc = parameters("omega gamma_h gamma_c T_h T_c")
z, c = sp.symbols("z c", real=True)
half = sp.Rational(1, 2)
H = omega / 2 * sigmaz()
hot, cold = ThermalBath("h", Th), ThermalBath("c", Tc)
L = gkls(
    H,
    [
        hot.jumps(sigmam(), frequency=omega, rate=gh),
        cold.jumps(sigmam(), frequency=omega, rate=gc),
    ],
)
rho = Operator.of(H.space, {(0, 0): half * (1 + z), (1, 1): half * (1 - z), (0, 1): c, (1, 0): c})

# %% [markdown]
# ## A qubit with coherence, per bath and in total
#
# With $\Gamma_a = \gamma_a(2n_a + 1)$ and $z_a = -1/(2n_a + 1)$ each bath produces
# $\Gamma_a\{\frac{\mathrm{artanh}\,r}{r}[z(z - z_a) + 2c^2] - \mathrm{artanh}(z_a)(z - z_a)\}$.

# %%
r = sp.sqrt(z**2 + 4 * c**2)
by_hand = []
for bath, rate in ((hot, gh), (cold, gc)):
    n = bose(omega / bath.T)
    Gamma, z_a = rate * (2 * n + 1), -1 / (2 * n + 1)
    own = Gamma * (sp.atanh(r) / r * (z * (z - z_a) + 2 * c**2) - sp.atanh(z_a) * (z - z_a))
    assert is_zero(spohn_rate(L.dissipator(bath.label), rho, gibbs_state(H, bath.T)) - own)
    by_hand.append(own)
total = entropy_production(L, rho)
assert is_zero(total - sum(by_hand))
assert is_zero(total - entropy_production(L, rho, form="clausius"))

# %% [markdown]
# Each term is proved by Spohn's theorem: the claim carries the dissipator, the state and the reference,
# and the checker verifies rates, stationarity and spectral decompositions on the matrices. So is the
# rate of the whole generator, whose stationary state is no Gibbs state; and that of a driven qubit,
# whose stationary state has coherence. The states are general: any Bloch vector $(x, y, z)$.

# %%
from symtherm import Claim, prove, qeye, replay, sigmax, sigmay, spohn_inequality

x, y = parameters("x y", real=True)
any_state = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2
drive = parameters("epsilon")
driven = gkls(drive * sigmax(), [cold.jumps(sigmam(), frequency=omega, rate=gc)])
for part, reference in (
    (L.dissipator("h"), gibbs_state(H, Th)),
    (L.dissipator("c"), gibbs_state(H, Tc)),
    (L, steady_state(L).rho),
    (driven, steady_state(driven).rho),
):
    proof = prove(spohn_inequality(part, any_state, reference))
    assert proof.proved and replay(proof).valid
    print(proof.verdict.name, f"- zero iff {proof.condition.text}" if proof.condition else "")

# %% [markdown]
# The slope of $S(\rho_t\|\pi)$ from matrices, for the driven qubit: $e^{tL}$ by the exponential of the
# Bloch equations' matrix, entropies from eigenvalues, the derivative by a symmetric difference.

# %%
spot = {omega: sp.Rational(3, 2), gc: sp.Rational(2, 5), Tc: sp.Rational(5, 4)}
spot |= {drive: sp.Rational(1, 5), x: half, y: sp.Rational(-1, 5), z: sp.Rational(3, 10)}
rate = certify(spohn_rate(driven, any_state, steady_state(driven).rho), spot, 20)
with mp.workdps(60):
    occupation = 1 / mp.expm1(mp.mpf(6) / 5)
    full = mp.mpf(2) / 5 * (2 * occupation + 1)
    flow = mp.matrix(  # of (1, x, y, z), with H = sigma_x/5
        [
            [0, 0, 0, 0],
            [0, -full / 2, 0, 0],
            [0, 0, -full / 2, -mp.mpf(2) / 5],
            [-mp.mpf(2) / 5, 0, mp.mpf(2) / 5, -full],
        ]
    )
    start = mp.matrix([1, mp.mpf(1) / 2, -mp.mpf(1) / 5, mp.mpf(3) / 10])
    end = mp.expm(1000 * flow) * start

    def logarithm(length, along):
        """Tr rho ln sigma for Bloch vectors: length of that of sigma, and rho's component."""
        return mp.log((1 - length**2) / 4) / 2 + mp.atanh(length) * along

    def distance(time):
        """S(rho_t||pi)."""
        r, s = ((mp.expm(time * flow) * start)[1:4], end[1:4])
        long, short = (mp.sqrt(sum(v * v for v in vector)) for vector in (r, s))
        inner = sum(a * b for a, b in zip(r, s, strict=True)) / short
        return logarithm(long, long) - logarithm(short, inner)

    step = mp.mpf(10) ** -12
    slope = (distance(step) - distance(-step)) / (2 * step)
    print("Spohn's rate", rate, " minus the slope", mp.nstr(-slope, 18))
    assert abs(mp.mpf(rate.value) + slope) < mp.mpf(10) ** -17

# %% [markdown]
# ## What $\pi$ must satisfy
#
# A state that is not stationary is refused, and so is a stationary state without full rank (decay at
# zero temperature), where $\sigma$ is $+\infty$ for every state that still decays.

# %%
for wrong in (
    lambda: spohn_rate(L, rho, gibbs_state(H, Th)),
    lambda: spohn_rate(
        gkls(H, [(sigmam(), gh)]), rho, Operator.of(H.space, {(1, 1): sp.Integer(1)})
    ),
):
    try:
        wrong()
    except (NotThermal, OutOfDomain) as error:
        print(type(error).__name__, "-", error)
    else:
        raise AssertionError

# %% [markdown]
# ## The integral is a relative entropy
#
# Let $\pi$ be the only stationary state, of full rank. $\mathrm{Tr}\,L(\rho) = 0$ makes
# $\frac{d}{dt}S(\rho_t\|\pi) = \mathrm{Tr}[L(\rho_t)(\ln\rho_t - \ln\pi)]$, minus Spohn's rate of $L$, and
# $\rho_t\to\pi$. So that rate integrates to $S(\rho_0\|\pi) - S(\rho_t\|\pi)$, and from $0$ to $\infty$ to
#
# $$\int_0^\infty\sigma\,dt = S(\rho_0\|\pi) .$$
#
# For one bath it is all of $\sigma$, and this is $\Delta S - \beta Q$. `relaxation` makes the slope a
# claim: on the left the derivative of the closed form of the entropy along $L(\rho)$, on the right the
# trace of logarithms of operators. For a qubit in any state, and for three levels with all
# transitions, any populations and a coherence:

# %%
from symtherm import (
    Coupling,
    Spectrum,
    data_processing,
    davies,
    flat,
    kraus,
    propagator,
    relaxation,
)

w1, w2, p, q, ga = parameters("omega_1 omega_2 p q gamma_a")
single = gkls(H, [cold.jumps(sigmam(), frequency=omega, rate=gc)])
atom = HilbertSpace("atom", levels="glu")
hop = Operator.of(atom, {(i, j): sp.Integer(1) for i in range(3) for j in range(3) if i != j})
levels = Spectrum(atom, (0, w1, w1 + w2))
cooled = davies(levels, [Coupling(cold, hop, flat(gc))])
mixed = Operator.of(
    atom, {(0, 0): 1 - p - q, (1, 1): p, (2, 2): q, (0, 1): sp.I * c, (1, 0): -sp.I * c}
)
for dynamics, state in ((single, any_state), (cooled, mixed)):
    way = relaxation(dynamics, state)
    assert way.at_rest and way.production == way.nonadiabatic
    for claim in (way.slope, way.law):
        proof = prove(claim)
        assert proof.proved and replay(proof).valid
    print(f"{state.space.dim} levels: slope and sign {proof.verdict.name}")

# %% [markdown]
# **Until any time.** $\Delta S - \beta Q = S(\rho_0\|\pi) - S(\rho_t\|\pi)$, where $Q$ is what the energy
# gained; and it is nonnegative because $e^{tL}$ is a channel. Both with certificates, for any state of a
# qubit and any $t$. (The relaxation rate has a letter here, $\gamma_c(2n + 1) = \Gamma$, since $e^{-\Gamma t}$
# of an occupation would be an exponential of exponentials.)

# %%
G, t = parameters("Gamma t")
named = gkls(H, [cold.jumps(sigmam(), frequency=omega, rate=G / (2 * bose(omega / Tc) + 1))])
way = relaxation(named, any_state)
later = evolve(named, any_state, t)
gained = (H * (later - any_state)).tr()
clausius = von_neumann_entropy(later) - von_neumann_entropy(any_state) - gained / Tc
shrinks = data_processing(any_state, way.pi, kraus(propagator(named, t), space=named.space))
for claim in (Claim(clausius, "==", way.until(later)), shrinks):
    proof = prove(claim)
    assert proof.proved and replay(proof).valid
for before, after in ((any_state, later), (way.pi, way.pi)):  # the channel is e^{tL}
    assert all(is_zero(v) for _, _, v in (shrinks.theorem.after(before) - after).data)

# %% [markdown]
# **Numbers.** The route from the operators uses no quadrature: $\Sigma = \Delta S - \beta Q$ with the
# integrated state from the exponential of $\begin{pmatrix}Lt & t\rho_0\\ 0 & 0\end{pmatrix}$, until nothing
# moves any more. For a state of three levels whose coherences join all of them there is no closed
# form; then $S(\rho_0\|\pi)$ comes in balls.

# %%
from symtherm.numeric.entropies import enclose_relative_entropy
from symtherm.numeric.integrate import entropy_production as integrated
from symtherm.numeric.operators import numeric_entries, numeric_generator


def from_operators(generator, state, time, energy, temperatures, digits):
    """Delta S - sum beta Q until a time, by one exponential, at the point ``at``."""
    with mp.workdps(digits + 20):
        start = mp.matrix(
            [
                [mp.mpmathify(sp.N(state[i, j], digits + 20)) for j in range(state.space.dim)]
                for i in range(state.space.dim)
            ]
        )
        beta = {label: mp.mpf(x.q) / x.p for label, x in temperatures.items()}
        gen, entries = numeric_generator(generator, at, digits), numeric_entries(energy, at, 60)
        return integrated(gen, start, time, entries, beta, digits)


def agree(ball, number, digits):
    """Whether a certified value and a number have the same digits."""
    with mp.workdps(digits + 20):
        return abs(mp.mpf(ball.value) - number) < mp.mpf(10) ** -digits


at = {omega: sp.Rational(3, 2), gc: sp.Rational(2, 5), Tc: sp.Rational(5, 4)}
at |= {gh: sp.Rational(1, 5), Th: sp.Integer(3), ga: sp.Rational(3, 10)}
at |= {w1: sp.Rational(1, 2), w2: sp.Integer(1)}
state = rho.subs({z: sp.Rational(3, 10), c: sp.Rational(1, 4)})
third = {p: sp.Rational(1, 4), q: sp.Rational(2, 5), c: sp.Rational(1, 5)}
full = mixed.subs(third) + (hop + sp.I * Operator.of(atom, {(0, 2): 1, (2, 0): -1})) / 20
pi = gibbs_state(H, Tc)
closed = certify(relative_entropy(state, pi), {k: at[k] for k in (omega, Tc)}, digits=45)
numeric = from_operators(single, state, 300, H, {"c": at[Tc]}, 45)
assert agree(closed, numeric, 40)
print("qubit,        S(rho_0||pi) =", closed)
assert closed.value.startswith("0.531383475750595605482675105924791674212980")
energy, end = levels.hamiltonian, relaxation(cooled, mixed).pi
cases = (
    ("three levels", mixed.subs(third), certify(relative_entropy(mixed.subs(third), end), at, 35)),
    ("all coherent", full, enclose_relative_entropy(full, end, at, 35)),
)
for name, three, ball in cases:
    numeric = from_operators(cooled, three, 300, energy, {"c": at[Tc]}, 35)
    assert agree(ball, numeric, 32)
    print(f"{name}, S(rho_0||pi) =", ball)

# %% [markdown]
# ## Several baths
#
# $\Delta S - \sum_a\beta_aQ_a \ge 0$ until any time, because $\sigma$ is a sum of Spohn rates at every
# moment. But the steady state goes on producing: the integral of $\sigma$ diverges. What integrates to
# $S(\rho_0\|\pi)$ is its *nonadiabatic* part, Spohn's rate of the whole generator (page 10); the rest, the
# adiabatic part, is linear in $\rho$. The slope is proved as above: for the qubit between two baths, for
# three levels between two baths, and for the driven qubit, whose $\pi$ has coherence.

# %%
one_each = gkls(
    levels.hamiltonian,
    [
        hot.jumps(atom.kets[0] * atom.kets[2].dag(), frequency=w1 + w2, rate=gh),
        cold.jumps(atom.kets[0] * atom.kets[1].dag(), frequency=w1, rate=gc),
        cold.jumps(atom.kets[1] * atom.kets[2].dag(), frequency=w2, rate=ga),
    ],
)
for dynamics, start in ((L, any_state), (one_each, mixed), (driven, any_state)):
    way = relaxation(dynamics, start)
    assert not way.at_rest and way.production == sp.oo
    for claim in (way.slope, way.law):
        proof = prove(claim)
        assert proof.proved and replay(proof).valid

# %% [markdown]
# For the qubit all of $\Sigma(t)$ is a closed form. With $\Gamma = \Gamma_h + \Gamma_c$ and the $z_\infty$ of $\pi$,
# the mean of $z$ until $t$ is $\bar z = z_\infty + (z - z_\infty)(1 - e^{-\Gamma t})/(\Gamma t)$, and
# $\Sigma(t) = S(\rho_0\|\pi) - S(\rho_t\|\pi) + t\,\sigma_{ad}(\bar z)$. Against one exponential of the operators:

# %%
parts = decompose(L, rho)
assert is_zero(total - parts.adiabatic - parts.nonadiabatic)
assert is_zero(sp.diff(parts.adiabatic, z, 2)) and not parts.adiabatic.has(c)
Gamma = sum(g * (2 * bose(omega / T) + 1) for g, T in ((gh, Th), (gc, Tc)))
z_oo = parts.pi[0, 0] - parts.pi[1, 1]
moved = {z: z_oo + (z - z_oo) * sp.exp(-G * t), c: c * sp.exp(-G * t / 2)}  # up to a phase
mean = {z: z_oo + (z - z_oo) * (1 - sp.exp(-G * t)) / (G * t)}
grown = relaxation(L, rho).until(rho.subs(moved)) + t * parts.adiabatic.xreplace(mean)
start = {z: sp.Rational(3, 10), c: sp.Rational(1, 4)}
with mp.workdps(60):
    value = mp.mpf(certify(Gamma, {k: at[k] for k in (omega, gh, gc, Th, Tc)}, 50).value)
until = {}
for T in (1, 2, 4):
    until[T] = from_operators(L, state, T, H, {"h": at[Th], "c": at[Tc]}, 30)
    with mp.workdps(60):
        numbers = {k: mp.mpf(v.p) / v.q for k, v in {**at, **start, t: sp.Integer(T)}.items()}
        numbers[G] = value
        form = sp.lambdify(list(numbers), grown, "mpmath")
        assert abs(form(*numbers.values()) - until[T]) < mp.mpf(10) ** -28
print("Sigma(1), Sigma(2), Sigma(4):", [mp.nstr(v, 20) for v in until.values()])
assert 0 < until[1] < until[2] < until[4]

# %% [markdown]
# The nonadiabatic integral from the operators: $-\ln\pi$ in the place of $\beta E$, with $\pi$ by repeated
# squaring of $e^{tL}$. For the three levels as well:

# %%
from symtherm.numeric.integrate import steady_state as steady_numeric

for dynamics, begin in ((L, state), (one_each, mixed.subs(third))):
    gen = numeric_generator(dynamics, at, 40)
    with mp.workdps(60):
        end = steady_numeric(gen, 40)
        log_pi = tuple(((k, k), -mp.log(mp.re(end[k, k]))) for k in range(begin.space.dim))
        ones = dict.fromkeys(gen.labels, mp.mpf(1))
        rows = [
            [mp.mpmathify(sp.N(begin[i, j], 60)) for j in range(begin.space.dim)]
            for i in range(begin.space.dim)
        ]
        late = integrated(gen, mp.matrix(rows), 300, log_pi, ones, 30)
    ball = certify(relaxation(dynamics, begin).nonadiabatic, at, 30)
    assert agree(ball, late, 26)
    print(f"{begin.space.dim} levels, nonadiabatic from 0 to oo:", ball)

# %% [markdown]
# ## Pure dephasing: entropy without heat
#
# **Hypothesis.** The jumps are Hermitian and commute with $H$. **Statement.** The heat is zero in every
# state, and $\sigma = dS/dt = -\mathrm{Tr}[D(\rho)\ln\rho] \ge 0$. *Proof.* $\mathrm{Tr}[H D(\rho)] =
# -\frac\gamma2\mathrm{Tr}(\rho\,[A, [A, H]]) = 0$; and $D(1) = 0$, so that $1/d$ is stationary and Spohn's
# inequality with $\pi = 1/d$ is $dS/dt \ge 0$.
#
# For a qubit with $A = \sigma_z$ at the rate $\gamma_\phi/2$, and any Bloch vector of length $r$,
#
# $$\sigma = \gamma_\phi(x^2 + y^2)\,\frac{\mathrm{artanh}\,r}{r} ,$$
#
# whatever diagonal reference is taken: all of them are stationary.

# %%
gphi = parameters("gamma_phi")
dephasing = gkls(H, [(sigmaz(), gphi / 2, "phi")])
sigma_phi = entropy_production(dephasing, any_state)
length = sp.sqrt(x**2 + y**2 + z**2)
assert is_zero(sigma_phi - gphi * (x**2 + y**2) * sp.atanh(length) / length)
for diagonal in (gibbs_state(H, Tc), steady_state(L).rho):
    assert is_zero(spohn_rate(dephasing, any_state, diagonal) - sigma_phi)
assert is_zero(clausius_rate(dephasing, any_state, H) - sigma_phi)
proof = prove(spohn_inequality(dephasing, any_state, qeye(2) / 2))
no_heat = prove(Claim(heat_current(dephasing, any_state, "phi", H), "==", 0, "No heat"))
for found in (proof, no_heat):
    assert found.proved and replay(found).valid

# %% [markdown]
# The same for four levels with any energies $E_i$, a jump with any diagonal entries $a_i$, and any
# coherences: the heat vanishes identically. Of the entropy the closed form covers coherences between
# pairs of levels; the claims of such a state are proved, too.

# %%
four = HilbertSpace("n", 4)
E = Operator.of(four, {(i, i): e for i, e in enumerate(parameters("E_1:5", real=True))})
A = Operator.of(four, {(i, i): a for i, a in enumerate(parameters("a_1:5", real=True))})
u, v = parameters("u_0:6", real=True), parameters("v_0:6", real=True)
p = parameters("p_1:5")
pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
full = {(i, i): p[i] for i in range(4)}
for k, (i, j) in enumerate(pairs):
    full |= {(i, j): u[k] + sp.I * v[k], (j, i): u[k] - sp.I * v[k]}
noisy = gkls(E, [(A, gphi, "phi")])
assert is_zero(heat_current(noisy, Operator.of(four, full), "phi", E))
some = Operator.of(four, {k: w for k, w in full.items() if k[0] // 2 == k[1] // 2})
some = some / some.tr()
mixed = Operator.of(four, {(i, i): sp.Rational(1, 4) for i in range(4)})
for claim in (
    spohn_inequality(noisy, some, mixed),
    Claim(heat_current(noisy, some, "phi", E), "==", 0),
):
    proof = prove(claim)
    assert proof.proved and replay(proof).valid

# %% [markdown]
# The coherence decays as $e^{-\gamma_\phi t}$, and what is produced in all is the relative entropy of
# coherence, $\int_0^\infty\sigma\,dt = S(\Delta\rho_0) - S(\rho_0) = S(\rho_0\|\Delta\rho_0)$, where $\Delta$ drops the
# coherences: $\sigma = dS/dt$ along the closed form of $\rho_t$, whose limit is $\Delta\rho_0$.

# %%
moved = evolve(dephasing, rho, t)
assert is_zero(moved[0, 1] * moved[1, 0] - c**2 * sp.exp(-2 * gphi * t))
later = entropy_production(dephasing, moved)
assert is_zero(sp.diff(von_neumann_entropy(moved), t) - later)
flat = pinching(rho, H)
assert is_zero(relative_entropy(rho, flat) - von_neumann_entropy(flat) + von_neumann_entropy(rho))

# %% [markdown]
# Numbers, from the operators: the rate at $t = \frac12$ from a state propagated with the matrix of the
# generator, and the integral by $\Delta S - \sum\beta Q$ of a propagation to $t = 200$.

# %%
from symtherm.numeric.integrate import energy_current, entropy_production_rate
from symtherm.numeric.integrate import evolve as propagate

point = {omega: sp.Rational(3, 2), gphi: sp.Rational(3, 5), t: half}
point |= {z: sp.Rational(2, 5), c: sp.Rational(3, 10)}
value = certify(later, point, 40)
everything = certify(relative_entropy(rho, flat), {k: point[k] for k in (z, c)}, 30)
with mp.workdps(60):
    gen = numeric_generator(dephasing, point, 45)
    start = mp.matrix([[mp.mpf(7) / 10, mp.mpf(3) / 10], [mp.mpf(3) / 10, mp.mpf(3) / 10]])
    there = propagate(gen, start, mp.mpf(1) / 2, 45)
    energy = numeric_entries(H, point, 60)
    rate = entropy_production_rate(gen, there, energy, {}, 45)
    whole = integrated(gen, start, 200, energy, {}, 40)
    assert abs(rate - mp.mpf(value.value)) < mp.mpf(10) ** -35
    assert abs(whole - mp.mpf(everything.value)) < mp.mpf(10) ** -28
    assert abs(energy_current(gen, there, "phi", energy)) < mp.mpf(10) ** -40
print("sigma of dephasing:", value, "  in all:", everything)
assert value.value.startswith("0.136784176868178161692801013015536937")

# %% [markdown]
# **Where it fails.** Noise along $\sigma_x$ does not commute with $H$. It is still unital, so the entropy
# still grows; but it exchanges heat, $\dot Q = -\gamma_x\omega z$ at the rate $\gamma_x$ of $\sigma_x$: it acts as
# a bath of infinite temperature.

# %%
gx = parameters("gamma_x")
shaken = gkls(H, [(sigmax(), gx, "x")])
assert is_zero(heat_current(shaken, any_state, "x", H) + gx * omega * z)
proof = prove(spohn_inequality(shaken, any_state, qeye(2) / 2))
assert proof.proved and replay(proof).valid

# %% [markdown]
# ## Where a hypothesis fails
#
# The Clausius form needs $[H, A] = -\omega A$ for the energy that is used as heat. Count the heat with
# an operator that the bath does not move by $\omega$, say $H + \epsilon\sigma_x$, and its rate is
# negative for some state: no second law.

# %%
skew = H + parameters("epsilon") * sigmax()
bent = clausius_rate(single, rho, skew)
there = {**at, parameters("epsilon"): sp.Integer(2), z: sp.Rational(-1, 2), c: sp.Rational(-1, 10)}
here = {**there, c: sp.Rational(1, 10)}
signs = {certify(bent, spot, 10).sign for spot in (there, here)}
print("signs with the wrong energy:", signs)
assert -1 in signs

# %% [markdown]
# ## Exercises
#
# Each cell states a claim with a gap, `answer`; `prove(...)` of it tells whether yours is right. The
# answers are in the folded cell below.
#
# 1. In the steady state of the two baths $\sigma$ is a thermal force times $\dot Q_h$. Which force?
# 2. To which value does the sum of Spohn rates over both baths fall at equal temperatures, in the
#    steady state?
# 3. Both baths at one temperature: which relative entropy has minus $\sigma$ as its rate of change?

# %% tags=["exercise"]
steady = steady_state(L).rho
rate = total_spohn_rate(L, steady, H)


def exercise_1(answer):
    """sigma == answer * heat."""
    return Claim(rate, "==", answer * heat_current(L, steady, "h", H))


def exercise_2(answer):
    """The sum at T_h = T_c."""
    return Claim(rate.subs(Th, Tc), "==", answer)


def exercise_3(answer):
    """sigma at T_h = T_c as Spohn's rate of the whole; ``answer`` is the reference state."""
    warm = L.transform(lambda e: e.subs(Th, Tc))
    return Claim(entropy_production(warm, rho), "==", spohn_rate(warm, rho, answer))


# print(prove(exercise_1(...)))

# %% jupyter={"source_hidden": true} tags=["solution"]
assert prove(exercise_1(1 / Tc - 1 / Th)).proved
assert prove(exercise_2(0)).proved
assert prove(exercise_3(gibbs_state(H, Tc))).proved
