"""How far weights of a softmax can be when its logits are off."""

from __future__ import annotations

import numpy as np

from actcheck.reference.attention.inputs import Doubles

#: Beyond this a logit's error says nothing of its weight; exp of twice as much is finite.
_MOST = 340.0


def softmax_reach(weights: Doubles, off: Doubles) -> Doubles:
    """The largest change of each weight, along the last dimension, for logits off by ``off`` at most.

    A weight w_j*exp(t_j)/sum(w_i*exp(t_i)) grows with t_j and falls with every other t_i: it is largest at
    t_j = d_j, t_i = -d_i, and smallest at the opposite. Its distance from w_j there is
    w_j*sum(w_i*(exp(d_j) - exp(-d_i)))/(w_j*exp(d_j) + sum(w_i*exp(-d_i))), with sums over the other i, and
    the same with all signs turned: no term cancels. It is never more than 1.
    """
    far = off > _MOST
    d = np.where(far, _MOST, off)
    above = _distance(weights, np.exp(d), np.exp(-d), np.expm1(d), np.expm1(-d))
    below = _distance(weights, np.exp(-d), np.exp(d), -np.expm1(-d), -np.expm1(d))
    reach = np.where(far.any(axis=-1, keepdims=True), 1.0, np.fmin(np.maximum(above, below), 1.0))
    return np.where(np.isnan(weights), np.nan, reach)


def _distance(weights: Doubles, own: Doubles, others: Doubles, plus: Doubles, minus: Doubles) -> Doubles:
    """``own`` is the factor of w_j, ``others`` that of the rest; ``plus`` - ``minus`` is their difference.

    ``plus`` is not negative and ``minus`` not positive, so that no term cancels.
    """
    moved = plus * _rest(weights) + _rest(weights * -minus)
    total = weights * own + _rest(weights * others)
    return np.asarray(np.divide(weights * moved, total, out=np.zeros_like(total), where=total > 0))


def _rest(terms: Doubles) -> Doubles:
    """The sum of the row without each term, of terms that are not negative: of those before and after it."""
    rest = np.zeros(terms.shape)
    rest[..., 1:] += np.cumsum(terms, axis=-1)[..., :-1]
    rest[..., :-1] += np.cumsum(terms[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    return rest
