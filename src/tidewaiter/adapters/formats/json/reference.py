"""The tables of fields in ``docs/reference``, rendered from what reads the messages.

``python -m tidewaiter.adapters.formats.json.reference docs/reference`` writes the schemas and
renews the tables between the marks of each page.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from tidewaiter.adapters.canonical.fields import FORMS
from tidewaiter.adapters.canonical.messages import (
    AuthorisationMessage,
    ChargeMessage,
    ClassificationMessage,
    ControlResultMessage,
    DeclarationMessage,
    DocumentMessage,
    FindingMessage,
    GuaranteeMessage,
    ItemMessage,
    PartyMessage,
    StatementMessage,
    TransportMessage,
)
from tidewaiter.adapters.formats.json.schema import PUBLISHED, schema_bytes, schema_of

__all__ = ["TABLES", "fields_table", "forms_table", "renewed", "write_reference"]

#: Mark in the page -> message whose fields stand there.
TABLES: Final[dict[str, type[BaseModel]]] = {
    "declaration": DeclarationMessage,
    "item": ItemMessage,
    "party": PartyMessage,
    "transport": TransportMessage,
    "document": DocumentMessage,
    "statement": StatementMessage,
    "guarantee": GuaranteeMessage,
    "authorisation": AuthorisationMessage,
    "charge": ChargeMessage,
    "classification": ClassificationMessage,
    "control-result": ControlResultMessage,
    "finding": FindingMessage,
}
#: Pages that hold tables.
PAGES: Final = ("declaration.md", "control-result.md")

_MARK: Final = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def write_reference(folder: Path) -> list[Path]:
    """Write the schemas and renew the tables under *folder*; return the files that were written."""
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, model in PUBLISHED.items():
        written.append(folder / "schemas" / name)
        written[-1].write_bytes(schema_bytes(model))
    for name in PAGES:
        written.append(folder / name)
        written[-1].write_text(renewed(written[-1].read_text("utf-8")), "utf-8")
    return written


def renewed(page: str) -> str:
    """Return *page* with the table between each pair of marks made anew."""

    def table(match: re.Match[str]) -> str:
        made = forms_table() if match[2] == "forms" else fields_table(TABLES[match[2]])
        return f"{match[1]}{made}{match[3]}"

    return _MARK.sub(table, page)


def fields_table(model: type[BaseModel]) -> str:
    """Return the fields of *model* as a Markdown table: name, form, whether required, meaning."""
    schema = schema_of(model)
    lines = ["| field | form | required | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        required = "yes" if field.is_required() else ""
        form = _form(schema["properties"][name], schema["$defs"])
        lines.append(f"| `{name}` | {form} | {required} | {field.description} |")
    return "\n".join(lines) + "\n"


def forms_table() -> str:
    """Return the forms of values as a Markdown table."""
    lines = ["| form | what it is |", "|---|---|"]
    lines += [f"| {name.replace('-', ' ')} | {sentence} |" for name, (sentence, _) in FORMS.items()]
    return "\n".join(lines) + "\n"


def _form(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return in words what a property holds."""
    options = [option for option in schema.get("anyOf", [schema]) if option != {"type": "null"}]
    part = options[0]
    if "$ref" in part:
        name = str(part["$ref"]).rpartition("/")[2]
        if words := definitions.get(name, {}).get("enum"):
            return ", ".join(f"`{word}`" for word in words)
        return name.replace("-", " ")
    if part.get("type") == "array":
        most = f", at most {part['maxItems']}" if "maxItems" in part else ""
        return f"array of {_form(part['items'], definitions)}{most}"
    return "true or false" if part.get("type") == "boolean" else str(part.get("type"))


if __name__ == "__main__":
    for path in write_reference(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
