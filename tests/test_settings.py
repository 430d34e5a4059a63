"""Settings: the defaults, the environment, what makes no sense."""

import os
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest

from index.errors import SettingInvalid
from index.settings import HOME, OFFLINE, Settings, stay_local

VALUES = {
    "data": ("/srv/quotary", Path("/srv/quotary")),
    "model": ("my/model", "my/model"),
    "max_file_mb": ("1.5", 1.5),
    "max_question": ("99", 99),
    "passage_target": ("200", 200),
    "passage_limit": ("400", 400),
    "sentence_limit": ("500", 500),
    "candidates": ("60", 60),
    "reader": ("/srv/reader.safetensors", Path("/srv/reader.safetensors")),
    "read_passages": ("20", 20),
    "read_tokens": ("1000", 1000),
    "read_thoroughly": ("4", 4),
    "quotes": ("7", 7),
    "threshold": ("0.25", 0.25),
    "most_wrong": ("0.1", 0.1),
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("8080", 8080),
}


def test_without_an_environment_the_defaults_hold() -> None:
    assert Settings.from_environment({"PATH": "/bin"}) == Settings()
    assert Settings().data == HOME / "data"
    assert (HOME / "index" / "settings.py").is_file()
    assert Settings().reader == HOME / "index" / "models" / "reader.safetensors"


def test_every_setting_can_be_given_in_the_environment() -> None:
    environment = {f"QUOTARY_{name.upper()}": text for name, (text, _) in VALUES.items()}
    found = Settings.from_environment(environment)
    assert {field.name: getattr(found, field.name) for field in fields(Settings)} == {
        name: value for name, (_, value) in VALUES.items()
    }


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUOTARY_QUOTES", "9")
    assert Settings.from_environment() == replace(Settings.from_environment({}), quotes=9)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("QUOTARY_QUOTES", "many", "QUOTARY_QUOTES must be a int, found 'many'"),
        ("QUOTARY_QUOTES", "", "QUOTARY_QUOTES must be a int, found ''"),
        ("QUOTARY_PORT", "80.5", "QUOTARY_PORT must be a int, found '80.5'"),
        ("QUOTARY_THRESHOLD", "half", "QUOTARY_THRESHOLD must be a float, found 'half'"),
        ("QUOTARY_THRESHOLD", "1.1", "threshold must be between 0 and 1, found 1.1"),
        ("QUOTARY_THRESHOLD", "nan", "threshold must be between 0 and 1, found nan"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingInvalid, match=f"^{message}$"):
        Settings.from_environment({name: value})


@pytest.mark.parametrize(
    "given",
    [
        {"passage_target": 0},
        {"passage_target": 901},
        {"sentence_limit": 99},
        {"max_file_mb": 0.0},
        {"max_question": 0},
        {"quotes": 0},
        {"quotes": 51, "candidates": 60},
        {"candidates": 4},
        {"read_passages": 0},
        {"read_tokens": 0},
        {"read_thoroughly": 0},
        {"most_wrong": 1.5},
        {"threshold": -0.1},
        {"port": -1},
        {"port": 65536},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any]) -> None:
    (name, value), *_ = given.items()
    with pytest.raises(SettingInvalid, match=f"^{name} must be .*, found {value}$"):
        replace(Settings(), **given).checked()


@pytest.mark.parametrize(
    "given",
    [
        {"passage_target": 900},
        {"quotes": 50},
        {"candidates": 5},
        {"read_passages": 1},
        {"read_tokens": 1},
        {"read_thoroughly": 1},
        {"most_wrong": 0.0},
        {"threshold": 0.0},
        {"threshold": 1.0},
        {"port": 0},
    ],
    ids=str,
)
def test_the_outermost_values_are_allowed(given: dict[str, Any]) -> None:
    settings = replace(Settings(), **given)
    assert settings.checked() is settings


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().quotes = 3  # type: ignore[misc]


def test_each_folder_of_articles_has_a_library_of_its_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    one, other = settings.library_for(tmp_path / "x" / "press"), settings.library_for(tmp_path / "y" / "press")
    assert one.parent == other.parent == tmp_path / "libraries"
    assert one != other
    assert one.name.startswith("press-")


def test_a_folder_has_the_same_library_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path)
    (tmp_path / "press").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "press")
    monkeypatch.chdir(tmp_path)
    ways = [Path("press"), Path("press/"), Path("./press/../press"), Path("link"), tmp_path / "press"]
    assert len({settings.library_for(way) for way in ways}) == 1


def test_the_folder_of_samples_has_the_default_library(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert settings.library_for(tmp_path / "articles") == settings.library == tmp_path / "library"


@pytest.mark.parametrize("name", ["/", os.fsdecode(b"/caf\xe9"), "/風"], ids=ascii)
def test_a_folder_of_any_name_has_a_library(name: str) -> None:
    assert Settings(data=Path("/d")).library_for(Path(name)).parent == Path("/d/libraries")


def test_staying_local_tells_every_library_underneath(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OFFLINE:
        monkeypatch.setenv(name, "changed")
    stay_local()
    assert {name: os.environ[name] for name in OFFLINE} == OFFLINE
    assert (OFFLINE["HF_HUB_OFFLINE"], OFFLINE["GRADIO_ANALYTICS_ENABLED"]) == ("1", "False")
