"""Answers → HTML. Everything that comes from an article or a person is escaped: it is data, never markup."""

from collections.abc import Callable
from html import escape

from index.citation import UNKNOWN, quotation, title_of
from index.types import Answer, Quote, Searched, Source, Span
from ui import words


def turn(answer: Answer) -> str:
    """Return a question with its answer."""
    body = _understood(answer) + (_answered(answer) if answer.answered else _unanswered(answer))
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in answer.warnings)
    return _turn(answer.question, notes + body)


def pending(question: str) -> str:
    """Return a question whose answer is being looked for."""
    bones = '<div class="bone"></div>' * 3
    return _turn(question, f'<div class="pending" role="status"><p>{words.SEARCHING}…</p>{bones}</div>')


def failed(question: str, reason: str) -> str:
    """Return a question that could not be asked, with the reason."""
    return _turn(question, f'<p class="problem" role="alert"><strong>{words.FAILED}:</strong> {escape(reason)}</p>')


def conversation(turns: list[str]) -> str:
    """Return all turns, in the order they were asked."""
    return f'<div class="turns" role="log" aria-live="polite" aria-relevant="additions">{"".join(turns)}</div>'


def masthead(searched: Searched, skipped: tuple[tuple[str, str], ...]) -> str:
    """Return the head of the page: the name, and a line that says what is being searched."""
    what = words.searched(searched.articles, searched.passages, searched.first, searched.last)
    return (
        f'<header class="masthead"><span class="logo" aria-hidden="true">“</span><h1>{words.NAME}</h1>'
        f'<p class="searched">Searching {escape(what)}</p>{_skipped(skipped)}</header>'
    )


def welcome() -> str:
    """Return what an empty conversation shows."""
    return f'<div class="welcome"><h2>{words.TAGLINE}</h2><p>{words.INVITATION}</p></div>'


def _skipped(skipped: tuple[tuple[str, str], ...]) -> str:
    if not skipped:
        return ""
    items = "".join(f"<li><code>{escape(path)}</code> {escape(reason)}</li>" for path, reason in skipped)
    files = "1 file" if len(skipped) == 1 else f"{len(skipped)} files"
    return f'<details class="skipped"><summary>{words.SKIPPED}: {files}</summary><ul>{items}</ul></details>'


def _turn(question: str, body: str) -> str:
    return f'<section class="turn"><h2 class="asked" dir="auto">{escape(question)}</h2>{body}</section>'


def _understood(answer: Answer) -> str:
    """Return how a question was completed from the conversation; nothing for one that stands alone."""
    if answer.understood == " ".join(answer.question.split()):
        return ""
    return f'<p class="understood">{words.UNDERSTOOD}: <span dir="auto">{escape(answer.understood)}</span></p>'


def _answered(answer: Answer) -> str:
    articles = len({quote.article.id for quote in answer.quotes})
    verdict = f"{words.certainty(answer.confidence)} {words.found(len(answer.quotes), articles)}."
    return f'<p class="verdict">{verdict}</p><ol class="cards">{_cards(answer)}</ol>'


def _unanswered(answer: Answer) -> str:
    searched = answer.searched
    what = words.searched(searched.articles, searched.passages, searched.first, searched.last)
    nearest = (
        f'<details class="nearest"><summary>{words.NEAREST}</summary><p class="note">{words.NEAREST_NOTE}</p>'
        f'<ol class="cards">{_cards(answer)}</ol></details>'
    )
    return f'<p class="verdict none"><strong>{words.NONE}</strong> Searched: {escape(what)}.</p>{nearest}'


def _cards(answer: Answer) -> str:
    return "".join(_card(quote) for quote in answer.quotes)


def _card(quote: Quote) -> str:
    quote.check()
    copied = escape(quotation(quote.text, quote.source), quote=True)
    language = f' lang="{escape(quote.article.language)}"' if quote.article.language else ""
    return (
        f'<li class="card"><blockquote dir="auto"{language}>{marked(quote)}</blockquote>'
        f'<footer><p class="source" dir="auto">{_source(quote.source)}</p>'
        f'<button type="button" class="copy" data-copy="{copied}" title="{words.COPY_HELP}">{words.COPY}</button>'
        f"</footer>{_elsewhere(quote.also_in, words.also)}{_elsewhere(quote.versions, words.versions)}</li>"
    )


def _elsewhere(sources: tuple[Source, ...], summary: Callable[[int], str]) -> str:
    if not sources:
        return ""
    items = "".join(f"<li>{_source(source)}</li>" for source in sources)
    return f'<details class="also"><summary>{summary(len(sources))}</summary><ul>{items}</ul></details>'


def marked(quote: Quote) -> str:
    """Return the words of a quote, escaped, the sentences that answer in <mark>, the exact answer in <strong>."""
    parts: list[str] = []
    last = quote.start
    for span in quote.highlights:
        parts.append(_plain(quote, Span(last, span.start)))
        parts.append(f"<mark>{_with_exact(quote, span)}</mark>")
        last = span.end
    return "".join(parts) + _plain(quote, Span(last, quote.end))


def _with_exact(quote: Quote, mark: Span) -> str:
    """Return the words of a mark, the exact answer in <strong> where it lies in this mark."""
    exact = quote.exact
    if exact is None or not exact.within(mark):
        return _plain(quote, mark)
    before, after = Span(mark.start, exact.start), Span(exact.end, mark.end)
    return f"{_plain(quote, before)}<strong>{_plain(quote, exact)}</strong>{_plain(quote, after)}"


def _plain(quote: Quote, span: Span) -> str:
    return escape(quote.text[span.start - quote.start : span.end - quote.start])


def _source(source: Source) -> str:
    parts = [f"<cite>{escape(title_of(source))}</cite>"]
    values = dict.fromkeys(
        escape(value) if (value := getattr(source, name)) else f"<i>{UNKNOWN[name]}</i>"
        for name in ("publisher", "author", "published")
    )
    parts.extend(f'<span class="fact">{value}</span>' for value in values)
    parts.append(f'<span class="fact">{words.paragraph(source.paragraph)}</span>')
    if source.url:
        link = escape(source.url, quote=True)
        parts.append(f'<a class="fact" href="{link}" target="_blank" rel="noopener noreferrer">{words.ORIGINAL}</a>')
    if source.title:
        parts.append(f'<span class="fact file">{escape(source.path)}</span>')
    return "".join(parts)
