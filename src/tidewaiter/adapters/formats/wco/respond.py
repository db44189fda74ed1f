"""The answer as a response message (RES) of the WCO Data Model 3.6.

It says what happens to the goods: control (05), documents (06), release (08).  Instructions and
reasons are for officers, and a response is handed on to the declarant, so they are not in it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

__all__ = ["write_response"]

_NAMESPACE: Final = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
_RESPONSE: Final = "urn:wco:datamodel:WCO:RES-DMS:2"
#: Result of an assessment: for a lane that the administration gave no code of its own.
_RESULT: Final = "07"
#: Date, time and zone (UN/EDIFACT 2379).
_FORMAT: Final = "304"

ET.register_namespace("md", _NAMESPACE)
ET.register_namespace("res", _RESPONSE)


def write_response(answer: bytes) -> bytes:
    """Return the answer to a declaration (canonical JSON) as XML; the same answer gives the same bytes."""
    told = json.loads(answer)
    root = ET.Element(f"{{{_NAMESPACE}}}MetaData")
    _add(root, _NAMESPACE, "WCODataModelVersionCode", "3.6")
    _add(root, _NAMESPACE, "WCOTypeName", "RES")
    response = _add(root, _RESPONSE, "Response")
    _add(response, _RESPONSE, "FunctionCode", told["wco_response_code"] or _RESULT)
    _add(response, _RESPONSE, "FunctionalReferenceID", told["decision_id"])
    issued = datetime.fromisoformat(told["decided_at"]).astimezone(UTC)
    moment = _add(_add(response, _RESPONSE, "IssueDateTime"), _RESPONSE, "DateTimeString")
    moment.text = f"{issued:%Y%m%d%H%M%S}Z"
    moment.set("formatCode", _FORMAT)
    declaration = _add(response, _RESPONSE, "Declaration")
    _add(declaration, _RESPONSE, "ID", told["declaration_id"])
    _add(declaration, _RESPONSE, "VersionID", str(told["declaration_version"]))
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add(parent: ET.Element, namespace: str, name: str, text: str | None = None) -> ET.Element:
    """Add an element and return it."""
    element = ET.SubElement(parent, f"{{{namespace}}}{name}")
    element.text = text
    return element
