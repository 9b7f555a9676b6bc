"""numba's files of compiled code, each with its digest behind it: one that is damaged counts as not there.

What is read from them is run, and numba itself looks at nothing but its own version.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numba.core.caching import IndexDataCacheFile

_SIZE = hashlib.sha256().digest_size


class CheckedFiles(IndexDataCacheFile):
    """An index and files of code; unpickling ignores what lies behind an object, which is the digest."""

    @classmethod
    def of(cls, cache: Any) -> CheckedFiles:
        """In place of a cache's own files."""
        made = cache._impl
        return cls(cache.cache_path, made.filename_base, made.locator.get_source_stamp())

    def _load_index(self) -> Any:
        files: Any = super()
        return files._load_index() if _whole(Path(self._index_path)) else {}

    def _load_data(self, name: str) -> Any:
        files: Any = super()
        path = Path(files._data_path(name))
        if not _whole(path):
            raise FileNotFoundError(path)  # compiled anew, and written over
        return files._load_data(name)

    @contextlib.contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
        files: Any = super()
        written = io.BytesIO()
        yield written
        content = written.getvalue()
        with files._open_for_write(filepath) as file:
            file.write(content + hashlib.sha256(content).digest())


def _whole(path: Path) -> bool:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    return hashlib.sha256(content[:-_SIZE]).digest() == content[-_SIZE:]
