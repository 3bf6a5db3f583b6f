"""What readers of other people's models ran into; each test is one of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Model,
    Spectrum,
    ThermalBath,
    certify,
    davies,
    destroy,
    flat,
    gkls,
    is_zero,
    ledger,
    load_model,
    ohmic,
    parameters,
    prove,
    qeye,
    relaxation,
    replay,
    sigmam,
    sigmap,
    sigmax,
    sigmaz,
    steady_state,
    tensor,
    thermodynamics,
)
from symtherm.derive.markdown import to_markdown
from symtherm.errors import BadExpression, BadModelFile, DimensionMismatch, MissingTrait
from symtherm.models.writer import write_model

w, g, T, Omega = parameters("omega gamma T Omega")
Delta = parameters("Delta", real=True)


def fluorescence():
    H = -Delta / 2 * sigmaz() + Omega / 2 * sigmax()
    L = gkls(H, [(sigmam(), g, "vacuum"), (sigmaz(), g, "phi")])
    return Model("light", "Light", (Omega, Delta, g, w), L, w * sigmap() * sigmam())


def test_a_decay_without_temperature_moves_the_mixed_state():
    """The page once proved that it did not: it compared with the decay's own stationary state."""
    page = to_markdown(thermodynamics(fluorescence()))
    assert "Dissipator vacuum has no temperature. It does not leave $1/d$ stationary." in page
    assert "**Proved.** Dissipator phi has no temperature. It leaves $1/d$ stationary" in page
    assert "dissipator vacuum has no temperature and moves the state 1/d" in page
    assert "what it produces is not counted" in page and "at one temperature" not in page
    with pytest.raises(MissingTrait, match="give it a temperature"):
        prove(fluorescence().ledger.second_law)


def test_decays_with_several_stationary_states_have_a_page():
    """Each decay of a Lambda system alone has no unique stationary state; nobody asked for it."""
    one, two, up = HilbertSpace("atom", levels="123").kets
    H = Omega * (up * one.dag() + one * up.dag() + up * two.dag() + two * up.dag())
    H = H + Delta * two * two.dag()
    L = gkls(H, [(one * up.dag(), g, "1"), (two * up.dag(), g, "2")])
    m = Model("lambda", "Lambda", (Omega, Delta, g, w), L, w * up * up.dag())
    assert "Dissipators 1 and 2 have no temperature" in to_markdown(thermodynamics(m))


def test_a_less_or_equal_is_a_claim():
    x, y = parameters("x y")
    proof = prove(Claim(x / (x + y), "<=", 1))
    assert proof.proved and replay(proof).valid
    with pytest.raises(BadExpression, match="write <="):
        Claim(x, "<", y)


def dressed():
    spectrum = Spectrum.of(w / 2 * sigmaz() + Omega / 2 * sigmax())
    couplings = [
        Coupling(ThermalBath("1", T), sigmax(), ohmic(g)),
        Coupling(ThermalBath("2", 2 * T), sigmaz(), ohmic(g)),
    ]
    return spectrum, steady_state(davies(spectrum, couplings))


def test_an_energy_on_the_levels_is_none_on_the_eigenstates():
    """Of equal dimension, it was once taken entry by entry, and the heat was wrong."""
    spectrum, pi = dressed()
    bare = w / 2 * sigmaz() + Omega / 2 * sigmax()
    with pytest.raises(DimensionMismatch, match=r"spectrum\.hamiltonian"):
        ledger(pi, energy=bare)
    with pytest.raises(DimensionMismatch, match="eigenstates"):
        pi.rho * bare
    book = ledger(pi, energy=spectrum.to_eigenbasis(bare))
    assert is_zero(book.heat["1"] - ledger(pi, energy=spectrum.hamiltonian).heat["1"])
    local = gkls(bare, [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    with pytest.raises(DimensionMismatch, match="to_levels"):
        ledger(steady_state(local), energy=spectrum.hamiltonian)


def test_one_basis_in_two_orders_is_refused():
    """sigmam() lowers e, its first level; on a space "ge" it would raise."""
    ground, excited = HilbertSpace("q", levels="ge").kets
    H = w * excited * excited.dag()
    bath = ThermalBath("b", T)
    with pytest.raises(DimensionMismatch, match="another order"):
        gkls(H, [bath.jumps(sigmam(), frequency=w, rate=g)])
    L = gkls(H, [bath.jumps(ground * excited.dag(), frequency=w, rate=g)])
    for use in (
        lambda: H + sigmaz(),
        lambda: H * sigmaz(),
        lambda: ledger(steady_state(L), energy=w / 2 * sigmaz()),
        lambda: relaxation(L, sigmap() * sigmam()),
    ):
        with pytest.raises(DimensionMismatch, match="another order"):
            use()
    spectrum = Spectrum(H.space, (0, w))
    with pytest.raises(DimensionMismatch, match="another order"):
        davies(spectrum, [Coupling(bath, sigmax() + sigmaz(), ohmic(g))])
    assert davies(spectrum, [Coupling(bath, sigmax(), ohmic(g))]).pairs  # the same in any order
    assert (H + qeye(2)).space == H.space  # numbers have no order of their own


def test_labels_pass_through_products():
    Z = [tensor(*(sigmaz() if i == k else qeye(2) for i in range(3))) for k in range(3)]
    assert (Z[0] * Z[1] + Z[1] * Z[2]).space.levels[0] == "eee"
    assert (Z[1] * Z[2] * Z[0]).space.name == "qubit⊗qubit⊗qubit"


def test_a_driven_kerr_oscillator_of_three_levels():
    """sqrt(2) once stood in a denominator too long to free of it, so there was no second law."""
    U, kappa = parameters("U kappa")
    a = destroy(3)
    n = a.dag() * a
    H = -Delta * n + U / 2 * a.dag() * n * a + Omega * (a + a.dag())
    L = gkls(H, [ThermalBath("b", T).jumps(a, frequency=w, rate=kappa)])
    proof = prove(ledger(steady_state(L), energy=w * n).second_law)
    assert proof.proved and replay(proof).valid


def test_two_detuned_qubits_in_a_common_bath():
    """The rate (1 - sin theta) is visibly nonnegative, though it may vanish; the state is too long
    with the roots of three symbols, and comes as a program."""
    np = pytest.importorskip("numpy")
    w1, w2, J, gc, T1, T0 = parameters("omega_1 omega_2 J Gamma T_1 T_0")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w1 * a.dag() * a + w2 * b.dag() * b + J * (a.dag() * b + b.dag() * a)
    spectrum = Spectrum.of(H, ascending=["gg", "-", "+", "ee"])
    baths = [
        Coupling(ThermalBath("0", T0), a + a.dag() + b + b.dag(), flat(gc)),
        Coupling(ThermalBath("1", T1), a + a.dag(), flat(g)),
    ]
    L = davies(spectrum, baths)
    with pytest.warns(UserWarning, match="square roots"):
        book = ledger(steady_state(L), energy=spectrum.hamiltonian)
    assert book.failure == ""
    at = {w1: 2, w2: "3/2", J: "1/3", g: "1/5", gc: "1/7", T1: 2, T0: 1}
    found = float(certify(book, at, digits=12)["heat[1]"].value)
    assert abs(found - _common_bath(np)) < 1e-9


def _common_bath(np):
    """The heat of bath 1 from a Davies generator made by arrays alone."""
    lower = np.array([[0, 0], [1, 0]])
    a, b = np.kron(lower, np.eye(2)), np.kron(np.eye(2), lower)
    H = 2 * a.T @ a + 1.5 * b.T @ b + (a.T @ b + b.T @ a) / 3
    energies, U = np.linalg.eigh(H)
    gaps = np.subtract.outer(energies, energies).round(9)  # row minus column

    def dissipator(A, rate, temperature):
        A = U.T @ A @ U
        total = np.zeros((16, 16))
        for gap in set(gaps[abs(A) > 1e-12]):
            L = np.where(gaps == gap, A, 0)
            n = 1 / np.expm1(abs(gap) / temperature)
            k = rate * (n + 1 if gap < 0 else n)
            M = L.T @ L
            total += k * (np.kron(L, L) - np.kron(np.eye(4), M) / 2 - np.kron(M, np.eye(4)) / 2)
        return total

    X = a + a.T + b + b.T
    one = dissipator(a + a.T, 1 / 5, 2)
    flow = np.kron(np.eye(4), np.diag(energies)) - np.kron(np.diag(energies), np.eye(4))
    whole = one + dissipator(X, 1 / 7, 1) - 1j * flow
    whole[0] = np.eye(4).reshape(-1)
    rho = np.linalg.solve(whole, np.eye(16)[0])
    return (np.diag(energies).reshape(-1) @ (one @ rho)).real


def test_parameters_named_as_python_names_things(tmp_path: Path):
    """lambda and in are names like others in a model file and on the command line."""
    one, two = parameters("lambda in")
    L = gkls(one * sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=2 * one, rate=two)])
    m = Model("words", "Words", (one, two, T), L, one * sigmaz())
    file = tmp_path / "words.toml"
    file.write_text(write_model(m))
    assert load_model(str(file)) == m
    command = [
        sys.executable,
        "-m",
        "symtherm",
        "certify",
        str(file),
        "--at",
        "lambda=1, in=1, T=1",
    ]
    result = subprocess.run([*command, "--digits", "5"], capture_output=True, text=True, check=True)
    assert "population[e]" in result.stdout


@pytest.mark.parametrize("name", ["gamma'", "omega_{ab}", "ε", "pi"])
def test_the_writer_names_the_parameter_it_cannot_write(name):
    odd = sp.Symbol(name, positive=True)
    L = gkls(odd * sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=2 * odd, rate=g)])
    with pytest.raises(BadModelFile, match="the parameter"):
        write_model(Model("odd", "Odd", (odd, g, T), L, odd * sigmaz()))


def test_an_operator_on_the_eigenstates_is_not_turned_twice():
    spectrum, pi = dressed()
    couplings = [
        Coupling(ThermalBath("1", T), spectrum.to_eigenbasis(sigmax()), ohmic(g)),
        Coupling(ThermalBath("2", 2 * T), spectrum.to_eigenbasis(sigmaz()), ohmic(g)),
    ]
    again = steady_state(davies(spectrum, couplings))
    assert is_zero(again.population("+") - pi.population("+"))
    assert spectrum.to_levels(sigmax()) == sigmax()


@pytest.mark.parametrize(("hot", "cold"), [(T, T), (1, 2), (T, 2 * T)])
def test_a_bath_called_hot_need_not_be(hot, cold):
    """Labels are wishes: the point of the page has the temperatures that the model gives."""
    e = sigmap() * sigmam()
    baths = [
        ThermalBath("h", hot).jumps(sigmam(), frequency=w, rate=g),
        ThermalBath("c", cold).jumps(sigmam(), frequency=w, rate=g),
    ]
    L = gkls(w * e, baths)
    symbols = tuple(sorted(L.free_symbols, key=str))
    assert thermodynamics(Model("m", "M", symbols, L, w * e, hot=("h",))).proved
