"""The record of what users gave: the files and folders a library is built from. All else can be derived."""

import json
from pathlib import Path

from index.errors import LibraryDamaged
from index.library.layout import Layout, replace_durably


def load_sources(layout: Layout) -> tuple[Path, ...]:
    """Return the places a library is built from, in the order they were given; none where there is no library."""
    try:
        content = json.loads(layout.sources.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError) as error:
        raise LibraryDamaged(_message(layout, f"not readable ({error})")) from None
    if not isinstance(content, list) or not all(isinstance(place, str) for place in content):
        raise LibraryDamaged(_message(layout, "not a list of paths"))
    return tuple(Path(place) for place in content)


def _message(layout: Layout, reason: str) -> str:
    again = f"`python -m index build PATH --library {layout.root}`"
    return f"{layout.sources}: {reason}; remove it and name the places again: {again}"


def save_sources(layout: Layout, places: tuple[Path, ...]) -> None:
    """Record the places a library is built from."""
    replace_durably(layout.sources, json.dumps([str(place) for place in places], indent=1).encode())
