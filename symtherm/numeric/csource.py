"""A tape as C: one loop over the points, IEEE arithmetic, vectorised by the compiler.

The code is made of the instructions of a tape, so no text of a user's gets into it. ``mulerr`` is
one fused multiply-add here. ``exp`` and ``expm1`` are branch-free so that the loop vectorises:

    k = round(u/ln 2), r = u - k ln 2 in two parts (Cody and Waite), |r| <= 0.3466;
    e^r - 1 = r + r^2 (1/2 + r (1/6 + ... + r^11/13!)), truncated below 2^-57 relative;
    e^u = 2^k (1 + (e^r - 1)), e^u - 1 = 2^k (e^r - 1) + (2^k - 1),

with 2^k applied in two steps, so that subnormal results and the range up to 709.78 come out.
Other functions are those of the C library; a loop with one of them is not vectorised.
"""

from __future__ import annotations

from collections.abc import Sequence

from symtherm.errors import OutsideClosedForm
from symtherm.numeric.tape import Instruction

__all__ = ["BLOCK", "c_source"]

BLOCK = 512  # points for which a value that does not vary is spread out

_FORMS = {
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}",
    "max": "larger({0}, {1})", "min": "-larger(-{0}, -{1})", "neg": "-{0}",
    "abs": "__builtin_fabs({0})", "sqrt": "__builtin_sqrt({0})",
    "copysign": "__builtin_copysign({0}, {1})", "mulerr": "__builtin_fma({0}, {1}, -({0} * {1}))",
    "residual": "__builtin_fma(-({1}), {2}, {0})", "inside": "({0} >= 0.0 ? 0.0 : NAN)",
    "exp": "exp_({0})", "expm1": "expm1_({0})", "log": "log({0})", "log1p": "log1p({0})",
    "log1pexp": "log1pexp({0})", "pow": "pow({0}, {1})",
    **{name: name + "({0})" for name in ("tanh", "cosh", "sinh", "atanh", "acosh", "asinh",
                                         "sin", "cos")},
}  # fmt: skip

_COEFFICIENTS = [
    "0.5", "1.0/6", "1.0/24", "1.0/120", "1.0/720", "1.0/5040", "1.0/40320", "1.0/362880",
    "1.0/3628800", "1.0/39916800", "1.0/479001600", "1.0/6227020800",
]  # fmt: skip


def _polynomial() -> str:
    text = _COEFFICIENTS[-1]
    for c in reversed(_COEFFICIENTS[:-1]):
        text = f"__builtin_fma({text}, r, {c})"
    return text


_HEAD = f"""\
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#define INLINE static inline __attribute__((always_inline))
INLINE double larger(double a, double b) {{ return (a > b) | (a != a) ? a : b; }}
INLINE double power_of_two(double k) {{
    /* k + 1023 in the low bits of k + 1023 + 1.5 * 2^52, shifted into the exponent */
    double shifted = k + (0x1.8p52 + 1023.0);
    uint64_t bits;
    memcpy(&bits, &shifted, 8);
    bits <<= 52;
    double result;
    memcpy(&result, &bits, 8);
    return result;
}}
INLINE double nearest(double x) {{ return (x + 0x1.8p52) - 0x1.8p52; }}
INLINE double reduced(double x, double *k) {{
    *k = nearest(x * 0x1.71547652b82fep+0);
    double r = __builtin_fma(*k, -0x1.62e42fefa39efp-1, x);
    r = __builtin_fma(*k, -0x1.abc9e3b39803fp-56, r);
    return __builtin_fma(r * r, {_polynomial()}, r);
}}
INLINE double clipped(double x) {{ x = x < -746.0 ? -746.0 : x; return x > 710.0 ? 710.0 : x; }}
INLINE double exp_(double x) {{
    double k, e = reduced(clipped(x), &k), half = nearest(k * 0.5);
    return (1.0 + e) * power_of_two(half) * power_of_two(k - half);
}}
INLINE double expm1_(double x) {{
    double k, e = reduced(clipped(x), &k), half = nearest(k * 0.5);
    double a = power_of_two(half), b = power_of_two(k - half);
    /* 2^k (e + 1) - 1 as ((e a) + (a - 1/b)) b; beyond 2^60 the one is gone */
    double small = e * (a * b) + (a * b - 1.0), large = (1.0 + e) * a * b;
    return k > 60.0 ? large : (k == 0.0 ? e : small);
}}
INLINE double log1pexp(double x) {{ return larger(x, 0.0) + log1p(exp(-__builtin_fabs(x))); }}
"""


def c_source(parameters: int, program: Sequence[Instruction], outputs: Sequence[int]) -> str:
    """``void evaluate(n, inputs, steps, outputs)`` in C for a tape.

    ``steps[i]`` is 1 for an input with n values and 0 for one with a single value.

    >>> "a0 + a0" in c_source(1, [Instruction("add", (0, 0))], [1])
    True
    """
    names = [f"a{i}" for i in range(parameters)]
    body = []
    for i in range(parameters):
        body.append(f"        const double a{i} = p{i}[i];")
    for number, (op, args, value) in enumerate(program):
        if op == "const":
            names.append(_literal(value))
            continue
        if op not in _FORMS:
            raise OutsideClosedForm("a C function", found=op, advice='use backend="numpy"')
        name = f"t{number}"
        form = _FORMS[op].format(*(names[a] for a in args))
        body.append(f"        const double {name} = {form};")
        names.append(name)
    ends = [f"        q{j}[i] = {names[index]};" for j, index in enumerate(outputs)]
    spread = "\n".join(
        f"    if (!step[{i}]) for (size_t i = 0; i < {BLOCK}; i++) wide[{i}][i] = in[{i}][0];"
        for i in range(parameters)
    )
    inputs = ", ".join(f"const double *restrict p{i}" for i in range(parameters))
    results = ", ".join(f"double *restrict q{j}" for j in range(len(outputs)))
    signature = ", ".join(part for part in ("size_t n", inputs, results) if part)
    pointers = [f"step[{i}] ? in[{i}] + s : wide[{i}]" for i in range(parameters)]
    targets = [f"out[{j}] + s" for j in range(len(outputs))]
    call = ", ".join(["m", *pointers, *targets])
    return f"""{_HEAD}
static __attribute__((noinline)) void block({signature}) {{
    for (size_t i = 0; i < n; i++) {{
{chr(10).join(body + ends)}
    }}
}}

void evaluate(size_t n, const double *const *in, const int64_t *step, double *const *out) {{
    double wide[{max(parameters, 1)}][{BLOCK}] __attribute__((aligned(64)));
{spread}
    for (size_t s = 0; s < n; s += {BLOCK}) {{
        size_t m = n - s < {BLOCK} ? n - s : {BLOCK};
        block({call});
    }}
}}
"""


def _literal(value: float) -> str:
    if value != value:
        return "(0.0/0.0)"
    if value in (float("inf"), float("-inf")):
        return "(1.0/0.0)" if value > 0 else "(-1.0/0.0)"
    return f"({value.hex()})"
