"""GKLS generators as data: Hamiltonian, dissipators, and the traits that were proved of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import sympy
from sympy import Expr

from symtherm.baths.bath import Bath, Jump, ThermalPair
from symtherm.errors import MissingTrait, UnknownQuantity, choices
from symtherm.exact.scalar import by_symbol
from symtherm.exact.show import shortened
from symtherm.quantum.operator import Operator, commutator
from symtherm.quantum.space import HilbertSpace
from symtherm.quantum.state import require_operator
from symtherm.quantum.superoperator import Superoperator, liouvillian

__all__ = ["Dissipator", "Generator", "Trait"]


class Trait(Enum):
    """A property of a generator. It is listed only because a function proved it."""

    TRACE_PRESERVING = "Tr L(rho) = 0, by the form of L"
    GKLS = "H is Hermitian and every rate is nonnegative, so e^{tL} is completely positive"
    KMS = "the rates of every thermal pair have the ratio e^x of its bath"
    SECULAR = "the jump operators of every bath are eigenoperators of [H_S, .]"


@dataclass(frozen=True, slots=True)
class Dissipator:
    """The jumps of one bath (or of none, such as dephasing): D(rho) = sum_k r_k D[L_k](rho)."""

    label: str
    jumps: tuple[Jump, ...]
    bath: Bath | None = None
    pairs: tuple[ThermalPair, ...] = ()

    def __repr__(self) -> str:
        kind = "no temperature" if self.bath is None else f"T = {shortened(str(self.bath.T))}"
        return f"Dissipator {self.label!r}: {kind}, {len(self.jumps)} jumps"

    @property
    def is_thermal(self) -> bool:
        """Whether a bath with a temperature drives all its jumps."""
        return self.bath is not None

    def __call__(self, rho: Operator) -> Operator:
        """D(rho)."""
        total = 0 * rho
        for jump in self.jumps:
            L, dagger = jump.operator, jump.operator.dag()
            square = dagger * L
            total = total + jump.rate * (
                L * rho * dagger - sympy.Rational(1, 2) * (square * rho + rho * square)
            )
        return total


@dataclass(frozen=True, slots=True)
class Generator:
    """L(rho) = -i[H, rho] + sum_a D_a(rho), hbar = 1.

    ``positive`` lists expressions declared positive beyond single symbols (a level order);
    ``conditions`` lists expressions that must not vanish for the generator to be valid.
    """

    hamiltonian: Operator
    dissipators: tuple[Dissipator, ...]
    traits: frozenset[Trait] = frozenset()
    positive: tuple[Expr, ...] = ()
    conditions: tuple[Expr, ...] = ()

    def __repr__(self) -> str:
        lines = [
            f"Generator on {self.space.name}, dimension {self.space.dim}",
            f"  H = {shortened(str(self.hamiltonian))}",
            *(f"  {d!r}" for d in self.dissipators),
            "  proved: " + ", ".join(sorted(t.name for t in self.traits)),
        ]
        return "\n".join(lines)

    @property
    def space(self) -> HilbertSpace:
        return self.hamiltonian.space

    @property
    def jumps(self) -> tuple[Jump, ...]:
        return tuple(j for d in self.dissipators for j in d.jumps)

    @property
    def pairs(self) -> tuple[ThermalPair, ...]:
        return tuple(p for d in self.dissipators for p in d.pairs)

    @property
    def baths(self) -> tuple[Bath, ...]:
        return tuple(d.bath for d in self.dissipators if d.bath is not None)

    def dissipator(self, label: str) -> Dissipator:
        """The dissipator of this label; raises UnknownQuantity naming those there are."""
        for d in self.dissipators:
            if d.label == label:
                return d
        raise UnknownQuantity(
            f"The dissipator {label!r}",
            found="no dissipator of this label",
            advice=choices(label, [d.label for d in self.dissipators]),
        )

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Every scalar that occurs in the generator and in its baths."""
        found: list[Expr] = [v for _, _, v in self.hamiltonian.data]
        for d in self.dissipators:
            for jump in d.jumps:
                found.append(jump.rate)
                found.extend(v for _, _, v in jump.operator.data)
            for p in d.pairs:
                found += [p.frequency, p.rate, p.occupation]
            if d.bath is not None:
                found += [d.bath.T, d.bath.mu]
        return tuple(dict.fromkeys((*found, *self.positive)))

    @property
    def free_symbols(self) -> set[Any]:
        return set().union(*(e.free_symbols for e in self.expressions))

    def __call__(self, rho: Operator) -> Operator:
        """L(rho), entry by entry."""
        require_operator(rho, "The state")
        total: Operator = -sympy.I * commutator(self.hamiltonian, rho)
        for d in self.dissipators:
            total = total + d(rho)
        return total

    def superoperator(self) -> Superoperator:
        """The column-stacked d^2 x d^2 matrix (QuTiP's order)."""
        return liouvillian(self.hamiltonian, [(j.operator, j.rate) for j in self.jumps])

    def require(self, trait: Trait, theorem: str, supplier: str) -> None:
        """Raise MissingTrait unless the trait was proved."""
        if trait not in self.traits:
            raise MissingTrait(
                f"{theorem} needs {trait.name} ({trait.value})",
                found="the generator was not proved to have it",
                advice=supplier,
            )

    def transform(self, function: Callable[[Expr], Expr]) -> Generator:
        """The generator with ``function`` applied to every scalar, and its traits proved anew."""
        from symtherm.dynamics.gkls import gkls

        parts: list[Any] = []
        for d in self.dissipators:
            bath: Any = d.bath
            if bath is not None:
                potentials = [function(bath.mu)] if bath.statistics == "fermi" else []
                bath = type(bath)(bath.label, function(bath.T), *potentials)
            parts += [
                ThermalPair(
                    bath, p.operator.apply(function), function(p.frequency), function(p.rate)
                )
                for p in d.pairs
            ]
            parts += [
                Jump(j.operator.apply(function), function(j.rate), j.label, bath)
                for j in d.jumps[2 * len(d.pairs) :]
            ]
        positive = tuple(function(e) for e in self.positive)
        result = gkls(
            self.hamiltonian.apply(function),
            parts,
            positive=[e for e in positive if not e.is_number],
        )
        return replace(result, conditions=tuple(function(c) for c in self.conditions))

    def subs(self, *args: Any) -> Generator:
        """SymPy's ``subs`` on every scalar; traits are proved anew for the result.

        A mapping may name symbols by text.
        """
        if len(args) == 1 and isinstance(args[0], Mapping):
            args = (by_symbol(args[0], self.free_symbols),)
        return self.transform(lambda e: e.subs(*args))
