"""Slips of a newcomer: each is answered by a named error that says what to do."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy import Rational

import symtherm as st
from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    NotHermitian,
    OutOfDomain,
    SymthermError,
    UndeclaredSign,
    UnknownQuantity,
    UnknownSymbol,
    WrongArgument,
)
from symtherm.reference import check_point

w, g, T, gc, Tc, wc = st.parameters("omega gamma T gamma_c T_c omega_c")
Delta = st.parameters("Delta", real=True)
H = w / 2 * st.sigmaz()
hot, cold = st.ThermalBath("h", T), st.ThermalBath("c", Tc)
pair = hot.jumps(st.sigmam(), frequency=w, rate=g)
L = st.gkls(H, [pair, cold.jumps(st.sigmam(), frequency=w, rate=gc)])
pi = st.steady_state(L)
book = st.ledger(pi, energy=H)
sigma = st.evaluator(book.entropy_production)
at = {w: 1, g: 1, gc: 1, T: 2, Tc: 1}
named = {symbol.name: value for symbol, value in at.items()}
q = st.HilbertSpace("q", levels="ge")
A = q.ket("g") * q.ket("e").dag() + q.ket("e") * q.ket("g").dag()
S = st.Spectrum(q, (0, w))
J = st.flat(g)
matrix = sp.Matrix([[1, 0], [0, -1]])

SLIPS = [
    # operators and spaces
    (lambda: st.sigmaz() + 1, WrongArgument, "qeye"),
    (lambda: 1 - st.sigmaz(), WrongArgument, "qeye"),
    (lambda: st.sigmaz() / 0, OutOfDomain, "divided by 0"),
    (lambda: st.sigmaz() ** -1, BadExpression, "whole number"),
    (lambda: st.sigmaz() ** 2.5, BadExpression, "whole number"),
    (lambda: 0.5 * st.sigmaz(), BadExpression, r"write Rational\(1, 2\)"),
    (lambda: np.eye(2) * st.sigmaz(), BadExpression, "NumPy array"),
    (lambda: st.sigmaz() * matrix, BadExpression, "SymPy matrix"),
    (lambda: st.sigmaz()[2, 0], DimensionMismatch, "count from 0"),
    (lambda: st.sigmaz()[0], WrongArgument, r"operator\[i, j\]"),
    (lambda: st.sigmaz()["x", "g"], UnknownQuantity, "available: e, g"),
    (lambda: st.Operator.of(q, [[1, 0], [0, 1]]), WrongArgument, "Operator.of"),
    (lambda: st.Operator.of(2, {(0, 0): 1}), WrongArgument, "the number 2"),
    (lambda: st.Operator.of(q, {(0, 0): "a"}), BadExpression, "the text 'a'"),
    (lambda: st.HilbertSpace(2, "eg"), WrongArgument, "name of a space"),
    (lambda: st.HilbertSpace("q", 2.0), WrongArgument, "whole number"),
    (lambda: st.HilbertSpace("q", 0), DimensionMismatch, "at least one"),
    (lambda: q * 2, WrongArgument, "spaces with spaces"),
    (lambda: st.tensor(), WrongArgument, "nothing"),
    (lambda: st.tensor(st.sigmaz(), 2), WrongArgument, "qeye"),
    (lambda: st.tensor(st.sigmaz(), q), WrongArgument, "a HilbertSpace"),
    (lambda: st.ptrace(w, 0), WrongArgument, "expression omega"),
    (lambda: st.ptrace(st.tensor(A, A), [0, 0]), DimensionMismatch, "different numbers"),
    (lambda: st.ptrace(A, "q"), DimensionMismatch, "numbers"),
    (lambda: st.ket2dm(A), WrongArgument, "give a ket"),
    (lambda: st.destroy(2.5), WrongArgument, "whole number"),
    (lambda: st.qeye("a"), WrongArgument, "whole number"),
    (lambda: st.expect(st.sigmaz(), pi), WrongArgument, r"pi\.rho"),
    (lambda: st.expect(w, pi.rho), WrongArgument, "observable"),
    (lambda: st.gibbs_state(H, 0), OutOfDomain, "T > 0"),
    (lambda: st.gibbs_state(T, H), WrongArgument, "energy"),
    (lambda: st.gibbs_state(H, "T"), BadExpression, "the text 'T'"),
    (lambda: st.Spectrum(q, H), WrongArgument, "tuple of energies"),
    (lambda: st.Spectrum("q", (0, w)), WrongArgument, "HilbertSpace"),
    # symbols
    (lambda: st.parameters(""), BadExpression, "one text"),
    (lambda: st.parameters(" , "), BadExpression, "one text"),
    (lambda: st.parameters(w), BadExpression, "one text"),
    (lambda: st.is_zero("x - x"), BadExpression, "the text"),
    (lambda: st.is_zero(H), BadExpression, "an Operator"),
    (lambda: st.bose("x"), BadExpression, "the text 'x'"),
    # baths
    (lambda: st.ThermalBath("h", 0.1), BadExpression, r"write Rational\(1, 10\)"),
    (lambda: st.ThermalBath("h", np.float64(2)), BadExpression, "not exact"),
    (lambda: st.ThermalBath("h", "T"), BadExpression, r"parameters\("),
    (lambda: st.ThermalBath("h", None), BadExpression, "None"),
    (lambda: st.ThermalBath("h", -1), OutOfDomain, "T > 0"),
    (lambda: st.ThermalBath("h", -T), OutOfDomain, "T > 0"),
    (lambda: st.ThermalBath("h", sp.Symbol("t", negative=True)), OutOfDomain, "T > 0"),
    (lambda: st.ThermalBath("h", sp.oo), BadExpression, "infinite"),
    (lambda: st.ThermalBath(T, "h"), WrongArgument, "label first"),
    (lambda: st.ThermalBath("", T), OutOfDomain, "label"),
    (lambda: st.Lead("l", T, 0.1), BadExpression, "chemical potential"),
    (lambda: hot.jumps(w, frequency=A, rate=g), WrongArgument, "operator first"),
    (lambda: hot.jumps(A, frequency="omega", rate=g), BadExpression, "frequency"),
    (lambda: hot.jumps(A, frequency=A, rate=g), BadExpression, "an Operator"),
    (lambda: hot.jumps(A, frequency=w, rate=0.1), BadExpression, "rate"),
    (lambda: hot.dephasing(w, rate=g), WrongArgument, "operator"),
    (lambda: st.flat(A), BadExpression, "an Operator"),
    # generators
    (lambda: st.gkls(matrix, [pair]), WrongArgument, "SymPy matrix"),
    (lambda: st.gkls(0, [pair]), WrongArgument, r"0 \* qeye"),
    (lambda: st.gkls(H, pair), WrongArgument, "a ThermalPair.*give a list"),
    (lambda: st.gkls(H, hot), WrongArgument, "give a list"),
    (lambda: st.gkls(H, [hot]), BadExpression, "not the bath itself"),
    (lambda: st.gkls(H, [(st.sigmam(), "gamma")]), BadExpression, "the text 'gamma'"),
    (lambda: st.gkls(H, [(st.sigmam(), g, 3)]), WrongArgument, "label"),
    (lambda: st.gkls(H, [(st.sigmam(), sp.I * g)]), UndeclaredSign, "complex number"),
    (lambda: st.gkls(H, [(st.sigmam(), Delta)]), UndeclaredSign, "no declared sign"),
    (lambda: st.gkls(H, [pair], positive=[True]), BadExpression, "positive"),
    (lambda: st.gkls(sp.I * A, [pair]), NotHermitian, "adjoint"),
    (lambda: st.gkls(sp.I * st.qeye(2), [pair]), NotHermitian, "not real"),
    (lambda: st.gkls(q.ket("g"), []), SymthermError, "shape"),
    (lambda: L(w), WrongArgument, "state"),
    (lambda: L.dissipator("x"), UnknownQuantity, "available: h, c"),
    (lambda: L.subs({w: 0}), UndeclaredSign, "vanishes"),
    (lambda: st.pauli(H), WrongArgument, "gkls"),
    (lambda: st.liouvillian(w, []), WrongArgument, "Operator"),
    (lambda: st.Coupling(A, hot, J), WrongArgument, r"Coupling\(bath, operator"),
    (lambda: st.Coupling(hot, A, g), WrongArgument, "spectral density"),
    (lambda: st.davies(S, st.Coupling(hot, A, J)), WrongArgument, "list"),
    (lambda: st.davies(H, [st.Coupling(hot, A, J)]), WrongArgument, "Spectrum"),
    (lambda: st.davies(S, [(hot, A, J)]), WrongArgument, "a tuple"),
    # steady states and ledgers
    (lambda: st.steady_state(H), WrongArgument, r"gkls\(H"),
    (lambda: st.steady_state(st.model("qubit")), WrongArgument, "model.steady_state"),
    (lambda: st.ledger(L, energy=H), WrongArgument, r"ledger\(steady_state\(L\)"),
    (lambda: st.ledger(pi.rho, energy=H), WrongArgument, "not its rho"),
    (lambda: st.ledger(pi, energy=w), WrongArgument, "energy operator"),
    (lambda: st.ledger(pi, energy=st.tensor(H, H)), DimensionMismatch, "energy operator"),
    (lambda: st.ledger(pi, energy=H, number=1), WrongArgument, "number operator"),
    (lambda: book.readable("heat"), UnknownQuantity, r"did you mean heat\[h\]"),
    (lambda: book.readable("population[x]"), UnknownQuantity, r"available: heat\[h\]"),
    (lambda: book.expression("efficiency"), UnknownQuantity, r"efficiency\(label\)"),
    (lambda: book.heat["x"], UnknownQuantity, "available: h, c"),
    (lambda: book.current["h"], UnknownQuantity, "there are none"),
    (lambda: pi.population("x"), UnknownQuantity, "available: e, g"),
    (lambda: st.von_neumann_entropy(pi), WrongArgument, r"pi\.rho"),
    (lambda: st.Model("a", "b", (w,), H, L), WrongArgument, r"Model\(name"),
    (lambda: st.Model("a", "b", "omega", L, H), WrongArgument, "tuple"),
    (lambda: st.Model("a", "b", tuple(at), L, H, hot=("z",)), UnknownQuantity, "h, c"),
    # numbers
    (lambda: st.evaluator(H), BadExpression, "an Operator"),
    (lambda: st.evaluator("power"), BadExpression, "the text 'power'"),
    (lambda: st.evaluator(w, "omgea"), UnknownSymbol, "omega"),
    (lambda: sigma(**{**named, "T": None}), BadExpression, "None"),
    (lambda: sigma(**{**named, "T": "hot"}), BadExpression, "the text 'hot'"),
    (lambda: sigma(**{**named, "T": 1j}), BadExpression, "real number"),
    (lambda: sigma(**{**named, "T": [1, 2], "T_c": [1, 2, 3]}), DimensionMismatch, "shape"),
    (lambda: st.certify(L, at), WrongArgument, "steady_state"),
    (lambda: st.certify("qubit", at), WrongArgument, "model"),
    (lambda: st.certify(book, "omega=1"), WrongArgument, "mapping"),
    (lambda: st.certify(book, {**named, "T_x": 1}), UnknownSymbol, "did you mean T_c"),
    (lambda: st.certify(book, {**at, "omega": 1}), BadExpression, "given twice"),
    (lambda: st.certify(book, {**at, sp.Symbol("T"): 1}), UnknownSymbol, "another declaration"),
    (lambda: st.certify(book, {**at, w: None}), BadExpression, "no exact rational"),
    (lambda: st.certify(book, {**at, w: sp.pi}), BadExpression, "no exact rational"),
    (lambda: st.certify(book, at, digits=2.5), WrongArgument, "whole"),
    (lambda: st.certify(book, at, quantities="powr"), UnknownQuantity, "did you mean power"),
    # claims
    (lambda: st.prove(book), BadExpression, "second_law"),
    (lambda: st.prove(book.entropy_production), BadExpression, "a relation with >="),
    (lambda: st.prove(book.entropy_production > 0), BadExpression, "write >="),
    (lambda: st.prove(w >= 0), BadExpression, "True, a relation SymPy evaluated and dropped"),
    (lambda: st.Claim("w", ">=", 0), BadExpression, "left side"),
    (lambda: st.Claim(w, ">=", 0.5), BadExpression, r"Rational\(1, 2\)"),
    (lambda: st.thermodynamics(book), WrongArgument, "a Ledger"),
    (lambda: st.klein_inequality("rho", pi.rho), WrongArgument, "Operator"),
    (lambda: st.klein_inequality(pi.rho, st.qeye(3) / 3), DimensionMismatch, "qubit"),
    (lambda: st.klein_inequality(pi.rho, st.sigmap()), NotHermitian, "adjoint"),
    (lambda: st.data_processing(pi.rho, pi.rho, []), BadExpression, "all Kraus operators"),
    (lambda: st.data_processing(pi.rho, pi.rho, st.qeye(2)), WrongArgument, "a list"),
    (lambda: st.data_processing(pi.rho, pi.rho, ["a"]), WrongArgument, "Kraus operator"),
    (lambda: st.spohn_inequality(1, pi.rho, pi.rho), WrongArgument, "gkls or davies"),
    (lambda: st.coherence_inequality(pi, pi.rho, H), WrongArgument, "gkls or davies"),
    (lambda: st.coherence_inequality(L, pi.rho, st.qeye(3)), DimensionMismatch, "C3"),
    (lambda: st.model(3), SymthermError, "library"),
    (lambda: st.load_model(3), WrongArgument, "path"),
]


@pytest.mark.parametrize(("slip", "error", "words"), SLIPS)
def test_a_slip_is_answered_by_a_named_error(slip, error, words):
    """Short, of one line, and naming what was found or what to do."""
    with pytest.raises(error, match=words) as info:
        slip()
    assert isinstance(info.value, SymthermError)
    assert "\n" not in str(info.value) and len(str(info.value)) < 400


def test_wrong_arguments_are_type_errors_and_unknown_names_lookup_errors():
    """So code that catches Python's own errors keeps working."""
    assert issubclass(WrongArgument, TypeError)
    assert issubclass(UnknownQuantity, LookupError)
    assert book.heat.get("x") is None and "x" not in book.heat


@pytest.mark.parametrize("use", [list, sp.Matrix, sp.S], ids=str)
def test_operators_are_no_sequences(use):
    """Entries are asked for by index, so the old protocol would iterate without end."""
    with pytest.raises((TypeError, sp.SympifyError)):
        use(st.sigmaz())


# -- what is accepted ----------------------------------------------------------------------------


def test_names_and_symbols_both_name_parameters():
    assert st.certify(book, named, 10, "power") == st.certify(book, at, 10, ["power"])
    assert st.certify(w / T, {"omega": 1, "T": 4}, 3).value == "0.250"
    assert sigma(at) == sigma(named) == sigma(**named)
    assert L.subs({"omega": 2}) == L.subs(w, 2)
    assert st.evaluator(w / T, "T, omega")(2.0, 1.0) == 0.5


def test_an_order_may_be_written_as_a_relation():
    """positive=[a > b] says positive=[a - b]."""
    jump = hot.jumps(st.sigmam(), frequency=w - wc, rate=g)
    assert st.gkls(H, [jump], positive=[w > wc]) == st.gkls(H, [jump], positive=[w - wc])
    assert st.gkls(H, [jump], positive=wc < w).positive == (w - wc,)


def test_entries_are_read_and_written_by_label():
    lower = st.Operator.of(q, {("g", "e"): w})
    assert lower["g", "e"] == lower[0, 1] == w
    assert lower["e", "g"] == 0


def test_a_ledger_is_evaluated_as_a_whole():
    """All quantities as a dict, equal to the certified values."""
    found = st.evaluator(book)(**named)
    exact = st.certify(book, at, 20)
    assert list(found) == list(exact) == list(book.quantities)
    for name, value in found.items():
        assert value == pytest.approx(float(exact[name].value), rel=1e-12, abs=1e-15)
    m = st.model("two-bath-qubit")
    assert st.evaluator(m).parameters == tuple(p.name for p in m.parameters)


@pytest.mark.parametrize("name", book.quantities)
def test_every_listed_quantity_can_be_read(name):
    """expression and readable agree once the names are put in."""
    names = {d.symbol: d.explicit for d in pi.names}
    assert st.is_zero(book.readable(name).xreplace(names) - book.expression(name))


def test_a_population_is_that_of_the_state():
    assert st.is_zero(book.expression("population[e]") - pi.population("e"))


# -- wording -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({wc: 5}, "omega > omega_c is required"),
        ({T: -1}, "T > 0 is required"),
        ({T: 0}, "T > 0 is required"),
        ({g: -1}, "gamma >= 0 is required"),
    ],
)
def test_points_outside_the_domain_say_what_is_required(change, words):
    jump = hot.jumps(st.sigmam(), frequency=w - wc, rate=g)
    generator = st.gkls(H, [jump], positive=[w > wc])
    point = {s: Rational(v) for s, v in {w: 3, wc: 1, g: 1, T: 1, **change}.items()}
    with pytest.raises(OutOfDomain, match=words):
        check_point(generator, point)


def test_what_is_available_is_not_called_found():
    for ask in (lambda: q.ket("x"), lambda: L.dissipator("x"), lambda: book.readable("x")):
        with pytest.raises(UnknownQuantity, match=r"Found: no .* available: "):
            ask()
