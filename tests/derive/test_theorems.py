"""Klein, data processing and Spohn as claims with operators: proved, replayed, forged, counterexamples."""

from __future__ import annotations

import copy
from dataclasses import replace

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    ThermalBath,
    data_processing,
    decompose,
    gibbs_state,
    gkls,
    klein_inequality,
    parameters,
    prove,
    qeye,
    replay,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
    spohn_inequality,
    steady_state,
)
from symtherm.errors import BadExpression, MissingTrait, NotThermal
from symtherm.thermo.theorem import coherence_inequality

x, y, z, u, v, w = parameters("x y z u v w", real=True)
omega, gamma, T, kappa, g = parameters("omega gamma T kappa g")
SPACE = sigmaz().space
H = omega / 2 * sigmaz()
BATH = ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)
THERMAL = gkls(H, [BATH])
PI = gibbs_state(H, T)


def bloch(a, b, c):
    return (qeye(2) + a * sigmax() + b * sigmay() + c * sigmaz()) / 2


def damping():
    """Amplitude damping with survival 1/(1 + g)."""
    keep = Operator.of(SPACE, {(0, 0): 1 / sp.sqrt(1 + g), (1, 1): sp.Integer(1)})
    return [keep, Operator.of(SPACE, {(1, 0): sp.sqrt(g) / sp.sqrt(1 + g)})]


def dephasing():
    return [qeye(2) / sp.sqrt(1 + g), sigmaz() * sp.sqrt(g) / sp.sqrt(1 + g)]


def claims():
    return {
        "klein": klein_inequality(bloch(x, y, z), bloch(u, v, w)),
        "klein, diagonal sigma": klein_inequality(bloch(x, 0, z), bloch(0, 0, w)),
        "damping": data_processing(bloch(x, 0, z), bloch(u, 0, w), damping()),
        "dephasing": data_processing(bloch(x, y, z), bloch(0, 0, w), dephasing()),
        "spohn": spohn_inequality(THERMAL, bloch(x, y, z), PI),
        "spohn, one dissipator": spohn_inequality(THERMAL.dissipators[0], bloch(x, 0, z), PI),
    }


NAMES = list(claims())


@pytest.mark.parametrize("name", NAMES)
def test_the_theorems_prove_their_claims_for_coherent_qubits(name):
    proof = prove(claims()[name])
    result = replay(proof)
    assert proof.proved and result.valid and result.log2_error < -80
    assert proof.source


def entropy(rho, sigma):
    """S(rho||sigma) of matrices, by mpmath's eigenvalues."""

    def log(a):
        values, vectors = mp.eighe(a)
        return vectors * mp.diag([mp.log(e) for e in values]) * vectors.H

    return mp.re(sum((rho * (log(rho) - log(sigma)))[i, i] for i in range(rho.rows)))


def matrix(operator, at):
    d = operator.space.dim
    return mp.matrix(
        [[mp.mpmathify(sp.N(operator[i, j].subs(at), 40)) for j in range(d)] for i in range(d)]
    )


@pytest.mark.parametrize("name", ["klein", "damping", "dephasing"])
def test_the_claims_are_what_they_say_from_matrices(name):
    """The closed form of each claim against entropies of numeric matrices: another route."""
    claim = claims()[name]
    at = {
        x: sp.Rational(1, 5), y: sp.Rational(2, 7), z: sp.Rational(-1, 3), u: sp.Rational(1, 4),
        v: sp.Rational(-1, 6), w: sp.Rational(2, 5), g: sp.Rational(3, 4),
    }  # fmt: skip
    with mp.workdps(40):
        rho, sigma = (matrix(o, at) for o in (claim.theorem.rho, claim.theorem.sigma))
        expected = entropy(rho, sigma)
        if name != "klein":
            kraus = [matrix(K, at) for w, K in claim.theorem.kraus if w == 1]
            assert len(kraus) == len(claim.theorem.kraus)
            after = [sum((K * o * K.H for K in kraus), mp.zeros(2)) for o in (rho, sigma)]
            expected -= entropy(*after)
        value = sp.N(claim.difference.subs(at), 40)
        assert expected > 0 and abs(mp.mpmathify(value) - expected) < mp.mpf(10) ** -30


def test_klein_says_when_equality_holds_in_parameters():
    text = prove(klein_inequality(bloch(x, y, z), bloch(u, v, w))).condition.text
    assert sorted(text.split(" and ")) == ["u = x", "v = y", "w = z"]


def test_that_the_matrices_are_states_is_part_of_the_statement():
    result = replay(prove(klein_inequality(bloch(x, 0, z), bloch(0, 0, w))))
    assert "1/2 - sqrt(x**2 + z**2)/2 > 0" in result.statement
    # A Gibbs state needs no assumption.
    populations = Operator.of(SPACE, {(0, 0): g / (1 + g), (1, 1): 1 / (1 + g)})
    statement = replay(prove(klein_inequality(populations, PI))).statement
    assert statement.endswith("if T > 0, g > 0, omega > 0")


@pytest.mark.parametrize("name", ["damping", "dephasing", "a rotation"])
def test_equal_eigenvalues_have_one_logarithm_however_they_are_written(name):
    """(1 + u)/2 and 1/2 + u/2; after a rotation the claim is 0 and the eigenvalues are as before."""
    rotation = (sigmax() + sigmaz()) / sp.sqrt(2)
    kraus = {"damping": damping(), "dephasing": dephasing(), "a rotation": [rotation]}[name]
    proof = prove(data_processing(bloch(x / 2, y / 2, 0), bloch(u, 0, 0), kraus))
    assert proof.proved and replay(proof).valid


FORGED = {
    "claim": lambda d: d.update(claim="0 - (" + d["claim"] + ")"),
    "another eigenvalue": lambda d: d["rho"][0].update(value=d["rho"][1]["value"]),
    "another projector": lambda d: d["rho"][0].update(projector=d["sigma"][0]["projector"]),
    "one projector left out": lambda d: d["sigma"].pop(),
    "one projector twice": lambda d: d["sigma"].append(d["sigma"][0]),
    "no Kraus operator": lambda d: d["kraus"].pop(),
    "another Kraus operator": lambda d: d["kraus"][0]["operator"][0].__setitem__(2, "1"),
    "a Kraus weight of unknown sign": lambda d: d["kraus"][0].__setitem__("weight", "x_1"),
    "a negative Kraus weight": lambda d: d["kraus"][0].__setitem__("weight", "-1"),
    "no assumption": lambda d: d.update(names=[r for r in d["names"] if r["kind"] != "assumed"]),
    "equality": lambda d: d.update(relation="=="),
    "before for after": lambda d: d.update(rho_after=d["rho"]),
}


@pytest.mark.parametrize("name", FORGED)
def test_altered_data_processing_is_rejected(name):
    good = dict(prove(claims()["damping"]).certificate)
    assert replay(good).valid
    data = copy.deepcopy(good)
    FORGED[name](data)
    assert not replay(data).valid


def jump(data):
    return data["parts"][0]["jumps"][0]


FORGED_SPOHN = {
    "a rate": lambda d: jump(d).update(rate="2*(" + jump(d)["rate"] + ")"),
    "a negative rate": lambda d: jump(d).update(rate="-1*(" + jump(d)["rate"] + ")"),
    "another reference": lambda d: d["parts"][0].update(sigma=d["rho"]),
    "no jump": lambda d: d["parts"][0]["jumps"].pop(),
    "no generator": lambda d: d["parts"].pop(),
    "no reference": lambda d: d["parts"][0].pop("sigma"),
    "a reference of another form": lambda d: d["parts"][0].update(
        sigma=None, modular=[[0, 0, "omega/T"]]
    ),
    "a Hamiltonian that does not commute": lambda d: d["parts"][0]["hamiltonian"].extend(
        [[0, 1, "omega"], [1, 0, "omega"]]
    ),
    "a Hamiltonian that is not Hermitian": lambda d: d["parts"][0]["hamiltonian"].append(
        [0, 0, "I*omega"]
    ),
}


@pytest.mark.parametrize("name", FORGED_SPOHN)
def test_altered_hypotheses_of_spohns_inequality_are_rejected(name):
    good = dict(prove(claims()["spohn"]).certificate)
    assert replay(good).valid
    data = copy.deepcopy(good)
    FORGED_SPOHN[name](data)
    assert not replay(data).valid


def test_a_theorem_proves_its_own_claim_only():
    claim = klein_inequality(bloch(x, 0, z), bloch(0, 0, w))
    assert not prove(replace(claim, lhs=claim.lhs - sp.Integer(1))).proved
    assert not prove(replace(claim, lhs=-claim.lhs)).proved


def test_hypotheses_that_fail_are_refused_by_name():
    with pytest.raises(BadExpression, match="sum K"):
        data_processing(bloch(x, 0, z), bloch(u, 0, w), damping()[:1])
    with pytest.raises(NotThermal):
        spohn_inequality(THERMAL, bloch(x, 0, z), gibbs_state(H, 2 * T))
    with pytest.raises(BadExpression, match="trace"):
        klein_inequality(2 * bloch(x, 0, z), bloch(u, 0, w))


def test_a_map_that_is_no_channel_breaks_data_processing():
    """Why sum K^dag K = 1 is a hypothesis: a filter that keeps one level raises the entropy's share."""
    a, b = sp.Rational(3, 4), sp.Rational(1, 2)
    before = a * sp.log(a / b) + (1 - a) * sp.log((1 - a) / (1 - b))
    after = a * sp.log(a / b)  # K = |e><e|
    assert sp.N(before - after) < 0


def test_claims_with_a_logarithm_of_unknown_sign_are_undecided_not_an_error():
    value = klein_inequality(bloch(x, 0, z), bloch(0, 0, w)).difference
    assert prove(Claim(value, ">=", sp.Integer(0))).verdict.name in ("UNDECIDED", "REFUTED")


# -- the parts of the entropy production ------------------------------------------------------------

COLD = ThermalBath("c", kappa).jumps(sigmam(), frequency=omega, rate=g)
TWO_BATHS = gkls(H, [BATH, COLD])


def test_the_parts_of_a_coherent_qubit_are_proved_by_their_theorems():
    parts = decompose(TWO_BATHS, bloch(x, y, z), energy=H)
    claims = {claim.name: claim for claim in parts.claims if claim.theorem is not None}
    assert len(claims) == 5
    for claim in (parts.claims[0], *claims.values()):
        proof = prove(claim)
        assert proof.proved and replay(proof).valid, claim.name
    assert prove(claims["Adiabatic part"]).condition.text in ("T = κ", "κ = T")


def test_coherence_of_a_three_level_system_decays():
    """States with one coherent block and a generator that commutes with the pinching."""
    space = HilbertSpace("V", levels="gab")
    ground, a, b = space.kets
    w1, w2, k1, k2 = parameters("w_1 w_2 k_1 k_2")
    energy = w1 * a * a.dag() + w2 * b * b.dag()
    bath = ThermalBath("b", T)
    L = gkls(
        energy,
        [
            bath.jumps(ground * a.dag(), frequency=w1, rate=k1),
            bath.jumps(ground * b.dag(), frequency=w2, rate=k2),
        ],
    )
    p, q, c = parameters("p q c")
    total = 1 + p + q
    rho = (ground * ground.dag() + p * a * a.dag() + q * b * b.dag()) / total
    rho = rho + c * (a * b.dag() + b * a.dag()) / total
    proof = prove(coherence_inequality(L, rho, energy))
    assert proof.proved and replay(proof).valid


def test_a_generator_that_moves_coherence_is_refused():
    driven = gkls(H + kappa * sigmax(), [BATH])
    with pytest.raises(MissingTrait, match="feeds"):
        coherence_inequality(driven, bloch(x, 0, z), H)


FORGED_TOTAL = {
    "a reference state": lambda d: d["parts"][0].update(sigma=d["parts"][1]["sigma"]),
    "a part left out": lambda d: d["parts"].pop(),
    "a part twice": lambda d: d["parts"].append(d["parts"][0]),
    "a part of the other sign": lambda d: jump(d).update(rate="0 - " + jump(d)["rate"]),
    "one reference for both": lambda d: d["parts"][1].update(sigma=d["parts"][0]["sigma"]),
    "a rate": lambda d: d["parts"][0]["jumps"][0].update(rate="2"),
}


@pytest.mark.parametrize("name", FORGED_TOTAL)
def test_altered_sums_of_dissipators_are_rejected(name):
    claim = decompose(TWO_BATHS, bloch(x, y, z), energy=H).claims[1]
    good = dict(prove(claim).certificate)
    assert claim.name == "Entropy production" and replay(good).valid
    data = copy.deepcopy(good)
    FORGED_TOTAL[name](data)
    assert not replay(data).valid


def exchange(records):
    first, second = (dict(r) for r in records)
    records[:] = [{**first, "value": second["value"]}, {**second, "value": first["value"]}]


FORGED_COHERENCE = {
    "another state that is pinched": lambda d: exchange(d["parts"][0]["sigma"]),
    "the state itself": lambda d: d["parts"][0].update(sigma=d["rho"]),
    "a drive": lambda d: d["parts"][0]["hamiltonian"].extend([[0, 1, "omega"], [1, 0, "omega"]]),
    "another state": lambda d: d.update(rho=d["parts"][0]["sigma"]),
    "a jump that moves coherence": lambda d: jump(d).update(operator=[[0, 0, "1"], [0, 1, "1"]]),
}


@pytest.mark.parametrize("name", FORGED_COHERENCE)
def test_altered_coherence_is_rejected(name):
    good = dict(prove(coherence_inequality(THERMAL, bloch(x, y, z), H)).certificate)
    assert replay(good).valid
    data = copy.deepcopy(good)
    FORGED_COHERENCE[name](data)
    assert not replay(data).valid


def test_the_adiabatic_rule_needs_its_hypothesis():
    """A coherent drive: pi does not commute with H, and no adiabatic claim is made."""
    driven = gkls(H + kappa * sigmax(), [BATH])
    parts = decompose(driven, qeye(2) / 2, energy=H)
    assert not parts.adiabatic_is_nonnegative
    assert "Adiabatic part" not in {claim.name for claim in parts.claims}


def test_an_equality_with_roots_in_logarithms_is_decided_by_letters():
    value = klein_inequality(bloch(x, 0, z), bloch(0, 0, w)).difference
    assert prove(Claim(value, "==", sp.expand(value))).proved
    assert not prove(Claim(value, "==", 2 * value)).proved


def test_spohn_with_a_coherent_reference_and_a_letter_of_poles():
    """Drive, detuning, two baths and dephasing: pi has coherence and occupations in its roots."""
    Th, Tc, gh, gc, eps, kappa, w = parameters("T_h T_c gamma_h gamma_c epsilon kappa omega")
    detuning = parameters("Delta", real=True)
    for static, jumps in (
        (eps * sigmax() + detuning / 2 * sigmaz(), [(sigmaz(), kappa, "phi")]),
        (eps * sigmax(), [ThermalBath("h", Th).jumps(sigmam(), frequency=w, rate=gh)]),
    ):
        cold = ThermalBath("c", Tc).jumps(sigmam(), frequency=w, rate=gc)
        L = gkls(static, [cold, *jumps])
        proof = prove(spohn_inequality(L, bloch(x, y, 0), steady_state(L).rho))
        assert proof.proved and replay(proof).valid


def test_claims_with_imaginary_units_that_cancel():
    """|x + i y|^2 >= 0 is a claim about a real number; x + i y >= 0 is none."""
    from symtherm.errors import OutsideClosedForm

    a, b = parameters("a b", real=True)
    square = (a + sp.I * b) * (a - sp.I * b)
    proof = prove(Claim(square, ">=", 0))
    assert proof.proved and replay(proof).valid
    assert prove(Claim(square, "==", a**2 + b**2)).proved
    with pytest.raises(OutsideClosedForm):
        prove(Claim(a + sp.I * b, ">=", 0))


@pytest.mark.parametrize(
    "pure",
    [bloch(0, 0, 1), bloch(1, 0, 0), bloch(sp.Rational(3, 5), 0, sp.Rational(4, 5))],
    ids=["e", "plus", "tilted"],
)
def test_data_processing_of_a_pure_state_is_proved(pure):
    """Through damping, and through a reflection that keeps it pure; its empty eigenvalue is checked."""
    reflect = [sp.Rational(3, 5) * sigmaz() + sp.Rational(4, 5) * sigmax()]
    for channel in (damping(), reflect):
        proof = prove(data_processing(pure, bloch(x, y, z), channel))
        assert proof.proved and replay(proof).valid
        data = copy.deepcopy(dict(proof.certificate))
        full = next(part for part in data["rho"] if part["value"] != "0")
        full["value"] = "0"  # then nothing is left of the state
        assert not replay(data).valid
    after = copy.deepcopy(dict(proof.certificate))
    assert any(part["value"] == "0" for part in after["rho_after"])
    after["sigma_after"][0]["value"] = "0"
    assert not replay(after).valid


def test_an_empty_eigenvalue_counts_where_it_is_one_only():
    """S(pure||sigma) >= 0 is proved; 0 for a positive eigenvalue, of sigma or before a channel, is not."""
    pure = Operator.of(SPACE, {(0, 0): sp.Integer(1)})
    proof = prove(klein_inequality(pure, PI))
    assert proof.proved and replay(proof).valid
    for name, key in (("damping", "rho"), ("damping", "sigma"), ("spohn", "rho")):
        made = claims()[name] if name in claims() else spohn_inequality(THERMAL, bloch(x, y, z), PI)
        data = copy.deepcopy(dict(prove(made).certificate))
        assert replay(data).valid
        data[key][0]["value"] = "0"
        assert not replay(data).valid
    data = copy.deepcopy(dict(proof.certificate))
    data["sigma"][0]["value"] = "0"
    assert not replay(data).valid


def test_the_rate_of_a_relative_entropy_of_two_moving_states():
    """The statement behind the rule, by numbers: -d/dt S(rho||sigma) is nonnegative and equals

    -Tr[L(rho)(ln rho - ln sigma)] + Tr[rho Dln(sigma)[L(sigma)]], for any generator and any states.
    """
    import numpy as np

    rng = np.random.default_rng(5)

    def matrix():
        return rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))

    def state():
        A = matrix()
        return (A @ A.conj().T) / np.trace(A @ A.conj().T).real

    def ln(a):
        v, P = np.linalg.eigh(a)
        return (P * np.log(v)) @ P.conj().T

    def entropy(rho, sigma):
        return np.trace(rho @ (ln(rho) - ln(sigma))).real

    for _ in range(20):
        H, jumps, rho, sigma = matrix(), [matrix(), matrix()], state(), state()
        H = H + H.conj().T

        def L(X, H=H, jumps=jumps):
            out = -1j * (H @ X - X @ H)
            for J in jumps:
                N = J.conj().T @ J
                out = out + J @ X @ J.conj().T - (N @ X + X @ N) / 2
            return out

        q, Q = np.linalg.eigh(sigma)
        quotients = np.where(
            np.eye(3, dtype=bool),
            1 / q[:, None],
            (np.log(q[:, None]) - np.log(q)) / (q[:, None] - q + np.eye(3)),
        )
        slope = Q @ (quotients * (Q.conj().T @ L(sigma) @ Q)) @ Q.conj().T
        rate = np.trace(-L(rho) @ (ln(rho) - ln(sigma)) + rho @ slope).real
        h = 1e-6
        later, before = (entropy(rho + t * L(rho), sigma + t * L(sigma)) for t in (h, -h))
        assert rate >= 0 and abs(rate + (later - before) / (2 * h)) < 1e-4 * max(1, rate)
