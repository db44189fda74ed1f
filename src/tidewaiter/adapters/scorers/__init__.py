"""Scorers: model families that learn from examples and are kept as data.

:mod:`folder` keeps models, one folder per version.  :mod:`stack` trains and loads the one family
there is: memory and general model (:mod:`general`: :mod:`linear` and :mod:`trees`), stacked
(:mod:`stacking`), calibrated (:mod:`fitting`), with heads for kinds and revenue (:mod:`heads`) and a
card (:mod:`card`).  Importing this package imports no learning library: they take seconds.
"""

from tidewaiter.adapters.scorers.folder import ModelStore

__all__ = ["ModelStore"]
