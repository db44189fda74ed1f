"""Family party: who takes part, who is missing, and who is new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tidewaiter.core.declaration import PartyRole
from tidewaiter.core.features.context import Context
from tidewaiter.core.features.family import Family
from tidewaiter.core.features.registry import Kind, Scope, Value
from tidewaiter.core.history.keys import party_key
from tidewaiter.core.history.measures import normalised

__all__ = ["FAMILY"]

FAMILY: Final = Family("party")

_EXPECTED: Final = (
    PartyRole.IMPORTER, PartyRole.DECLARANT, PartyRole.EXPORTER, PartyRole.SELLER, PartyRole.CONSIGNEE,
)  # fmt: skip


@FAMILY.header(Kind.COUNT, unit="parties", source="parties", missing="never missing")
def party_count(context: Context) -> Value:
    """How many parties the declaration names."""
    return len(context.declaration.parties)


@FAMILY.header(
    Kind.FLAG,
    unit="-",
    source="parties (importer)",
    missing="it is not known whether the importer is authorised",
)
def importer_aeo(context: Context) -> Value:
    """Whether the importer is an authorised economic operator."""
    party = context.parties.get(PartyRole.IMPORTER)
    return None if party is None else party.aeo


@FAMILY.header(Kind.FLAG, unit="-", source="history by parties (importer)", missing="no importer is declared")
def importer_is_new(context: Context) -> Value:
    """Whether no other declaration of the importer has ever been seen."""
    track = context.header_tracks["importer"]
    return None if track is None else track.total == 0


@FAMILY.header(
    Kind.RATIO,
    unit="-",
    source="history by parties (importer, declarant)",
    missing="importer or declarant is not declared, or the importer is new or silent for 365 days",
)
def declarant_share_of_importer(context: Context) -> Value:
    """Share of the declarant in the importer's declarations of the past 365 days, 0 to 1."""
    pair, whole = context.header_tracks["importer_declarant"], context.header_tracks["importer"]
    if pair is None or whole is None:
        return None
    all_of_importer = whole.window(context.day, 365)
    return pair.window(context.day, 365) / all_of_importer if all_of_importer else None


@FAMILY.header(
    Kind.FLAG,
    unit="-",
    source="parties (importer, declarant)",
    missing="importer or declarant is not declared",
)
def importer_is_declarant(context: Context) -> Value:
    """Whether the importer declares for itself, without a broker."""
    importer = party_key(context.declaration, PartyRole.IMPORTER)
    declarant = party_key(context.declaration, PartyRole.DECLARANT)
    return None if importer is None or declarant is None else importer == declarant


@FAMILY.header(
    Kind.FLAG,
    unit="-",
    source="parties (exporter), departure_country",
    missing="the country of the exporter or of departure is not declared",
)
def exporter_country_differs_from_departure(context: Context) -> Value:
    """Whether the exporter is established in another country than that of departure."""
    party, departure = context.parties.get(PartyRole.EXPORTER), context.declaration.departure_country
    return None if party is None or party.country is None or departure is None else party.country != departure


def _absence(role: PartyRole) -> Callable[[Context], Value]:
    """Return the feature that tells whether nobody is named in *role*."""

    def compute(context: Context) -> Value:
        party = context.parties.get(role)
        return party is None or (party.id is None and normalised(party.name) is None)

    return compute


for _role in _EXPECTED:
    FAMILY.add(
        f"{_role.value}_missing",
        Scope.HEADER,
        Kind.FLAG,
        "-",
        f"parties ({_role.value})",
        "never missing",
        f"Whether neither identifier nor name of a {_role.value} is declared.",
        _absence(_role),
    )
