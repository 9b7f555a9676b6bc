"""The other kinds of specification by mpmath and by Arb: prelu, crelu, glu, and the attention module."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

from actcheck.conformance.checks.parts.attention.calls import AttentionCase, batched, cases
from actcheck.reference.attention.exact import evaluate
from actcheck.reference.evaluation import balls, mp
from actcheck.reference.expressions.tree import Number, Symbol, substituted, symbols
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.model import Piece, Spec, Variant

SPECS = [
    s for s in loading.load_all().values() if not s.elementwise and s.kind not in ("attention", "normalizing")
]
POINTS = 1_000


def in_one_symbol(spec: Spec, others: dict[str, Fraction]) -> Spec:
    """The definition with numbers for all symbols but one, which becomes x."""
    given: dict[str, Any] = {name: Number(value) for name, value in others.items()} | {"b": Symbol("x")}
    pieces = tuple(
        Piece(
            tuple(
                replace(c, left=substituted(c.left, given), right=substituted(c.right, given)) for c in p.when
            ),
            substituted(p.value, given),
        )
        for p in spec.definition
    )
    return replace(spec, definition=pieces, digest=f"{spec.digest}{sorted(others.items())}")


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.id)
def test_mpmath_lies_in_arbs_enclosure(spec: Spec) -> None:
    random = np.random.default_rng(11)
    found = {n for p in spec.definition for s in (p.value, *(c.left for c in p.when)) for n in symbols(s)}
    words = {p.name: p.default for p in spec.parameters if p.type == "choice"}
    judged = 0
    while judged < POINTS:
        values = {name: Fraction(float(random.normal(0, 3))) for name in sorted(found - {"b", "x", *words})}
        if "half" in values:
            values["half"] = Fraction(int(random.integers(2)))
        one = in_one_symbol(spec, values)
        bound = bind(one, Variant(spec.id, "awkward", words, {"draw": judged}))
        for x in random.normal(0, 4, 50).tolist():
            point = Fraction(x)
            node = bound.pieces[bound.select(point)].value
            value = mp.to_fraction(mp.evaluate(node, {"x": point}))
            with balls.precision(256, 1):
                ball = balls.expansion(balls.prepared(node), balls.ball(x), 1)[0]
                apart = abs(ball - arb(value.numerator) / value.denominator)
                assert apart.abs_lower() <= abs(ball).abs_upper() * arb(2) ** -90
            judged += 1
    assert judged >= POINTS


def matrix(array: Any) -> arb_mat:
    return arb_mat([[arb(float(v)) for v in row] for row in array])


def row_of(vector: Any, count: int) -> arb_mat:
    return arb_mat([[arb(float(v)) for v in vector]] * count)


def attention(case: AttentionCase, batch: int) -> tuple[list[list[arb]], list[list[list[arb]]]]:
    """Output and weights of one batch, written out with Arb matrices."""
    call, weights = case.call, case.call.weights
    inputs = [matrix(batched(call, a)[batch].astype(float)) for a in (call.query, call.key, call.value)]
    features = call.weights["q_proj_weight"].shape[0]
    biases = np.split(weights.get("in_proj_bias", np.zeros(3 * features)).astype(float), 3)
    names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
    projected = [
        (x * matrix(weights[name].astype(float)).transpose() + row_of(bias, x.nrows())).tolist()
        for x, name, bias in zip(inputs, names, biases, strict=True)
    ]
    for at, name in ((1, "bias_k"), (2, "bias_v")):
        if name in weights:
            projected[at].append([arb(float(v)) for v in weights[name]])
        if call.add_zero_attn:
            projected[at].append([arb(0)] * features)
    size = features // call.num_heads
    shown, joined = [], [[arb(0)] * features for _ in projected[0]]
    for head in range(call.num_heads):
        part = slice(head * size, (head + 1) * size)
        q, k, v = (arb_mat([row[part] for row in rows]) for rows in projected)
        logits = (q * k.transpose()).tolist()
        rows = []
        for line, row in enumerate(logits):
            powers = [
                arb(0) if m == -np.inf else (value / arb(size).sqrt() + arb(m)).exp()
                for value, m in zip(row, masks(case, batch, head, line, len(row)), strict=True)
            ]
            total = sum(powers, arb(0))
            rows.append([p / total for p in powers])
        shown.append(rows)
        for line, row in enumerate((arb_mat(rows) * v).tolist()):
            joined[line][part] = row
    out = arb_mat(joined) * matrix(weights["out_proj_weight"].astype(float)).transpose()
    bias = weights.get("out_proj_bias", np.zeros(features)).astype(float)
    return (out + row_of(bias, len(joined))).tolist(), shown


def masks(case: AttentionCase, batch: int, head: int, line: int, keys: int) -> list[float]:
    """What is added to a row of logits; -inf where it is forbidden."""
    call, total = case.call, np.zeros(keys)
    mask, padding = call.attn_mask, call.key_padding_mask
    if mask is not None:
        row = mask[line] if mask.ndim == 2 else mask[batch * call.num_heads + head][line]
        total[: len(row)] += np.where(row, -np.inf, 0.0) if row.dtype == np.bool_ else row.astype(float)
    if padding is not None:
        total[: padding.shape[1]] += padding[batch].astype(float)
    return [float(v) for v in total]


def test_attention_by_mpmath_lies_in_arbs_enclosure() -> None:
    spec, form = loading.find("multihead_attention"), FORMATS["float32"]
    judged, before = 0, ctx.prec
    ctx.prec = 256
    try:
        for variant in spec.variants:
            for case in cases(variant, form, 3):
                exact = evaluate(case.module, form)
                for batch in range(exact.output.size.shape[0]):
                    output, weights = attention(case, batch)
                    judged += held(exact.output.exact.main[batch], exact.output.exact.rest[batch], output)
                    for head, rows in enumerate(weights):
                        main, rest = exact.weights.exact.main, exact.weights.exact.rest
                        judged += held(main[batch, head], rest[batch, head], rows)
    finally:
        ctx.prec = before
    assert judged >= POINTS


def held(main: Any, rest: Any, rows: list[list[arb]]) -> int:
    """Compare one matrix; the number of values."""
    for line, row in enumerate(rows):
        for column, ball in enumerate(row):
            apart = abs(ball - (arb(float(main[line, column])) + arb(float(rest[line, column]))))
            assert apart.abs_lower() <= (abs(ball).abs_upper() + arb(2) ** -200) * arb(2) ** -100
    return len(rows) * len(rows[0])
