"""The demo country: tariff, trading partners, agreements, offices, seasons and hours, as arrays.

Everything here is fixed by the seed.  Money is in hundredths of the national currency, mass in
grams and duty rates in tenths of a percent, so that duty is exact integer arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tidewaiter.demo.catalogue import SECTORS, Subheading, subheadings

__all__ = [
    "HOME", "HOUR_WEIGHTS", "NIGHT_OFFICES", "OFFICES", "OTHER_OFFICE", "PARTNERS", "REGIMES",
    "WEEKDAY_WEIGHTS", "Country", "Floats", "Ints", "Office", "Partner", "build_country", "duty_cents",
]  # fmt: skip

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

#: The demo country: a code that ISO 3166-1 leaves to its users.
HOME: Final = "XT"
#: Duty regimes: without preference, and the two agreements.
REGIMES: Final = ("A", "P1", "P2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A customs office, with the mode of transport that it mostly sees (UN/ECE Recommendation 19)."""

    code: str
    mode_code: str
    #: UN/LOCODE-like name of the place.
    place: str
    #: Usual net mass of a consignment, kg.
    consignment_kg: float


OFFICES: Final = (
    Office(code="PORT", mode_code="1", place="XTPRT", consignment_kg=2600),
    Office(code="AIRP", mode_code="4", place="XTAIR", consignment_kg=70),
    Office(code="LAND", mode_code="3", place="XTLND", consignment_kg=900),
    Office(code="RAIL", mode_code="2", place="XTRAI", consignment_kg=6000),
    Office(code="POST", mode_code="5", place="XTPST", consignment_kg=5),
    Office(code="DRYP", mode_code="1", place="XTDRY", consignment_kg=2400),
)
#: Offices that take declarations at night.
NIGHT_OFFICES: Final = (1, 2, 3, 4)
#: The office to which a broker can move the same traffic, by position.
OTHER_OFFICE: Final = (5, 4, 3, 2, 1, 0)

#: Declarations by hour of the day, and by weekday from Monday.
HOUR_WEIGHTS: Final = (1, 1, 1, 1, 1, 2, 4, 9, 16, 20, 21, 18, 12, 15, 19, 19, 17, 12, 7, 4, 3, 2, 2, 1)
WEEKDAY_WEIGHTS: Final = (1.2, 1.1, 1.1, 1.15, 1.25, 0.4, 0.2)
#: Import declarations by month: quiet after the new year, busy before the holidays.
_MONTH_WEIGHTS: Final = (0.85, 0.88, 1.02, 1.0, 1.0, 0.98, 0.95, 0.93, 1.05, 1.1, 1.15, 1.09)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A country that the demo country trades with."""

    code: str
    #: Share of trade, relative.
    weight: float
    #: Price level: 1 is the usual price.
    level: float
    #: Position in :data:`REGIMES` of the agreement; 0: none.
    agreement: int
    currency: str


_PARTNERS: Final = """
CN 24 .62 0 CNY|DE 8 1.35 1 EUR|US 6 1.25 0 USD|JP 4 1.30 0 JPY|KR 4 1.10 0 USD|IN 6 .68 0 USD
VN 4 .66 0 USD|TH 3 .78 0 USD|MY 2 .82 0 USD|ID 2 .72 0 USD|TW 2.5 .98 0 USD|HK .8 .90 0 USD|SG 1.5 1.05 0 USD
AE 2.5 .90 0 USD|TR 4 .85 1 EUR|IT 4.5 1.30 1 EUR|FR 4 1.32 1 EUR|ES 2.8 1.15 1 EUR|NL 2.5 1.20 1 EUR
BE 1.8 1.20 1 EUR|PL 1.8 1.00 1 EUR|GB 2.5 1.25 0 GBP|CH 1 1.50 0 EUR|ZA 5 .90 2 USD|NA 1.6 .85 2 USD
KE 2 .80 2 USD|EG 3 .75 2 USD|MA 2.4 .85 2 EUR|GH 1.2 .80 2 USD|BR 2.5 .85 0 USD|AR 1 .85 0 USD
MX 1.2 .90 0 USD|CL .8 .95 0 USD|AU 1.2 1.10 0 USD|PK 1.2 .65 0 USD|BD 1.5 .60 0 USD|LK .5 .70 0 USD
UA 1 .75 0 EUR|SA 1.3 .80 0 USD|RU .9 .75 0 EUR
"""


def _partner(text: str) -> Partner:
    code, weight, level, agreement, currency = text.split()
    return Partner(
        code=code, weight=float(weight), level=float(level), agreement=int(agreement), currency=currency
    )


PARTNERS: Final = tuple(_partner(text) for text in _PARTNERS.replace("\n", "|").split("|") if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """The tariff and the world market as arrays; goods are positions in ``tariff``."""

    tariff: tuple[Subheading, ...]
    #: Goods positions of a sector are ``sector_goods[sector_start[s]:sector_start[s + 1]]``.
    sector_goods: Ints
    sector_start: Ints
    sector: Ints
    #: Duty rate without preference, tenths of a percent.
    rate: Ints
    #: Usual price by goods and partner, national currency per kg.
    price: Floats
    spread: Floats
    package_g: Ints
    licensed: NDArray[np.bool_]
    #: A neighbour with a duty rate at least 5 points lower, or -1.
    lower: Ints
    #: Any other subheading of the same chapter, or -1.
    neighbour: Ints
    agreement: Ints
    #: Seasonal factor of demand by sector and month (0 to 11), mean 1.
    season: Floats

    def rate_of(self, goods: Ints, origin: Ints, claim: NDArray[np.bool_]) -> Ints:
        """Return the duty rate in tenths of a percent, with the preference of *origin* where claimed."""
        agreement = np.where(claim, self.agreement[origin], 0)
        full = self.rate[goods]
        return np.select([agreement == 1, agreement == 2], [np.zeros_like(full), full * 4 // 10], full)

    def partner(self, code: str) -> int:
        """Return the position of the partner *code*; ValueError when there is none."""
        return [partner.code for partner in PARTNERS].index(code)

    def month_weight(self, month: int) -> float:
        """Return the level of trade in *month* (1 to 12), mean 1."""
        return _MONTH_WEIGHTS[month - 1]


def duty_cents(value_cents: Ints, rate_tenths: Ints) -> Ints:
    """Return duty in hundredths, rounded half up, of a value at a rate in tenths of a percent."""
    return (value_cents * rate_tenths + 500) // 1000


def build_country(seed: int) -> Country:
    """Return the country of *seed*: the tariff is always the same, the world market differs."""
    generator = np.random.default_rng((seed, 1))
    tariff = subheadings()
    sector = np.array([line.sector for line in tariff])
    order = np.argsort(sector, kind="stable")
    level = np.array([partner.level for partner in PARTNERS])
    base = np.array([line.price_per_kg for line in tariff])
    # Bulk goods have a world market price; the level of a partner shows in finished goods.
    finished = np.clip(np.log10(base), 0.2, 2.2) / 2.2
    noise = generator.normal(0, 0.12, (len(tariff), len(PARTNERS)))
    rate = np.array([round(line.rate_percent * 10) for line in tariff])
    phase = np.arange(len(SECTORS))[:, None] * 5 % 12
    return Country(
        tariff=tariff,
        sector_goods=order,
        sector_start=np.searchsorted(sector[order], np.arange(len(SECTORS) + 1)),
        sector=sector,
        rate=rate,
        price=base[:, None] * np.exp(np.log(level)[None, :] * finished[:, None] + noise),
        spread=np.array([line.price_spread for line in tariff]),
        package_g=np.array([round(line.package_kg * 1000) for line in tariff]),
        licensed=np.array([line.licensed for line in tariff]),
        lower=_neighbours(tariff, rate, 50),
        neighbour=_neighbours(tariff, rate, None),
        agreement=np.array([partner.agreement for partner in PARTNERS]),
        season=1 + 0.2 * np.sin((np.arange(12)[None, :] - phase) * np.pi / 6),
    )


def _neighbours(tariff: tuple[Subheading, ...], rate: Ints, drop: int | None) -> Ints:
    """Return for each line its neighbour: the lowest rate of the heading, else of the chapter.

    With *drop*, the rate must be lower by at least that many tenths of a percent; without, any
    other line does.  -1 where there is none.
    """
    found = np.full(len(tariff), -1)
    for position, line in enumerate(tariff):
        for digits in (4, 2):
            near = [
                other
                for other, candidate in enumerate(tariff)
                if candidate.code[:digits] == line.code[:digits]
                and other != position
                and (drop is None or rate[other] <= rate[position] - drop)
            ]
            if near:
                found[position] = min(near, key=lambda other: (int(rate[other]), other))
                break
    return found
