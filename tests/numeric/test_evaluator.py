"""The tape gives the values of the expression, for any shapes, without losing digits."""

from __future__ import annotations

import math
import pickle
import tracemalloc

import mpmath
import numpy as np
import pytest
import sympy
from mpmath import mp

from symtherm import Axis, model, steady_state, sweep
from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    OutsideClosedForm,
    UnknownQuantity,
    UnknownSymbol,
)
from symtherm.numeric.evaluator import CHUNK, evaluator

wh, wc, gh, gc, eps, Th, Tc = sympy.symbols(
    "omega_h omega_c gamma_h gamma_c epsilon T_h T_c", positive=True
)
x, y, z = sympy.symbols("x y z", real=True)
nh, nc, G, W, J = sympy.symbols("n_h n_c Gamma W J")
DEFINITIONS = [
    (nh, 1 / (sympy.exp(wh / Th) - 1)),
    (nc, 1 / (sympy.exp(wc / Tc) - 1)),
    (G, (gh * (nh + 1) + gc * (nc + 1)) / 2),
    (W, 2 * eps**2 / G),
    (
        J,
        W
        * gh
        * gc
        * (nh - nc)
        / (
            gh * gc * (3 * nh * nc + 2 * nh + 2 * nc + 1)
            + W * (gh * (3 * nh + 2) + gc * (3 * nc + 2))
        ),
    ),
]
OUTPUTS = {"sigma": J * (wc / Tc - wh / Th), "heat": wh * J}


def expanded(expr):
    for symbol, value in reversed(DEFINITIONS):
        expr = expr.xreplace({symbol: value})
    return expr


def maser_twin(point, dps=50):
    """mpmath values of the expanded outputs."""
    names = [wh, wc, gh, gc, eps, Th, Tc]
    with mp.workdps(dps):
        args = [mp.mpf(point[str(s)]) for s in names]
        return {
            key: sympy.lambdify(names, expanded(expr), "mpmath")(*args)
            for key, expr in OUTPUTS.items()
        }


def random_point(rng, size=None):
    return {str(s): rng.uniform(0.3, 2.0, size) for s in (wh, wc, gh, gc, eps, Th, Tc)}


def test_structured_program_equals_the_expanded_expression():
    """The maser's sigma and heat against mpmath at 50 digits, 30 points."""
    f = evaluator(OUTPUTS, definitions=DEFINITIONS)
    rng = np.random.default_rng(0)
    points = random_point(rng, 30)
    values = f(**points)
    for k in range(30):
        twin = maser_twin({name: float(array[k]) for name, array in points.items()})
        for key in OUTPUTS:
            assert float(abs(values[key][k] / twin[key] - 1)) < 1e-12


def test_a_program_and_its_expansion_agree():
    """Definitions are assignments: same values as without them."""
    f = evaluator(OUTPUTS, definitions=DEFINITIONS)
    g = evaluator({key: expanded(expr) for key, expr in OUTPUTS.items()})
    points = random_point(np.random.default_rng(1), 100)
    for key in OUTPUTS:
        np.testing.assert_allclose(f(**points)[key], g(**points)[key], rtol=1e-12)


def test_scalars_and_arrays_agree_and_scalars_are_python_floats():
    """Scalar calls run on Python floats and return them."""
    f = evaluator(OUTPUTS, definitions=DEFINITIONS)
    points = random_point(np.random.default_rng(2), 5)
    many = f(**points)
    one = f(**{name: float(array[3]) for name, array in points.items()})
    zero_d = f(**{name: np.float64(array[3]) for name, array in points.items()})
    for key in OUTPUTS:
        assert type(one[key]) is float and type(zero_d[key]) is float
        assert one[key] == zero_d[key]
        assert math.isclose(one[key], many[key][3], rel_tol=1e-13)


@pytest.mark.parametrize("exponent", [-300, -100, -16, -8, -3, 0, 1, 2, 2.8])
def test_occupations_lose_no_digits(exponent):
    """1/(e^x - 1) and friends to a few ulps from x = 1e-300 to 630."""
    value = 10.0**exponent
    functions = {
        "bose": 1 / (sympy.exp(x) - 1),
        "bose+1": sympy.exp(x) / (sympy.exp(x) - 1),
        "bose-": sympy.exp(-x) / (1 - sympy.exp(-x)),
        "1-e^-x": 1 - sympy.exp(-x),
        "3(e^x-1)": 3 * sympy.exp(x) - 3,
        "fermi": 1 / (sympy.exp(x) + 1),
        "1-fermi": sympy.exp(x) / (sympy.exp(x) + 1),
        "coth": sympy.coth(x / 2),
    }
    f = evaluator(functions)
    scalar, array = f(x=value), f(x=np.array([value, value]))
    with mp.workdps(400):
        t = mp.mpf(value)
        twin = {
            "bose": 1 / mp.expm1(t),
            "bose+1": 1 + 1 / mp.expm1(t),
            "bose-": 1 / mp.expm1(t),
            "1-e^-x": -mp.expm1(-t),
            "3(e^x-1)": 3 * mp.expm1(t),
            "fermi": 1 / (mp.exp(t) + 1),
            "1-fermi": 1 / (mp.exp(-t) + 1),
            "coth": mp.coth(t / 2),
        }
        for key, want in twin.items():
            for got in (scalar[key], float(array[key][0])):
                assert abs(got / want - 1) < 2e-15, key


def test_large_arguments_do_not_overflow_to_nan():
    """At x = 10^4 occupations are 0 or 1, the softplus is x."""
    f = evaluator(
        (
            1 / (sympy.exp(x) - 1),
            1 / (sympy.exp(x) + 1),
            sympy.exp(x) / (sympy.exp(x) + 1),
            sympy.exp(x) / (sympy.exp(x) - 1),
            sympy.log(1 + sympy.exp(x)),
        )
    )
    want = (0.0, 0.0, 1.0, 1.0, 1e4)
    assert f(1e4) == want
    assert tuple(float(v[0]) for v in f(np.array([1e4, 1e4]))) == want


@pytest.mark.parametrize("value", [1e-300, 1e-18, 1e-5, 0.4])
def test_logarithms_near_one(value):
    """log(1 + x), log(1 - x), log(1 + x + x y) and log(1 - e^-x) at small x."""
    f = evaluator(
        (
            sympy.log(1 + x),
            sympy.log(1 - x),
            sympy.log(1 + x + x * y),
            sympy.log(1 - sympy.exp(-x)),
        )
    )
    with mp.workdps(400):
        t = mp.mpf(value)
        twin = (mp.log1p(t), mp.log1p(-t), mp.log1p(3 * t), mp.log(-mp.expm1(-t)))
        for got, want in zip(f(x=value, y=2.0), twin, strict=True):
            assert abs(got / want - 1) < 1e-15


def test_every_operation_against_mpmath():
    """Each kernel, in scalar and array mode."""
    exprs = [
        x + y - z,
        -x - y,
        x * y / z,
        x**-3 * y**5,
        sympy.sqrt(x) + x ** sympy.Rational(-3, 2),
        x ** sympy.Rational(1, 3),
        x**y,
        sympy.exp(-x) * sympy.log(y),
        sympy.tanh(x) + sympy.cosh(y) - sympy.sinh(z),
        sympy.coth(x) + sympy.sech(y) * sympy.csch(z),
        sympy.atanh(x / 3) + sympy.acosh(1 + y) + sympy.asinh(z),
        sympy.Abs(x - y) + sympy.Max(x, y, z) - sympy.Min(x, y),
        sympy.pi * x + sympy.E + sympy.sqrt(2) + sympy.log(3),
        sympy.sin(x) * sympy.cos(y),
        sympy.Integer(7),
        y,
    ]
    f = evaluator(exprs, parameters=[x, y, z])
    point = (0.7, 1.3, 2.1)
    twin = sympy.lambdify((x, y, z), exprs, "mpmath")
    with mp.workdps(30):
        want = [float(v) for v in twin(*map(mpmath.mpf, point))]
    np.testing.assert_allclose(f(*point), want, rtol=5e-15)
    arrays = f(*(np.full(3, p) for p in point))
    np.testing.assert_allclose([a[1] for a in arrays], want, rtol=5e-15)
    assert all(a.shape == (3,) and a.dtype == np.float64 for a in arrays)


SHAPES = [
    {"omega_h": (4, 1), "T_h": (1, 5)},
    {"omega_h": (3, 1, 2), "T_h": (7, 1), "T_c": (2,)},
    {"omega_h": (CHUNK + 3,)},
    {"omega_h": (2 * CHUNK + 1, 1), "T_h": (1, 3)},
    {"omega_h": (3, 1), "T_h": (1, CHUNK + 5)},
    {"omega_h": (2, 3, 1, 1), "T_h": (1, 1, 50, 400), "gamma_h": (2, 1, 50, 1)},
    {"omega_h": (1,)},
    {"omega_h": (1, 1), "T_h": (1,)},
    {"omega_h": (0, 3), "T_h": (3,)},
]


@pytest.mark.parametrize("shapes", SHAPES)
def test_broadcasting_equals_explicit_arrays(shapes):
    """Any mix of scalars, rows and columns gives what full arrays give, bit for bit."""
    f = evaluator(
        (OUTPUTS["sigma"], nh, nc, wh, sympy.Integer(2), OUTPUTS["sigma"]), definitions=DEFINITIONS
    )
    rng = np.random.default_rng(4)
    point = {name: float(value) for name, value in random_point(rng).items()}
    point.update({name: rng.uniform(0.3, 2.0, shape) for name, shape in shapes.items()})
    shape = np.broadcast_shapes(*shapes.values())
    full = {k: np.ascontiguousarray(np.broadcast_to(v, shape)) for k, v in point.items()}
    for got, want in zip(f(**point), f(**full), strict=True):
        assert got.shape == shape and got.dtype == np.float64
        np.testing.assert_allclose(got, want, rtol=1e-14)


def test_strided_and_integer_inputs_are_read_and_left_alone():
    """Transposed, sliced and integer arrays; inputs are never written to."""
    f = evaluator(x * y + x)
    a = np.arange(12.0).reshape(3, 4)
    b = np.arange(24).reshape(4, 6)[:, ::2]
    before = a.copy(), b.copy()
    np.testing.assert_allclose(f(x=a.T, y=b), a.T * b + a.T)
    assert (a == before[0]).all() and (b == before[1]).all()


def test_repeated_and_shared_outputs_are_separate_arrays():
    """Writing into one result changes no other result and no input."""
    f = evaluator((x, x, x + 1, x + 1))
    a = np.ones(4)
    results = f(a)
    for result in results:
        result += 1
    assert (a == 1).all()
    assert [r[0] for r in results] == [2, 2, 3, 3]


def test_no_temporary_exceeds_a_chunk():
    """Peak memory beyond the result is a few dozen chunks, however many points."""
    f = evaluator(OUTPUTS["sigma"], definitions=DEFINITIONS)
    points = random_point(np.random.default_rng(5), 400_000)
    f(**{k: v[:10] for k, v in points.items()})
    tracemalloc.start()
    result = f(**points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - result.nbytes < 24 * CHUNK * 8


def test_call_styles_and_result_kinds():
    """Positional in order, by name, mixed; expression, tuple, mapping."""
    f = evaluator(x - y, parameters=[y, x])
    assert f.parameters == ("y", "x")
    assert f(1.0, 3.0) == f(y=1, x=3) == f(1, x=3) == 2.0
    assert evaluator((x, y))(1, 2) == (1.0, 2.0)
    assert evaluator({"a": x})(x=4) == {"a": 4.0}
    assert evaluator(sympy.Integer(5))() == 5.0


def test_errors_name_the_symbol():
    """Missing, unknown and doubled parameters; undefined and disordered definitions."""
    f = evaluator(x + y)
    for call in (
        lambda: f(x=1),
        lambda: f(x=1, y=2, q=3),
        lambda: f(1, x=2),
        lambda: f(1, 2, 3),
        lambda: f(x=1, q=2),
    ):
        with pytest.raises(UnknownSymbol):
            call()
    with pytest.raises(UnknownSymbol, match="the parameter q"):
        f(x=1, q=2)
    with pytest.raises(UnknownSymbol, match="parameter y"):
        f(x=1)
    with pytest.raises(UnknownSymbol, match="y"):
        evaluator(x + y, parameters=[x])
    with pytest.raises(UnknownSymbol, match="before its definition"):
        evaluator(W, definitions=[(W, G + x), (G, x)])
    with pytest.raises(BadExpression):
        evaluator(x + sympy.Symbol("x", positive=True))
    with pytest.raises(OutsideClosedForm):
        evaluator(sympy.I * x)
    with pytest.raises(OutsideClosedForm):
        evaluator(sympy.Function("f")(x))


def test_exceptions_become_inf_and_nan_silently(recwarn):
    """Poles and overflows follow IEEE 754 in both modes, without warnings."""
    f = evaluator((1 / x, sympy.log(x), sympy.exp(x + 800), sympy.sqrt(x - 1)))
    scalar = f(0.0)
    array = f(np.zeros(3))
    np.testing.assert_array_equal(scalar, [np.inf, -np.inf, np.inf, np.nan])
    np.testing.assert_array_equal([a[0] for a in array], scalar)
    assert not recwarn.list


def test_it_pickles_and_can_be_read():
    """A pickled evaluator has the same program; its source is the tape."""
    f = evaluator(OUTPUTS, definitions=DEFINITIONS)
    f(**random_point(np.random.default_rng(6), 4))
    g = pickle.loads(pickle.dumps(f))
    assert g == f and g.source == f.source
    point = {k: float(v) for k, v in random_point(np.random.default_rng(7)).items()}
    assert g(**point) == f(**point)
    assert f.source.startswith("def f(T_c, T_h, epsilon,")
    # Two occupations and their difference.
    assert f.source.count("expm1") == 3
    assert "exp(" not in f.source.replace("expm1(", "")


def test_common_subexpressions_are_computed_once():
    """Four outputs of one occupation: one expm1, one division by it.

    The quotient omega/T with its remainder takes 7 operations, the occupation 5, the outputs 3.
    """
    n = 1 / (sympy.exp(wh / Th) - 1)
    f = evaluator((n, n + 1, wh * n, wh * (n + 1)))
    assert f.source.count("expm1") == 1
    assert sum(1 for i in f.program if i.op != "const") <= 16
    assert sum(i.op == "div" for i in f.program) == 2


def test_operands_that_often_stand_together_are_joined_first():
    """a b in four products, and in a sum of sums: computed once, without a search of all subsets."""
    a, b, c, d, e = sympy.symbols("a b c d e", positive=True)
    f = evaluator((a * b * c, a * b * d, a * b * e, c * a * b * d, a + c + b, a + d + b))
    assert sum(step.op == "mul" for step in f.program) <= 6
    assert sum(step.op == "add" for step in f.program) == 3


def test_results_do_not_depend_on_the_chunking():
    """A long array equals its pieces."""
    f = evaluator(OUTPUTS["heat"], definitions=DEFINITIONS)
    points = random_point(np.random.default_rng(8), 3 * CHUNK + 17)
    whole = f(**points)
    pieces = [
        f(**{k: v[i : i + 1000] for k, v in points.items()}) for i in range(0, len(whole), 1000)
    ]
    np.testing.assert_allclose(whole, np.concatenate(pieces), rtol=1e-14)


def test_a_named_tuple_has_the_quantities_as_fields():
    """By field, by place, through pickle and to a sweep; on each backend the same type."""
    book = model("three-level-maser").ledger
    f = evaluator(book, quantities=["heat[h]", "power"], named=True)
    at = {name: 0.5 + 0.1 * k for k, name in enumerate(f.parameters)}
    row = f(**at)
    assert row._fields == ("heat_h", "power") and row.heat_h == row[0] != row.power
    many = pickle.loads(pickle.dumps(f))(**{**at, "T_h": np.array([at["T_h"], 3.0])})
    assert many.power.shape == (2,) and many.power[0] == pytest.approx(row.power, rel=1e-13)
    again = pickle.loads(pickle.dumps(row))
    assert again == row and again._fields == row._fields
    found = sweep(f, {**at, "T_h": Axis(1, 2, 3)})
    assert list(found) == ["heat[h]", "power"]


def test_a_state_kept_as_a_program_has_numbers():
    """Populations and coherences of a state beyond its term budget are those of the expanded one."""
    L = model("three-level-maser").generator
    with pytest.warns(UserWarning, match="straight-line program"):
        f = evaluator(steady_state(L, max_terms=3))
    g = evaluator(steady_state(L))
    assert f.keys == g.keys and set(f.keys) >= {"population[g]", "re[l,u]", "im[l,u]"}
    rng = np.random.default_rng(3)
    at = {name: rng.uniform(0.3, 2, 50) for name in f.parameters}
    one, two = f(**at), g(**at)
    rho = steady_state(L).rho
    l, u = (L.space.index(k) for k in "lu")
    want = evaluator({"re": sympy.re(rho[l, u]), "im": sympy.im(rho[l, u])}, list(f.parameters))
    for key in f.keys:
        np.testing.assert_allclose(one[key], two[key], rtol=1e-11)
    for part in ("re", "im"):
        np.testing.assert_allclose(one[f"{part}[l,u]"], want(**at)[part], rtol=1e-9)
    assert list(evaluator(steady_state(L), quantities=["re[l,u]"]).keys) == ["re[l,u]"]
    with pytest.raises(UnknownQuantity, match="population"):
        evaluator(steady_state(L), quantities=["population[x]"])


def test_a_program_is_an_evaluator_of_its_leaves():
    state = model("two-bath-qubit").steady_state
    leaves = [
        state.alphabet.poly_expr(f.num) / state.alphabet.poly_expr(f.den)
        for f in state.program.leaves
    ]
    f = evaluator(state.program, leaves=leaves)
    at = {name: 0.5 + 0.3 * k for k, name in enumerate(f.parameters)}
    found = f(**at)
    assert sum(found.values()) == pytest.approx(1, rel=1e-15)
    want = evaluator(state.population("e"))(**at)
    assert min(found.values()) == pytest.approx(want, rel=1e-13)
    with pytest.raises(DimensionMismatch, match="leaves"):
        evaluator(state.program)


@pytest.mark.parametrize("backend", ["numpy", "array_api"])
def test_a_parameter_that_drops_out_is_accepted(backend):
    """Declared and unused: it broadcasts, and outside its domain the result is nan all the same."""
    f = evaluator({"a": x}, parameters=["x", "y"], backend=backend)
    assert f(x=np.ones(2), y=np.ones((3, 1)))["a"].shape == (3, 2)
    book = model("two-bath-qubit").ledger
    names = ["omega", "gamma_h", "gamma_c", "T_h", "T_c"]
    f = evaluator(book, names, quantities=["power"], backend=backend)
    assert f(1.0, 1.0, 1.0, 1.0, 2.0) == {"power": 0.0}
    assert np.isnan(f(1.0, 1.0, 1.0, -1.0, np.array([1.0, 2.0]))["power"]).all()
