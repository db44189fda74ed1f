"""XML that nobody is trusted with: one hardened parser, and a draft that accounts for every element.

:mod:`parse` turns bytes into a bounded tree and refuses document types, entities and oversize;
:mod:`draft` collects canonical data from the tree, remembers from which line each value came, and
knows at the end what was not taken; :mod:`envelope` fills what the message leaves open.  The message
formats that are written in XML stand on these.
"""

from tidewaiter.adapters.xml.draft import Draft, Element, Kind
from tidewaiter.adapters.xml.envelope import fill_from_envelope
from tidewaiter.adapters.xml.parse import Node, parse_xml

__all__ = ["Draft", "Element", "Kind", "Node", "fill_from_envelope", "parse_xml"]
