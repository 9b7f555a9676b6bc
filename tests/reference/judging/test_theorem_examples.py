"""Results whose verdict hangs on one inequality: an input that a judge with a bound missing gets wrong.

Each is told by hand what it comes to; none of the expected figures is taken from the code under test.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from actcheck.reference.evaluation.mp import to_fraction
from actcheck.reference.specification.binding import Bound
from tests.support.made_definitions import FORM, PATHS, Array, floats, judged, made, ours, rounded, units_off

every_path = pytest.mark.parametrize("path", PATHS)
#: More than any enclosure of 2^-46 leaves open, and far less than what a missing bound costs.
CLOSE = 2.0**-20
#: The float below 2^-9, and one whose neighbour elu all but reaches.
BELOW = (2 - 2.0**-23) * 2.0**-10
SUBNORMAL = -float.fromhex("0x1.0d16f8p-128")


def histogram_bin(error: float) -> int:
    """The bin of `verdict.EDGES` for an error."""
    return next(k for k, edge in enumerate((0.5, 0.75, 1, 1.5, 2, 4, 16, 64, 1024, 2**20)) if error <= edge)


# Bounds are rounded outwards: below a power of two the smaller unit holds, however near the value lies.

SATURATED = [
    ("tanh", {}, 1000.0, 1 - 7 * 2.0**-24),
    ("sigmoid", {}, 1000.0, 1 - 7 * 2.0**-24),
    ("elu", {}, -1000.0, -1 + 7 * 2.0**-24),
    ("celu", {"alpha": 0.5}, -1000.0, -0.5 + 7 * 2.0**-25),
]


@every_path
@pytest.mark.parametrize(("name", "parameters", "x", "y"), SATURATED, ids=[s[0] for s in SATURATED])
def test_the_smaller_unit_holds_below_a_power_of_two(
    path: str, name: str, parameters: dict[str, float], x: float, y: float
) -> None:
    """The value is just below a power of two in size: the result is off by 7 of the units there."""
    verdict = judged(path, ours(name, **parameters), "forward", (floats(x), [y]))
    low, high = verdict.max_ulp
    assert 7 * (1 - CLOSE) < low <= 7 <= high < 7 * (1 + CLOSE)
    assert verdict.histogram[histogram_bin(7)] == 1


def with_error_of_a_little_more_than(error: float, bound: Bound, inputs: Array) -> tuple[Array, Array]:
    """An input with a result whose error in ULP is that and at most a tenth more."""
    results = units_off(rounded(bound, "forward", inputs), round(error + 0.5))
    for x, y in zip(inputs.tolist(), results.tolist(), strict=True):
        z = to_fraction(bound.exact("forward", Fraction(x)))
        if error < abs(Fraction(y) - z) / Fraction(2) ** FORM.ulp_exponent(abs(z)) < error + 0.1:
            return np.array([x], np.float32), np.array([y], np.float32)
    raise AssertionError(f"none of {len(inputs)} inputs")


@every_path
@pytest.mark.parametrize(("name", "parameters", "x", "y"), SATURATED, ids=[s[0] for s in SATURATED])
def test_half_as_large_an_error_elsewhere_does_not_hide_it(
    path: str, name: str, parameters: dict[str, float], x: float, y: float
) -> None:
    """An error a little above half of the largest would be the largest if the larger unit held."""
    bound = ours(name, **parameters)
    other = with_error_of_a_little_more_than(3.5, bound, floats(0.75 if x > 0 else -0.75, 256))
    whole = judged(path, bound, "forward", other, (floats(x), [y]))
    assert whole.max_ulp[1] >= 7 * (1 - CLOSE)
    assert whole.worst is not None
    assert whole.worst.x == x


# A tie is one only if all of the value lies half a unit off, not its first term.

TIES = [
    ("gelu", "forward", BELOW, 2.0**-10, 13072.03),
    ("silu", "forward", BELOW, 2.0**-10, 8191.5),
    ("gelu", "forward", -BELOW, -(2.0**-10), 26144.06),
    ("silu", "forward", -BELOW / 4, -(2.0**-12), 4095.75),
]


@every_path
@pytest.mark.parametrize(("name", "quantity", "x", "y", "error"), TIES)
def test_a_tie_of_the_first_term_is_none_of_the_value(
    path: str, name: str, quantity: str, x: float, y: float, error: float
) -> None:
    verdict = judged(path, ours(name), quantity, (floats(x), [y]))
    assert verdict.max_ulp == pytest.approx((error, error), rel=1e-3)
    assert (verdict.not_correctly_rounded, verdict.not_faithful) == (1, 1)


@every_path
@pytest.mark.parametrize(("name", "quantity", "x", "y", "error"), TIES)
def test_nor_where_a_lost_zero_has_every_point_looked_at(
    path: str, name: str, quantity: str, x: float, y: float, error: float
) -> None:
    bound, inputs = ours(name), floats(x - 8 * np.spacing(np.float32(abs(x))) * np.sign(x), 17)
    results = rounded(bound, quantity, inputs)
    (at,) = np.flatnonzero(inputs == np.float32(x))
    results[0], results[at] = 0.0, y
    verdict = judged(path, bound, quantity, (inputs, results))
    assert {name: c.count for name, c in verdict.classes.items()} == {"lost_to_zero": 1}
    assert (verdict.not_correctly_rounded, verdict.not_faithful) == (2, 2)


# A radius of zero is claimed only where float64 makes no error at all.


@every_path
@pytest.mark.parametrize(
    ("definition", "x", "y"),
    [
        ("(x + 1)/2", 2.0**-130, 0.5 + 2.0**-24),
        ("(x + 3)/4", 2.0**-130, 0.75 + 2.0**-24),
        ("1 - x/4", -(2.0**-140), 1 + 2.0**-23),
    ],
)
def test_a_line_near_zero_is_not_its_constant(
    tmp_path: Path, path: str, definition: str, x: float, y: float
) -> None:
    """One unit above the constant is less than a unit above the value."""
    verdict = judged(path, made(tmp_path, definition), "forward", (floats(x), [y]))
    assert (verdict.not_correctly_rounded, verdict.not_faithful) == (1, 0)


@every_path
@pytest.mark.parametrize(("definition", "x"), [("(x + 1)/2", -(2.0**-130)), ("1 - x/4", 2.0**-140)])
def test_a_line_near_zero_has_the_unit_of_its_side(
    tmp_path: Path, path: str, definition: str, x: float
) -> None:
    """Seven of the units below a power of two, of which the constant itself would make three and a half."""
    constant = float(definition.startswith("1")) or 0.5
    y = constant * (1 - 7 * 2.0**-24)
    verdict = judged(path, made(tmp_path, definition), "forward", (floats(x), [y]))
    assert verdict.max_ulp == pytest.approx((7.0, 7.0))
    assert verdict.histogram[histogram_bin(7)] == 1


@every_path
@pytest.mark.parametrize(
    ("case", "x", "y"),
    [
        # 2^29 + 2^-24 needs 54 bits; the next float32 above 2^29 is 64 further, less than a unit away.
        ("0.5 <= x < 1: x + 536870911 + 1/8388608", 1 - 2.0**-24, 2.0**29 + 64),
        ("-1 < x <= -0.5: -x + 536870911 + 1/8388608", -1 + 2.0**-24, 2.0**29 + 64),
        # 2^30 + 2^-23, twice as large.
        ("1 <= x < 2: x + 1073741822 + 1/4194304", 2 - 2.0**-23, 2.0**30 + 128),
    ],
)
def test_a_line_with_too_many_digits_is_not_exact(
    tmp_path: Path, path: str, case: str, x: float, y: float
) -> None:
    verdict = judged(path, made(tmp_path, case, "x"), "forward", (floats(x), [y]))
    assert (verdict.not_correctly_rounded, verdict.not_faithful) == (1, 0)


# Shortcuts hold where their inequality does.


@every_path
@pytest.mark.parametrize(("numerator", "bits"), [(1048573, 19), (1048571, 19), (999997, 19)])
def test_results_all_but_half_a_unit_off_under_a_large_slope(path: str, numerator: int, bits: int) -> None:
    """Inputs for which the exact value lies 1/(3*2^19) of a unit beside the middle of two floats."""
    steps = 3 << bits
    bound, x = ours("leaky_relu", negative_slope=numerator / 3), []
    for beside in (1, -1):
        # numerator * m = half of steps + beside, modulo steps, for significands m of x.
        found = (steps // 2 + beside) * pow(numerator, -1, steps) % steps
        x += [
            m for k in range(12) if (m := found + k * steps) * numerator >= 3 << (bits + 23) and m < 1 << 24
        ]
    x = [m for m in x if m >= 1 << 23]
    assert len(x) >= 2
    for m in x:
        inputs = floats(-m * 2.0**-23, 4)
        verdict = judged(path, bound, "forward", (inputs, rounded(bound, "forward", inputs)))
        assert (verdict.not_correctly_rounded, verdict.not_faithful) == (0, 0)
        assert verdict.max_ulp[1] <= 0.5 + CLOSE


@every_path
@pytest.mark.parametrize("alpha", [2.0**130, -(2.0**130), 2.0**128])
def test_infinities_under_a_slope_beyond_the_format(path: str, alpha: float) -> None:
    """elu is alpha*x for small x, a normal number."""
    x = floats(-(2.0**-40), 4096)
    y = np.full(4096, -np.inf if alpha > 0 else np.inf)
    verdict = judged(path, ours("elu", alpha=alpha), "forward", (x, y))
    assert {name: c.count for name, c in verdict.classes.items()} == {"wrong_infinity": 4096}
    assert (verdict.not_correctly_rounded, verdict.not_faithful) == (4096, 4096)


@every_path
def test_zeros_under_a_slope_below_the_format(tmp_path: Path, path: str) -> None:
    bound = made(tmp_path, f"x > {2**40}: x/{2**160}", "0")
    verdict = judged(path, bound, "forward", (floats(2.0**100, 4096), np.zeros(4096)))
    assert {name: c.count for name, c in verdict.classes.items()} == {"lost_to_zero": 4096}
    assert (verdict.not_correctly_rounded, verdict.not_faithful) == (4096, 4096)


@every_path
@pytest.mark.parametrize(
    ("definition", "slope", "sign"),
    [
        (f"x*3/5 + x**2/{2**100} - x**5", 3, -1),
        (f"x*3/5 - x**2/{2**100} + x**5", 3, 1),
        (f"x*7/5 + x**2/{2**130} - x**6", 7, -1),
    ],
)
def test_a_term_that_is_left_out_may_outweigh_the_second(
    tmp_path: Path, path: str, definition: str, slope: int, sign: int
) -> None:
    """The first term is a float, and the term of the highest power says on which side the value lies."""
    bound, x = made(tmp_path, definition), 5 * 2.0**-33
    first = np.array([slope * 2.0**-33], np.float32)
    towards = judged(path, bound, "forward", (floats(x), units_off(first, sign)))
    assert (towards.not_correctly_rounded, towards.not_faithful) == (1, 0)
    away = judged(path, bound, "forward", (floats(x), units_off(first, -sign)))
    assert (away.not_correctly_rounded, away.not_faithful) == (1, 1)


@every_path
@pytest.mark.parametrize(
    "cancelling", [f"(exp(x) + {2**240}) - {2**240}", f"(tanh(x) + {2**238}) - {2**238}"]
)
def test_a_segment_of_one_float_is_as_accurate_as_any(tmp_path: Path, path: str, cancelling: str) -> None:
    """However the definition cancels, one result an input is the right one."""
    x = floats(1.0, 4)
    bound, plain = made(tmp_path, f"1 <= x < 1.000002: {cancelling}", "x"), cancelling[1:7]
    right = np.exp(x.astype(np.float64)) if plain == "exp(x)" else np.tanh(x.astype(np.float64))
    y = right.astype(np.float32)
    for units in range(-300, 301):
        verdict = judged(path, bound, "forward", (x, units_off(y, units)))
        assert verdict.not_correctly_rounded == (4 if units else 0), units
        assert verdict.max_ulp[1] == pytest.approx(abs(units), abs=0.51), units


# Zeros and kinks are judged apart: nothing that stands for them is counted.


@every_path
def test_nothing_fabricated_at_zero_is_counted(tmp_path: Path, path: str) -> None:
    """At zero the value lies 2^-60 above the middle of two floats: the upper one is right."""
    bound = made(tmp_path, f"0.5 + 1/33554432 + 1/{2**60} + x/7 + x**3")
    verdict = judged(path, bound, "forward", (floats(0.0, 4096), np.full(4096, 0.5 + 2.0**-24)))
    assert (verdict.not_correctly_rounded, verdict.points) == (0, 4096)
    assert verdict.max_ulp[1] <= 0.5 + CLOSE
    assert sum(verdict.histogram) == 4096


@every_path
def test_nothing_fabricated_at_a_kink_is_counted(tmp_path: Path, path: str) -> None:
    """Just above 1 the slope lies 2^-60 above the middle of two floats, at 1 both slopes are right."""
    slope = f"(0.5 + 1/33554432 + 1/{2**60})"
    bound = made(tmp_path, f"x >= 1: x*{slope} + (x - 1)**3", "x*0.5", kinks="[{at: 1, torch: 0.5}]")
    x = floats(1.0, 4096)
    verdict = judged(path, bound, "gradient", (x, np.append(0.5, rounded(bound, "gradient", x[1:]))))
    assert verdict.not_correctly_rounded == 0
    assert verdict.max_ulp == pytest.approx((0.5, 0.5), abs=2e-9)
    assert verdict.max_ulp[1] <= 0.5 + CLOSE
    assert verdict.worst is not None
    assert verdict.worst.x != 1


# A point is decided for certain, however far down the rest lies.

#: Value all but the middle of two floats, and the one it rounds to.
FAR = [
    ("elu", {"alpha": 1 + 3 * 2.0**-24}, -256.0, -(1 + 2 * 2.0**-24), -(1 + 4 * 2.0**-24)),
    ("elu", {"alpha": 1 + 3 * 2.0**-24}, -1e30, -(1 + 2 * 2.0**-24), -(1 + 4 * 2.0**-24)),
    ("celu", {"alpha": 1 + 7 * 2.0**-24}, -512.0, -(1 + 6 * 2.0**-24), -(1 + 8 * 2.0**-24)),
    ("elu", {"alpha": -1 - 3 * 2.0**-24}, -300.0, 1 + 2 * 2.0**-24, 1 + 4 * 2.0**-24),
]


@every_path
@pytest.mark.parametrize(("name", "parameters", "x", "right", "wrong"), FAR)
def test_the_side_of_the_rest_decides_far_out(
    path: str, name: str, parameters: dict[str, float], x: float, right: float, wrong: float
) -> None:
    bound, inputs = ours(name, **parameters), floats(x, 64)
    for y, count in ((right, 0), (wrong, 64)):
        verdict = judged(path, bound, "forward", (inputs, np.full(64, y)))
        assert (verdict.not_correctly_rounded, verdict.not_faithful) == (count, 0)


ONE_OFF = [
    # elu is x + x^2/2, and a subnormal x is that float.
    ("elu", SUBNORMAL, 2.0**-149, True),
    ("elu", SUBNORMAL, -(2.0**-149), False),
    # tanh is x - x^3/3.
    ("tanh", 1.5 * 2.0**-130, -(2.0**-149), True),
    ("tanh", 1.5 * 2.0**-130, 2.0**-149, False),
    # softsign is x - x^2 above 0.
    ("softsign", 2.0**-140, -(2.0**-149), True),
    ("softsign", 2.0**-140, 2.0**-149, False),
]


@every_path
@pytest.mark.parametrize(("name", "x", "step", "faithful"), ONE_OFF)
def test_one_unit_less_a_tiny_rest_is_faithful(
    path: str, name: str, x: float, step: float, faithful: bool
) -> None:
    verdict = judged(path, ours(name), "forward", (floats(x), [x + step]))
    assert (verdict.not_correctly_rounded, verdict.not_faithful) == (1, int(not faithful))


@every_path
@pytest.mark.parametrize("x", [-200.0, -1e4, -1e5, -3e38])
@pytest.mark.parametrize(("name", "sign"), [("sigmoid", 1), ("silu", -1), ("gelu", -1), ("softplus", 1)])
def test_what_lies_far_below_the_smallest_number_has_a_sign(
    path: str, name: str, x: float, sign: int
) -> None:
    """The smallest number of the value's sign is less than a unit away, that of the other sign more."""
    bound, smallest = ours(name), FORM.smallest
    for y, faithless in ((sign * smallest, 0), (0.0, 0), (-sign * smallest, 1)):
        verdict = judged(path, bound, "forward", (floats(x), [y]))
        assert (verdict.not_correctly_rounded, verdict.not_faithful) == (int(y != 0), faithless)


@every_path
@pytest.mark.parametrize(("name", "x", "y"), [("tanh", 1000.0, 1.0), ("elu", -1000.0, -1.0)])
def test_a_tiny_error_is_enclosed_below_the_power_of_two(path: str, name: str, x: float, y: float) -> None:
    """Nothing but the rest is missing, and one unit of the smaller kind on the other side is faithful."""
    assert judged(path, ours(name), "forward", (floats(x), [y])).max_ulp[1] < 2.0**-20
    beyond = judged(path, ours(name), "forward", (floats(x), [y * (1 + 2.0**-23)]))
    # The unit above is two of those below, and the value lies below.
    assert (beyond.not_correctly_rounded, beyond.not_faithful) == (1, 1)
    assert beyond.max_ulp == pytest.approx((2.0, 2.0))
