"""Means: Motzkin's polynomial and its kin proved, replayed, forged; false relatives never proved."""

from __future__ import annotations

import copy
from fractions import Fraction
from itertools import product
from random import Random

import pytest
import sympy as sp

from symtherm import Claim, parameters, prove, replay
from symtherm.derive.circuits import circuits, nonnegative_solution

ZERO = sp.Integer(0)
x, y, z, a = parameters("x y z a")
r, s, t = parameters("r s t", real=True)
MOTZKIN = r**4 * s**2 + r**2 * s**4 - 3 * r**2 * s**2 + 1

TRUE = {
    "Motzkin": (MOTZKIN, "r² = 1 and s² = 1"),
    "Motzkin, positive": (MOTZKIN.subs({r: x, s: y}), "x = 1 and y = 1"),
    "Motzkin in other units": (MOTZKIN.subs({r: 2 * x, s: y / 3}), "2 x = 1 and y = 3"),
    "Motzkin and more": (MOTZKIN + r**2, None),
    "Motzkin and a number": (MOTZKIN + sp.Rational(1, 7), "never"),
    "Motzkin beside a square": (MOTZKIN + (r - s) ** 2, None),
    "Robinson's relative": (r**6 + s**6 + t**6 - 3 * r**2 * s**2 * t**2, None),
    "Choi and Lam": (r**4 * s**2 + s**4 * t**2 + t**4 * r**2 - 3 * r**2 * s**2 * t**2, None),
    "three cubes": (x**3 + y**3 + z**3 - 3 * x * y * z, "x = z and y = z"),
    "four terms": (x**3 + y**3 + z**3 + 1 - 3 * x * y * z, "never"),
    "three products": (r**2 + s**2 + t**2 - r * s - s * t - t * r, "s = r and t = r"),
    "of other signs": (r**2 + s**2 + t**2 + r * s - s * t + t * r, "s = -r and t = -r and t = s"),
    "a cube": ((x + y + z) ** 3 - 27 * x * y * z, "x = z and y = z"),
    "a product": ((x + y) * (y + z) * (z + x) - 8 * x * y * z, "x = z and y = z"),
    "a cycle of quotients": (x / y + y / z + z / x - 3, "x = z and y = z"),
    "Nesbitt": (x / (y + z) + y / (x + z) + z / (x + y) - sp.Rational(3, 2), "x = z and y = z"),
    "beside a factor": (a * (x**3 + 8 * y**3 + 1 - 6 * x * y) / (x + y), "x = 1 and 2 y = 1"),
    "an odd mean": (r**4 + s**4 + 2 - 4 * r * s, None),
    "an odd mean of the other sign": (r**4 + s**4 + 2 + 4 * r * s, None),
    "an odd power": (r**4 - 4 * r + 3, "r = 1"),
    "exponentials": (sp.exp(x) + sp.exp(y) + sp.exp(-x - y) - 3, None),
    "weights of a qubit": ((1 - x) * MOTZKIN, None),
}
SHARP = {
    "Motzkin": MOTZKIN - r**2 * s**2 / 1000,
    "three cubes": x**3 + y**3 + z**3 - sp.Rational(301, 100) * x * y * z,
    "three products": r**2 + s**2 + t**2 - sp.Rational(101, 100) * (r * s + s * t + t * r),
    "an odd mean": r**4 + s**4 + 2 - sp.Rational(401, 100) * r * s,
    "not the middle": x**3 + y**3 + z**3 - 3 * x**2 * z,
    "a real cube": r**3 + s**3 + t**3 - 3 * r * s * t,
    "out of the polygon": x**2 + y**2 + 1 - x**3,
}


@pytest.mark.parametrize("name", TRUE)
def test_means_are_proved_with_their_equality_case(name):
    expr, condition = TRUE[name]
    proof = prove(Claim(expr, ">=", ZERO, positive=(1 - x,) if "qubit" in name else ()))
    assert proof.proved
    result = replay(proof)
    assert result.valid and result.log2_error < -80
    if condition is not None:
        assert proof.condition.text == condition


@pytest.mark.parametrize("name", SHARP)
def test_constants_and_monomials_are_sharp(name):
    assert not prove(Claim(SHARP[name], ">=", ZERO)).proved


def first_pair(data):
    return next(term for term in data["terms"] if "pair" in term)


def drop(data):
    data["terms"].remove(first_pair(data))


def other_root(data):
    record = next(n for n in data["names"] if n["kind"] == "root")
    record["value"] = record["value"].replace("**2", "**4")


FORGED = {
    "a larger weight": lambda d: first_pair(d).update(factor=f"2*({first_pair(d)['factor']})"),
    "a vertex left out": drop,
    "a vertex twice": lambda d: d["terms"].append(first_pair(d)),
    "mean and vertex exchanged": lambda d: first_pair(d)["pair"].reverse(),
    "another vertex": lambda d: first_pair(d)["pair"].__setitem__(1, first_pair(d)["pair"][0]),
    "another inequality": lambda d: first_pair(d).update(function="log"),
    "an inequality of no name": lambda d: first_pair(d).update(function="jensen"),
    "a stronger claim": lambda d: d.update(claim=f"{d['claim']} - 1/1000"),
    "the other sign": lambda d: d.update(claim=f"-({d['claim']})"),
    "an equality": lambda d: d.update(relation="=="),
    "one logarithm too many": lambda d: next(
        rec for rec in d["functions"]["log"].values() if rec["powers"]
    ).update(powers={}),
    "a logarithm of another size": lambda d: next(
        n for n in d["names"] if n["kind"] == "log"
    ).update(value="7"),
}


@pytest.mark.parametrize("change", FORGED)
@pytest.mark.parametrize("name", ["Motzkin", "Motzkin in other units", "an odd mean", "Nesbitt"])
def test_altered_means_are_rejected(name, change):
    good = dict(prove(Claim(TRUE[name][0], ">=", ZERO)).certificate)
    assert replay(good).valid
    data = copy.deepcopy(good)
    FORGED[change](data)
    assert not replay(data).valid


@pytest.mark.parametrize(
    "forge",
    [
        other_root,
        lambda d: next(n for n in d["names"] if n["kind"] == "root").update(kind="defined"),
        lambda d: next(t for t in d["terms"] if "pair" not in t).update(factor="1"),
        lambda d: [rec.pop("times", 0) for rec in d["functions"]["log"].values()],
        lambda d: [rec.update(visible="1") for rec in d["functions"]["log"].values()],
    ],
)
def test_altered_absolute_values_are_rejected(forge):
    data = copy.deepcopy(dict(prove(Claim(TRUE["an odd mean"][0], ">=", ZERO)).certificate))
    assert "root" in {n["kind"] for n in data["names"]}
    forge(data)
    assert not replay(data).valid


def some_means(random, real):
    """A random sum of weighted means, tight where all variables are 1."""
    variables, total = ((r, s, t) if real else (x, y, z)), ZERO
    for _ in range(random.randint(1, 3)):
        step = 2 if real else 1
        ms = [[step * random.randint(0, 3) for _ in variables] for _ in range(3)]
        weights = [random.randint(1, 3) for _ in ms]
        mean = [sum(w * m[k] for w, m in zip(weights, ms, strict=True)) for k in range(3)]
        scale = sum(weights)
        powers = [[scale * e for e in m] for m in ms]

        def monomial(m):
            return sp.Mul(*(v**e for v, e in zip(variables, m, strict=True)))

        c = random.randint(1, 4)
        total += c * sum(w * monomial(m) for w, m in zip(weights, powers, strict=True))
        total -= c * scale * monomial(mean)
    return sp.expand(total)


@pytest.mark.parametrize("seed", range(12))
def test_random_sums_of_means_are_proved(seed):
    """By construction nonnegative; the linear program finds weights, if not the same ones."""
    expr = some_means(Random(seed), real=seed % 2)
    proof = prove(Claim(expr, ">=", ZERO))
    assert proof.proved and replay(proof).valid


NUMBERS = [Fraction(k, 4) for k in range(-12, 13)]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_false_at_a_rational_point_is_never_proved(seed):
    """Random polynomials near the edge: PROVED ones are nonnegative at all points of a grid."""
    random, real = Random(1000 + seed), seed % 2
    variables = (r, s) if real else (x, y)
    expr = some_means(random, real).subs({t: 1, z: 1})
    for _ in range(random.randint(1, 2)):
        m = sp.Mul(*(v ** random.randint(0, 4) for v in variables))
        expr += random.choice((-1, 1)) * sp.Rational(random.randint(1, 6), 2) * m
    expr = sp.expand(expr)
    proof = prove(Claim(expr, ">=", ZERO))
    poly = sp.Poly(expr, *variables)
    numbers = NUMBERS if real else [n for n in NUMBERS if n > 0]
    terms = [(m, Fraction(int(c.p), int(c.q))) for m, c in poly.terms()]
    low = min(
        sum(c * p ** m[0] * q ** m[1] for m, c in terms) for p, q in product(numbers, repeat=2)
    )
    if proof.proved:
        assert low >= 0 and replay(proof).valid
    if low < 0:
        assert proof.verdict.name in ("REFUTED", "UNDECIDED")


@pytest.mark.parametrize("seed", range(20))
def test_circuits_add_up_to_the_polynomial(seed):
    random = Random(seed)
    expr = some_means(random, real=False) + random.randint(0, 2) * x
    poly = sp.Poly(expr, x, y, z)
    found = circuits({m: int(c) for m, c in poly.terms()}, [False] * 3)
    assert found is not None

    def power(m):
        return sp.Mul(
            *((v / sp.Rational(u)) ** k for v, u, k in zip((x, y, z), found.point, m, strict=True))
        )

    total = sp.Add(*(sp.Rational(c) * power(m) * power_of(found.point, m) for c, m in found.rest))
    for c in found.found:
        for m, w in c.vertices:
            assert w > 0
            total += sp.Rational(w) * (power(m) - c.sign * power(c.inner))
    assert sp.expand(total - expr) == 0 and all(c > 0 for c, _ in found.rest)


def power_of(u, m):
    return sp.Mul(*(sp.Rational(v) ** k for v, k in zip(u, m, strict=True)))


@pytest.mark.parametrize("seed", range(20))
def test_the_simplex_method_solves_what_has_a_solution(seed):
    random = Random(seed)
    rows = [[Fraction(random.randint(-3, 3)) for _ in range(7)] for _ in range(4)]
    hidden = [Fraction(random.randint(0, 3), random.randint(1, 3)) for _ in range(7)]
    rhs = [sum(v * w for v, w in zip(row, hidden, strict=True)) for row in rows]
    signs = [1 if b >= 0 else -1 for b in rhs]
    rows = [[sign * v for v in row] for sign, row in zip(signs, rows, strict=True)]
    rhs = [sign * b for sign, b in zip(signs, rhs, strict=True)]
    found = nonnegative_solution(rows, rhs)
    assert found is not None and min(found) >= 0
    assert [sum(v * w for v, w in zip(row, found, strict=True)) for row in rows] == rhs
    # One row more that contradicts the sum of the others.
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    assert nonnegative_solution(rows, [*rhs, sum(rhs) + 1]) is None
