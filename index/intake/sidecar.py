"""`NAME.json` beside an article (CSL-JSON) → what it states."""

import json
import os
from pathlib import Path
from typing import Any

from index.errors import ArticleUnreadable
from index.intake.metadata import Stated, day, web_address

MAX_BYTES = 1_000_000


def sidecar_of(path: Path) -> Path | None:
    """Return the sidecar of an article: `story.txt.json` if there is one, else `story.json`, else None."""
    for candidate in (path.with_name(path.name + ".json"), path.with_suffix(".json")):
        # Unlike Path.is_file, this is false for a name too long to exist.
        if os.path.isfile(candidate):  # noqa: PTH113
            return candidate
    return None


def read_sidecar(path: Path) -> Stated:
    """Return what a CSL-JSON item states (the first, where the file holds a list).

    Raises ArticleUnreadable where the file is no CSL-JSON. Fields: citationstyles.org, CSL-JSON schema 1.0.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ArticleUnreadable(path, "a sidecar of over 1 MB; keep only the CSL-JSON item of the article")
        item = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArticleUnreadable(path, f"not readable as JSON ({reason}); mend or remove the sidecar") from None
    if isinstance(item, list) and len(item) == 1:
        item = item[0]
    if not isinstance(item, dict):
        raise ArticleUnreadable(path, "not one CSL-JSON item; write one object with title, author, issued …")
    return Stated(
        title=_text(item.get("title")),
        author=_names(item.get("author")),
        publisher=_text(item.get("container-title")) or _text(item.get("publisher")),
        published=_date(item.get("issued")),
        updated=_date(item.get("updated")),
        url=web_address(_text(item.get("URL"))),
        language=_text(item.get("language")),
    )


def _text(value: Any) -> str | None:
    return " ".join(value.encode("utf-8", "replace").decode().split()) or None if isinstance(value, str) else None


def _names(value: Any) -> str | None:
    names = []
    for person in value if isinstance(value, list) else []:
        if not isinstance(person, dict):
            continue
        parts = (_text(person.get(part)) for part in ("given", "non-dropping-particle", "family", "suffix"))
        name = _text(person.get("literal")) or " ".join(part for part in parts if part)
        if name:
            names.append(name)
    return "; ".join(names) or None


def _date(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        return _from_parts(parts[0])
    raw = _text(value.get("raw")) or _text(value.get("literal"))
    return day(raw) if raw else None


def _from_parts(parts: list[Any]) -> str | None:
    """Return an ISO date as precise as it is stated: [2025, 3] → '2025-03'."""
    try:
        numbers = [int(str(part)) for part in parts[:3]]
    except (TypeError, ValueError):
        return None
    if not numbers or not 1000 <= numbers[0] <= 9999:
        return None
    if len(numbers) == 3:
        return day("-".join(f"{number:02d}" for number in numbers))
    if len(numbers) == 2 and not 1 <= numbers[1] <= 12:
        return None
    return "-".join(f"{number:02d}" for number in numbers)
