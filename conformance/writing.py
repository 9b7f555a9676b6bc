"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write bytes, or text as UTF-8; a reader sees the old file or the new one.

    Raises OSError, naming the path.
    What is there and is no file, such as a device or a pipe, is written to and not replaced.
    """
    given = content.encode("utf-8") if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(given)
        else:
            _replace(path, given)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, suffix=".partial", delete=False) as stream:
        written = Path(stream.name)
        try:
            stream.write(content)
            stream.close()
            # A temporary file is its owner's alone; a report is for whoever may read the folder.
            mask = os.umask(0)
            os.umask(mask)
            written.chmod(0o666 & ~mask)
            written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
