"""Sweeps of the other formats: all inputs of 16 bits, and float64's by sampling and climbing."""

from __future__ import annotations

from actcheck.conformance.checks.accuracy import Accuracy
from actcheck.conformance.model import Answer, Examination, Question


def answer_narrow(question: Question, examination: Examination, workers: int, backend: str) -> Answer:
    """Judge a format other than float32."""
    return Accuracy().answer(question, examination)
