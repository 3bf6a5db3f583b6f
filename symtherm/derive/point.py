"""An ordinary point of a model, chosen where the model names none, and what happens there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

import sympy
from sympy import Rational, Symbol

from symtherm.baths.bath import Bath
from symtherm.errors import OutOfDomain, SymthermError
from symtherm.thermo.model import Model

__all__ = ["regime", "required_point", "sample_point"]

TRIALS = 2000
WISHES = 60  # as many points are asked to have the hot bath hotter and to do work
HOT, COLD = ("h", "hot"), ("c", "cold")


def sample_point(model: Model) -> Mapping[Symbol, Rational]:
    """The model's own point, completed by ordinary values where it gives none; {} if none is found.

    Temperatures are distinct, the bath labelled hot (or named as heat source) the hottest and the
    one labelled cold the coldest; rates and couplings are small against the frequencies. The first
    of a fixed series of points that lies in the domain is taken, preferably one at which a model
    with a single heat source works as an engine.

    >>> from symtherm import model
    >>> sample_point(model("qubit")) == model("qubit").point
    True
    """
    if all(s in model.point for s in model.parameters):
        return model.point
    works = _works(model)
    spare: Mapping[Symbol, Rational] = {}
    unranked: Mapping[Symbol, Rational] = {}
    random = Random(5)
    for trial in range(TRIALS):
        if trial > WISHES and (spare or unranked):
            break
        point = _candidate(model, random if trial else None)
        if not _in_domain(model, point):
            continue
        if not _ranked(model, point):  # such as a bath called hot at a temperature given as cold
            unranked = unranked or point
        elif works is None or works(point):
            return point
        else:
            spare = spare or point
    return spare or unranked


def required_point(model: Model) -> Mapping[Symbol, Rational]:
    """The sample point of a model; raises OutOfDomain where none is found."""
    point = sample_point(model)
    if not point and model.parameters:
        raise OutOfDomain(
            f"A sample point of {model.name}, to compare its numbers at",
            found=f"none of {TRIALS} points tried keeps the declared orders",
            advice="give one: [point] in a model file, point= in Python",
        )
    return point


def _works(model: Model) -> Callable[[Mapping[Symbol, Rational]], bool] | None:
    """Whether a model with one heat source does work at a point; None where it never does."""
    book = model.ledger
    if len(model.hot) != 1 or book.vanishes("power"):
        return None
    return lambda point: book.enclose(point, 5, ["power"])["power"].sign == -1


def _candidate(model: Model, random: Random | None) -> dict[Symbol, Rational]:
    """Values by the part that a symbol plays; shuffled, and at last arbitrary, with ``random``."""
    point = {s: model.point[s] for s in model.parameters if s in model.point}
    ordered = [b.T for b in sorted(model.generator.baths, key=lambda b: _rank(model, b))]
    temperatures = [Rational(2) ** k for k in range(len(ordered))]
    if len(ordered) == 2:
        temperatures = [Rational(1), Rational(4)]
    for T, value in zip(ordered, temperatures, strict=True):
        if T.is_Symbol:
            point.setdefault(T, value)
    series: list[tuple[Sequence[sympy.Expr], list[Rational]]] = [
        ([b.mu for b in model.generator.baths], _steps(Rational(1, 2), Rational(-1, 5))),
        ([p.frequency for p in model.generator.pairs], _steps(Rational(1), Rational(1, 2))),
        ([v for _, _, v in model.energy.data], _steps(Rational(1), Rational(1, 2))),
        (_rates(model), _steps(Rational(1, 10), Rational(1, 20))),
        (
            [v for i, j, v in model.generator.hamiltonian.data if i != j],
            _steps(Rational(1, 5), Rational(1, 10)),
        ),
        ([v for _, _, v in model.generator.hamiltonian.data], _steps(Rational(1, 20))),
        (list(model.parameters), _steps(Rational(1, 2), Rational(1, 4))),
    ]
    for exprs, values in series:
        names = set().union(*(e.free_symbols for e in exprs)) if exprs else set()
        open_names = [s for s in model.parameters if s in names and s not in point]
        chosen = values[: len(open_names)]
        if random is not None:
            random.shuffle(chosen)
            if random.random() < 0.3:
                chosen = [v * Rational(random.randint(1, 12), 4) for v in chosen]
        point |= dict(zip(open_names, chosen, strict=True))
    return {s: point[s] for s in model.parameters}


def _steps(start: Rational, step: Rational | None = None) -> list[Rational]:
    return [start + k * (start if step is None else step) for k in range(200)]


def _rates(model: Model) -> list[sympy.Expr]:
    rates = [p.rate for p in model.generator.pairs]
    loose = [j for d in model.generator.dissipators for j in d.jumps[2 * len(d.pairs) :]]
    return rates + [j.rate for j in loose]


def _rank(model: Model, bath: Bath) -> tuple[int, int]:
    """Cold baths first, hot ones last; between equals the one listed first is the hotter."""
    names = {bath.label.lower(), str(bath.T).lower().removeprefix("t_")}
    hot = bool(names & set(HOT)) or list(model.hot) == [bath.label]
    cold = bool(names & set(COLD))
    return hot - cold, -model.generator.baths.index(bath)


def _in_domain(model: Model, point: Mapping[Symbol, Rational]) -> bool:
    from symtherm.reference import check_point

    try:
        check_point(model.generator, dict(point))
    except SymthermError:
        return False
    return True


def _ranked(model: Model, point: Mapping[Symbol, Rational]) -> bool:
    """Whether the temperatures stand in the order of the labels."""
    baths = sorted(model.generator.baths, key=lambda b: _rank(model, b))
    values = [b.T.xreplace(point) for b in baths]
    ranks = [_rank(model, b)[0] for b in baths]
    return all(
        low < high
        for k, low in enumerate(values)
        for m, high in enumerate(values)
        if ranks[k] < ranks[m]
    )


def regime(model: Model, point: Mapping[Symbol, Rational], values: Mapping[str, float]) -> str:
    """How the system works at a point, as a sentence; empty where there is nothing to say.

    ``values`` holds power and heats. Heat and power are positive into the system.

    >>> from symtherm import model
    >>> m = model("three-level-maser")
    >>> regime(m, m.point, {"heat[h]": 3.0, "heat[c]": -1.0, "power": -2.0})
    'It works as an engine: power is taken out.'
    """
    baths = {b.label: b.T.xreplace(point) for b in model.generator.baths}
    heats = {label: values.get(f"heat[{label}]", 0.0) for label in baths}
    power = values.get("power", 0.0)
    if not any(heats.values()) and not power:
        return "No current flows: the system is in equilibrium."
    if len(set(baths.values())) < 2:
        if power <= 0:
            return ""
        where = f" into bath {next(iter(baths))}" if len(baths) == 1 else " at one temperature"
        return f"The work done on the system is dissipated as heat{where if baths else ''}."
    hottest, coldest = max(baths, key=lambda k: baths[k]), min(baths, key=lambda k: baths[k])
    words = _mode(power, heats[hottest], heats[coldest], hottest, coldest, len(baths))
    if "efficiency" in model.quantities and power > 0 and words:
        words += " The ratio listed as efficiency is not that of an engine here."
    return words


def _mode(power: float, hot: float, cold: float, hottest: str, coldest: str, count: int) -> str:
    if power < 0:
        return "It works as an engine: power is taken out."
    if cold > 0:
        how = "by the power put in" if power > 0 else "without work, by absorption"
        return f"It works as a refrigerator: heat is taken from the coldest bath {coldest}, {how}."
    if power > 0 and hot < 0:
        return "It works as a heater: the power put in goes to the baths as heat."
    if power > 0:
        return f"It is no engine here: power is put in, and heat flows from {hottest} to {coldest}."
    if hot < 0:
        return f"It works as a heat transformer: the hottest bath {hottest} receives heat."
    return f"It conducts heat from {hottest} to {coldest}." if count == 2 else "It conducts heat."
