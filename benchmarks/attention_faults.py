"""The smallest fault of attention that fails, ``python -m benchmarks.attention_faults [FORMAT]...``.

The numpy backend computes with the scale 1/sqrt(head_dim), the softmax's weights or the output times
1 + e and rounds once. The smallest e is printed that fails as all larger ones do, of either sign, to a
twelfth of it, and the largest of these of all variants: in the result, and in steps of the format, ulp(1).
"""

from __future__ import annotations

import sys

from actcheck.conformance.checks.parts.attention.asked import AnsweredCase, AskedCall
from actcheck.conformance.checks.parts.attention.calls import cases
from actcheck.conformance.checks.parts.attention.results import AttentionAnswers
from actcheck.conformance.checks.parts.shared.judged_sums import part_faults
from actcheck.conformance.model import Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading
from actcheck.reference.specification.model import Variant
from tests.support.faults.planted_attention_factors import Off

SPEC = loading.find("multihead_attention")
KINDS = ("scale", "weights", "output")
LARGEST = 0.5


def question(variant: Variant, form: str) -> Question:
    """That of accuracy."""
    return Question("accuracy", SPEC, variant, form, "forward")


def passes(asked: Question, exactly: list[AnsweredCase], adapter: Off, needed: bool) -> bool:
    """Whether a backend has no fault."""
    judged = AttentionAnswers(adapter, FORMATS[asked.format])
    for one in exactly:
        judged.ask(AskedCall(one, {"need_weights": needed}), "evaluation")
    return not any(fault for part in judged.parts for fault in part_faults(asked, part))


def smallest(variant: Variant, form: str, kind: str, needed: bool) -> float:
    """The smallest fault before the first that passes with either sign: octaves, then eighths of one."""
    asked = question(variant, form)
    exactly = [AnsweredCase(case, FORMATS[form]) for case in cases(variant, FORMATS[form], seed=0)]
    failed = 2 * LARGEST
    for step in (1.0, 1 / 8):
        while not any(passes(asked, exactly, Off(**{kind: 1 + e * failed}), needed) for e in _signed(step)):
            failed *= 2.0**-step
    return failed


def _signed(step: float) -> tuple[float, float]:
    return 2.0**-step, -(2.0**-step)


def main() -> None:
    """Print a row for each format, and each variant's largest."""
    print("| format | judged | " + " | ".join(KINDS) + " |\n|---|---|" + "---|" * len(KINDS))
    for form in sys.argv[1:] or FORMATS:
        for needed in (True, False):
            told = "weights and output" if needed else "output alone"
            cells = [max(smallest(v, form, kind, needed) for v in SPEC.variants) for kind in KINDS]
            step = 2.0 ** (1 - FORMATS[form].precision)
            shown = (f"{e:.1e} ({e / step:.1f} steps)" for e in cells)
            print(f"| {form} | {told} | " + " | ".join(shown) + " |", flush=True)


if __name__ == "__main__":
    main()
