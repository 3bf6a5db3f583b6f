"""Rates as letters: composite rates are named before the state is solved for.

In an eigenbasis a rate is gamma (1 + delta/R)/2 or longer. With kappa for it the closed forms stay
short, and one that holds for free kappa holds for what kappa means. The converse fails: a
determinant that is nonzero for free kappa may vanish at its meaning, so it is tested there.
"""

from __future__ import annotations

from dataclasses import replace

import sympy
from sympy import Expr, Symbol

from symtherm.baths.bath import Jump
from symtherm.dynamics.generator import Dissipator, Generator
from symtherm.exact.alphabet import alphabet

__all__ = ["NamedRate", "member", "name_rates"]

NamedRate = tuple[Symbol, Expr, str]


def member(label: str, index: int) -> str:
    """What tells several quantities of one bath apart: h1, h2, but 1a, 1b."""
    return "abcdefghijklmnopqrstuvwxyz"[index % 26] if label[-1:].isdigit() else str(index + 1)


def _is_composite(rate: Expr) -> bool:
    """Whether a root or a sum occurs outside exponentials."""
    if isinstance(rate, sympy.exp) or not rate.args:
        return False
    if rate.is_Add or (rate.is_Pow and not rate.exp.is_Integer):
        return True
    return any(_is_composite(a) for a in rate.args)


def name_rates(generator: Generator) -> tuple[Generator, tuple[NamedRate, ...]]:
    """The generator with a positive symbol for each composite rate, and what the symbols mean.

    A rate that is not visibly positive, or that vanishes somewhere, keeps its form.

    >>> from symtherm import ThermalBath, gkls, parameters, sigmam, sigmaz
    >>> w, a, b, T = parameters("omega a b T")
    >>> L = gkls(w * sigmaz(), [ThermalBath("h", T).jumps(sigmam(), frequency=w, rate=a * (a + b))])
    >>> [(str(s), str(e)) for s, e, _ in name_rates(L)[1]]
    [('kappa_h', 'a*(a + b)')]
    """
    composite: dict[Expr, str] = {}
    numbers: dict[str, int] = {}
    for d in generator.dissipators:
        plain = [j.rate for j in d.jumps[2 * len(d.pairs) :]]
        for rate in dict.fromkeys([p.rate for p in d.pairs] + plain):
            if rate not in composite and _is_composite(rate):
                composite[rate] = d.label
                numbers[d.label] = numbers.get(d.label, 0) + 1
    if not composite:
        return generator, ()
    space = alphabet(composite, positive=generator.positive)
    taken = {s.name for s in generator.free_symbols}
    used: dict[str, int] = {}
    table: dict[Expr, Symbol] = {}
    for rate, label in composite.items():
        if space.fraction_sign(space.fraction(rate)) != 1:
            continue
        suffix = member(label, used.get(label, 0)) if numbers[label] > 1 else ""
        used[label] = used.get(label, 0) + 1
        name = f"kappa_{label}{suffix}"
        while name in taken:
            name += "'"
        taken.add(name)
        table[rate] = Symbol(name, positive=True)
    names = tuple((s, rate, f"rate of bath {composite[rate]}") for rate, s in table.items())
    dissipators = tuple(_with_rates(d, table) for d in generator.dissipators)
    return replace(generator, dissipators=dissipators), names


def _with_rates(d: Dissipator, table: dict[Expr, Symbol]) -> Dissipator:
    pairs = tuple(replace(p, rate=table.get(p.rate, p.rate)) for p in d.pairs)
    plain: tuple[Jump, ...] = tuple(
        replace(j, rate=table.get(j.rate, j.rate)) for j in d.jumps[2 * len(pairs) :]
    )
    thermal = tuple(j for p in pairs for j in (p.down, p.up))
    return replace(d, jumps=(*thermal, *plain), pairs=pairs)
