"""Certificates kept on disk, by the digests of what they enclose and of the code that builds them."""

from __future__ import annotations

import contextlib
from functools import cache, lru_cache
from pathlib import Path

from actcheck.reference.certificates.certificate import Certificate, build
from actcheck.reference.machine import kept
from actcheck.reference.machine.code_digest import digest, sources
from actcheck.reference.specification.binding import Bound


@lru_cache(maxsize=512)
def certificate(bound: Bound, quantity: str) -> Certificate:
    """The certificate of a quantity, from memory, from disk or newly built.

    A file that is damaged, incomplete or written by other code is built again, never trusted.
    Raises CertificateError where the definition cannot be enclosed.
    """
    key = kept.key_of([bound.content, quantity, builder()])
    path = kept.folder("certificates") / f"{bound.spec.id}-{key}.msgpack"
    found = read(path, key)
    if found is None or found.quantity != quantity:
        found = build(bound, quantity)
        with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
            write(path, key, found)
    return found


@cache
def builder() -> str:
    """The digest of the code that builds certificates, and of the libraries whose numbers they rest on."""
    return digest(sources("actcheck.reference.certificates.certificate"), ("python-flint", "mpmath"))


def write(path: Path, key: str, certificate: Certificate) -> None:
    """Write a certificate whole or not at all."""
    kept.keep(path, key, certificate)


def read(path: Path, key: str) -> Certificate | None:
    """The certificate of a file, if its contents are whole and no segment is what none may be.

    It must cover every float without a gap, and no radius may exceed ``model.LARGEST``.
    """
    try:
        found = kept.kept(path, key, Certificate)
    except (OSError, ValueError):
        return None
    return None if found.fault() else found
