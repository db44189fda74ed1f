"""The public data, in the order of time: learn from 2020, judge on the first quarter of 2021.

Four fifths of the later declarations repeat earlier goods word for word, with the same label: the
data were generated so.  A dictionary without any learning therefore looks splendid on the whole
quarter, and only new goods (HS6, departure, origin, duty rate, duty regime and net mass never seen
in training) tell what was learned.  Never read one table without the other.

  ours        the product: memory, general model, stack
  dictionary  the record of the same goods
  HS6 rate    the record of the HS6
  logistic    ridge logistic on all columns, one coefficient a code
  recipe      the published recipe: LightGBM with default parameters on label-encoded columns

All know the results of 2020 and none of 2021.

    python bench/public_data.py FOLDER [--seed 1] [--threads 1] [--batch 54000] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from _public import Labelled, add_data_argument, example, find_data, read_year
from _table import command, machine, print_table

from tidewaiter.adapters.scorers.metrics import area_under_curve, precision_at
from tidewaiter.adapters.scorers.stack import train
from tidewaiter.core.features import REGISTRY, FeatureVector, compute
from tidewaiter.core.history import History

GOODS = ("hs6", "departure_country", "origin", "duty_rate", "duty_regime_code", "net_mass")
#: The columns of the public data, as features.
CODES = (
    "office", "type_code", "transaction_nature_code", "goods_use_code", "payment_method_code",
    "transport_mode", "declarant", "importer", "seller", "courier", "hs6", "departure_country", "origin",
    "duty_regime_code", "origin_proof_code",
)  # fmt: skip
NUMBERS = ("duty_rate", "net_mass", "customs_value")

#: (training rows, later rows, seed, threads) -> scores of later rows, CPU seconds of
#: training, seconds of scoring.
Method = Callable[["Rows", "Rows", int, int], tuple[np.ndarray, float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Declarations with their features as of their lodging."""

    entries: Sequence[Labelled]
    vectors: Sequence[FeatureVector]

    @property
    def label(self) -> np.ndarray:
        """1 irregular, 0 compliant."""
        return np.array([entry.irregular for entry in self.entries], dtype=float)

    def values(self, name: str) -> list[Any]:
        """Return the values of feature *name*."""
        return [REGISTRY.value(vector, name) for vector in self.vectors]


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what *work* gives, its CPU seconds and its seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def ours(past: Rows, later: Rows, seed: int, threads: int) -> tuple[np.ndarray, float, float]:
    """Train and score as the product does."""
    import lightgbm  # noqa: F401 - loading the library is not training
    import scipy.optimize
    import scipy.sparse
    import scipy.stats  # noqa: F401

    examples = [example(e, v) for e, v in zip(past.entries, past.vectors, strict=True)]
    scorer, cpu, _ = timed(lambda: train(examples, seed=seed, threads=threads))
    scores, _, wall = timed(lambda: scorer.score(later.vectors))
    return np.array([score.probability for score in scores]), cpu, wall


def record(name: str) -> Method:
    """Return the method that orders by the record of a key, with one imagined control at the usual rate."""

    def method(past: Rows, later: Rows, _seed: int, _threads: int) -> tuple[np.ndarray, float, float]:
        usual = past.label.mean()

        def rates() -> np.ndarray:
            irregular = np.array([value or 0 for value in later.values(f"{name}_irregular_all")])
            inspected = np.array([value or 0 for value in later.values(f"{name}_inspected_all")])
            return (irregular + usual) / (inspected + 1.0)

        found, _, wall = timed(rates)
        return found, 0.0, wall

    return method


def logistic(past: Rows, later: Rows, _seed: int, threads: int) -> tuple[np.ndarray, float, float]:
    """Fit a ridge logistic on one column a code, and logarithms of the numbers."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import OneHotEncoder
    from threadpoolctl import threadpool_limits

    def design(rows: Rows, encoder: Any) -> Any:
        codes = encoder.transform(coded(rows))
        return hstack([codes, csr_matrix(np.log1p(numbers(rows)) / 10.0)]).tocsr()

    def fit() -> tuple[Any, Any]:
        encoder = OneHotEncoder(handle_unknown="ignore").fit(coded(past))
        # Without a limit its linear algebra spins on every core, ten times longer.
        with threadpool_limits(threads):
            return encoder, LogisticRegression(C=0.1, max_iter=300).fit(design(past, encoder), past.label)

    (encoder, model), cpu, _ = timed(fit)
    found, _, wall = timed(lambda: model.predict_proba(design(later, encoder))[:, 1])
    return found, cpu, wall


def recipe(past: Rows, later: Rows, seed: int, threads: int) -> tuple[np.ndarray, float, float]:
    """Fit LightGBM as the authors of the data did: codes as numbers, default parameters."""
    import lightgbm

    def design(rows: Rows, places: Sequence[dict[str, int]]) -> np.ndarray:
        columns = [
            [place.get(code, len(place)) for code in column]
            for place, column in zip(places, coded(rows).T.tolist(), strict=True)
        ]
        return np.column_stack([np.array(columns, dtype=float).T, numbers(rows)])

    def fit() -> tuple[Any, Any]:
        places = [
            {code: i for i, code in enumerate(sorted(set(column)))} for column in coded(past).T.tolist()
        ]
        data = lightgbm.Dataset(design(past, places), past.label)
        settings = {"objective": "binary", "verbose": -1, "seed": seed, "num_threads": threads}
        return places, lightgbm.train(settings, data)

    (places, model), cpu, _ = timed(fit)
    found, _, wall = timed(lambda: model.predict(design(later, places), num_threads=threads))
    return found, cpu, wall


METHODS: dict[str, Method] = {
    "ours": ours,
    "dictionary": record("goods"),
    "HS6 rate": record("hs6"),
    "logistic": logistic,
    "recipe": recipe,
}


def coded(rows: Rows) -> np.ndarray:
    """Return the code columns as text."""
    return np.array([[str(value or "") for value in rows.values(name)] for name in CODES]).T


def numbers(rows: Rows) -> np.ndarray:
    """Return the number columns in their units."""
    return np.array([[(value or 0) / 1e6 for value in rows.values(name)] for name in NUMBERS]).T


def point_in_time(past: Sequence[Labelled], later: Sequence[Labelled]) -> tuple[Rows, Rows]:
    """Return both with features as of their lodging; no result of *later* is ever known."""
    history = History()
    found = []
    for entries in (past, later):
        vectors = []
        for entry in entries:
            at = entry.declaration.lodged_at
            vectors.append(compute(entry.declaration, history, at))
            history.observe_declaration(entry.declaration, at)
            if entries is past:
                history.observe_result(entry.result, entry.declaration, entry.known_at)
        found.append(Rows(entries=entries, vectors=vectors))
    return found[0], found[1]


def new_goods(past: Rows, later: Rows) -> np.ndarray:
    """Return which of the later goods were never seen in training."""
    seen = set(zip(*(past.values(name) for name in GOODS), strict=True))
    return np.array([key not in seen for key in zip(*(later.values(name) for name in GOODS), strict=True)])


def figures(label: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """Return precision at 5 % and 10 %, and AUC, with intervals."""
    area = area_under_curve(label, score)
    return {
        "precision_at_5": precision_at(label, score, 0.05).to_data(),
        "precision_at_10": precision_at(label, score, 0.10).to_data(),
        "auc": None if area is None else area.to_data(),
    }


def latency(past: Rows, later: Rows, seed: int, batch: int) -> dict[str, float]:
    """Return milliseconds to score one declaration, explain it and tell the reasons, one at a time."""
    from tidewaiter.core.scoring import model_reasons

    scorer = train([example(e, v) for e, v in zip(past.entries, past.vectors, strict=True)], seed=seed)
    spent = []
    for vector in later.vectors[: min(1000, batch)]:
        begun = time.perf_counter()
        leading = scorer.score([vector])[0].leading
        model_reasons(vector, scorer.explain([vector], [leading])[0])
        spent.append(1000.0 * (time.perf_counter() - begun))
    copies = list(later.vectors) * (batch // len(later.vectors) + 1)
    _, _, wall = timed(lambda: scorer.score(copies[:batch]))
    return {
        "one_p50_ms": round(float(np.median(spent)), 3),
        "one_p99_ms": round(float(np.quantile(spent, 0.99)), 3),
        "batch": batch,
        "batch_s": round(wall, 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_data_argument(parser)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=54_000, help="declarations to score at once")
    parser.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args()
    folder = find_data(wanted.folder)
    if folder is None:
        return 0
    (past, later), _, features_wall = timed(
        lambda: point_in_time(read_year(folder / "train.csv"), read_year(folder / "valid.csv"))
    )
    new, label = new_goods(past, later), later.label
    told = []
    for name, method in METHODS.items():
        score, cpu, wall = method(past, later, wanted.seed, wanted.threads)
        told.append(
            {
                "method": name,
                "whole": figures(label, score),
                "new_goods": figures(label[new], score[new]),
                "training_cpu_s": round(cpu, 2),
                "scoring_s": round(wall, 3),
            }
        )
    speed = latency(past, later, wanted.seed, wanted.batch)
    if wanted.json:
        print(
            json.dumps({"command": command(), "machine": machine(), "rows": told, "speed": speed}, indent=2)
        )
        return 0
    for part, rows, title in (
        ("whole", len(label), "whole later quarter"),
        ("new_goods", int(new.sum()), "new goods"),
    ):
        share = label.mean() if part == "whole" else label[new].mean()
        print_table(
            f"Public data, {title}: {rows} declarations, {share:.3f} irregular (95 % intervals)",
            (
                "method",
                "P@5 %",
                "interval",
                "P@10 %",
                "interval",
                "AUC",
                "interval",
                "training CPU s",
                "scoring s",
            ),
            [row(entry, part) for entry in told],
            places=3,
        )
    print_table(
        "Ours, one thread: score, contributions and reasons",
        ("one declaration, p50 ms", "p99 ms", "in a batch", "batch scored, s"),
        [tuple(speed.values())],
        places=3,
    )
    print(f"\n  reading and features of both files: {features_wall:.1f} s\n  repeat: {command()}")
    return 0


def row(entry: dict[str, Any], part: str) -> tuple[Any, ...]:
    """Return the line of one method."""
    cells: list[Any] = [entry["method"]]
    for figure in entry[part].values():
        cells += [figure["value"], f"{figure['low']:.3f} to {figure['high']:.3f}"]
    return (*cells, entry["training_cpu_s"], entry["scoring_s"])


if __name__ == "__main__":
    sys.exit(main())
