"""Letters: what the rates of a generator are written in before its state is solved for.

In an eigenbasis a rate is gamma (1 + delta/R)/2 or longer. With kappa for it the closed forms stay
short, and one that holds for free kappa holds for what kappa means. The converse fails: a
determinant that is nonzero for free kappa may vanish at its meaning, so it is tested there.

The same goes for a whole vocabulary, in which each thermal pair gets two letters of its own:

* ``occupations``: kappa (n + 1) down, kappa n up, and (1 - f), f with a lead;
* ``temperatures``: the same, without names for n and f;
* ``boltzmann``: kappa/(1 - x) down, kappa x/(1 - x) up, x = e^(-omega/T); with a lead (1 + x);
* ``rates``: k_down and k_up;
* ``relaxation``: Gamma (1 - s) down, Gamma s up, with Gamma = kappa (2n + 1), s = n/(2n + 1), or
  Gamma = kappa, s = f with a lead.

A squeezed bath has the letters N and M in every vocabulary (``squeezing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy
from sympy import Expr, Symbol

from symtherm.baths.bath import Jump, ThermalPair
from symtherm.dynamics.amplitudes import zeros
from symtherm.dynamics.couplings import independent_couplings, is_composite
from symtherm.dynamics.generator import Dissipator, Generator
from symtherm.dynamics.squeezing import SqueezedPair, squeezed_pair
from symtherm.errors import BadExpression
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.quantum.operator import Operator

__all__ = ["VOCABULARIES", "Letter", "lettered", "member"]

VOCABULARIES = ("occupations", "boltzmann", "temperatures", "rates", "relaxation")


@dataclass(frozen=True, slots=True)
class Letter:
    """``symbol`` stands for ``expr``, which may use earlier letters; ``explicit`` uses none."""

    symbol: Symbol
    expr: Expr
    explicit: Expr
    meaning: str
    kind: str  # weight, coupling, exponent, occupation, letter, squeezing, variance
    unit: bool = False  # whether it lies between 0 and 1


def member(label: str, index: int) -> str:
    """What tells several quantities of one bath apart: h1, h2, but 1a, 1b."""
    return "abcdefghijklmnopqrstuvwxyz"[index % 26] if label[-1:].isdigit() else str(index + 1)


@dataclass(slots=True)
class _Names:
    """Hands out symbols that nothing else uses."""

    taken: set[str]

    def fresh(self, name: str) -> Symbol:
        while name in self.taken:
            name += "'"
        self.taken.add(name)
        return Symbol(name, positive=True)


def lettered(
    generator: Generator, vocabulary: str = "occupations", couplings: bool = True
) -> tuple[Generator, tuple[Letter, ...]]:
    """The generator written in a vocabulary, and what the letters mean.

    Composite rates, and ``couplings`` if asked for, are named in every vocabulary. A rate that is
    not visibly positive keeps its form. Raises BadExpression for a vocabulary that does not exist.

    >>> from symtherm import ThermalBath, gkls, parameters, sigmam, sigmaz
    >>> w, a, b, T = parameters("omega a b T")
    >>> bath = ThermalBath("h", T)
    >>> L = gkls(w * sigmaz(), [bath.jumps(sigmam(), frequency=w, rate=a / (a + b))])
    >>> for x in lettered(L, "relaxation")[1]:
    ...     print(x.symbol, "=", x.expr)
    kappa_h = a/(a + b)
    n_h = 1/(exp(omega/T) - 1)
    Gamma_h = kappa_h*(2*n_h + 1)
    s_h = n_h/(2*n_h + 1)
    """
    if vocabulary not in VOCABULARIES:
        raise BadExpression(
            f"The vocabulary {vocabulary!r}",
            found="none of that name",
            advice="use " + ", ".join(VOCABULARIES),
        )
    names = _Names({s.name for s in generator.free_symbols})
    given = generator
    generator, squeezed = _squeezed(generator, names)
    found, table = _weights(generator, names)
    found += squeezed
    ratios, amplitudes = _amplitudes(generator, names, table)
    if ratios:
        found += ratios
        generator = _with_amplitudes(generator, amplitudes)
    if couplings and (named := _couplings(given, names)):
        found += named[0]
        H = generator.hamiltonian.apply(lambda v: named[1].get(v, v))
        generator = replace(generator, hamiltonian=H)
    if vocabulary in ("occupations", "temperatures"):
        dissipators = tuple(_with_rates(d, table) for d in generator.dissipators)
    else:
        letters, replaced = _pair_letters(generator, vocabulary, names, table)
        found += letters
        dissipators = tuple(_with_letters(d, table, replaced) for d in generator.dissipators)
    if not found:
        return generator, ()
    below_one = tuple(1 - x.symbol for x in found if x.unit)
    positive = (*generator.positive, *below_one)
    return replace(generator, dissipators=dissipators, positive=positive), tuple(found)


def _squeezed(generator: Generator, names: _Names) -> tuple[Generator, list[Letter]]:
    """The generator with squeezed baths written in N and M, and these letters."""
    found: list[Letter] = []
    dissipators = []
    for d in generator.dissipators:
        plain = d.jumps[2 * len(d.pairs) :]
        pairs = dict[int, SqueezedPair]()
        for k in range(len(plain) - 1):
            pair = None if k - 1 in pairs else squeezed_pair(plain[k], plain[k + 1])
            if pair is not None:
                pairs[k] = pair
        jumps = [*d.jumps[: 2 * len(d.pairs)]]
        for k, jump in enumerate(plain):
            if k in pairs:
                suffix = member(d.label, [*pairs].index(k)) if len(pairs) > 1 else ""
                gamma = pairs[k].gamma
                if is_composite(gamma):
                    symbol = names.fresh(f"kappa_{d.label}{suffix}")
                    found.append(Letter(symbol, gamma, gamma, f"rate of bath {d.label}", "weight"))
                    gamma = symbol
                letters = _squeezed_letters(pairs[k], d.label, suffix, names)
                found += letters
                jumps += pairs[k].jumps(jump, gamma, letters[1].symbol, letters[2].symbol)
            elif k - 1 not in pairs:
                jumps.append(jump)
        dissipators.append(replace(d, jumps=tuple(jumps)))
    return (replace(generator, dissipators=tuple(dissipators)) if found else generator), found


def _squeezed_letters(pair: SqueezedPair, label: str, suffix: str, names: _Names) -> list[Letter]:
    n, N, M, S = (names.fresh(f"{x}_{label}{suffix}") for x in "nNMS")
    where = f"squeezed bath {label}"
    return [
        Letter(n, pair.n, pair.n, f"occupation of {where} without its squeezing", "occupation"),
        Letter(N, pair.quanta(n), pair.quanta(pair.n), f"quanta in {where}", "squeezing"),
        Letter(M, pair.anomalous(n), pair.anomalous(pair.n), f"|<bb>| in {where}", "squeezing"),
        Letter(S, pair.variance(n), pair.variance(pair.n), f"variance in {where}", "variance"),
    ]


def _weights(generator: Generator, names: _Names) -> tuple[list[Letter], dict[Expr, Expr]]:
    """A letter kappa for each composite rate."""
    composite: dict[Expr, str] = {}
    numbers: dict[str, int] = {}
    for d in generator.dissipators:
        plain = [j.rate for j in d.jumps[2 * len(d.pairs) :]]
        for rate in dict.fromkeys([p.rate for p in d.pairs] + plain):
            if rate not in composite and is_composite(rate):
                composite[rate] = d.label
                numbers[d.label] = numbers.get(d.label, 0) + 1
    found: list[Letter] = []
    table: dict[Expr, Expr] = {}
    if composite:
        space = alphabet(composite, positive=generator.positive)
        used: dict[str, int] = {}
        for rate, label in composite.items():
            if not _is_positive(space, rate, generator):
                continue
            suffix = member(label, used.get(label, 0)) if numbers[label] > 1 else ""
            used[label] = used.get(label, 0) + 1
            symbol = names.fresh(f"kappa_{label}{suffix}")
            table[rate] = symbol
            found.append(Letter(symbol, rate, rate, f"rate of bath {label}", "weight"))
    return found, table


def _is_positive(space: Alphabet, rate: Expr, generator: Generator) -> bool:
    """Whether a rate is positive for all declared values but those that the generator excludes.

    One that may vanish keeps its form, so that what holds where it vanishes is not lost.
    """
    value = space.fraction(rate)
    if space.fraction_sign(value) == 1:
        return True
    excluded = {e for c in generator.conditions for e in (c, -c)}
    return (
        bool(excluded)
        and space.fraction_sign(value, weak=True) == 1
        and excluded.issuperset(zeros(rate, generator.positive))
    )


def _amplitudes(
    generator: Generator, names: _Names, table: dict[Expr, Expr]
) -> tuple[list[Letter], dict[Expr, Expr]]:
    """A real letter for each ratio of amplitudes with a root of symbols, in jumps of named rates.

    The secular operator of a coupling is A(omega) = v (E_1 + r E_2 + ...), of the rate |v|^2; v and
    r are those of the eigenbasis, where r holds the same roots as the rate.
    """
    known = list(table)
    ratios: dict[Expr, str] = {}
    for d in generator.dissipators:
        plain = d.jumps[2 * len(d.pairs) :]
        operators = [p.operator for p in d.pairs if p.rate in table]
        operators += [j.operator for j in plain if j.rate in table]
        for v in (v for L in operators for _, _, v in L.data):
            if v not in table and _has_root(v) and _is_real(v):
                ratios.setdefault(v, d.label)
    if not ratios:
        return [], {}
    space = alphabet([*known, *ratios], positive=generator.positive)
    opposite: dict[Expr, Expr] = {}
    found: list[Letter] = []
    several = {l for l in ratios.values() if list(ratios.values()).count(l) > 1}
    used: dict[str, int] = {}
    for v, label in ratios.items():
        twin = next((w for w in opposite if not space.fraction(v) + space.fraction(w)), None)
        if twin is not None:
            opposite[v] = -opposite[twin]
            continue
        suffix = member(label, used.get(label, 0)) if label in several else ""
        used[label] = used.get(label, 0) + 1
        symbol = Symbol(names.fresh(f"r_{label}{suffix}").name, real=True)
        opposite[v] = symbol
        found.append(Letter(symbol, v, v, f"ratio of amplitudes, bath {label}", "weight"))
    return found, opposite


def _couplings(generator: Generator, names: _Names) -> tuple[list[Letter], dict[Expr, Expr]] | None:
    """Letters of the couplings that are independent of all else, and what H has with them."""
    groups = independent_couplings(generator)
    if not groups:
        return None
    space = alphabet([v for v, _ in groups], positive=generator.positive)
    found: list[Letter] = []
    table: dict[Expr, Expr] = {}
    for k, (value, entries) in enumerate(groups, start=1):
        name = names.fresh("V" if len(groups) == 1 else f"V_{k}").name
        sign = space.fraction_sign(space.fraction(value))
        symbol = Symbol(name, positive=True) if sign else Symbol(name, real=True)
        shown = -value if sign == -1 else value
        found.append(Letter(symbol, shown, shown, "coupling", "coupling"))
        table |= {v: factor * symbol * (sign or 1) for v, factor in entries.items()}
    return found, table


def _is_real(value: Expr) -> bool:
    """Whether a rational expression in real symbols and real roots, where it is defined."""
    if value.is_Pow and not value.exp.is_Integer:
        return bool(value.is_extended_real)
    return bool(value.is_extended_real) if not value.args else all(map(_is_real, value.args))


def _has_root(value: Expr) -> bool:
    return any(p.free_symbols and not p.exp.is_Integer for p in value.atoms(sympy.Pow))


def _with_amplitudes(generator: Generator, table: dict[Expr, Expr]) -> Generator:
    def put(operator: Operator) -> Operator:
        return operator.apply(lambda v: table.get(v, v))

    def named(d: Dissipator) -> Dissipator:
        pairs = tuple(replace(p, operator=put(p.operator)) for p in d.pairs)
        thermal = (j for p in pairs for j in (p.down, p.up))
        plain = (replace(j, operator=put(j.operator)) for j in d.jumps[2 * len(d.pairs) :])
        return replace(d, jumps=(*thermal, *plain), pairs=pairs)

    return replace(generator, dissipators=tuple(map(named, generator.dissipators)))


def _key(pair: ThermalPair) -> tuple[str, Expr, Expr]:
    return pair.bath.label, pair.rate, pair.exponent


def _pair_letters(
    generator: Generator, vocabulary: str, names: _Names, table: dict[Expr, Expr]
) -> tuple[list[Letter], dict[tuple[str, Expr, Expr], tuple[Expr, Expr]]]:
    """Letters for every thermal pair, and its two rates written with them."""
    keys: dict[str, list[ThermalPair]] = {}
    frequencies: dict[str, list[Expr]] = {}
    for p in generator.pairs:
        known = keys.setdefault(p.bath.label, [])
        if all(_key(q) != _key(p) for q in known):
            known.append(p)
        seen = frequencies.setdefault(p.bath.label, [])
        if p.frequency not in seen:
            seen.append(p.frequency)
    found: list[Letter] = []
    occupations: dict[tuple[str, Expr], Letter] = {}
    replaced: dict[tuple[str, Expr, Expr], tuple[Expr, Expr]] = {}
    for label, pairs in keys.items():
        for index, p in enumerate(pairs):
            suffix = label + (member(label, index) if len(pairs) > 1 else "")
            first = None
            if vocabulary != "boltzmann" and (label, p.exponent) not in occupations:
                several = frequencies[label]
                which = member(label, several.index(p.frequency)) if len(several) > 1 else ""
                first = _occupation(p, names.fresh(_stem(p) + f"_{label}{which}"))
                occupations[label, p.exponent] = first
                found.append(first)
            n = occupations.get((label, p.exponent))
            letters, rates = _two_letters(
                p, vocabulary, suffix, names, table.get(p.rate, p.rate), n.symbol if n else None
            )
            found += letters
            replaced[_key(p)] = rates
    return found, replaced


def _where(pair: ThermalPair) -> str:
    return f"bath {pair.bath.label} at {pair.frequency}"


def _stem(pair: ThermalPair) -> str:
    return "n" if pair.bath.statistics == "bose" else "f"


def _occupation(pair: ThermalPair, symbol: Symbol) -> Letter:
    n, fermi = pair.occupation, pair.bath.statistics == "fermi"
    return Letter(symbol, n, n, f"occupation of {_where(pair)}", "occupation", fermi)


def _two_letters(
    pair: ThermalPair,
    vocabulary: str,
    suffix: str,
    names: _Names,
    kappa: Expr,
    occupation: Symbol | None,
) -> tuple[list[Letter], tuple[Expr, Expr]]:
    where = _where(pair)
    bose = pair.bath.statistics == "bose"
    down, up, n = pair.down.rate, pair.up.rate, pair.occupation
    if occupation is None:
        x = names.fresh(f"x_{suffix}")
        meaning = sympy.exp(-pair.exponent)
        letter = Letter(x, meaning, meaning, f"Boltzmann factor of {where}", "letter", bose)
        below = 1 - x if bose else 1 + x
        return [letter], (kappa / below, kappa * x / below)
    if vocabulary == "rates":
        b, a = names.fresh(f"k_{suffix}-"), names.fresh(f"k_{suffix}+")
        factor = 1 + occupation if bose else 1 - occupation
        return [
            Letter(b, kappa * factor, down, f"emission rate of {where}", "letter"),
            Letter(a, kappa * occupation, up, f"absorption rate of {where}", "letter"),
        ], (b, a)
    if not bose:
        return [], (kappa * (1 - occupation), kappa * occupation)
    rate, s = names.fresh(f"Gamma_{suffix}"), names.fresh(f"s_{suffix}")
    what = f"excited population in equilibrium with {where}"
    total, shown = pair.rate * (2 * n + 1), kappa * (2 * occupation + 1)
    settled, short = n / (2 * n + 1), occupation / (2 * occupation + 1)
    return [
        Letter(rate, shown, total, f"relaxation rate of {where}", "letter"),
        Letter(s, short, settled, what, "letter", True),
    ], (rate * (1 - s), rate * s)


def _with_rates(d: Dissipator, table: dict[Expr, Expr]) -> Dissipator:
    pairs = tuple(replace(p, rate=table.get(p.rate, p.rate)) for p in d.pairs)
    thermal = tuple(j for p in pairs for j in (p.down, p.up))
    return replace(d, jumps=(*thermal, *_plain(d, table)), pairs=pairs)


def _with_letters(
    d: Dissipator,
    table: dict[Expr, Expr],
    replaced: dict[tuple[str, Expr, Expr], tuple[Expr, Expr]],
) -> Dissipator:
    """The jumps at their letters. Without pairs: their occupations are not atoms any more."""
    jumps: list[Jump] = []
    for p in d.pairs:
        down, up = replaced[_key(p)]
        jumps += [replace(p.down, rate=down), replace(p.up, rate=up)]
    return replace(d, jumps=(*jumps, *_plain(d, table)), pairs=())


def _plain(d: Dissipator, table: dict[Expr, Expr]) -> Sequence[Jump]:
    return [replace(j, rate=table.get(j.rate, j.rate)) for j in d.jumps[2 * len(d.pairs) :]]
