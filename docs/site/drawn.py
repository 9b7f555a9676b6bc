"""The pictures of errors, from the code that they explain, and what all pictures share."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.ndimage import maximum_filter1d
from scipy.special import erf, erfc

import actcheck
from actcheck.conformance.judging.grading import SCALED_BUDGET
from actcheck.reference.formats import FORMATS

#: Colours by what the page calls them: they stand for its own, light or dark.
INK, FIRST, SECOND = "#010101", "#010102", "#010103"
COLOURS = {INK: "currentColor", FIRST: "var(--drawn-first)", SECOND: "var(--drawn-second)"}


def axes_of(height: float) -> tuple[Figure, Any]:
    """An empty picture, as high as so many inches, with its axes."""
    figure = Figure(figsize=(6.4, height), layout="constrained")
    axes = figure.subplots()
    axes.grid(visible=True, alpha=0.15)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def float_line() -> Figure:
    """An exact value among the numbers of float16, and how far half a unit and a unit reach."""
    figure, axes = axes_of(1.9)
    form, x = FORMATS["float16"], np.float16(0.9)
    exact = float(actcheck.enclosure("tanh", x)[0])
    unit = 2.0 ** form.ulp_exponent(Fraction(exact))
    for reach, alpha in ((unit, 0.15), (unit / 2, 0.3)):
        axes.axvspan(exact - reach, exact + reach, color=FIRST, alpha=alpha, linewidth=0)
    key = form.key(float(actcheck.exact("tanh", x)))
    numbers = [form.value(key + step) for step in range(-2, 3)]
    axes.plot(numbers, [0] * 5, "o", color=INK)
    axes.axvline(exact, color=SECOND)
    axes.annotate("exact value", (exact, 0.75), (5, 0), textcoords="offset points", color=SECOND)
    for number in numbers:
        axes.text(number, -0.65, f"{abs(number - exact) / unit:.2f}", ha="center")
    axes.set(
        xticks=numbers,
        yticks=[],
        ylim=(-1, 1.2),
        xlabel=f"numbers of float16 near tanh({float(x):.4f}), each with its error in ULP",
    )
    axes.set_xticklabels([f"{number:.5f}" for number in numbers])
    axes.grid(visible=False)
    return figure


def formulas() -> Figure:
    """Errors of two formulas of the exact gelu in float32, in ULP and in scaled ULP."""
    figure, axes = axes_of(4)
    x = np.linspace(-8, 3, 1200, dtype=np.float32)
    half, root = np.float32(0.5), np.float32(math.sqrt(0.5))
    results = {
        "0.5 x (1 + erf(x/√2))": (half * x * (1 + erf(x * root)), SECOND),
        "0.5 x erfc(−x/√2)": (half * x * erfc(-x * root), FIRST),
    }
    for name, (y, colour) in results.items():
        for scaled, style in ((False, ":"), (True, "-")):
            errors = np.clip(np.asarray(actcheck.ulp_error(y, "gelu", x, scaled=scaled)), 0.01, None)
            label = f"{name}, {'scaled' if scaled else 'error'}"
            axes.semilogy(x, maximum_filter1d(errors, 13), style, color=colour, label=label, linewidth=1.3)
    axes.axhline(SCALED_BUDGET, color=INK, linewidth=0.8)
    axes.text(3, SCALED_BUDGET * 1.2, f"{SCALED_BUDGET:g} ULP", ha="right")
    axes.set(xlabel="x", ylabel="ULP", ylim=(0.05, None))
    axes.legend(frameon=False)
    return figure
