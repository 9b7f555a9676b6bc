"""Certificates in double-double kept on disk, by the digest of what they were made from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from actcheck.reference.certificates.wide.cover import Certificate, build
from actcheck.reference.certificates.wide.segment import Line, Segment, Taylor
from actcheck.reference.certificates.wide.tables import Tables
from actcheck.reference.machine.code_digest import digest, sources
from actcheck.reference.machine.hidden import Hidden
from actcheck.reference.specification.binding import Bound

_SHAPES = {"Taylor": Taylor, "Line": Line}


def folder() -> Path:
    """Where certificates are kept: the user's cache folder, or ``ACTCHECK_CACHE`` where it is set."""
    chosen = os.environ.get("ACTCHECK_CACHE")
    return (Path(chosen) if chosen else platformdirs.user_cache_path("actcheck")) / "wide"


@cache
def builder() -> str:
    """The digest of the code that builds certificates, and of the libraries whose numbers they rest on."""
    return digest(sources("actcheck.reference.certificates.wide.cover"), ("python-flint", "mpmath", "numba"))


def certificate(bound: Bound, quantity: str) -> Certificate:
    """The certificate of a quantity, from memory, from disk or newly built.

    A file that is damaged, incomplete or of another builder is built again, never trusted.
    """
    return _certificate(bound.spec.digest, bound.variant.label, quantity, Hidden(bound))


def tables(bound: Bound, quantity: str) -> Tables:
    """The certificate as arrays, kept in memory."""
    return _tables(bound.spec.digest, bound.variant.label, quantity, Hidden(bound))


@lru_cache(maxsize=64)
def _tables(_digest: str, _label: str, quantity: str, carrier: Hidden[Bound]) -> Tables:
    return Tables.of(certificate(carrier.item, quantity))


@lru_cache(maxsize=64)
def _certificate(digest: str, label: str, quantity: str, carrier: Hidden[Bound]) -> Certificate:
    key = hashlib.sha256(json.dumps([digest, label, quantity, builder()]).encode()).hexdigest()
    path = folder() / f"{carrier.item.spec.id}-{key[:32]}.json"
    found = read(path, key)
    if found is None:
        found = build(carrier.item, quantity)
        with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
            write(path, key, found)
    return found


def write(path: Path, key: str, made: Certificate) -> None:
    """Write a certificate whole or not at all."""
    body = json.dumps([made.quantity, [_packed(s) for s in made.segments]])
    text = json.dumps({"key": key, "sum": hashlib.sha256(body.encode()).hexdigest(), "body": body})
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).replace(path)


def read(path: Path, key: str) -> Certificate | None:
    """The certificate of a file, if its contents are whole and it covers every float without a gap."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        body = document["body"]
        if document["key"] != key or document["sum"] != hashlib.sha256(body.encode()).hexdigest():
            return None
        quantity, segments = json.loads(body)
        found = Certificate(quantity, tuple(_unpacked(*s) for s in segments))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if found.gap() else found


def _packed(segment: Segment) -> list[Any]:
    # JSON's floats are the shortest that give the same float64 again.
    shape = segment.shape
    return [segment.low, segment.high, type(shape).__name__, asdict(shape) if shape else None]


def _unpacked(low: int, high: int, kind: str, fields: dict[str, Any] | None) -> Segment:
    if fields is None:
        return Segment(low, high, None)
    for name, value in fields.items():
        fields[name] = tuple(value) if isinstance(value, list) else value
    return Segment(low, high, _SHAPES[kind](**fields))
