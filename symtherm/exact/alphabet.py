"""The one door between SymPy and FLINT: SymPy atoms as polynomial generators with known signs.

An :class:`Alphabet` is made from all expressions of a computation at once. Its generators are

* the declared symbols, a complex one as its modulus and argument; undetermined functions f(t) of
  them and the derivatives of such, which are independent of one another as differential
  indeterminates are: an identity between them is one between their values at a point, and those
  can be anything;
* the cosine and sine of a Z-basis of the angles, with the relation sin^2 = 1 - cos^2;
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
from sympy.core.function import AppliedUndef

from symtherm.errors import BadExpression, OutsideClosedForm, UndeclaredSign, UnknownSymbol, kind_of
from symtherm.exact.basis import lattice_basis, nonnegative_basis
from symtherm.exact.fraction import Fraction, Ring, evaluate, ring
from symtherm.exact.letters import (
    HYPERBOLIC,
    Alphabet,
    Atom,
    exponent_parts,
    is_complex,
    with_atoms,
)
from symtherm.exact.logform import add_logs
from symtherm.exact.roots import add_root
from symtherm.exact.scalar import scalar

__all__ = ["Alphabet", "Atom", "alphabet", "functions", "lift", "parameters"]


def parameters(names: str, *, real: bool = False, complex: bool = False) -> Any:
    """Declare positive symbols (``real=True`` for detunings and chemical potentials).

    ``complex=True`` declares complex amplitudes, such as drives g with conjugate(g) in H; results
    hold Abs(g), and arg(g) only where they depend on it.

    Returns one symbol for one name and a tuple for several. Symbols declared otherwise are
    refused by name wherever a sign could matter. Raises BadExpression for what names nothing.

    >>> omega, T = parameters("omega T")
    >>> omega.is_positive, parameters("Delta", real=True).is_positive is None
    (True, True)
    """
    if not isinstance(names, str) or not names.replace(",", " ").strip():
        raise BadExpression(
            "The names of parameters",
            found=kind_of(names),
            advice='give them in one text, as in parameters("omega T_h T_c")',
        )
    if real and complex:
        raise BadExpression(
            f"The declaration of {names}", found="real=True and complex=True", advice="give one"
        )
    if complex:
        return sympy.symbols(names, complex=True)
    return sympy.symbols(names, real=True) if real else sympy.symbols(names, positive=True)


def functions(names: str, time: Symbol, *, real: bool = False) -> Any:
    """Undetermined functions of ``time``, positive, or ``real=True`` for detunings and drives.

    They stand wherever parameters do: in H, in couplings and in rates. ``sympy.diff`` makes their
    derivatives, real atoms of their own. Returns one for one name and a tuple for several. Raises
    BadExpression for a time that is no symbol and for what names nothing.

    >>> t = parameters("t", real=True)
    >>> omega, epsilon = functions("omega epsilon", t)
    >>> omega, sympy.diff(omega * epsilon, t)
    (omega(t), epsilon(t)*Derivative(omega(t), t) + omega(t)*Derivative(epsilon(t), t))
    """
    if not isinstance(time, Symbol):
        raise BadExpression("The time of a function", found=kind_of(time), advice="give a symbol")
    found = parameters(names, real=True)
    symbols = found if isinstance(found, tuple) else (found,)
    sign = {"real": True} if real else {"positive": True}
    made = tuple(sympy.Function(s.name, **sign)(time) for s in symbols)
    return made if isinstance(found, tuple) else made[0]


PLAIN = {
    "positive": Symbol("x", positive=True).assumptions0,
    "real": Symbol("x", real=True).assumptions0,
    "complex": Symbol("x", complex=True).assumptions0,
}


def _undetermined(expr: Expr) -> bool:
    """Whether this is f(t, ...) or a derivative of it, with symbols as arguments."""
    function = expr.args[0] if isinstance(expr, sympy.Derivative) else expr
    return isinstance(function, AppliedUndef) and all(a.is_Symbol for a in function.args)


def _check(symbol: Expr) -> str:
    """ "positive", "real" or "complex". Other declarations (negative, ...) are refused."""
    if isinstance(symbol, sympy.Derivative) and symbol.args[0].is_real:
        return "real"
    if not symbol.is_Symbol:
        if symbol.is_real and not symbol.is_nonpositive:
            return "positive" if symbol.is_positive else "real"
        raise UndeclaredSign(
            f"The function {symbol}",
            found="no declared sign",
            advice="declare it with functions(name, time) or functions(name, time, real=True)",
        )
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

    symbols: set[Expr] = field(default_factory=set)
    exponents: list[Expr] = field(default_factory=list)
    charts: dict[Expr, str] = field(default_factory=dict)
    roots: list[Expr] = field(default_factory=list)
    logs: list[Expr] = field(default_factory=list)
    constants: list[Expr] = field(default_factory=list)
    angles: list[Expr] = field(default_factory=list)
    seen: set[Expr] = field(default_factory=set)

    def visit(self, expr: Expr) -> None:
        if expr in self.seen:
            return
        self.seen.add(expr)
        if expr.is_Symbol:
            self.symbols.add(expr)
            if is_complex(expr):
                self.angles.append(sympy.arg(expr))
        elif _undetermined(expr):
            self.symbols.add(expr)
        elif isinstance(expr, (sympy.Abs, sympy.arg)) and expr.args[0].is_Symbol:
            # The modulus or the argument alone brings no phase factor.
            self.symbols.add(expr.args[0])
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
        if isinstance(expr, sympy.exp):
            real, imaginary = exponent_parts(expr.args[0])
            self.exponents.append(real)
            self.angle(imaginary)
        elif isinstance(expr, HYPERBOLIC):
            self.exponents.append(expr.args[0])
        elif isinstance(expr, (sympy.cos, sympy.sin)):
            self.angle(expr.args[0])
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

    def angle(self, value: Expr) -> None:
        # The cosine of a rational multiple of pi is algebraic, and no independent atom.
        multiple = value.expand().coeff(sympy.pi) if value.has(sympy.pi) else sympy.Integer(0)
        if multiple != 0 and multiple.is_Rational:
            raise OutsideClosedForm(
                f"The cosine and sine of {value}",
                found="a constant multiple of pi",
                advice="write its cosine and sine as numbers or square roots",
            )
        self.angles.append(value)


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
            if not isinstance(expr, Expr):
                scalar(expr, "What is brought to normal form")
            scan.visit(sympy.S(expr) if isinstance(expr, (int, float)) else expr)
    symbols = sorted(scan.symbols, key=str)
    for a, b in pairwise(symbols):
        if str(a) == str(b):
            raise UnknownSymbol(
                f"The symbol {a}", found="two symbols of one name with different declarations"
            )
    atoms: list[Atom] = []
    for s in symbols:
        sign = _check(s)
        if sign == "complex":
            atoms += [
                Atom(sympy.Abs(s), "symbol", "positive"),
                Atom(sympy.arg(s), "symbol", "real"),
            ]
        else:
            # Declared below one as well as positive.
            unit = sign == "positive" and 1 - s in declared
            atoms.append(Atom(s, "symbol", "unit" if unit else sign))
    atoms += [Atom(c, "symbol", "positive") for c in dict.fromkeys(scan.constants)]
    current = with_atoms(atoms, ring(len(atoms)), declared)
    if any(a != 0 for a in scan.angles):
        current = _add_angles(current, scan.angles)
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


def _add_angles(plain: Alphabet, angles: Iterable[Expr]) -> Alphabet:
    """The alphabet with the cosine and the sine of every element of a Z-basis of the angles.

    Cosines and sines of functions that are linearly independent over Q (and from constants
    multiples of pi) are as independent as exponentials are: cos^2 + sin^2 = 1 is the only relation.
    """
    values = [plain.exponent(a) for a in dict.fromkeys(angles)]
    basis = lattice_basis(values, _simplicity)
    atoms, base = list(plain.atoms), plain.base
    for e in basis:
        angle = plain.poly_expr(e.num) / plain.poly_expr(e.den)
        place = base.size
        atoms.append(Atom(sympy.cos(angle), "cosine", "real", exponent=angle))
        atoms.append(Atom(sympy.sin(angle), "sine", "real", exponent=angle))
        base = base.enlarged(2)
        base = Ring(base.ctx, base.size, (*base.roots, (place + 1, 1 - base.gen(place) ** 2)))
    return with_atoms(atoms, base, plain.positive, angles=basis)


def _add_occupations(plain: Alphabet, scan: _Scan) -> Alphabet:
    arguments = list(dict.fromkeys(scan.exponents))
    if not arguments:
        return plain
    plain = with_atoms(plain.atoms, plain.base, plain.positive, angles=plain.angles)
    values = [plain.exponent(a) for a in arguments]
    oriented = [-v if plain.fraction_sign(v) == -1 else v for v in values]
    basis = lattice_basis(oriented, _simplicity)
    signed = [e for e in oriented if plain.fraction_sign(e) == 1]
    basis = nonnegative_basis(basis, signed)
    basis = tuple(-e if plain.fraction_sign(e) == -1 else e for e in basis)
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
    base = plain.base.enlarged(len(basis))
    return with_atoms(atoms, base, plain.positive, basis, plain.symbols, angles=plain.angles)


def lift(value: Fraction, source: Alphabet, target: Alphabet) -> Fraction:
    """The same element written in another alphabet (which must contain the source's atoms)."""
    if source is target:
        return value
    images = [target.fraction(a.expr) for a in source.atoms]
    num = evaluate(value.num, images, target.base)
    if value.den.is_one():
        return num
    return num / evaluate(value.den, images, target.base)
