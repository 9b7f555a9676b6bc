"""Bad parameters: accepting one in either form is caught; where it was refused is noted."""

from __future__ import annotations

import numpy as np

from actcheck.adapters.base import Adapter, AttentionCall, AttentionResult, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.model import NotApplicable
from actcheck.reference.specification.loading import load_all
from tests.support.asked_questions import answer, finding, questions, whats
from tests.zoo.collection import find
from tests.zoo.kinds.parameters.given import Accepting


def test_a_right_backend_passes_every_question() -> None:
    for question in questions("refused_parameters", "quick"):
        assert finding(question.id, NumpyAdapter()).faults == (), question.id


def test_every_activation_that_refuses_anything_is_asked() -> None:
    asked = {q.activation for q in questions("refused_parameters")}
    assert asked == {spec.id for spec in load_all().values() if spec.refused}
    assert {"prelu", "rrelu", "multihead_attention"} <= asked


def test_where_a_parameter_was_refused_is_noted() -> None:
    class Late(NumpyAdapter):
        def module(self, activation: str, parameters: object) -> object:
            return lambda x: self.forward(activation, x, parameters)

    at_once = finding("refused_parameters-celu-default-any-any", NumpyAdapter()).notes["refused"]["alpha=0"]
    late = finding("refused_parameters-celu-default-any-any", Late()).notes["refused"]["alpha=0"]
    assert at_once["module"].startswith("refused at construction with ValueError: CELU: ")
    assert late["module"].startswith("refused at the call with ValueError: CELU: ")
    assert at_once["function"].startswith("refused at the call with ValueError: ")


def test_only_the_form_that_accepts_is_at_fault() -> None:
    function, module = (
        find("celu: accepts alpha 0 as a function"),
        find("softplus: accepts beta -1 as a module"),
    )
    only_function, only_module = (finding(fault.owner, fault.make()) for fault in (function, module))
    assert whats(only_function) == {"accepted:alpha=0", "accepted:alpha=nan"}
    assert {w.split(":")[0] for w in whats(only_module)} == {"accepted_by_module"}


def test_the_message_tells_what_was_computed_and_why_it_must_not_be() -> None:
    negative = find("softshrink: accepts a negative lambd")
    (fault,) = (f for f in finding(negative.owner, negative.make()).faults if f.what == negative.what)
    assert fault.message == (
        "accepted:lambd=-0.5: the function computed f(-1) = -1, f(0.25) = 0.25, f(30) = 30; "
        "expected an error, because lambd is negative; the module: the same"
    )


def test_a_form_that_breaks_down_has_refused_nothing() -> None:
    broken = Accepting("celu", lambda x, alpha: x.nothing, forms=("function",))
    found = finding("refused_parameters-celu-default-any-any", broken)
    assert whats(found) == {"raised:alpha=0", "raised:alpha=nan"}
    assert found.faults[0].message.startswith(
        "alpha=0 by the function: raised: the call broke down with AttributeError: "
    )


def test_attention_that_takes_any_dropout_is_caught() -> None:
    class Careless(NumpyAdapter):
        def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
            return AttentionResult(np.zeros_like(call.query))

    found = finding("refused_parameters-multihead_attention-*", Careless())
    assert {"accepted:dropout=-0.1", "accepted:dropout=1.5", "accepted:num_heads=3"} <= whats(found)


def test_a_backend_without_modules_is_asked_for_its_functions() -> None:
    class Functions(NumpyAdapter):
        module = Adapter.module

    found = finding("refused_parameters-elu-default-any-any", Functions())
    assert found.faults == ()
    assert found.points == 1
    assert found.notes["refused"]["alpha=nan"]["module"] == "numpy has no module forms"
    nothing = answer("refused_parameters-prelu-default-any-any", Functions())
    assert isinstance(nothing, NotApplicable)
    assert "numpy has no module forms" in nothing.reason
