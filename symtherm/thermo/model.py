"""A model: a named generator with its energy operator and all that a ledger needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Expr, Integer, Rational, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.steady import SteadyState, steady_state
from symtherm.errors import UnknownQuantity, UnknownSymbol, choices, require
from symtherm.exact.decide import all_zero
from symtherm.exact.fraction import Fraction
from symtherm.quantum.operator import Operator, commutator
from symtherm.thermo.ledger import Ledger, ledger

__all__ = ["Model"]


@dataclass(frozen=True)
class Model:
    """Hamiltonian, baths and energy operator under one name.

    ``parameters`` are in the order in which they are documented; ``number`` is the particle number
    operator, needed with leads; ``hot`` lists the labels of the baths that can be the heat source
    of an engine (the hottest of them at a point is the one that efficiencies refer to; empty where
    no efficiency is meant); ``point`` maps every parameter to an exact number, an ordinary point.

    >>> from symtherm import model
    >>> model("qubit").ledger.heat["b"]
    0
    """

    name: str
    title: str
    parameters: tuple[Symbol, ...]
    generator: Generator
    energy: Operator
    number: Operator | None = None
    hot: tuple[str, ...] = ()
    source: str = ""
    point: Mapping[Symbol, Rational] = field(default_factory=dict)

    def __post_init__(self) -> None:
        order = "write Model(name, title, parameters, generator, energy)"
        require(self.name, str, "The name of a model is text", order)
        require(self.parameters, (tuple, list), "The parameters of a model are a tuple", order)
        require(self.generator, Generator, "The generator of a model", order)
        require(self.energy, Operator, "The energy operator of a model", order)
        require(
            self.hot, (tuple, list), "The labels of the hot baths are a tuple", 'write hot=("h",)'
        )
        labels = [b.label for b in self.generator.baths]
        for label in self.hot:
            if label not in labels:
                raise UnknownQuantity(
                    f"The hot bath {label!r} of {self.name}",
                    found="no bath of this label",
                    advice=choices(label, labels),
                )
        used = self.generator.free_symbols | self.energy.free_symbols
        missing = sorted(str(s) for s in used - set(self.parameters))
        if missing:
            raise UnknownSymbol(
                f"The parameters of {self.name}",
                found="symbols that are not listed: " + ", ".join(missing),
                advice="list every symbol of the generator and of the energy",
            )

    def __repr__(self) -> str:
        lines = [
            f"Model {self.name!r}: {self.title}",
            "  parameters: " + ", ".join(p.name for p in self.parameters),
            "  baths: " + ", ".join(b.label for b in self.generator.baths),
        ]
        return "\n".join(lines)

    @cached_property
    def steady_state(self) -> SteadyState:
        return steady_state(self.generator)

    @cached_property
    def ledger(self) -> Ledger:
        return ledger(self.steady_state, energy=self.energy, number=self.number)

    @property
    def drives(self) -> tuple[Symbol, ...]:
        """Parameters of H outside E whose terms rotate: those of a drive, seen in its frame.

        With K = E - H at drives and couplings 0, H is the lab's E + V(t) in the frame of K, where
        V(t) = e^(-iKt) V e^(iKt). A term is static, a coupling, iff [K, V] = 0.
        """
        static = set(self.couplings)
        return tuple(p for p in self._outside if p not in static)

    @cached_property
    def couplings(self) -> tuple[Symbol, ...]:
        """Parameters of H outside E whose terms are static; see :attr:`drives`.

        >>> from symtherm import model
        >>> model("three-level-maser").drives, model("three-level-maser").couplings
        ((epsilon,), ())
        """
        H = self.generator.hamiltonian

        def without(names: tuple[Symbol, ...]) -> Operator:
            return H.apply(lambda e: e.xreplace(dict.fromkeys(names, Integer(0))))

        if not self._outside:
            return ()
        K = self.energy - without(self._outside)
        return tuple(
            p for p in self._outside if all_zero(commutator(K, H - without((p,))).entries.values())
        )

    @property
    def _outside(self) -> tuple[Symbol, ...]:
        """Parameters that occur only off the diagonal of H, neither in E nor in a jump."""
        inside: set[Any] = set()
        for i, j, v in self.generator.hamiltonian.data:
            if i != j:
                inside |= v.free_symbols
        outside: set[Any] = set(self.energy.free_symbols)
        for i, j, v in self.generator.hamiltonian.data:
            if i == j:
                outside |= v.free_symbols
        for jump in self.generator.jumps:
            outside |= jump.rate.free_symbols | jump.operator.free_symbols
        return tuple(p for p in self.parameters if p in inside - outside)

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """The names that :meth:`fraction` and the command line know."""
        names = list(self.ledger.quantities)
        if self.hot and not any(self.ledger.vanishes(f"heat[{label}]") for label in self.hot):
            names.insert(names.index("entropy_production") + 1, "efficiency")
        return tuple(names)

    def source_bath(self, at: Mapping[Symbol, Any] | None = None) -> str:
        """The label of the heat source: the hottest bath of ``hot`` at the point ``at``.

        Raises UnknownQuantity where there is none: no engine, or equal temperatures.
        """
        if len(self.hot) == 1:
            return self.hot[0]
        if not self.hot:
            raise UnknownQuantity(f"The efficiency of {self.name}", found="it is no engine")
        if at is None:
            raise UnknownQuantity(
                f"The efficiency of {self.name}",
                found=f"the heat source may be any of {', '.join(self.hot)}",
                advice="give a point, or ask ledger.efficiency(label)",
            )
        temperatures = {}
        for label in self.hot:
            bath = self.generator.dissipator(label).bath
            assert bath is not None
            temperatures[label] = bath.T.xreplace(dict(at))
        top = max(temperatures.values())
        hottest = [label for label, T in temperatures.items() if top == T]
        if len(hottest) > 1:
            raise UnknownQuantity(
                f"The efficiency of {self.name} at equal temperatures",
                found=f"{' and '.join(hottest)} both at T = {top}",
                advice="an efficiency needs a hottest bath",
            )
        return hottest[0]

    def fraction(self, quantity: str, at: Mapping[Symbol, Any] | None = None) -> Fraction:
        """The normal form of a quantity over ``ledger.alphabet``.

        ``at`` is needed for an efficiency whose heat source depends on the point. Raises
        UnknownQuantity, listing what there is.
        """
        if quantity not in self.quantities:
            raise UnknownQuantity(
                f"The quantity {quantity!r} of {self.name}",
                found="it is no engine" if quantity == "efficiency" else "no quantity of this name",
                advice=choices(quantity, self.quantities),
            )
        if quantity == "efficiency":
            return self.ledger.efficiency_fraction(self.source_bath(at))
        return self.ledger.fraction(quantity)

    def expression(self, quantity: str, at: Mapping[Symbol, Any] | None = None) -> Expr:
        """The closed form of a quantity in the parameters alone."""
        return self.steady_state.explicit(self.fraction(quantity, at), self.ledger.alphabet)

    def readable(self, quantity: str, at: Mapping[Symbol, Any] | None = None) -> Expr:
        """The closed form of a quantity in the vocabulary of the steady state's structure."""
        return self.steady_state.readable(self.fraction(quantity, at), self.ledger.alphabet)
