"""A hook of mkdocs: what the theme lacks for those who use no mouse or no screen."""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
_SEARCH = 'data-md-component="search" role="dialog"'


def on_page_content(html: str, **_: object) -> str:
    """A table that is wider than the page is scrolled by the keyboard, too."""
    return _TABLE.sub(r'<div class="table" tabindex="0"><table class="list">\1</table></div>', html)


def on_post_page(output: str, **_: object) -> str:
    """The dialog of the search has a name."""
    return output.replace(_SEARCH, f'{_SEARCH} aria-label="Search"')
