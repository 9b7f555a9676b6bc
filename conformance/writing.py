"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Write text as UTF-8; a reader sees the old file or the new one. Raises OSError, naming the path.

    What is there and is no file, such as a device or a pipe, is written to and not replaced.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(content, "utf-8", newline="\n")
        else:
            _replace(path, content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, content: str) -> None:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, suffix=".partial", delete=False
    ) as stream:
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
