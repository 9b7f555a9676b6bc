"""What kind of thing a fault is, told from the name that a check gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from actcheck.conformance.results.fault_records import FaultRecord
from actcheck.conformance.results.model import CheckRecord

#: A wrong value; a NaN or none; the sign of a zero; other bits for the same input; a module that is not its
#: function; a derivative for an upstream of zero, infinity or NaN; a sum; a property; a call that ends in an
#: error or not at all; a parameter that should be refused; a default; an input of another format; a printed
#: text; a side effect.
Kind = Literal[
    "value",
    "nan",
    "zero_sign",
    "bits",
    "module",
    "special_upstream",
    "sum",
    "property",
    "raised",
    "accepted",
    "default",
    "dtype",
    "text",
    "effect",
    "other",
]
#: Words anywhere in a fault's name, which is words between colons, and the kind they tell; the first counts.
_ANYWHERE: Mapping[str, Kind] = {
    "wrong_nan": "nan",
    "wrong_zero_sign": "zero_sign",
    "max_ulp": "value",
    "max_scaled_ulp": "value",
    "lost_to_zero": "value",
    "wrong_infinity": "value",
    "raised": "raised",
    "broke": "raised",
    "unsupported": "raised",
}
#: First words.
_FIRST: Mapping[str, Kind] = {
    "upstream": "special_upstream",
    "differs": "bits",
    "max_units": "sum",
    "odd": "property",
    "even": "property",
    "increasing": "property",
    "decreasing": "property",
    "range": "property",
    "total": "property",
    "accepted": "accepted",
    "accepted_by_module": "accepted",
    "repr": "text",
    "input_changed": "effect",
    "environment_changed": "effect",
    "beside": "effect",
    "storage": "effect",
    "base": "effect",
}


def kind_of(check: CheckRecord, fault: FaultRecord) -> Kind:
    """The kind of a check's fault."""
    words = fault.what.split(":")
    if check.check == "dtypes":
        return "dtype"
    if check.check == "defaults":
        return "default"
    if check.check == "module_form" and words[0] == "differs":
        return "module"
    for word in words:
        if word in _ANYWHERE:
            return _ANYWHERE[word]
    return _FIRST.get(words[0], "other")
