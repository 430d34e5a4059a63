"""File → Article."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from index.errors import ArticleUnreadable
from index.intake import Found, find, read_article
from index.types import Article

FIRST = "The northern pier will stay shut until the end of May, harbour chief Ines Okafor told reporters on Wednesday."
SECOND = "She and the ferry companies met on March 18, 2025, to agree on a timetable for the repair of the pier."
STORY = f"{FIRST}\n{SECOND}\n"
FRONT = "---\ntitle: From front matter\nauthor: Ann Front\n---\n"
TEXT = f"From the text\nBy Ann Text\n19 March 2025\n\n{STORY}"


def article(folder: Path, content: str | bytes = STORY, name: str = "story.txt") -> Article:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_article(Found(folder / name, name), 1)


def paragraphs(found: Article) -> list[str]:
    return [span.of(found.text) for span in found.body]


def sidecar(folder: Path, item: object, name: str = "story.json") -> Path:
    (folder / name).write_text(item if isinstance(item, str) else json.dumps(item), "utf-8")
    return folder / name


def test_an_article_holds_its_text_and_both_hashes(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf" + STORY.replace("\n", "\r\n").encode()
    found = article(tmp_path, raw)
    assert (found.id, found.path) == ("story.txt", str(tmp_path / "story.txt"))
    assert found.text == STORY
    assert found.text_sha256 == sha256(STORY.encode()).hexdigest()
    assert found.file_sha256 == sha256(raw).hexdigest()
    assert paragraphs(found) == [FIRST, SECOND]


def test_the_same_words_in_another_encoding_are_the_same_text(tmp_path: Path) -> None:
    plain = article(tmp_path, STORY, "a.txt")
    for name, raw in {"b.txt": STORY.encode("utf-16"), "c.txt": STORY.replace("\n", "\r").encode()}.items():
        other = article(tmp_path, raw, name)
        assert (other.text_sha256, other.body) == (plain.text_sha256, plain.body)
        assert other.file_sha256 != plain.file_sha256


def test_what_is_not_stated_is_not_known_whatever_the_time_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "2025-03-19 Pier by Ann Lee.txt").write_text(STORY, "utf-8")
    os.utime(tmp_path / "2025-03-19 Pier by Ann Lee.txt", (1e9, 1e9))
    (found,), _ = find(tmp_path)
    known = read_article(found, 1)
    assert (known.title, known.author, known.publisher, known.url) == (None, None, None, None)
    assert (known.published, known.updated) == (None, None)


def test_sidecar_comes_before_front_matter_before_the_text(tmp_path: Path) -> None:
    sidecar(tmp_path, {"title": "From the sidecar"})
    found = article(tmp_path, FRONT + TEXT)
    assert (found.title, found.author, found.published) == ("From the sidecar", "Ann Front", "2025-03-19")
    assert paragraphs(found) == [FIRST, SECOND]


def test_front_matter_stays_in_the_text_and_out_of_the_body(tmp_path: Path) -> None:
    found = article(tmp_path, FRONT + STORY, "story.md")
    assert found.text == FRONT + STORY
    assert found.body[0].start == len(FRONT)


@pytest.mark.parametrize("name", ["story.md", "story.MARKDOWN"])
def test_markdown_is_read_as_markdown(name: str, tmp_path: Path) -> None:
    found = article(tmp_path, f"Pier shut\n===\n\n> {FIRST}\n", name)
    assert (found.title, paragraphs(found)) == ("Pier shut", [FIRST])


def test_plain_text_is_not_read_as_markdown(tmp_path: Path) -> None:
    found = article(tmp_path, f"{FIRST}\n    #tag > 1 of *five* was lost.\n")
    assert paragraphs(found) == [FIRST, "#tag > 1 of *five* was lost."]


def test_a_text_that_begins_with_a_rule_is_read_from_there(tmp_path: Path) -> None:
    assert paragraphs(article(tmp_path, f"---\n{FIRST}\n---\n{SECOND}\n")) == [FIRST, SECOND]


def test_a_date_is_as_precise_as_the_sidecar_states_it(tmp_path: Path) -> None:
    sidecar(tmp_path, {"issued": {"date-parts": [[2025, 3]]}}, "story.txt.json")
    assert article(tmp_path).published == "2025-03"


def test_a_script_is_no_address(tmp_path: Path) -> None:
    sidecar(tmp_path, {"URL": "javascript:alert(1)"})
    assert article(tmp_path, f"---\nurl: javascript:alert(2)\n---\nURL: javascript:alert(3)\n{STORY}").url is None


@pytest.mark.parametrize("content", ["{", "[]", "[[[", '"title"'])
def test_a_broken_sidecar_is_named_by_its_own_path(content: str, tmp_path: Path) -> None:
    path = sidecar(tmp_path, content)
    with pytest.raises(ArticleUnreadable) as refused:
        article(tmp_path)
    assert refused.value.path == str(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\x02", "binary file"),
        ("12 pt 14 pt 16 pt\nShare\n", "nothing in it is an article"),
        ("---\ntitle: Pier\n---\n", "nothing in it is an article"),
        ("---\ntitle: [Pier\n---\n" + STORY, "front matter is not YAML"),
        ("x" * 1_000_001, "over the limit of 1"),
    ],
    ids=["empty", "binary", "menus", "only front matter", "broken front matter", "large"],
)
def test_a_file_that_cannot_be_an_article_is_named_with_the_reason(
    content: str | bytes, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(ArticleUnreadable, match=rf"story\.txt: .*{reason}"):
        article(tmp_path, content)


def test_an_article_may_have_the_longest_name_there_is(tmp_path: Path) -> None:
    assert paragraphs(article(tmp_path, STORY, "a" * 251 + ".txt")) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STORY, "en"),
        ("Der nördliche Pier bleibt bis Ende Mai geschlossen, sagte die Chefin des Hafens am Mittwoch.", "de"),
        ("Северный причал закрыт до конца мая, сообщила в среду глава порта Инес Окафор.", "ru"),
        ("Pier shut.", None),
        ("12, 14 and 16; 1,000,000,000,000,000,000,000,000,000,000,000,000", None),
    ],
)
def test_the_language_is_guessed_where_there_is_text_enough(text: str, expected: str | None, tmp_path: Path) -> None:
    assert article(tmp_path, text).language == expected


def test_a_stated_language_comes_before_a_guess(tmp_path: Path) -> None:
    assert article(tmp_path, f"---\nlang: fi\n---\n{STORY}").language == "fi"
