"""Every tunable in one frozen object; the only reader (and writer) of environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, get_type_hints

from index.errors import SettingInvalid

HOME = Path(__file__).resolve().parent.parent
PREFIX = "QUOTARY_"

# Libraries that would otherwise look at a hub or report usage ask these variables first.
OFFLINE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """How Quotary reads, cuts, searches and serves; sizes in characters unless the name says otherwise."""

    data: Path = HOME / "data"
    model: str = ""
    max_file_mb: float = 20.0
    max_question: int = 2000
    passage_target: int = 300
    passage_limit: int = 900
    sentence_limit: int = 1200
    candidates: int = 50
    reader: Path = HOME / "index" / "models" / "reader.safetensors"
    read_passages: int = 16
    read_tokens: int = 1800
    read_thoroughly: int = 8
    quotes: int = 5
    threshold: float = 0.35
    most_wrong: float = 0.0
    host: str = "127.0.0.1"
    port: int = 7860

    @property
    def articles(self) -> Path:
        """The folder of articles that is used when none is named."""
        return self.data / "articles"

    @property
    def library(self) -> Path:
        """The library that is used when none is named."""
        return self.data / "library"

    def library_for(self, folder: Path) -> Path:
        """Return where the library of a folder of articles lives: one for each folder, by its full path."""
        folder = real(folder)
        if folder == real(self.articles):
            return self.library
        key = sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:12]
        return self.data / "libraries" / f"{folder.name or 'root'}-{key}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Return the defaults, overridden by QUOTARY_DATA, QUOTARY_MODEL, QUOTARY_PORT and so on."""
        environment = os.environ if environment is None else environment
        types = get_type_hints(cls)
        given: dict[str, Any] = {}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            if name in environment:
                given[field.name] = _converted(name, environment[name], types[field.name])
        return replace(cls(), **given).checked()

    def checked(self) -> "Settings":
        """Return these settings; raise SettingInvalid where two of them, or one alone, make no sense."""
        rules = (
            (0 < self.passage_target <= self.passage_limit, "passage_target", "between 1 and passage_limit"),
            (self.sentence_limit >= 100, "sentence_limit", "at least 100"),
            (self.max_file_mb > 0, "max_file_mb", "above 0"),
            (self.max_question > 0, "max_question", "above 0"),
            (1 <= self.quotes <= 50, "quotes", "between 1 and 50"),
            (self.candidates >= self.quotes, "candidates", "at least the number of quotes"),
            (self.read_passages > 0, "read_passages", "above 0"),
            (self.read_tokens > 0, "read_tokens", "above 0"),
            (self.read_thoroughly > 0, "read_thoroughly", "above 0"),
            (0 <= self.threshold <= 1, "threshold", "between 0 and 1"),
            (0 <= self.most_wrong <= 1, "most_wrong", "between 0 and 1"),
            (0 <= self.port < 65536, "port", "between 0 and 65535"),
        )
        for holds, name, expected in rules:
            if not holds:
                raise SettingInvalid(f"{name} must be {expected}, found {getattr(self, name)}")
        return self


def real(path: Path) -> Path:
    """Return a path, absolute and without links; unlike Path.resolve, also of a link that leads to itself."""
    return Path(os.path.realpath(path))


def _converted(name: str, value: str, kind: type) -> object:
    try:
        return kind(value)
    except ValueError:
        raise SettingInvalid(f"{name} must be a {kind.__name__}, found {value!r}") from None


def stay_local() -> None:
    """Tell the libraries underneath to use no hub and to report nothing; call it before they are imported."""
    os.environ.update(OFFLINE)
