"""The JAX adapters against JAX itself: the same functions, formats kept, and what is compiled is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import DoubleBackward, Operator, Unsupported
from actcheck.adapters.jax_backend import JaxAdapter
from actcheck.adapters.registry import find
from actcheck.reference.specification import loading
from actcheck.reference.specification.dialects import in_dialect, named
from tests.support.frameworks import framework

jax, jnp = framework("jax"), framework("jax.numpy")

DIALECT = named("jax")


@pytest.fixture(params=["jax", "jax-jit"])
def adapter(request: pytest.FixtureRequest) -> Any:
    return find(request.param)


def parameters(activation: str) -> dict[str, Any]:
    return dict(in_dialect(loading.find(activation), DIALECT).default.parameters)


def test_it_describes_itself(adapter: JaxAdapter) -> None:
    told = adapter.describe()
    assert (told.framework, told.version, told.device) == ("jax", jax.__version__, "cpu")
    assert told.details["jit"] == ("yes" if adapter.name == "jax-jit" else "no")
    assert told.dear_shapes
    assert told.dialect == "jax"


def test_results_are_those_of_jax(adapter: JaxAdapter) -> None:
    x = np.linspace(-3, 3, 67, dtype=np.float32)
    u = np.linspace(1, 2, 67, dtype=np.float32)
    wanted = jax.jit(lambda v: jax.nn.elu(v, 0.5)) if adapter.jit else lambda v: jax.nn.elu(v, 0.5)
    given = {"alpha": 0.5}
    y = adapter.forward("elu", x, given)
    assert np.array_equal(y, np.asarray(wanted(jnp.array(x))))
    slope = np.asarray(jax.vmap(jax.grad(wanted))(jnp.array(x)))
    assert np.allclose(adapter.gradient("elu", x, u, given), slope * u, rtol=1e-5)
    assert np.allclose(adapter.jvp("elu", x, u, given), slope * u, rtol=1e-5)
    curve = np.asarray(jax.vmap(jax.grad(jax.grad(wanted)))(jnp.array(x)))
    assert np.allclose(adapter.second_derivative("elu", x, given), curve, rtol=1e-5)
    both = adapter.double_backward("elu", x, u, np.ones_like(x), given)
    assert isinstance(both, DoubleBackward)
    assert np.allclose(both.input, curve * u, rtol=1e-5)
    assert np.allclose(both.upstream, slope, rtol=1e-5)


def test_a_result_shares_nothing_with_the_input(adapter: JaxAdapter) -> None:
    x = np.ones(1 << 12, np.float32)
    native = adapter.to_backend(x)
    x[:] = 2
    assert np.asarray(native).max() == 1


def test_under_jit_variants_share_what_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    made = JaxAdapter(jit=True)
    traced = []

    def counted(x: Any, alpha: Any) -> Any:
        traced.append(alpha)
        return jax.nn.elu(x, alpha)

    monkeypatch.setattr(made, "own_functions", lambda: {"elu": counted})
    x = np.ones(3, np.float32)
    for alpha in (0.5, 0.25, 2.0):
        for _ in range(3):
            made.forward("elu", x, {"alpha": alpha})
    assert len(traced) == 1
    for alpha in (0.5, 0.25):
        made.gradient("elu", x, x, {"alpha": alpha})
    assert len(traced) <= 2


def test_what_jax_does_not_take_is_unsupported(adapter: JaxAdapter) -> None:
    x = np.ones(3, np.float32)
    for activation, given in (("softplus", {"beta": 2.0}), ("hardtanh", {"min_val": 0.0})):
        found = adapter.forward(activation, x, {**parameters(activation), **given})
        assert isinstance(found, Unsupported)
        assert "has no parameter" in found.reason
    word = adapter.forward("gelu", x, {"approximate": "None"})
    assert word == Unsupported("jax.nn.gelu takes a boolean, so that no word is wrong")


def test_defaults_are_read_from_jax_and_named_as_in_the_specification(adapter: JaxAdapter) -> None:
    assert adapter.defaults("gelu") == {"approximate": "tanh"}
    assert adapter.defaults("glu") == {"dim": -1}
    assert adapter.defaults("leaky_relu") == {"negative_slope": 0.01}
    assert adapter.defaults("softplus") == parameters("softplus")
    assert isinstance(adapter.defaults("hardshrink"), Unsupported)


def test_compositions_say_what_they_are(adapter: JaxAdapter) -> None:
    told = {
        n: f.composition for n, f in adapter.functions().items() if isinstance(f, Operator) and f.composition
    }
    assert told == {"crelu": "concatenate(relu(x), relu(-x))", "tanhshrink": "x - tanh(x)"}
