"""A file or folder → what may be read, and what was skipped."""

import os
from pathlib import Path

import pytest

from index.errors import ArticleUnreadable, NothingToRead
from index.intake.folder import find, read_bytes


def put(path: Path, content: str = "The pier is shut.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def undecodable(folder: Path, name: bytes) -> Path:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
    try:
        return put(path)
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")


def ids(root: Path) -> list[str]:
    return [item.id for item in find(root)[0]]


def reasons(root: Path) -> dict[str, str]:
    return {os.path.relpath(error.path, root): error.reason for error in find(root)[1]}


def test_articles_are_found_in_the_order_of_their_ids(tmp_path: Path) -> None:
    for name in ("b.txt", "B.TXT", "sub/a.md", "sub.markdown", "a.text"):
        put(tmp_path / name)
    assert ids(tmp_path) == ["B.TXT", "a.text", "b.txt", "sub.markdown", "sub/a.md"]
    assert find(tmp_path)[0][4].path == tmp_path / "sub" / "a.md"
    assert reasons(tmp_path) == {}


def test_a_single_file_has_its_name_for_an_id(tmp_path: Path) -> None:
    path = put(tmp_path / "sub" / "story.txt")
    (found,), skipped = find(path)
    assert (found.id, found.path, skipped) == ("story.txt", path, [])


@pytest.mark.parametrize("name", ["a b.txt", 'it\'s "so".txt', "Łódź 港.md", "100%#?.txt", "-r.txt", "two\nlines.txt"])
def test_a_name_may_hold_any_letters(name: str, tmp_path: Path) -> None:
    put(tmp_path / name)
    assert ids(tmp_path) == [name]


def test_hidden_entries_are_passed_over(tmp_path: Path) -> None:
    for name in (".story.txt", ".git/story.txt", "sub/.cache/story.txt"):
        put(tmp_path / name)
    assert find(tmp_path) == ([], [])


@pytest.mark.parametrize(
    ("name", "reason"), [("scan.pdf", ".pdf files are not read"), ("README", "a file without a suffix is not read")]
)
def test_other_files_are_named_with_the_reason(name: str, reason: str, tmp_path: Path) -> None:
    put(tmp_path / name)
    assert ids(tmp_path) == []
    assert reasons(tmp_path) == {name: f"{reason}; use .markdown, .md, .text, .txt"}


@pytest.mark.parametrize(
    ("article", "sidecar"),
    [("a.txt", "a.json"), ("a.txt", "a.txt.json"), ("a.md", "a.json"), ("A.TXT", "A.TXT.json"), ("A.TXT", "A.json")],
)
def test_a_sidecar_is_no_article_and_not_reported(article: str, sidecar: str, tmp_path: Path) -> None:
    put(tmp_path / article)
    put(tmp_path / sidecar, "{}")
    assert ids(tmp_path) == [article]
    assert reasons(tmp_path) == {}


def test_a_json_file_beside_no_article_is_reported(tmp_path: Path) -> None:
    put(tmp_path / "data.json", "{}")
    assert list(reasons(tmp_path)) == ["data.json"]


def test_a_folder_named_like_a_text_is_entered(tmp_path: Path) -> None:
    put(tmp_path / "old.txt" / "story.txt")
    assert ids(tmp_path) == ["old.txt/story.txt"]


def test_a_missing_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="no such file or directory; name a file or folder that exists"):
        find(tmp_path / "nowhere")


def test_a_place_that_is_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(NothingToRead, match="too many levels of symbolic links"):
        find(tmp_path / "loop")


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "story.txt", "The pier is open.")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link.txt").symlink_to("../elsewhere/story.txt")
    (found,), _ = find(tmp_path / "root")
    assert (found.id, read_bytes(found.path, 1)) == ("link.txt", b"The pier is open.")


def test_a_link_back_to_a_folder_above_is_skipped_and_named(tmp_path: Path) -> None:
    put(tmp_path / "sub" / "story.txt")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    assert ids(tmp_path) == ["sub/story.txt"]
    assert reasons(tmp_path) == {"sub/up": "a link back to a folder already read; remove the link"}


@pytest.mark.parametrize("link", ["alias", "zlias"])
def test_of_a_folder_and_a_link_to_it_the_folder_is_read(link: str, tmp_path: Path) -> None:
    put(tmp_path / "sub" / "story.txt")
    (tmp_path / link).symlink_to(tmp_path / "sub")
    assert ids(tmp_path) == ["sub/story.txt"]
    assert list(reasons(tmp_path)) == [link]


@pytest.mark.parametrize(
    ("target", "reason"), [("loop.txt", "too many levels of symbolic links"), ("nowhere", "no such file or directory")]
)
def test_a_link_that_leads_nowhere_is_named_and_the_others_go_on(target: str, reason: str, tmp_path: Path) -> None:
    put(tmp_path / "story.txt")
    (tmp_path / "loop.txt").symlink_to(tmp_path / target)
    found, skipped = find(tmp_path)
    assert [item.id for item in found] == ["loop.txt", "story.txt"]
    assert skipped == []
    with pytest.raises(ArticleUnreadable, match=f"loop.txt: {reason}; check the file"):
        read_bytes(found[0].path, 1)


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"caf\xe9/story.txt"])
def test_a_name_that_is_not_utf_8_is_skipped_and_named(name: bytes, tmp_path: Path) -> None:
    undecodable(tmp_path, name)
    put(tmp_path / "story.txt")
    assert ids(tmp_path) == ["story.txt"]
    (error,) = find(tmp_path)[1]
    assert "caf\\udce9" in error.path
    assert error.reason == "its name is not valid UTF-8; rename it"


def test_a_single_file_with_a_name_that_is_not_utf_8_is_skipped_too(tmp_path: Path) -> None:
    found, skipped = find(undecodable(tmp_path, b"caf\xe9.txt"))
    assert (found, [error.reason for error in skipped]) == ([], ["its name is not valid UTF-8; rename it"])


def test_the_longest_name_of_a_json_file_does_not_stop_the_search(tmp_path: Path) -> None:
    put(tmp_path / ("a" * 250 + ".json"), "{}")
    put(tmp_path / "story.txt")
    assert ids(tmp_path) == ["story.txt"]


def test_a_reason_is_one_line_also_where_the_name_is_two(tmp_path: Path) -> None:
    put(tmp_path / "two\nlines.pdf")
    (error,) = find(tmp_path)[1]
    assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(("size", "limit"), [(2_000_001, 2), (600, 0.0005)])
def test_a_file_over_the_limit_is_refused(size: int, limit: float, tmp_path: Path) -> None:
    path = put(tmp_path / "long.txt", "x" * size)
    with pytest.raises(ArticleUnreadable, match=f"over the limit of {limit:g}; split it, or raise QUOTARY_MAX_FILE_MB"):
        read_bytes(path, limit)


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    assert read_bytes(put(tmp_path / "long.txt", "x" * 1000), 0.001) == b"x" * 1000


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_regular_file_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    with pytest.raises(ArticleUnreadable, match=r"story.txt: not a regular file; name a file with text in it"):
        read_bytes(path, 1)
