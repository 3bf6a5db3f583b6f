"""What entropy production is made of: adiabatic and nonadiabatic, populations and coherences.

With pi the steady state of the whole generator L,

    sigma = adiabatic + nonadiabatic,
    nonadiabatic = -Tr[L(rho)(ln rho - ln pi)],
    adiabatic    = -sum_a beta_a J_a - Tr[L(rho) ln pi],

because dS/dt = -Tr[L(rho) ln rho]. A dissipator without a temperature contributes
Tr[D_a(rho) ln pi_a] in the place of -beta_a J_a, with its own stationary state pi_a, which is
nothing where pi_a = 1/d (dephasing). The nonadiabatic part is Spohn's rate of L, so it is >= 0.

The adiabatic part. Let every jump belong to a pair L, L^+ with the rates down = e^x up, and let
[L, ln pi] = phi L. Then L pi = e^phi pi L, the pair contributes

    adiabatic = (x + phi)(down <L^+ L> - up <L L^+>),

and with u (ln u - ln v) >= u - v for each direction it is >= <G> summed over pairs, where
G = (down - up e^{-phi}) L^+ L + (up - down e^{phi}) L L^+ = -pi^{-1} D(pi). D(pi) = L(pi) = 0 if
[H, pi] = 0, so G = 0 and the adiabatic part is >= 0 (Horowitz and Parrondo, New J. Phys. 15,
085028 (2013)). Jumps without an energy exchange must have phi = 0, which means x = 0, and
dissipators without a temperature must keep 1/d. As pi > 0, [L, ln pi] = phi L iff
L pi = e^phi pi L, and so it is tested, without a logarithm.

Populations and coherences (Santos, Celeri, Landi and Paternostro, npj Quantum Inf. 5, 23 (2019)).
Let Delta be the pinching onto the eigenspaces of H_S, [L, Delta] = 0 and pi = Delta(pi). Then
nonadiabatic = Spohn's rate at Delta(rho) + (-d/dt) [S(Delta(rho)) - S(rho)], both >= 0: the second
is -d/dt S(rho||Delta(rho)), and Delta(rho_t) evolves by e^{tL} too, so data processing applies.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator, Trait
from symtherm.dynamics.redfield import Redfield
from symtherm.dynamics.steady import steady_state
from symtherm.errors import (
    BadExpression,
    MissingTrait,
    NotUnique,
    OutOfDomain,
    OutsideClosedForm,
    require,
)
from symtherm.exact.decide import is_zero
from symtherm.quantum.eigen import connected_blocks
from symtherm.quantum.operator import Operator, commutator
from symtherm.quantum.state import require_operator
from symtherm.thermo.claim import Claim
from symtherm.thermo.currents import heat_current
from symtherm.thermo.detailed_balance import preserves_identity
from symtherm.thermo.entropy import (
    clausius_rate,
    logm,
    reference_state,
    spohn_rate,
    total_spohn_rate,
    without_units,
)
from symtherm.thermo.theorem import (
    AdiabaticInequality,
    TotalInequality,
    coherence_inequality,
    spohn_inequality,
    stated,
)
from symtherm.thermo.visible import Visible, visible_parts
from symtherm.thermo.visible_operators import operator_parts
from symtherm.thermo.witness import differs, nonzero, vanish

__all__ = [
    "Coherence",
    "Decomposition",
    "Hypothesis",
    "covariant",
    "decompose",
    "entropy_production",
    "pinching",
]

SHOWN = 4  # coherences of pi that a hypothesis names


def entropy_production(
    generator: Generator,
    rho: Operator,
    form: str = "spohn",
    *,
    energy: Operator | None = None,
    number: Operator | None = None,
) -> Expr:
    """The rate of entropy production of any state, in one of its two forms; nats per time.

    ``"spohn"`` is sum_a -Tr[D_a(rho)(ln rho - ln pi_a)] over all dissipators, pi_a being the Gibbs
    state of bath a, or 1/d without temperature; ``"clausius"`` is dS/dt - sum_a J_a/T_a. They agree
    whenever every thermal pair moves ``energy`` (by default the Hamiltonian) by its own frequency.
    Spohn's rate of the whole generator is ``decompose(L, rho).nonadiabatic``.

    >>> from symtherm import ThermalBath, gkls, is_zero, parameters, qeye, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> L = gkls(w/2*sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> rho = qeye(L.space) / 2
    >>> is_zero(entropy_production(L, rho) - entropy_production(L, rho, "clausius"))
    True

    Raises BadExpression for another form, and as ``spohn_rate`` and ``clausius_rate``.
    """
    energy = generator.hamiltonian if energy is None else energy
    if form == "spohn":
        return total_spohn_rate(generator, rho, energy, number)
    if form == "clausius":
        return clausius_rate(generator, rho, energy, number)
    raise BadExpression(
        "The form of the entropy production", found=repr(form), advice="'spohn' or 'clausius'"
    )


def pinching(rho: Operator, energy: Operator) -> Operator:
    """Delta(rho) = sum_e P_e rho P_e over the eigenspaces of an energy diagonal in the levels.

    Entries between levels of equal energy (in normal form) stay.

    >>> from symtherm import sigmax, sigmaz
    >>> print(pinching(sigmax() + sigmaz(), sigmaz()))
    |e><e| - |g><g|
    """
    if any(i != j for i, j, _ in energy.data):
        raise MissingTrait(
            "The pinching onto eigenspaces",
            found="an energy that is not diagonal in the level basis",
            advice="bring the model to the eigenbasis with Spectrum.of and to_eigenbasis",
        )

    def kept(i: int, j: int) -> bool:
        gap = energy[i, i] - energy[j, j]
        return i == j or gap == 0 or is_zero(gap) is True

    return Operator.of(rho.space, {(i, j): v for i, j, v in rho.data if kept(i, j)})


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A statement that was tested on the operators, whether it holds, and what was found."""

    statement: str
    holds: bool
    found: str = ""

    def __str__(self) -> str:
        return f"{'yes' if self.holds else 'NO '}  {self.statement}" + (
            f"  ({self.found})" if self.found else ""
        )


@dataclass(frozen=True)
class Coherence:
    """The split of the nonadiabatic part at the pinching; ``cross`` is what is left over.

    nonadiabatic = populations + coherences + cross, and cross = 0 if both hypotheses hold.
    """

    populations: Expr
    coherences: Expr
    cross: Expr
    hypotheses: tuple[Hypothesis, ...]
    positive: tuple[Expr, ...] = ()
    inequalities: tuple[Claim, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether both hypotheses were proved, so that both parts are >= 0 and cross = 0."""
        return all(h.holds for h in self.hypotheses)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """cross == 0 and, if the hypotheses hold, both inequalities with their theorems."""
        none = Claim(self.cross, "==", sympy.Integer(0), "No cross term", self.positive)
        return (none, *(replace(claim, positive=self.positive) for claim in self.inequalities))


@dataclass(frozen=True)
class Decomposition:
    """sigma = ``adiabatic`` + ``nonadiabatic`` of one state, with the hypotheses it rests on."""

    generator: Generator
    rho: Operator
    pi: Operator
    energy: Operator
    number: Operator | None
    hypotheses: tuple[Hypothesis, ...]

    @cached_property
    def nonadiabatic(self) -> Expr:
        """-Tr[L(rho)(ln rho - ln pi)] >= 0, Spohn's rate of the whole generator."""
        return spohn_rate(self.generator, self.rho, self.pi)

    @cached_property
    def adiabatic(self) -> Expr:
        """-sum_a beta_a J_a - Tr[L(rho) ln pi], the housekeeping part; see the module.

        A bath without temperature enters with its own stationary state, as in ``total``.
        """
        drift: Operator = self.generator(self.rho) * logm(self.pi)
        total = -drift.tr()
        for d in self.generator.dissipators:
            if d.bath is not None:
                heat = heat_current(self.generator, self.rho, d.label, self.energy, self.number)
                total = total - heat / d.bath.T
            elif not preserves_identity(d):
                own: Operator = d(self.rho) * logm(reference_state(d, self.energy, self.number))
                total = total + own.tr()
        return without_units(total)

    @cached_property
    def total(self) -> Expr:
        """The sum over dissipators of Spohn rates, computed on its own."""
        return total_spohn_rate(self.generator, self.rho, self.energy, self.number)

    @property
    def adiabatic_is_nonnegative(self) -> bool:
        """Whether the sufficient condition holds; False says nothing about the sign."""
        return all(h.holds for h in self.hypotheses)

    @cached_property
    def visible(self) -> dict[str, Visible]:
        """The parts as sums of visibly nonnegative terms, where there is such a form."""
        found = visible_parts(self.generator, self.rho, self.pi)
        bohr = self.adiabatic_is_nonnegative
        return found or operator_parts(self.generator, self.rho, self.pi, bohr=bohr)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The identity of the parts, and every inequality whose hypotheses hold.

        A dissipator whose own stationary state has no full rank (plain decay) or is not unique
        leaves only the nonadiabatic part defined, an energy that is not diagonal in the levels
        leaves no pinching; claims of what is not defined are left out. Where a part has a
        ``visible`` form its inequality comes in two further claims that together prove it: the form
        as a sum of terms, and that of the terms for all positive letters.
        """
        orders = self._orders
        found: list[Claim] = []
        theorems = [
            replace(spohn_inequality(self.generator, self.rho, self.pi), name="Nonadiabatic part")
        ]
        values = {"nonadiabatic": self.nonadiabatic}
        if self._is_finite:
            parts = self.adiabatic + self.nonadiabatic
            found.append(Claim(self.total, "==", parts, "The parts sum to the whole", orders))
            whole = replace(stated(TotalInequality(self)), name="Entropy production")
            theorems.insert(0, whole)
            values["total"] = self.total
        if self.adiabatic_is_nonnegative:
            values["adiabatic"] = self.adiabatic
            theorems.append(replace(stated(AdiabaticInequality(self)), name="Adiabatic part"))
        found += [replace(claim, positive=orders) for claim in theorems]
        for x, form in self.visible.items():
            if x in values:
                found += [replace(form.identity(values[x]), positive=orders), form.inequality]
        if all(i == j for i, j, _ in self.energy.data) and self.coherence.holds:
            found += self.coherence.claims
        return tuple(found)

    @cached_property
    def _is_finite(self) -> bool:
        """Whether every dissipator has a reference state of full rank."""
        try:
            for d in self.generator.dissipators:
                if d.bath is None:
                    logm(reference_state(d, self.energy, self.number))
        except (NotUnique, OutOfDomain):
            return False
        return True

    @property
    def _orders(self) -> tuple[Expr, ...]:
        """The declared orders, and that the populations of the state are positive."""
        own = (self.rho[i, i] for i in range(self.rho.space.dim))
        return (*self.generator.positive, *(e for e in own if e.free_symbols and not e.is_Symbol))

    @cached_property
    def coherence(self) -> Coherence:
        """The nonadiabatic part split at the pinching onto the eigenspaces of ``energy``."""
        L, rho, pi = self.generator, self.rho, self.pi
        flat = pinching(rho, self.energy)
        hypotheses = (covariant(L, self.energy), _pinched(pi, self.energy))
        low = logm(flat)
        reference = logm(pi)
        motion, bare = L(rho), L(flat)
        whole: Operator = motion * (logm(rho) - reference)
        populations: Operator = bare * (low - reference)
        coherent: Operator = motion * logm(rho)
        drift: Operator = pinching(motion, self.energy) * low
        # d/dt S(Delta(rho)) = -Tr[Delta(L(rho)) ln Delta(rho)], whatever L does to Delta.
        coherences = without_units(-coherent.tr() + drift.tr())
        cross = without_units(-whole.tr() + populations.tr() - coherences)
        classical = without_units(-populations.tr())
        named: list[Claim] = []
        if all(h.holds for h in hypotheses):
            first, second = spohn_inequality(L, flat, pi), coherence_inequality(L, rho, self.energy)
            named = [replace(first, name="Part of the populations")]
            named.append(replace(second, name="Part of the coherences"))
        return Coherence(classical, coherences, cross, hypotheses, self._orders, tuple(named))


def covariant(generator: Generator | Redfield, energy: Operator) -> Hypothesis:
    """[L, Delta] = 0, entry by entry of the superoperator.

    >>> from symtherm import gkls, parameters, sigmam, sigmax, sigmaz
    >>> print(covariant(gkls(sigmax(), [(sigmam(), parameters("gamma"))]), sigmaz()))
    NO   [L, Delta] = 0  (|g><e| feeds |e><e|)
    """
    d = generator.space.dim
    gaps = [[energy[i, i] - energy[j, j] for j in range(d)] for i in range(d)]
    inside = [[g == 0 or is_zero(g) is True for g in row] for row in gaps]
    levels = generator.space.levels
    for (row, column), v in generator.superoperator().entries.items():
        (b, a), (j, i) = divmod(row, d), divmod(column, d)
        if inside[a][b] != inside[i][j] and is_zero(v) is not True:
            found = f"|{levels[i]}><{levels[j]}| feeds |{levels[a]}><{levels[b]}|"
            return Hypothesis("[L, Delta] = 0", False, found)
    return Hypothesis("[L, Delta] = 0", True)


def _pinched(pi: Operator, energy: Operator) -> Hypothesis:
    rest = pi - pinching(pi, energy)
    left = [(i, j) for i, j, v in rest.data if i < j and nonzero(v)]
    levels = pi.space.levels
    found = ", ".join(f"|{levels[i]}><{levels[j]}|" for i, j in left[:SHOWN])
    found += ", ..." if len(left) > SHOWN else ""
    return Hypothesis("pi = Delta(pi)", not left, f"pi holds {found}" if left else "")


def _has_full_rank(pi: Operator, positive: tuple[Expr, ...]) -> bool:
    """Whether a point shows that no determinant of a block vanishes; False says nothing."""
    for block in connected_blocks(pi):
        if len(block) == 1:
            determinant = pi[block[0], block[0]]
        elif len(block) == 2:
            i, j = block
            determinant = pi[i, i] * pi[j, j] - pi[i, j] * pi[j, i]
        else:
            return False
        if not differs(determinant, positive):
            return False
    return True


def _bohr(generator: Generator, pi: Operator) -> list[Hypothesis]:
    """[L_k, ln pi] = phi_k L_k for every jump, phi_k = 0 where there is no energy exchange."""
    found: list[Hypothesis] = []
    for d in generator.dissipators:
        for k, jump in enumerate(d.jumps):
            left: Operator = jump.operator * pi
            right: Operator = pi * jump.operator
            name = f"[L, ln pi] = phi L for jump {k + 1} of {d.label!r}"
            first = next((e for e in right.data if nonzero(e[2], generator.positive)), None)
            if first is None:
                continue  # L = 0
            i, j, below = first
            above = left[i, j]  # e^phi = above/below
            rest = (below * left - above * right).entries.values()
            if not (nonzero(above, generator.positive) and vanish(rest, generator.positive)):
                found.append(Hypothesis(name, False, "ln pi mixes its transitions"))
            elif k >= 2 * len(d.pairs):
                found.append(Hypothesis(name + " with phi = 0", is_zero(above - below) is True))
            else:
                found.append(Hypothesis(name, True))
        if d.bath is None and not preserves_identity(d):
            found.append(Hypothesis(f"D(1) = 0 for {d.label!r}", False, "no bath in equilibrium"))
    return found


def decompose(
    generator: Generator,
    rho: Operator,
    *,
    pi: Operator | None = None,
    energy: Operator | None = None,
    number: Operator | None = None,
) -> Decomposition:
    """The parts of the entropy production of a state, each with the hypotheses it needs.

    ``pi`` defaults to the unique steady state, ``energy`` to the Hamiltonian; with a drive or a
    Lamb shift give the H_S that the jumps move by their own frequencies. Closed forms need
    states whose connected blocks have at most two levels; beyond, ``certify(parts, at)`` gives
    balls, as for any state. Raises NotUnique (pure dephasing, say: give the ``pi`` to refer to),
    NotThermal for a pi that is not stationary, OutOfDomain for one without full rank, MissingTrait
    for a generator that is not GKLS with rates in detailed balance.

    >>> from symtherm import ThermalBath, gkls, is_zero, parameters, qeye, sigmam, sigmaz
    >>> w, gh, gc, Th, Tc = parameters("omega gamma_h gamma_c T_h T_c")
    >>> hot, cold = ThermalBath("h", Th), ThermalBath("c", Tc)
    >>> L = gkls(w/2*sigmaz(), [hot.jumps(sigmam(), frequency=w, rate=gh),
    ...                         cold.jumps(sigmam(), frequency=w, rate=gc)])
    >>> parts = decompose(L, qeye(L.space) / 2)
    >>> is_zero(parts.total - parts.adiabatic - parts.nonadiabatic)
    True
    >>> parts.adiabatic_is_nonnegative
    True
    """
    theorem = "The decomposition of the entropy production"
    require(generator, Generator, f"{theorem} of a Generator", "build it with gkls(H, [...])")
    require_operator(rho, "The state of a decomposition")
    generator.require(Trait.GKLS, theorem, "build the generator with gkls or davies")
    generator.require(Trait.KMS, theorem, "use thermal pairs in detailed balance")
    if pi is None:
        pi = steady_state(generator).rho
    if not _has_full_rank(pi, generator.positive):
        with suppress(OutsideClosedForm):
            logm(pi)  # raises for a pi without full rank
    moved = commutator(generator.hamiltonian, pi)
    still = Hypothesis("[H, pi] = 0", vanish(moved.entries.values(), generator.positive))
    return Decomposition(
        generator,
        rho,
        pi,
        generator.hamiltonian if energy is None else energy,
        number,
        (still, *_bohr(generator, pi)),
    )
