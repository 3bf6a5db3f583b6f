"""Numbers under roots that are no squares modulo the usual prime: the next prime is taken."""

import sympy

from symtherm import HilbertSpace, ThermalBath, gkls, parameters, steady_state
from symtherm.exact.alphabet import alphabet
from symtherm.exact.matrix import PRIME, modular_point, modular_value


def test_a_prime_at_which_all_numeric_roots_exist():
    """sqrt(79) and sqrt(5 + sqrt(5)) have values that obey their relations at every seed."""
    x = sympy.Symbol("x", positive=True)
    inner = sympy.sqrt(5)
    space = alphabet([sympy.sqrt(79) * x, sympy.sqrt(5 + inner), sympy.sqrt(x + inner)])
    for seed in range(5):
        point = modular_point(space.base, seed)
        assert point.prime % 4 == 3
        for index, radicand in space.base.roots:
            root = point.values[index]
            assert root * root % point.prime == modular_value(radicand, point)
    assert modular_point(alphabet([x]).base, 1).prime == PRIME


def test_a_steady_state_with_a_large_numeric_root():
    """A level with the dipole sqrt(79) to another one: the root drops out of the populations."""
    w, k, T = parameters("omega kappa T")
    drive = parameters("epsilon")
    atom = HilbertSpace("atom", levels="ge")
    g, e = atom.kets
    H = sympy.sqrt(79) * drive * (g * e.dag() + e * g.dag())
    L = gkls(H, [ThermalBath("b", T).jumps(g * e.dag(), frequency=w, rate=k)])
    found = steady_state(L).population("e")
    n = 1 / (sympy.exp(w / T) - 1)
    rate = k * (2 * n + 1)
    pump = 4 * 79 * drive**2 / rate
    assert sympy.cancel(sympy.together(found - (k * n + pump) / (rate + 2 * pump))) == 0
