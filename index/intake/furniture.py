"""Which units are the article, and which are the page around it; what the furniture states is read off it.

The rules are few, and each speaks of a kind of line, never of a page:

    head       before the first paragraph only a title, a byline and the like are expected; the rest is menu
    credit     "Photo: …" and the caption above it
    widget     font sizes, share bars, breadcrumbs
    labelled   "Date", "Author", "Source" with the value behind or below
    list       "See also", "Latest", "Most read" and the headlines under it; three headlines or more that
               end a text, also without a label
    plug       an invitation to follow, join or subscribe; notices of rights and cookies
    repeated   the title once more
"""

import re
from collections.abc import Sequence

from index.intake.lines import Unit
from index.intake.metadata import Stated, byline, channel_owner, dated_line, dateline, label, labelled, merge
from index.types import Span

_END = re.compile(r"[.!?…:;。！？؟।][\"'”’»)\]*_]*$|[.!?…,][\"”’»]$")
_CREDIT = re.compile(
    r"^\W*(?:photo(?:graph|s|graphs)?|image|picture|illustration|graphic|credit)s?(?:\s+(?:credit|source))?\s*(?:by\b|:|/|©|courtesy\b)",
    re.IGNORECASE,
)
_FONT_SIZES = re.compile(r"^(?:\d{1,2}(?:\s*[^\W\d]{1,8})?(?:\s+|$)){3,}$|^(?:A\s*[-+–]?\s*){2,}$")
_BREADCRUMB = re.compile(
    r"^(?:home\s?page|main page|start page)\b(?:\W+\w+){0,6}$|^home$|^\w[\w ]*(?:\s[>›»]\s[\w ]+)+$", re.IGNORECASE
)
_SHARE_WORDS = frozenset(
    "share tweet facebook twitter x whatsapp telegram email e-mail mail print copy link save linkedin reddit "
    "messenger viber instagram youtube this article on via comments comment listen pdf".split()
)
_LIST_HEADINGS = frozenset(
    "see also|latest|latest news|latest stories|related|related articles|related news|related stories|"
    "related topics|read also|also read|read more|read next|more news|more stories|more on this story|"
    "more on this topic|most read|most popular|popular|trending|trending now|top stories|recommended|"
    "recommended for you|you may also like|you might also like|editor's picks|editors' picks|don't miss|"
    "in this section|in other news|up next|news feed|other news".split("|")
)
_PLUG = re.compile(
    r"^\W*(?:read (?:more|us|all)|follow|subscribe|join|sign up|find us|stay (?:tuned|informed)|get (?:the|our)|"
    r"download|watch (?:us|more)|like us|support us|click here|to get the latest|for more)\b"
    r"(?=.*(?:\b(?:our|us|newsletter|channel|telegram|whatsapp|facebook|twitter|instagram|youtube|app|inbox)\b|t\.me/|https?://))",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^\W*(?:©|\(c\)|copyright\b|all rights reserved|(?:we|this (?:web)?site) uses? cookies|accept (?:all )?cookies|"
    r"advertisement$|story continues below|skip to (?:main )?content|privacy policy|terms of (?:use|service)|"
    r"back to top$|sign in$|log in$)",
    re.IGNORECASE,
)
# What a sentence must hold besides, to be a plug or a notice and not a part of the story.
_STRONG = re.compile(r"newsletter|channel|inbox|t\.me/|https?://|cookies|reserved|©", re.IGNORECASE)
# 'By Ann Lee | 27 March 2025 | The Gazette', 'The Gazette, 27 March 2025'.
_PARTS = re.compile(r"\s+[|·•]\s+|,\s+(?=(?:\d{1,2}\s+[A-Z][a-z]+|[A-Z][a-z]+\s+\d{1,2},)\s+\d{4}$)")
_BULLET = re.compile(r"^(?:[-*•–]|\d{1,3}[.)])\s")
MAX_TITLE = 250


def is_prose(unit: Unit) -> bool:
    """Say whether a unit reads like a sentence: it ends like one and has five words, or has twenty-five."""
    count = len(unit.words.split())
    return not unit.heading and (count >= 25 or ((count >= 5 and bool(_END.search(unit.words))) or _is_unspaced(unit)))


def is_paragraph(unit: Unit) -> bool:
    """Say whether a unit is surely no headline: a dozen words that end like a sentence, or twenty-five."""
    count = len(unit.words.split())
    return not unit.heading and (count >= 25 or (count >= 12 and bool(_END.search(unit.words))) or _is_unspaced(unit))


def divide(units: Sequence[Unit]) -> tuple[tuple[Span, ...], Stated]:
    """Return the spans that are article, in order, and what the text states of itself.

    A text without a single sentence (a poem, a list, a note) has no furniture but what names itself.
    """
    sheet = _Sheet(units)
    for rule in (_credits, _named_furniture, _labelled, _lists, _title, _head, _tail):
        rule(sheet)
    body = tuple(unit.span for unit, out in zip(units, sheet.out, strict=True) if not out)
    return body, merge(*sheet.stated)


class _Sheet:
    """The units with a mark on those that are out, and the statements found so far, most trusted first."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = units
        self.out = [False] * len(units)
        self.stated: list[Stated] = []
        swept = _swept(units)
        prose = [n for n, unit in enumerate(units) if is_prose(unit) and not _names_itself(unit) and n not in swept]
        self.first = prose[0] if prose else len(units)
        self.last = prose[-1] if prose else -1
        self.has_prose = bool(prose)

    def in_head(self, number: int) -> bool:
        return self.has_prose and number < self.first

    def in_tail(self, number: int) -> bool:
        return self.has_prose and number > self.last

    def state(self, stated: Stated, *numbers: int) -> None:
        self.stated.append(stated)
        for number in numbers:
            self.out[number] = True


def _credits(sheet: _Sheet) -> None:
    for number, unit in enumerate(sheet.units):
        credit = _CREDIT.match(unit.words)
        if credit and len(unit.words.split()) <= 14 and not (credit[0].lower().endswith("by") and is_prose(unit)):
            sheet.out[number] = True
            above = sheet.units[number - 1] if number else None
            if above and _ends(above) and not any(is_paragraph(earlier) for earlier in sheet.units[:number]):
                sheet.out[number - 1] = True


def _named_furniture(sheet: _Sheet) -> None:
    for number, unit in enumerate(sheet.units):
        if not _names_itself(unit):
            continue
        sheet.out[number] = True
        owner = channel_owner(unit.words)
        if owner:
            sheet.stated.append(Stated(publisher=owner))


def _names_itself(unit: Unit) -> bool:
    words = unit.words
    few = len(words.split()) <= 25
    shares = {word.casefold().strip(":,|·•") for word in words.split()} - {""}
    return few and bool(
        _FONT_SIZES.match(words)
        or ((_PLUG.match(words) or _NOTICE.match(words)) and (not is_prose(unit) or _STRONG.search(words)))
        or (shares and shares <= _SHARE_WORDS and len(words.split()) <= 12)
        or (len(words.split()) <= 7 and not _ends(unit) and _BREADCRUMB.match(words))
    )


def _labelled(sheet: _Sheet) -> None:
    units = sheet.units
    found: list[Stated] = []
    for number, unit in enumerate(units):
        if sheet.out[number] or not (sheet.in_head(number) or sheet.in_tail(number)):
            continue
        name, colon, value = unit.words.partition(":")
        field = label(name)
        if field and (colon and value.strip()):
            stated = labelled(field, value)
            if stated:
                found.append(stated)
                sheet.out[number] = True
        elif field and number + 1 < len(units) and not sheet.out[number + 1]:
            stated = labelled(field, units[number + 1].words)
            if stated and not is_paragraph(units[number + 1]):
                found.append(stated)
                sheet.out[number] = sheet.out[number + 1] = True
    sheet.stated[:0] = found


def _swept(units: Sequence[Unit]) -> set[int]:
    """Return the headings of lists and the headlines under them, up to the next sentence that ends with a stop."""
    swept: set[int] = set()
    for number, unit in enumerate(units):
        if unit.words.strip(" :»>").casefold() not in _LIST_HEADINGS:
            continue
        swept.add(number)
        for below in range(number + 1, len(units)):
            if _resumes(units[below]):
                break
            swept.add(below)
    return swept


def _resumes(unit: Unit) -> bool:
    """Say whether the article goes on here after a list: a headline may ask a question, but has no full stop."""
    return is_paragraph(unit) or (is_prose(unit) and unit.words.rstrip('"”').endswith("."))


def _lists(sheet: _Sheet) -> None:
    for number in _swept(sheet.units):
        sheet.out[number] = True


def _title(sheet: _Sheet) -> None:
    """Find the title in the head: a line that stands twice, else the first heading, else the first line."""
    title = next((stated.title for stated in sheet.stated if stated.title), None) or _title_in_head(sheet)
    if title is None:
        return
    sheet.stated.append(Stated(title=title))
    for number, unit in enumerate(sheet.units):
        if unit.words.casefold() == title.casefold():
            sheet.out[number] = True


def _title_in_head(sheet: _Sheet) -> str | None:
    head = [
        unit
        for number, unit in enumerate(sheet.units)
        if sheet.in_head(number) and not sheet.out[number] and _may_be_title(unit)
    ]
    texts = [unit.words for unit in head]
    return (
        next((text for text in texts if texts.count(text) > 1), None)
        or next((unit.words for unit in head if unit.heading), None)
        or next((text for text in texts if len(text.split()) > 2), None)
        or next(iter(texts), None)
    )


def _may_be_title(unit: Unit) -> bool:
    return (
        len(unit.words) <= MAX_TITLE
        and not _BULLET.match(unit.words)
        and not unit.listed
        and not byline(unit.words)
        and not dated_line(unit.words)
    )


def _head(sheet: _Sheet) -> None:
    """Read bylines and dates off the lines before the first paragraph, and leave all of them out."""
    for number in range(sheet.first if sheet.has_prose else 0):
        unit = sheet.units[number]
        if sheet.out[number]:
            continue
        if unit.listed or _BULLET.match(unit.words):
            break
        sheet.stated.append(_signature(unit.words))
        sheet.out[number] = True
    if sheet.has_prose:
        sheet.stated.append(dateline(sheet.units[sheet.first].words))


def _signature(line: str) -> Stated:
    """Return what a line of parts states: 'By Ann Lee | 27 March 2025 | The Gazette'.

    A part that is neither byline nor date, beside one that is, names who published.
    """
    known: list[Stated] = []
    others: list[str] = []
    for part in _PARTS.split(line):
        author = byline(part)
        stated = Stated(author=author) if author else dated_line(part)
        if stated:
            known.append(stated)
        else:
            others.append(part.strip())
    if known and len(others) == 1 and not others[0][0].isdigit() and len(others[0].split()) <= 6:
        known.append(Stated(publisher=others[0]))
    return merge(*known)


def _tail(sheet: _Sheet) -> None:
    """Leave out the run of headlines that ends a text, and the bylines and dates below its last paragraph."""
    tail = [number for number in range(sheet.last + 1, len(sheet.units)) if sheet.has_prose]
    for number in tail:
        words = sheet.units[number].words
        author = byline(words)
        stated = Stated(author=author) if author else dated_line(words)
        if stated and not sheet.out[number]:
            sheet.state(stated, number)
    left = [number for number in tail if not sheet.out[number]]
    headlines = [
        number for number in left if not sheet.units[number].listed and not _BULLET.match(sheet.units[number].words)
    ]
    if len(headlines) >= 3 and not any(_ends(sheet.units[number]) for number in headlines):
        for number in headlines:
            sheet.out[number] = True


def _ends(unit: Unit) -> bool:
    return bool(_END.search(unit.words))


def _is_unspaced(unit: Unit) -> bool:
    """Say whether the unit is a sentence of a script that puts no spaces between words."""
    words = unit.words
    return (
        len(words) >= 12
        and any(ch >= "\u0e00" for ch in words)
        and _ends(unit)
        and len(words.split()) * 12 < len(words) + 12
    )
