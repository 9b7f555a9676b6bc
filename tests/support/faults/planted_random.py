"""Planted faults in rrelu's training form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.faults.planted_draws import (
    STRIDED,
    Changed,
    Drawing,
    NoSeed,
    all_share,
    biased,
    blocks_share,
    coarse,
    columns_share,
    eight_bits_of_seed,
    evaluated_where,
    even_seeds,
    faintly_correlated,
    given_where,
    last,
    one_seed,
    pairs_share,
    rows_share,
    seed_is_added,
    seed_is_offset,
    slightly_biased,
    spread,
    triangular,
    unit,
    upstream_forgotten,
    with_a_hole,
)

#: By the last part of the question, for the defaults in float32: name, backend, kind of fault.
_FLOAT32: Mapping[str, Mapping[str, tuple[NumpyAdapter, str]]] = {
    "any": {
        "slope resampled in backward": (Drawing(backward=1), "resampled"),
        "slopes shared: pairs_share": (Drawing(pairs_share), "resolution"),
        "slopes shared: rows_share": (Drawing(rows_share), "independence"),
        "slopes shared: columns_share": (Drawing(columns_share), "independence"),
        "slopes shared: all_share": (Drawing(all_share), "uniformity"),
        "slopes shared by blocks of 2^18": (Drawing(blocks_share), "independence"),
        "slopes shared by blocks of 2^19": (Drawing(partial(blocks_share, size=1 << 19)), "independence"),
        "every eighth slope is its neighbour's": (Drawing(faintly_correlated), "resolution"),
        "biased slope beyond the range": (Drawing(scale=1.02), "range"),
        "256 slopes": (Drawing(coarse), "resolution"),
        "256 slopes, the lower bound among them": (Drawing(partial(coarse, middle=0.0)), "resolution"),
        "4,096 slopes": (Drawing(partial(coarse, levels=1 << 12)), "resolution"),
        "16,384 slopes": (Drawing(partial(coarse, levels=1 << 14)), "resolution"),
        "mean off by 0.4 %": (Drawing(slightly_biased), "mean"),
        "mean off by -0.4 %": (Drawing(partial(slightly_biased, by=-0.004)), "mean"),
        "a hole in the range": (Drawing(with_a_hole), "cells"),
        "slopes for positive elements": (Drawing(everywhere=True), "positive"),
        "NaN in long arrays": (given_where(lambda x: x.size > 1 << 17 and x < -3, result=np.nan), "range"),
        "bad bounds accepted in training": (
            Drawing(lambda shape, seed: np.full(shape, 0.2)),
            "accepted:lower=0.5,upper=0.25",
        ),
    },
    "seeds": {
        "the same slopes for every seed": (Drawing(one_seed), "same_for_seeds"),
        "8 bits of the seed": (Drawing(eight_bits_of_seed), "same_for_seeds"),
        "odd seeds as the even ones": (Drawing(even_seeds), "same_for_seeds"),
        "the seed is an offset into one stream": (Drawing(seed_is_offset), "seeds_correlate"),
        "the seed moves one stream": (Drawing(seed_is_added), "seeds_correlate"),
        "seed ignored": (NoSeed(), "seed"),
    },
    "forms": {
        "mean slope for a number": (evaluated_where(lambda x: x.ndim == 0), "same_for_seeds:0-d"),
        "mean slope for one element": (
            evaluated_where(lambda x: x.shape == (1,)),
            "same_for_seeds:one_element,_1-d",
        ),
        "mean slope in 6 dimensions": (evaluated_where(lambda x: x.ndim == 6), "same_for_seeds:6-d"),
        "mean slope behind a multiple of 8": (
            evaluated_where(lambda x: last(x, 8)),
            "same_for_seeds:67-element",
        ),
        "mean slope for two elements": (
            evaluated_where(lambda x: x.shape == (2,)),
            "same_for_seeds:2-element",
        ),
        "one slope a row from 3 dimensions on": (
            Drawing(lambda shape, seed: (columns_share if len(shape) > 2 else unit)(shape, seed)),
            "shared:3-d",
        ),
        "one slope for an expanded row": (
            Changed(
                lambda x, u, p, y, g: (
                    (
                        np.broadcast_to(y[:1], y.shape),
                        np.broadcast_to((y / x * u).astype(g.dtype)[:1], g.shape),
                    )
                    if x.ndim == 2 and x.strides[0] == 0
                    else (y, g)
                )
            ),
            "shared:expanded_rows",
        ),
        "wrong range for strided arrays": (
            Changed(lambda x, u, p, y, g: ((x * 0.5).astype(y.dtype), g) if STRIDED(x) else (y, g)),
            "range:strided_by_2",
        ),
        "gradient of strided arrays resampled": (
            Changed(lambda x, u, p, y, g: (y, np.roll(g, 1)) if STRIDED(x) else (y, g)),
            "resampled:transposed",
        ),
        "result of strided arrays contiguous in memory order": (
            Changed(
                lambda x, u, p, y, g: (
                    (y.reshape(y.shape[::-1]).T, g) if x.ndim > 1 and x.flags.fnc else (y, g)
                )
            ),
            "range:transposed",
        ),
        "empty arrays with another shape": (
            Changed(lambda x, u, p, y, g: (y.ravel(), g.ravel()) if x.size == 0 else (y, g)),
            "wrong_shape:empty_3x0",
        ),
    },
    "special_values": {
        "a slope for NaN": (given_where(np.isnan, result=-0.25, gradient=0.25), "wrong_nan"),
        "gradient 1 at NaN": (given_where(np.isnan, gradient=1.0), "wrong_nan:gradient"),
        "NaN at minus infinity": (given_where(np.isneginf, result=np.nan), "wrong_nan"),
        "a number at minus infinity": (
            given_where(np.isneginf, result=-3.4028234663852886e38),
            "wrong_infinity",
        ),
        "gradient 1 at minus infinity": (given_where(np.isneginf, gradient=1.0), "range:gradient"),
        "gradient NaN at infinity": (given_where(np.isposinf, gradient=np.nan), "wrong_nan:gradient"),
        "zero loses its sign": (given_where(lambda x: x == 0, result=0.0), "wrong_zero_sign"),
        "gradient 0 at 0": (given_where(lambda x: x == 0, gradient=0.0), "range:gradient"),
        "the largest numbers are clipped": (given_where(lambda x: x < -1e38, result=-1e37), "wrong_result"),
        "tiny numbers are flushed": (
            given_where(lambda x: (x > 0) & (x < 1e-40), result=0.0),
            "wrong_result",
        ),
        "NaN takes its neighbour along": (Changed(spread), "wrong_nan"),
        "infinite upstreams forgotten": (Changed(upstream_forgotten), "wrong_upstream"),
    },
}

#: The backend, the question that must catch it, and the kind of fault; by name.
FAULTS: dict[str, tuple[NumpyAdapter, str, str]] = (
    {
        name: (adapter, f"randomness-rrelu-default-float32-{quantity}", what)
        for quantity, faults in _FLOAT32.items()
        for name, (adapter, what) in faults.items()
    }
    | {
        f"{name}, {form}": (Drawing(units), f"randomness-rrelu-default-{form}-any", what)
        for name, units, what, forms in (
            ("biased slope", biased, "mean", ("float16", "bfloat16", "float64")),
            ("mean off by 0.4 %", slightly_biased, "mean", ("float16", "float64")),
            ("256 slopes", coarse, "resolution", ("float16", "float64")),
            ("256 slopes", coarse, "cells", ("bfloat16",)),
            ("slopes not uniform", triangular, "uniformity", ("bfloat16", "float32")),
        )
        for form in forms
    }
    | {
        "slope resampled in backward, bfloat16": (
            Drawing(backward=1),
            "randomness-rrelu-default-bfloat16-any",
            "resampled",
        ),
        "mean slope for three elements, bfloat16": (
            evaluated_where(lambda x: x.shape == (3,)),
            "randomness-rrelu-default-bfloat16-forms",
            "same_for_seeds:3-element",
        ),
        "one slope a column from 2 dimensions on, float16": (
            Drawing(lambda shape, seed: (rows_share if len(shape) > 1 else unit)(shape, seed)),
            "randomness-rrelu-default-float16-forms",
            "shared:2-d",
        ),
    }
)
