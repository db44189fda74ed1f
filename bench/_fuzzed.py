"""The parsers that are given damaged messages: for each, good messages and how one is read."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl

from tidewaiter.adapters.formats.json import read_control_result
from tidewaiter.adapters.formats.tabular import load_mapping, read_table, resolve_mapping
from tidewaiter.adapters.messages import read_message
from tidewaiter.adapters.starter import load_starter, read_yaml
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.errors import InputError
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.ledger.bundle import HEADER, checkpoint_lines, end_line, entry_line
from tidewaiter.core.ledger.checkpoint import (
    Checkpoint,
    PublicKey,
    parse_checkpoint,
    parse_note,
    parse_public_key,
)
from tidewaiter.core.ledger.signers import opened_checkpoint
from tidewaiter.core.ledger.tree import leaf_hash, root_of
from tidewaiter.core.ledger.verify import verify
from tidewaiter.core.rules.ruleset import ruleset_from_data
from tidewaiter.flow.ports.readings import Envelope

__all__ = ["PARSERS", "Parser", "workbook"]

#: Good messages, and how one is read.
Parser: TypeAlias = Callable[[], tuple[list[bytes], Callable[[bytes], object]]]

_ROOT: Final = Path(__file__).resolve().parents[1]
_MESSAGES: Final = _ROOT / "tests" / "fixtures"
_FORMATS: Final = _ROOT / "tests" / "contract" / "formats" / "fixtures"
_ENVELOPE: Final = Envelope(received_at=datetime(2026, 1, 1, tzinfo=UTC), office="NOT-STATED")
_SPACE: Final = "http://schemas.openxmlformats.org"
_COLUMNS: Final = {
    "id": ["A1", "A1", "B2"], "flow": ["import"] * 3, "office": ["PORT"] * 3, "lodged_at": ["2026-03-01"] * 3,
    "hs_code": ["520811", "010121", "847130"], "description": ["Cotton", "Horse, alive", "Ångström"],
    "customs_value": ["372254.4", "", "0.1"], "container_ids": ["MSKU1;MSKU2", "", ""],
    "package_count": ["1", "2", ""],
}  # fmt: skip


def _json() -> tuple[list[bytes], Callable[[bytes], object]]:
    good = [path.read_bytes() for path in sorted((_FORMATS / "json" / "good").glob("*.json"))]

    def read(body: bytes) -> object:
        return read_control_result(body) if b'"kind"' in body else read_message(body, _ENVELOPE, "json")

    return good, read


def _xml(*names: str) -> Parser:
    def parser() -> tuple[list[bytes], Callable[[bytes], object]]:
        good = [(_MESSAGES / name).read_bytes() for name in names]
        return good, lambda body: read_message(body, _ENVELOPE)

    return parser


def _table(ending: str, good: Callable[[], list[bytes]]) -> Parser:
    def parser() -> tuple[list[bytes], Callable[[bytes], object]]:
        mapping = resolve_mapping("plain")
        path = Path(tempfile.mkdtemp(prefix="tidewaiter-fuzz-")) / f"table.{ending}"

        def read(body: bytes) -> object:
            path.write_bytes(body)
            return sum(1 for _ in read_table(path, mapping))

        return good(), read

    return parser


def _csv() -> list[bytes]:
    lines = [
        ",".join(_COLUMNS),
        *(",".join(f'"{cell}"' for cell in row) for row in zip(*_COLUMNS.values(), strict=True)),
    ]
    return ["\n".join(lines).encode(), "\r\n".join([*lines, lines[-1]]).encode()]


def _parquet() -> list[bytes]:
    good: list[bytes] = []
    for compression in ("uncompressed", "zstd", "snappy"):
        body = io.BytesIO()
        pl.DataFrame(_COLUMNS).write_parquet(body, compression=compression)  # type: ignore[arg-type]  # a literal
        good.append(body.getvalue())
    return good


def workbook(sheet: bytes, *, packed: bool = False) -> bytes:
    """Return the smallest workbook that holds *sheet*; *packed*: compressed."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_SPACE}/package/2006/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_SPACE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{_SPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_SPACE}/spreadsheetml/2006/main" xmlns:r="{_SPACE}/'
        'officeDocument/2006/relationships"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_SPACE}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_SPACE}/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return body.getvalue()


def _excel() -> Parser:
    """Return the parser of workbooks; a body that is no archive is damaged inside of one."""
    rows = [tuple(_COLUMNS), *zip(*_COLUMNS.values(), strict=True)]
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    sheet = f'<worksheet xmlns="{_SPACE}/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    good = [workbook(sheet.encode()), workbook(sheet.encode(), packed=True), sheet.encode(), sheet.encode()]

    def parser() -> tuple[list[bytes], Callable[[bytes], object]]:
        corpus, read = _table("xlsx", lambda: good)()
        return corpus, lambda body: read(body if body.startswith(b"PK") else workbook(body))

    return parser


def _mapping() -> tuple[list[bytes], Callable[[bytes], object]]:
    path = Path(tempfile.mkdtemp(prefix="tidewaiter-fuzz-")) / "mapping.yaml"

    def read(body: bytes) -> object:
        path.write_bytes(body)
        return load_mapping(path)

    return [entry.read_bytes() for entry in sorted((starter_folder() / "mappings").glob("*.yaml"))], read


def _yaml() -> tuple[list[bytes], Callable[[bytes], object]]:
    good = [entry.read_bytes() for entry in sorted(starter_folder().glob("**/*.yaml"))[:12]]
    return good, lambda body: read_yaml(body, "content.yaml")


def _rules() -> tuple[list[bytes], Callable[[bytes], object]]:
    bodies = load_starter(starter_folder(), REGISTRY).bodies
    rules = bodies["rules"]
    few = [{**rules, "profiles": [profile]} for profile in rules["profiles"][:12]]

    def read(body: bytes) -> object:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise InputError("The parser of JSON has a turn of its own.") from error
        return ruleset_from_data(data, REGISTRY)

    return [json.dumps(one).encode() for one in few], read


_KEY: Final = PublicKey(name="ledger.example", key=bytes(32))


def _signed() -> tuple[str, list[bytes], list[bytes]]:
    bodies = [json.dumps({"kind": "decision", "n": n}).encode() for n in range(4)]
    hashes = [leaf_hash(body) for body in bodies]
    note = Checkpoint(origin=_KEY.name, size=4, root=root_of(hashes)).signed(_KEY, bytes(64))
    return note, bodies, hashes


def _checkpoint() -> tuple[list[bytes], Callable[[bytes], object]]:
    note, _, _ = _signed()

    def read(body: bytes) -> object:
        if b"\n" not in body:
            return parse_public_key(body.decode("utf-8", "replace"))
        parse_checkpoint(parse_note(body.decode("utf-8", "replace")).text)
        return opened_checkpoint(body, _KEY, lambda *_: True)

    return [note.encode(), _KEY.text().encode()], read


def _bundle() -> tuple[list[bytes], Callable[[bytes], object]]:
    note, bodies, hashes = _signed()
    lines = [entry_line(n, leaf, body) for n, (leaf, body) in enumerate(zip(hashes, bodies, strict=True), 1)]
    good = b"".join([HEADER, *lines, *checkpoint_lines(note), end_line(4, 1)])

    def read(body: bytes) -> object:
        return verify(io.BytesIO(body), key=_KEY, signature_holds=lambda *_: True)

    return [good], read


PARSERS: Final[dict[str, Parser]] = {
    "json": _json,
    "wco": _xml("wco.xml", "wco-amendment.xml"),
    "asycuda": _xml("asycuda.xml"),
    "csv": _table("csv", _csv),
    "excel": _excel(),
    "parquet": _table("parquet", _parquet),
    "mapping": _mapping,
    "yaml": _yaml,
    "rules": _rules,
    "checkpoint": _checkpoint,
    "bundle": _bundle,
}
