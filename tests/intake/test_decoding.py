"""Bytes → canonical text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ArticleUnreadable
from index.intake.decoding import canonical, decode

PATH = Path("story.txt")
SPANISH = "Señora Muñoz dijo: “El muelle está cerrado” – y se marchó. Años después, volvió."
RUSSIAN = "Порт закрыт на весь вторник, сообщила глава порта. Работы начнутся зимой."
ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize(
    ("decoded", "expected"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("\r\r\n\n\r", "\n\n\n\n"),
        ("\ufeffa\ufeffb", "a\ufeffb"),
        ("e\u0301 \u00a0\u2028\x0b\x85👩‍👧", "e\u0301 \u00a0\u2028\x0b\x85👩‍👧"),
    ],
)
def test_only_newlines_and_a_leading_mark_are_changed(decoded: str, expected: str) -> None:
    assert canonical(decoded) == expected


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")).filter(str.strip))
def test_utf_8_is_decoded_to_the_letter(text: str) -> None:
    assert decode(("x" + text).encode(), PATH) == canonical("x" + text)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_byte_order_mark_decides_the_encoding(encoding: str) -> None:
    mark = "" if encoding in ("utf-8-sig", "utf-16") else "\ufeff"
    assert decode((mark + "Ça va?\r\n👍 Да.").encode(encoding), PATH) == "Ça va?\n👍 Да."


@pytest.mark.parametrize(("text", "encoding"), [(SPANISH, "cp1252"), (RUSSIAN, "cp1251"), ("Muñoz: “no”.", "cp1252")])
def test_an_older_encoding_is_recognised(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), PATH) == text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t\n", "the file is empty"),
        ("\u00a0\u2003\n".encode(), "only white space"),
        (b"\xef\xbb\xbf", "only white space"),
        (b"\xff\xfe \x00\n\x00", "only white space"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary file"),
        (b"The pier\x00is shut.", "binary file"),
        (b"\xef\xbb\xbfThe pier\x00is shut.", "binary file"),
        ("\ufeffThe pier\x00is shut.".encode("utf-16-le"), "binary file"),
        (b"\xef\xbb\xbfThe pi\xe9r", "says utf-8, but byte 6 is not"),
        (b"\xff\xfeT\x00h", "says utf-16-le, but byte 2 is not"),
        (b"\xfe\xff\xd8\x00\x00T", "says utf-16-be, but byte 0 is not"),
        (b"\xff\xfe\x00\x00\xff\xff\xff\xff", "says utf-32-le, but byte 0 is not"),
        (bytes(range(1, 256)), "the encoding cannot be told"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(ArticleUnreadable, match=reason) as refused:
        decode(raw, PATH)
    assert str(refused.value).startswith("story.txt: ")


def text_or_reason(raw: bytes) -> tuple[str, str]:
    try:
        return decode(raw, PATH), ""
    except ArticleUnreadable as refused:
        return "", refused.reason


@given(st.binary(max_size=200))
def test_any_bytes_give_a_text_without_carriage_returns_or_a_reason(raw: bytes) -> None:
    text, reason = text_or_reason(raw)
    assert bool(text.strip()) != bool(reason)
    assert not {"\r", "\x00"} & set(text)
    assert text.encode().decode() == text
