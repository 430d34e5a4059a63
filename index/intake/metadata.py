"""What an article states of itself: dates, bylines, datelines, publishers; and whose statement counts."""

import re
from dataclasses import dataclass, fields
from datetime import datetime

from dateutil import parser


@dataclass(frozen=True, slots=True)
class Stated:
    """What one place (a sidecar, front matter, the text) states; what it does not state is None."""

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    updated: str | None = None
    url: str | None = None
    language: str | None = None


def merge(*statements: Stated) -> Stated:
    """Return, field by field, the first value that is stated; give the most trusted place first."""
    merged = {}
    for field in fields(Stated):
        values = (getattr(stated, field.name) for stated in statements)
        merged[field.name] = next((value for value in values if value), None)
    return Stated(**merged)


# Two defaults that share no part: where the results differ, the text did not state that part.
_DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 12))
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")


def day(text: str) -> str | None:
    """Return the day that a text states as an ISO date, or None where it is partial, ambiguous or no date.

    '19 March 2025' → '2025-03-19'; 'March 18' → None (no year); '03/04/2025' → None (day or month first?).
    """
    text = text.strip().strip("|·,;()").strip()
    if len(text) > 60 or not _YEAR.search(text):
        return None
    if _YEAR.match(text):
        orders: tuple[bool, ...] = (False,)
    elif re.match(r"\d{1,2}\.\d{1,2}\.\d{4}", text):
        orders = (True,)
    else:
        orders = (False, True)
    try:
        days = {
            parser.parse(text, default=default, dayfirst=order, ignoretz=True).date()
            for default in _DEFAULTS
            for order in orders
        }
    except (ValueError, ArithmeticError):
        return None
    found = days.pop()
    return found.isoformat() if not days and str(found.year) in text else None


_PREFIX = re.compile(
    r"^(?:(?P<updated>(?:last\s+)?(?:updated|modified)|as of)|first published|published|posted|date|issued)"
    r"(?:\s+on|\s+at)?\s*:?\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\s*(?:/|\||·|,|\bat\b)?\s*\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,5})?$", re.IGNORECASE
)


def dated_line(line: str) -> Stated | None:
    """Return what a line states that is a date and nothing else, with or without 'Published' or 'Updated'."""
    match = _PREFIX.match(line.strip())
    value = match["rest"] if match else line
    found = day(value) or day(_CLOCK.sub("", value.strip()))
    if found is None:
        return None
    return Stated(updated=found) if match and match["updated"] else Stated(published=found)


_BYLINE = re.compile(r"^(?:words |story |text |report )?by:?\s+(?P<names>\S.*)$", re.IGNORECASE)
_NAME = re.compile(r"^[^\W\d_]['’.\w-]*(?:\s+[^\W\d_]['’.\w-]*){0,6}$")


def byline(line: str) -> str | None:
    """Return the author that a byline names: 'By Ann Lee and Bo Ray' → 'Ann Lee; Bo Ray'; None for other lines."""
    match = _BYLINE.match(line.strip())
    if not match or len(line) > 120 or line.rstrip().endswith(("!", "?", ":")):
        return None
    names = [name.strip() for name in re.split(r",| and | & |\|| in ", match["names"]) if name.strip()]
    if line.rstrip().endswith(".") and line.rsplit(maxsplit=1)[-1].strip(".").islower():
        return None
    if not names or not names[0][0].isupper() or not all(_NAME.match(name) for name in names):
        return None
    people = [name for name in names if name[0].isupper() and " " in name] or names[:1]
    return "; ".join(people)


_DATELINE = re.compile(
    r"^(?P<place>[A-ZÀ-Þ][A-ZÀ-Þ .'’-]{2,40})"
    r"(?:,\s*(?P<date>[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:,\s*\d{4})?|\d{1,2}\s+[A-Z][a-z]{2,8}(?:\s+\d{4})?))?"
    r"\.?\s*(?:\((?P<round>[A-Z][\w .&-]{1,30})\)|/(?P<slash>[A-Z][\w .&-]{1,30})/)\.?\s*(?:[-–—:]|(?=[A-Z]))"
)


def dateline(paragraph: str) -> Stated:
    """Return agency and day of a dateline: 'OSLO, March 20, 2025 (Northwire) — …'; without a year, no day."""
    match = _DATELINE.match(paragraph)
    if not match:
        return Stated()
    return Stated(publisher=match["round"] or match["slash"], published=day(match["date"] or ""))


_HANDLE = re.compile(
    r"\bour\b.*?(?:t\.me|telegram\.me|facebook\.com|x\.com|twitter\.com|instagram\.com|youtube\.com)/@?(?P<name>[\w.]{3,40})",
    re.IGNORECASE,
)
_NO_NAMES = frozenset({"joinchat", "watch", "groups", "channel", "pages", "share", "playlist"})
_SITE = re.compile(r"^(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}$", re.IGNORECASE)


def channel_owner(line: str) -> str | None:
    """Return whose channel a plug names: 'our Telegram channel https://t.me/The_Daily' → 'The Daily'."""
    match = _HANDLE.search(line)
    if not match or match["name"].casefold() in _NO_NAMES:
        return None
    return match["name"].replace("_", " ").strip(" .") or None


def is_site(value: str) -> bool:
    """Say whether a value is the name of a web site ('News.example') rather than of a person."""
    return bool(_SITE.match(value.strip()))


_FIELDS = {
    "title": "title", "headline": "title",
    "author": "author", "authors": "author", "by": "author", "byline": "author", "written by": "author",
    "publisher": "publisher", "source": "publisher", "publication": "publisher", "agency": "publisher",
    "date": "published", "published": "published", "published on": "published", "publication date": "published",
    "posted": "published", "posted on": "published", "issued": "published",
    "updated": "updated", "last updated": "updated", "updated on": "updated", "modified": "updated",
    "url": "url", "link": "url", "original": "url", "canonical": "url",
    "language": "language", "lang": "language",
}  # fmt: skip


def label(text: str) -> str | None:
    """Return the field that a label stands for: 'Published on:' → 'published'; None for other texts."""
    return _FIELDS.get(text.strip().rstrip(":").strip().casefold())


def labelled(field: str, value: str) -> Stated | None:
    """Return what 'label: value' states; None where the value cannot be of that field."""
    value = value.strip()
    if not value or len(value) > 300:
        return None
    if field in ("published", "updated"):
        line = dated_line(value)
        found = line.published or line.updated if line else None
        return Stated(**{field: found}) if found else None
    if field == "url":
        return Stated(url=value) if web_address(value) else None
    if field == "publisher" and web_address(value):
        return Stated(url=value)
    if field == "author":
        names = byline(f"By {value}") or value
        return Stated(author=names, publisher=value if is_site(value) else None)
    return Stated(**{field: value})


def web_address(value: str | None) -> str | None:
    """Return the value if it is an http(s) address, else None: no other scheme ever becomes a link."""
    if value and re.fullmatch(r"https?://[^\s<>\"']+", value.strip(), re.IGNORECASE):
        return value.strip()
    return None
