"""The jagged part of the general model, kept as text."""

from __future__ import annotations

import numpy as np
import pytest

from tidewaiter.adapters.scorers.table import Table
from tidewaiter.adapters.scorers.trees import Trees, fit_trees, plain_text

COLUMNS = ("=code", "number", "noise")


def table(rows: int = 600) -> Table:
    rng = np.random.default_rng(1)
    columns = [rng.integers(0, 4, rows).astype(float), rng.normal(size=rows), rng.normal(size=rows)]
    columns[1][::7] = np.nan
    position = {name: i for i, name in enumerate(("noise", "number", "=code"))}
    return Table(np.stack(columns[::-1], axis=1), position, np.arange(rows), np.arange(rows))


ITEMS = table()
LABEL = ((ITEMS["=code"] == 2.0) | (np.nan_to_num(ITEMS["number"]) > 1.0)).astype(float)


@pytest.fixture(scope="module")
def trees() -> Trees:
    return fit_trees(ITEMS, LABEL, np.ones(len(LABEL)), COLUMNS, seed=1, threads=1, trees=60)


def test_codes_and_numbers_are_learned(trees: Trees) -> None:
    z = trees.log_odds(ITEMS)
    assert z[LABEL > 0.5].min() > z[LABEL < 0.5].mean()


def test_contributions_and_expected_value_add_up(trees: Trees) -> None:
    parts = trees.contributions(ITEMS)
    assert parts.shape == (len(ITEMS), len(COLUMNS) + 1)
    assert parts.sum(axis=1) == pytest.approx(trees.log_odds(ITEMS))
    assert np.abs(parts[:, 0]).mean() > np.abs(parts[:, 2]).mean()


def test_the_text_alone_is_the_model(trees: Trees) -> None:
    again = Trees(trees.text, COLUMNS)
    assert again.log_odds(ITEMS).tolist() == trees.log_odds(ITEMS).tolist()
    assert "parameters" not in trees.text
    assert plain_text(trees.text + "\nfeature_importances:\nnumber=3\n") == trees.text


def test_the_same_seed_gives_the_same_text_and_another_another(trees: Trees) -> None:
    fits = [
        fit_trees(ITEMS, LABEL, np.ones(len(LABEL)), COLUMNS, seed=s, threads=1, trees=60) for s in (1, 2)
    ]
    assert fits[0].text == trees.text
    assert fits[1].text != trees.text


def test_shares_of_several_classes_add_up_to_one() -> None:
    label = ITEMS["=code"] % 3
    kinds = fit_trees(ITEMS, label, np.ones(len(label)), COLUMNS, seed=1, threads=1, trees=30, classes=3,
                      learning_rate=0.2)  # fmt: skip
    shares = kinds.shares(ITEMS)
    assert shares.shape == (len(ITEMS), 3)
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(ITEMS)))
    assert (shares.argmax(axis=1) == label).mean() > 0.9


def test_labels_between_zero_and_one_are_shares() -> None:
    soft = fit_trees(
        ITEMS, np.full(len(ITEMS), 0.25), np.ones(len(ITEMS)), COLUMNS, seed=1, threads=1, trees=5
    )
    assert 1.0 / (1.0 + np.exp(-soft.log_odds(ITEMS))) == pytest.approx(np.full(len(ITEMS), 0.25), abs=0.01)


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "NaN"])
def test_a_leaf_that_is_not_finite_is_refused(trees: Trees, word: str) -> None:
    first = trees.text.index("leaf_value=") + len("leaf_value=")
    end = trees.text.index(" ", first)
    with pytest.raises(ValueError, match="not finite"):
        Trees(trees.text[:first] + word + trees.text[end:], COLUMNS)


def test_no_items_have_no_scores(trees: Trees) -> None:
    none = ITEMS.rows(np.zeros(0, dtype=np.int64))
    assert trees.log_odds(none).shape == (0,)
    assert trees.contributions(none).shape == (0, 4)
