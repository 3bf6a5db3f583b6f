"""The closed forms that a derivation prints: long denominators named once, lengths limited.

A formula of more than ``LIMIT`` characters is not printed: the derivation says how many terms it
has and where it is in Python. Names that no printed formula uses are left out as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import sympy
from sympy import Expr, Symbol

from symtherm.derive.derivation import Equation, Formula, Step
from symtherm.derive.formula import formula
from symtherm.derive.notation import coherence_symbol, equation, population_symbol
from symtherm.dynamics.steady import SteadyState
from symtherm.dynamics.structure import Definition
from symtherm.exact.fraction import Fraction
from symtherm.thermo.ledger import Ledger
from symtherm.thermo.model import Model

__all__ = ["LIMIT", "Forms", "StateEntry", "abridged", "fits", "fitting", "forms"]

# Characters of the plain text of a right-hand side, about six lines of a terminal.
LIMIT = 480
# A population with more terms than this above its denominator does not factor into a short form.
DENSE = 150
# At most so many names of coherences are defined one by one.
NAMES = 12


def fits(value: Formula) -> bool:
    """Whether a formula is short enough to be printed.

    >>> fits(Formula("x", "x")), fits(Formula("x", "x" * 1000))
    (True, False)
    """
    return len(value.text) <= LIMIT


def fitting(expr: Expr) -> Formula | None:
    """The formula of an expression; None where it is too long to print, which is told by counting.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> fitting(x), fitting(sympy.Add(*(sympy.Symbol(f"x{k}") for k in range(1000))))
    (Formula(latex='x', text='x'), None)
    """
    stack, leaves = [expr], 0
    while stack and leaves <= LIMIT:
        args = stack.pop().args
        stack += args
        leaves += not args
    if leaves > LIMIT:  # each is a character or more
        return None
    found = formula(expr)
    return found if fits(found) else None


def abridged(step: Step) -> Step:
    """The step with formulas beyond the limit replaced by their lengths; ``exact`` keeps the text.

    >>> row = Equation(Formula("K", "K"), Formula("x", "x" * 1000 + " > 0"))
    >>> abridged(Step((), (row,))).equations[0].rhs.text
    '(1000 characters, left out here) > 0'
    """
    return replace(step, equations=tuple(map(_abridged, step.equations)))


def _abridged(row: Equation) -> Equation:
    if fits(row.rhs):
        return row
    body, sign = row.rhs.text, ""
    for tail in (" > 0", " >= 0"):
        if body.endswith(tail):
            body, sign = body.removesuffix(tail), tail
    words = f"({len(body)} characters, left out here)"
    latex = rf"\text{{{words}}}" + sign.replace(">=", r"\ge")
    return replace(row, rhs=Formula(latex, words + sign), exact=row.exact or body)


@dataclass(frozen=True, slots=True)
class StateEntry:
    """A matrix element of the steady state; ``expr`` is None where it is too long to print."""

    lhs: Formula
    name: str
    terms: int
    expr: Expr | None


@dataclass(frozen=True)
class Forms:
    """What a derivation of ``model`` shows; see :func:`forms`."""

    model: Model
    book: Ledger
    state: tuple[StateEntry, ...]
    quantities: Mapping[str, Expr]

    @property
    def python(self) -> str:
        """The ledger, in the vocabulary of the page, as a reader gets it in Python."""
        vocabulary = self.book.state.vocabulary
        same = vocabulary == self.model.ledger.state.vocabulary
        return "model.ledger" + ("" if same else f'.in_terms_of("{vocabulary}")')

    @cached_property
    def state_denominator(self) -> Expr | None:
        """The long denominator that all populations of three or more levels share."""
        exprs = [e.expr for e in self.state if e.name.startswith("p_")]
        known = [e for e in exprs if e is not None]
        return _common_denominator(known) if len(known) == len(exprs) > 2 else None

    @cached_property
    def current_denominator(self) -> Expr | None:
        """The long denominator that all currents share."""
        return _common_denominator([e for e in self.quantities.values() if e != 0])

    @cached_property
    def letters(self) -> dict[Expr, Symbol]:
        """The denominators with a name: Z, and Z_J where the currents have another one."""
        result: dict[Expr, Symbol] = {}
        taken = {s.name for s in self.model.parameters}
        taken |= {n.symbol.name for n in self.book.state.names}
        for shared, name in ((self.state_denominator, "Z"), (self.current_denominator, "Z_J")):
            if shared is None or shared in result:
                continue
            name = name if result else "Z"
            while name in taken:
                name += "'"
            taken.add(name)
            result[shared] = Symbol(name, positive=True)
        return result

    def short(self, expr: Expr) -> Expr:
        """``expr`` with the factor 1/Z for a denominator that has a name."""
        return _with_names(expr, self.letters)

    def short_state(self, expr: Expr) -> Expr:
        """The same where only the state's own denominator has been introduced."""
        known = {k: Z for k, Z in self.letters.items() if k == self.state_denominator}
        return _with_names(expr, known)

    def definition(self, shared: Expr) -> Equation | None:
        """Z = ..., unless it is too long to print."""
        Z = self.letters[shared]
        return equation(formula(Z), shared, name=Z.name) if fitting(shared) else None

    @cached_property
    def names(self) -> tuple[Definition, ...]:
        """The names of coherences and rates that the printed formulas use, in order."""
        known = [n for n in self.book.state.names if n.kind not in (*SETTING, *BATHS)]
        used: set[Symbol] = set()
        for expr in [*(e.expr for e in self.state if e.expr is not None), *self._printed]:
            used |= expr.free_symbols
        for n in reversed(known):
            if n.symbol in used:
                used |= n.expr.free_symbols
        return tuple(n for n in known if n.symbol in used)

    @cached_property
    def letters_of_baths(self) -> tuple[Definition, ...]:
        """The letters of the vocabulary: relaxation rates, Boltzmann factors, ..."""
        return tuple(n for n in self.book.state.names if n.kind in BATHS)

    @property
    def _printed(self) -> Iterable[Expr]:
        return (self.short(e) for e in self.quantities.values())

    @cached_property
    def hidden_names(self) -> int:
        """How many names are left out because nothing printed uses them."""
        known = [n for n in self.book.state.names if n.kind not in (*SETTING, *BATHS)]
        return len(known) - len(self.names)


# Kinds of definitions that the setting introduces.
SETTING = ("occupation", "root", "weight", "coupling", "exponent", "squeezing", "variance")
# Kinds that a vocabulary adds.
BATHS = ("letter",)


def forms(model: Model) -> Forms:
    """The closed forms of a model's steady state and currents, computed once for all sections.

    >>> from symtherm import model
    >>> [e.name for e in forms(model("qubit")).state]
    ['p_e', 'p_g']
    """
    book = model.ledger.in_terms_of("shortest")
    state = book.state
    levels = state.generator.space.levels
    entries = []
    for (i, j, part), value in state.values.items():
        if i == j:
            lhs, name = population_symbol(levels[i]), f"p_{levels[i]}"
        else:
            lhs = coherence_symbol(levels[i], levels[j], part, state.frame.turn(j, i))
            name = f"{part.capitalize()} rho_{levels[i]}{levels[j]}"
        entries.append(StateEntry(lhs, name, _terms(value), _readable(state, value)))
    quantities = {name: book.readable(name) for name in book.fractions}
    found = Forms(model, book, tuple(entries), quantities)
    undefined = _undefined(state.names)

    def kept(entry: StateEntry) -> StateEntry:
        short = entry.expr is not None and fitting(found.short_state(entry.expr)) is not None
        defined = entry.expr is not None and not entry.expr.free_symbols & undefined
        return entry if short and defined else replace(entry, expr=None)

    shown = [kept(entry) for entry in entries]
    if any(e.expr is None and e.name.startswith("p_") for e in shown):
        # Coherences alone are no state.
        shown = [replace(e, expr=None) for e in shown]
    return replace(found, state=tuple(shown))


def _undefined(names: Iterable[Definition]) -> set[Symbol]:
    """Names that are too many, or too long, to be defined on the page."""
    known = [n for n in names if n.kind not in (*SETTING, *BATHS)]
    if len(known) > NAMES:
        return {n.symbol for n in known if n.kind == "rate"}
    return {n.symbol for n in known if fitting(n.expr) is None}


def _terms(value: Fraction) -> int:
    return max(len(value.num), len(value.den))


def _readable(state: SteadyState, value: Fraction) -> Expr | None:
    if len(value.num) > DENSE:
        return None
    return state.readable(value)


def _with_names(expr: Expr, letters: Mapping[Expr, Symbol]) -> Expr:
    inverse = {1 / shared: 1 / Z for shared, Z in letters.items()}
    return sympy.Mul(*(inverse.get(f, f) for f in sympy.Mul.make_args(expr)))


def _common_denominator(exprs: list[Expr]) -> Expr | None:
    if len(exprs) < 2:
        return None
    sets = [{f.base for f in sympy.Mul.make_args(e) if f.is_Pow and f.exp == -1} for e in exprs]
    common = {
        c
        for c in set.intersection(*sets)
        if c.is_Add and len(list(sympy.preorder_traversal(c))) > 12
    }
    return common.pop() if len(common) == 1 else None
