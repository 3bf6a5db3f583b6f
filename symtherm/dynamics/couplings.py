"""Letters for couplings such as sqrt(2) g + h/(1 + a), which only their own symbols tell apart.

A matrix element of H that holds a symbol which occurs nowhere else in the generator is independent
of all other entries: as a letter V it is a free parameter, what vanishes identically in V vanishes
identically, and the other way round. With V the steady state has no roots or denominators of it.
"""

from __future__ import annotations

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator
from symtherm.exact.alphabet import alphabet

__all__ = ["independent_couplings", "is_composite"]

# In larger Hamiltonians the entries are not compared with one another.
ENTRIES = 12


def is_composite(value: Expr) -> bool:
    """Whether a root, or a sum in a denominator, occurs outside exponentials.

    A polynomial such as gamma (n + 1) is left alone: its name would hide cancellations.

    >>> a, b = sympy.symbols("a b", positive=True)
    >>> is_composite(a / (a + b)), is_composite(sympy.sqrt(2) * a), is_composite(a * (b + 1))
    (True, True, False)
    """
    if isinstance(value, sympy.exp) or not value.args:
        return False
    if value.is_Pow and (not value.exp.is_Integer or (value.exp.is_negative and value.base.is_Add)):
        return True
    return any(is_composite(a) for a in value.args)


def independent_couplings(generator: Generator) -> list[tuple[Expr, dict[Expr, Expr]]]:
    """Composite real couplings with a symbol of their own: (v, entries as multiples of v).

    The multiples are rational: the entries 2 v and -v of H are 2 and -1.

    >>> from symtherm import gkls, parameters, sigmam, sigmax
    >>> g, h, a, k = parameters("g h a kappa")
    >>> L = gkls((sympy.sqrt(2) * g + h / (1 + a)) * sigmax(), [(sigmam(), k)])
    >>> independent_couplings(L)
    [(sqrt(2)*g + h/(a + 1), {sqrt(2)*g + h/(a + 1): 1})]
    >>> independent_couplings(gkls(g / (1 + k) * sigmax(), [(sigmam(), g * k)]))
    []
    """
    entries = generator.hamiltonian.entries
    above = list(dict.fromkeys(v for (i, j), v in entries.items() if i < j))
    if len(above) > ENTRIES or not any(map(is_composite, above)):
        return []
    elsewhere = set().union(
        *(v.free_symbols for (i, j), v in entries.items() if i == j),
        *(e.free_symbols for e in (*generator.positive, *generator.conditions)),
        *(j.operator.free_symbols | j.rate.free_symbols for j in generator.jumps),
        *(p.frequency.free_symbols | p.bath.T.free_symbols for p in generator.pairs),
    )
    groups: list[dict[Expr, Expr]] = []
    space = alphabet(above, positive=generator.positive)
    for v in above:
        if not v.free_symbols or v.has(sympy.I) or not v.is_extended_real:
            elsewhere |= v.free_symbols
            continue
        for group in groups:
            ratio = space.fraction(v) / space.fraction(next(iter(group)))
            if ratio.is_constant:
                group[v] = space.poly_expr(ratio.num) / space.poly_expr(ratio.den)
                break
        else:
            groups.append({v: sympy.Integer(1)})
    found = []
    for group in groups:
        first = next(iter(group))
        others = set().union(*(next(iter(g)).free_symbols for g in groups if g is not group))
        if is_composite(first) and first.free_symbols - others - elsewhere:
            found.append((first, group))
    return found
