"""When the Clausius form is a second law: each bath moves the energy by its own amount."""

from __future__ import annotations

from symtherm.dynamics.generator import Dissipator, Generator
from symtherm.exact.decide import all_zero
from symtherm.quantum.operator import Operator, commutator

__all__ = ["detailed_balance_failure", "preserves_identity"]


def preserves_identity(dissipator: Dissipator) -> bool:
    """Whether D(1) = sum_k r_k [L_k, L_k^+] is the exact zero, so that 1/d is stationary.

    >>> from symtherm import parameters, qeye, sigmam, sigmaz, gkls
    >>> g = parameters("gamma")
    >>> L = gkls(0 * qeye(2), [(sigmaz(), g, "phi"), (sigmam(), g, "decay")])
    >>> [preserves_identity(d) for d in L.dissipators]
    [True, False]
    """
    terms = [j.rate * commutator(j.operator, j.operator.dag()) for j in dissipator.jumps]
    return not terms or all_zero(sum(terms[1:], terms[0]).entries.values())


def detailed_balance_failure(
    generator: Generator, energy: Operator, number: Operator | None
) -> str:
    """Why the Clausius form would be no second law; empty when it is one.

    For every thermal pair [E - mu_a N, L] = -(omega - mu_a) L, that is -x_k T_a L, and for a lead
    [N, L] = -L. Jumps of a bath without energy exchange must commute with E - mu_a N and be normal.
    A dissipator without temperature must leave 1/d stationary: sum r (L L^+ - L^+ L) = 0.

    These are the hypotheses of Spohn's theorem (J. Math. Phys. 19, 1227 (1978)) for each bath
    alone, so the entropy production is nonnegative in every state; nothing is asked of the state.

    >>> from symtherm import model
    >>> m = model("three-level-maser")
    >>> detailed_balance_failure(m.generator, m.energy, m.number)
    ''
    """
    for d in generator.dissipators:
        if d.bath is None:
            if not preserves_identity(d):
                return f"the dissipator {d.label!r} has no temperature and does not preserve 1/d"
            continue
        if d.bath.mu != 0 and number is None:
            return f"lead {d.label!r} exchanges particles and no number operator was given"
        shifted = energy if number is None or d.bath.mu == 0 else energy - d.bath.mu * number
        for p in d.pairs:
            L = p.operator
            residual = commutator(shifted, L) + (p.frequency - d.bath.mu) * L
            if not all_zero(residual.entries.values()):
                return (
                    f"[E - mu N, L] = -x T L fails for bath {d.label!r} and L = {L}, "
                    f"x T = {p.frequency - d.bath.mu}"
                )
            if d.bath.statistics == "fermi" and number is not None:
                count = commutator(number, L) + L
                if not all_zero(count.entries.values()):
                    return f"[N, L] = -L fails for lead {d.label!r} and L = {L}"
        for jump in d.jumps[2 * len(d.pairs) :]:
            L = jump.operator
            for residual in (commutator(shifted, L), commutator(L, L.dag())):
                if not all_zero(residual.entries.values()):
                    return f"the jump {L} of bath {d.label!r} exchanges energy without a partner"
    return ""
