"""Certificates in double-double kept on disk, by the digest of what they were made from."""

from __future__ import annotations

import contextlib
from functools import cache, lru_cache
from pathlib import Path

from actcheck.reference.certificates.wide.cover import WideCertificate, build
from actcheck.reference.certificates.wide.tables import WideTables
from actcheck.reference.machine import kept
from actcheck.reference.machine.code_digest import digest, sources
from actcheck.reference.specification.binding import Bound


@cache
def builder() -> str:
    """The digest of the code that builds certificates, and of the libraries whose numbers they rest on."""
    return digest(sources("actcheck.reference.certificates.wide.cover"), ("python-flint", "mpmath", "numba"))


@lru_cache(maxsize=64)
def tables(bound: Bound, quantity: str) -> WideTables:
    """The certificate as arrays, kept in memory."""
    return WideTables.of(certificate(bound, quantity))


@lru_cache(maxsize=64)
def certificate(bound: Bound, quantity: str) -> WideCertificate:
    """The certificate of a quantity, from memory, from disk or newly built.

    A file that is damaged, incomplete or of another builder is built again, never trusted.
    """
    key = kept.key_of([bound.content, quantity, builder()])
    path = kept.folder("wide") / f"{bound.spec.id}-{key}.msgpack"
    found = read(path, key)
    if found is None:
        found = build(bound, quantity)
        with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
            write(path, key, found)
    return found


def write(path: Path, key: str, made: WideCertificate) -> None:
    """Write a certificate whole or not at all."""
    kept.keep(path, key, made)


def read(path: Path, key: str) -> WideCertificate | None:
    """The certificate of a file, if its contents are whole and it covers every float without a gap."""
    try:
        found = kept.kept(path, key, WideCertificate)
    except (OSError, ValueError):
        return None
    return None if found.gap() else found
