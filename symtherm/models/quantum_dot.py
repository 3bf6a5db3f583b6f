"""A single-level quantum dot between two leads: a thermoelectric engine with tight coupling."""

from __future__ import annotations

from sympy import Rational, Symbol

from symtherm import HilbertSpace, Lead, Model, gkls, parameters

__all__ = ["quantum_dot"]


def quantum_dot() -> Model:
    """Levels 0 (empty), 1 (full, energy epsilon); filled at Gamma f, emptied at Gamma (1 - f)."""
    epsilon, mu_l, mu_r = parameters("epsilon mu_l mu_r", real=True)
    T_l, T_r, Gamma_l, Gamma_r = parameters("T_l T_r Gamma_l Gamma_r")
    dot = HilbertSpace("dot", levels="01")
    empty, full = dot.kets
    N = full * full.dag()
    H = epsilon * N
    annihilate = empty * full.dag()
    leads = [(Lead("l", T_l, mu_l), Gamma_l), (Lead("r", T_r, mu_r), Gamma_r)]
    point: dict[Symbol, Rational] = {
        epsilon: Rational(1),
        mu_l: Rational(1, 5),
        mu_r: Rational(0),
        T_l: Rational(1, 2),
        T_r: Rational(1),
        Gamma_l: Rational(3, 10),
        Gamma_r: Rational(7, 10),
    }
    return Model(
        name="quantum-dot",
        title="A single-level quantum dot between two leads",
        parameters=(epsilon, mu_l, mu_r, T_l, T_r, Gamma_l, Gamma_r),
        generator=gkls(
            H, [lead.jumps(annihilate, energy=epsilon, rate=rate) for lead, rate in leads]
        ),
        energy=H,
        number=N,
        hot=("l", "r"),
        source="Esposito, Lindenberg and Van den Broeck, EPL 85, 60010 (2009)",
        point=point,
    )
