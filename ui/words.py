"""Every sentence that the page says of its own accord, in one place."""

NAME = "Quotary"
TAGLINE = "Who said that, exactly, and where?"
INVITATION = "Ask your articles. You get their exact words back, each with its source; nothing is written by a machine."
PLACEHOLDER = "Ask a question, or paste words to find"
ASK = "Ask"
NEW = "New conversation"
QUOTES = "Quotes shown"
QUESTION = "Question"
EXAMPLES = "For example"
SEARCHING = "Searching the articles"
NONE = "No passage answers this."
NEAREST = "Show the nearest passages"
NEAREST_NOTE = "They are close to the question in words or meaning, but are unlikely to answer it."
UNDERSTOOD = "Understood as"
COPY = "Copy"
COPY_HELP = "Copy the words and their source"
ORIGINAL = "Original"
SKIPPED = "Not read"
FAILED = "This question could not be answered"

# Read from the top: the first whose bound the confidence reaches.
CERTAINTY = (
    (0.8, "The first quote very likely answers this."),
    (0.5, "The first quote probably answers this."),
    (0.0, "The first quote may answer this; read it with care."),
)


def searched(articles: int, passages: int, first: str | None, last: str | None) -> str:
    """Return what is searched: '21 articles, 240 passages, published 2025-03-17 to 2025-04-12'."""
    counts = f"{_count(articles, 'article')}, {_count(passages, 'passage')}"
    if not first:
        return f"{counts}, no date of publication stated"
    return f"{counts}, published {first}" + (f" to {last}" if last != first else "")


def found(quotes: int, articles: int) -> str:
    """Return how much an answer holds: '5 quotes from 3 articles'."""
    return f"{_count(quotes, 'quote')} from {_count(articles, 'article')}"


def also(articles: int) -> str:
    """Return in how many other places the words of a quote stand: 'The same words in 2 other articles'."""
    return f"The same words in {_count(articles, 'other article')}"


def versions(articles: int) -> str:
    """Return in how many other places a version of a quote stands: 'Nearly the same words in 1 other article'."""
    return f"Nearly the same words in {_count(articles, 'other article')}"


def paragraph(number: int) -> str:
    """Return a paragraph's name."""
    return f"paragraph {number}"


def certainty(confidence: float) -> str:
    """Return a probability in words, as exact as it deserves."""
    return next(text for bound, text in CERTAINTY if confidence >= bound)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
