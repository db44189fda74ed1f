"""A scorer as files, and back: the trees as text, all else as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidewaiter.adapters.scorers.files import GENERAL, KINDS, MODEL, json_bytes, read_json, version_of
from tidewaiter.adapters.scorers.fitting import Calibration
from tidewaiter.adapters.scorers.general import General, general_data, general_from
from tidewaiter.adapters.scorers.heads import REVENUE_NUMBERS, Kinds, Revenue
from tidewaiter.adapters.scorers.scorer import StackScorer
from tidewaiter.adapters.scorers.stacking import Stack
from tidewaiter.adapters.scorers.table import Encoder, Vocabulary
from tidewaiter.adapters.scorers.trees import Trees
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.features.registry import Registry

__all__ = ["Fitted", "files_of", "scorer_from"]


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What training has found."""

    general: General
    stack: Stack
    item_calibration: Calibration
    shared_fate: float
    kinds: Kinds
    revenue: Revenue

    def codes_and_numbers(self) -> tuple[list[str], list[str]]:
        """Return the features that the scorer reads as codes, and as numbers."""
        columns = [*self.general.parts.trees.columns, *(self.kinds.trees.columns if self.kinds.trees else ())]
        blocks = self.general.parts.linear.blocks
        codes = [name[1:] for name in columns if name.startswith("=")] + [b.code for b in blocks if b.code]
        memory = [name for key in self.stack.keys for name in key.counted]
        numbers = [name for name in columns if not name.startswith("=")] + [
            b.number for b in blocks if b.number
        ]
        return list(dict.fromkeys(codes)), list(dict.fromkeys((*numbers, *REVENUE_NUMBERS, *memory)))


def files_of(fitted: Fitted, vocabularies: Mapping[str, Vocabulary], feature_set: str) -> dict[str, bytes]:
    """Return the files of the scorer, by name, without its card."""
    codes, numbers = fitted.codes_and_numbers()
    data: dict[str, Any] = {
        "feature_set": feature_set,
        "vocabularies": {name: list(vocabularies[name]) for name in codes},
        "numbers": numbers,
        "general": general_data(fitted.general),
        "stack": fitted.stack.to_data(),
        "item_calibration": fitted.item_calibration.to_data(),
        "shared_fate": fitted.shared_fate,
        "kinds": list(fitted.kinds.names),
        "kinds_columns": list(fitted.kinds.trees.columns) if fitted.kinds.trees else [],
        "revenue": fitted.revenue.to_data(),
    }
    files = {MODEL: json_bytes(data), GENERAL: fitted.general.parts.trees.text.encode()}
    if fitted.kinds.trees is not None:
        files[KINDS] = fitted.kinds.trees.text.encode()
    return files


def scorer_from(files: Mapping[str, bytes], registry: Registry) -> StackScorer:
    """Return the scorer from its files.

    Raises ConfigurationError when it was trained on another feature set, or a file is not valid.
    """
    data = read_json(files[MODEL], MODEL)
    if data.get("feature_set") != registry.version:
        raise ConfigurationError(
            f"The model was trained on feature set {data.get('feature_set')}, and the features here are "
            f"{registry.version}: their names, kinds or units differ. Train again."
        )
    try:
        return _scorer(data, files, registry)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"The files of the model do not fit together ({error}); train again."
        ) from error


def _part(value: Any) -> float:
    """Return a number from 0 to 1; raises ValueError for another."""
    if not 0.0 <= float(value) <= 1.0:
        raise ValueError(f"a part of {value}")
    return float(value)


def _scorer(data: Mapping[str, Any], files: Mapping[str, bytes], registry: Registry) -> StackScorer:
    vocabularies = {name: tuple(values) for name, values in data["vocabularies"].items()}
    names = tuple(data["kinds"])
    kinds = Trees(files[KINDS].decode(), data["kinds_columns"], len(names) + 1) if names else None
    return StackScorer(
        encoder=Encoder(registry, data["numbers"], vocabularies),
        general=general_from(data["general"], files[GENERAL].decode()),
        stack=Stack.from_data(data["stack"]),
        item_calibration=Calibration(**data["item_calibration"]),
        shared_fate=_part(data["shared_fate"]),
        kinds=Kinds(names=names, trees=kinds),
        revenue=Revenue.from_data(data["revenue"]),
        feature_set=data["feature_set"],
        version=version_of(files),
        files=dict(files),
    )
