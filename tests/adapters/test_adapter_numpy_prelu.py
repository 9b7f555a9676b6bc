"""prelu of the numpy backend where a weight is 0: the limit, not the product."""

from __future__ import annotations

import numpy as np

from actcheck.adapters.numpy_backend import NumpyAdapter


def test_a_weight_of_zero_gives_zero_at_minus_infinity() -> None:
    x = np.array([[-np.inf, -1.0, -0.0, 3.0, np.inf, np.nan]], np.float32)
    y = NumpyAdapter().forward("prelu", x, {"weight": np.zeros(1, np.float32)})
    np.testing.assert_array_equal(y, [[0.0, 0.0, 0.0, 3.0, np.inf, np.nan]])
