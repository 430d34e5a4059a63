"""YAML front matter at the top of a text → what it states, and where the article begins."""

import datetime
import re
from pathlib import Path
from typing import Any

import yaml

from index.errors import ArticleUnreadable
from index.intake.metadata import Stated, day, label, web_address

_FENCED = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
MAX_CHARACTERS = 64_000


def read_front_matter(text: str, path: Path) -> tuple[Stated, int]:
    """Return what front matter states and the offset behind it; (nothing, 0) where there is none.

    A text that begins with a rule of dashes, but not with a mapping of known fields, has none. Raises
    ArticleUnreadable where the fields are there but are not YAML.
    """
    match = _FENCED.match(text, 0, MAX_CHARACTERS) if text.startswith("---") else None
    if not match or not re.search(r"^[\w -]+:", match[1], re.MULTILINE):
        return Stated(), 0
    if not any(label(line.partition(":")[0]) for line in match[1].splitlines()):
        return Stated(), 0
    try:
        fields = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(getattr(error, "problem", None) or type(error).__name__)
        raise ArticleUnreadable(path, f"front matter is not YAML ({reason}); mend it or remove it") from None
    if not isinstance(fields, dict) or not any(label(str(key)) or " " not in str(key) for key in fields):
        return Stated(), 0
    values: dict[str, str | None] = {}
    for key, value in fields.items():
        name = label(str(key))
        if name:
            values[name] = values.get(name) or _value(name, value)
    return Stated(**values), match.end()


def _value(name: str, value: Any) -> str | None:
    if isinstance(value, list):
        value = "; ".join(str(item).strip() for item in value if isinstance(item, str))
    if isinstance(value, datetime.date):
        value = value.isoformat()[:10]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    value = " ".join(value.encode("utf-8", "replace").decode().split())
    if name in ("published", "updated"):
        return day(value)
    if name == "url":
        return web_address(value)
    return value or None
