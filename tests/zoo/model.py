"""What a faulty backend of the zoo is: a name, what is wrong, who must catch it, and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from actcheck.adapters.base import Adapter

SeenBy = Literal["quick", "full", "sweep"]
#: The classes of faults, and what each of them is wrong in.
KINDS: dict[str, str] = {
    "rank": "arrays of some number of dimensions",
    "layout": "arrays stored in some way: strides, gaps, offsets, expanded or reversed dimensions",
    "length": "arrays of some number of elements",
    "format": "one of the formats: computed in another, or its own range forgotten",
    "variant": "parameters other than the defaults",
    "formula": "another function, or a formula that loses digits",
    "constant": "a constant of the definition",
    "tail": "large inputs, where a formula overflows or cancels",
    "range": "one stretch of inputs: a binade, the subnormal numbers",
    "special value": "NaN, infinities, the largest numbers",
    "zero": "the sign of zero",
    "kink": "a kink, or the numbers beside it",
    "gradient": "the first derivative alone",
    "second derivative": "the second derivative alone",
    "upstream": "what the gradient is multiplied with",
    "in place": "the form that overwrites its input",
    "module": "the module form",
    "dtype": "integers, booleans, complex numbers; the format of a result",
    "refused parameter": "parameters that must be refused",
    "default": "the parameters that nobody gave",
    "property": "what holds between results: odd, even, increasing, within bounds",
    "state": "what a call leaves behind, or finds",
    "threads": "results by the number of threads",
    "randomness": "slopes that are drawn",
    "structure": "channels, halves, gates and rows",
    "attention": "multihead attention",
}


@dataclass(frozen=True)
class FaultyBackend:
    """A backend with one planted fault."""

    name: str
    activations: tuple[str, ...]
    #: What is wrong, in a sentence.
    wrong: str
    #: One of `KINDS`.
    kind: str
    #: Makes the backend, anew for each use.
    make: Callable[[], Adapter]
    #: Ids of the questions of the check that owns the fault; both may hold wildcards.
    owner: str
    #: The lowest level at which it must be caught.
    seen_by: SeenBy = "quick"
    #: Why no sample sees it, of those that only a sweep does; why quick does not, of those for full.
    because: str = ""
    #: What some question of the owner must tell, where that matters: ``max_ulp``.
    what: str = ""

    def __post_init__(self) -> None:
        assert self.kind in KINDS, self.kind
        assert bool(self.because) == (self.seen_by != "quick"), self.name
