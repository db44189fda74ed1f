"""Damaged messages to every parser: no foreign exception, nothing above 2 s of CPU, at most 512 MiB.

Usage: python bench/fuzz.py [--seconds 60] [--parser json ...] [--seed 1] [--jobs 2]

Each parser runs in a child process of its own on copies of good messages that were damaged: bytes,
structure, tokens that other readers took for something else, and pieces of other messages.  The
same seed gives the same inputs.  An input that ends otherwise than read or refused with a reason is
kept in `--keep` (default: a temporary folder) and told; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random  # noqa: TID251 - seeded by its caller, so that a run can be repeated
from typing import Any, Final

from _fuzzed import PARSERS, Parser
from _table import Cell, command, machine, print_table

from tidewaiter.core.errors import TidewaiterError

#: A parser that needs more for one message of some MiB can be used to stop the service.
SECONDS_MAX: Final = 2.0
MEMORY_MIB_MAX: Final = 512
#: What the process may map at most: threads and libraries reserve far more than they use.
_ADDRESS_BYTES_MAX: Final = 8 * 1024**3
#: A child that is stuck in one input is ended with its trace.
_STUCK_SECONDS: Final = 20
_FINDINGS_MAX: Final = 20

#: What lenient readers take for something else, in every syntax that is read here.
TOKENS: Final = (
    b"1e400000", b"-1", b"NaN", b"Infinity", b"9" * 400, b"0x10", b"1_000", b"\xd9\xa1", b"\x00",
    b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\\u0000", b"\\ud800", b"&#0;",
    b"&#xD800;", b"<null/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"]]>", b"<![CDATA[", b"<!--", b'"',
    b"'", b",", b";", b"\r", b"\n", b"\t", b"{", b"}", b"[", b"]" * 40, b"[" * 4000, b"<a>" * 200,
    b'a="1" ' * 300, b"A" * 9000, b"null", b"true", b"2026-02-30", b"=1+1", b"&anchor", b"*anchor",
    b"!!python/object:os.system", b"<<: *a", b"---\n", b"? ", b": ", b"- ", b"1,250", b"1.250,5",
    b"\xc3\x28", b"\xf4\x90\x80\x80", b"",
)  # fmt: skip

_STRANGE_NODES: Final = (None, True, 0, -1, 1.5, "", " ", [], {}, [[]], "A" * 3000)

Mutation = Callable[[bytes, Random, Sequence[bytes]], bytes]


def flip(body: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Flip bits of up to 8 bytes."""
    damaged = bytearray(body)
    for _turn in range(chance.randint(1, 8) if damaged else 0):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def cut(body: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Take a piece out, of any length."""
    start = chance.randrange(len(body) + 1)
    return body[:start] + body[start + int(chance.paretovariate(0.5)) :]


def repeat(body: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Write a piece again and again."""
    start = chance.randrange(len(body) + 1)
    piece = body[start : start + chance.randint(1, 200)]
    return body[:start] + piece * chance.choice((2, 3, 50, 2000)) + body[start + len(piece) :]


def splice_token(body: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Put a strange token between two bytes, or in the place of some."""
    start = chance.randrange(len(body) + 1)
    return body[:start] + chance.choice(TOKENS) + body[start + chance.choice((0, 0, 1, 8)) :]


def splice_other(body: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Go on with a piece of another message."""
    other = chance.choice(others)
    start, begin = chance.randrange(len(body) + 1), chance.randrange(len(other) + 1)
    return body[:start] + other[begin : begin + chance.choice((20, 400, 5000))] + body[start:]


def swap_value(body: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Give one value of a structure a strange token: behind a colon, a comma, a blank or a tag."""
    marks = [place for place, byte in enumerate(body) if byte in b'>:," \n']
    if not marks:
        return body
    start = chance.choice(marks) + 1
    end = next((at for at in range(start, min(len(body), start + 200)) if body[at] in b'<,}"\n'), start)
    return body[:start] + chance.choice(TOKENS) + body[end:]


def swap_node(body: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Give one node of a JSON text another kind, or the place of its neighbour."""
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body
    node = data
    for _turn in range(chance.randint(0, 6)):
        inner: list[Any] = list(node.values()) if isinstance(node, dict) else node
        if not isinstance(node, dict | list) or not inner:
            break
        key: Any = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if chance.random() < 0.4:
            node[key] = chance.choice(
                (None, True, 0, -1, 1.5, "", " ", [], {}, [[]], "A" * 3000, inner[0], data)
            )
            break
        node = node[key]
    try:
        return json.dumps(data).encode()
    except (ValueError, RecursionError):  # it now holds itself
        return body


MUTATIONS: Final[tuple[Mutation, ...]] = (
    flip, cut, repeat, splice_token, splice_token, splice_other, swap_value, swap_value, swap_value,
    swap_node,
)  # fmt: skip


def damaged(corpus: Sequence[bytes], chance: Random) -> bytes:
    """Return one of *corpus* after one to four mutations."""
    body = chance.choice(corpus)
    for _ in range(chance.randint(1, 4)):
        body = chance.choice(MUTATIONS)(body, chance, corpus)
    return body


def attack(parser: Parser, seconds: float, seed: int, keep: Path) -> dict[str, Any]:
    """Give *parser* damaged messages for so long; return what happened."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_BYTES_MAX, _ADDRESS_BYTES_MAX))
    chance = Random(seed)
    corpus, read = parser()
    for good in corpus:
        read(good)  # a corpus that is refused would show nothing
    told: dict[str, Any] = {"inputs": 0, "read": 0, "refused": 0, "slowest": 0.0, "findings": []}
    current, until = keep / "current.bin", time.monotonic() + seconds
    while time.monotonic() < until and len(told["findings"]) < _FINDINGS_MAX:
        body = damaged(corpus, chance)
        current.write_bytes(body)  # what ends the process stays there
        faulthandler.dump_traceback_later(_STUCK_SECONDS, exit=True)
        began, finding = time.process_time(), None
        try:
            read(body)
            told["read"] += 1
        except TidewaiterError:
            told["refused"] += 1
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            finding = f"{type(error).__name__}: {error}"
        taken = time.process_time() - began
        told["inputs"] += 1
        told["slowest"] = max(told["slowest"], taken)
        if taken > SECONDS_MAX:
            finding = f"took {taken:.1f} s"
        if finding:
            (keep / f"{told['inputs']}.bin").write_bytes(body)
            told["findings"].append(f"{finding[:300]} ({keep}/{told['inputs']}.bin)")
    faulthandler.cancel_dump_traceback_later()
    told["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if told["mib"] > MEMORY_MIB_MAX:
        told["findings"].append(f"used {told['mib']:.0f} MiB")
    return told


def child(name: str, arguments: argparse.Namespace, keep: Path) -> dict[str, Any]:
    """Run one parser in a process of its own."""
    folder = keep / name
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, "--seconds", str(arguments.seconds), "--seed",
         str(arguments.seed), "--keep", str(folder)],
        capture_output=True, text=True, check=False, timeout=arguments.seconds + 120,
    )  # fmt: skip
    if done.returncode != 0:
        lost = {"inputs": 0, "read": 0, "refused": 0, "slowest": 0.0, "mib": 0.0}
        return {**lost, "findings": [f"the process ended with {done.returncode}: {done.stderr[-1500:]}"]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    arguments = _arguments()
    if arguments.child:
        print(json.dumps(attack(PARSERS[arguments.child], arguments.seconds, arguments.seed, arguments.keep)))
        return
    names = arguments.parser or list(PARSERS)
    keep = arguments.keep or Path(tempfile.mkdtemp(prefix="tidewaiter-fuzz-"))
    with ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = list(pool.map(lambda name: child(name, arguments, keep), names))
    rows: list[list[Cell]] = [
        [
            name,
            told["inputs"],
            told["read"],
            told["refused"],
            len(told["findings"]),
            told["slowest"],
            told["mib"],
        ]
        for name, told in zip(names, outcomes, strict=True)
    ]
    columns = ("parser", "inputs", "read", "refused", "findings", "slowest CPU s", "MiB")
    print_table(f"Damaged messages, {arguments.seconds:g} s a parser, seed {arguments.seed}", columns, rows)
    findings = [
        f"{name}: {one}" for name, told in zip(names, outcomes, strict=True) for one in told["findings"]
    ]
    print(*findings, f"{len(findings)} findings. {command()} {dict(machine())}", sep="\n")
    sys.exit(1 if findings else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each parser is tried")
    parser.add_argument("--parser", action="append", choices=list(PARSERS), help="only this one; repeatable")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="parsers at a time")
    parser.add_argument("--keep", type=Path, help="folder for inputs that were findings")
    parser.add_argument("--child", choices=list(PARSERS), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
