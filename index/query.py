"""Question → query: what is asked, which words must stand there exactly, what it takes over from the conversation."""

import re
import unicodedata
from dataclasses import dataclass

from index.errors import QuestionInvalid

_QUOTED = re.compile(r"“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|\"([^\"]+)\"")
_ASKING = re.compile(
    r"(?:and |but |so |in |on |at |for |from |to |by |with |of |about |under )?"
    r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should|tell me|(?:name|list) (?:the|all|some|every|each|any|a|an|two|three|me|us))\b",
    re.IGNORECASE,
)
# Signs that mean the same to a reader and differ only in how they were typed.
_SIGNS = str.maketrans("‘’‚‛“”„‟«»–—−‐‑", '\'\'\'\'""""""-----')


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: the question as asked, what it carries over from the conversation, its exact phrases.

    `topic` holds the words of earlier questions without which this one cannot be understood, or nothing;
    `articles` the ids of the articles that those questions led to.
    """

    asked: str
    phrases: tuple[str, ...] = ()
    topic: str = ""
    articles: tuple[str, ...] = ()

    @property
    def understood(self) -> str:
        """Return the question with what it carries over, as it is searched and shown."""
        return f"{self.asked} ({self.topic})" if self.topic else self.asked

    @property
    def is_question(self) -> bool:
        """Say whether something is asked, rather than words or a claim given to be found."""
        return self.asked.rstrip("\"”»') ").endswith("?") or _ASKING.match(self.asked) is not None


def query_of(question: str, longest: int) -> Query:
    """Return the query of a question that stands alone; raise QuestionInvalid where it cannot be asked."""
    asked = checked(question, longest)
    return Query(asked, phrases_of(asked))


def well_formed(text: str) -> str:
    """Return a text with what is no Unicode (bytes of a terminal that are not UTF-8) replaced by question marks."""
    return text.encode("utf-8", "replace").decode()


def checked(question: str, longest: int) -> str:
    """Return the question without superfluous white space; raise QuestionInvalid where it cannot be asked."""
    words = " ".join(well_formed(question).split())
    if not any(letter.isalnum() for letter in words):
        raise QuestionInvalid("the question holds no word; type what you want to know")
    if len(words) > longest:
        raise QuestionInvalid(f"the question has {len(words):,} characters; shorten it to {longest:,} or fewer")
    return words


def phrases_of(question: str) -> tuple[str, ...]:
    """Return what stands in quotation marks, less punctuation at its ends: 'Who said "not now."?' → ('not now',)."""
    found = (next(filter(None, groups)) for groups in _QUOTED.findall(question))
    stripped = (re.sub(r"^\W+|\W+$", "", phrase) for phrase in found)
    return tuple(dict.fromkeys(phrase for phrase in stripped if phrase))


def holds(text: str, phrase: str) -> bool:
    """Say whether a phrase stands in a text, word for word; capitals, line ends and the shape of quotes may differ."""
    wanted = re.escape(_plain(phrase))
    return re.search(rf"(?<!\w){wanted}(?!\w)", _plain(text)) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(_SIGNS).casefold().split())
