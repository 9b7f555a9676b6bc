"""A distinct fault in one sentence: whom it concerns, what is wrong, where, and how widely."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from actcheck.conformance import numerals
from actcheck.conformance.faults.gathering import EXCEPTION, Group, Seen, each, grouped
from actcheck.conformance.faults.regions import joined

#: So many activations are named.
_NAMED = 4
#: Characters of the text of an exception.
_LONGEST = 120
_QUANTITIES = {
    "forward": "",
    "gradient": "gradient",
    "second_derivative": "second derivative",
    "weight_gradient": "weight gradient",
}


_LISTED = {
    "zero_sign": "zero of the wrong sign",
    "accepted": "accepted: {}",
    "default": "other defaults: {}",
    "dtype": "neither right nor refused for inputs in {}",
    "module": "the module answers otherwise than the function ({})",
    "text": "the printed module leaves out {}",
}


def sentence(group: Group) -> str:
    """The fault in plain words."""
    where = _where(group)
    return f"{_whose(group.seen)}: {_what(group)}{f' {where}' if where else ''}"


def _whose(seen: Sequence[Seen]) -> str:
    names = each(one.check.activation for one in seen)
    more = len(names) - _NAMED
    told = ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    quantities = each(one.check.quantity for one in seen)
    if "forward" not in quantities:
        told += "".join(f", {word}" for q in quantities if (word := _QUANTITIES.get(q, "")))
    return told if any(not one.check.variant for one in seen) else f"{told} ({_variants(seen)})"


def _variants(seen: Sequence[Seen]) -> str:
    labels = each(one.check.label for one in seen)
    return "; ".join(labels[:2]) + (
        f" and {numerals.count(len(labels) - 2, 'variant')} more" if len(labels) > 2 else ""
    )


def _what(group: Group) -> str:
    seen = group.seen
    match group.kind:
        case "value":
            return ", ".join(_of_values(seen))
        case "nan":
            return _of_nan(seen)
        case "bits":
            forms = _listed(one.fault.what.split(":")[1] for one in seen if ":" in one.fault.what)
            other = "NaN or a number for a NaN" if group.region == "nan" else "other bits for the same"
            return f"{other} input, by how the array lies ({forms or 'in place'})"
        case "special_upstream":
            return f"wrong for an upstream of {_tail(seen[0].fault.what)}"
        case "sum":
            return f"sums off by up to {_most(seen)} units, {_tail(seen[0].fault.what)}"
        case "property":
            return f"not {_listed(one.fault.what for one in seen)}"
        case "raised":
            failed = "" if seen[0].fault.what == "unsupported" else "the call fails: "
            return failed + _error(seen[0].fault.message)
    if group.kind in _LISTED:
        return _LISTED[group.kind].format(_listed(_tail(one.fault.what) for one in seen))
    return _first_clause(seen[0].fault.message)


_ERRORS = ("wrong_infinity", "lost_to_zero", "max_ulp", "max_scaled_ulp")


def _of_values(seen: Sequence[Seen]) -> Iterable[str]:
    """What the errors come to, the worst kinds first."""
    # upstream:wrong_infinity and lost_to_zero:rows alike.
    by_what = grouped(seen, lambda one: next((w for w in _ERRORS if w in one.fault.what.split(":")), ""))
    if "wrong_infinity" in by_what:
        gone = any(
            e and math.isinf(e.expected) for e in (one.fault.example for one in by_what["wrong_infinity"])
        )
        yield "finite where the answer is infinite" if gone else "infinite where the answer is finite"
    if "lost_to_zero" in by_what:
        yield "0 where the answer is a normal number"
    if "max_ulp" in by_what:
        yield f"off by up to {_most(by_what['max_ulp'])} ULP"
    elif "max_scaled_ulp" in by_what:
        yield f"off by up to {_most(by_what['max_scaled_ulp'])} scaled ULP"


def _of_nan(seen: Sequence[Seen]) -> str:
    examples = [one.fault.example for one in seen if one.fault.example]
    if not examples:
        return _first_clause(seen[0].fault.message)
    missing = [math.isnan(e.expected) for e in examples]
    if all(missing):
        return "a number where NaN is right"
    return "NaN where a number is right" if not any(missing) else "NaN and numbers mixed up"


def _most(seen: Iterable[Seen]) -> str:
    return numerals.ulp(max((one.fault.size or 0.0) for one in seen))


def _where(group: Group) -> str:
    spans = joined([span for one in group.seen for span in one.fault.spans])
    if group.kind in ("bits", "dtype") or not spans:
        return ""
    return f"at x = {numerals.ranges(spans)}" if _points(spans) else f"for x in {numerals.ranges(spans)}"


def _points(spans: Sequence[tuple[float, float]]) -> bool:
    return all(math.isnan(low) or low == high for low, high in spans)


def _tail(what: str) -> str:
    """What follows the first colon, up to a comma that stands in no parentheses."""
    found = re.match(r"(?:\([^()]*\)|[^,])*", what.partition(":")[2])
    return (found and found[0]) or what


def _error(message: str) -> str:
    """The exception of a message and the first line of its text, without the place in a file."""
    found = re.search(EXCEPTION + r"[^\n]*", message)
    text = re.sub(r" \([^()]*:\d+\)$", "", found[0] if found else message.partition("\n")[0])
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def _listed(words: Iterable[str], most: int = 5) -> str:
    found = each(words)
    more = len(found) - most
    return ", ".join(found[:most]) + (f" and {more} more" if more > 0 else "")


def _first_clause(message: str) -> str:
    return message.partition(";")[0]
