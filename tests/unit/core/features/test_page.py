"""The reference page of features equals the registry."""

from __future__ import annotations

from pathlib import Path

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.page import features_page

PAGE = Path(__file__).parents[4] / "docs/reference/features.md"
REWRITE = (
    'PYTHONPATH=src python -c "from tidewaiter.core.features.page import features_page; '
    "print(features_page(), end='')\" > docs/reference/features.md"
)


def test_the_page_is_what_the_registry_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == features_page(), f"the registry has changed; run: {REWRITE}"


def test_every_feature_has_a_row_with_its_sentence() -> None:
    page = features_page()
    assert all(f"| `{feature.name}` |" in page and feature.sentence in page for feature in REGISTRY)
