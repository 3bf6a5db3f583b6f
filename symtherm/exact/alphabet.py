"""The one door between SymPy and FLINT: SymPy atoms as polynomial generators with known signs.

An :class:`Alphabet` is made from all expressions of a computation at once. Its generators are

* the declared symbols;
* one occupation for every element of a Z-basis of the exponents that occur (see ``basis``). For
  an exponent e the generator y is written in one of three charts, all of the same field:
  ``bose`` y = 1/(exp(e) - 1), ``fermi`` y = 1/(exp(e) + 1), ``boltzmann`` y = exp(-e);
* square roots, each with its relation (``fraction``);
* logarithms of irreducible factors (``logform``).

Zero tests in this alphabet are decisions: symbols, independent exponentials and logarithms of
multiplicatively independent factors are algebraically independent as functions (Ax, On Schanuel's
conjectures, 1971), so an expression vanishes identically iff its normal form does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise
from math import isqrt
from operator import mul
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.errors import BadExpression, OutsideClosedForm, UndeclaredSign, UnknownSymbol
from symtherm.exact.basis import coordinates, lattice_basis
from symtherm.exact.fraction import Fraction, Poly, Ring, evaluate, ring
from symtherm.exact.positivity import Ranges, coefficient_sign, visible_form

__all__ = ["Alphabet", "Atom", "alphabet", "lift", "parameters"]

HYPERBOLIC = (sympy.sinh, sympy.cosh, sympy.tanh, sympy.coth)


def parameters(names: str, *, real: bool = False) -> Any:
    """Declare positive symbols (``real=True`` for detunings and chemical potentials).

    Returns one symbol for one name and a tuple for several. Symbols declared otherwise are
    refused by name wherever a sign could matter.

    >>> omega, T = parameters("omega T")
    >>> omega.is_positive, parameters("Delta", real=True).is_positive is None
    (True, True)
    """
    return sympy.symbols(names, real=True) if real else sympy.symbols(names, positive=True)


@dataclass(frozen=True, slots=True)
class Atom:
    """A generator: what it means in SymPy's terms, its kind and what is known of its sign."""

    expr: Expr
    kind: str  # symbol, occupation, root, log
    sign: str  # positive, unit, real
    chart: str = ""  # bose, fermi, boltzmann for occupations
    exponent: Expr | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Alphabet:
    """Atoms, the ring they generate, and the conversion from SymPy expressions."""

    atoms: tuple[Atom, ...]
    base: Ring
    positive: tuple[Expr, ...] = ()
    exponents: tuple[Fraction, ...] = ()  # over the first ``symbols`` generators
    symbols: int = 0
    ranges: Ranges = field(default=Ranges(()))
    independent: bool = True  # False when logarithms with radicals leave zero tests one-sided
    memo: dict[Expr, Fraction] = field(default_factory=dict, repr=False)
    logs: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)

    # -- from SymPy ---------------------------------------------------------------------------

    def fraction(self, expr: Expr | int) -> Fraction:
        """The normal form of an expression; refuses atoms that were not there at the start."""
        if isinstance(expr, int):
            return Fraction.of(self.base, expr)
        found = self.memo.get(expr)
        if found is None:
            found = self.memo[expr] = self._convert(expr)
        return found

    def _convert(self, expr: Expr) -> Fraction:
        base = self.base
        if expr.is_Rational:
            return Fraction.of(base, int(expr.p), int(expr.q))
        if expr.is_Add:
            return reduce(lambda a, b: a + b, (self.fraction(a) for a in expr.args))
        if expr.is_Mul:
            return reduce(mul, (self.fraction(a) for a in expr.args))
        if expr.is_Pow and expr.exp.is_Integer:
            return self.fraction(expr.base) ** int(expr.exp)
        if expr.is_Pow and expr.exp.is_Rational and expr.exp.q == 2:
            return self._root(expr.base) ** int(expr.exp.p)
        if isinstance(expr, sympy.exp):
            return self._exp(expr.args[0])
        if expr is sympy.E:
            return self._exp(sympy.Integer(1))
        if isinstance(expr, HYPERBOLIC):
            return self._hyperbolic(expr)
        if isinstance(expr, sympy.log):
            return self._log(self.fraction(expr.args[0]))
        if isinstance(expr, sympy.atanh):
            u = self.fraction(expr.args[0])
            return self._log((1 + u) / (1 - u)) / 2
        for index, atom in enumerate(self.atoms):
            if atom.expr == expr:
                return Fraction.of(base, base.gen(index))
        raise OutsideClosedForm(
            f"The exact normal form of {expr}",
            found=f"{type(expr).__name__} is not rational in parameters, exponentials and logs",
            advice="use rational functions, exp, log and square roots of declared parameters",
        )

    def _exp(self, argument: Expr) -> Fraction:
        exponent = self._exponent(argument)
        powers = coordinates(self.exponents, exponent)
        if powers is None:
            raise OutsideClosedForm(
                f"exp({argument}) in an alphabet made without it",
                advice="make the alphabet from all expressions together",
            )
        result = Fraction.of(self.base, 1)
        for j, power in enumerate(powers):
            if power:
                result = result * self._boltzmann(self.symbols + j) ** (-power)
        return result

    def _exponent(self, argument: Expr) -> Fraction:
        """The exponent as a rational function of the symbols alone (in their own small ring)."""
        value = self.fraction(argument)
        if any(d for d in value.num.degrees()[self.symbols :]) or any(
            d for d in value.den.degrees()[self.symbols :]
        ):
            raise OutsideClosedForm(
                f"exp({argument})", found="an exponent that is no rational function of parameters"
            )
        small = self.exponents[0].base if self.exponents else ring(self.symbols)
        return Fraction(
            small, value.num.project_to_context(small.ctx), value.den.project_to_context(small.ctx)
        )

    def _boltzmann(self, index: int) -> Fraction:
        """exp(-e) in the chart of generator ``index``: y, y/(1 + y) or y/(1 - y)."""
        y = self.base.gen(index)
        chart = self.atoms[index].chart
        if chart == "bose":
            return Fraction.of(self.base, y, y + 1)
        if chart == "fermi":
            return Fraction.of(self.base, y, 1 - y)
        return Fraction.of(self.base, y)

    def _hyperbolic(self, expr: Expr) -> Fraction:
        up = self._exp(expr.args[0])
        down = 1 / up
        if isinstance(expr, sympy.sinh):
            return (up - down) / 2
        if isinstance(expr, sympy.cosh):
            return (up + down) / 2
        tanh = (up - down) / (up + down)
        return tanh if isinstance(expr, sympy.tanh) else 1 / tanh

    def _root(self, radicand: Expr) -> Fraction:
        outside, inside = _root_parts(self, radicand)
        result = outside
        for key in inside:
            index = next(
                (i for i, a in enumerate(self.atoms) if a.kind == "root" and a.expr == key), None
            )
            if index is None:
                raise OutsideClosedForm(
                    f"sqrt({radicand}) in an alphabet made without it",
                    advice="make the alphabet from all expressions together",
                )
            result = result * Fraction.of(self.base, self.base.gen(index))
        return result

    def _log(self, argument: Fraction) -> Fraction:
        from symtherm.exact.logform import log_parts

        result = Fraction.of(self.base, 0)
        rational, parts, _ = log_parts(self, argument)
        for key, coefficient in parts:
            if key not in self.logs:
                raise OutsideClosedForm(
                    f"A logarithm of {key[0]} in an alphabet made without it",
                    advice="make the alphabet from all expressions together",
                )
            result = result + coefficient * Fraction.of(self.base, self.base.gen(self.logs[key]))
        return result + rational

    # -- signs --------------------------------------------------------------------------------

    def sign(self, poly: Poly) -> int | None:
        """The sign of a polynomial in this alphabet, when its form shows it."""
        if poly.is_constant():
            value = int(poly.leading_coefficient()) if poly else 0
            return (value > 0) - (value < 0)
        form, signs = visible_form(self.base, poly, self.ranges)
        return coefficient_sign(form, signs)

    def fraction_sign(self, value: Fraction, *, weak: bool = False) -> int | None:
        """The sign of a fraction from the signs of its irreducible factors.

        With ``weak``, squares count as positive although they may vanish: +1 then means >= 0.
        """
        if not value:
            return 0
        total = 1
        for poly in (value.num, value.den):
            content, factors = poly.factor()
            total *= 1 if content > 0 else -1
            for p, k in factors:
                if weak and k % 2 == 0:
                    continue
                sign = self.sign(p)
                if sign is None:
                    return None
                total *= sign ** int(k)
        return total

    # -- to SymPy -----------------------------------------------------------------------------

    def poly_expr(self, poly: Poly, names: Sequence[Expr] | None = None) -> Expr:
        """A polynomial as a canonical SymPy sum."""
        from symtherm.exact.writer import poly_expr

        return poly_expr(poly, names or [a.expr for a in self.atoms])


def _check(symbol: Symbol) -> str:
    if symbol.is_positive or symbol.is_nonnegative:
        return "positive"
    if symbol.is_real:
        return "real"
    raise UndeclaredSign(
        f"The symbol {symbol}",
        found="no declared sign",
        advice=f'declare it with parameters("{symbol}") or parameters("{symbol}", real=True)',
    )


@dataclass(slots=True)
class _Scan:
    """What occurs in a set of expressions."""

    symbols: set[Symbol] = field(default_factory=set)
    exponents: list[Expr] = field(default_factory=list)
    charts: dict[Expr, str] = field(default_factory=dict)
    roots: list[Expr] = field(default_factory=list)
    logs: list[Expr] = field(default_factory=list)
    constants: list[Expr] = field(default_factory=list)
    seen: set[Expr] = field(default_factory=set)

    def visit(self, expr: Expr) -> None:
        if expr in self.seen:
            return
        self.seen.add(expr)
        if expr.is_Symbol:
            self.symbols.add(expr)
        elif expr.is_Float:
            raise BadExpression(
                f"The exact value of {expr}",
                found="a floating-point number, which is not exact",
                advice="write a Rational, such as Rational(1, 10)",
            )
        elif expr is sympy.E:
            self.exponents.append(sympy.Integer(1))
        elif expr is sympy.I:
            return  # real and imaginary parts are taken in exact.complex
        elif expr is sympy.pi:
            self.constants.append(expr)
        else:
            for argument in expr.args:
                self.visit(argument)
            self.compound(expr)

    def compound(self, expr: Expr) -> None:
        if isinstance(expr, (sympy.exp, *HYPERBOLIC)):
            self.exponents.append(expr.args[0])
        elif isinstance(expr, sympy.log):
            self.logs.append(expr.args[0])
        elif isinstance(expr, sympy.atanh):
            u = expr.args[0]
            self.logs.append((1 + u) / (1 - u))
        elif expr.is_Pow and expr.exp.is_Rational and expr.exp.q == 2:
            self.roots.append(expr.base)
        elif expr.is_Add and len(expr.args) == 2:
            # 1/(exp(e) - 1) and 1/(exp(e) + 1) tell which occupation the author thinks in.
            number, other = expr.args
            if isinstance(other, sympy.exp) and number in (1, -1):
                self.charts[other.args[0]] = "fermi" if number == 1 else "bose"


def alphabet(exprs: Iterable[Expr | int], *, positive: Iterable[Expr] = ()) -> Alphabet:
    """The alphabet of a set of expressions.

    ``positive`` lists expressions declared positive beyond the signs of single symbols, such as
    ``omega_h - omega_c`` for a declared level order. Raises UndeclaredSign for a symbol without
    a declared sign and OutsideClosedForm for functions it has no normal form for.

    >>> w, T = parameters("omega T")
    >>> A = alphabet([1 / (sympy.exp(w / T) - 1), sympy.exp(3 * w / T)])
    >>> [str(a.expr) for a in A.atoms]
    ['T', 'omega', '1/(exp(omega/T) - 1)']
    """
    scan = _Scan()
    declared = tuple(positive)
    for expr in (*exprs, *declared):
        if not isinstance(expr, int):
            scan.visit(sympy.S(expr) if isinstance(expr, (int, float)) else expr)
    symbols = sorted(scan.symbols, key=lambda s: str(s.name))
    for a, b in pairwise(symbols):
        if a.name == b.name:
            raise UnknownSymbol(
                f"The symbol {a.name}", found="two symbols of one name with different declarations"
            )
    atoms = [Atom(s, "symbol", _check(s)) for s in symbols]
    atoms += [Atom(c, "symbol", "positive") for c in dict.fromkeys(scan.constants)]
    current = _with_atoms(atoms, ring(len(atoms)), declared)
    current = _add_occupations(current, scan)
    for radicand in sorted(dict.fromkeys(scan.roots), key=lambda r: (_depth(r), str(r))):
        current = _add_root(current, radicand)
    if scan.logs:
        from symtherm.exact.logform import add_logs

        current = add_logs(current, scan.logs)
    return current


def _depth(expr: Expr) -> int:
    return sum(1 for p in sympy.preorder_traversal(expr) if p.is_Pow and not p.exp.is_Integer)


def _with_atoms(
    atoms: Sequence[Atom],
    base: Ring,
    positive: tuple[Expr, ...],
    exponents: tuple[Fraction, ...] = (),
    symbols: int | None = None,
    independent: bool = True,
    logs: dict[tuple[str, str], int] | None = None,
) -> Alphabet:
    symbols = len(atoms) if symbols is None else symbols
    signs = tuple(a.sign for a in atoms)
    plain = Alphabet(tuple(atoms), base, positive, exponents, symbols, Ranges(signs))
    orders = _orders(plain)
    return Alphabet(
        tuple(atoms), base, positive, exponents, symbols, Ranges(signs, orders), independent,
        {}, logs or {},
    )  # fmt: skip


def _orders(plain: Alphabet) -> tuple[tuple[int, Poly], ...]:
    """Turn each declared ``p > 0`` into a substitution that makes the slack a generator.

    For p = c g + rest with c > 0 a number and g a positive symbol not used before, set
    g = (slack - rest)/c, which keeps g > 0 visible when rest <= 0 is a sum of negative terms.
    The orders are composed, so a chain a < b < c unfolds to its lowest member.
    """
    images: dict[int, Poly] = {}
    for expr in plain.positive:
        value = plain.fraction(expr)
        poly = value.num
        if plain.sign(value.den) != 1 or coefficient_sign(poly, plain.ranges.signs) is not None:
            continue
        for exponents, coefficient in poly.to_dict().items():
            hot = [i for i, k in enumerate(exponents) if k]
            if coefficient != 1 or len(hot) != 1 or exponents[hot[0]] != 1 or hot[0] in images:
                continue
            g = hot[0]
            rest = poly - plain.base.gen(g)
            if rest.degrees()[g] == 0 and coefficient_sign(-rest, plain.ranges.signs) == 1:
                images[g] = plain.base.gen(g) - rest
                break
    for _ in images:
        gens = list(plain.base.gens())
        unfolded = {
            g: (image - plain.base.gen(g)).compose(
                *[images.get(i, gens[i]) for i in range(len(gens))], ctx=plain.base.ctx
            )
            + plain.base.gen(g)
            for g, image in images.items()
        }
        if all(unfolded[g] == images[g] for g in images):
            break
        images = unfolded
    return tuple(images.items())


def _simplicity(exponent: Fraction) -> tuple[int, int, str]:
    return (
        len(exponent.num) + len(exponent.den),
        int(exponent.num.total_degree()),
        repr(exponent),
    )


def _add_occupations(plain: Alphabet, scan: _Scan) -> Alphabet:
    arguments = list(dict.fromkeys(scan.exponents))
    if not arguments:
        return plain
    values = [plain._exponent(a) for a in arguments]
    small = ring(plain.symbols)
    values = [Fraction(small, v.num, v.den) for v in values]
    oriented = [-v if plain.fraction_sign(v) == -1 else v for v in values]
    basis = tuple(
        -e if plain.fraction_sign(e) == -1 else e for e in lattice_basis(oriented, _simplicity)
    )
    charts = {plain._exponent(a): c for a, c in scan.charts.items()}
    atoms = list(plain.atoms)
    for exponent in basis:
        sign = plain.fraction_sign(exponent)
        chart = charts.get(exponent) or ("bose" if sign == 1 else "boltzmann")
        if chart == "bose" and sign != 1:
            chart = "boltzmann"
        e = plain.poly_expr(exponent.num) / plain.poly_expr(exponent.den)
        expr = {
            "bose": 1 / (sympy.exp(e) - 1),
            "fermi": 1 / (sympy.exp(e) + 1),
            "boltzmann": sympy.exp(-e),
        }[chart]
        atoms.append(Atom(expr, "occupation", "unit" if chart == "fermi" else "positive", chart, e))
    return _with_atoms(atoms, ring(len(atoms)), plain.positive, basis, plain.symbols)


def _root_parts(current: Alphabet, radicand: Expr) -> tuple[Fraction, list[Expr]]:
    """sqrt(radicand) = outside * product of root atoms; factors leave only with a decided sign."""
    value = current.fraction(radicand)
    base = current.base
    if any(value.num.degrees()[i] for i, _ in base.roots):
        raise OutsideClosedForm(f"sqrt({radicand})", found="a nested square root")
    outside = Fraction.of(base, 1)
    inside: list[Expr] = []
    undecided = sympy.Integer(1)
    negative = False

    def take(expr: Expr, value: Fraction, power: int, sign: int | None) -> None:
        nonlocal outside, undecided, negative
        half, odd = divmod(power, 2)
        if half and half % 2 and sign is None:
            raise UndeclaredSign(
                f"sqrt({radicand})",
                found=f"a square of {expr}, whose sign is not declared",
                advice=f"declare the order, so that |{expr}| is known",
            )
        if half:
            outside = outside * (value if sign in (1, None) else -value) ** half
        if odd and sign == -1:
            negative = not negative
            inside.append(sympy.sqrt(-expr))
        elif odd and sign == 1:
            inside.append(sympy.sqrt(expr))
        elif odd:
            undecided = undecided * expr

    # sqrt(n/d) = sqrt(n d)/|d|.
    for poly, inverse in ((value.num, False), (value.den, True)):
        content, factors = poly.factor()
        number = int(content)
        if number < 0:
            negative = not negative
        for prime, power in sympy.factorint(abs(number)).items():
            take(sympy.Integer(prime), Fraction.of(base, int(prime)), power, 1)
        if inverse:
            outside = outside / abs(number)
        for p, power in factors:
            sign = current.sign(p)
            take(current.poly_expr(p), Fraction.of(base, p), int(power), sign)
            if inverse:
                if sign is None and power % 2:
                    raise UndeclaredSign(
                        f"sqrt({radicand})", found=f"the sign of {current.poly_expr(p)}"
                    )
                outside = outside / Fraction.of(base, p if sign in (1, None) else -p) ** int(power)
    if undecided != 1:
        inside.append(sympy.sqrt(-undecided if negative else undecided))
        negative = False
    if negative:
        raise OutsideClosedForm(f"sqrt({radicand})", found="a radicand that is visibly negative")
    return outside, inside


def _add_root(current: Alphabet, radicand: Expr) -> Alphabet:
    _, keys = _root_parts(current, radicand)
    for key in keys:
        if any(a.kind == "root" and a.expr == key for a in current.atoms):
            continue
        square = current.fraction(key.base)
        if current.sign(square.num) is None and _dependent(current, square.num):
            raise OutsideClosedForm(
                f"sqrt({radicand})", found="radicands that are dependent modulo squares"
            )
        larger = ring(current.base.size + 1)
        roots = tuple((i, r.project_to_context(larger.ctx)) for i, r in current.base.roots)
        roots += ((current.base.size, square.num.project_to_context(larger.ctx)),)
        base = Ring(larger.ctx, larger.size, roots)
        current = _with_atoms(
            (*current.atoms, Atom(key, "root", "positive")),
            base,
            current.positive,
            current.exponents,
            current.symbols,
        )
    return current


def _dependent(current: Alphabet, poly: Poly) -> bool:
    """Whether a radicand is a product of earlier ones modulo squares (linear algebra over GF(2))."""
    rows: list[frozenset[str]] = []
    for _, radicand in current.base.roots:
        rows.append(_odd_factors(radicand))
    target = _odd_factors(poly)
    span = {frozenset[str]()}
    for row in rows:
        span |= {s ^ row for s in span}
    return target in span


def _odd_factors(poly: Poly) -> frozenset[str]:
    content, factors = poly.factor()
    odd = {str(p) for p, k in factors if k % 2}
    number = abs(int(content))
    if isqrt(number) ** 2 != number:
        odd |= {str(p) for p, k in sympy.factorint(number).items() if k % 2}
    if content < 0:
        odd.add("-1")
    return frozenset(odd)


def lift(value: Fraction, source: Alphabet, target: Alphabet) -> Fraction:
    """The same element written in another alphabet (which must contain the source's atoms)."""
    if source is target:
        return value
    images = [target.fraction(a.expr) for a in source.atoms]
    num = evaluate(value.num, images, target.base)
    if value.den.is_one():
        return num
    return num / evaluate(value.den, images, target.base)
