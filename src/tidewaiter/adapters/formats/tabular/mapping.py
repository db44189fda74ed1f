"""Mappings: which column is which field, as data that an administration owns.

A mapping is checked as a whole before any table is opened, and every fault is named with its
place in the file: unknown fields, required fields without a rule, constants that the field would
refuse, rules that do not fit the kind of field.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from tidewaiter.adapters.canonical import ControlResultMessage, DeclarationMessage
from tidewaiter.adapters.canonical.faults import faults_of
from tidewaiter.adapters.canonical.messages import (
    AuthorisationMessage,
    ChargeMessage,
    ClassificationMessage,
    DocumentMessage,
    FindingMessage,
    GuaranteeMessage,
    ItemMessage,
    PartyMessage,
    StatementMessage,
    TransportMessage,
)
from tidewaiter.adapters.canonical.plain import pointer
from tidewaiter.adapters.formats.tabular.cells import CellFault, FieldKind, Reader, reader_for
from tidewaiter.adapters.formats.tabular.rules import FieldRule, MappingFile
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.adapters.starter.strict_yaml import Sheet, read_yaml
from tidewaiter.core.declaration import PartyRole
from tidewaiter.core.errors import ConfigurationError, Fault, shorten

__all__ = [
    "OF_DECLARATION",
    "OF_ITEM",
    "Section",
    "TableMapping",
    "field_kinds",
    "load_mapping",
    "mapping_names",
    "resolve_mapping",
    "sections",
]

#: A mapping of all fields takes 8 kB.
FILE_BYTES_MAX: Final = 256 * 1024
#: The messages fill these themselves: from the position of the row, the sections or the declaration.
_FILLED: Final = frozenset({"role", "number", "items", "findings", "declaration_id"})

TableMapping = MappingFile

#: Section of a mapping -> the objects of which it makes a list, in the declaration and in its items;
#: the list of an item has the name of the section without ``item_``.
OF_DECLARATION: Final[MappingOf[str, type[BaseModel]]] = {
    "documents": DocumentMessage,
    "guarantees": GuaranteeMessage,
    "authorisations": AuthorisationMessage,
    "charges": ChargeMessage,
    "statements": StatementMessage,
}
OF_ITEM: Final[MappingOf[str, type[BaseModel]]] = {
    "item_documents": DocumentMessage,
    "item_classifications": ClassificationMessage,
    "item_charges": ChargeMessage,
    "item_statements": StatementMessage,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a mapping: the fields of one object of the message."""

    #: Place in the mapping file, such as ``("parties", "importer")``.
    place: tuple[str | int, ...]
    #: What the object is in the canonical message.
    model: type[BaseModel]
    rules: MappingOf[str, FieldRule]


def resolve_mapping(name_or_path: str) -> TableMapping:
    """Return the mapping of a file, or the one of that name in the starter content.

    Raises :class:`ConfigurationError` when there is none, or with every fault that it has.
    """
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"} or path.is_file():
        return load_mapping(path)
    known = mapping_names()
    if name_or_path not in known:
        names = ", ".join(known) or "none"
        wanted = shorten(name_or_path)
        message = f"There is no mapping {wanted!r}. Known names: {names}; or give the path of a file."
        raise ConfigurationError(message)
    return load_mapping(starter_folder() / "mappings" / f"{name_or_path}.yaml")


def mapping_names() -> list[str]:
    """Return the names of the mappings in the starter content."""
    return sorted(path.stem for path in (starter_folder() / "mappings").glob("*.yaml"))


def load_mapping(path: Path) -> TableMapping:
    """Return the mapping that the YAML file at *path* holds; raises :class:`ConfigurationError`."""
    sheet = _sheet(path)
    try:
        mapping = MappingFile.model_validate(sheet.data)
    except ValidationError as error:
        raise _refusal(sheet, faults_of(error, MappingFile)) from error
    faults = [
        fault for section in sections(mapping) for fault in _section_faults(section, trim=mapping.format.trim)
    ]
    faults += [
        Fault(code="role-unknown", place=pointer("parties", role), message=_NO_ROLE, value=role)
        for role in mapping.parties
        if role not in set(PartyRole)
    ]
    if faults:
        raise _refusal(sheet, faults)
    return mapping


_NO_ROLE: Final = f"is not a role; the roles are {', '.join(PartyRole)}."


def sections(mapping: TableMapping) -> Iterator[Section]:
    """Yield every section of *mapping*, in the order of the file."""
    yield Section(place=("declaration",), model=DeclarationMessage, rules=mapping.declaration)
    yield Section(place=("transport",), model=TransportMessage, rules=mapping.transport)
    for role, rules in mapping.parties.items():
        yield Section(place=("parties", role), model=PartyMessage, rules=rules)
    yield from _listed(mapping, OF_DECLARATION)
    yield Section(place=("item",), model=ItemMessage, rules=mapping.item)
    yield from _listed(mapping, OF_ITEM)
    if mapping.results is not None:
        yield Section(place=("results", "control"), model=ControlResultMessage, rules=mapping.results.control)
        for index, rules in enumerate(mapping.results.findings):
            yield Section(place=("results", "findings", index), model=FindingMessage, rules=rules)


def _listed(mapping: TableMapping, lists: MappingOf[str, type[BaseModel]]) -> Iterator[Section]:
    for name, model in lists.items():
        for index, rules in enumerate(getattr(mapping, name)):
            yield Section(place=(name, index), model=model, rules=rules)


@cache
def field_kinds(model: type[BaseModel]) -> dict[str, FieldKind]:
    """Return what each field of *model* that a cell can fill holds."""
    kinds = {name: _kind(field.annotation) for name, field in model.model_fields.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def _kind(annotation: Any) -> FieldKind | None:
    """Return the kind of a field with this annotation; None for objects and lists of objects."""
    leaves = set(_leaves(annotation))
    if any(isinstance(leaf, type) and issubclass(leaf, BaseModel) for leaf in leaves):
        return None
    if get_origin(annotation) is list:
        return FieldKind.LIST
    kinds = {bool: FieldKind.FLAG, Decimal: FieldKind.QUANTITY, int: FieldKind.COUNT, date: FieldKind.MOMENT}
    return next((kind for leaf, kind in kinds.items() if leaf in leaves), FieldKind.TEXT)


def _leaves(annotation: Any) -> Iterator[Any]:
    """Yield the types that *annotation* is made of."""
    if get_origin(annotation) is Annotated:
        yield from _leaves(get_args(annotation)[0])
    elif get_origin(annotation) in {Union, types.UnionType, list}:
        for part in get_args(annotation):
            yield from _leaves(part)
    else:
        yield annotation


def _section_faults(section: Section, *, trim: bool) -> Iterator[Fault]:
    """Yield what is wrong with the field names and the rules of *section*."""
    kinds = field_kinds(section.model)
    allowed = sorted(set(kinds) - {"role", "declaration_id"})
    for name, rule in section.rules.items():
        place = pointer(*section.place, name)
        if name not in allowed:
            hint = f"Use one of: {', '.join(allowed)}."
            yield Fault(
                code="field-unknown", place=place, message="is not a field there.", value=name, hint=hint
            )
        else:
            yield from _rule_faults(section.model, name, kinds[name], rule, place, trim=trim)
    if not section.rules:
        return
    for name, field in section.model.model_fields.items():
        if field.is_required() and name not in section.rules and name not in _FILLED:
            place = pointer(*section.place, name)
            yield Fault(
                code="field-missing", place=place, message="is required.", hint="Add a column or a constant."
            )


def _rule_faults(
    model: type[BaseModel], name: str, kind: FieldKind, rule: FieldRule, place: str, *, trim: bool
) -> Iterator[Fault]:
    """Yield what is wrong with one rule: settings that do not fit, texts that the field would refuse."""
    for setting in sorted(rule.model_fields_set - _SETTINGS_OF[kind]):
        hint = f"This field holds a {kind}; remove the setting."
        yield Fault(
            code="setting-not-fitting", place=f"{place}/{setting}", message="has no meaning here.", hint=hint
        )
    for pattern in rule.date_formats:
        if not _readable(pattern):
            hint = "Use the directives of strptime, such as %d/%m/%Y."
            message = "is not a format of dates."
            yield Fault(
                code="date-format-wrong",
                place=f"{place}/date_formats",
                message=message,
                value=pattern,
                hint=hint,
            )
    texts = [*(rule.values or {}).values(), rule.constant]
    read = reader_for(kind, rule.model_copy(update={"values": None, "missing": []}), trim=trim)
    for text in texts:
        if text is not None and (reason := _refused(model, name, read, text)):
            yield Fault(code="value-not-accepted", place=place, message=reason, value=shorten(text))


_COMMON: Final = frozenset({"column", "constant", "missing", "optional", "values"})
_SETTINGS_OF: Final[MappingOf[FieldKind, frozenset[str]]] = {
    FieldKind.TEXT: _COMMON | {"pad_zeros", "drop_point_zero"},
    FieldKind.QUANTITY: _COMMON | {"round_places", "decimal_mark", "grouping_mark"},
    FieldKind.COUNT: _COMMON,
    FieldKind.MOMENT: _COMMON | {"date_formats", "utc_offset"},
    FieldKind.FLAG: _COMMON,
    FieldKind.LIST: _COMMON | {"separator"},
}


def _readable(pattern: str) -> bool:
    """Tell whether a date written in *pattern* can be read back."""
    sample = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
    try:
        found = datetime.strptime(sample.strftime(pattern), pattern)  # noqa: DTZ007 - only its date is looked at
    except ValueError:
        return False
    return (found.year, found.month, found.day) == (2026, 3, 14)


def _refused(model: type[BaseModel], name: str, read: Reader | None, text: str) -> str | None:
    """Return why the field would refuse *text*, or None when it is accepted."""
    try:
        _adapter(model, name).validate_python(text if read is None else read(text))
    except CellFault as fault:
        return fault.sentence
    except ValidationError as error:
        return faults_of(error, model)[0].message
    return None


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    annotation: Any = field.annotation
    return TypeAdapter(Annotated[annotation, *field.metadata] if field.metadata else annotation)


def _sheet(path: Path) -> Sheet:
    """Return the content of the YAML file at *path*."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise ConfigurationError(f"The mapping {path} cannot be read: {error.strerror}.") from error
    if len(content) > FILE_BYTES_MAX:
        raise ConfigurationError(
            f"The mapping {path} has more than {FILE_BYTES_MAX} bytes; none is that long."
        )
    return read_yaml(content, path.name)


def _refusal(sheet: Sheet, faults: list[Fault]) -> ConfigurationError:
    located = tuple(sheet.locate(fault) for fault in faults)
    return ConfigurationError(f"The mapping {sheet.file} has {len(faults)} fault(s).", faults=located)
