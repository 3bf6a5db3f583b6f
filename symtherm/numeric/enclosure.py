"""Rigorous values of a system, straight from its operators: every digit printed is proved.

States are Hermitian coordinates in balls (:mod:`symtherm.exact.semigroup` for constant generators,
:mod:`symtherm.exact.driven` for L(t)); every quantity is a functional of them. No closed form is
used, so this is a second route to what :func:`symtherm.certify` prints.

Names: ``population[l]``, ``re[a,b]`` and ``im[a,b]`` of <a|rho|b>, ``heat[a]``, ``current[a]``,
``power``, ``entropy_production`` (a rate), ``entropy``, ``relative_entropy`` (to the steady state),
``efficiency``; over [0, t] ``heat_integral[a]`` and ``entropy_production_integral``.
Energy, heat and power are positive INTO the system, entropies in nats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from sympy import Expr, Rational, Symbol

from symtherm.errors import NotUnique, OutOfDomain, UnknownQuantity, choices
from symtherm.exact.balls import Enclosure
from symtherm.exact.hermitian import entropy_ball, log_balls, matrix_of, nullity
from symtherm.exact.rational_flow import ExactBlock, exact_blocks, steady_exact
from symtherm.exact.refine import NotYet, ball_of, refine, scalars
from symtherm.exact.semigroup import (
    apply_sparse,
    assemble,
    ball_of_exact,
    exact_number,
    prepared,
    steady_balls,
)
from symtherm.numeric.flow import Flow
from symtherm.numeric.initial import Coordinates
from symtherm.numeric.system import (
    System,
    Term,
    dissipator_terms,
    functional_terms,
    hamiltonian_terms,
    weights_of,
)

__all__ = ["Enclosed", "state_names", "steady_names"]


def steady_names(system: System) -> tuple[str, ...]:
    """The quantities of a steady state, in the order of a ledger, then the entropy.

    >>> from symtherm import model
    >>> from symtherm.numeric.system import system_of
    >>> m = model("qubit")
    >>> steady_names(system_of(m.generator, m.energy))[-1]
    'entropy'
    """
    names = [f"heat[{label}]" for label in system.labels]
    if system.number is not None:
        names += [f"current[{b.label}]" for b in system.baths if b.kind == "lead"]
    names += ["power", "entropy_production"]
    if system.hot:
        names.append("efficiency")
    return (*names, *(f"population[{x}]" for x in system.levels), "entropy")


def state_names(system: System) -> tuple[str, ...]:
    """The quantities of a state on the way at time t > 0."""
    names = [n for n in steady_names(system) if n != "efficiency"]
    if system.time is None:
        names.append("relative_entropy")
    names += [f"heat_integral[{label}]" for label in system.labels]
    return (*names, "entropy_production_integral")


@dataclass(frozen=True)
class Enclosed:
    """A system at an exact point; see the module. Made once, asked for many values.

    >>> from symtherm import model
    >>> from symtherm.numeric.system import system_of
    >>> m = model("qubit")
    >>> at = Enclosed(system_of(m.generator, m.energy), m.point)
    >>> print(at.steady(10, ["population[e]"])["population[e]"])
    0.2314752165 +/- 9.9e-13
    """

    system: System
    at: Mapping[Symbol, Rational]

    # -- the generator -----------------------------------------------------------------------------

    @cached_property
    def parts(self) -> dict[str, tuple[Term, ...]]:
        """The terms of -i[H, .] (key "") and of every dissipator."""
        s = self.system
        parts = {"": hamiltonian_terms(s.hamiltonian, s.dim)}
        for label in s.labels:
            jumps = tuple(j for j in s.jumps if j.label == label)
            parts[label] = dissipator_terms(jumps, s.dim)
        return parts

    @cached_property
    def functionals(self) -> dict[str, list[Term]]:
        """power, heat[a], current[a] as terms in row 0, linear in the coordinates."""
        s, out = self.system, {}
        work = functional_terms(s.energy, self.parts[""], s.dim, 0)
        if s.time is not None:
            rate = tuple((i, j, v.diff(s.time)) for i, j, v in s.energy if v.has(s.time))
            work += [(e, ((0, k, q),)) for k, e, q in weights_of(rate, s.dim)]
        for label in s.labels:
            terms = self.parts[label]
            heat = functional_terms(s.energy, terms, s.dim, 0)
            bath = s.bath(label)
            if bath is not None and s.number is not None:
                counted = functional_terms(s.number, terms, s.dim, 0)
                out[f"current[{label}]"] = counted
                heat += [(-bath.mu * e, places) for e, places in counted]
                work += [(bath.mu * e, places) for e, places in counted]
            out[f"heat[{label}]"] = heat
        out["power"] = work
        return out

    @cached_property
    def _still(self) -> tuple[Expr, ...]:
        """Every expression without time that is needed."""
        found: dict[Expr, None] = {}
        for terms in (*self.parts.values(), *self.functionals.values()):
            found.update((e, None) for e, _ in terms if not self.moves(e))
        found.update((b.T, None) for b in self.system.baths if not self.moves(b.T))
        return tuple(found)

    def moves(self, expr: Expr) -> bool:
        return self.system.time is not None and expr.has(self.system.time)

    @cached_property
    def _scalars(self) -> Any:
        return scalars(self._still, dict(self.at))

    @cached_property
    def _rational(self) -> dict[Expr, Any] | None:
        """The exact values of all coefficients where every one is rational."""
        out = {}
        for expr in self._still:
            value = expr.xreplace(dict(self.at))
            if not value.is_Rational:
                return None
            out[expr] = exact_number(int(value.p), int(value.q))
        return out

    @cached_property
    def _whole(self) -> Any:
        return prepared(t for terms in self.parts.values() for t in terms)

    @cached_property
    def linear(self) -> dict[str, Any]:
        return {name: prepared(terms) for name, terms in self.functionals.items()}

    def generator(self, values: Mapping[Any, Any]) -> dict[tuple[int, int], Any]:
        return assemble(self._whole, values)

    def still(self, values: Mapping[Any, Any]) -> dict[tuple[int, int], Any]:
        """The generator without time in balls; from exact rationals where it is rational."""
        if self._rational is None:
            return self.generator(values)
        return {k: ball_of_exact(v) for k, v in self.generator(self._rational).items()}

    # -- states ------------------------------------------------------------------------------------

    @cached_property
    def blocks(self) -> list[ExactBlock] | None:
        """The connected blocks of a rational generator without time; None of any other."""
        if self._rational is None or self.system.time is not None:
            return None
        d = self.system.dim
        return exact_blocks(self.generator(self._rational), d, d * d)

    def _steady(self, values: Mapping[Any, Any]) -> list[Any]:
        d = self.system.dim
        if self.blocks is not None:
            return [ball_of_exact(v) for v in steady_exact(self.blocks, d * d)]
        return steady_balls(self.generator(values), d, d * d)

    @cached_property
    def _rank_loss(self) -> int:
        """The exact number of zero eigenvalues of a rational steady state; 0 where not rational."""
        if self.blocks is None:
            return 0
        d = self.system.dim
        return nullity(steady_exact(self.blocks, d * d), d)

    @cached_property
    def _comparable(self) -> bool:
        """Whether states have a relative entropy to the steady state, as far as is known exactly:
        not where it is not unique, nor where it is singular."""
        try:
            if self.blocks is None:
                self._steady(self._scalars())
            return not self._rank_loss
        except NotUnique:
            return False
        except NotYet:
            return True

    def _zeros(self, initial: Coordinates) -> int:
        return _nullity(initial, self.system.dim)

    # -- values ------------------------------------------------------------------------------------

    def steady(
        self, digits: int = 50, names: Sequence[str] | None = None, seconds: float | None = None
    ) -> dict[str, Enclosure]:
        """Quantities of the unique steady state; all of :func:`steady_names` by default.

        Raises NotUnique, UnknownQuantity, OutOfDomain for a driven system, and Undecided, saying
        how many digits were proved within ``seconds``.
        """
        if self.system.time is not None:
            raise OutOfDomain("The steady state of a driven system", found="a generator L(t)")
        asked = self._known(names, self._steady_names)

        def compute() -> dict[str, Any]:
            values = self._scalars()
            pi = self._steady(values)
            zeros = self._rank_loss if "entropy" in asked else 0
            return self._measure(asked, pi, values, self.at, None, steady=True, zeros=zeros)

        return self._drop(refine(compute, digits, "the steady state", seconds=seconds), names)

    def state(
        self,
        initial: Coordinates,
        t: Any,
        digits: int = 50,
        names: Sequence[str] | None = None,
        seconds: float | None = None,
    ) -> dict[str, Enclosure]:
        """Quantities of rho(t), an exact rational t >= 0, from rho(0) = ``initial``.

        By default all of :func:`state_names`; the rate of entropy production is left out where it
        is infinite (a singular state at t = 0), and the relative entropy where the steady state is
        proved to be singular or not unique. Raises as :meth:`steady`, OutOfDomain for t < 0
        or an initial state that is not positive.
        """
        return self.trajectory(initial, [t], digits, names, seconds)[0]

    def trajectory(
        self,
        initial: Coordinates,
        times: Sequence[Any],
        digits: int = 50,
        names: Sequence[str] | None = None,
        seconds: float | None = None,
    ) -> list[dict[str, Enclosure]]:
        """As :meth:`state` at rising times, each state evolved from the one before."""
        instants = [Fraction(int(t.numerator), int(t.denominator)) for t in times]
        if any(b < a for a, b in zip([Fraction(0), *instants], instants, strict=False)):
            raise OutOfDomain("Times of a trajectory", found="t < 0 or falling", advice="sort them")
        asked = self._known(names, state_names(self.system))
        if "relative_entropy" in asked and not self._comparable:
            if names is not None:
                raise OutOfDomain(
                    "The relative entropy to the steady state",
                    found="a steady state that is singular or not unique",
                    advice="ask for the entropy and the heats",
                )
            asked.remove("relative_entropy")
        singular = names is None and self._zeros(initial) > 0

        # At t = 0 a singular state has an infinite rate of entropy production.
        wanted = [
            [n for n in asked if t or not singular or n != "entropy_production"] for t in instants
        ]

        def compute() -> dict[str, Any]:
            return self._along(initial, instants, wanted)

        flat = refine(compute, digits, "a state", seconds=seconds)
        return [{n: flat[f"{k} {n}"] for n in row} for k, row in enumerate(wanted)]

    def _along(
        self,
        initial: Coordinates,
        times: Sequence[Fraction],
        wanted: Sequence[Sequence[str]],
    ) -> dict[str, Any]:
        values, zeros = self._scalars(), self._zeros(initial)
        d = self.system.dim
        labels = self.system.labels
        heated = any("integral" in name for names in wanted for name in names)
        flow = Flow(self, values, initial, heated)
        s0 = entropy_ball(matrix_of(flow.state, d), zeros) if heated else None
        out: dict[str, Any] = {}
        for k, t in enumerate(times):
            rho, heats = flow.to(t)
            rank = zeros if t == 0 else None
            now = {**self.at}
            if self.system.time is not None:
                now[self.system.time] = Rational(t.numerator, t.denominator)
            mean = {f"heat_integral[{x}]": q for x, q in zip(labels, heats, strict=True)}
            found = self._measure(wanted[k], rho, values, now, (s0, mean), False, rank)
            out.update({f"{k} {n}": v for n, v in found.items()})
        return out

    def _measure(
        self,
        asked: Sequence[str],
        rho: list[Any],
        values: Mapping[Any, Any],
        now: Mapping[Any, Any],
        history: tuple[Any, dict[str, Any]] | None,
        steady: bool,
        zeros: int | None,
    ) -> dict[str, Any]:
        s, d = self.system, self.system.dim
        table = dict(values) if s.time is None else self._values_at(values, now)
        sums = {"entropy_production", "efficiency"}  # these need all currents
        linear = {
            name: apply_sparse(assemble(terms, table), rho, 1)[0]
            for name, terms in self.linear.items()
            if name in asked or not sums.isdisjoint(asked)
        }
        out: dict[str, Any] = {}
        known: dict[str, Any] = {}
        if any(n in ("entropy", "entropy_production_integral") for n in asked):
            known["entropy"] = entropy_ball(matrix_of(rho, d), zeros or 0)
        for name in asked:
            if name in self._coordinates:
                out[name] = rho[self._coordinates[name]]
            elif name in linear:
                out[name] = linear[name]
            elif name == "entropy":
                out[name] = known["entropy"]
            elif name == "efficiency":
                heat = linear[f"heat[{self._hot()}]"]
                if heat.contains(0):
                    if heat.abs_upper() < ball_of(Fraction(1, 10**60)):
                        continue  # no heat, as far as that can be told: no efficiency
                    raise NotYet
                out[name] = -linear["power"] / heat
            elif name == "entropy_production":
                total = ball_of(Fraction(0))
                if not steady:
                    change = apply_sparse(self.generator(table), rho, d * d)
                    total = -_trace(matrix_of(change, d), log_balls(matrix_of(rho, d)))
                for bath in s.baths:
                    total = total - linear[f"heat[{bath.label}]"] / table[bath.T]
                out[name] = total
            elif name == "relative_entropy":
                pi = log_balls(matrix_of(self._steady(values), d))
                own = known.get("entropy") or entropy_ball(matrix_of(rho, d), zeros or 0)
                out[name] = -own - _trace(matrix_of(rho, d), pi)
            elif history is not None and name in history[1]:
                out[name] = history[1][name]
            elif history is not None and name == "entropy_production_integral":
                total = known["entropy"] - history[0]
                for bath in s.baths:
                    total = total - history[1][f"heat_integral[{bath.label}]"] / table[bath.T]
                out[name] = total
        return out

    def _values_at(self, values: Mapping[Any, Any], now: Mapping[Any, Any]) -> dict[Any, Any]:
        moving = {
            e: None
            for terms in (*self.parts.values(), *self.functionals.values())
            for e, _ in terms
            if self.moves(e)
        }
        moving.update((b.T, None) for b in self.system.baths if self.moves(b.T))
        return {**values, **scalars(tuple(moving), now)()}

    def _hot(self) -> str:
        T = {b.label: b.T.xreplace(dict(self.at)) for b in self.system.baths}
        return max(self.system.hot, key=lambda label: T[label])

    @cached_property
    def _steady_names(self) -> tuple[str, ...]:
        return steady_names(self.system)

    @cached_property
    def _coordinates(self) -> dict[str, int]:
        """The place of every population and of Re and Im of every coherence."""
        levels, d = self.system.levels, self.system.dim
        places = {f"population[{x}]": k for k, x in enumerate(levels)}
        for i, a in enumerate(levels):
            for j in range(i + 1, d):
                place = len(places)
                places[f"re[{a},{levels[j]}]"] = place
                places[f"im[{a},{levels[j]}]"] = place + 1
        return places

    def _known(self, names: Sequence[str] | None, known: tuple[str, ...]) -> list[str]:
        for name in names or ():
            if name not in self._coordinates and name not in known:
                raise UnknownQuantity(
                    f"The quantity {name!r}",
                    found="no quantity of this name",
                    advice=choices(name, known),
                )
        return list(known if names is None else names)

    def _drop(
        self, found: dict[str, Enclosure], names: Sequence[str] | None
    ) -> dict[str, Enclosure]:
        for name in names or ():
            if name not in found:
                raise UnknownQuantity(
                    f"The {name} at the point asked", found="no heat to divide by"
                )
        return found


@lru_cache(maxsize=64)
def _nullity(initial: Coordinates, d: int) -> int:
    return nullity([exact_number(c.numerator, c.denominator) for c in initial], d)


def _trace(left: list[list[Any]], right: list[list[Any]]) -> Any:
    """Re Tr(left right)."""
    total = ball_of(Fraction(0))
    for i, row in enumerate(left):
        for j, value in enumerate(row):
            total = total + (value * right[j][i]).real
    return total
