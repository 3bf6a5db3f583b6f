"""Exact objects back to SymPy: canonical sums, and products of irreducible factors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cmp_to_key, lru_cache
from itertools import compress
from operator import itemgetter
from typing import Any

import sympy
from sympy import Basic, Expr

from symtherm.exact.fluxes import flux_difference
from symtherm.exact.fraction import Fraction, Poly
from symtherm.exact.letters import Alphabet

__all__ = [
    "expanded",
    "factored",
    "nested",
    "over_resistances",
    "poly_expr",
    "product",
    "readable",
    "shorter",
]


def poly_expr(poly: Poly, names: Sequence[Expr]) -> Expr:
    """A polynomial as a SymPy sum of monomials in ``names``, ``==`` to the evaluated expression.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> a, b = parameters("a b")
    >>> poly_expr(alphabet([a, b]).fraction(3 * a**2 * b - b).num, (a, b))
    3*a**2*b - b
    """
    if not poly:
        return sympy.Integer(0)
    monomials = poly.monoms()
    columns = [
        (i, column)
        for i, (column, degree) in enumerate(
            zip(zip(*monomials, strict=True), poly.degrees(), strict=True)
        )
        if degree
    ]
    if all(_is_plain(names[i]) for i, _ in columns):
        return _canonical_sum(columns, [int(c) for c in poly.coeffs()], _powers(tuple(names)))
    return sympy.Add(
        *(
            sympy.Mul(sympy.Integer(int(c)), *(names[i] ** int(k) for i, k in enumerate(m) if k))
            for m, c in zip(monomials, poly.coeffs(), strict=True)
        )
    )


def _is_plain(name: Expr) -> bool:
    """Powers of such names never merge with one another: symbols, and reciprocals of sums."""
    plain = name.is_Symbol or (name.is_Pow and name.exp == -1 and name.base.is_Add)
    return bool(plain and name.is_commutative)


class _Powers:
    """Powers of names in the order of ``Basic.compare``, each made and ranked once."""

    def __init__(self, names: Sequence[Expr]) -> None:
        self.names = names
        self.made: dict[tuple[int, int], Expr] = {}
        self.order: list[tuple[int, int]] = []

    def ranked(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """The place of every known (name, exponent) among all that were asked for so far."""
        new = [pair for pair in pairs if pair not in self.made]
        if new:
            self.made.update((pair, self.names[pair[0]] ** pair[1]) for pair in new)
            by_compare = cmp_to_key(Basic.compare)
            self.order = sorted([*self.order, *new], key=lambda p: by_compare(self.made[p]))
        return {pair: r for r, pair in enumerate(self.order)}


_powers = lru_cache(maxsize=64)(_Powers)


def _canonical_sum(
    columns: list[tuple[int, tuple[Any, ...]]], coefficients: list[int], powers: _Powers
) -> Expr:
    """Add(*Mul(...)) in the order that SymPy would sort it to, without letting SymPy do it.

    ``columns`` are (name, its exponent in every term). SymPy orders the arguments of Mul and Add by
    ``Basic.compare``: by class (numbers, of which -1 is the first here, symbols, powers, products),
    then by the number of arguments, then argument by argument. So it suffices to rank the few
    distinct coefficients and powers once, and to sort tuples of ranks. A term is the selection of
    its powers from all of them in order, so its own factors need no sorting.
    """
    chosen: dict[tuple[int, int], Sequence[Any]] = {}
    for i, column in columns:
        exponents = {int(k) for k in column} - {0}
        for k in exponents:
            # Exponents 0 and 1 select by themselves.
            chosen[i, k] = column if exponents == {1} else [e == k for e in column]
    rank = powers.ranked(chosen)
    pairs = sorted(chosen, key=rank.__getitem__)
    ranks, elements = [rank[pair] for pair in pairs], [powers.made[pair] for pair in pairs]
    numbers = sorted(set(coefficients), key=lambda c: (c != -1, c))
    below = {c: r - len(numbers) for r, c in enumerate(numbers)}
    integers = {c: sympy.Integer(c) for c in numbers}
    terms: list[tuple[tuple[int, ...], Expr]] = []
    constant: list[Expr] = []
    rows = zip(*(chosen[pair] for pair in pairs), strict=True) if pairs else [()]
    make = sympy.Mul._from_args
    for c, row in zip(coefficients, rows, strict=True):
        places = tuple(compress(ranks, row))
        if not places:
            constant.append(integers[c])
        elif c == 1 and len(places) == 1:
            terms.append(((0, *places), next(compress(elements, row))))
        elif c == 1:
            terms.append(((1, len(places), *places), make([*compress(elements, row)], True)))
        else:
            key = (1, len(places) + 1, below[c], *places)
            terms.append((key, make([integers[c], *compress(elements, row)], True)))
    terms.sort(key=itemgetter(0))
    return sympy.Add._from_args([*constant, *(t for _, t in terms)], True)


def expanded(space: Alphabet, value: Fraction, names: Sequence[Expr] | None = None) -> Expr:
    """Numerator over denominator, both expanded."""
    names = names or [a.expr for a in space.atoms]
    return poly_expr(value.num, names) / poly_expr(value.den, names)


def factored(space: Alphabet, value: Fraction, names: Sequence[Expr] | None = None) -> Expr:
    """The product of irreducible factors, each with its power.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> x, y = parameters("x y")
    >>> A = alphabet([x, y])
    >>> factored(A, A.fraction((x**2 - y**2) / (x**2 + x * y)))
    (x - y)/x
    """
    names = names or [a.expr for a in space.atoms]
    return product(value, lambda p: poly_expr(p, names))


def product(value: Fraction, write: Callable[[Poly], Expr]) -> Expr:
    """The product of irreducible factors, each written by ``write`` and with its power."""
    if not value:
        return sympy.Integer(0)
    above, factors = value.num.factor()
    below, divisors = value.den.factor()
    result: list[Expr] = [sympy.Rational(int(above), int(below))]
    for sign, pairs in ((1, factors), (-1, divisors)):
        for p, k in pairs:
            result.append(write(p) ** (sign * int(k)))
    if len(result) > 1 and result[0] != 1 and result[0] != -1:
        # Keep 2*(a + b) as a product; SymPy would distribute the number over a lone sum.
        rest = sympy.Mul(*result[1:])
        return sympy.Mul(result[0], rest, evaluate=not rest.is_Add)
    return sympy.Mul(*result)


def nested(poly: Poly, names: Sequence[Expr]) -> Expr:
    """A polynomial in nested form, a person's way of collecting: W (a + b) + c (d + e).

    Greedy multivariate Horner scheme: the name shared by most terms is taken out, again and again.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> a, b, c = parameters("a b c")
    >>> A = alphabet([a, b, c])
    >>> nested(A.fraction(a * b + a * c + b).num, (a, b, c))
    a*(b + c) + b
    """
    content, factors = poly.factor()
    number = int(content)
    pairs = [(p, int(k)) for p, k in factors]
    if len(pairs) == 1 and pairs[0][1] == 1:
        return _nest(poly, names)
    pairs, number = _turned(pairs, number)
    return _times(number, [_nest(p, names) ** k for p, k in pairs])


def _turned(pairs: list[tuple[Poly, int]], number: Any) -> tuple[list[tuple[Poly, int]], Any]:
    """The factors with their minus signs where a person puts them: 1 - f, not -(f - 1).

    A factor with more negative than positive terms is turned, one with a lone negative symbol and a
    positive number is not, and a minus that is left in front is given to a difference.
    """
    result = list(pairs)
    for place, (p, k) in enumerate(result):
        if _reads_negative(p):
            result[place], number = (-p, k), (-1) ** k * number
    if number < 0:
        for place, (p, k) in enumerate(result):
            if k % 2 and len(p) == 2 and _signs_differ(p) and not _reads_negative(-p):
                result[place], number = (-p, k), -number
                break
    return result, number


def _reads_negative(poly: Poly) -> bool:
    """Whether -poly is the form to print: fewer minus signs, or a positive number at its end."""
    signs = {tuple(map(int, m)): 1 if int(c) > 0 else -1 for m, c in poly.to_dict().items()}
    total = sum(signs.values())
    constant = signs.get((0,) * poly.context().nvars(), 0)
    return total < 0 or (total == 0 and constant < 0)


def _times(content: int, parts: list[Expr]) -> Expr:
    """A product; a number in front of a lone sum stays in front of it."""
    if content != 1 and len(parts) == 1 and parts[0].is_Add:
        return sympy.Mul(sympy.Integer(content), parts[0], evaluate=False)
    return sympy.Mul(sympy.Integer(content), *parts)


def _nest(poly: Poly, names: Sequence[Expr]) -> Expr:
    terms = {tuple(map(int, m)): int(c) for m, c in poly.to_dict().items()}
    counts = [0] * len(names)
    for m in terms:
        for i, k in enumerate(m):
            counts[i] += k > 0
    best = max(range(len(names)), key=lambda i: counts[i], default=-1)
    if len(terms) == 1 or best < 0 or counts[best] < 2:
        return poly_expr(poly, names)
    power = min(m[best] for m in terms if m[best])
    context = poly.context()
    inside = context.from_dict(
        {(*m[:best], m[best] - power, *m[best + 1 :]): c for m, c in terms.items() if m[best]}
    )
    outside = context.from_dict({m: c for m, c in terms.items() if not m[best]})
    sign = -1 if _reads_negative(inside) else 1
    product = sympy.Mul(sign, names[best] ** power, nested(sign * inside, names))
    return product + nested(outside, names) if outside else product


def readable(
    space: Alphabet,
    value: Fraction,
    names: Sequence[Expr] | None = None,
    aliases: Sequence[tuple[Poly, Expr]] = (),
    quotients: Sequence[tuple[Fraction, Expr]] = (),
) -> Expr:
    """Like :func:`factored`, nested, with driving forces in the form a person writes.

    A minus in front is given to a difference, and a factor T_1 A + T_2 B over T_1 T_2 is written
    A/T_2 + B/T_1. ``aliases`` lists polynomials that have a name: a factor equal to one is
    written by it.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> a, b, S, T = parameters("a b S T")
    >>> A = alphabet([a, b, S, T])
    >>> readable(A, A.fraction(a / S - b / T))
    -b/T + a/S
    """
    names = names or [a.expr for a in space.atoms]
    if not value:
        return sympy.Integer(0)
    above, factors = value.num.factor()
    below, divisors = value.den.factor()
    number = sympy.Rational(int(above), int(below))
    top = [(p, int(k)) for p, k in factors]
    bottom = [(p, int(k)) for p, k in divisors]
    parts: list[Expr] = []
    for pairs in (top, bottom):
        for place, (p, k) in enumerate(pairs):
            if k % 2 and space.sign(p) == -1:
                pairs[place] = (-p, k)
                number = -number
    named = [(-p, -e) if e.could_extract_minus_sign() else (p, e) for p, e in aliases]
    exponentials = [i for i, a in enumerate(space.atoms) if a.expr.func is sympy.exp]
    free: list[int] = []  # factors above whose sign may be chosen
    for pairs in (top, bottom):
        for place, (p, k) in enumerate(pairs):
            known = [q for q, _ in named if q in (p, -p)]
            plain = not any(p.degrees()[i] for i in exponentials)
            if k % 2 == 0 or space.sign(p) is not None:
                if k % 2 == 0 and not known and plain and _reads_negative(p):
                    pairs[place] = (-p, k)
                continue
            if known[0] != p if known else plain and _reads_negative(p):
                pairs[place] = (-p, k)
                number = -number
            if pairs is top and k == 1 and not known and _signs_differ(p):
                free.append(place)
    if number < 0 and free:
        # A minus in front is given to a difference, or to a longer factor that has signs of both.
        differences = [i for i in free if len(top[i][0]) == 2 and not _reads_negative(-top[i][0])]
        longer = [i for i in free if len(top[i][0]) > 2]
        for place in (differences or longer)[:1]:
            p, k = top[place]
            top[place], number = (-p, k), -number

    def write(p: Poly) -> Expr:
        for known, name in named:
            if p == known:
                return name
        # Denominators come back in every entry of a state.
        key = (str(p), tuple(names))
        if key not in space.written:
            fluxes = flux_difference(space, p, names)
            space.written[key] = nested(p, names) if fluxes is None else fluxes
        return space.written[key]

    for p, k in top:
        spread = _spread(p, bottom) if k == 1 else []
        if spread:
            dropped = [g for g, _ in spread]
            bottom = [(q, j) for q, j in bottom if not any(q == g for g in dropped)]
            parts.append(sympy.Add(*(_over(rest, g, names, quotients) for g, rest in spread)))
        else:
            parts.append(write(p) ** k)
    parts += [_inverse(write(p), k) for p, k in bottom]
    if number.is_Integer and len(parts) == 1 and parts[0].is_Add:
        return _times(int(number), parts)
    return sympy.Mul(number, *parts)


def _inverse(expr: Expr, power: int) -> Expr:
    """expr^-power; SymPy's own power of a long sum asks it for its sign, which takes long."""
    if expr.is_Add and not expr.has(sympy.I):
        return sympy.Pow(expr, sympy.Integer(-power), evaluate=False)
    return expr ** (-power)


def _over(
    rest: Poly, below: Poly, names: Sequence[Expr], quotients: Sequence[tuple[Fraction, Expr]]
) -> Expr:
    """rest/below by its name, or with a leading minus in front of the fraction."""
    for value, name in quotients:
        if below == value.den and rest in (value.num, -value.num):
            return name if rest == value.num else -name
    sign = -1 if rest.leading_coefficient() < 0 else 1
    return sympy.Mul(sign, nested(sign * rest, names), 1 / poly_expr(below, names))


def _signs_differ(poly: Poly) -> bool:
    return len({c > 0 for c in poly.coeffs()}) == 2


def _spread(poly: Poly, bottom: Sequence[tuple[Poly, int]]) -> list[tuple[Poly, Poly]]:
    """[(g_i, A_i)] when poly = sum_i A_i prod_(j != i) g_j for lone generators g_j below."""
    alone = [p for p, k in bottom if k == 1 and len(p) == 1 and p.total_degree() == 1]
    used = [
        g for g in alone if any(d and e for d, e in zip(poly.degrees(), g.degrees(), strict=True))
    ]
    if len(used) < 2:
        return []
    places = [next(i for i, d in enumerate(g.degrees()) if d) for g in used]
    rests: list[dict[tuple[int, ...], int]] = [{} for _ in used]
    for m, c in poly.to_dict().items():
        powers = [int(m[i]) for i in places]
        if sorted(powers) != [0] + [1] * (len(used) - 1):
            return []
        bare = tuple(0 if i in places else int(k) for i, k in enumerate(m))
        rests[powers.index(0)][bare] = int(c)
    context = poly.context()
    return [(g, context.from_dict(r)) for g, r in zip(used, rests, strict=True) if r]


def shorter(a: Expr, b: Expr) -> Expr:
    """The one with fewer operations; the first of two equals."""
    return b if b.count_ops() < a.count_ops() else a


def over_resistances(
    space: Alphabet,
    value: Fraction,
    names: Sequence[Expr] | None = None,
    aliases: Sequence[tuple[Poly, Expr]] = (),
    quotients: Sequence[tuple[Fraction, Expr]] = (),
) -> Expr | None:
    """A driving force over resistances in series: W a b F/(a b + a W + b W) = F/(1/W + 1/a + 1/b).

    None unless one factor p of the denominator has positive terms only and the least common
    multiple of its terms divides the numerator.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> a, b, c = parameters("a b c")
    >>> A = alphabet([a, b, c])
    >>> over_resistances(A, A.fraction(a * b * c / (a * b + b * c + a * c)))
    1/(1/c + 1/b + 1/a)
    """
    names = names or [a.expr for a in space.atoms]
    if not value:
        return None
    content = value.num.term_content()
    free = [int(k) for k in content.degrees()]
    for p, k in value.den.factor()[1]:
        terms = {tuple(map(int, m)): int(c) for m, c in p.to_dict().items()}
        lcm = [max(powers) for powers in zip(*terms, strict=True)]
        if k != 1 or len(terms) < 2 or any(c < 0 for c in terms.values()):
            continue
        if any(a > b for a, b in zip(lcm, free, strict=True)):
            continue
        below = []
        for m, c in terms.items():
            powers = (names[i] ** (n - j) for i, (n, j) in enumerate(zip(lcm, m, strict=True)))
            below.append(c / sympy.Mul(*powers))
        monomial = value.base.ctx.from_dict({tuple(lcm): 1})
        rest = Fraction.of(value.base, value.num / monomial, value.den / p)
        return readable(space, rest, names, aliases, quotients) / sympy.Add(*below)
    return None
