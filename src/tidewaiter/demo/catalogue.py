"""The tariff of the demo country: about 400 subheadings with duty rates and price levels.

A line is one heading: subheadings, duty rates in percent (one for all, or one each), price in
national currency per kg, spread of the price (standard deviation of its logarithm), kg per
package, sector, ``L`` when an import licence is needed, and the words of a trader.  Headings and
subheadings are those of the Harmonized System; rates and prices are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["SECTORS", "Subheading", "subheadings"]

#: Sectors, in the order of their numbers.
SECTORS: Final = (
    "food", "drink", "raw", "chemical", "pharma", "plastic", "textile", "shoes", "metal", "machine",
    "electric", "vehicle", "household",
)  # fmt: skip

_LINES: Final = """
0102|21 29|5|22|.3|420|food|L|live bovine animals
0201|10 20 30|30 30 35|48|.25|20|food|L|fresh beef
0203|11 21 29|25|30|.25|20|food|L|pork
0207|12 14 27|40 35 35|19|.25|15|food|L|frozen poultry cuts
0302|14 41 89|12|55|.35|15|food|L|fresh fish
0303|14 54 89|10 10 15|28|.3|20|food||frozen fish
0306|16 17|15 20|75|.3|12|food||frozen shrimps
0402|10 21 91|20 25 15|35|.2|25|food||milk powder
0406|10 20 90|30 30 20|60|.3|8|food||cheese
0407|21 29|20|18|.2|15|food|L|eggs
0602|10 20 90|5|40|.5|6|food|L|live plants
0603|11 12 19|15|65|.4|5|food||cut flowers
0701|10 90|10 20|5|.3|25|food||potatoes
0703|10 20|15 20|8|.3|20|food||onions and garlic
0709|60 93 99|18|16|.35|8|food||vegetables
0713|20 33 40|5 10 5|10|.2|50|food||dried beans and lentils
0803|10 90|15|8|.2|18|food||bananas
0805|10 21 50|20 20 15|9|.25|15|food||citrus fruit
0806|10 20|15 10|20|.25|10|food||grapes
0808|10 30|25|12|.25|18|food||apples and pears
0901|11 21 22|5 20 20|45|.3|30|food||coffee
0902|10 20 30|10 10 20|50|.4|10|food||tea
1001|19 99|0|2.6|.15|1000|raw||wheat
1006|20 30 40|20 25 15|7|.2|50|food||rice
1101|00|20|4|.15|50|raw||wheat flour
1201|90|0|4.5|.15|1000|raw||soya beans
1507|10 90|5 15|11|.2|900|food||soya-bean oil
1511|10 90|0 10|9|.2|900|food||palm oil
1512|11 19|5 15|12|.2|900|food||sunflower oil
1604|14 20|20 25|42|.25|12|food||prepared fish
1701|14 99|35 40|5.5|.2|50|food||sugar
1806|20 31 32|20 25 25|52|.3|8|food||chocolate
1901|10 90|10 20|44|.3|10|food||food preparations
1905|31 90|20 25|34|.3|7|food||biscuits
2005|20 70 99|20|26|.3|12|food||preserved vegetables
2009|12 71 89|20|14|.25|200|food||fruit juice
2103|20 90|20 15|30|.3|11|food||sauces
2106|10 90|10 15|70|.5|10|food||food supplements
2202|10 99|30|7|.2|12|drink||soft drinks
2203|00|35|12|.2|12|drink||beer
2204|10 21 29|40 40 30|45|.5|9|drink||wine
2208|30 40 60|40|95|.4|10|drink||spirits
2309|10 90|10 5|13|.3|25|food||animal feed
2402|20 90|40|150|.25|12|drink|L|cigarettes
2523|10 29|5 10|.8|.15|1000|raw||cement
2710|12 19|5 8|7|.15|1000|raw|L|petroleum oils
2836|20 30|2 5|4|.2|500|chemical||carbonates
2902|20 44|0 5|10|.2|900|chemical|L|aromatic hydrocarbons
2915|21 31|5|11|.2|200|chemical||acids and esters
2933|39 99|5 5|180|.6|25|chemical|L|heterocyclic compounds
3002|12 15|0|9000|.7|4|pharma|L|immunological products
3003|20 90|5|900|.6|8|pharma|L|medicaments in bulk
3004|10 20 49 90|5 5 10 10|1300|.7|6|pharma|L|medicaments
3102|10 30|0|3.5|.15|1000|chemical||nitrogen fertilisers
3208|10 20|10 15|38|.25|20|chemical||paints
3303|00|30|240|.5|6|chemical||perfumes
3304|10 30 99|25|210|.5|6|chemical||cosmetics
3305|10 90|20|70|.35|8|chemical||hair preparations
3401|11 30|20 15|30|.3|12|chemical||soap
3402|31 50|10 20|22|.25|20|chemical||detergents
3506|10 91|15 10|55|.35|16|chemical||glues
3808|91 92 93|5 5 8|90|.4|20|chemical|L|pesticides
3901|10 20|0 5|13|.12|25|plastic||polyethylene
3902|10 30|0 5|13|.12|25|plastic||polypropylene
3907|61 40|5 5|16|.15|25|plastic||polyesters
3917|21 32|15 10|32|.25|30|plastic||plastic tubes
3919|10 90|15 10|55|.3|20|plastic||adhesive tape
3920|10 20 62|10|26|.2|40|plastic||plastic sheets
3923|10 21 30|20 25 15|30|.25|15|plastic||plastic packing
3924|10 90|30 25|42|.35|10|plastic||plastic tableware
3926|20 90|20 15|60|.5|9|plastic||articles of plastic
4011|10 20 40|20 15 25|38|.2|9|vehicle||new tyres
4012|11 20|35 40|17|.3|9|vehicle||used tyres
4016|93 99|10|95|.5|12|plastic||rubber articles
4202|12 21 22 92|35 40 35 30|95|.6|8|shoes||bags and cases
4407|11 29|5 10|7|.25|900|raw||sawn wood
4412|33 39|15|11|.2|900|raw||plywood
4418|21 75|25 20|24|.25|40|household||joinery
4707|10 20|0|2|.2|1000|raw||waste paper
4802|56 57|10|11|.15|25|plastic||writing paper
4818|10 20 30|25 20 20|19|.2|10|household||tissue paper
4819|10 20|20|17|.2|15|plastic||cartons
5201|00|0|19|.12|220|raw||cotton
5205|12 23|5|34|.2|60|textile||cotton yarn
5208|12 32 52|15 20 25|70|.3|30|textile||cotton fabrics
5402|33 47|0 5|21|.2|60|textile||synthetic yarn
5407|52 61|15 20|58|.35|30|textile||synthetic fabrics
5509|21 53|10|32|.2|50|textile||spun yarn
5603|12 92|10|36|.25|30|textile||nonwovens
5702|42 92|30|48|.4|35|textile||carpets
6004|10|12|80|.3|30|textile||knitted fabrics
6103|42 43|35|150|.45|12|textile||men's knitted suits
6104|43 62 63|35|165|.45|12|textile||women's knitted wear
6109|10 90|40|130|.45|14|textile||t-shirts
6110|20 30 90|35|150|.45|13|textile||pullovers
6115|95 96|25|100|.4|12|textile||socks
6201|20 40|40|170|.45|14|textile||men's coats
6203|42 43|40|145|.4|14|textile||men's trousers
6204|62 63 44|40|160|.5|13|textile||women's trousers and dresses
6205|20 30|35|165|.45|12|textile||men's shirts
6211|32 43|35|140|.45|13|textile||track suits
6302|21 60 91|25|75|.35|18|textile||bed and table linen
6305|33|5|26|.2|50|textile||sacks
6309|00|20|12|.3|45|textile||worn clothing
6402|19 91 99|35|85|.4|11|shoes||plastic footwear
6403|51 91 99|35|190|.4|12|shoes||leather footwear
6404|11 19|35|130|.4|11|shoes||textile footwear
6406|10 20 90|5|40|.3|15|shoes||parts of footwear
6802|23 93|15|7|.3|900|household||worked stone
6907|21 22 23|20 25 25|6|.2|28|household||ceramic tiles
6911|10|30|30|.4|14|household||porcelain tableware
7005|10 29|15 10|6|.15|900|household||float glass
7010|90|15|8|.2|600|household||glass bottles
7013|37 49|30|28|.35|13|household||glassware
7113|11 19|15 20|9000|.7|2|household||jewellery
7204|49|0|3.6|.15|1000|raw||iron scrap
7208|39 51|0 5|7|.1|1000|metal||hot rolled steel
7210|49 70|10 15|9.5|.12|1000|metal||coated steel
7214|20 99|10 15|6.5|.12|1000|metal||steel bars
7304|19 31|10|16|.25|900|metal||seamless tubes
7306|30 61|15 20|11|.2|900|metal||welded tubes
7308|30 90|15 10|28|.35|300|metal||steel structures
7318|15 16|15|32|.3|25|metal||screws and bolts
7321|11 90|30 10|50|.3|18|household||cookers
7323|93 99|30 25|60|.4|12|household||kitchen articles
7326|20 90|15|48|.5|20|metal||articles of steel
7604|21 29|15|40|.15|400|metal||aluminium profiles
7606|11 12|5 10|36|.12|600|metal||aluminium plates
7615|10 20|30 20|70|.4|10|household||aluminium kitchenware
8205|40 59|20 15|75|.4|14|metal||hand tools
8301|10 40|25 20|95|.4|14|metal||locks
8302|10 42|15 20|65|.35|18|metal||fittings
8407|21 34|5|190|.4|120|machine||engines
8409|91 99|10 5|170|.6|15|machine||engine parts
8413|30 70 91|10 5 5|160|.5|25|machine||pumps
8414|30 51 80|5 30 10|85|.4|18|machine||compressors and fans
8415|10 81 90|30 25 5|82|.25|35|machine||air conditioners
8418|10 21 99|30 30 5|62|.2|60|household||refrigerators
8421|21 23|10 15|120|.5|15|machine||filters
8429|51 52|5|75|.25|9000|machine||loaders and excavators
8431|43 49|0 5|80|.45|60|machine||parts of machinery
8443|31 32 99|5 0 10|150|.4|14|electric||printers
8450|11 20 90|30 15 5|58|.2|65|household||washing machines
8467|21 22|15|130|.35|9|machine||electric tools
8471|30 41 70|0 0 5|620|.5|6|electric||computers
8473|30|0|480|.6|6|electric||computer parts
8481|20 80|10|150|.5|14|machine||taps and valves
8482|10 20|5 8|140|.4|15|machine||bearings
8501|31 52|5 8|130|.4|22|machine||electric motors
8504|33 40|10 5|170|.5|14|electric||transformers and chargers
8506|10|20|90|.35|10|electric||batteries
8507|10 60|25 10|85|.35|20|electric||accumulators
8509|40 80|30 25|95|.3|10|household||kitchen machines
8512|20 30|15|170|.4|10|vehicle||vehicle lights
8516|10 50 60|25 30 30|72|.3|14|household||electric heaters and ovens
8517|13 62 79|15 0 0|1900|.5|4|electric||telephones and parts
8518|21 30|20 25|170|.5|8|electric||loudspeakers and headphones
8523|51 52|10 5|900|.6|4|electric||storage media
8528|52 72 73|10 30 25|130|.3|12|electric||television sets and monitors
8529|10 90|10 5|180|.6|9|electric||parts of receivers
8536|50 69|15 10|230|.5|9|electric||switches and plugs
8537|10 20|10 5|260|.5|30|electric||control panels
8541|43 49|0 5|140|.4|20|electric||solar cells
8544|30 42 49|15 20 15|90|.3|25|electric||cables
8703|22 23 33 60|30 40 40 10|95|.3|1400|vehicle||motor cars
8704|21 22|20 15|75|.25|3000|vehicle||lorries
8708|29 30 99|15 20 10|85|.5|14|vehicle||vehicle parts
8711|20 60|30 10|80|.3|110|vehicle||motorcycles
8712|00|25|75|.4|18|vehicle||bicycles
9018|31 90|0|800|.7|5|pharma|L|medical instruments
9021|10 39|0|1900|.7|3|pharma||orthopaedic appliances
9032|10 89|5|600|.6|6|electric||regulators
9102|11 21|20 25|2600|.8|3|household||watches
9303|20 90|30|420|.4|8|household|L|sporting firearms
9401|30 61 71|25 30 25|48|.35|22|household||seats
9403|50 60 90|30 30 10|36|.35|35|household||furniture
9405|11 42|25 20|110|.4|8|household||lamps
9503|00|20|85|.5|8|household||toys
9504|50|15|520|.4|5|electric||video games
9506|62 91|20 15|70|.4|12|household||sports goods
9603|21 29|25|55|.4|9|household||brushes
9619|00|20|40|.2|10|household||sanitary articles
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subheading:
    """One line of the tariff."""

    #: Eight digits: the subheading of the Harmonized System and a national ``00``.
    code: str
    #: Duty rate without preference, percent, 0 to 40.
    rate_percent: float
    #: Usual price, national currency per kg.
    price_per_kg: float
    #: Standard deviation of the logarithm of the price within one origin.
    price_spread: float
    #: Usual net mass of a package, kg.
    package_kg: float
    #: Position in :data:`SECTORS`.
    sector: int
    #: An import licence is needed.
    licensed: bool
    words: str


def subheadings() -> tuple[Subheading, ...]:
    """Return the tariff in the order of its codes.

    >>> subheadings()[0].code, len({line.code for line in subheadings()}) == len(subheadings())
    ('01022100', True)
    """
    lines = [line for text in _LINES.strip().splitlines() for line in _heading(text)]
    return tuple(sorted(lines, key=lambda line: line.code))


def _heading(text: str) -> tuple[Subheading, ...]:
    """Return the subheadings of one line of the table."""
    heading, ends, rates, price, spread, package, sector, licence, words = text.split("|")
    codes = ends.split()
    each = rates.split() if " " in rates else [rates] * len(codes)
    return tuple(
        Subheading(
            code=f"{heading}{end}00",
            rate_percent=float(rate),
            # Subheadings of one heading differ in price: finished goods cost more than their parts.
            price_per_kg=float(price) * (1 + 0.12 * position),
            price_spread=float(spread),
            package_kg=float(package),
            sector=SECTORS.index(sector),
            licensed=licence == "L",
            words=words.upper() if len(codes) == 1 else f"{words.upper()}, TYPE {end}",
        )
        for position, (end, rate) in enumerate(zip(codes, each, strict=True))
    )
