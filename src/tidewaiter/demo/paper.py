"""The clerk: writes a batch of columns as declarations, with parties, papers and transport."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Final

import numpy as np

from tidewaiter.core.codes import Country as CountryCode
from tidewaiter.core.codes import Currency, HsCode, Identifier
from tidewaiter.core.control import Irregularity
from tidewaiter.core.declaration import Declaration, Document, Item, Party, PartyRole, TradeFlow, Transport
from tidewaiter.demo.catalogue import SECTORS
from tidewaiter.demo.country import HOME, OFFICES, PARTNERS, REGIMES, Country
from tidewaiter.demo.shipments import Batch, kind_bit
from tidewaiter.demo.traders import FLOWS, TERMS, Relations

__all__ = ["Clerk", "declaration_id", "declaration_number"]

#: National currency per unit.
_EXCHANGE: Final = {"USD": 8.0, "EUR": 9.0, "CNY": 1.1, "GBP": 10.0, "JPY": 0.055}
#: Transport document by mode: bill of lading, rail, road and air waybill, postal receipt (UNTDID 1001).
_TRANSPORT_DOCUMENT: Final = {"1": "705", "2": "720", "3": "730", "4": "740", "5": "750"}
#: Type and procedure of the declaration by direction.
_FORMS: Final = {"import": ("IMA", "4000"), "export": ("EXA", "1000"), "transit": ("TRA", "8000")}
#: Proof of origin of the agreements: movement certificate EUR.1, certificate of origin.
_PROOF: Final = {"P1": "954", "P2": "861"}
_CARRIERS: Final = (
    "ALBATROSS", "BOREAS", "CORMORANT", "DELTA", "EIDER", "FULMAR", "GANNET", "HERON", "IBIS", "JAY", "KITE",
    "LARK",
)  # fmt: skip
_TRADES: Final = ("TRADING", "LOGISTICS", "IMPEX", "SUPPLY")
_PIECES: Final = frozenset(SECTORS.index(name) for name in ("textile", "shoes", "electric", "vehicle"))
_WAYS: Final = ("{}", "{}, IN CARTONS", "{} FOR RESALE", "{}, MIXED SIZES", "NEW {}", "{} AS PER INVOICE")
#: A full container carries so much, kg.
_CONTAINER_KG: Final = 22_000
_PARTIES_KEPT: Final = 40_000
#: A prime without common factor with the size of the numbers: scatters them one to one.
_SCATTER: Final = 7_919
_NUMBERS: Final = 10_000_000


def declaration_id(year: int, office: str, number: int) -> Identifier:
    """Return the registration number of a declaration: year, office, running number."""
    return Identifier(f"{year % 100:02d}{office}{number:08d}")


def declaration_number(text: str) -> int:
    """Return the running number in a declaration id; ValueError when it has none."""
    return int(text[6:])


def _cents(value: int) -> Decimal:
    """Return hundredths as an exact decimal."""
    return Decimal(value).scaleb(-2) if value % 100 else Decimal(value // 100)


def _grams(value: int) -> Decimal:
    """Return grams as exact kg; masses are multiples of 100 g."""
    return Decimal(value // 100).scaleb(-1) if value % 1000 else Decimal(value // 1000)


class Clerk:
    """Writes declarations for one world."""

    def __init__(self, country: Country, relations: Relations) -> None:
        self._country = country
        self._relations = relations
        self._codes = [HsCode(line.code) for line in country.tariff]
        self._words = [tuple(way.format(line.words) for way in _WAYS) for line in country.tariff]
        self._rates = {int(r): Decimal(int(r)).scaleb(-1) for r in range(401)}
        self._partner = [CountryCode(partner.code) for partner in PARTNERS]
        self._containers = [_container(number) for number in range(5_000)]
        self._parties: dict[tuple[PartyRole, int, CountryCode], Party] = {}

    def write(self, batch: Batch, first_number: int, day: date, midnight: datetime) -> Iterator[Declaration]:
        """Yield the declarations of *batch*, numbered from *first_number*, lodged after *midnight*."""
        relations = self._relations
        columns = [
            column.tolist()
            for column in (
                batch.relation, batch.second, batch.office, batch.declarant, batch.importer,
                relations.flow[batch.relation], relations.seller[batch.relation],
                relations.departure[batch.relation], relations.terms[batch.relation],
                relations.carrier[batch.relation], relations.aeo[batch.relation], batch.first[:-1],
            )
        ]  # fmt: skip
        packages = np.add.reduceat(batch.packages, batch.first[:-1]).tolist()
        gross = np.add.reduceat(batch.gross_g, batch.first[:-1]).tolist()
        total = np.add.reduceat(batch.value_cents, batch.first[:-1]).tolist()
        items = self._items(batch)
        lengths = np.diff(batch.first).tolist()
        for offset, row in enumerate(zip(*columns, strict=True)):
            relation, second, office, declarant, importer, flow, seller, departure, *rest = row
            terms, carrier, aeo, at = rest
            number = first_number + offset
            direction = FLOWS[flow]
            place = OFFICES[office]
            partner = self._partner[departure]
            currency = PARTNERS[departure].currency
            # Terms without main carriage: the importer pays the freight, and it is in the customs value.
            freight = total[offset] * (4 + relation % 7) // 100 if terms in {1, 2, 3} else 0
            exchange = _EXCHANGE[currency]
            content = tuple(
                self._item(position, values, freight > 0, exchange, direction, number)
                for position, values in enumerate(islice(items, lengths[offset]), start=1)
            )
            yield Declaration(
                id=declaration_id(day.year, place.code, number),
                flow=TradeFlow(direction),
                office=Identifier(place.code),
                lodged_at=midnight + timedelta(seconds=second),
                type_code=Identifier(_FORMS[direction][0]),
                procedure_code=Identifier(_FORMS[direction][1]),
                transaction_nature_code=Identifier("11" if relation % 9 else "21"),
                goods_use_code=Identifier("10" if relation % 5 else "20"),
                payment_method_code=Identifier("A" if importer % 4 else "H"),
                departure_country=CountryCode(HOME) if direction == "export" else partner,
                destination_country=partner if direction == "export" else CountryCode(HOME),
                delivery_terms_code=Identifier(TERMS[terms]),
                invoice_currency=Currency(currency),
                invoice_amount=_cents(int((total[offset] - freight) / exchange)),
                freight_amount=_cents(freight) if freight else None,
                gross_mass_kg=_grams(gross[offset]),
                package_count=packages[offset],
                parties=self._people(direction, importer, declarant, seller, carrier, aeo, office, partner),
                transport=self._transport(
                    number, office, carrier, gross[offset], int(batch.origin[at]), departure, direction
                ),
                documents=self._papers(batch, at, seller, number, office, carrier, direction),
                items=content,
            )

    def _items(self, batch: Batch) -> Iterator[tuple[int, ...]]:
        """Yield the columns of the items, in order."""
        pieces = np.isin(self._country.sector[batch.goods], list(_PIECES))
        regime = np.where(batch.claim, self._country.agreement[batch.origin], 0)
        licensed = self._country.licensed[batch.goods]
        incomplete = batch.kinds & kind_bit(Irregularity.DOCUMENTS) > 0
        columns = (
            batch.goods, batch.origin, batch.mass_g, batch.gross_g, batch.value_cents, batch.rate, batch.duty,
            batch.packages, regime, batch.wording, pieces, licensed,
            incomplete,
        )  # fmt: skip
        return zip(*(column.tolist() for column in columns), strict=True)

    def _item(
        self, position: int, values: tuple[int, ...], freight: bool, exchange: float, direction: str,
        number: int,
    ) -> Item:  # fmt: skip
        """Return one item."""
        goods, origin, mass, gross, value, rate, duty, packages, regime, wording, pieces, *papers = values
        licensed, incomplete = papers
        imported = direction == "import"
        documents: tuple[Document, ...] = ()
        # What is missing is the licence, else the proof of origin, else the invoice.
        if regime and (licensed or not incomplete):
            proof = _PROOF[REGIMES[regime]]
            serial = Identifier(f"C{number * 17 % _NUMBERS:07d}")
            documents = (Document(type_code=Identifier(proof), id=serial),)
        if licensed and not incomplete and direction != "transit":
            serial = Identifier(f"L{number * 31 % _NUMBERS:07d}")
            documents += (Document(type_code=Identifier("911"), id=serial),)
        return Item(
            number=position,
            hs_code=self._codes[goods],
            description=None if wording < 0 else self._words[wording][(number + position) % len(_WAYS)],
            origin=CountryCode(HOME) if direction == "export" else self._partner[origin],
            origin_proof_code=Identifier("C" if regime else "N"),
            net_mass_kg=_grams(mass),
            gross_mass_kg=_grams(gross),
            supplementary_quantity=Decimal(packages * 12) if pieces else None,
            supplementary_unit=Identifier("NAR") if pieces else None,
            package_count=packages,
            package_code=Identifier("CT" if mass < packages * 200_000 else "PX"),
            customs_value=_cents(value),
            invoice_price=_cents(max(1, int(value * (0.94 if freight else 1.0) / exchange))),
            valuation_method_code=Identifier("1"),
            procedure_code=Identifier(_FORMS[direction][1]),
            duty_regime_code=Identifier(REGIMES[regime]) if imported else None,
            duty_rate_percent=self._rates[rate] if imported else None,
            duty_amount=_cents(duty) if imported else None,
            documents=documents,
        )

    def _papers(
        self, batch: Batch, first_item: int, seller: int, number: int, office: int, carrier: int,
        direction: str,
    ) -> tuple[Document, ...]:  # fmt: skip
        """Return the papers of the header: the invoice, unless it is missing, and the transport document."""
        transport = Document(
            type_code=Identifier(_TRANSPORT_DOCUMENT[OFFICES[office].mode_code]),
            id=_transport_number(office, carrier, number),
        )
        licensed = self._country.licensed[batch.goods[first_item]] and direction != "transit"
        item_papers = licensed or batch.claim[first_item]
        if batch.kinds[first_item] & kind_bit(Irregularity.DOCUMENTS) and not item_papers:
            return (transport,)
        invoice = Document(type_code=Identifier("380"), id=Identifier(f"INV{seller}-{number % 100_000}"))
        return (invoice, transport)

    def _transport(
        self, number: int, office: int, carrier: int, gross_g: int, origin: int, departure: int,
        direction: str,
    ) -> Transport:  # fmt: skip
        """Return how the goods came."""
        place = OFFICES[office]
        containers: tuple[Identifier, ...] = ()
        if place.mode_code in {"1", "2"}:
            full = min(20, gross_g // (_CONTAINER_KG * 1000) + 1)
            known = self._containers
            containers = tuple(known[(number * 13 + k) % len(known)] for k in range(full))
        arrival = Identifier(f"{place.code}{number // 25:07d}")
        # Half of the carriers give the route; it starts at the origin that is declared.
        direct = origin == departure or carrier % 2
        routing = () if direct else (self._partner[origin], self._partner[departure])
        return Transport(
            mode_code=Identifier(place.mode_code),
            means_id=Identifier(f"{_CARRIERS[carrier]} {number // 40 % 900:03d}"),
            means_nationality=self._partner[(carrier * 5) % len(self._partner)],
            document_id=_transport_number(office, carrier, number),
            arrival_reference=arrival if direction == "import" else None,
            container_ids=containers,
            loading_place=Identifier(f"{self._partner[departure]}{'ABCDEFGH'[carrier % 8] * 3}"),
            routing=routing,
        )

    def _people(
        self, direction: str, importer: int, declarant: int, seller: int, carrier: int, aeo: bool,
        office: int, partner: CountryCode,
    ) -> tuple[Party, ...]:  # fmt: skip
        """Return the parties; an export has an exporter at home and a consignee abroad."""
        home = CountryCode(HOME)
        broker = self._party(PartyRole.DECLARANT, declarant, "B", home, None)
        transporter = self._party(PartyRole.CARRIER, carrier, "K", partner, None)
        if direction == "export":
            buyer = self._party(PartyRole.CONSIGNEE, seller, "S", partner, None)
            return (buyer, self._party(PartyRole.EXPORTER, importer, "T", home, aeo), broker, transporter)
        role = PartyRole.IMPORTER if direction == "import" else PartyRole.CONSIGNEE
        people: tuple[Party, ...] = (
            self._party(role, importer, "T", home, aeo),
            self._party(PartyRole.SELLER, seller, "S", partner, None),
            self._party(PartyRole.EXPORTER, seller + (seller % 3 == 0) * 500_000, "S", partner, None),
            broker,
            transporter,
        )
        if office in {1, 4}:
            people += (self._party(PartyRole.COURIER, carrier % 5, "Q", home, None),)
        return people

    def _party(
        self, role: PartyRole, number: int, letter: str, country: CountryCode, aeo: bool | None
    ) -> Party:
        """Return a party; those met lately are kept, so that each is one object."""
        key = (role, number, country)
        party = self._parties.get(key)
        if party is None:
            if len(self._parties) >= _PARTIES_KEPT:
                self._parties.clear()
            scattered = number * _SCATTER % _NUMBERS
            party = Party(
                role=role,
                id=Identifier(f"{letter}{scattered:07d}"),
                name=f"{_CARRIERS[scattered % 12]} {_TRADES[scattered % 4]} {scattered % 9973}",
                country=country,
                aeo=aeo,
            )
            self._parties[key] = party
        return party


def _transport_number(office: int, carrier: int, number: int) -> Identifier:
    """Return the number of the transport document, in the manner of its mode."""
    mode = OFFICES[office].mode_code
    scattered = number * _SCATTER % 100_000_000
    if mode == "4":
        return Identifier(f"{100 + carrier * 7:03d}-{scattered:08d}")
    return Identifier(f"{_CARRIERS[carrier][:4]}{mode}{scattered:08d}")


def _container(number: int) -> Identifier:
    """Return a container number with its check digit (ISO 6346)."""
    text = f"TWDU{100_000 + number * 137:06d}"
    letters = [value for value in range(10, 39) if value % 11]
    values = [int(c) if c.isdigit() else letters[ord(c) - ord("A")] for c in text]
    check = sum(value << place for place, value in enumerate(values)) % 11 % 10
    return Identifier(f"{text}{check}")
