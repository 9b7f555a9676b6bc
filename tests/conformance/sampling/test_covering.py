"""The choice of calls: every possible pair of levels, few rows, the same each time."""

from __future__ import annotations

from itertools import product

import pytest

from actcheck.conformance.sampling.covering import Row, covering, pairs

FACTORS = {
    "form": tuple(range(9)),
    "format": ("float16", "bfloat16", "float32", "float64"),
    "quantity": ("forward", "gradient", "second_derivative"),
    "recorded": (False, True),
}


def possible(row: Row) -> bool:
    """Form 0 has no second derivative, and form 1 is recorded alone."""
    second = row.get("form") == 0 and row.get("quantity") == "second_derivative"
    return not second and not (row.get("form") == 1 and row.get("recorded") is False)


def all_pairs(excluded: bool) -> set[object]:
    """By going through all rows."""
    rows = (dict(zip(FACTORS, levels, strict=True)) for levels in product(*FACTORS.values()))
    return {pair for row in rows if not excluded or possible(row) for pair in pairs(row)}


def test_every_pair_occurs() -> None:
    rows = covering(FACTORS)
    assert {pair for row in rows for pair in pairs(row)} == all_pairs(excluded=False)


def test_rows_are_few() -> None:
    # 9 by 4 is the least there can be; all are 216.
    assert len(covering(FACTORS)) <= 40


def test_rows_are_complete_and_in_order() -> None:
    for row in covering(FACTORS):
        assert list(row) == list(FACTORS)
        assert all(level in FACTORS[name] for name, level in row.items())


def test_what_is_excluded_does_not_occur_and_all_else_does() -> None:
    rows = covering(FACTORS, possible)
    assert all(possible(row) for row in rows)
    assert {pair for row in rows for pair in pairs(row)} == all_pairs(excluded=True)


def test_a_pair_that_only_three_levels_exclude_is_left_out() -> None:
    factors = {"a": (0, 1), "b": (0, 1), "c": (0, 1)}

    def never(row: Row) -> bool:
        """Where a and b are 1, neither level of c is possible."""
        return not (row.get("a") == 1 == row.get("b") and "c" in row)

    rows = covering(factors, never)
    assert rows
    assert not any(row["a"] == row["b"] == 1 for row in rows)


def test_rows_to_begin_with_stand_first_and_are_not_chosen_again() -> None:
    chosen = covering(FACTORS)
    again = covering(FACTORS, first=chosen)
    assert again == chosen
    begun = covering(FACTORS, first=chosen[-3:])
    assert begun[:3] == chosen[-3:]


def test_the_choice_is_the_same_each_time() -> None:
    assert covering(FACTORS, possible) == covering(dict(FACTORS), possible)


@pytest.mark.parametrize("factors", [{}, {"form": (1, 2)}])
def test_fewer_than_two_factors_have_no_pairs(factors: dict[str, tuple[int, ...]]) -> None:
    assert covering(factors) == []
