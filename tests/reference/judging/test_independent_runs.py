"""The judge agrees with a second one over fixed runs of consecutive inputs.

``python -m tests.support.independent --seed 1 --runs 100`` holds the two together for as long as one likes,
over runs drawn by chance.
"""

from __future__ import annotations

import pytest

from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.binding import bind
from tests.support.independent.holding import held, held_in_16_bits
from tests.support.independent.planting import PLANTS
from tests.support.independent.runs import SIZE, Asked, close, elementwise, fixed
from tests.support.thorough import one_in


@pytest.mark.parametrize("asked", one_in(4, fixed()), ids=str)
def test_a_run_is_judged_alike_by_both(asked: Asked) -> None:
    assert list(held(asked)) == []


@pytest.mark.parametrize("asked", one_in(6, close()), ids=str)
def test_a_run_of_close_decisions_is_judged_alike_by_both(asked: Asked) -> None:
    assert list(held(asked)) == []


def test_the_fixed_runs_leave_nothing_out() -> None:
    runs = list(fixed())
    assert sum(len(asked.plants) for asked in runs) >= 50
    assert {asked.run.count for asked in runs} == {SIZE}
    assert {asked.name for asked in runs} == {spec.id for spec in elementwise()}
    assert {asked.quantity for asked in runs} == {"forward", "gradient", "second_derivative"}
    assert {plant for asked in runs for plant in asked.plants} == set(PLANTS)


#: Each activation in both formats; the first of its two always.
IN_16_BITS = [
    (number, form)
    for number in range(len(elementwise()))
    for form in (("float16", "bfloat16") if number % 2 else ("bfloat16", "float16"))
]


@pytest.mark.parametrize(
    "asked", one_in(2, IN_16_BITS), ids=[f"{elementwise()[n].id}-{form}" for n, form in IN_16_BITS]
)
def test_a_format_of_16_bits_is_judged_alike_by_both(asked: tuple[int, str]) -> None:
    """Each activation in one quantity and variant, with two kinds of results, all changing in turn."""
    number, form = asked
    spec, step = elementwise()[number], number + (form == "float16")
    bound = bind(spec, spec.variants[step % len(spec.variants)])
    quantity = ("forward", "gradient", "second_derivative")[step % 3]
    plants = [list(PLANTS)[(5 * step + k) % len(PLANTS)] for k in (0, 3)]
    assert list(held_in_16_bits(bound, quantity, FORMATS[form], plants)) == []
