"""Article → sentences → passages; every offset is exact, every passage consists of whole sentences."""

import re
import unicodedata
from collections.abc import Iterator

import sentencex

from index.types import Article, Passage, Sentence, Span

# What sentencex 1.0 takes for the end of a sentence and is not. Measured in docs/sentences.md.
_BEFORE = r"(?:^|[\s(\[“\"'‘—–-])"
_ABBREVIATION = re.compile(
    _BEFORE + r"(?:Mr|Mrs|Ms|Mx|Dr|Prof|Gen|Col|Maj|Capt|Cmdr|Lt|Sgt|Cpl|Pvt|Adm|Reps?|Sens?|Gov|Pres|Rev|Hon|Msgr|Fr|"
    r"Atty|Ste|Mt|Ft|Art|Sec|Fig|[Aa]pprox|pct|vs|v|cf|ca|est|al)\.\s*$"
)
# These end a sentence where a word follows that begins one: "on Oak St. The …", "vitamin C. It …".
_MAY_END = re.compile(
    _BEFORE + r"(?:Mon|Tues?|Weds?|Thur?s?|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|St|[A-Z])\.\s*$"
)
_NUMBER = re.compile(_BEFORE + r"Nos?\.\s*$")
_EXCLAIMED = re.compile(r"\w!\s*$")
# What sentencex does not take for an end and is one: after a sentence in brackets, and after the month of May.
_MISSED = re.compile(
    r"^\([^()]*[.!?]\)\s+(?=[A-Z“])|"
    r"\b(?:in|of|by|since|until|before|after|last|next|late|early|mid) May\.\s+(?=[A-Z“])"
)
_ACRONYM = re.compile(r"(?:^|[\s(\[“\"'‘])(?:[A-Z]\.){2,}(?:['’]s)?\s*$")
_CLOCK = re.compile(r"\b[ap]\.m\.\s*$", re.IGNORECASE)
_AFTER_CLOCK = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Jan|Febr)uary|March|April|May|June|July|August|"
    r"(?:Septem|Octo|Novem|Decem)ber|[A-Z]{1,3}T\b|(?:Moscow|local|Eastern|Central|Pacific|Greenwich) )"
)
# After "U.S." these begin a sentence; any other capital ("President", "Army") goes on with it.
_OPENER = re.compile(
    r"[\"“‘'(\[]?(?:The|A|An|He|She|It|They|We|You|I|This|That|These|Those|There|Here|But|And|Or|So|Yet|In|On|At|By|For|"
    r"From|With|After|Before|During|Since|While|When|Where|Why|How|What|Who|If|As|To|Of|No|Not|Its|His|Her|Their|Our|My|"
    r"Both|Some|Many|Most|Several|Meanwhile|However|Although|Though|Despite|According|Asked|Later|Earlier|Now|Then|Also|"
    r"Last|Next|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\b"
)
_BREAKS = re.compile(r"(?<=[;:,—–])\s+|\s+")


def sentences(text: str, body: tuple[Span, ...], language: str | None, limit: int) -> list[Sentence]:
    """Return the sentences of each paragraph in `body`, without the white space around them.

    Boundaries are those of sentencex, corrected where it splits at "Tues." or inside "U.S. President".
    A sentence of more than `limit` characters (a list, an endless line) is cut at the last good place
    before that, so that no part of a text is beyond the reach of a search.
    """
    found: list[Sentence] = []
    for number, paragraph in enumerate(body, 1):
        for span in _split(text, paragraph, language or "en"):
            found.extend(Sentence(piece, number) for piece in _pieces(text, span, limit))
    return found


def passages(article: Article, *, target: int, limit: int, sentence_limit: int) -> list[Passage]:
    """Return the passages of an article: paragraphs, where they are of a fair size.

    Sizes in characters. A paragraph under `target` is joined with those that follow, while both fit into
    `target` (a heading always goes with its paragraph); one over `limit` is divided into nearly equal
    runs of sentences. Measured in docs/passages.md.
    """
    found = sentences(article.text, article.body, article.language, sentence_limit)
    groups: list[list[Sentence]] = []
    for paragraph in _paragraphs(found):
        if groups and _joins(article.text, groups[-1], paragraph, target, limit):
            groups[-1].extend(paragraph)
        else:
            groups.append(paragraph)
    return [_passage(article, run) for group in groups for run in _divide(group, limit)]


def _split(text: str, paragraph: Span, language: str) -> Iterator[Span]:
    """Yield the sentences of one paragraph. sentencex gives the pieces in order; their lengths give the offsets."""
    start = end = paragraph.start
    held = ""
    for piece in _all_pieces(sentencex.segment(language, paragraph.of(text))):
        if held and not _goes_on(held, piece):
            yield from _trimmed(text, Span(start, end))
            start, held = end, ""
        held += piece
        end += len(piece)
    if end != paragraph.end:
        raise AssertionError(f"sentencex returned {end - paragraph.start} of {len(paragraph)} characters")
    yield from _trimmed(text, Span(start, end))


def _all_pieces(pieces: list[str]) -> Iterator[str]:
    for piece in pieces:
        start = 0
        for match in _MISSED.finditer(piece):
            yield piece[start : match.end()]
            start = match.end()
        yield piece[start:]


def _goes_on(before: str, after: str) -> bool:
    """Say whether a boundary between two pieces is false: 'on Tues. ' + 'March 18.' → True."""
    if not after.strip():
        return True
    if "\n" in before[len(before.rstrip()) :]:
        # In a wrapped paragraph a line end means nothing; what counts is how the sentence ends.
        before = before.rstrip() + " "
    if not before.strip() or (before[-1:].isalnum() and not before.rstrip().endswith((".", "!", "?"))):
        return False
    # The end decides; to search all that is held, again for each piece, would take quadratic time.
    end = before[-40:]
    if _ABBREVIATION.search(end):
        return True
    if _MAY_END.search(end) or _ACRONYM.search(end):
        return not _OPENER.match(after)
    if _NUMBER.search(end) or _EXCLAIMED.search(end):
        return after[:1].isdigit() or after[:1].islower()
    return bool(_CLOCK.search(end) and _AFTER_CLOCK.match(after))


def _trimmed(text: str, span: Span) -> Iterator[Span]:
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip())
    end = span.end - len(words) + len(words.rstrip())
    if start < end:
        yield Span(start, end)


def _pieces(text: str, sentence: Span, limit: int) -> Iterator[Span]:
    start = sentence.start
    while sentence.end - start > limit:
        cut = _cut(text, start, start + limit)
        yield from _trimmed(text, Span(start, cut))
        start = cut
    yield from _trimmed(text, Span(start, sentence.end))


def _cut(text: str, start: int, end: int) -> int:
    """Return the last place in the second half of start..end where a clause or word ends, else `end` itself."""
    half = (start + end) // 2
    breaks = list(_BREAKS.finditer(text, half, end))
    clauses = [place for place in breaks if text[place.start() - 1] in ";:,—–"]
    if breaks:
        return (clauses or breaks)[-1].end()
    while end > half and (unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0f" or text[end - 1] == "\u200d"):
        end -= 1
    return end


def _paragraphs(found: list[Sentence]) -> Iterator[list[Sentence]]:
    run: list[Sentence] = []
    for sentence in found:
        if run and sentence.paragraph != run[-1].paragraph:
            yield run
            run = []
        run.append(sentence)
    if run:
        yield run


def _joins(text: str, group: list[Sentence], paragraph: list[Sentence], target: int, limit: int) -> bool:
    length = paragraph[-1].span.end - group[0].span.start
    if _is_heading(text, group[-1].span):
        return length <= limit
    return length <= target and not _is_heading(text, paragraph[0].span)


def _is_heading(text: str, span: Span) -> bool:
    words = span.of(text)
    return len(words) <= 120 and not words.rstrip("\"'”’»)]*_").endswith((".", "!", "?", "…", ":", ";", ","))


def _divide(group: list[Sentence], limit: int) -> list[list[Sentence]]:
    """Divide a run of sentences into as few runs of at most `limit` characters as can be, of like length."""
    length = group[-1].span.end - group[0].span.start
    if length <= limit:
        return [group]
    share = length / -(-length // limit)
    runs: list[list[Sentence]] = [[]]
    for sentence in group:
        run = runs[-1]
        if run and (
            sentence.span.end - run[0].span.start > limit
            or (sentence.span.start + sentence.span.end) / 2 - group[0].span.start > share * len(runs)
        ):
            run = []
            runs.append(run)
        run.append(sentence)
    return runs


def _passage(article: Article, run: list[Sentence]) -> Passage:
    span = Span(run[0].span.start, run[-1].span.end)
    return Passage(article.id, span, run[0].paragraph, tuple(sentence.span for sentence in run))
