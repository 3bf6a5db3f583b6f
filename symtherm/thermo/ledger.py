"""The thermodynamic ledger of a steady state: heats, currents, power, entropy production.

heat[a] = Tr[(E - mu_a N) D_a(pi)], current[a] = Tr[N D_a(pi)],
power = -i Tr(E [H, pi]) + sum_a mu_a current[a], sigma = -sum over thermal baths of heat[a]/T_a.
All are computed from their definitions; the first law is then a check, not a definition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator, Trait
from symtherm.dynamics.naming import VOCABULARIES
from symtherm.dynamics.reading import is_long
from symtherm.dynamics.steady import SteadyState, with_couplings
from symtherm.dynamics.structure import Definition
from symtherm.errors import (
    MissingTrait,
    NotThermal,
    TooLong,
    UnknownQuantity,
    choices,
    require,
)
from symtherm.exact.alphabet import Alphabet, alphabet, lift
from symtherm.exact.balls import Enclosure, enclose_program
from symtherm.exact.fraction import Fraction
from symtherm.exact.program import Program
from symtherm.exact.show import aligned, shortened
from symtherm.exact.writer import shorter
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import require_hermitian, require_on
from symtherm.quantum.superoperator import (
    PairMatrix,
    adjoint_dissipator,
    pair_matrix,
    product_trace,
)
from symtherm.thermo.claim import Claim
from symtherm.thermo.detailed_balance import detailed_balance_failure
from symtherm.thermo.observables import flow_observables, flow_program, unbalanced
from symtherm.thermo.table import ReadOnly, Table, quantity_tex

SHOWN_TERMS = 4000  # a notebook shows the closed forms of smaller ledgers

LONG = 100  # terms of an entropy production beyond which not every vocabulary is tried
OPERATIONS_OF_A_TERM = 4  # products of a few factors, and a sum

__all__ = ["Ledger", "ledger"]


@dataclass(frozen=True)
class Ledger:
    """Closed forms of the steady-state thermodynamics; see :func:`ledger`.

    ``heat``, ``current`` and ``power`` are SymPy expressions, factored, in the parameters alone;
    ``fractions`` holds the same in normal form over ``alphabet``; ``expression(name)`` and
    ``readable(name)`` know every name in ``quantities``, populations included, the latter in the
    vocabulary of ``state.names``. ``failure`` is empty when every thermal pair moves
    E - mu N by its own amount, otherwise it says which does not.

    Where the state is a straight-line program, so is the ledger: ``program`` and ``enclose`` work,
    and so do ``evaluator`` and ``certify``; expanded forms raise TooLong. Each current is the mean
    of one of the ``observables``.
    """

    state: SteadyState
    energy: Operator
    number: Operator | None
    alphabet: Alphabet
    expansion: Mapping[str, Fraction] | None
    failure: str = ""
    channels: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)
    observables: Mapping[str, PairMatrix] = field(default_factory=dict, repr=False)

    @property
    def generator(self) -> Generator:
        return self.state.generator

    def __repr__(self) -> str:
        space = self.generator.space
        lines = [
            f"Ledger of the steady state on {space.name}, dimension {space.dim}",
            "  quantities: " + shortened(", ".join(self.quantities)),
        ]
        if self.expansion is None:
            lines.append(f"  a program of {len(self.program)} steps: .enclose(at), evaluator(self)")
        if self.failure:
            lines.append("  no second law in Clausius form: " + shortened(self.failure))
        return "\n".join(lines)

    def _repr_latex_(self) -> str | None:
        if self.expansion is None:
            return None
        if sum(len(v.num) + len(v.den) for v in self.fractions.values()) > SHOWN_TERMS:
            return None
        rows = [(sympy.latex(d.symbol), d.expr) for d in self.state.names]
        return aligned([*((quantity_tex(n), self.readable(n)) for n in self.fractions), *rows])

    @property
    def fractions(self) -> Mapping[str, Fraction]:
        """The normal forms; raises TooLong where the steady state exceeded its term budget."""
        if self.expansion is None:
            raise TooLong(
                f"Expanded currents of the steady state on {self.generator.space.name}",
                found=f"a state that is a program of {len(self.state.program)} steps",
                advice="use ledger.program, ledger.enclose(at), evaluator or certify, which do "
                "not expand; ledger.failure says whether Spohn's theorem gives a second law",
            )
        return self.expansion

    @cached_property
    def program(self) -> Program:
        """All quantities as one straight-line program, outputs numbered as ``quantities``."""
        return flow_program(self.state, self.alphabet, self.observables, self.quantities)

    def program_of(self, names: Sequence[str]) -> Program:
        """The program of some ``quantities``, or of ``efficiency[label]``, numbered as ``names``.

        Raises UnknownQuantity.
        """
        efficiencies = {f"efficiency[{bath.label}]" for bath in self.generator.baths}
        for name in {*names} - {*self.quantities} - efficiencies:
            self.fraction(name)  # raises, listing what there is
        return flow_program(self.state, self.alphabet, self.observables, names)

    def enclose(
        self, at: Mapping[Any, Any], digits: int = 50, names: Sequence[str] | None = None
    ) -> dict[str, Enclosure]:
        """Quantities at an exact point, each with a proved error, without expansion.

        ``names`` are those of ``program_of``; all quantities by default. A value that cannot be
        told from zero comes as 0 with a radius below 10^-digits. Raises UnknownSymbol,
        UnknownQuantity, Undecided.

        >>> from symtherm import model
        >>> m = model("two-bath-qubit")
        >>> print(m.ledger.enclose(m.point, 10, ["heat[h]"])["heat[h]"])
        0.03472973966 +/- 8.6e-13
        """
        asked = self.quantities if names is None else names
        program = self.program if names is None else self.program_of(names)
        leaves = [
            self.state.expand(self.alphabet.poly_expr(f.num) / self.alphabet.poly_expr(f.den))
            for f in program.leaves
        ]
        found = enclose_program(program, leaves, at, digits)
        return {name: found[k] for k, name in enumerate(asked)}

    def vanishes(self, name: str) -> bool:
        """Whether a quantity is identically zero; for a program, zero by its structure."""
        if self.expansion is not None:
            return not self.fraction(name)
        return self.program.outputs[self.quantities.index(name)] is None

    def _table(self, kind: str) -> Mapping[str, Expr]:
        names = (f"{kind}[{d.label}]" for d in self.generator.dissipators)
        found = {n[len(kind) + 1 : -1]: self.expression(n) for n in names if n in self.quantities}
        return ReadOnly(Table(kind, found))

    def expression(self, name: str) -> Expr:
        """The closed form of a quantity such as ``heat[h]`` in the parameters alone."""
        return self.state.explicit(self.fraction(name), self.alphabet)

    def readable(self, name: str) -> Expr:
        """The closed form of a quantity with the names of ``state.names``.

        A sum over channels, the Bohr frequencies that baths exchange, where that is shorter.
        """
        found = self._read.get(name)
        if found is None:
            found = self.state.readable(self.fraction(name), self.alphabet)
            parts = [p for p in self.channels.get(name, ()) if p]
            if len(parts) > 1 and not any(map(is_long, (self.fraction(name), *parts))):
                split = (self.state.readable(p, self.alphabet) for p in parts)
                found = shorter(found, sympy.Add(*split))
            self._read[name] = found
        return found

    @cached_property
    def _read(self) -> dict[str, Expr]:
        """The readable forms found so far."""
        return {}

    def structured(self, *names: str) -> tuple[Definition, ...]:
        """The quantities in readable form, after the definitions they need, each before its use.

        >>> from symtherm import model
        >>> book = model("two-bath-qubit").ledger.in_terms_of("relaxation")
        >>> for d in book.structured("heat[h]"):
        ...     print(d.symbol, "=", d.expr)
        n_h = 1/(exp(omega/T_h) - 1)
        Gamma_h = gamma_h*(2*n_h + 1)
        s_h = n_h/(2*n_h + 1)
        n_c = 1/(exp(omega/T_c) - 1)
        Gamma_c = gamma_c*(2*n_c + 1)
        s_c = n_c/(2*n_c + 1)
        heat[h] = Gamma_c*Gamma_h*omega*(-s_c + s_h)/(Gamma_c + Gamma_h)
        """
        exprs = [self.readable(name) for name in names]
        ends = [
            Definition(sympy.Symbol(name, real=True), expr, "quantity of the ledger", "quantity")
            for name, expr in zip(names, exprs, strict=True)
        ]
        return (*self.state.structured(*exprs), *ends)

    def in_terms_of(self, vocabulary: str) -> Ledger:
        """The same ledger derived in another vocabulary; see ``SteadyState.in_terms_of``.

        ``"shortest"`` tries all and takes the one in which the entropy production has the fewest
        operations, definitions included; for long forms ``boltzmann`` and ``temperatures``, which
        only make them longer, are left out. ``rates`` must save a fifth: a difference of products
        of rates hides the force that n_h - n_c or s_h - s_c shows.
        """
        if vocabulary != "shortest":
            if vocabulary == self.state.vocabulary:
                return self
            state = self.state.in_terms_of(vocabulary)
            return ledger(state, energy=self.energy, number=self.number)
        sigma = self.fractions["entropy_production"]
        long = len(sigma.num) + len(sigma.den) > LONG
        tried = [
            self.in_terms_of(v)
            for v in VOCABULARIES
            if not (long and v in ("boltzmann", "temperatures"))
        ]
        weights = {"rates": 1.25}
        return min(tried, key=lambda b: operations(b) * weights.get(b.state.vocabulary, 1.0))

    def fraction(self, name: str) -> Fraction:
        """The normal form of a quantity over ``alphabet``.

        Raises UnknownQuantity, listing what there is.
        """
        if name in self.observables or name == "entropy_production":
            return self.fractions[name]
        if name not in self.quantities:
            advice = choices(name, self.quantities)
            if name == "efficiency":
                advice = "ask efficiency(label) with the label of the hot bath; " + advice
            raise UnknownQuantity(
                f"The quantity {name!r}", found="no quantity of this name", advice=advice
            )
        i = self.generator.space.index(name[len("population[") : -1])
        value = self.state.values.get((i, i, ""))
        if value is None:
            return Fraction.of(self.alphabet.base, 0)
        return lift(value, self.state.alphabet, self.alphabet)

    @cached_property
    def heat(self) -> Mapping[str, Expr]:
        """Heat from each bath into the system per unit time."""
        return self._table("heat")

    @cached_property
    def current(self) -> Mapping[str, Expr]:
        """Particles from each lead into the system per unit time (empty without ``number``)."""
        return self._table("current")

    @cached_property
    def power(self) -> Expr:
        """Work done on the system per unit time; negative for an engine."""
        return self.expression("power")

    @cached_property
    def entropy_production(self) -> Expr:
        """sigma = -sum_a heat[a]/T_a over the thermal baths."""
        return self.expression("entropy_production")

    def efficiency(self, hot: str) -> Expr:
        """-power/heat[hot], common factors cancelled; the same formula in every operating mode."""
        return self.state.explicit(self.efficiency_fraction(hot), self.alphabet)

    def efficiency_fraction(self, hot: str) -> Fraction:
        """The efficiency in normal form; raises UnknownQuantity when the hot heat is zero."""
        heat = self.fraction(f"heat[{hot}]")
        if not heat:
            raise UnknownQuantity(
                "The efficiency", found=f"heat[{hot}] is identically zero", advice="there is none"
            )
        return -self.fraction("power") / heat

    @cached_property
    def first_law(self) -> Claim:
        """sum_a heat[a] + power == 0."""
        terms = [*self.heat.values(), self.power]
        return Claim(
            sympy.Add(*terms), "==", sympy.Integer(0), "first law", self.generator.positive
        )

    @property
    def first_law_residual(self) -> Fraction:
        """sum_a heat[a] + power in normal form.

        For a program, zero when the operators prove it (``thermo.observables``), otherwise the
        first coefficient at which they do not.
        """
        if self.expansion is None:
            energy = pair_matrix(self.alphabet, self.energy)
            left = unbalanced(self.state, self.alphabet, self.observables, energy)
            return left[0] if left else Fraction.of(self.alphabet.base, 0)
        total = self.fractions["power"]
        for name, value in self.fractions.items():
            if name.startswith("heat["):
                total = total + value
        return total

    @cached_property
    def second_law(self) -> Claim:
        """entropy_production >= 0.

        Raises MissingTrait when the Clausius form is no second law: a thermal pair does not move
        the ledger's energy by its own frequency, or a dissipator without temperature is not unital.
        """
        if self.failure:
            raise MissingTrait(
                "The second law in Clausius form needs [E - mu_a N, L_k] = -x_k T_a L_k",
                found=self.failure,
                advice="give it a temperature (ThermalBath, Lead), or use Spohn's form: decompose"
                if "has no temperature" in self.failure
                else "use the energy operator that the jumps move (the bare H_0 for local "
                "dissipators), or Spohn's form",
            )
        self.generator.require(
            Trait.GKLS, "The second law", "build the generator with gkls or davies"
        )
        return Claim(
            self.entropy_production,
            ">=",
            sympy.Integer(0),
            "second law",
            self.generator.positive,
            self,
        )

    @property
    def quantities(self) -> tuple[str, ...]:
        """All names, populations included."""
        levels = self.generator.space.levels
        flows = (*self.observables, "entropy_production")
        return (*flows, *(f"population[{label}]" for label in levels))


def operations(book: Ledger) -> int:
    """The number of operations in the entropy production and the definitions it needs.

    Of a form that nobody reads it is estimated from the number of terms.
    """
    sigma = book.fraction("entropy_production")
    if is_long(sigma):
        return OPERATIONS_OF_A_TERM * (len(sigma.num) + len(sigma.den))
    return sum(int(d.expr.count_ops()) for d in book.structured("entropy_production"))


def ledger(state: SteadyState, *, energy: Operator, number: Operator | None = None) -> Ledger:
    """The thermodynamic ledger of a steady state.

    ``energy`` is the operator E whose balance is kept: for local dissipators the bare H_0, also
    when the dynamics contains a drive; ``number`` is the particle number N, needed with leads.
    Energy, heat and power are positive into the system.

    Raises NotHermitian for an energy or number operator that is not Hermitian, and NotThermal for
    leads without a number operator.

    >>> from symtherm import ThermalBath, gkls, parameters, sigmam, sigmaz, steady_state
    >>> w, g, T = parameters("omega gamma T")
    >>> H = w / 2 * sigmaz()
    >>> L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> ledger(steady_state(L), energy=H).heat["b"]
    0
    """
    require(
        state,
        SteadyState,
        "The ledger of a SteadyState",
        {
            "Generator": "write ledger(steady_state(L), energy=E)",
            "Model": "write model.ledger",
            "Operator": "give the SteadyState itself, not its rho",
            "": "write ledger(steady_state(L), energy=E)",
        },
    )
    require_hermitian(energy, "The energy operator")
    require_on(state.generator.space, energy, "The energy operator of a ledger")
    if number is not None:
        require_hermitian(number, "The number operator")
        require_on(state.generator.space, number, "The number operator of a ledger")
    known = energy.free_symbols | (number.free_symbols if number is not None else set())
    if any(x.kind == "coupling" and x.explicit.free_symbols & known for x in state.letters):
        state = with_couplings(state)
    generator = state.named
    leads = [b.label for b in generator.baths if b.mu != 0]
    if leads and number is None:
        raise NotThermal(
            f"A ledger with the leads {', '.join(leads)}",
            found="no number operator, without which their heat (E - mu N) is not defined",
            advice="pass number=N",
        )
    entries = [v for _, _, v in energy.data]
    if number is not None:
        entries += [v for _, _, v in number.data]
    exprs = [*generator.expressions, *state.generator.expressions, *entries]
    space = alphabet(exprs, positive=generator.positive)
    E = pair_matrix(space, energy)
    N = pair_matrix(space, number) if number is not None else None
    observables = ReadOnly(flow_observables(space, generator, E, N))
    failure = detailed_balance_failure(state.generator, energy, number)
    if state.expansion is None:
        return Ledger(state, energy, number, space, None, failure, observables=observables)
    rho = state.pairs(space)
    zero = Fraction.of(space.base, 0)
    values = {name: product_trace(X, rho, zero)[0] for name, X in observables.items()}
    sigma = zero
    # Leads exchange E - mu N, so their heats are not split; neither are jumps without a partner.
    split = (
        all(b.statistics == "bose" for b in state.generator.baths)
        and len({p.frequency for p in state.generator.pairs}) > 1
    )
    pairs = {d.label: d.pairs if split else () for d in state.generator.dissipators}
    channels: dict[str, dict[Expr, Fraction]] = {}
    for d in generator.dissipators:
        jumps = [(pair_matrix(space, j.operator), space.fraction(j.rate)) for j in d.jumps]
        for k, p in enumerate(pairs[d.label]):
            part = product_trace(adjoint_dissipator(jumps[2 * k : 2 * k + 2], E), rho, zero)[0]
            own = channels.setdefault(f"heat[{d.label}]", {})
            own[p.frequency] = own.get(p.frequency, zero) + part
            own = channels.setdefault("entropy_production", {})
            own[p.frequency] = own.get(p.frequency, zero) - part / space.fraction(p.bath.T)
        if d.bath is not None:
            sigma = sigma - values[f"heat[{d.label}]"] / space.fraction(d.bath.T)
    values["entropy_production"] = sigma
    parts = {
        name: tuple(own.values())
        for name, own in channels.items()
        if not values[name] - sum(own.values(), zero)
    }
    forms = ReadOnly(values), failure, ReadOnly(parts)
    return Ledger(state, energy, number, space, *forms, observables)
