"""Functions of Hermitian ball matrices: eigenvalues, entropies and logarithms, with proofs.

Let V be any invertible matrix, here approximate eigenvectors, and B = V^-1 A V = D + E with D real
and diagonal. The eigenvalues of A are those of B and real.

*Eigenvalues* (Gershgorin): a connected union of k of the discs |z - D_i| <= sum_j |E_ij| holds
exactly k of them. So repeated eigenvalues need no isolation; all that counts is that V is well
conditioned, for which a unitary V is taken where the general one is not.

*Logarithm*: ln B - ln D = int_0^inf (D + s)^-1 E (B + s)^-1 ds. In the maximum norm
||(D + s)^-1|| = 1/(m + s) with m = min D, and by Neumann's series ||(B + s)^-1|| <=
1/(m + s - e) with e = ||E|| < m; so ||ln B - ln D|| <= e/(m - e), entry by entry.

*x ln x* decreases on (0, 1/e): an eigenvalue known to lie in [0, u], u < 1/e, contributes a value
in [u ln u, 0]. So pure and near-pure states cost bits, not rigour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flint
from flint import acb, acb_mat, arb, fmpq_mat
from mpmath import mp

from symtherm.errors import OutOfDomain
from symtherm.exact.refine import NotYet
from symtherm.exact.semigroup import blocks_of

__all__ = ["eigenvalue_balls", "entropy_ball", "log_balls", "matrix_of", "nullity"]

Matrix = list[list[Any]]
SINGULAR = "a state whose logarithm is needed may be singular"


def matrix_of(coordinates: Sequence[Any], d: int) -> Matrix:
    """The Hermitian matrix with these coordinates, as complex balls."""
    out = [[acb(0)] * d for _ in range(d)]
    k = d
    for i in range(d):
        out[i][i] = acb(coordinates[i])
        for j in range(i + 1, d):
            re, im = coordinates[k], coordinates[k + 1]
            out[i][j], out[j][i] = acb(re, im), acb(re, -im)
            k += 2
    return out


def nullity(coordinates: Sequence[Any], d: int) -> int:
    """The exact multiplicity of the eigenvalue 0 of a rational Hermitian matrix (fmpq).

    [[R, -I], [I, R]] is the real form of R + iI and has twice its rank.
    """
    real = fmpq_mat(2 * d, 2 * d)
    k = d
    for i in range(d):
        real[i, i] = real[d + i, d + i] = coordinates[i]
        for j in range(i + 1, d):
            re, im = coordinates[k], coordinates[k + 1]
            for a, b in ((i, j), (j, i), (d + i, d + j), (d + j, d + i)):
                real[a, b] = re
            real[i, d + j], real[j, d + i] = -im, im
            real[d + i, j], real[d + j, i] = im, -im
            k += 2
    return d - int(real.rank()) // 2


def _parts(matrix: Matrix) -> list[list[int]]:
    d = len(matrix)
    keys = [(i, j) for i in range(d) for j in range(d) if i != j and matrix[i][j] != 0]
    return blocks_of(keys, d)


def _eigenvectors(block: Any, unitary: bool) -> Any:
    middle = block.mid()
    size = middle.nrows()
    if not unitary:
        return middle.eig(right=True, algorithm="approx")[1].mid()
    with mp.workprec(flint.ctx.prec):
        rows = [[_mpc(middle[i, j]) for j in range(size)] for i in range(size)]
        _, vectors = mp.eighe(mp.matrix(rows))
        out = acb_mat(size, size)
        for i in range(size):
            for j in range(size):
                out[i, j] = acb(_arb(mp.re(vectors[i, j])), _arb(mp.im(vectors[i, j])))
        return out


def _mpc(value: Any) -> Any:
    return mp.mpc(*(mp.make_mpf(part.mid()._mpf_) for part in (value.real, value.imag)))


def _arb(value: Any) -> Any:
    sign, man, exp, _ = value._mpf_
    return arb((-1) ** sign * int(man)) * arb(2) ** exp


def _diagonal(matrix: Matrix, nodes: list[int]) -> tuple[Any, Any, list[Any], Any]:
    """V, V^-1, the diagonal D (exact) and E of one block, with the tighter of two choices of V."""
    size = len(nodes)
    block = acb_mat(size, size)
    for i, a in enumerate(nodes):
        for j, b in enumerate(nodes):
            block[i, j] = matrix[a][b]
    best: tuple[Any, ...] | None = None
    for unitary in (False, True):
        try:
            vectors = _eigenvectors(block, unitary)
            inverse = vectors.inv()
        except ZeroDivisionError:
            continue
        moved = inverse * block * vectors
        diagonal = [moved[i, i].real.mid() for i in range(size)]
        error = moved
        for i in range(size):
            error[i, i] = moved[i, i] - diagonal[i]
        width = max(_row(error, i) for i in range(size))
        if best is None or width < best[0]:
            best = (width, vectors, inverse, diagonal, error)
        if width < arb(2) ** (-(flint.ctx.prec * 3) // 4):
            break
    if best is None or not best[0].is_finite():
        raise NotYet
    return best[1], best[2], best[3], best[4]


def _row(error: Any, i: int) -> Any:
    total = arb(0)
    for j in range(error.ncols()):
        total = total + error[i, j].abs_upper()
    return total.abs_upper()


def eigenvalue_balls(matrix: Matrix) -> list[Any]:
    """All eigenvalues with their multiplicity, each a real ball that contains it."""
    out: list[Any] = []
    for nodes in _parts(matrix):
        if len(nodes) == 1:
            out.append(matrix[nodes[0]][nodes[0]].real)
            continue
        _, _, diagonal, error = _diagonal(matrix, nodes)
        discs = sorted(
            (arb(d, _row(error, i)) for i, d in enumerate(diagonal)), key=lambda b: b.lower().mid()
        )
        groups: list[list[Any]] = []
        for disc in discs:
            if groups and any(disc.overlaps(other) for other in groups[-1]):
                groups[-1].append(disc)
            else:
                groups.append([disc])
        for group in groups:
            hull = group[0]
            for disc in group[1:]:
                hull = hull.union(disc)
            out += [hull] * len(group)
    return out


def _x_ln_x(ball: Any) -> Any:
    if ball > 0:
        return ball * ball.log()
    if ball < 0:
        raise OutOfDomain(
            "The entropy of a state",
            found=f"the eigenvalue {ball.str(5, radius=False)}",
            advice="give a positive matrix",
        )
    upper = arb(ball.abs_upper())
    if not upper < arb("0.36"):
        raise NotYet
    return arb(0).union(upper * upper.log())


def entropy_ball(matrix: Matrix, zeros: int = 0) -> Any:
    """S = -Tr rho ln rho in nats of a positive matrix.

    ``zeros`` eigenvalues are known to be exactly 0; an eigenvalue whose ball touches 0 is taken
    to be nonnegative, which the caller has to know. Raises OutOfDomain for a negative one.

    >>> print(entropy_ball([[acb(1), acb(0)], [acb(0), acb(0)]]))
    0
    """
    values = sorted(eigenvalue_balls(matrix), key=lambda b: float(b.abs_upper()))
    for ball in values[:zeros]:
        if not ball.contains(0):
            raise NotYet
    total = arb(0)
    for ball in values[zeros:]:
        if ball != 0:
            total = total - _x_ln_x(ball)
    return total


def log_balls(matrix: Matrix) -> Matrix:
    """ln of a positive definite matrix; raises NotYet when that is not proved.

    >>> print(log_balls([[acb(1)]])[0][0])
    0
    """
    d = len(matrix)
    out = [[acb(0)] * d for _ in range(d)]
    for nodes in _parts(matrix):
        size = len(nodes)
        if size == 1:
            value = matrix[nodes[0]][nodes[0]].real
            if not value > 0:
                raise NotYet(SINGULAR)
            out[nodes[0]][nodes[0]] = acb(value.log())
            continue
        vectors, inverse, diagonal, error = _diagonal(matrix, nodes)
        width = arb(0)
        for i in range(size):
            width = width.max(_row(error, i))
        least = diagonal[0]
        for value in diagonal[1:]:
            least = least.min(value)
        gap = least - width
        if not gap > 0:
            raise NotYet(SINGULAR)
        bound = (width / gap).abs_upper()
        inner = acb_mat(size, size, [acb(arb(0, bound), arb(0, bound))] * (size * size))
        for i in range(size):
            inner[i, i] = inner[i, i] + diagonal[i].log()
        logarithm = vectors * inner * inverse
        for i, a in enumerate(nodes):
            for j, b in enumerate(nodes):
                out[a][b] = logarithm[i, j]
    return out
