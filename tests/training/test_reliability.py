"""The drawing that says whether a confidence is true."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from training.reliability import EDGE, SIDE, bins, draw

SURE = np.array([0.02, 0.04, 0.55, 0.95, 0.97, 1.0])
RIGHT = np.array([False, False, True, True, True, False])


def test_cases_of_like_confidence_are_counted_together_and_no_bin_is_empty() -> None:
    low, middle, high = bins(SURE, RIGHT)
    assert (low.cases, low.right) == (2, 0)
    assert low.confidence == pytest.approx(0.03)
    assert (middle.cases, middle.right) == (1, 1)
    assert high.cases == 3
    assert high.right == pytest.approx(2 / 3)


def test_a_bin_is_a_dot_where_its_confidence_and_its_share_of_right_ones_meet(tmp_path: Path) -> None:
    draw(bins(SURE, RIGHT), tmp_path / "drawing.svg")
    dots = ElementTree.parse(tmp_path / "drawing.svg").getroot().findall("{*}circle")
    places = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in dots]
    # Right is up.
    assert places[1] == pytest.approx((EDGE + 0.55 * SIDE, EDGE))
    assert places[0] == pytest.approx((EDGE + 0.03 * SIDE, EDGE + SIDE))
    assert [dot.findtext("{*}title", "").split()[0] for dot in dots] == ["2", "1", "3"]
