"""The pages as they are served: hashed files for ever, a strict policy, below any path, or a plain word."""

from __future__ import annotations

import base64
import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.conftest import Service
from tidewaiter.api import pages

SCRIPT = "document.documentElement.lang = 'en';"
SOURCE = b"console.log('tide');" * 100


def built(folder: Path) -> Path:
    """Lay down what a build leaves."""
    (folder / "assets").mkdir()
    index = (
        f'<!doctype html><html><head><script>{SCRIPT}</script></head><script src="./assets/a-1.js"></script>'
    )
    (folder / "index.html").write_text(index, encoding="utf-8")
    (folder / "assets/a-1.js").write_bytes(SOURCE)
    (folder / "assets/a-1.js.gz").write_bytes(gzip.compress(SOURCE))
    (folder / "mark.svg").write_text("<svg/>", encoding="utf-8")
    return folder


def client_of(folder: Path, root_path: str = "") -> TestClient:
    app = FastAPI(openapi_url=None)
    pages.install(app, folder)
    return TestClient(app, root_path=root_path)


@pytest.fixture
def http(tmp_path: Path) -> TestClient:
    return client_of(built(tmp_path))


@pytest.mark.parametrize(
    "place", ["/", "/proposals", "/proposals/W000000000000000000000000", "/inspections", "/decisions/D0"]
)
def test_every_place_is_the_document_that_is_asked_for_anew(http: TestClient, place: str) -> None:
    told = http.get(place)
    assert (told.status_code, told.headers["Cache-Control"]) == (200, "no-cache")
    assert '<head><base href="/">' in told.text


def test_the_policy_admits_this_host_and_the_one_inline_script_by_its_hash(http: TestClient) -> None:
    policy = http.get("/").headers["Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "gzip"), ("br", None), ("identity", None), ("gzip;q=0", None), ("GZIP;q=0.5", "gzip")],
)
def test_a_hashed_file_is_kept_for_ever_and_packed_if_the_browser_takes_that(
    http: TestClient, accepted: str, encoding: str | None
) -> None:
    told = http.get("/assets/a-1.js", headers={"Accept-Encoding": accepted})
    assert told.content == SOURCE
    assert told.headers.get("Content-Encoding") == encoding
    assert told.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert told.headers["Vary"] == "Accept-Encoding"
    assert told.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.js",
        "/assets/a-1.js.gz",
        "/assets/..%2Findex.html",
        "/assets/%2e%2e/index.html",
        "/other",
    ],
)
def test_nothing_else_is_given_away(http: TestClient, path: str) -> None:
    assert http.get(path).status_code == 404


def test_below_another_path_every_address_begins_there(tmp_path: Path) -> None:
    http = client_of(built(tmp_path), root_path='/customs/"risk')
    assert '<base href="/customs/&quot;risk/">' in http.get("/").text


def test_without_a_build_the_front_page_says_so_and_the_interface_works(
    tmp_path: Path, service: Service
) -> None:
    told = client_of(tmp_path).get("/")
    assert told.status_code == 503
    assert "make web" in told.text
    assert client_of(tmp_path).get("/assets/a-1.js").status_code == 404
    assert service.http.get("/api/v1/health/live").status_code == 200


def test_an_unknown_operation_is_still_a_problem_and_no_page(service: Service) -> None:
    told: Any = service.http.get("/api/v1/nothing")
    assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
