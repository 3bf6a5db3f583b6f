"""Backends, derivatives, domain and outputs in place: one program, the same numbers."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy

from symtherm import evaluator, parameters
from symtherm.errors import DimensionMismatch, NoCompiler, OutOfDomain, UnknownSymbol, WrongArgument
from symtherm.numeric.expanded import expanded
from symtherm.numeric.scalars import scalar_function
from symtherm.numeric.tape import Instruction
from tests.numeric.regimes import MODELS, points

compiler = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("gcc", "cc", "clang")), reason="no C compiler"
)
CASE = MODELS["maser"]
AT = points(CASE, "generic", 1000, seed=2)
F = evaluator(CASE.book, list(AT))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def agree(found, rtol=5e-15):
    for key, want in F(**AT).items():
        np.testing.assert_allclose(np.asarray(found[key]), want, rtol=rtol)


@compiler
def test_c_agrees_for_full_arrays_axes_and_scalars():
    g = evaluator(CASE.book, list(AT), backend="c")
    agree(g(**AT))
    rows = {**{k: float(v[0]) for k, v in AT.items()}, "T_h": AT["T_h"][:7, None, None]}
    rows.update(T_c=AT["T_c"][None, :30, None], omega_c=AT["omega_c"][:5])
    for key, want in F(**rows).items():
        assert want.shape == (7, 30, 5)
        np.testing.assert_allclose(g(**rows)[key], want, rtol=5e-15)
    assert pickle.loads(pickle.dumps(g))(**rows)["power"].shape == (7, 30, 5)


@compiler
@pytest.mark.parametrize(
    "shapes",
    [
        {"T_h": (4, 1), "T_c": (1, 700)},
        {"T_h": (3, 1, 2), "T_c": (7, 1), "gamma_h": (2,)},
        {"T_h": (600,), "T_c": ()},
        {"T_h": (2, 3, 1, 1), "T_c": (1, 1, 5, 40), "gamma_h": (2, 1, 5, 1)},
        {"T_h": (1, 1), "T_c": (1,)},
        {"T_h": (0, 3)},
    ],
)
def test_c_broadcasts_as_numpy_does(shapes):
    """Rows, columns, and axes before them, with inputs that vary along some of them."""
    rng = np.random.default_rng(4)
    at = {k: float(v[0]) for k, v in AT.items()}
    at |= {name: rng.uniform(0.5, 2, shape) for name, shape in shapes.items()}
    found = F.with_backend("c")(**at)
    for key, want in F(**at).items():
        assert found[key].shape == want.shape
        np.testing.assert_allclose(found[key], want, rtol=5e-15)


@compiler
def test_a_product_whose_rounding_is_carried_is_not_fused():
    """a b + c with mulerr(a, b): the product is rounded before the sum, or its error counts twice."""
    from symtherm.numeric.csource import c_source

    code = [Instruction("mul", (0, 1)), Instruction("add", (3, 2)), Instruction("mulerr", (0, 1)),
            Instruction("add", (4, 5))]  # fmt: skip
    assert "__builtin_fma(a0_0, a1_0, a2_0)" not in c_source(3, code, [6])
    assert "__builtin_fma(a0_0, a1_0, a2_0)" in c_source(3, code[:2], [4])
    assert "__builtin_fma(a0_0, a1_0, a2_0)" not in c_source(3, code[:2], [4, 3])  # it is an output


@compiler
def test_exp_and_expm1_in_c_are_accurate_to_two_ulps():
    """From the subnormal range to overflow, against mpmath; special values as in IEEE 754.

    The worst of 5e6 points is 1.79 units, of expm1 at 0.38, where k = 1 doubles the error of r.
    """
    x = sympy.Symbol("x", real=True)
    g = evaluator((sympy.exp(x), sympy.exp(x) - 1), backend="c")
    rng = np.random.default_rng(0)
    at = np.concatenate(
        [rng.uniform(-700, 709, 300), rng.uniform(-2, 2, 3000), 10 ** rng.uniform(-300, -1, 100)]
    )
    with mpmath.workdps(340):
        for got, function in zip(g(x=at), (mpmath.exp, mpmath.expm1), strict=True):
            for value, t in zip(got, at, strict=True):
                want = function(mpmath.mpf(float(t)))
                assert abs(mpmath.mpf(float(value)) - want) <= 2 * np.spacing(abs(float(want)))
    special = np.array([np.inf, -np.inf, np.nan, 0.0, 800.0, -800.0])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(g(x=special)[0], np.exp(special))
        np.testing.assert_array_equal(g(x=special)[1], np.expm1(special))


@compiler
def test_an_occupation_in_c_takes_the_low_half_of_its_exponent():
    """E (1 + low) + low is one exponential with low inside; not where a part of it is an output."""
    from symtherm.numeric.csource import c_source

    f = evaluator(CASE.book, list(AT), quantities=["entropy_production"])
    text = c_source(len(AT), f.program, f.outputs, f.positive)
    assert len(re.findall(r"= expm1_of\(below\(\w+\), t", text)) == 2 * 2  # two, in two vectors
    assert text.count("expm1_of(above(") == 2  # of a force: -|A|
    inner = next(k for k, step in enumerate(f.program) if step.op == "expm1") + len(AT)
    open_ = c_source(len(AT), f.program, (*f.outputs, inner), f.positive)
    assert len(re.findall(r"= expm1_of\(below\(\w+\), t", open_)) == 2


@compiler
def test_the_domain_in_c_point_by_point():
    """Negative values and nan give nan in all outputs, -0.0 and 0.0 do not, at any place of a row.

    The second output does not depend on q, so its nan does not come by arithmetic.
    """
    p, q = parameters("p q")
    f = evaluator((p * q, p + 1), [p, q], backend="c")
    for size in (2, 15, 16, 17, 700):
        values = np.resize([1.0, -0.0, 0.0, -1e-300, np.nan, 3.0, -np.inf], size)
        bad = ~(values >= 0)
        for at in ({"p": values, "q": 2.0}, {"p": 2.0, "q": values}, {"p": values, "q": values}):
            found = f(**at)
            with np.errstate(invalid="ignore"):
                want = (at["p"] * at["q"], at["p"] + 1 + 0 * values)
            for got, plain in zip(found, want, strict=True):
                np.testing.assert_array_equal(np.isnan(got), bad)
                np.testing.assert_array_equal(got[~bad], plain[~bad])


@compiler
def test_every_operation_in_c():
    x, y = sympy.symbols("x y", positive=True)
    exprs = [
        x + y, x - y, x * y, x / y, x**y, sympy.sqrt(x), sympy.log(x), sympy.log(1 + x),
        sympy.log(1 + sympy.exp(x)), sympy.tanh(x), sympy.sinh(x), sympy.cosh(x), sympy.asinh(x),
        sympy.acosh(1 + x), sympy.atanh(x / 9), sympy.sin(x), sympy.cos(x), sympy.Abs(x - y),
        sympy.Max(x, y), sympy.Min(x, y), sympy.Integer(3),
    ]  # fmt: skip
    at = dict(zip("xy", np.random.default_rng(1).uniform(0.2, 3, (2, 700)), strict=True))
    plain, compiled = evaluator(exprs, [x, y])(**at), evaluator(exprs, [x, y], backend="c")(**at)
    for a, b in zip(plain, compiled, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-14)


def test_without_a_compiler_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    x = sympy.Symbol("unheard_of", real=True)
    with pytest.raises(NoCompiler, match='backend="numpy"'):
        evaluator(sympy.exp(x), backend="c")


@compiler
def test_compiled_once_and_found_again(tmp_path):
    x = sympy.Symbol("x", real=True)
    for _ in range(2):
        evaluator(sympy.exp(x) + 17, backend="c")
    assert len(list((tmp_path / "symtherm").glob("*.so"))) <= 1


def test_array_api_on_numpy_is_the_same_program():
    agree(evaluator(CASE.book, list(AT), backend="array_api")(**AT))


def test_torch_values_and_gradients():
    torch = pytest.importorskip("torch")
    g = evaluator(CASE.book, list(AT), backend="array_api")
    at = {k: torch.tensor(v) for k, v in AT.items()}
    agree({k: v.numpy() for k, v in g(**at).items()})
    at["T_h"].requires_grad_(True)
    g(**at)["entropy_production"].sum().backward()
    want = F.grad("T_h")(**AT)["entropy_production"]
    np.testing.assert_allclose(at["T_h"].grad.numpy(), want, rtol=1e-10)


def test_the_gpu_benchmark_checks_what_it_says():
    """On the processor, by the same function: values in ulps and derivatives by autograd."""
    pytest.importorskip("torch")
    from tests.speed.gpu import checked

    found = checked(F.with_backend("array_api"), "cpu")
    assert found["ulps"] <= 64 and found["relative error of the derivative"] <= 1e-9


def test_jax_values_jit_and_gradients():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    g = evaluator(CASE.book, list(AT), backend="array_api")
    at = {k: jax.numpy.asarray(v) for k, v in AT.items()}
    agree(jax.jit(lambda at: g(**at))(at), rtol=1e-13)
    slope = jax.grad(lambda T: g(**{**at, "T_h": T})["power"].sum())(at["T_h"])
    np.testing.assert_allclose(slope, F.grad("T_h")(**AT)["power"], rtol=1e-10)


def test_dask_arrays_stay_lazy():
    da = pytest.importorskip("dask.array")
    at = {k: da.from_array(v, chunks=300) for k, v in AT.items()}
    found = F(**at)
    assert all(isinstance(v, da.Array) and v.numblocks == (4,) for v in found.values())
    agree({k: v.compute() for k, v in found.items()}, rtol=0)
    if shutil.which("cc"):
        agree({k: v.compute() for k, v in F.with_backend("c")(**at).items()})
    outer = F(
        **{**{k: float(v[0]) for k, v in AT.items()}, "T_h": at["T_h"], "T_c": at["T_c"][:, None]}
    )
    assert outer["power"].shape == (1000, 1000)


def test_dask_cluster():
    distributed = pytest.importorskip("distributed")
    da = pytest.importorskip("dask.array")
    with (
        distributed.LocalCluster(1, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
    ):
        at = {k: da.from_array(v, chunks=250) for k, v in AT.items()}
        agree({k: v.compute() for k, v in F(**at).items()}, rtol=0)


@pytest.mark.parametrize("name", AT)
def test_derivatives_against_exact_ones(name):
    """Forward mode against the derivatives of the closed forms at 60 digits."""
    case, f = CASE, F.grad(name)
    exprs = [case.book.expression(key).diff(case.symbols[name]) for key in case.book.quantities]
    exact = sympy.lambdify(list(case.symbols.values()), exprs, "mpmath", cse=True)
    found = f(**AT)
    for k in range(5):
        with mpmath.workdps(60):
            want = exact(*(mpmath.mpf(float(AT[s][k])) for s in case.symbols))
        for key, w in zip(case.book.quantities, want, strict=True):
            scale = max(abs(float(w)), 1e-4 * abs(F(**AT)[key][k]))
            assert abs(found[key][k] - float(w)) <= 1e-11 * scale


def test_derivatives_of_every_operation():
    x = sympy.Symbol("x", positive=True)
    exprs = [
        x**2, 1 / x, sympy.sqrt(x), x ** sympy.Rational(1, 3), sympy.exp(-x), sympy.exp(x) - 1,
        sympy.log(x), sympy.log(1 + x), sympy.log(1 + sympy.exp(x)), sympy.tanh(x), sympy.sinh(x),
        sympy.cosh(x), sympy.asinh(x), sympy.acosh(1 + x), sympy.atanh(x / 9), sympy.sin(x),
        sympy.cos(x), 1 / (sympy.exp(3 / x) - 1), 1 / (sympy.exp(3 / x) + 1), x - 2 * x**2,
    ]  # fmt: skip
    at = np.random.default_rng(1).uniform(0.2, 3, 50)
    found = evaluator(exprs, [x]).grad("x")(x=at)
    for e, got in zip(exprs, found, strict=True):
        np.testing.assert_allclose(got, sympy.lambdify(x, e.diff(x))(at), rtol=1e-12)
    both = evaluator({"a": x**2}).grad("x")
    assert both(x=3.0) == {"a": 6.0}
    with pytest.raises(UnknownSymbol, match="'y'"):
        evaluator(x).grad("y")


def test_gradient_of_a_scalar_function_is_a_mapping():
    x, y = parameters("x y")
    assert evaluator(x * y).grad("x", "y")(x=2.0, y=3.0) == {"x": 3.0, "y": 2.0}


@pytest.mark.parametrize("backend", ["numpy", "array_api", pytest.param("c", marks=compiler)])
def test_outside_the_domain_is_nan_or_an_error(backend):
    w, T = parameters("omega T")
    n = 1 / (sympy.exp(w / T) - 1)
    f = evaluator(n, backend=backend)
    found = f(omega=1.0, T=np.array([1.0, -1.0, 2.0]))
    np.testing.assert_array_equal(np.isnan(found), [False, True, False])
    assert np.isnan(f(omega=1.0, T=np.array([0.0, 0.0]))).all()
    if backend != "array_api":
        assert np.isnan(f(omega=1.0, T=-1.0)) and np.isnan(f(omega=1.0, T=-1.0))
        strict = evaluator(n, backend=backend, outside="error")
        with pytest.raises(OutOfDomain, match="T"):
            strict(omega=1.0, T=np.array([1.0, -1.0]))
        with pytest.raises(OutOfDomain, match="T"):
            strict(omega=1.0, T=-1.0)
        for T in (0.0, np.array([2.0, 0.0])):
            with pytest.raises(OutOfDomain, match=r"nan at T = 0.0, omega = 1.0"):
                strict(omega=1.0, T=T)
        assert strict(omega=1.0, T=2.0) == f(omega=1.0, T=2.0)
    else:
        with pytest.raises(WrongArgument, match="outside"):
            evaluator(n, backend=backend, outside="error")
    with pytest.raises(WrongArgument, match="array_api"):
        evaluator(n, backend="fortran")


def test_out_is_filled_and_checked():
    x, y = parameters("x y")
    f = evaluator({"a": x + y, "b": x})
    out = {"a": np.empty(3), "b": np.empty(3)}
    found = f(x=np.arange(3.0), y=1.0, out=out)
    assert (
        found["a"] is out["a"] and out["a"].tolist() == [1, 2, 3] and out["b"].tolist() == [0, 1, 2]
    )
    for bad in ([np.empty(3)], [np.empty(3), np.empty(4)], [np.empty(3), np.empty(6)[::2]]):
        with pytest.raises(DimensionMismatch, match="out="):
            f(x=np.arange(3.0), y=1.0, out=bad)


def test_residuals_of_quotients_are_exact():
    """a - q b for q = fl(a/b): exact in the scalar code, to 2^-104 of a by truncated halves."""
    from fractions import Fraction

    from symtherm.numeric.chunks import run_arrays

    code = [Instruction("residual", (0, 1, 2))]
    plain, places = expanded(3, code, [3], masks=True)
    scalar = scalar_function(["a", "q", "b"], code, [3])
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=(2, 300)) * 10.0 ** rng.integers(-90, 90, (2, 300))
    for q in (a / b, a * (1 / b)):
        out = np.empty(300)
        run_arrays(plain, places, [a, q, b], [out], {})
        for k in range(300):
            x, y, z = float(a[k]), float(q[k]), float(b[k])
            want = Fraction(x) - Fraction(y) * Fraction(z)
            assert Fraction(scalar(x, y, z)[0]) == want
            assert abs(Fraction(float(out[k])) - want) <= abs(Fraction(x)) / 2**102


def test_rounding_errors_of_products_are_exact():
    """By Veltkamp's splitting exactly, by truncation to 2^-104 of the product."""
    from fractions import Fraction

    code = [Instruction("mulerr", (0, 1))]
    plain, places = expanded(2, code, [2], masks=True)
    scalar = scalar_function(["a", "b"], code, [2])
    from symtherm.numeric.chunks import run_arrays

    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 200)) * 10.0 ** rng.integers(-100, 100, (2, 200))
    out = np.empty(200)
    run_arrays(plain, places, [a, b], [out], {})
    for k in range(200):
        x, y = float(a[k]), float(b[k])
        want = Fraction(x) * Fraction(y) - Fraction(x * y)
        assert Fraction(scalar(x, y)[0]) == want
        # Truncated halves have 26 and 27 bits: the product of two low ones is rounded.
        assert abs(Fraction(float(out[k])) - want) <= abs(Fraction(x * y)) / 2**104


def test_a_pickled_evaluator_needs_neither_flint_nor_models(tmp_path):
    """A worker has NumPy, SymPy and this package: values and derivatives as here."""
    (tmp_path / "f.pickle").write_bytes(pickle.dumps(F))
    (tmp_path / "at.pickle").write_bytes(pickle.dumps(AT))
    code = (
        "import sys, pickle\n"
        "sys.modules.update(flint=None)\n"
        "f, at = (pickle.load(open(n, 'rb')) for n in ('f.pickle', 'at.pickle'))\n"
        "print(float(f(**at)['power'].sum()), float(f.grad('T_h')(**at)['power'].sum()))\n"
        "assert not any(name.startswith('symtherm.dynamics') for name in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    want = [F(**AT)["power"].sum(), F.grad("T_h")(**AT)["power"].sum()]
    assert [float(x) for x in done.stdout.split()] == pytest.approx(want, rel=1e-14)
