"""Features: everything that a rule, a model or a reason may know about a declaration.

:mod:`registry` says what a feature is, :mod:`family` how one is added, :mod:`context` what a feature
may look at.  Then one family a file: :mod:`declaration` (raw fields), :mod:`value`, :mod:`weight`,
:mod:`party`, :mod:`route`, :mod:`history`, :mod:`document`.  :data:`REGISTRY` holds them all, and
:func:`compute` gives the vector of a declaration as history knew the world at an instant.
"""

from tidewaiter.core.features.compute import REGISTRY, compute
from tidewaiter.core.features.registry import Feature, FeatureVector, Kind, Registry, Scope, Value

__all__ = ["REGISTRY", "Feature", "FeatureVector", "Kind", "Registry", "Scope", "Value", "compute"]
