"""Ask every question of every pack, score the answers, keep the table in docs/evaluation.md.

    python -m evaluation.packs [PACKS] [--only NAME ...]

PACKS is a folder with packs (folders with `articles/` and `questions.jsonl`) and their `score.py`. A pack is
asked through the command line, as anyone would; nothing of the engine knows that it is being measured.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from evaluation.machine import provenance
from index.settings import HOME, Settings

PACKS = HOME.parent / "shared" / "eval"
PAGE = HOME / "docs" / "evaluation.md"
MEASURES = (
    "questions", "verbatim_%", "hit@1", "hit@3", "hit@5", "mrr@5", "article_hit@1", "iou@1", "highlight_iou@1",
    "followups.hit@1", "followups.hit@5", "hits_in@5", "answered", "answered_hit@1", "answerability.auroc",
    "answerability.balanced_accuracy", "quote_chars.p50", "elapsed_ms.p50", "elapsed_ms.p95",
)  # fmt: skip
# What decides the answers; paths and the server's settings do not.
SETTINGS = (
    "passage_target", "passage_limit", "sentence_limit", "candidates", "read_passages", "read_tokens",
    "read_thoroughly", "quotes", "threshold", "most_wrong",
)  # fmt: skip
Scores = dict[str, Any]


def main(
    packs: Annotated[Path, typer.Argument(help="The folder with the packs and score.py.")] = PACKS,
    only: Annotated[list[str] | None, typer.Option(help="Only these packs.")] = None,
    out: Annotated[Path, typer.Option(help="Where the table is kept.")] = PAGE,
) -> None:
    """Print one table; keep it if all packs were asked."""
    found = sorted(path.parent for path in packs.glob("*/questions.jsonl") if not only or path.parent.name in only)
    if not found:
        typer.echo(f"{packs}: no packs in it; name the folder that holds them", err=True)
        raise typer.Exit(1)
    scores: dict[str, Scores] = {}
    with TemporaryDirectory() as folder:
        for pack in found:
            typer.echo(f"{pack.name} …", err=True)
            predictions = Path(folder) / f"{pack.name}.jsonl"
            _ask(pack, predictions)
            scores[pack.name] = _score(packs, pack, pack / "questions.jsonl", predictions)
            for kind, questions in _kinds(pack, Path(folder)).items():
                scores[f"{pack.name}, {kind}"] = _score(packs, pack, questions, predictions)
    table = _table(scores)
    typer.echo(table)
    if not only:
        out.write_text(_page(table), "utf-8")


def _ask(pack: Path, predictions: Path) -> None:
    command = [sys.executable, "-m", "index", "ask", "--questions", str(pack / "questions.jsonl")]
    with predictions.open("w", encoding="utf-8") as file:
        subprocess.run([*command, "--articles", str(pack / "articles")], cwd=HOME, stdout=file, check=True)


def _score(packs: Path, pack: Path, questions: Path, predictions: Path) -> Scores:
    command = [sys.executable, str(packs / "score.py"), str(pack), str(predictions), "--json"]
    ended = subprocess.run([*command, "--questions", str(questions)], capture_output=True, text=True, check=True)
    found: Scores = json.loads(ended.stdout)
    return found


def _kinds(pack: Path, folder: Path) -> dict[str, Path]:
    """Return a file of questions for each kind, where a pack has several kinds that say how they are asked."""
    lines: dict[str, list[str]] = defaultdict(list)
    for line in (pack / "questions.jsonl").read_text("utf-8").splitlines():
        lines[json.loads(line).get("kind", "")].append(line)
    if "keywords" not in lines:
        return {}
    files: dict[str, Path] = {}
    for kind, found in sorted(lines.items()):
        files[kind] = folder / f"{pack.name}.{kind}.jsonl"
        files[kind].write_text("\n".join(found) + "\n", "utf-8")
    return files


def _table(scores: dict[str, Scores]) -> str:
    shown = [name for name in MEASURES if any(_value(row, name) is not None for row in scores.values())]
    lines = [_row(["measure", *scores]), _row(["---"] * (len(scores) + 1))]
    lines += [_row([name, *(_number(_value(row, name)) for row in scores.values())]) for name in shown]
    return "\n".join(lines)


def _value(row: Scores, name: str) -> float | None:
    value = row.get(name)
    return None if value is None else float(value)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if value < 10 and value != int(value) else f"{value:,.0f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _page(table: str) -> str:
    settings = Settings()
    listed = ", ".join(f"{name} {getattr(settings, name)}" for name in SETTINGS)
    return (
        "# Evaluation\n\nWritten by `make eval`, which asks every question of the packs through the command line\n"
        "and scores the answers with the packs' own script. Nothing was trained or tuned on them.\n\n"
        f"{provenance()}\n\nSettings: {listed}.\n\n{table}\n"
    )


if __name__ == "__main__":
    typer.run(main)
