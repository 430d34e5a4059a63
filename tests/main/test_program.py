"""The program itself: its help, and one answer from end to end."""

import json
import os
import subprocess
import sys
from pathlib import Path

from typer.main import get_command

from index.__main__ import app
from index.library import open_library
from index.settings import HOME, Settings
from tests.main import PAUSE, QUESTION


def test_every_command_and_every_option_has_a_help_text() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert commands.keys() >= {"build", "ask", "read"}
    for name, command in commands.items():
        assert command.help, name
        for parameter in command.params:
            assert parameter.help, f"{name} {parameter.name}"


def module(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "index", *arguments]
    return subprocess.run(command, cwd=HOME, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_the_help_of_the_program_documents_every_command() -> None:
    ended = module("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"  {name} " in ended.stdout
        assert " ".join(command.help.split()[:4]) in " ".join(ended.stdout.split())


def test_from_end_to_end_with_the_real_model_stdout_is_one_json_object(articles: Path, place: Path) -> None:
    nowhere = str(place / "nowhere.safetensors")
    ended = module(
        "ask", "--articles", str(articles), QUESTION, "--json", QUOTARY_DATA=str(place / "real"), QUOTARY_READER=nowhere
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    printed = json.loads(ended.stdout)
    assert PAUSE in printed["quotes"][0]["text"]
    assert printed["answered"]
    assert not printed["read"]
    assert [warning.split(": ")[:2] for warning in printed["warnings"]] == [["ranked without the reader", nowhere]]
    assert open_library(Settings(data=place / "real").library_for(articles)).manifest.recipe.model.startswith(
        "all-Mini"
    )
