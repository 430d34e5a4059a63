"""CSL-JSON beside an article."""

import json
from pathlib import Path

import pytest

from index.errors import ArticleUnreadable
from index.intake.metadata import Stated
from index.intake.sidecar import read_sidecar, sidecar_of

ITEM = {
    "type": "article-newspaper",
    "title": "Pier  shut\nuntil May",
    "author": [{"family": "Lee", "given": "Ann"}, {"literal": "Northwire"}],
    "container-title": "The Gazette",
    "publisher": "Gazette Ltd.",
    "issued": {"date-parts": [[2025, 3, 19]]},
    "URL": "https://gazette.example/pier",
    "language": "en-GB",
}
STATED = Stated(
    title="Pier shut until May",
    author="Ann Lee; Northwire",
    publisher="The Gazette",
    published="2025-03-19",
    url="https://gazette.example/pier",
    language="en-GB",
)


def read(folder: Path, content: object) -> Stated:
    path = folder / "story.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return read_sidecar(path)


@pytest.mark.parametrize("content", [ITEM, [ITEM], "\ufeff" + json.dumps(ITEM)], ids=["object", "list of one", "BOM"])
def test_an_item_states_what_its_fields_hold(content: object, tmp_path: Path) -> None:
    assert read(tmp_path, content) == STATED


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ('{"date-parts": [[2025, 3, 19]]}', "2025-03-19"),
        ('{"date-parts": [["2025", "03", "19"]]}', "2025-03-19"),
        ('{"date-parts": [[2025, 3, 1], [2025, 3, 5]]}', "2025-03-01"),
        ('{"date-parts": [[2025, 3]]}', "2025-03"),
        ('{"date-parts": [[2025]]}', "2025"),
        ('{"raw": "19 March 2025"}', "2025-03-19"),
        ('{"literal": "2025-03-19"}', "2025-03-19"),
        ('{"raw": "03/04/2025"}', None),
        ('{"raw": "spring"}', None),
        ('{"date-parts": [[2025, 13]]}', None),
        ('{"date-parts": [[2025, 19, 3]]}', None),
        ('{"date-parts": [[2025, 2, 30]]}', None),
        ('{"date-parts": [[2025, 3, 0]]}', None),
        ('{"date-parts": [[12025, 3, 19]]}', None),
        ('{"date-parts": [[2025, 3.7]]}', None),
        ('{"date-parts": [[2025, null]]}', None),
        ('{"date-parts": [[1e999]]}', None),
        ('{"date-parts": [[NaN]]}', None),
        ('{"date-parts": [[true, true, true]]}', None),
        ('{"date-parts": [[]]}', None),
        ('{"date-parts": []}', None),
        ('{"date-parts": "2025-03-19"}', None),
        ("[]", None),
        ("null", None),
    ],
)
def test_a_date_is_as_precise_as_it_is_stated(issued: str, expected: str | None, tmp_path: Path) -> None:
    assert read(tmp_path, f'{{"issued": {issued}}}') == Stated(published=expected)


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        (
            [{"given": "Ludwig", "non-dropping-particle": "van", "family": "Dyck", "suffix": "Jr."}],
            "Ludwig van Dyck Jr.",
        ),
        ([{"family": "Lee"}, {"given": " "}, {}, "Bo Ray", None, {"literal": "Northwire"}], "Lee; Northwire"),
        ([], None),
        ("Ann Lee", None),
    ],
)
def test_names_are_put_in_reading_order(authors: object, expected: str | None, tmp_path: Path) -> None:
    assert read(tmp_path, {"author": authors}) == Stated(author=expected)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"publisher": "Gazette Ltd."}, Stated(publisher="Gazette Ltd.")),
        ({"title": ["Pier"], "container-title": 7, "language": " "}, Stated()),
        ({"URL": "javascript:alert(1)"}, Stated()),
        ({"URL": "file:///etc/passwd"}, Stated()),
        ({"accessed": {"date-parts": [[2025, 3, 19]]}}, Stated()),
        ({}, Stated()),
    ],
)
def test_what_an_item_does_not_state_is_unknown(item: object, expected: Stated, tmp_path: Path) -> None:
    assert read(tmp_path, item) == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"title":', r"not readable as JSON \(.+\); mend or remove the sidecar"),
        ("", r"not readable as JSON \(.+\); mend or remove the sidecar"),
        ("[" * 100_000, r"not readable as JSON \(.+\); mend or remove the sidecar"),
        ('{"a":' * 100_000, r"not readable as JSON \(.+\); mend or remove the sidecar"),
        ('{"a": ' + "9" * 5_000 + "}", r"not readable as JSON \(.+\); mend or remove the sidecar"),
        ([], "not one CSL-JSON item"),
        ([ITEM, ITEM], "not one CSL-JSON item"),
        (["title"], "not one CSL-JSON item"),
        ('"title"', "not one CSL-JSON item"),
        ("null", "not one CSL-JSON item"),
        ("{}" + " " * 1_000_000, "a sidecar of over 1 MB"),
    ],
    ids=["cut off", "empty", "deep list", "deep object", "endless number", *"[] [,] [str] str null large".split()],
)
def test_a_broken_sidecar_is_named_with_the_remedy(content: object, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ArticleUnreadable, match=rf"story\.json: {reason}"):
        read(tmp_path, content)


def test_a_sidecar_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "story.json").write_bytes(b"\x80\x81\x82\x83")
    with pytest.raises(ArticleUnreadable, match="not readable as JSON"):
        read_sidecar(tmp_path / "story.json")


def test_what_is_stated_can_be_written_down(tmp_path: Path) -> None:
    title = read(tmp_path, '{"title": "Pier \\ud800 shut"}').title or ""
    assert title.encode().decode() == title


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (["story.json"], "story.json"),
        (["story.txt.json"], "story.txt.json"),
        (["story.json", "story.txt.json"], "story.txt.json"),
        (["stor.json", "story.txt.json.txt"], None),
    ],
)
def test_the_sidecar_nearest_in_name_is_taken(there: list[str], expected: str | None, tmp_path: Path) -> None:
    for name in there:
        (tmp_path / name).write_text("{}")
    assert sidecar_of(tmp_path / "story.txt") == (tmp_path / expected if expected else None)


@pytest.mark.parametrize("kind", ["folder", "dangling link", "loop"])
def test_what_is_no_file_is_no_sidecar(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "story.json"
    path.mkdir() if kind == "folder" else path.symlink_to(path if kind == "loop" else "nowhere")
    assert sidecar_of(tmp_path / "story.txt") is None


def test_the_longest_name_of_an_article_has_no_sidecar(tmp_path: Path) -> None:
    assert sidecar_of(tmp_path / ("a" * 251 + ".txt")) is None
