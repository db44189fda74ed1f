"""Messages in any format: which format they are in, what they say, and amendments put in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

from tidewaiter.adapters.canonical import declaration_from_data
from tidewaiter.adapters.formats.asycuda import is_asycuda, read_asycuda
from tidewaiter.adapters.formats.json import read_declaration, write_declaration
from tidewaiter.adapters.formats.json.write import declaration_data
from tidewaiter.adapters.formats.wco import is_wco, read_wco, write_response
from tidewaiter.adapters.xml import Node, parse_xml
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Fault, InputError, UnreadableMessage, shorten
from tidewaiter.flow.ports.readings import Amendment, Envelope, Reading

__all__ = ["FORMATS", "XmlFormats", "amended", "read_message", "write_declaration"]

#: What a message may be in, in the order in which it is tried.
FORMATS: Final = ("json", "wco", "asycuda")

_XML: Final[Mapping[str, tuple[Callable[[Node], bool], Callable[[Node, Envelope], Reading]]]] = {
    "wco": (is_wco, read_wco),
    "asycuda": (is_asycuda, read_asycuda),
}
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read_message(body: bytes, envelope: Envelope, name: str | None = None) -> Reading:
    """Return what *body* says, read as format *name*, or as what it looks like.

    Raises UnreadableMessage with every fault (place, value, hint), InputError for an unknown *name*.
    """
    if name is not None and name not in FORMATS:
        raise InputError(f"There is no format {name}; there are {', '.join(FORMATS)}.")
    if name == "json" or (name is None and not _looks_like_xml(body)):
        return Reading(format="json", declaration=read_declaration(body), crosswalk={})
    root = parse_xml(body)
    if name is None:
        name = next((known for known, (fits, _) in _XML.items() if fits(root)), None)
    if name is None or not _XML[name][0](root):
        fault = Fault(
            code="format-unknown",
            place=root.place,
            message="opens no message that is read: MetaData or Declaration (WCO), ASYCUDA (SAD).",
            value=shorten(root.name),
            hint="Send a declaration in one of these formats.",
        )
        raise UnreadableMessage("The message cannot be read.", faults=(fault,))
    return _XML[name][1](root, envelope)


class XmlFormats:
    """The port :class:`~tidewaiter.flow.ports.readings.ForeignFormats`: WCO and ASYCUDA."""

    def read(self, body: bytes, envelope: Envelope) -> Reading:
        """Return what an XML message says; raises UnreadableMessage with every fault."""
        if not _looks_like_xml(body):
            fault = Fault(
                code="not-xml", place="", message="is no XML, as the content type says.",
                value=shorten(body[:40].decode("utf-8", "replace")),
                hint="Send JSON with the content type application/json.",
            )  # fmt: skip
            raise UnreadableMessage("The message cannot be read.", faults=(fault,))
        return read_message(body, envelope)

    def amended(self, declaration: Declaration, amendment: Amendment) -> Declaration:
        """Return the next version of a declaration; raises UnreadableMessage when it is none."""
        return amended(declaration, amendment)

    def answer(self, answer: bytes) -> bytes:
        """Return an answer as a response message of the WCO Data Model."""
        return write_response(answer)


def _looks_like_xml(body: bytes) -> bool:
    """Tell whether the first character is an opening bracket, or the encoding is none that JSON has."""
    return body.startswith(_BYTE_ORDER_MARKS) or body[:4096].lstrip()[:1] == b"<"


def amended(declaration: Declaration, amendment: Amendment) -> Declaration:
    """Return the next version of *declaration*: what *amendment* states is replaced, the rest stays.

    A person replaces those of the same role, a document that of the same type and number; documents
    that are new are added.  Raises UnreadableMessage when the result is no declaration, or when the
    amendment cancels or is of another declaration.
    """
    _check_fit(declaration, amendment)
    data = deepcopy(declaration_data(declaration))
    changes = deepcopy(dict(amendment.changes))
    items = changes.pop("items", [])
    _replace(data, changes)
    for change in items:
        number = change["number"]
        if not (type(number) is int and 1 <= number <= len(data["items"])):
            data["items"].append(change)
        else:
            _replace(data["items"][number - 1], change)
    data["version"] = changes.get("version", declaration.version + 1)
    return declaration_from_data(data)


def _check_fit(declaration: Declaration, amendment: Amendment) -> None:
    """Raise UnreadableMessage when *amendment* cannot be put into *declaration*."""
    version = amendment.changes.get("version")
    currency, stated = declaration.invoice_currency, amendment.changes.get("invoice_currency")
    if amendment.kind == "cancellation":
        code, place, sentence = (
            "amendment-cancels",
            "/kind",
            "takes the declaration back and changes nothing.",
        )
    elif amendment.declaration_id != declaration.id:
        code, place, sentence = (
            "amendment-of-another",
            "/declaration_id",
            f"is not {shorten(declaration.id)}.",
        )
    elif currency and stated and stated != currency and any(item.invoice_price for item in declaration.items):
        code, place = "currencies-differ", "/changes/invoice_currency"
        sentence = f"is not {currency}, in which the prices of the declaration are."
    elif type(version) is int and version <= declaration.version:
        code, place, sentence = (
            "version-not-higher",
            "/changes/version",
            f"is not above {declaration.version}.",
        )
    else:
        return
    values = {"currencies-differ": stated, "version-not-higher": version}
    value = shorten(values.get(code, amendment.declaration_id))
    hint = "Send the whole declaration again, with its next VersionID."
    fault = Fault(code=code, place=place, message=sentence, value=value, hint=hint)
    raise UnreadableMessage("The amendment cannot be put in place.", faults=(fault,))


def _replace(data: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for field, value in changes.items():
        if field == "parties":
            roles = {party["role"] for party in value}
            kept = [party for party in data.get("parties", []) if party["role"] not in roles]
            data["parties"] = [*kept, *value]
        elif field == "documents":
            stated = {(entry["type_code"], entry.get("id")) for entry in value}
            kept = [d for d in data.get("documents", []) if (d["type_code"], d.get("id")) not in stated]
            data["documents"] = [*kept, *value]
        elif field == "transport":
            data["transport"] = {**data.get("transport", {}), **value}
        else:
            data[field] = value
