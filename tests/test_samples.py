"""The sample articles: enough of them, of every kind that a newcomer should try."""

from pathlib import Path

import pytest

from index import intake
from index.types import Article

FOLDER = Path(__file__).resolve().parents[1] / "data" / "articles"


def _articles() -> dict[str, Article]:
    found, skipped = intake.find(FOLDER)
    assert skipped == []
    return {file.id: intake.read_article(file, 20) for file in found}


ARTICLES = _articles()


def test_there_are_sixteen_or_more_in_text_and_markdown() -> None:
    suffixes = [Path(id).suffix for id in ARTICLES]
    assert len(ARTICLES) >= 16
    assert min(suffixes.count(".txt"), suffixes.count(".md")) >= 5


@pytest.mark.parametrize("id", sorted(ARTICLES))
def test_each_says_that_it_is_a_sample(id: str) -> None:
    assert any("ample" in line and "Quotary" in line for line in ARTICLES[id].text.splitlines())


@pytest.mark.parametrize("id", sorted(ARTICLES))
def test_no_furniture_of_theirs_is_in_the_body(id: str) -> None:
    article = ARTICLES[id]
    body = [span.of(article.text) for span in article.body]
    for furniture in ("See also", "read more in our", "Photo:", "16 pt", "Date", "Sulje", article.title):
        assert furniture not in body


def test_the_long_feature_is_long_and_read_whole() -> None:
    feature = ARTICLES["feature-emergency-words.md"]
    words = sum(len(span.of(feature.text).split()) for span in feature.body)
    assert words > 2000


def test_the_two_pages_that_are_like_real_ones_are_read_right() -> None:
    agency, page = ARTICLES["agency-call-briefing.txt"], ARTICLES["copied-page-call.txt"]
    assert (agency.title, agency.publisher, agency.published) == (None, "Northwire", None)
    assert agency.text[agency.body[0].start :].startswith("Peacekeepers for Ukraine")
    assert (page.title, page.author) == ("Spokesman sums up the presidents' telephone call", "Meridian.example")
    assert page.published == "2025-03-19"
    assert page.text[: page.body[-1].end].endswith("step by step.")


def test_one_story_is_syndicated_with_small_edits() -> None:
    first, second = ARTICLES["lighthouse-northwire.txt"], ARTICLES["lighthouse-harbour-gazette.txt"]
    sentences = [set(article.text.split(". ")) for article in (first, second)]
    shared = len(sentences[0] & sentences[1]) / min(map(len, sentences))
    assert 0.5 < shared < 1
    assert "eleven ships" in first.text
    assert "twelve ships" in second.text


def test_two_reports_disagree_on_a_number_and_one_is_corrected() -> None:
    assert "340 households" in ARTICLES["marlow-flood-gazette.txt"].text
    assert "410 households" in ARTICLES["marlow-flood-meridian.md"].text
    assert "Correction (12 April 2025)" in ARTICLES["bees-correction.md"].text


@pytest.mark.parametrize(
    ("id", "author", "publisher", "published"),
    [
        ("coastal-erosion.txt", "Ines Okafor; Per Dahl", "Meridian Review", "2025-03-21"),  # a sidecar
        ("pumping-station.md", "Rustam Oyelaran", "Northwire", "2025-03-21"),  # front matter
        ("marlow-flood-meridian.md", "Jonas Petty; Adaeze Cole", "Meridian Review", "2025-04-09"),  # a list in it
        ("chess-cup.txt", None, "Northwire", "2025-03-30"),  # a dateline
        ("pipeline-consortium.txt", "Northwire Energy Desk", "Northwire", "2025-03-22"),  # labelled lines
        ("obituary-engineer.txt", "Lena Brandt", "The Harbour Gazette", "2025-03-15"),  # a byline
        ("video-links.md", "Tomas Ferri", "The Harbour Gazette", "2025-03-27"),  # one line of parts
        ("undated-note.txt", None, None, None),  # nothing
    ],
)
def test_each_way_of_stating_a_source_is_read(
    id: str, author: str | None, publisher: str | None, published: str | None
) -> None:
    article = ARTICLES[id]
    assert (article.author, article.publisher, article.published) == (author, publisher, published)
