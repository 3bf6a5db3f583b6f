"""Special cases of a model: the reversible point, equal temperatures, no drive or coupling."""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Expr, Symbol

from symtherm.derive.derivation import Equation, Formula, Step, Verdict
from symtherm.derive.equality import equal
from symtherm.derive.forms import LIMIT, fitting
from symtherm.derive.formula import formula
from symtherm.derive.notation import equation, indexed, math
from symtherm.derive.pairs import boltzmann_binomials, exponent_sides
from symtherm.dynamics.steady import steady_state
from symtherm.errors import NotUnique, SymthermError
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.fraction import Fraction, evaluate
from symtherm.exact.rewrite import size
from symtherm.exact.writer import readable
from symtherm.thermo.entropy import reference_state
from symtherm.thermo.ledger import Ledger, ledger
from symtherm.thermo.model import Model

__all__ = ["limits", "reversible_relation"]


def reversible_relation(book: Ledger) -> tuple[Expr, Expr] | None:
    """(a, b) with sigma = 0 at a = b, when one pair of exponents decides; None otherwise."""
    space = book.alphabet
    sigma = book.fractions["entropy_production"]
    if not sigma:
        return None
    for p, power in sigma.num.factor()[1]:
        if power % 2 and space.sign(p) is None:
            for powers, _ in boltzmann_binomials(space, p):
                return exponent_sides(space, powers)
    return None


def limits(model: Model) -> tuple[Step, ...]:
    """The limits that the model has, each computed anew."""
    found: list[Step] = []
    for make in (_reversible, _equal_temperatures):
        step = make(model)
        if step is not None:
            found.append(step)
    found += _without(model, "drive", model.drives) + _without(model, "coupling", model.couplings)
    return tuple(found)


def _reversible(model: Model) -> Step | None:
    relation = reversible_relation(model.ledger)
    if relation is None:
        return None
    here = equal(model.ledger.alphabet, *relation)
    equations = []
    words: list[str | Formula] = ["At the reversible point ", here, " all currents vanish."]
    if not _vanish_there(model, relation):
        words = ["At the reversible point ", here, " entropy production vanishes."]
    if "efficiency" in model.quantities and model.ledger.fractions["power"]:
        space = model.ledger.alphabet
        for hot in model.hot:
            general = model.ledger.efficiency_fraction(hot)
            there = on_relation(space, general, relation)
            name = "η" if len(model.hot) == 1 else f"η_{hot}"
            latex = r"\eta" if len(model.hot) == 1 else rf"\eta_{{{hot}}}"
            equations.append(
                equation(math(latex, name), readable(space, general), name=f"efficiency[{hot}]")
            )
            if there is not None and there != general:
                equations.append(
                    equation(
                        math(rf"{latex}\big|_{{{here.latex}}}", f"{name} at {here.text}"),
                        _apart(space, there),
                        name=f"reversible efficiency[{hot}]",
                    )
                )
        source = "" if len(model.hot) == 1 else " (with each bath in turn as the heat source)"
        words.append(f" The efficiency{source}, and its value there, which is Carnot's:")
        if not _is_carnot(model, relation):
            words[-1] = f" The efficiency{source}, and its value there:"
    return Step(tuple(words), tuple(equations), Verdict.PROVED, name="reversible point")


def _apart(space: Alphabet, value: Fraction) -> Expr:
    """(T_h - T_c)/T_h written 1 - T_c/T_h: term by term over a monomial denominator."""
    if len(value.den) == 1:
        names = [a.expr for a in space.atoms]
        below = space.poly_expr(value.den, names)
        return sympy.Add(
            *(t / below for t in sympy.Add.make_args(space.poly_expr(value.num, names)))
        )
    return readable(space, value)


def on_relation(space: Alphabet, value: Fraction, relation: tuple[Expr, Expr]) -> Fraction | None:
    """``value`` where a = b: one symbol is solved for and substituted; the shortest result."""
    if not value:
        return value
    a, b = relation
    zero = (space.fraction(a) - space.fraction(b)).num
    best: Fraction | None = None
    for index, atom in enumerate(space.atoms):
        if atom.kind != "symbol" or zero.degrees()[index] != 1:
            continue
        if not value.num.degrees()[index] and not value.den.degrees()[index]:
            continue
        constant = space.base.ctx.from_dict(
            {m: c for m, c in zero.to_dict().items() if not m[index]}
        )
        slope = (zero - constant) / space.base.gen(index)
        images = [Fraction.of(space.base, g) for g in space.base.gens()]
        images[index] = Fraction.of(space.base, -constant, slope)
        below = evaluate(value.den, images, space.base)
        if not below:
            continue
        candidate = evaluate(value.num, images, space.base) / below
        if best is None or size(candidate) < size(best):
            best = candidate
    return best


def _is_carnot(model: Model, relation: tuple[Expr, Expr]) -> bool:
    space = model.ledger.alphabet
    temperatures = {b.label: b.T for b in model.generator.baths}
    if len(temperatures) != 2:
        return False
    for hot in model.hot:
        cold = next(label for label in temperatures if label != hot)
        carnot = 1 - space.fraction(temperatures[cold]) / space.fraction(temperatures[hot])
        there = on_relation(space, model.ledger.efficiency_fraction(hot) - carnot, relation)
        if there is None or there:
            return False
    return True


def _vanish_there(model: Model, relation: tuple[Expr, Expr]) -> bool:
    """Whether every current has the factor that vanishes at a = b."""
    book = model.ledger
    space = book.alphabet
    a, b = relation
    flux = (space.fraction(sympy.exp(a)) - space.fraction(sympy.exp(b))).num
    for name, value in book.fractions.items():
        if name == "entropy_production" or not value:
            continue
        if not any(
            p == q
            for p, _ in value.num.factor()[1]
            for q, _ in flux.factor()[1]
            if space.sign(q) is None
        ):
            return False
    return True


def _special(model: Model, function: Callable[[Expr], Expr]) -> Ledger:
    generator = model.generator.transform(function)
    number = None if model.number is None else model.number.apply(function)
    return ledger(steady_state(generator), energy=model.energy.apply(function), number=number)


def _fresh(name: str, taken: set[str]) -> str:
    """The name, or with a number a parameter of the model does not have."""
    if name not in taken:
        return name
    number = 0
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _equal_temperatures(model: Model) -> Step | None:
    baths = model.generator.baths
    if len(baths) < 2 or not all(b.T.is_Symbol for b in baths):
        return None
    taken = {s.name for s in model.generator.free_symbols | model.energy.free_symbols}
    T = sympy.Symbol(_fresh("T", taken), positive=True)
    table: dict[Symbol, Symbol] = {b.T: T for b in baths}
    biased = [b.mu for b in baths if b.mu.is_Symbol]
    mu = sympy.Symbol(_fresh("mu", taken), real=True)
    if len(set(biased)) > 1:
        table.update(dict.fromkeys(biased, mu))
    try:
        book = _special(model, lambda e: e.xreplace(table))
    except SymthermError:
        return None
    sigma = book.fractions["entropy_production"]
    where: list[str | Formula] = ["At equal temperatures ", formula(T)]
    if mu in table.values():
        where += [" and equal chemical potentials ", formula(mu)]
    quiet = not any(book.fractions.values())
    if quiet:
        d = book.generator.dissipator(baths[0].label)
        gibbs = False
        try:
            reference = reference_state(
                d, book.energy, book.number if mu in table.values() else None
            )
            from symtherm.exact.decide import all_zero

            gibbs = all_zero((book.state.rho - reference).entries.values())
        except SymthermError:
            gibbs = False
        ending = " all currents and the entropy production vanish identically"
        ending += ", and the steady state is the Gibbs state." if gibbs else "."
        return Step((*where, ending), verdict=Verdict.PROVED, name="equal temperatures")
    words = f" the {_worker(model)} does work on the system, and all of it is dissipated:"
    if not sigma:
        words = " the entropy production vanishes:"
    power = book.fractions["power"]
    P = book.readable("power")
    if sigma == power / book.alphabet.fraction(T):
        letter, bottom = math("P", "P"), formula(T)
        ratio = Formula(rf"\frac{{P}}{{{bottom.latex}}}", f"P/{bottom.text}")
        equations = [Equation(math(r"\dot\Sigma", "Σ̇"), ratio, name="sigma")]
        body = fitting(P)
        if body is not None and len(body.text) <= LIMIT // 2:
            equations.append(equation(letter, P, name="power"))
    else:
        sum_ = book.readable("entropy_production")
        rows = [(math(r"\dot\Sigma", "Σ̇"), sum_, "sigma"), (math("P", "P"), P, "power")]
        equations = [equation(lhs, e, name=name) for lhs, e, name in rows if fitting(e)]
    if len(equations) < 2:
        return Step((*where, words), tuple(equations), name="equal temperatures")
    before = {n.symbol: n.expr for n in model.steady_state.names}
    changed = [n for n in book.state.names if before.get(n.symbol) != n.expr]
    used = P.free_symbols.union(
        *(n.expr.free_symbols for n in changed if n.symbol in P.free_symbols)
    )
    new = [
        equation(formula(n.symbol), n.expr, name=n.symbol.name) for n in changed if n.symbol in used
    ]
    return Step((*where, words), (*equations, *new), name="equal temperatures")


def _worker(model: Model) -> str:
    """What keeps the system from equilibrium where the baths do not."""
    names = ["drive"] * bool(model.drives) + ["coupling"] * bool(model.couplings)
    return " or the ".join(names) or "Hamiltonian"


def _without(model: Model, kind: str, names: tuple[Symbol, ...]) -> list[Step]:
    """What remains when the drives, or the couplings, are switched off."""
    if not names:
        return []
    where: list[str | Formula] = [f"Without {kind}, "]
    for k, s in enumerate(names):
        where += ([", "] if k else []) + [math(f"{formula(s).latex} = 0", f"{formula(s).text} = 0")]
    name = f"no {kind}"
    try:
        book = _special(model, lambda e: e.xreplace(dict.fromkeys(names, sympy.Integer(0))))
    except NotUnique:
        return [Step((*where, ", the steady state is not unique."), name=name)]
    except SymthermError as error:
        return [Step((*where, f": {error}"), name=name)]
    values = {k: v for k, v in book.fractions.items() if v}
    if not values:
        ending = ", all currents and the entropy production vanish identically."
        return [Step((*where, ending), verdict=Verdict.PROVED, name=name)]
    rows = [(quantity_symbol(k), book.readable(k), k) for k in values]
    if not all(fitting(e) for _, e, _ in rows):
        return [Step((*where, ", currents remain; their closed forms are long."), name=name)]
    equations = tuple(equation(symbol, e, name=k) for symbol, e, k in rows)
    return [Step((*where, ", there remain"), equations, name=name)]


def quantity_symbol(name: str) -> Formula:
    """The symbol of a ledger quantity: heat[h] as a dotted Q, and so on."""
    kind, _, rest = name.partition("[")
    label = rest.rstrip("]")
    index = indexed("x", label)
    inner, label = index.latex.removeprefix("x_"), index.text.removeprefix("x_")
    return {
        "heat": Formula(rf"\dot{{Q}}_{inner}", f"Q̇_{label}"),
        "current": Formula(rf"I_{inner}", f"I_{label}"),
        "population": Formula(rf"p_{inner}", f"p_{label}"),
        "power": Formula("P", "P"),
        "entropy_production": Formula(r"\dot\Sigma", "Σ̇"),
        "efficiency": Formula(r"\eta", "η"),
    }[kind]
