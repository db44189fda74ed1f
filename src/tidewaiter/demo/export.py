"""Files of the demo country: a table with a row for each item, and JSON lines.

``starter/mappings/demo.yaml`` reads the table back to equal declarations.  A control result is
written as labels of its items, so findings that name no item come back as *compliant* per item.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.core.control import ControlResult, Finding, Outcome
from tidewaiter.core.declaration import Declaration, Document, Item, PartyRole
from tidewaiter.core.quantities import canonical

__all__ = ["COLUMNS", "LABELS", "Inspect", "write_csv", "write_json_lines"]

#: Gives the result of the control of a declaration, or None when it was not controlled.
Inspect = Callable[[Declaration], ControlResult | None]

_HEADER: Final = (
    "id", "version", "flow", "office", "lodged_at", "type_code", "procedure_code", "transaction_nature_code",
    "goods_use_code", "payment_method_code", "departure_country", "destination_country",
    "delivery_terms_code", "invoice_currency", "invoice_amount", "freight_amount", "gross_mass_kg",
    "package_count",
)  # fmt: skip
_TRANSPORT: Final = (
    "mode_code", "means_id", "means_nationality", "document_id", "arrival_reference", "container_ids",
    "loading_place", "routing",
)  # fmt: skip
_ROLES: Final = ("importer", "consignee", "seller", "exporter", "declarant", "carrier", "courier")
_PARTY: Final = ("id", "name", "country", "aeo")
#: Papers of the header and of the item, by the types that fill a column pair.
_PAPERS: Final = {"invoice": ("380",), "carriage_document": ("705", "720", "730", "740", "750")}
_ITEM_PAPERS: Final = {"origin_proof": ("861", "954"), "licence": ("911",)}
_ITEM: Final = (
    "hs_code", "description", "origin", "origin_proof_code", "net_mass_kg", "gross_mass_kg",
    "supplementary_quantity", "supplementary_unit", "package_count", "package_code", "customs_value",
    "invoice_price", "valuation_method_code", "procedure_code", "duty_regime_code", "duty_rate_percent",
    "duty_amount",
)  # fmt: skip
_CONTROL: Final = ("id", "kind", "office", "officer", "started_at", "ended_at", "action_code")
_FINDING: Final = ("outcome", "irregularity", "element", "declared", "found", "duty_effect")
#: An item of the demo country is irregular in at most so many ways.
_FINDINGS: Final = 2


def _paper_columns(papers: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{paper}_{part}" for paper in papers for part in ("type", "id"))


#: Columns of the table, in their order.
COLUMNS: Final = (
    *_HEADER,
    *(f"transport_{name}" for name in _TRANSPORT),
    *(f"{role}_{name}" for role in _ROLES for name in _PARTY),
    *_paper_columns(_PAPERS),
    *(f"item_{name}" for name in _ITEM),
    *_paper_columns(_ITEM_PAPERS),
)
#: Further columns when results are written.
LABELS: Final = (
    *(f"control_{name}" for name in _CONTROL),
    *(f"finding_{place}_{name}" for place in range(1, _FINDINGS + 1) for name in _FINDING),
)


def write_csv(path: Path, declarations: Iterable[Declaration], inspect: Inspect | None = None) -> int:
    """Write *declarations* as a table to *path*, with labels when *inspect* is given; return the rows."""
    rows = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS if inspect is None else (*COLUMNS, *LABELS))
        for declaration in declarations:
            result = None if inspect is None else inspect(declaration)
            for row in _rows(declaration, result, labelled=inspect is not None):
                writer.writerow(row)
                rows += 1
    return rows


def write_json_lines(path: Path, declarations: Iterable[Declaration]) -> int:
    """Write *declarations* to *path*, one canonical JSON message a line; return the lines."""
    lines = 0
    with path.open("wb") as file:
        for declaration in declarations:
            file.write(write_declaration(declaration) + b"\n")
            lines += 1
    return lines


def _rows(declaration: Declaration, result: ControlResult | None, *, labelled: bool) -> Iterator[list[str]]:
    """Yield a row for each item; the header stands in each."""
    header = [_text(getattr(declaration, name)) for name in _HEADER]
    header += [_text(getattr(declaration.transport, name)) for name in _TRANSPORT]
    for role in _ROLES:
        party = declaration.party(PartyRole(role))
        header += [_text(None if party is None else getattr(party, name)) for name in _PARTY]
    header += _papers(declaration.documents, _PAPERS)
    for item in declaration.items:
        row = [*header, *(_text(getattr(item, name)) for name in _ITEM)]
        row += _papers(item.documents, _ITEM_PAPERS)
        if labelled:
            row += [""] * len(LABELS) if result is None else _labels(result, item)
        yield row


def _papers(documents: tuple[Document, ...], columns: dict[str, tuple[str, ...]]) -> list[str]:
    """Return type and id of the document of each column pair, blank where there is none."""
    row: list[str] = []
    for types in columns.values():
        paper = next((document for document in documents if document.type_code in types), None)
        row += ["", ""] if paper is None else [paper.type_code, paper.id or ""]
    return row


def _labels(result: ControlResult, item: Item) -> list[str]:
    """Return the labels of *item*: its findings, else whether it was found in order."""
    findings = [finding for finding in result.findings if finding.item_number == item.number]
    if not findings:
        open_ = any(f.outcome is Outcome.INCONCLUSIVE for f in result.findings)
        findings = [Finding(outcome=Outcome.INCONCLUSIVE if open_ else Outcome.COMPLIANT)]
    row = [_text(getattr(result, name)) for name in _CONTROL]
    for place in range(_FINDINGS):
        found = findings[place] if place < len(findings) else None
        row += [_text(None if found is None else getattr(found, name)) for name in _FINDING]
    return row


def _text(value: object) -> str:
    """Return *value* as the text of a cell."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return ";".join(map(str, value)) if isinstance(value, tuple) else str(value)
