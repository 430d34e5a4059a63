"""The manifest: what a library is made of, from what, and how to tell that it is whole."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import LibraryDamaged, LibraryMissing
from index.library.layout import PARTS, TERMS, Layout, checksum, replace_durably

FORMAT = 2
MEND = "rebuild it with `python -m index build --library {root}`"


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides how articles become passages and vectors; a library of another recipe is not current."""

    model: str
    passage_target: int
    passage_limit: int
    sentence_limit: int

    @property
    def cuts(self) -> tuple[int, int, int]:
        """All that decides how articles become passages."""
        return self.passage_target, self.passage_limit, self.sentence_limit


@dataclass(frozen=True, slots=True)
class Manifest:
    """Format, generation, recipe, counts, dates, checksums, skipped files."""

    format: int
    generation: str
    recipe: Recipe
    articles: int
    passages: int
    sentences: int
    first: str | None
    last: str | None
    files: dict[str, str]
    skipped: tuple[tuple[str, str], ...]

    def save(self, layout: Layout) -> None:
        """Make this the manifest of a library, at once; the generation it names must be on disk."""
        replace_durably(layout.manifest, json.dumps(asdict(self), indent=1).encode())


def load_manifest(layout: Layout) -> Manifest:
    """Return the manifest of a library; raise LibraryMissing or LibraryDamaged with the command that mends it."""
    mend = MEND.format(root=layout.root)
    try:
        content = json.loads(layout.manifest.read_bytes())
    except FileNotFoundError:
        raise LibraryMissing(f"{layout.root}: no library here; make it with `python -m index build PATH`") from None
    except (OSError, ValueError, RecursionError) as error:
        raise LibraryDamaged(f"{layout.manifest}: not readable ({error}); {mend}") from None
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise LibraryDamaged(f"{layout.root}: format {found}, this Quotary reads format {FORMAT}; {mend}")
    try:
        return _from_json(content)
    except (KeyError, TypeError, ValueError) as error:
        raise LibraryDamaged(f"{layout.manifest}: a field is missing or wrong ({error!r}); {mend}") from None


def check_files(layout: Layout, manifest: Manifest) -> Path:
    """Return the folder of the generation; raise LibraryDamaged unless its files are those of the manifest."""
    folder = layout.generation(manifest.generation)
    mend = MEND.format(root=layout.root)
    named = {name for name in manifest.files if not name.startswith(f"{TERMS}/")}
    if named != set(PARTS) or any(".." in name for name in manifest.files):
        raise LibraryDamaged(f"{layout.root}: files {sorted(PARTS)} expected, found {sorted(named)}; {mend}")
    for name, expected in manifest.files.items():
        try:
            found = checksum(folder / name)
        except OSError as error:
            raise LibraryDamaged(f"{folder / name}: {error.strerror}; {mend}") from None
        if found != expected:
            raise LibraryDamaged(f"{folder / name}: its SHA-256 is not that of the manifest; {mend}")
    return folder


def _from_json(content: dict[str, Any]) -> Manifest:
    content["recipe"] = Recipe(**content["recipe"])
    content["skipped"] = tuple((str(path), str(reason)) for path, reason in content["skipped"])
    content["files"] = dict(content["files"])
    if not all(isinstance(content[name], int) for name in ("articles", "passages", "sentences")):
        raise ValueError("counts must be whole numbers")
    if Path(content["generation"]).name != content["generation"]:
        raise ValueError("the generation must be a plain name")
    return Manifest(**content)
