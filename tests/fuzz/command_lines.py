"""Command lines, of commands that ask no backend: those end before they do."""

from __future__ import annotations

from hypothesis import strategies as st

#: Names of files that are there, of some that are not, and of what is no file. None leads out of the folder.
_PLACES = (
    "results.json",
    "bent.yaml",
    "list.yaml",
    "junk.json",
    "empty.yaml",
    "none.json",
    "none.yaml",
    "new.json",
    "new.yaml",
    "new.html",
    "new.svg",
    ".",
    "",
    "no/such/file.json",
    "/dev/full",
    "a" * 300,
    "nul\0l",
    "\udcff.yaml",
)
_OPTIONS = (
    "-o",
    "--out",
    "--json",
    "--all",
    "--format",
    "--param",
    "--dtype",
    "--quantity",
    "--backend",
    "--compare",
    "--spec",
    "--profile",
    "--known",
    "--short",
    "--results",
    "--seed",
    "--points",
    "--level",
    "--check",
    "--timeout",
    "--help",
    "--",
)
_WORDS = (
    "relu",
    "gelu",
    "GELU",
    "gellu",
    "glu",
    "prelu",
    "multihead_attention",
    "draft",
    "check",
    "apply",
    "numpy",
    "nunpy",
    "png",
    "svg",
    "strict",
    "float16",
    "gradient",
    "alpha=1",
    "alpha=nan",
    "=",
    "0",
    "1",
    "-1",
    "1e999",
    "nan",
    "9" * 30,
    "²",
)
_COMMANDS = (
    "show",
    "deviations",
    "faults",
    "reproduce",
    "report",
    "compare",
    "history",
    "badge",
    "plot",
    "new-adapter",
)
#: These ask a backend, unless there is something wrong: with no worker there always is.
_ASKING = ("run", "sweep")

_argument = st.one_of(
    st.sampled_from(_PLACES),
    st.sampled_from(_OPTIONS),
    st.sampled_from(_WORDS),
    st.text(max_size=8).filter(lambda word: "/" not in word),
)
_arguments = st.lists(_argument, max_size=7)


def _sound(command: str) -> st.SearchStrategy[list[str]]:
    """Arguments of the right number and kind, then whatever comes."""
    place = st.sampled_from(_PLACES)
    ways = {
        "compare": st.lists(place, min_size=2, max_size=2),
        "reproduce": st.tuples(place, st.sampled_from(_WORDS)).map(list),
        "plot": st.tuples(st.sampled_from(_WORDS), st.just("-o"), place).map(list),
        "new-adapter": st.tuples(st.sampled_from(_WORDS), st.just("-o"), place).map(list),
        "deviations": st.one_of(
            st.tuples(st.just("draft"), place, st.just("-o"), place).map(list),
            st.tuples(st.just("check"), place, st.just("--results"), place).map(list),
            st.tuples(st.just("apply"), place, place, st.just("-o"), place).map(list),
        ),
        "report": st.tuples(place, st.just("-o"), place, st.just("--spec"), place).map(list),
        "badge": st.tuples(place, st.just("-o"), place).map(list),
        "show": st.one_of(place, st.sampled_from(_WORDS)).map(lambda word: [word]),
    }
    return ways.get(command, st.lists(place, min_size=1, max_size=2))


def _line(command: str) -> st.SearchStrategy[list[str]]:
    given = st.one_of(_arguments, _sound(command), st.builds(lambda a, b: a + b, _sound(command), _arguments))
    end = ["-n", "0"] if command in _ASKING else []
    # "check --backend" of known deviations asks one too.
    quiet = given.filter(lambda words: command != "deviations" or not any(w.startswith("--b") for w in words))
    return quiet.map(lambda words: [command, *end, *words])


words = st.one_of(st.sampled_from((*_COMMANDS, *_COMMANDS, *_ASKING)).flatmap(_line), _arguments)
