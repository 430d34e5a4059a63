"""The FAISS store against NumPy brute force: ids and scores."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import pytest

from index.errors import LibraryDamaged
from index.vectors import Ids, Scores, Vectors
from index.vectors.faiss import FaissStore
from tests.library.test_manifest import small_disk

DIMENSION = 24
COUNT = 60
# Neither dense nor in order, so that an id is never mistaken for a row.
IDS: Ids = np.random.default_rng(8).permutation(10_000)[:COUNT].astype(np.int64)
# Not of unit length, so that an inner product is never mistaken for a cosine.
ROWS: Vectors = np.random.default_rng(7).normal(size=(COUNT, DIMENSION)).astype(np.float32)
QUERIES: Vectors = np.random.default_rng(9).normal(size=(5, DIMENSION)).astype(np.float32)


def brute_force(ids: Ids, rows: Vectors, k: int) -> tuple[Scores, Ids]:
    products = np.full((len(QUERIES), k + len(ids)), -np.inf, dtype=np.float32)
    products[:, : len(ids)] = QUERIES @ rows.T
    places = np.argsort(-products, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(products, places, axis=1), np.append(ids, [-1] * k)[places]


def filled() -> FaissStore:
    store = FaissStore(DIMENSION)
    store.add(IDS, ROWS)
    return store


@pytest.fixture(params=["in memory", "mapped", "writable"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FaissStore:
    if request.param == "in memory":
        return filled()
    filled().save(tmp_path / "vectors.faiss")
    return FaissStore.open(tmp_path / "vectors.faiss", writable=request.param == "writable")


@pytest.fixture(params=["in memory", "reopened"])
def changeable(request: pytest.FixtureRequest, tmp_path: Path) -> FaissStore:
    if request.param == "in memory":
        return filled()
    filled().save(tmp_path / "vectors.faiss")
    return FaissStore.open(tmp_path / "vectors.faiss", writable=True)


def tried(statement: str, path: Path) -> tuple[int, str]:
    """Return how a process ends that opens a store, mapped, runs a statement and prints the kind of error."""
    code = f"""
import sys, pathlib
from index.vectors.faiss import FaissStore
try:
    store = FaissStore.open(pathlib.Path(sys.argv[1]))
    {statement}
except Exception as error:
    print(type(error).__name__)
"""
    ended = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout


def agrees(found: tuple[Scores, Ids], expected: tuple[Scores, Ids]) -> None:
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("k", [1, 7, COUNT, COUNT + 15])
def test_search_finds_what_brute_force_finds(store: FaissStore, k: int) -> None:
    agrees(store.search(QUERIES, k), brute_force(IDS, ROWS, k))


@pytest.mark.parametrize("k", [1, 7, 40])
def test_search_with_a_filter_finds_what_brute_force_finds_among_those(store: FaissStore, k: int) -> None:
    agrees(store.search(QUERIES, k, IDS[::2]), brute_force(IDS[::2], ROWS[::2], k))


@pytest.mark.parametrize("filter", [[], [10_001]], ids=["none", "unknown"])
def test_a_filter_that_lets_nothing_through_gives_no_id_and_the_lowest_score(
    store: FaissStore, filter: Sequence[int]
) -> None:
    scores, ids = store.search(QUERIES, 3, filter)
    assert (ids == -1).all()
    assert (scores == -np.inf).all()


def test_an_empty_store_gives_no_id_and_the_lowest_score() -> None:
    scores, ids = FaissStore(DIMENSION).search(QUERIES, 2)
    assert ids.tolist() == [[-1, -1]] * len(QUERIES)
    assert (scores == -np.inf).all()


def test_what_was_removed_is_not_found(changeable: FaissStore) -> None:
    changeable.remove(IDS[10:30])
    kept = np.delete(np.arange(COUNT), np.arange(10, 30))
    assert len(changeable) == 40
    agrees(changeable.search(QUERIES, 45), brute_force(IDS[kept], ROWS[kept], 45))
    agrees(changeable.search(QUERIES, 9, IDS), brute_force(IDS[kept], ROWS[kept], 9))


def test_what_was_added_to_a_store_is_found(changeable: FaissStore) -> None:
    changeable.add([20_000, 20_001], QUERIES[:2])
    ids, rows = np.append(IDS, [20_000, 20_001]), np.vstack([ROWS, QUERIES[:2]])
    agrees(changeable.search(QUERIES, 12), brute_force(ids, rows, 12))


def test_an_id_that_was_removed_may_be_added_again_with_another_vector(changeable: FaissStore) -> None:
    changeable.remove(IDS[:1])
    changeable.add(IDS[:1], QUERIES[:1])
    np.testing.assert_array_equal(changeable.vectors_of(IDS[:1]), QUERIES[:1])


def test_changes_are_kept_on_disk(changeable: FaissStore, tmp_path: Path) -> None:
    changeable.remove(IDS[:50])
    changeable.save(tmp_path / "changed.faiss")
    agrees(FaissStore.open(tmp_path / "changed.faiss").search(QUERIES, 10), brute_force(IDS[50:], ROWS[50:], 10))


def test_vectors_come_back_in_the_order_that_is_asked_for(store: FaissStore) -> None:
    places = [41, 3, 59, 3, 0]
    np.testing.assert_array_equal(store.vectors_of(IDS[places]), ROWS[places])


def test_a_store_knows_its_size_and_dimension(store: FaissStore) -> None:
    assert (len(store), store.dimension) == (COUNT, DIMENSION)


@pytest.mark.parametrize("shape", [(2, DIMENSION - 1), (2, DIMENSION + 1), (DIMENSION,)], ids=str)
def test_vectors_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    vectors = np.zeros(shape, dtype=np.float32)
    with pytest.raises(ValueError, match=rf"\(n, {DIMENSION}\) are needed"):
        filled().add([20_000, 20_001], vectors)
    with pytest.raises(ValueError, match=rf"\(n, {DIMENSION}\) are needed"):
        filled().search(vectors, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_unequal_counts_are_refused_with_both_numbers(count: int) -> None:
    with pytest.raises(ValueError, match=f"found {count} and 2"):
        filled().add(range(20_000, 20_000 + count), ROWS[:2])


@pytest.mark.parametrize("ids", [[20_000, 20_000], [20_000, int(IDS[5])]], ids=["twice", "known"])
def test_an_id_is_taken_once_and_a_refusal_leaves_the_store_as_it_was(ids: list[int]) -> None:
    store = filled()
    with pytest.raises(ValueError, match="an id may be added once"):
        store.add(ids, ROWS[:2])
    agrees(store.search(QUERIES, COUNT + 2), brute_force(IDS, ROWS, COUNT + 2))


def test_an_unknown_id_is_named_and_nothing_is_removed() -> None:
    store = filled()
    with pytest.raises(KeyError, match="10001"):
        store.remove([int(IDS[0]), 10_001])
    assert len(store) == COUNT


def test_the_vector_of_an_unknown_id_is_a_key_error(store: FaissStore) -> None:
    with pytest.raises(KeyError, match="10001"):
        store.vectors_of([int(IDS[0]), 10_001])


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize("content", [b"", b"no index", bytes(range(256)) * 8])
def test_a_file_that_is_no_index_is_damage(content: bytes, writable: bool, tmp_path: Path) -> None:
    (tmp_path / "vectors.faiss").write_bytes(content)
    with pytest.raises(LibraryDamaged, match="python -m index build"):
        FaissStore.open(tmp_path / "vectors.faiss", writable=writable)


@pytest.mark.parametrize("end", [25, 63, 3000, -17, -16, -1])
def test_a_truncated_store_that_is_to_be_changed_is_damage(end: int, tmp_path: Path) -> None:
    filled().save(tmp_path / "vectors.faiss")
    (tmp_path / "vectors.faiss").write_bytes((tmp_path / "vectors.faiss").read_bytes()[:end])
    with pytest.raises(LibraryDamaged, match="python -m index build"):
        FaissStore.open(tmp_path / "vectors.faiss", writable=True)


@pytest.mark.parametrize("end", [25, 63, 3000, -17, -16, -1])
def test_a_truncated_store_that_is_mapped_is_damage_and_the_process_lives(end: int, tmp_path: Path) -> None:
    filled().save(tmp_path / "vectors.faiss")
    (tmp_path / "vectors.faiss").write_bytes((tmp_path / "vectors.faiss").read_bytes()[:end])
    assert tried("pass", tmp_path / "vectors.faiss") == (0, "LibraryDamaged\n")


@pytest.mark.parametrize(
    "foreign",
    [faiss.IndexFlatIP(4), faiss.IndexIDMap2(faiss.IndexFlatL2(4))],
    ids=["an index without ids", "an index of distances, where lower is better"],
)
def test_an_index_of_another_kind_is_damage(foreign: faiss.Index, tmp_path: Path) -> None:
    faiss.write_index(foreign, str(tmp_path / "vectors.faiss"))
    with pytest.raises(LibraryDamaged, match="python -m index build"):
        FaissStore.open(tmp_path / "vectors.faiss")


@pytest.mark.parametrize("place", [".", "missing/vectors.faiss"], ids=["a folder", "a folder that is not there"])
def test_a_store_that_cannot_be_written_is_an_os_error(place: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="could not write"):
        filled().save(tmp_path / place)


@pytest.mark.parametrize("size", [0, 100, 5000, 6329])
def test_a_store_that_does_not_fit_on_the_disk_is_an_os_error(size: int, tmp_path: Path) -> None:
    with small_disk(size), pytest.raises(OSError, match="could not write"):
        filled().save(tmp_path / "vectors.faiss")


@pytest.mark.parametrize("change", ["store.add([3], [[0, 1]])", "store.remove([1])"])
def test_a_mapped_store_refuses_a_change_and_the_process_lives(change: str, tmp_path: Path) -> None:
    store = FaissStore(2)
    store.add([1, 2], np.eye(2, dtype=np.float32))
    store.save(tmp_path / "vectors.faiss")
    status, error = tried(change, tmp_path / "vectors.faiss")
    assert status == 0
    assert error
