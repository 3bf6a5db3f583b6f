"""When equality holds: equations between parameters, common positive factors cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import gcd, lcm
from re import search, split

from sympy import Expr, Matrix, Mul

from symtherm.derive.circuits import Circuits, Monomial, circuits
from symtherm.derive.derivation import ALWAYS, NEVER, Formula
from symtherm.derive.formula import formula
from symtherm.derive.pairs import boltzmann_binomials, exponent_sides
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.fraction import Fraction, Poly
from symtherm.exact.positivity import squares
from symtherm.exact.writer import readable

__all__ = [
    "all_of",
    "any_of",
    "equal",
    "jointly",
    "open_factors",
    "tight",
    "vanishing",
    "vanishing_factor",
]

Letters = Mapping[Expr, Expr]  # symbols that stand for expressions in the parameters
NO_LETTERS: Letters = {}
# Of more equations than this no combinations are tried.
JOINT_LIMIT = 12


def any_of(conditions: Iterable[Formula | None]) -> Formula | None:
    """One of the conditions holds (never, if there are none); None when one is unknown."""
    return _join(conditions, " or ", r" \;\text{ or }\; ", ALWAYS, NEVER)


def all_of(conditions: Iterable[Formula | None]) -> Formula | None:
    """All of the conditions hold; None when one of them is unknown and none is impossible."""
    return _join(conditions, " and ", r" \;\text{ and }\; ", NEVER, ALWAYS)


def _join(
    conditions: Iterable[Formula | None],
    text: str,
    latex: str,
    strongest: Formula,
    neutral: Formula,
) -> Formula | None:
    found = list(conditions)
    if strongest in found:
        return strongest
    known = [c for c in dict.fromkeys(found) if c is not None and c != neutral]
    if None in found:
        return None
    if not known:
        return neutral
    if len(known) > 9:  # a_2 before a_10
        known.sort(key=lambda c: [int(x) if x.isdigit() else x for x in split(r"(\d+)", c.text)])
    if text == " and " and len(known) > 1:  # "or" binds less than "and"
        known = [
            Formula(rf"\left({c.latex}\right)", f"({c.text})") if " or " in c.text else c
            for c in known
        ]
    return Formula(latex.join(c.latex for c in known), text.join(c.text for c in known))


def open_factors(space: Alphabet, poly: Poly) -> list[Poly]:
    """The irreducible factors whose sign is not decided: a zero of ``poly`` is one of theirs."""
    return [p for p, _ in poly.factor()[1] if space.sign(p) is None]


def vanishing_factor(space: Alphabet, poly: Poly, letters: Letters = NO_LETTERS) -> Formula:
    """The equation poly = 0 with its terms on the sides where they are positive.

    A letter that vanishes is said by what it means, in the parameters.

    That of an irreducible poly which is a difference of Boltzmann factors is one of exponents.
    """
    for powers, _ in boltzmann_binomials(space, poly):
        return equal(space, *exponent_sides(space, powers))
    terms = poly.to_dict()
    if len(terms) == 1:
        gens, (powers,) = space.base.gens(), terms
        found = [(g, i) for i, (g, k) in enumerate(zip(gens, powers, strict=True)) if k]
        may_vanish = [space.poly_expr(g) for g, i in found if space.ranges.signs[i] == "real"]
        result = any_of(_zero(e, letters) for e in may_vanish)
        assert result is not None
        return result
    context = poly.context()
    sides = [context.from_dict({m: s * c for m, c in terms.items() if s * c > 0}) for s in (1, -1)]
    if not all(sides):
        return _equation(space.poly_expr(sides[0] or sides[1]), None)
    left, right = (space.poly_expr(side) for side in sides)
    ratio = left / right
    rational = [(ratio**k).is_rational_function() for k in (1, 2)]
    if len(terms) == 2 and ratio.is_positive and rational == [False, True]:
        return equal(space, left**2, right**2)  # not between square roots
    return _equation(left, right)


def _zero(symbol: Expr, letters: Letters) -> Formula:
    meaning = letters.get(symbol)
    if meaning is None:
        return _equation(symbol, None)
    space = alphabet([meaning])
    return vanishing(space, space.fraction(meaning))


def _equation(left: Expr, right: Expr | None) -> Formula:
    if right is not None and (
        (left.is_Number and not right.is_Number) or _number(left) > _number(right) > 0
    ):
        left, right = right, left
    a = formula(left)
    b = Formula("0", "0") if right is None else formula(right)
    return Formula(f"{a.latex} = {b.latex}", f"{a.text} = {b.text}")


def _number(expr: Expr) -> int:
    """Of a symbol such as T_2: symbols are compared in this order. 0 for others."""
    found = search(r"\d+$", str(expr)) if expr.is_Symbol else None
    return int(found.group()) if found else 0


def equal(space: Alphabet, a: Expr, b: Expr) -> Formula:
    """The equation a = b between functions of the parameters, as short as it gets.

    Common factors of known sign are cancelled, and reciprocals are turned over: omega/T_h =
    omega/T_c becomes T_h = T_c.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> w, T, S = parameters("w T S")
    >>> equal(alphabet([w, T, S]), w / T, w / S).text
    'T = S'
    """
    first, second = space.fraction(a), space.fraction(b)
    difference = first - second
    if not difference:
        return ALWAYS
    found = open_factors(space, difference.num)
    if not found:
        return NEVER
    if len(found) == 1 and any(boltzmann_binomials(space, found[0])):
        return vanishing_factor(space, found[0])
    one = space.base.constant(1)
    above = _known(space, first.num.gcd(second.num) if first and second else one)
    below = _known(space, first.den.gcd(second.den))
    scale = Fraction.of(space.base, below, above)
    first, second = first * scale, second * scale
    if first.num.is_constant() and second.num.is_constant() and first and second:
        first, second = 1 / first, 1 / second
    if space.fraction_sign(first) == -1 or space.fraction_sign(second) == -1:
        first, second = -first, -second
    product = one
    for p in found:
        product = product * p
    rest = (first - second).num
    # x + z = y + z says no more than x = y, but T_h/omega_h = T_c/omega_c is as short as it gets.
    short = first and second and len(first.num) + len(second.num) <= len(rest)
    if rest in (product, -product) and short:
        result: Formula | None = _equation(readable(space, first), readable(space, second))
    else:
        result = any_of(vanishing_factor(space, p) for p in found)
    assert result is not None
    given = _equation(a, b)
    return given if a != 0 and b != 0 and len(given.text) < len(result.text) else result


def jointly(space: Alphabet, pairs: Iterable[tuple[Expr, Expr]]) -> Formula | None:
    """The equations a = b of all ``pairs`` together, as few and as short as are found.

    An equation may be added to or taken from another one where that makes it shorter, and one
    between two symbols is used in the others; both steps can be undone.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> e, U, T, S = parameters("e U T S")
    >>> m, k = parameters("m k", real=True)
    >>> space = alphabet([e, U, T, S, m, k])
    >>> jointly(space, [((v - m) / T, (v - k) / S) for v in (e, e + U)]).text
    'S = T and k = m'
    """
    given = list(dict.fromkeys(pairs))
    values = [space.fraction(a) - space.fraction(b) for a, b in given]
    direct = {v: equal(space, a, b) for v, (a, b) in zip(values, given, strict=True)}
    left = [v for v in direct if v]
    if 1 < len(left) <= JOINT_LIMIT and not all(_is_short(space, v) for v in left):
        _combine(space, left)
    found: list[Formula | None] = []
    table: dict[Expr, Expr] = {}
    for value in sorted(left, key=lambda v: (_open_terms(space, v), v.num.total_degree())):
        if table:
            expr = space.poly_expr(value.num) / space.poly_expr(value.den)
            used = space.fraction(expr.xreplace(table))
            value = used if _open_terms(space, used) < _open_terms(space, value) else value
        if value:
            factors = open_factors(space, value.num)
            short = any_of(vanishing_factor(space, p) for p in factors)
            found.append(direct.get(value, short))
            table.update(_same_symbols(space, factors))
    return all_of(found)


def _same_symbols(space: Alphabet, factors: list[Poly]) -> dict[Expr, Expr]:
    """{y: x} where the only factor is x - y between symbols."""
    if len(factors) != 1:
        return {}
    terms = space.poly_expr(factors[0]).as_coefficients_dict()
    names = sorted(terms, key=str)
    if len(names) != 2 or not all(x.is_Symbol for x in names) or sum(terms.values()) != 0:
        return {}
    return {names[1]: names[0]}


def _is_short(space: Alphabet, value: Fraction) -> bool:
    return _open_terms(space, value) <= 2


def _open_terms(space: Alphabet, value: Fraction) -> int:
    return sum(len(p) for p in open_factors(space, value.num))


def _combine(space: Alphabet, left: list[Fraction]) -> None:
    """Replace equations v = 0 by their sums or differences with others while these are shorter."""
    shorter = True
    while shorter:
        shorter = False
        for i in range(len(left)):
            for j in range(len(left)):
                for other in (left[i] - left[j], left[i] + left[j]) if i != j else ():
                    if _open_terms(space, other) < _open_terms(space, left[i]):
                        left[i], shorter = other, True


def _known(space: Alphabet, poly: Poly) -> Poly:
    """The part of a polynomial with factors of known sign."""
    content, factors = poly.factor()
    result = space.base.constant(int(abs(content)))
    for p, k in factors:
        if space.sign(p) is not None:
            result = result * p ** int(k)
    return result


def vanishing(space: Alphabet, value: Fraction, letters: Letters = NO_LETTERS) -> Formula:
    """Where a nonnegative fraction vanishes: where a factor does that is not strictly positive.

    Sums of squares vanish together.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> r, s = parameters("r s", real=True)
    >>> space = alphabet([r, s])
    >>> vanishing(space, space.fraction(r**2 + r * s + s**2)).text
    'r = 0 and s = 0'
    """
    found: list[Formula | None] = []
    for p, k in value.num.factor()[1]:
        if space.sign(p) is not None:
            continue
        together = _together(space, p) if int(k) % 2 else None
        found.append(together or vanishing_factor(space, p, letters))
    result = any_of(found)
    assert result is not None
    return result


def _together(space: Alphabet, poly: Poly) -> Formula | None:
    signs = space.ranges.signs
    gens, degrees = space.base.gens(), poly.degrees()
    if any(degrees[i] for i, _ in space.ranges.orders) or any(
        d and s == "unit" for d, s in zip(degrees, signs, strict=True)
    ):
        return None  # the squares would be those of slack variables
    for sign in (1, -1):
        form = squares(sign * poly, signs)
        if form is None:
            terms = {tuple(map(int, m)): int(c) for m, c in (sign * poly).to_dict().items()}
            found = circuits(terms, [s == "real" for s in signs])
            if found is not None and (together := tight(space, found)) is not None:
                return together
            continue
        real = [[i for i, k in enumerate(m) if k and signs[i] == "real"] for _, m in form.rest]
        common = [i for _, u, *_ in form.terms for i, k in enumerate(u) if k]
        if any(len(r) != 1 for r in real) or any(signs[i] == "real" for i in common):
            return None
        zeros = {i for (i,) in real}
        equations: list[Formula | None] = [vanishing_factor(space, gens[i]) for i in sorted(zeros)]
        for _, _, x, ratio, y in form.terms:
            sides = []
            for number, powers in ((ratio.denominator, x), (ratio.numerator, y)):
                side = space.base.constant(int(number))
                for i, (g, k) in enumerate(zip(gens, powers, strict=True)):
                    side = side * (0 if k and i in zeros else g**k)
                sides.append(side)
            if sides[0] != sides[1]:
                equations.append(vanishing_factor(space, sides[0] - sides[1]))
        return all_of(equations)
    return None


def tight(space: Alphabet, parts: Circuits) -> Formula | None:
    """When a sum of circuits in the generators of ``space`` vanishes; None where it is not known.

    All are tight and the rest is zero. For positive x that means that (x/u)^(alpha_i - alpha_j) = 1
    for all vertices of each circuit: equations between exponents, brought to echelon form. Real x
    may also be zero, unless a vertex is a number; squares vanish by themselves.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> x, y, z = parameters("x y z")
    >>> three = circuits({(3, 0, 0): 1, (0, 3, 0): 1, (0, 0, 3): 1, (1, 1, 1): -3}, [False] * 3)
    >>> tight(alphabet([x, y, z]), three).text
    'x = z and y = z'
    """
    real = [s == "real" for s in space.ranges.signs]

    def power(m: Monomial) -> Expr:
        gens = (space.poly_expr(g) for g in space.base.gens())
        known = zip(gens, parts.point, m, strict=True)
        return Mul(*((g * u.denominator / u.numerator) ** k for g, u, k in known if k))

    used = [m for c in parts.found for m, _ in c.vertices]
    inner = [c.inner for c in parts.found]
    free = not any(r and k for m in (*used, *inner) for r, k in zip(real, m, strict=True))
    if any(free or not any(m) for _, m in parts.rest):
        return NEVER
    if parts.rest:
        return None
    if all(c.square for c in parts.found):
        halves = [[tuple(k // 2 for k in m) for m, _ in c.vertices] for c in parts.found]
        group = {m: m for pair in halves for m in pair}
        equations = []
        for (x, y), c in zip(halves, parts.found, strict=True):
            if c.sign < 0 or group[x] != group[y]:
                equations.append(equal(space, power(x), c.sign * power(y)))
            if c.sign > 0:
                old, new = group[x], group[y]
                group = {m: new if g == old else g for m, g in group.items()}
        return all_of(equations)
    even = all(k % 2 == 0 or not r for m in inner for r, k in zip(real, m, strict=True))
    numbers = all(any(not any(m) for m, _ in c.vertices) for c in parts.found)
    if not free and not (even and numbers and all(c.sign > 0 for c in parts.found)):
        return None
    pairs = [p for c in parts.found for p in pairwise([m for m, _ in c.vertices])]
    rows = Matrix([[a - b for a, b in zip(*pair, strict=True)] for pair in pairs])
    reduced, pivots = rows.rref()
    equations = []
    for row in reduced.tolist()[: len(pivots)]:
        numbers_of = [int(v * lcm(*(int(w.q) for w in row))) for v in row]
        common = gcd(*numbers_of)
        powers = [k // common * (1 if free else 2) for k in numbers_of]
        up, low = (power(tuple(max(s * k, 0) for k in powers)) for s in (1, -1))
        scale = lcm(*(u.numerator ** abs(k) for u, k in zip(parts.point, powers, strict=True)))
        equations.append(equal(space, scale * up, scale * low))
    return all_of(equations)
