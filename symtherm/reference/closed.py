"""Certified reference values: closed forms enclosed by balls, to any number of digits.

Where a closed form would be too long, and for what has none (entropies, coherences), the values are
enclosed straight from the operators; :func:`certified` says which.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction as PythonFraction
from numbers import Integral
from typing import Any

import sympy
from sympy import Expr, Rational, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.steady import SteadyState, steady_state
from symtherm.errors import (
    BadExpression,
    OutOfDomain,
    OutsideClosedForm,
    Undecided,
    UnknownQuantity,
    UnknownSymbol,
    choices,
    kind_of,
    require,
)
from symtherm.exact.balls import Enclosure, enclose, enclose_quotient
from symtherm.exact.deadline import limited
from symtherm.exact.decide import is_zero
from symtherm.exact.regular import nonsingular
from symtherm.exact.scalar import by_symbol, order_text
from symtherm.numeric.enclosure import Enclosed, steady_names
from symtherm.numeric.entropies import enclose_parts
from symtherm.numeric.system import system_of
from symtherm.thermo.decomposition import Decomposition
from symtherm.thermo.ledger import Ledger, ledger
from symtherm.thermo.model import Model
from symtherm.thermo.nonsecular import NonsecularBalance

__all__ = ["CLOSED_TERMS", "certified", "certify", "check_point", "exact_point", "require_unique"]

Point = dict[Symbol, Rational]

CLOSED_TERMS = 20_000  # of the expanded steady state; beyond, operators are faster
WRITTEN_TERMS = 200  # of a quantity; beyond, it is evaluated as it is, not in its shortest form


def exact_point(at: Any, known: Iterable[Symbol]) -> Point:
    """The values of a mapping as exact rationals under the symbols of a model.

    Keys are symbols or their names. Raises UnknownSymbol and BadExpression.

    >>> exact_point({"T": "1/2"}, [Symbol("T", positive=True)])
    {T: 1/2}
    """
    require(
        at,
        Mapping,
        "The point of certify is a mapping",
        'write at={omega: 1, T: "1/2"} with symbols, or their names, as keys',
    )
    symbols = sorted(known, key=str)
    point: Point = {}
    for symbol, value in by_symbol(at, symbols).items():
        if not isinstance(symbol, Symbol):
            raise UnknownSymbol(
                f"The parameter {symbol!r}",
                found="no parameter of this name",
                advice=choices(symbol, map(str, symbols)),
            )
        if symbol not in symbols and symbol.name in map(str, symbols):
            raise UnknownSymbol(
                f"The parameter {symbol}",
                found="a symbol of this name with another declaration",
                advice=f"use the symbol of the model, or the text {symbol.name!r}",
            )
        if isinstance(value, (float, sympy.Float)):
            raise BadExpression(
                f"The value {value} of {symbol}",
                found="a floating-point number, which is not exact",
                advice='use Rational(1, 10) or a string such as "1/10"',
            )
        if isinstance(value, (str, PythonFraction)):
            try:
                value = PythonFraction(value)
            except (ValueError, ZeroDivisionError) as error:
                raise BadExpression(
                    f"The value {value!r} of {symbol}", advice="write 3, 0.1, 1e-3 or 1/10"
                ) from error
            value = Rational(value.numerator, value.denominator)
        exact = sympy.S(value) if isinstance(value, (int, Expr, Integral)) else None
        complex_allowed = symbol.is_complex and not symbol.is_real
        parts = exact.expand().as_real_imag() if complex_allowed and exact is not None else (exact,)
        if not all(p is not None and p.is_Rational for p in parts):
            raise BadExpression(
                f"The value of {symbol}",
                found=f"{kind_of(value)}, which is no exact rational",
                advice='give 3, Rational(1, 10) or "1/10"',
            )
        point[symbol] = exact
    return point


def check_point(generator: Generator, point: Point) -> Generator:
    """The generator with the zeros of a point put in, after checking the point's domain.

    Raises UnknownSymbol for a missing value, OutOfDomain for T <= 0, a bosonic frequency or a
    declared order that is not positive, a negative rate, or a point that the derivation excluded.
    """
    missing = sorted(str(s) for s in generator.free_symbols - point.keys())
    if missing:
        raise UnknownSymbol(
            "Values of all parameters",
            found="none for " + ", ".join(missing),
            advice="give all of them",
        )

    def at(expr: Expr) -> Expr:
        return expr.xreplace(point)

    def demand(expr: Expr, what: str, strict: bool = True, shown: str = "") -> None:
        value = at(expr)
        good = value.is_positive if strict else value.is_nonnegative
        if not good:
            rule = order_text(expr) if strict else order_text(expr).replace(" > ", " >= ")
            raise OutOfDomain(
                f"{what} {shown or expr} at the point asked",
                found=f"{expr} = {value}",
                advice=f"{rule} is required",
            )

    for bath in generator.baths:
        demand(bath.T, "The temperature")
    for p in generator.pairs:
        if p.bath.statistics == "bose":
            demand(p.frequency, "The frequency")
    for expr in generator.positive:
        demand(expr, "The declared order", shown=order_text(expr))
    for symbol, value in point.items():
        if symbol.is_positive and value < 0:
            raise OutOfDomain(
                f"The value {value} of {symbol}",
                found="a negative number",
                advice=f"{symbol} >= 0 is required",
            )
    for p in generator.pairs:
        demand(p.rate, "The rate", strict=False)
    for expr in generator.conditions:
        if at(expr) == 0:
            raise OutOfDomain(
                f"The point asked, where {expr} = 0",
                found="a special point that the derivation excluded",
                advice=f"derive the model anew with {expr} = 0 built in",
            )
    zeros = {s: v for s, v in point.items() if v == 0}
    return generator.transform(lambda e: e.xreplace(zeros)) if zeros else generator


def require_unique(generator: Generator, point: Point) -> SteadyState:
    """The steady state with the zeros of the point put in, unique at the point.

    Proved by the determinant of the generator with one population row replaced by the trace, which
    is nonzero iff the steady state is unique. Raises NotUnique when uniqueness fails already for
    the zeros of the point, and Undecided when the determinant could not be told from zero.
    """
    special = check_point(generator, point)
    with warnings.catch_warnings():
        # Whoever derived the model has been told that its state is a program.
        warnings.simplefilter("ignore", UserWarning)
        state = steady_state(special)
    dim = generator.space.dim
    entries = {
        key: state.expand(state.alphabet.poly_expr(v.num) / state.alphabet.poly_expr(v.den))
        for key, v in state.matrix.entries.items()
        if key[0] != 0
    }
    entries.update({(0, j): sympy.Integer(1) for j in range(dim)})
    if not nonsingular(entries, state.matrix.size, point):
        raise Undecided(
            "Uniqueness of the steady state at the point asked",
            found="a determinant that could not be told from zero with 4096 bits",
            advice="move the point, or build the coincidence into the model",
        )
    return state


def _vanishes(expr: Expr) -> bool:
    """Whether an expression is identically zero, so at any point at which it has a value.

    At a point its exponents may be too many numbers to be decided there. Roots and logarithms,
    which are read as real ones in the parameters, are left out.
    """
    if expr.has(sympy.log) or not all(p.exp.is_Integer for p in expr.atoms(sympy.Pow)):
        return False
    with suppress(OutsideClosedForm):
        return is_zero(expr) is True
    return False


def certify(
    subject: Model | Ledger | Decomposition | NonsecularBalance | Expr,
    at: Mapping[Any, Any],
    digits: int = 50,
    quantities: Sequence[str] | str | None = None,
    seconds: float | None = None,
) -> Any:
    """Values with proved radii at an exact point.

    ``subject`` is a model or a ledger (then a dict from quantity names to enclosures), what
    :func:`symtherm.decompose` or :func:`symtherm.nonsecular_balance` return (then a dict of their
    parts, also for states that have no closed form), or a SymPy expression (then one
    :class:`~symtherm.exact.balls.Enclosure`). ``at`` maps every parameter, a symbol or its name, to
    an exact rational (int, Rational, Fraction, or a string such as ``"0.1"`` or ``"1/10"``).
    ``quantities`` is one name or several; by default all of the ledger, or all parts. ``entropy``
    and coherences ``re[a,b]``, ``im[a,b]`` may be asked for.
    Each value has ``digits`` significant digits, |true - value| <= radius, rounding included.
    Where the state is a straight-line program (``steady_state``'s ``max_terms``) the values come
    from it, and one that cannot be told from zero is 0 with a radius below 10^-digits.

    Uniqueness of the steady state is checked again, exactly, at the point. A model whose closed
    form would have more than ``CLOSED_TERMS`` terms is enclosed from its operators instead, with a
    warning that says so. Raises UnknownSymbol, UnknownQuantity, OutOfDomain, NotUnique,
    WrongArgument, and Undecided when a value could not be told from zero or ``seconds`` are over.

    >>> from symtherm import model
    >>> m = model("qubit")
    >>> print(certify(m, m.point, digits=10)["population[e]"])
    0.2314752165 +/- 9.9e-13
    """
    require(digits, int, "The number of digits is whole", "write digits=50")
    if isinstance(subject, Expr):
        with limited(seconds):
            point = exact_point(at, subject.free_symbols)
            try:
                return enclose(subject, point, digits)
            except Undecided:
                if not _vanishes(subject):
                    raise
                return Enclosure("0", "0")
    if isinstance(subject, (Decomposition, NonsecularBalance)):
        with limited(seconds):
            return _parts(subject, at, digits, quantities)
    found, plain = certified(subject, at, digits, quantities, seconds)
    if plain:
        warnings.warn(
            f"The closed forms of {plain} would have more than {CLOSED_TERMS} terms: its values "
            "are enclosed from the operators instead.",
            stacklevel=2,
        )
    return found


def _parts(
    parts: Decomposition | NonsecularBalance,
    at: Mapping[Any, Any],
    digits: int,
    quantities: Sequence[str] | str | None,
) -> dict[str, Enclosure]:
    """The parts of the entropy production of one state, from its matrices."""
    symbols = parts.generator.free_symbols | parts.rho.free_symbols
    if isinstance(parts, Decomposition):
        symbols |= parts.pi.free_symbols | parts.energy.free_symbols
    found = enclose_parts(parts, exact_point(at, symbols), digits)
    asked = [quantities] if isinstance(quantities, str) else quantities
    for name in asked or ():
        if name not in found:
            raise UnknownQuantity(f"The part {name!r}", advice=choices(name, tuple(found)))
    return found if asked is None else {name: found[name] for name in asked}


def certified(
    subject: Model | Ledger,
    at: Mapping[Any, Any],
    digits: int = 50,
    quantities: Sequence[str] | str | None = None,
    seconds: float | None = None,
) -> tuple[dict[str, Enclosure], str]:
    """The values of :func:`certify`, and the name of the model where no closed form was used.

    >>> from symtherm import model
    >>> m = model("qubit")
    >>> certified(m, m.point, 5, ["heat[b]"])
    ({'heat[b]': Enclosure(value='0', radius='0')}, '')
    """
    require(
        subject,
        (Model, Ledger),
        "What to certify is a Model, a Ledger or an expression",
        {
            "Generator": "write certify(ledger(steady_state(L), energy=E), at)",
            "Redfield": "write certify(nonsecular_balance(L, rho), at)",
            "SteadyState": "write certify(ledger(pi, energy=E), at), or certify(pi.rho[i, j], at)",
            "Claim": "certify one side of it, or prove it",
            "str": 'write certify(model("qubit"), at)',
        },
    )
    model = subject if isinstance(subject, Model) else _as_model(subject)
    point = exact_point(at, model.parameters)
    extra = [str(s) for s in point if s not in model.parameters]
    if extra and isinstance(subject, Model):
        raise UnknownSymbol(
            "Parameters of the model",
            found=", ".join(extra),
            advice="known: " + ", ".join(map(str, model.parameters)),
        )
    asked = [quantities] if isinstance(quantities, str) else quantities
    with limited(seconds):
        if isinstance(subject, Ledger) and subject.expansion is None:
            names = list(subject.quantities if asked is None else asked)
            return _from_program(model, subject, names, point, digits, asked is not None), ""
        if not _has_closed_form(model):
            return _from_operators(model, point, digits, asked, seconds), model.name
        names = list(model.quantities if asked is None else asked)
        others = [n for n in names if n not in model.quantities and _only_in_balls(n)]
        for name in names:
            if name not in model.quantities and name not in others:
                model.fraction(name, point)  # raises, listing what there is
        unique = require_unique(model.generator, point)
        result = _from_operators(model, point, digits, others, seconds) if others else {}
        for name in names:
            try:
                if name not in others:
                    result[name] = _value(model, unique, name, point, digits)
            except (UnknownQuantity, OutOfDomain):
                # An efficiency may not exist at the point (equal temperatures, no hot heat).
                if asked is not None or name != "efficiency":
                    raise
    return {name: result[name] for name in names if name in result}, ""


def _only_in_balls(name: str) -> bool:
    return name == "entropy" or name.startswith(("re[", "im["))


def _has_closed_form(model: Model) -> bool:
    """Whether the closed form is there already, or short enough to be derived now."""
    known = vars(model)
    if "steady_state" not in known:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = steady_state(model.generator, max_terms=CLOSED_TERMS)
        if found.expansion is None:
            return False
        known["steady_state"] = found  # the cached property: the state is what it would derive
    return model.steady_state.expansion is not None


def _from_operators(
    model: Model, point: Point, digits: int, names: Sequence[str] | None, seconds: float | None
) -> dict[str, Enclosure]:
    """By balls from the operators; by default what a ledger holds."""
    check_point(model.generator, point)
    system = system_of(model.generator, model.energy, model.number, model.hot)
    at = {s: point[s] for s in system.symbols}
    asked = names
    if names is None:
        asked = [n for n in steady_names(system) if n not in ("entropy", "efficiency")]
    found = Enclosed(system, at).steady(digits, asked, seconds)
    if names is None and system.hot:
        with suppress(UnknownQuantity):  # no heat, no efficiency
            found.update(Enclosed(system, at).steady(digits, ["efficiency"], seconds))
    return found


def _as_model(book: Ledger) -> Model:
    symbols = sorted(book.generator.free_symbols | book.energy.free_symbols, key=str)
    found = Model("ledger", "A ledger", tuple(symbols), book.generator, book.energy, book.number)
    vars(found).update(steady_state=book.state, ledger=book)  # derived already
    return found


def _from_program(
    model: Model, book: Ledger, names: Sequence[str], point: Point, digits: int, asked: bool
) -> dict[str, Enclosure]:
    """The values of a ledger whose state is a straight-line program, by the program."""
    for name in names:
        if name not in book.quantities and name != "efficiency":
            book.fraction(name)  # raises, listing what there is
    unique = require_unique(model.generator, point)
    if any(value == 0 for value in point.values()):
        # Elimination may divide by such a parameter; the state there was derived anew.
        book = _at_zeros(model, unique, point)
    found = book.enclose(point, digits, [name for name in names if name != "efficiency"])
    if "efficiency" in names:
        try:
            name = f"efficiency[{model.source_bath(point)}]"
            found["efficiency"] = book.enclose(point, digits, [name])[name]
        except (UnknownQuantity, Undecided):
            # It may not exist at the point (equal temperatures, no hot heat).
            if asked:
                raise
    return {name: found[name] for name in names if name in found}


def _value(model: Model, state: Any, name: str, point: Point, digits: int) -> Enclosure:
    value = model.fraction(name, point)
    try:
        if len(value.num) + len(value.den) <= WRITTEN_TERMS:
            return enclose(model.expression(name, point), point, digits)
        # Nobody reads it: the short form would take a hundred times longer than its value.
        space = model.ledger.alphabet
        atoms = [model.steady_state.expand(a.expr) for a in space.atoms]
        found = enclose_quotient(value.num, value.den, atoms, point, digits)
        if found is not None:
            return found
        plain = space.poly_expr(value.num) / space.poly_expr(value.den)
        return enclose(model.steady_state.expand(plain), point, digits)
    except OutOfDomain:
        # The closed form is 0/0 at this point; the steady state there was derived anew.
        return _special_value(model, state, name, point, digits)


def _special_value(model: Model, state: Any, name: str, point: Point, digits: int) -> Enclosure:
    if name.startswith("population["):
        return enclose(state.population(name[len("population[") : -1]), point, digits)
    book = _at_zeros(model, state, point)
    if name == "efficiency":
        return enclose(book.efficiency(model.source_bath(point)), point, digits)
    return enclose(book.expression(name), point, digits)


def _at_zeros(model: Model, state: SteadyState, point: Point) -> Ledger:
    """The ledger of the state that was derived with the zeros of the point put in."""
    zeros = {s: v for s, v in point.items() if v == 0}

    def at(expr: Expr) -> Expr:
        return expr.xreplace(zeros)

    number = None if model.number is None else model.number.apply(at)
    return ledger(state, energy=model.energy.apply(at), number=number)
