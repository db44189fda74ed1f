"""Commands: what they say, how they end, and that nothing is lost on the way."""

from __future__ import annotations

import json
import os
import stat
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import HISTORY, TODAY, Run, read, rows, write
from tests.fakes import trade
from tests.fakes.authority import Authority
from tidewaiter import __version__
from tidewaiter.adapters.formats.json import write_control_result, write_declaration
from tidewaiter.adapters.scorers import ModelStore
from tidewaiter.adapters.sql import SqlStore, store_url
from tidewaiter.bootstrap import certificate_fingerprint
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.learning.labels import Example
from tidewaiter.flow.ports import ModelRecord
from tidewaiter.flow.present import MODEL

COMMANDS = [
    "import", "train", "assess", "record", "learn", "promote", "rollback", "models", "replay", "serve",
    "rules check", "rules print", "rules sentence", "profiles list", "profiles show",
    "profiles impact",
    "content export", "content import", "content table",
    "content selectivity",
    "demo", "publish", "key add", "key revoke", "key list", "subscriber add", "subscriber rotate",
    "subscriber stop", "subscriber retry", "subscriber list",
    "user add", "user list", "user role", "user reset", "user disable", "user link", "user unlink",
    "epoch commit", "epoch open", "epoch reveal", "epoch list", "audit draws", "audit predictability",
    "standin sign", "standin export", "ledger seal", "ledger rotate", "ledger export", "retention show",
    "retention set", "hold place", "hold release", "hold list", "erase", "verify", "read", "backup",
    "restore",
]  # fmt: skip


# -- help and wrong use


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_ends_with_an_example_that_is_understood(run: Run, command: str) -> None:
    told = run(*command.split(), "--help")
    assert told.code == 0
    example = next(line for line in told.out.splitlines() if "Example: " in line)
    words = example.partition("Example: tidewaiter ")[2].split()
    assert " ".join(words).startswith(command)
    known = told.out.replace("\n", " ")
    assert all(word in known for word in words if word.startswith("--"))


def test_every_command_has_its_test_of_help(run: Run) -> None:
    told = run("--help")
    listed = told.out.partition("Commands:")[2].split("\n\n")[0].splitlines()
    names = {line.split()[0] for line in listed if line.startswith("  ") and line[2:3].strip()}
    assert names == {command.split()[0] for command in COMMANDS}
    assert "Exit codes: 0 done; 2 wrong use; 3 done" in told.out


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").out.strip() == __version__


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",), ("assess",), ("assess", "missing.csv", "--out", "x.csv"), ("import", "x.csv"),
        ("learn", "--judging-days", "3"), ("learn", "--judging-days", "many"), ("serve", "--port", "0"),
        ("key", "add", "port", "--scope", "everything"), ("models", "--source", "x"),
        ("train", "--threads", "999"),
    ],
)  # fmt: skip
def test_wrong_use_ends_with_two_and_makes_nothing(run: Run, arguments: tuple[str, ...]) -> None:
    told = run(*arguments)
    assert told.code == 2
    assert "Usage:" in told.err
    assert not Path("tidewaiter-data").exists()


@pytest.mark.parametrize(("name", "value"), [("PORT", "many"), ("THREADS", "0"), ("SEED", "-1")])
def test_a_variable_that_is_not_valid_is_wrong_use(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"TIDEWAITER_{name}", value)
    told = run("models")
    assert told.code == 2
    assert name.lower() in told.err
    assert "Traceback" not in told.err


def test_a_source_without_a_name_is_wrong_use(run: Run, today: Path) -> None:
    assert run("assess", today, "--mapping", "kcs", "--out", "x.csv", "--source", "").code == 2


# -- import


def test_history_is_imported_once(run: Run, history: Path) -> None:
    first = run("import", history, "--mapping", "kcs", "--json")
    assert first.json == {
        "declarations": HISTORY, "results": HISTORY, "known": 0, "bad_rows": 0, "bad_rows_file": None,
    }  # fmt: skip
    again = run("import", history, "--mapping", "kcs", "--json")
    assert (again.code, again.json["declarations"], again.json["known"]) == (0, 0, HISTORY)
    assert stat.S_IMODE(Path("tidewaiter-data").stat().st_mode) == 0o700


def test_rows_that_cannot_be_read_are_set_aside_and_all_others_are_imported(run: Run, history: Path) -> None:
    table = history.read_text().splitlines()
    table[3] = table[3].replace("CN,CN", "CN,CHINA")
    table[7] = table[7].replace("2026-", "26-")
    history.write_text("\n".join(table))
    told = run("import", history, "--mapping", "kcs", "--json")
    assert told.code == 3
    assert (told.json["declarations"], told.json["bad_rows"]) == (HISTORY - 2, 2)
    beside = Path(told.json["bad_rows_file"])
    assert [(row["line"], row["column"]) for row in read(beside)] == [
        ("4", "Country of Origin"),
        ("8", "Date"),
    ]
    assert all(row["value"] and row["reason"] and row["row"] for row in read(beside))


def test_the_bad_rows_of_an_earlier_run_are_not_left_lying(run: Run, history: Path) -> None:
    good = history.read_text()
    history.write_text(good.replace("CN,CN", "CN,CHINA", 1))
    assert run("import", history, "--mapping", "kcs").code == 3
    assert Path("train.bad-rows.csv").exists()
    history.write_text(good)
    assert run("import", history, "--mapping", "kcs").code == 0
    assert not Path("train.bad-rows.csv").exists()


def test_a_mapping_that_is_not_there_is_told(run: Run, history: Path) -> None:
    told = run("import", history, "--mapping", "no-such-mapping")
    assert told.code == 4
    assert "no-such-mapping" in told.err


# -- train and models


def test_too_little_to_learn_from_is_told_for_people_and_machines(run: Run) -> None:
    people, machine = run("train"), run("train", "--json")
    assert people.code == machine.code == 4
    assert "200 are needed" in people.err
    assert machine.json["error"]["code"] == "unavailable"
    assert "200 are needed" in machine.json["error"]["message"]


def test_the_first_model_is_in_force_and_listed(run: Run, data: Path) -> None:
    told = run("models", "--data", data, "--json").json
    assert [model["state"] for model in told["models"]] == ["promoted"]
    assert told["in_force"] == told["models"][0]["version"]
    assert told["in_force"] in run("models", "--data", data).out
    assert "no model yet" in run("models").out


# -- assess


def test_every_row_of_a_file_is_accounted_for(run: Run, data: Path, today: Path) -> None:
    lines = today.read_text().splitlines()
    lines[5] = lines[5].replace("CN,CN", "CN,CHINA")
    today.write_text("\n".join([*lines, lines[9]]))
    told = run("assess", today, "--mapping", "kcs", "--out", "out.csv", "--data", data, "--json")
    out = read(Path("out.csv"))
    counts = Counter(row["status"] for row in out)
    assert told.code == 3
    assert counts == {"decided": TODAY - 1, "unreadable": 2}
    assert (told.json["decided"], told.json["unreadable"]) == (TODAY - 1, 2)
    assert sum(told.json["lanes"].values()) == TODAY - 1
    assert {row["declaration_id"] for row in out} == {str(10_001 + n) for n in range(TODAY) if n != 4} | {""}
    assert all("line 6" in row["fault"] or f"line {TODAY + 2}" in row["fault"] for row in out if row["fault"])
    for row in out:
        if row["status"] == "decided":
            assert 0 < float(row["inclusion_probability"]) <= 1
            assert 0 < float(row["probability"]) < 1
            assert row["model_version"]


def test_a_file_that_is_assessed_again_keeps_its_decisions(run: Run, data: Path, today: Path) -> None:
    first = run("assess", today, "--mapping", "kcs", "--out", "one.csv", "--data", data, "--json").json
    again = run("assess", today, "--mapping", "kcs", "--out", "two.csv", "--data", data, "--json").json
    assert (first["decided"], again["decided"], again["decided_before"]) == (TODAY, 0, TODAY)
    assert first["lanes"] == again["lanes"]
    one, two = read(Path("one.csv")), read(Path("two.csv"))
    assert [row.pop("status") for row in one] == ["decided"] * TODAY
    assert [row.pop("status") for row in two] == ["decided before"] * TODAY
    assert one == two


def test_a_declaration_that_contradicts_an_earlier_one_is_refused_and_counted(
    run: Run, data: Path, tmp_path: Path
) -> None:
    table = rows(1, 2, date(2026, 6, 1), seed=9) + rows(10_001, 1, date(2026, 6, 1), seed=9)
    path = write(tmp_path / "some.csv", table)
    told = run("assess", path, "--mapping", "kcs", "--out", "out.csv", "--data", data, "--json")
    assert (told.code, told.json["refused"], told.json["decided"]) == (3, 2, 1)
    assert [row["status"] for row in read(Path("out.csv"))] == ["refused", "refused", "decided"]
    assert "another content" in read(Path("out.csv"))[0]["fault"]


def test_json_lines_are_assessed_and_formulas_do_not_pass(run: Run, tmp_path: Path) -> None:
    lines = [write_declaration(trade.declaration(n)) for n in range(3)]
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"\n".join([*lines, b'{"id":"=1+1"}', b""]))
    told = run("assess", path, "--out", "out.csv", "--json")
    assert (told.code, told.json["decided"], told.json["unreadable"]) == (3, 3, 1)
    assert all(row["marks"].split()[0] == "DEGRADED_MODEL" for row in read(Path("out.csv"))[:3])
    assert not any(cell.startswith("=") for row in read(Path("some.bad-rows.csv")) for cell in row.values())


def test_equal_numbers_of_two_sources_are_two_declarations(run: Run, today: Path) -> None:
    by_rail = write(Path("by-rail.csv"), rows(10_001, TODAY, date(2026, 6, 1), seed=3))
    for file, source in ((today, "port"), (by_rail, "rail"), (today, "air")):
        asked = ("--mapping", "kcs", "--source", source, "--json")
        told = run("assess", file, "--out", f"{source}.csv", *asked)
        assert (told.code, told.json["decided"]) == (0, TODAY)
        assert run("record", file, *asked).json["recorded"] == TODAY
    decisions = {row["decision_id"] for name in ("port", "rail", "air") for row in read(Path(f"{name}.csv"))}
    assert len(decisions) == 3 * TODAY


def test_the_table_is_never_written_over(run: Run, today: Path) -> None:
    before = today.read_bytes()
    told = run("assess", today, "--mapping", "kcs", "--out", today)
    assert told.code == 4
    assert today.read_bytes() == before
    Path("link.csv").symlink_to(today)
    assert run("assess", today, "--mapping", "kcs", "--out", "link.csv").code == 4
    assert today.read_bytes() == before


def test_a_place_that_cannot_be_written_is_told(run: Run, today: Path) -> None:
    told = run("assess", today, "--mapping", "kcs", "--out", "no/such/folder/out.csv")
    assert told.code == 4
    assert "no/such/folder/out.csv" in told.err
    assert "Traceback" not in told.err
    machine = run("assess", today, "--mapping", "kcs", "--out", "no/such/folder/out.csv", "--json")
    assert machine.json["error"]["code"] == "unavailable"


def test_a_data_folder_that_is_a_file_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    told = run("models", "--data", tmp_path / "file")
    assert told.code == 4
    assert "file" in told.err


# -- record and replay


def test_results_are_recorded_once_and_the_next_decision_knows_of_them(
    run: Run, data: Path, today: Path
) -> None:
    run("assess", today, "--mapping", "kcs", "--out", "out.csv", "--data", data)
    first = run("record", today, "--mapping", "kcs", "--data", data, "--json")
    again = run("record", today, "--mapping", "kcs", "--data", data, "--json")
    assert first.json == {"recorded": TODAY, "recorded before": 0, "refused": 0, "unreadable": 0}
    assert again.json == {"recorded": 0, "recorded before": TODAY, "refused": 0, "unreadable": 0}
    with_counts = write(Path("later.csv"), rows(20_001, 5, date(2026, 12, 1), seed=3, labelled=False))
    assert run("assess", with_counts, "--mapping", "kcs", "--out", "later-out.csv", "--data", data).code == 0
    decision = read(Path("later-out.csv"))[0]["decision_id"]
    replayed = run("replay", decision, "--from-history", "--data", data, "--json")
    assert (replayed.code, replayed.json["same"], replayed.json["differences"]) == (0, True, [])


def test_results_as_lines_are_recorded_or_refused(run: Run, tmp_path: Path) -> None:
    declarations, results = tmp_path / "d.jsonl", tmp_path / "r.jsonl"
    declarations.write_bytes(write_declaration(trade.declaration(1)))
    run("assess", declarations, "--out", "out.csv")
    lines = [
        trade.result(1),
        trade.result(2),
        trade.result(3, declaration_id="D1", findings=(trade.irregular(8),)),
    ]
    results.write_bytes(b"\n".join([*map(write_control_result, lines), b"{"]))
    told = run("record", results, "--json")
    assert told.code == 3
    assert told.json == {"recorded": 2, "recorded before": 0, "refused": 1, "unreadable": 1}
    assert "/findings/0/item_number" in told.err


def test_a_decision_is_replayed_and_an_altered_one_is_shown(run: Run, data: Path, today: Path) -> None:
    run("assess", today, "--mapping", "kcs", "--out", "out.csv", "--data", data)
    decision = read(Path("out.csv"))[0]["decision_id"]
    told = run("replay", decision, "--data", data)
    assert told.code == 0
    assert "the same, element by element" in told.out
    store = SqlStore(store_url(data))
    with store._writer.begin() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()
        for (name,) in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(
            "UPDATE decision SET evidence = "
            "CAST(replace(CAST(evidence AS TEXT), '\"hours\":', '\"hour\":') AS BLOB)"
        )
    store.close()
    altered = run("replay", decision, "--data", data, "--json")
    assert (altered.code, altered.json["same"]) == (3, False)
    assert {difference["place"] for difference in altered.json["differences"]} == {"/hour", "/hours"}


def test_an_unknown_decision_is_told(run: Run) -> None:
    told = run("replay", "D" + "0" * 24)
    assert told.code == 4
    assert "There is no decision" in told.err


# -- learn, promote, roll back


def test_a_challenger_is_judged_and_the_end_tells_whether_it_is_proposed(run: Run, data: Path) -> None:
    told = run("learn", "--judging-days", "40", "--data", data, "--json")
    proposal = told.json
    assert told.code == (0 if proposal["proposed"] else 3)
    assert proposal["proposed"] == all(gate["passed"] for gate in proposal["comparison"]["gates"])
    listed = {m["version"]: m["state"] for m in run("models", "--data", data, "--json").json["models"]}
    assert listed[proposal["challenger"]] == ("proposed" if proposal["proposed"] else "refused")
    assert listed[proposal["champion"]] == "promoted"
    words = run("learn", "--judging-days", "40", "--data", data).out
    assert all(gate["sentence"] in words for gate in proposal["comparison"]["gates"])


def proposed(data: Path) -> str:
    """Record a second model as proposed against the one in force; return its version."""
    store = SqlStore(store_url(data))
    with store.read() as uow:
        publication = uow.published(MODEL)
    assert publication is not None
    models = ModelStore(data / "models")
    examples = [learned(number) for number in range(300)]
    version = models.train(examples, seed=7, threads=1).version
    record = ModelRecord(
        version=version, state="proposed", card=models.card(version),
        comparison={"champion": publication.version}, trained_at=datetime(2026, 7, 1, tzinfo=UTC),
    )  # fmt: skip
    with store.write() as uow:
        uow.put_model(record)
    store.close()
    return version


def learned(number: int) -> Example:
    """Return an example whose outcome follows from its importer."""
    from tidewaiter.core.features import compute
    from tidewaiter.core.history import History

    declaration = trade.declaration(number)
    vector = compute(declaration, History(), declaration.lodged_at)
    day = declaration.lodged_at.toordinal() + number // 10
    return Example(
        vector=vector, item_irregular=(number % 3 == 0,), kinds=(frozenset(),), duty_effect=(0.0,),
        lodged_day=day, known_day=day + 1,
    )  # fmt: skip


def test_a_proposed_model_is_promoted_and_rolled_back(run: Run, data: Path, today: Path) -> None:
    assert REGISTRY.version
    first = run("models", "--data", data, "--json").json["in_force"]
    second = proposed(data)
    assert run("promote", "--data", data, "--json").json == {"version": second, "in_force": True}
    assert run("promote", second, "--data", data).code == 4
    assert run("assess", today, "--mapping", "kcs", "--out", "out.csv", "--data", data).code == 0
    assert {row["model_version"] for row in read(Path("out.csv"))} == {second}
    assert run("rollback", "--data", data, "--json").json == {"version": first, "in_force": True}
    assert run("models", "--data", data, "--json").json["in_force"] == first
    told = run("rollback", "--data", data)
    assert told.code == 4
    assert "none to go back to" in told.err


def test_nothing_is_promoted_or_rolled_back_where_there_is_nothing(run: Run) -> None:
    assert run("promote").code == 4
    assert run("rollback").code == 4
    assert run("learn").code == 4


def test_a_user_without_a_name_can_promote(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nameless)
    second = proposed(data)
    assert run("promote", "--data", data).code == 0
    store = SqlStore(store_url(data))
    with store.read() as uow:
        publication = uow.published(MODEL)
    store.close()
    assert publication is not None
    assert (publication.version, publication.by) == (second, f"user {os.getuid()}")


# -- content and keys


def test_content_is_published_whole_or_not_at_all(run: Run, tmp_path: Path) -> None:
    import shutil

    from tidewaiter.adapters.starter.paths import starter_folder

    folder = tmp_path / "ours"
    shutil.copytree(starter_folder(), folder)
    plan = folder / "plan.yaml"
    before = run("publish", "--from", folder, "--json").json
    plan.write_text(plan.read_text().replace("price_min: 0", "price_min: 5"))
    after = run("publish", "--from", folder, "--json").json
    assert {kind for kind in before if before[kind] != after[kind]} == {"plan"}
    plan.write_text(plan.read_text().replace("price_min: 5", "price_mni: 5"))
    told = run("publish", "--from", folder)
    assert told.code == 4
    assert "plan.yaml" in told.err
    plan.write_text(plan.read_text().replace("price_mni: 5", "price_min: 5"))
    assert run("publish", "--from", folder, "--json").json == after


def test_a_certificate_stands_for_a_key(run: Run, tmp_path: Path) -> None:
    certificate = Authority(tmp_path).issue("port")
    made = run(
        "key", "add", "port", "--certificate", str(certificate), "--scope", "results:write", "--json"
    ).json
    sha256 = certificate_fingerprint(certificate.read_bytes())
    assert made == {"name": "port", "certificate_sha256": sha256, "scopes": ["results:write"]}
    again = run("key", "add", "rail", "--certificate", str(certificate))
    assert again.code == 4
    assert "'port'" in again.err
    assert run("key", "revoke", "port").code == 0
    assert run("key", "add", "port", "--certificate", str(certificate)).code == 0
    certificate.write_text("hello")
    assert "PEM" in run("key", "add", "rail", "--certificate", str(certificate)).err


def test_a_key_is_made_listed_and_revoked(run: Run) -> None:
    made = run("key", "add", "port", "--scope", "results:write", "--json").json
    assert made["scopes"] == ["results:write"]
    assert made["key"].startswith("tw_")
    listed = run("key", "list", "--json")
    assert listed.json == {"keys": [{"name": "port", "scopes": ["results:write"], "valid": True}]}
    assert made["key"] not in listed.out
    assert run("key", "add", "port").code == 4
    assert run("key", "revoke", "port", "--json").json == {"name": "port", "revoked": True}
    assert run("key", "revoke", "port").code == 4
    assert run("key", "list", "--json").json["keys"][0]["valid"] is False
    assert json.loads(run("key", "add", "port", "--json").out)["scopes"] == [
        "decisions:read", "declarations:write", "events:read", "ledger:read", "metrics:read", "results:write",
    ]  # fmt: skip


def test_a_subscriber_is_added_listed_and_stopped(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    add = ("subscriber", "add", "port", "--url", "https://port.example/events", "--topic", "decision")
    refused = run(*add)
    assert refused.code == 4
    assert "allowed are none" in refused.err
    monkeypatch.setenv("TIDEWAITER_WEBHOOK_TARGETS", '["https://port.example"]')
    made = run(*add, "--json").json
    assert made["secret"].startswith("whsec_")
    rotated = run("subscriber", "rotate", "port", "--json").json
    assert rotated["secret"] != made["secret"]
    expected = {
        "name": "port", "topics": ["decision"], "url": "https://port.example/events", "state": "served",
        "behind": 0, "given_up": [],
    }  # fmt: skip
    listed = run("subscriber", "list", "--json")
    assert listed.json == {"subscribers": [expected]}
    assert made["secret"] not in listed.out
    assert run("subscriber", "retry", "port", "--json").json == {"name": "port", "events": 0}
    assert run("subscriber", "stop", "port").code == 0
    assert "(stopped, 0 behind)" in run("subscriber", "list").out
    assert run("subscriber", "stop", "port").code == 4
    database = (Path("tidewaiter-data") / "tidewaiter.db").read_bytes()
    assert made["secret"].encode() not in database
