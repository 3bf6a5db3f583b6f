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

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.errors import BadExpression, UndeclaredSign, UnknownSymbol
from symtherm.exact.basis import lattice_basis
from symtherm.exact.fraction import Fraction, evaluate, ring
from symtherm.exact.letters import HYPERBOLIC, Alphabet, Atom, with_atoms
from symtherm.exact.logform import add_logs
from symtherm.exact.roots import add_root

__all__ = ["Alphabet", "Atom", "alphabet", "lift", "parameters"]


def parameters(names: str, *, real: bool = False) -> Any:
    """Declare positive symbols (``real=True`` for detunings and chemical potentials).

    Returns one symbol for one name and a tuple for several. Symbols declared otherwise are
    refused by name wherever a sign could matter.

    >>> omega, T = parameters("omega T")
    >>> omega.is_positive, parameters("Delta", real=True).is_positive is None
    (True, True)
    """
    return sympy.symbols(names, real=True) if real else sympy.symbols(names, positive=True)


PLAIN = {
    "positive": Symbol("x", positive=True).assumptions0,
    "real": Symbol("x", real=True).assumptions0,
}


def _check(symbol: Symbol) -> str:
    """ "positive" or "real". Other declarations (negative, integer, ...) mean more than is used."""
    declared = symbol.assumptions0
    for sign, plain in PLAIN.items():
        if declared == plain:
            return sign
    names = ", ".join(k for k, v in symbol._assumptions_orig.items() if v and k != "commutative")
    raise UndeclaredSign(
        f"The symbol {symbol}",
        found=f"declared {names}" if names else "no declared sign",
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
    current = with_atoms(atoms, ring(len(atoms)), declared)
    roots = sorted(dict.fromkeys(scan.roots), key=lambda r: (_depth(r), str(r)))
    # Roots of parameters come before the occupations, whose exponents may contain them.
    for radicand in roots:
        if not _transcendental(radicand):
            current = add_root(current, radicand)
    current = _add_occupations(current, scan)
    for radicand in roots:
        if _transcendental(radicand):
            current = add_root(current, radicand)
    if scan.logs:
        current = add_logs(current, scan.logs)
    return current


def _transcendental(expr: Expr) -> bool:
    return bool(expr.has(sympy.exp, sympy.log, *HYPERBOLIC)) or expr.has(sympy.E)


def _depth(expr: Expr) -> int:
    return sum(1 for p in sympy.preorder_traversal(expr) if p.is_Pow and not p.exp.is_Integer)


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
    plain = with_atoms(plain.atoms, plain.base, plain.positive)
    values = [plain.exponent(a) for a in arguments]
    oriented = [-v if plain.fraction_sign(v) == -1 else v for v in values]
    basis = tuple(
        -e if plain.fraction_sign(e) == -1 else e for e in lattice_basis(oriented, _simplicity)
    )
    charts = {plain.exponent(a): c for a, c in scan.charts.items()}
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
    return with_atoms(atoms, plain.base.enlarged(len(basis)), plain.positive, basis, plain.symbols)


def lift(value: Fraction, source: Alphabet, target: Alphabet) -> Fraction:
    """The same element written in another alphabet (which must contain the source's atoms)."""
    if source is target:
        return value
    images = [target.fraction(a.expr) for a in source.atoms]
    num = evaluate(value.num, images, target.base)
    if value.den.is_one():
        return num
    return num / evaluate(value.den, images, target.base)
