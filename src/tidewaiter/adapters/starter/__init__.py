"""Starter content: the folder of text files that an administration owns, read strictly.

`strict_yaml` reads one file; `load` reads the folder and finds all faults at once.
"""

from tidewaiter.adapters.starter.load import Starter, load_starter
from tidewaiter.adapters.starter.standin import load_standin
from tidewaiter.adapters.starter.strict_yaml import Sheet, read_yaml

__all__ = ["Sheet", "Starter", "load_standin", "load_starter", "read_yaml"]
