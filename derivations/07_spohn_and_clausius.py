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
    relative_entropy,
    sigmam,
    sigmaz,
    spohn_rate,
    steady_state,
    total_spohn_rate,
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
# ## One bath: the integral is a relative entropy
#
# $\int_0^\infty\sigma\,dt = S(\rho_0\|\pi)$. Every step is exact: along the closed form of $\rho_t$
# the derivative of $S(\rho_t\|\pi)$ is $-\sigma$, and it ends at zero. The number from the operators
# uses no quadrature: $\Sigma = \Delta S - \beta Q$ with the integrated state from the exponential of
# $\begin{pmatrix}Lt & t\rho_0\\ 0 & 0\end{pmatrix}$.

# %%
from symtherm.numeric.integrate import entropy_production as integrated
from symtherm.numeric.operators import numeric_entries, numeric_generator

single = gkls(H, [cold.jumps(sigmam(), frequency=omega, rate=gc)])
pi = gibbs_state(H, Tc)
at = {omega: sp.Rational(3, 2), gc: sp.Rational(2, 5), Tc: sp.Rational(5, 4)}
start = {z: sp.Rational(3, 10), c: sp.Rational(1, 4)}
closed = certify(relative_entropy(rho, pi), {**at, **start}, digits=45)
with mp.workdps(60):
    rho_0 = mp.matrix([[mp.mpf(13) / 20, mp.mpf(1) / 4], [mp.mpf(1) / 4, mp.mpf(7) / 20]])
    numeric = integrated(
        numeric_generator(single, at, 45),
        rho_0,
        300,
        numeric_entries(H, at, 60),
        {"c": mp.mpf(4) / 5},
        45,
    )
    assert abs(mp.mpf(closed.value) - numeric) < mp.mpf(10) ** -40
print("S(rho_0||pi)", closed)
assert closed.value.startswith("0.531383475750595605482675105924791674212980")

# %% [markdown]
# ## Several baths
#
# The steady state is no Gibbs state and $\sigma$ does not stop; what integrates to
# $S(\rho_0\|\pi)$ is the *nonadiabatic* part, Spohn's rate of the whole generator. Integrated over a
# finite time, $\Delta S - \sum_a\beta_aQ_a \ge 0$: the total, again without quadrature.

# %%
parts = decompose(L, rho)
both = {**at, gh: sp.Rational(1, 5), Th: sp.Integer(3)}
assert is_zero(total - parts.adiabatic - parts.nonadiabatic)
G, p, t = parameters("Gamma p t")
relaxing = gkls(H, [(sigmam(), G * (1 - p)), (sigmam().dag(), G * p)], positive=[1 - p])
pi_named = Operator.of(H.space, {(0, 0): p, (1, 1): 1 - p})
rho_t = evolve(relaxing, rho, t)
assert is_zero(
    sp.diff(relative_entropy(rho_t, pi_named), t) + spohn_rate(relaxing, rho_t, pi_named)
)
assert (
    sp.limit(rho_t[0, 0], t, sp.oo) == p
    and sp.limit(rho_t[0, 1].xreplace({omega: 0}), t, sp.oo) == 0
)
# The two baths together are this relaxation, with Gamma and p of both:
two = {G: gh * (2 * bose(omega / Th) + 1) + gc * (2 * bose(omega / Tc) + 1)}
share = (gh * bose(omega / Th) + gc * bose(omega / Tc)) / two[G]
assert is_zero(spohn_rate(relaxing, rho, pi_named).xreplace({**two, p: share}) - parts.nonadiabatic)

with mp.workdps(60):
    energy = numeric_entries(H, both, 60)
    beta = {"h": mp.mpf(1) / 3, "c": mp.mpf(4) / 5}
    until = [
        integrated(numeric_generator(L, both, 30), rho_0, T, energy, beta, 30) for T in (1, 2, 4)
    ]
    # The nonadiabatic part until t is -[Delta of Tr rho (ln rho - ln pi)]: the same exponential with
    # ln pi in the place of -beta E, from the steady state by repeated squaring.
    from symtherm.numeric.integrate import steady_state as steady_numeric

    gen = numeric_generator(L, both, 30)
    end = steady_numeric(gen, 40)
    log_pi = tuple(((k, k), -mp.log(mp.re(end[k, k]))) for k in (0, 1))
    ones = {label: mp.mpf(1) for label in gen.labels}
    late = integrated(gen, rho_0, 300, log_pi, ones, 30)
    both_closed = certify(relative_entropy(rho, parts.pi), {**both, **start}, 30)
    assert abs(late - mp.mpf(both_closed.value)) < mp.mpf(10) ** -25
print("nonadiabatic, 0 to oo:", both_closed)
print("Sigma(1), Sigma(2), Sigma(4):", [mp.nstr(x, 12) for x in until])
assert 0 < until[0] < until[1] < until[2]

# %% [markdown]
# ## Pure dephasing: entropy without heat
#
# $L = \sqrt{\gamma_\phi/2}\,\sigma_z$ commutes with $H$: the heat is the exact zero, and
# $\sigma = \gamma_\phi\frac{4c^2}{r}\mathrm{artanh}\,r$, whatever diagonal reference is taken.

# %%
gphi = parameters("gamma_phi")
dephasing = gkls(H, [(sigmaz(), gphi / 2, "phi")])
sigma_phi = entropy_production(dephasing, rho)
assert is_zero(sigma_phi - gphi * 4 * c**2 / r * sp.atanh(r))
assert is_zero(heat_current(dephasing, rho, "phi", H))
assert is_zero(spohn_rate(dephasing, rho, pi) - sigma_phi)  # pi: any diagonal state of full rank
assert is_zero(clausius_rate(dephasing, rho, H) - sigma_phi)
moved = evolve(dephasing, rho, t)
point = {omega: sp.Rational(3, 2), gphi: sp.Rational(3, 5), t: half}
point |= {z: sp.Rational(2, 5), c: sp.Rational(3, 10)}
value = certify(
    sigma_phi.xreplace({c: c * sp.exp(-gphi * t)}), {k: point[k] for k in (gphi, t, z, c)}, 40
)
print("sigma of dephasing:", value)
assert value.value.startswith("0.136784176868178161692801013015536937")
assert is_zero(moved[0, 1] * moved[1, 0] - c**2 * sp.exp(-2 * gphi * t))

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
