"""Generators in GKLS form from any jump operators and rates, and from thermal pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import sympy
from sympy import Expr, StrictGreaterThan, StrictLessThan

from symtherm.baths.bath import Bath, Jump, ThermalPair
from symtherm.dynamics.generator import Dissipator, Generator, Trait
from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    NotSquare,
    UndeclaredSign,
    WrongArgument,
    kind_of,
    require,
)
from symtherm.exact.alphabet import alphabet
from symtherm.exact.complex import pair
from symtherm.exact.scalar import order_text, scalar
from symtherm.quantum.operator import Operator, merged
from symtherm.quantum.state import require_hermitian, require_operator

__all__ = ["gkls"]


_DISSIPATORS = "give a list of bath.jumps(...), (operator, rate), or collapse operators"


def _flatten(items: Any) -> Iterable[Jump | ThermalPair]:
    if isinstance(items, (str, Mapping)) or not isinstance(items, Iterable):
        raise WrongArgument(
            "The dissipators of a generator are a list", found=kind_of(items), advice=_DISSIPATORS
        )
    for item in items:
        if isinstance(item, (Jump, ThermalPair)):
            yield item
        elif isinstance(item, Operator):
            yield Jump(item, sympy.Integer(1))
        elif isinstance(item, tuple) and len(item) in (2, 3) and isinstance(item[0], Operator):
            for label in item[2:]:
                require(
                    label, str, "The label of a dissipator is text", 'write (operator, rate, "d")'
                )
            yield Jump(item[0], scalar(item[1], "The rate of a jump"), *item[2:])
        elif isinstance(item, (list, tuple)):
            yield from _flatten(item)
        else:
            raise BadExpression(
                "A dissipator",
                found=kind_of(item),
                advice="give bath.jumps(...), not the bath itself"
                if isinstance(item, Bath)
                else _DISSIPATORS,
            )


def _orders(positive: Any) -> tuple[Expr, ...]:
    """Expressions declared positive; a relation a > b counts as a - b."""
    found = []
    for item in positive if isinstance(positive, (list, tuple)) else [positive]:
        if isinstance(item, (StrictGreaterThan, StrictLessThan)):
            item = item.gts - item.lts
        found.append(scalar(item, "What positive=[...] declares"))
    return tuple(found)


def _sign(space: Any, expr: Expr, weak: bool) -> int | None:
    """The sign of an expression, or that of its factors: a product hides those with roots."""
    sign: int | None = space.fraction_sign(space.fraction(expr), weak=weak)
    if sign is None and expr.is_Mul and not expr.has(sympy.I):
        signs = [space.fraction_sign(space.fraction(e), weak=weak) for e in expr.args]
        sign = None if None in signs else prod(signs)
    return sign


def _require_sign(space: Any, expr: Expr, what: str, strict: bool) -> None:
    if expr.has(sympy.I) and pair(space, expr)[1]:
        raise UndeclaredSign(
            f"{what} {expr} must be {'positive' if strict else 'nonnegative'}",
            found="a complex number",
            advice="I, as in v*exp(I*phi) with v and phi real, belongs into operators only",
        )
    sign = _sign(space, expr, weak=not strict)
    if sign == 1 or (sign == 0 and not strict):
        return
    if sign is None:
        advice = "declare its symbols with parameters(...)"
        if expr.is_Add:
            advice += f", or {order_text(expr)} with positive=[{expr}]"
    else:
        advice = "give a positive one" if strict else "give one that is positive or zero"
    raise UndeclaredSign(
        f"{what} {expr} must be {'positive' if strict else 'nonnegative'}",
        found="it vanishes" if sign == 0 else "a negative value" if sign else "no declared sign",
        advice=advice,
    )


def _radicands(exprs: Sequence[Expr], positive: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Radicands without a declared sign: a Hermitian sqrt(Delta) says Delta > 0.

    Without this the model would be real only where no theorem asks for it. Nested roots (those of
    eigenvectors, which are sums of squares) are left alone.
    """
    roots = {e for x in exprs for e in x.atoms(sympy.Pow) if e.exp.is_Rational and e.exp.q == 2}
    found = []
    for radicand in sorted({e.base for e in roots}, key=str):
        nested = any(p.exp.is_Rational and p.exp.q == 2 for p in radicand.atoms(sympy.Pow))
        if nested or radicand.has(sympy.I):
            continue
        # In an alphabet with the root itself the radicand is a square.
        space = alphabet([radicand], positive=positive)
        if _sign(space, radicand, weak=True) is None:
            found.append(radicand)
    return tuple(found)


def gkls(
    hamiltonian: Operator, dissipators: Sequence[Any] = (), *, positive: Sequence[Expr] = ()
) -> Generator:
    """L(rho) = -i[H, rho] + sum_k r_k (L_k rho L_k^+ - (1/2){L_k^+ L_k, rho}), hbar = 1.

    ``dissipators`` holds thermal pairs (``bath.jumps(...)``), pairs ``(operator, rate)`` or triples
    ``(operator, rate, label)``, and plain collapse operators (rate 1). Jumps of one label form one
    dissipator. ``positive`` declares expressions such as ``omega_h - omega_c`` positive; a relation
    ``omega_h > omega_c`` says the same, and so does a square root: sqrt(Delta) declares Delta > 0.

    Traits proved here: TRACE_PRESERVING by the form; GKLS from H = H^+ and the signs of the rates;
    KMS from the rates of the thermal pairs (their ratio is e^x in normal form).

    Raises WrongArgument, NotHermitian, NotSquare, DimensionMismatch, and UndeclaredSign when the
    sign of a rate or of a bosonic frequency cannot be read off the declared signs.

    >>> from symtherm.exact.alphabet import parameters
    >>> from symtherm.quantum.standard import sigmam, sigmaz
    >>> omega, gamma = parameters("omega gamma")
    >>> L = gkls(omega / 2 * sigmaz(), [(sigmam(), gamma)])
    >>> sorted(t.name for t in L.traits)
    ['GKLS', 'KMS', 'TRACE_PRESERVING']
    """
    require_operator(hamiltonian, "The Hamiltonian")
    positive = _orders(positive)
    if not hamiltonian.isoper:
        raise NotSquare(f"A Hamiltonian of shape {hamiltonian.shape}", advice="give an operator")
    items = list(_flatten(dissipators))
    for item in items:
        require_operator(item.operator, "The operator of a jump")
        if item.operator.dims != hamiltonian.dims:
            raise DimensionMismatch(
                f"The jump operator {item.operator}",
                found=f"dimensions {item.operator.dims}, the Hamiltonian has {hamiltonian.dims}",
                advice="use tensor(..., qeye(n)) to act on one factor",
            )
    require_hermitian(hamiltonian, "The Hamiltonian")
    for item in items:
        merged(hamiltonian.space, item.operator.space, "generator")
    groups: dict[str, list[Jump | ThermalPair]] = {}
    loose = 0
    for item in items:
        label = item.bath.label if isinstance(item, ThermalPair) else item.label
        if not label:
            loose += 1
            label = str(loose)
        groups.setdefault(label, []).append(item)
    parts = []
    for label, members in groups.items():
        pairs = tuple(m for m in members if isinstance(m, ThermalPair))
        plain = tuple(
            Jump(m.operator, m.rate, label, m.bath) for m in members if isinstance(m, Jump)
        )
        owners = list(dict.fromkeys(m.bath for m in members))
        baths = [b for b in owners if b is not None]
        if len(owners) > 1:
            raise BadExpression(
                f"The dissipator {label!r}",
                found="several baths, or a bath and jumps without one, under one label",
                advice="give every bath and every other dissipator a label of its own",
            )
        jumps = tuple(j for p in pairs for j in (p.down, p.up)) + plain
        parts.append(Dissipator(label, jumps, baths[0] if baths else None, pairs))
    result = Generator(hamiltonian, tuple(parts), positive=tuple(positive))
    space = alphabet(result.expressions, positive=positive)
    meant = _radicands(result.expressions, positive)
    if meant:
        positive = (*positive, *meant)
        result = replace(result, positive=positive)
        space = alphabet(result.expressions, positive=positive)
    for d in parts:
        if d.bath is not None:
            _require_sign(space, d.bath.T, "The temperature", strict=True)
        for p in d.pairs:
            if p.bath.statistics == "bose":
                _require_sign(space, p.frequency, "The frequency", strict=True)
            _require_sign(space, p.rate, "The rate", strict=False)
        for j in d.jumps[2 * len(d.pairs) :]:
            _require_sign(space, j.rate, "The rate", strict=False)
    traits = {Trait.TRACE_PRESERVING, Trait.GKLS}
    if all(_kms_residual(space, p) for p in result.pairs):
        traits.add(Trait.KMS)
    return Generator(
        hamiltonian, tuple(parts), frozenset(traits), tuple(positive), result.conditions
    )


def _kms_residual(space: Any, pair: ThermalPair) -> bool:
    """Whether down = e^x up is the exact zero in normal form."""
    ratio = space.fraction(sympy.exp(pair.exponent))
    residual = space.fraction(pair.down.rate) - ratio * space.fraction(pair.up.rate)
    return bool(residual.is_zero)
