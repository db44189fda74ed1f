"""Tidewaiter: risk management for customs administrations.

Each declaration is answered with a lane, the instructions for the officer and the reasons; each
control result makes the next answer better.  The folders are the architecture: ``core`` is pure
and made of nouns, ``flow`` is made of verbs, ``adapters`` speak with the world, ``api`` and
``cli`` are the ways in, ``bootstrap`` puts them together.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
