"""The words of a question in a passage."""

from concurrent.futures import ThreadPoolExecutor
from math import log

import numpy as np
import pytest

from index.lexical import coverage, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Were the drones shot?", ["drone", "shot"]),
        ("", []),
        ("?! … —", []),
        ("DRONE Drone drone", ["drone", "drone", "drone"]),
        ("1,250 crowns and 4.2 million", ["1250", "crown", "4.2", "million"]),
        ("In 2024, 312.", ["2024", "312"]),
        ("the mayor’s and the Mayor's", ["mayor", "mayor"]),
        ("snake_case", ["snake", "case"]),
        ("Łódź ÄRZTE straße", ["łódź", "ärzte", "strass"]),
        ("港口 关闭", ["港口", "关闭"]),
        ("who are they", ["who", "are", "they"]),
        ("who are the Beatles", ["beatl"]),
    ],
)
def test_terms_are_the_stems_of_the_words_that_carry_meaning(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_the_share_of_words_held_counts_rare_words_more() -> None:
    found = coverage("harbour drone", ["The harbour.", "The harbour and the drone.", "A market."])
    harbour, drone = log(1 + 3 / 2), log(1 + 3 / 1)
    np.testing.assert_allclose(found, [harbour / (harbour + drone), 1, 0])


def test_a_word_that_no_passage_holds_weighs_as_much_as_the_rarest() -> None:
    assert coverage("harbour unicorn", ["The harbour.", "A market."]).tolist() == [0.5, 0]


def test_a_word_counts_once_however_often_it_is_asked_or_said() -> None:
    passages = ["harbour harbour harbour", "harbour drone"]
    np.testing.assert_allclose(coverage("harbour, harbour! drone", passages), coverage("drone harbour", passages))
    assert coverage("harbour", passages).tolist() == [1, 1]


def test_shares_do_not_depend_on_the_order_of_the_passages() -> None:
    passages = ["The harbour.", "A drone over the market.", "Drones, harbours."]
    np.testing.assert_allclose(
        coverage("Which drones over the harbour?", passages[::-1]),
        coverage("Which drones over the harbour?", passages)[::-1],
    )


@pytest.mark.parametrize(
    ("question", "passages"), [("", ["a harbour", "b"]), ("?!", ["a harbour", "b"]), ("harbour", [])]
)
def test_where_there_is_nothing_to_compare_no_share_is_held(question: str, passages: list[str]) -> None:
    assert coverage(question, passages).tolist() == [0.0] * len(passages)


def test_many_threads_may_stem_at_once() -> None:
    text = "Were the peacekeepers discussing deployments of drones? " * 50
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(terms, [text] * 64))
    assert all(found == terms(text) for found in results)
