from actcheck.conformance.library.check import assert_conforms as assert_conforms
from actcheck.conformance.library.check import check as check
from actcheck.conformance.library.check import sweep as sweep
from actcheck.reference.answers.errors import ulp_error as ulp_error
from actcheck.reference.answers.values import enclosure as enclosure
from actcheck.reference.answers.values import exact as exact
from actcheck.reference.specification.loading import find as specification

__version__: str
__all__ = [
    "__version__",
    "assert_conforms",
    "check",
    "enclosure",
    "exact",
    "specification",
    "sweep",
    "ulp_error",
]
