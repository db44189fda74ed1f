"""Print the OpenAPI description of the product, made from the application without a server."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any, cast

from tidewaiter.api.app import create_app
from tidewaiter.bootstrap import message_schemas


def described() -> str:
    """Return the description as it is kept in ``web/openapi.json``."""
    # A description is of routes and models; no use case is called for it.
    app = create_app(cast("Any", SimpleNamespace(measure=None)), message_schemas)
    document = app.openapi()
    document["info"]["version"] = "1"  # a release alone must not make the client stale
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(described())
