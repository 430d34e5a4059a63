"""The house rules of DESIGN.md, section 4: who may import whom, and where what may be done. Read off the AST."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.settings import HOME

NOUNS = {"types", "errors"}
LEAVES = {"intake", "segment", "embedding", "vectors", "lexical", "citation", "reader", "minilm"}
# Which rooms of index/ a room may import, beside itself. What is not named here stands on top and may import all.
MAY_IMPORT = {
    "errors": set(),
    "types": {"errors"},
    "settings": {"errors"},
    "query": {"errors"},
    **dict.fromkeys(LEAVES, NOUNS),
    **dict.fromkeys(("embedding", "reader"), NOUNS | {"minilm"}),
    "quoting": NOUNS | {"lexical", "citation"},
    "library": NOUNS | LEAVES | {"settings"},
    "search": NOUNS | LEAVES | {"settings", "library", "query"},
    "followup": {"lexical", "query"},
    "folding": NOUNS | {"lexical", "library"},
    "confidence": NOUNS,
    "ranking": NOUNS | LEAVES | {"settings", "library", "query", "search", "folding", "confidence"},
}
ON_TOP = {"answer", "engine", "prepare", "output", "progress", "verify", "corroboration", "__main__", "__init__"}
# Where alone a package may be imported: the beginnings of module names.
ONLY_IN = {
    "faiss": ("index.vectors",),
    "sentence_transformers": ("index.embedding", "index.minilm"),
    "torch": ("index.embedding", "index.minilm", "index.reader"),
    "gradio": ("ui", "app"),
}
PICKLES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
SOURCES = sorted([HOME / "app.py", *(HOME / "index").rglob("*.py"), *(HOME / "ui").rglob("*.py")])


def name_of(path: Path) -> str:
    """Return the name of a module by its path: 'index/vectors/faiss.py' → 'index.vectors.faiss'."""
    parts = path.relative_to(HOME).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def room_of(module: str) -> str:
    """Return the room of index/ that a module is or lies in: 'index.vectors.faiss' → 'vectors'."""
    return f"{module}.".split(".")[1]


def under(module: str, places: tuple[str, ...]) -> bool:
    """Say whether a module is one of the places, or lies in one; 'index.reader_onnx' counts as 'index.reader'."""
    return any(module == place or module.startswith((f"{place}.", f"{place}_")) for place in places)


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a module imports: 'from index import intake' → 'index', 'index.intake'."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def import_violations(module: str, tree: ast.AST) -> Iterator[str]:
    for name in imported(tree):
        package = name.split(".")[0]
        if package in ONLY_IN and not under(module, ONLY_IN[package]):
            yield f"imports {package}"
        if package in PICKLES:
            yield f"imports {package}"
        if package in ("ui", "app", "tests", "training") and not under(module, ("ui", "app")):
            yield f"imports {package}"
        if package == "index" and module.startswith("index."):
            yield from room_violations(room_of(module), room_of(name))


def room_violations(room: str, other: str) -> Iterator[str]:
    rooms = MAY_IMPORT.keys() | ON_TOP
    if room in MAY_IMPORT and other in rooms and other not in MAY_IMPORT[room] | {room}:
        yield f"imports {other}"


def called(node: ast.Call) -> str:
    """Return the dotted name of what is called: 'Quote.cut(…)' → 'Quote.cut'."""
    return ast.unparse(node.func)


def call_violations(module: str, tree: ast.AST) -> Iterator[str]:
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = called(node)
        if name == "print" and module.startswith("index.") and module != "index.__main__":
            yield "prints"
        if name.split(".")[-1] == "Quote":
            yield "makes a Quote without Quote.cut"
        if name.endswith("Quote.cut") and module != "index.quoting":
            yield "cuts a Quote outside quoting"
        if any(word.arg == "allow_pickle" and ast.unparse(word.value) != "False" for word in node.keywords):
            yield "allows a pickle"


def environment_violations(module: str, tree: ast.AST) -> Iterator[str]:
    if module == "index.settings":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and ast.unparse(node.value) == "os":
            yield f"uses os.{node.attr}"
    yield from (f"uses {name}" for name in imported(tree) if name in {f"os.{part}" for part in ENVIRONMENT})


def violations(module: str, source: str) -> list[str]:
    """Return how a module breaks the rules of the house."""
    tree = ast.parse(source)
    found = [*import_violations(module, tree), *call_violations(module, tree), *environment_violations(module, tree)]
    if not ast.get_docstring(tree):
        found.append("has no docstring")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_keeps_the_rules_of_the_house(path: Path) -> None:
    assert violations(name_of(path), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "violation"),
    [
        ("index.types", "from index.settings import Settings", "imports settings"),
        ("index.errors", "from index import types", "imports types"),
        ("index.segment", "import index.library", "imports library"),
        ("index.intake.folder", "from index.intake.text import x\nfrom index import lexical", "imports lexical"),
        ("index.vectors.faiss", "from index.library import Library", "imports library"),
        ("index.quoting", "from index.search import search", "imports search"),
        ("index.library.build", "def f():\n    from index.answer import answer", "imports answer"),
        ("index.search", "if x:\n    import index.output", "imports output"),
        ("index.answer", "import ui.page", "imports ui"),
        ("index.answer", "from ui import page", "imports ui"),
        ("index.library.derive", "import faiss", "imports faiss"),
        ("index.search", "from torch import no_grad", "imports torch"),
        ("ui.page", "import sentence_transformers.util", "imports sentence_transformers"),
        ("index.answer", "import gradio as gr", "imports gradio"),
        ("index.library.tables", "import pickle", "imports pickle"),
        ("index.library.tables", "import numpy as np\nnp.load(p, allow_pickle=True)", "allows a pickle"),
        ("index.answer", "print('found')", "prints"),
        ("index.answer", "from index.types import Quote\nQuote(a, 0, 1, 'x')", "makes a Quote without Quote.cut"),
        ("ui.cards", "from index import types\ntypes.Quote(a, 0, 1, 'x')", "makes a Quote without Quote.cut"),
        ("ui.cards", "from index.types import Quote\nQuote.cut(a, s)", "cuts a Quote outside quoting"),
        ("index.answer", "import os\nhome = os.environ['HOME']", "uses os.environ"),
        ("app", "from os import getenv", "uses os.getenv"),
        ("index.search", "", "has no docstring"),
    ],
)
def test_a_module_that_breaks_a_rule_is_found_out(module: str, source: str, violation: str) -> None:
    docstring = "" if violation == "has no docstring" else '"""What it is."""\n'
    assert violation in violations(module, docstring + source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("index.types", "from index.errors import QuoteMismatch"),
        ("index.intake.folder", "from index.intake.text import read\nfrom index.types import Span"),
        ("index.vectors.faiss", "import faiss\nfrom index.vectors import Ids"),
        ("index.reader.train", "import torch"),
        ("index.quoting", "from index import lexical\nfrom index.types import Quote\nQuote.cut(a, s)"),
        ("index.settings", "import os\nos.environ['X'] = '1'"),
        ("index.__main__", "from index.answer import answer\nprint(1)"),
        ("ui.page", "import gradio as gr\nfrom index.answer import answer"),
    ],
)
def test_a_module_that_keeps_the_rules_is_let_pass(module: str, source: str) -> None:
    assert violations(module, f'"""What it is."""\n{source}') == []


def test_quote_cut_is_the_only_place_where_a_quote_is_made() -> None:
    tree = ast.parse((HOME / "index" / "types.py").read_text("utf-8"))
    (quote,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Quote")
    makers = {
        method.name
        for method in quote.body
        if isinstance(method, ast.FunctionDef)
        for node in ast.walk(method)
        if isinstance(node, ast.Call) and called(node) in ("cls", "Quote", "object.__new__", "replace")
    }
    assert makers == {"cut"}


def test_every_room_has_its_place() -> None:
    rooms = {room_of(name_of(path)) for path in SOURCES if name_of(path).startswith("index.")}
    assert rooms <= MAY_IMPORT.keys() | ON_TOP
    assert rooms >= NOUNS | {"library", "search", "quoting", "settings", "answer", "__main__"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_module_has_outgrown_300_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < 300


def test_the_entry_has_80_lines_at_most() -> None:
    assert len((HOME / "app.py").read_text("utf-8").splitlines()) <= 80
