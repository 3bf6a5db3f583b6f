"""The driven three-level maser: a heat engine between two baths."""

from __future__ import annotations

from sympy import Rational

from symtherm import HilbertSpace, Model, ThermalBath, gkls, parameters

__all__ = ["three_level_maser"]


def three_level_maser() -> Model:
    """Levels g (0), l (omega_c), u (omega_h); hot bath on g-u, cold bath on g-l, drive on l-u.

    In the frame that rotates at the drive frequency omega_d the Hamiltonian is
    H = -Delta |u><u| + epsilon (|u><l| + h.c.), Delta = omega_d - (omega_h - omega_c). Heat and
    power are those of the bare H_0 = omega_c |l><l| + omega_h |u><u|.
    """
    omega_h, omega_c, gamma_h, gamma_c, epsilon = parameters(
        "omega_h omega_c gamma_h gamma_c epsilon"
    )
    Delta = parameters("Delta", real=True)
    T_h, T_c = parameters("T_h T_c")
    atom = HilbertSpace("atom", levels="glu")
    g, l, u = atom.kets
    H_0 = omega_c * l * l.dag() + omega_h * u * u.dag()
    H = -Delta * u * u.dag() + epsilon * (u * l.dag() + l * u.dag())
    hot = ThermalBath("h", T_h)
    cold = ThermalBath("c", T_c)
    L = gkls(
        H,
        [
            hot.jumps(g * u.dag(), frequency=omega_h, rate=gamma_h),
            cold.jumps(g * l.dag(), frequency=omega_c, rate=gamma_c),
        ],
        positive=[omega_h - omega_c],
    )
    return Model(
        name="three-level-maser",
        title="The driven three-level maser as a heat engine",
        parameters=(omega_h, omega_c, gamma_h, gamma_c, epsilon, Delta, T_h, T_c),
        generator=L,
        energy=H_0,
        hot=("h",),
        source="Scovil and Schulz-DuBois, Phys. Rev. Lett. 2, 262 (1959)",
        point={
            omega_h: Rational(3),
            omega_c: Rational(1),
            gamma_h: Rational(1, 50),
            gamma_c: Rational(1, 40),
            epsilon: Rational(1, 20),
            Delta: Rational(1, 100),
            T_h: Rational(10),
            T_c: Rational(1),
        },
    )
