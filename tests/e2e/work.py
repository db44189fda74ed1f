"""Declarations at the served administration that an office has to examine."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from tests.e2e.conftest import Desk
from tests.fakes import trade
from tests.fakes.site import declared, starter_bodies
from tidewaiter.core.codes import Country, Identifier
from tidewaiter.core.declaration import Party, PartyRole, Transport

__all__ = ["CANARIES", "TOLD", "declare", "with_work"]

#: What the rules hold and no inspector may see.
CANARIES: Final = ("canary_profile", "Canary title", "Canary unit", "0.9173", "4711.25")
TOLD: Final = "The price is unusual for these goods."
_GOODS: Final = (
    ("8471", "Laptops"), ("2523", "Cement in bags"), ("3004", "Antibiotics"), ("6109", "Cotton shirts"),
    ("8517", "Phones"),
)  # fmt: skip
_TRADERS: Final = ("Baobab Group", "Rio Largo Lda", "شركة النور للتجارة", "Atelier Dupont", "Sahel Import")


def with_work(desk: Desk, count: int = 6) -> list[str]:
    """Let every import be examined, and declare some; return the ids of the decisions."""
    bodies = starter_bodies()
    profiles = bodies["rules"]["profiles"]
    base = next(each for each in profiles if each["code"] == "zero_price")
    canary = base | {
        "code": "canary_profile", "title": "Canary title", "owner": "Canary unit", "share": "1",
        "lane": "examination", "officer_text": TOLD, "flows": ["import"], "level": "national",
        "checks": ["compare_invoice_with_payment", "count_packages", "check_marks_of_origin"],
        "when": {"any_of": [
            {"feature": "customs_value", ">": "4711.25"}, {"feature": "unit_value_ratio", "<": "0.9173"},
        ]},
    }  # fmt: skip
    bodies["rules"]["profiles"] = [*profiles, canary]
    desk.site.services.administration.publish(bodies, by="tests")
    return [declare(desk, number) for number in range(1, count + 1)]


def declare(desk: Desk, number: int, **changes: Any) -> str:
    """Send one declaration; return the id of its decision."""
    heading, words = _GOODS[number % 5]
    goods = trade.item(
        1, heading=heading, number=number, description=words, supplementary_quantity=Decimal(214)
    )
    importer = Party(role=PartyRole.IMPORTER, id=Identifier(f"TIN{number}"), name=_TRADERS[number % 5])
    values: dict[str, Any] = {
        "items": (goods, trade.item(2, number=number + 1, description="Accessories"))[: 1 + number % 2],
        "parties": (importer, Party(role=PartyRole.DECLARANT, id=Identifier("BROKER7"), name="Quay Brokers")),
        "departure_country": Country("AE"),
        "transport": Transport(
            mode_code=Identifier("1"), document_id=Identifier(f"BL{number}"), goods_location="Bay 12",
            container_ids=(Identifier("MSKU4829137"),),
        ),
    }  # fmt: skip
    message = declared(trade.declaration(number, **(values | changes)), at=desk.site.clock.now())
    (reply,) = desk.site.services.assess([message])
    desk.site.clock.advance(minutes=7)
    return str(json.loads(reply.bytes_or_raise())["decision_id"])
