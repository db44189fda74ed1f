"""A watched folder: every file is assessed once, answered or put aside with its reason, and none is lost."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import trade
from tests.fakes.site import SOURCE, Site
from tests.fakes.xml_messages import AMENDMENT, SAD, WCO
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.inbox import BYTES_MAX, WatchedFolder
from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.take_in import TakeIn


def taking(site: Site, folder: Path, *, settled: float = 0.0) -> TakeIn:
    services = site.services
    return TakeIn(
        inbox=WatchedFolder(folder, settled_seconds=settled),
        assess=services.assess,
        read=services.read,
        messages=services.messages,
        source=SOURCE,
    )


def lay(folder: Path, name: str, body: bytes) -> Path:
    (folder / "in").mkdir(parents=True, exist_ok=True)
    path = folder / "in" / name
    path.write_bytes(body)
    return path


def lying(folder: Path, name: str) -> list[str]:
    return sorted(path.name for path in (folder / name).iterdir())


def test_each_format_is_assessed_and_answered(tmp_path: Path) -> None:
    site = Site()
    lay(tmp_path, "1.json", write_declaration(trade.declaration(1)))
    lay(tmp_path, "2.xml", WCO.encode())
    lay(tmp_path, "3.xml", SAD.encode())
    work = taking(site, tmp_path)
    assert work.step() is True
    assert lying(tmp_path, "done") == ["1.json", "2.xml", "3.xml"]
    assert lying(tmp_path, "answers") == ["1.json.json", "2.xml.json", "3.xml.json"]
    answers = [json.loads((tmp_path / "answers" / name).read_bytes()) for name in lying(tmp_path, "answers")]
    assert {answer["decision_id"] for answer in answers} == set(site.decisions())
    assert work.step() is False


def test_an_amendment_follows_its_declaration_and_counts_once(tmp_path: Path) -> None:
    site = Site()
    work = taking(site, tmp_path)
    for name, text in (("1.xml", WCO), ("2.xml", AMENDMENT), ("3.xml", AMENDMENT)):
        lay(tmp_path, name, text.encode())
        work.step()
    told = [json.loads((tmp_path / "answers" / name).read_bytes()) for name in lying(tmp_path, "answers")]
    assert [answer["declaration_version"] for answer in told] == [1, 2, 2]
    assert len(site.decisions()) == 2


def test_what_cannot_be_read_lies_aside_with_its_reason(tmp_path: Path) -> None:
    site = Site()
    lay(tmp_path, "bad.json", b'{"id": "D1", "flow": "import"}')
    lay(tmp_path, "bad.xml", b"<Declaration><ID>")
    lay(tmp_path, "empty", b"")
    lay(tmp_path, "good.json", write_declaration(trade.declaration(1)))
    lay(tmp_path, "large.json", b" " * (BYTES_MAX + 1))
    (tmp_path / "in" / "folder").mkdir()
    (tmp_path / "in" / "link.json").symlink_to("/etc/hostname")
    taking(site, tmp_path).step()
    bad = ["bad.json", "bad.xml", "empty", "folder", "large.json", "link.json"]
    assert lying(tmp_path, "quarantine") == sorted([*bad, *(f"{name}.reason.txt" for name in bad)])
    reason = (tmp_path / "quarantine" / "bad.json.reason.txt").read_text()
    assert "/items" in reason
    assert lying(tmp_path, "done") == ["good.json"]
    assert len(site.decisions()) == 1


def test_a_contradiction_is_put_aside_and_the_first_answer_stands(tmp_path: Path) -> None:
    site = Site()
    work = taking(site, tmp_path)
    for text in ("first", "second"):
        lay(tmp_path, "1.json", write_declaration(trade.declaration(1, office=text.upper())))
        work.step()
    assert lying(tmp_path, "quarantine") == ["1.json", "1.json.reason.txt"]
    assert "first answer stands" in (tmp_path / "quarantine" / "1.json.reason.txt").read_text()
    assert len(site.decisions()) == 1


def test_the_same_name_again_overwrites_nothing(tmp_path: Path) -> None:
    work = taking(Site(), tmp_path)
    for number in (1, 2, 1):
        lay(tmp_path, "message.json", write_declaration(trade.declaration(number)))
        work.step()
    assert lying(tmp_path, "done") == ["message.json", "message~2.json", "message~3.json"]
    first, second, third = ((tmp_path / "answers" / n).read_bytes() for n in lying(tmp_path, "answers"))
    assert first == third
    assert first != second


@pytest.mark.parametrize("method", ["answer", "put_aside"])
def test_a_process_that_ended_in_between_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    site = Site()
    lay(tmp_path, "bad.json", b"{}")
    lay(tmp_path, "good.json", write_declaration(trade.declaration(1)))
    with monkeypatch.context() as crash:
        crash.setattr(WatchedFolder, method, ended)
        with pytest.raises(KeyboardInterrupt):
            taking(site, tmp_path).step()
    assert "good.json" in lying(tmp_path, "claimed")
    taking(site.restarted(), tmp_path).step()
    assert lying(tmp_path, "claimed") == []
    assert lying(tmp_path, "done") == ["good.json"]
    assert lying(tmp_path, "quarantine") == ["bad.json", "bad.json.reason.txt"]
    assert len(site.decisions()) == 1


def ended(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_store_that_fails_leaves_the_message_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site()
    lay(tmp_path, "1.json", write_declaration(trade.declaration(1)))
    with monkeypatch.context() as failing:
        failing.setattr(type(site.store), "write", busy)
        with pytest.raises(Unavailable, match="busy"):
            taking(site, tmp_path).step()
    assert lying(tmp_path, "claimed") == ["1.json"]
    taking(site, tmp_path).step()
    assert lying(tmp_path, "done") == ["1.json"]


def busy(*_: object) -> None:
    raise Unavailable("The store is busy.")


def test_a_file_that_is_still_written_is_left_alone(tmp_path: Path) -> None:
    body = write_declaration(trade.declaration(1))
    lay(tmp_path, "1.json.part", body)
    lay(tmp_path, ".2.json", body)
    growing = lay(tmp_path, "3.json", body[:20])
    work = taking(Site(), tmp_path, settled=0.2)
    assert work.step() is False
    growing.write_bytes(body)
    assert work.step() is False
    wait_until(work.step)
    assert lying(tmp_path, "done") == ["3.json"]
    assert lying(tmp_path, "in") == [".2.json", "1.json.part"]


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if holds():
            return
        os.sched_yield()
    raise AssertionError("it never held")


def test_one_process_takes_at_a_time(tmp_path: Path) -> None:
    work = taking(Site(), tmp_path)
    work.step()
    with (tmp_path / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="Another process"):
            work.step()


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be used"):
        taking(Site(), tmp_path / "file").step()


def test_more_than_a_step_takes_is_left_for_the_next(tmp_path: Path) -> None:
    site = Site()
    for number in range(130):
        lay(tmp_path, f"{number:03}.json", write_declaration(trade.declaration(number)))
    work = taking(site, tmp_path)
    assert [work.step() for _ in range(3)] == [True, True, False]
    assert len(lying(tmp_path, "done")) == len(site.decisions()) == 130
