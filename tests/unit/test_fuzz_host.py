"""What a stranger writes into a log, or calls a process: whatever it is, it is borne, and in bounded time."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon import boot_log, find, process, sockets
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import printable

INPUTS, SEED = 10_000, 20261126
CPU_SECONDS = 30
PIECES = [
    b"TID: [-1234] [2026-11-26 10:00:00,000] ERROR {org.wso2.carbon.x} - failed\n",
    b"Caused by: java.lang.IllegalStateException: no database\n",
    b"\tat org.wso2.carbon.X.y(X.java:1)\n",
    b"Error occurred during initialization of VM\n",
    b"Error: Could not create the Java Virtual Machine.\n",
    b"java.net.BindException: Address already in use\n",
    b"java\0-Dcarbon.home=/opt/x\0-DportOffset=1\0org.wso2.carbon.bootstrap.Bootstrap\0",
    b"7 (java) S 1 7 7 0 -1 4194304 1 1 1 1 1 1 1 1 20 0 1 0 100 1 1\n",
    b"0::/system.slice/wso2is.service\n",
    b"Uid:\t1000\t1000\t1000\t1000\n",
    b"   0: 0100007F:24E3 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 7 1\n",
    b"\x1b[2J\x07\x9b31m",
    b"\xff\xfe\x00\x00",
    b"((((((((((" * 20,
    b"9" * 40,
    b") (" * 10,
]


def mutated(rng: random.Random) -> bytes:
    """A few pieces with some of their bytes changed, left out or doubled."""
    text = bytearray(b"".join(rng.choice(PIECES) for _number in range(rng.randint(0, 5))))
    for _number in range(rng.randint(0, 4)):
        at = rng.randrange(len(text) or 1)
        text[at : at + rng.randint(0, 5)] = rng.choice([b"", b"\n", b"\0", b"\xff", b" ", b"0", text[:20]])
    return bytes(text)


def test_any_log_is_told_in_a_few_lines_that_steer_no_terminal(tmp_path: Path) -> None:
    log = tmp_path / "wso2carbon.log"
    rng = random.Random(SEED)
    begun = time.process_time()
    for _number in range(INPUTS):
        log.write_bytes(mutated(rng))
        lines = boot_log.read_lines(log)
        relevant = boot_log.relevant_lines(lines)
        shown = [*relevant, *boot_log.last_lines(lines), boot_log.reason(relevant)]
        assert len(shown) <= 20
        assert [printable(line) for line in shown] == shown
    assert time.process_time() - begun < CPU_SECONDS


def test_any_process_and_any_table_of_sockets_is_borne(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(SEED)
    (tmp_path / "7").mkdir()
    (tmp_path / "net").mkdir()
    for module in (process, sockets, find):
        monkeypatch.setattr(module, "PROC", tmp_path)
    begun = time.process_time()
    for _number in range(INPUTS):
        (tmp_path / "7" / rng.choice(["cmdline", "stat", "cgroup", "status"])).write_bytes(mutated(rng))
        (tmp_path / "net/tcp").write_bytes(mutated(rng))
        one = process.CarbonProcess(7, None, 0, 0)
        find.find_carbon(tmp_path)
        process.is_alive(one)
        process.unit_of(one)
        process.start_arguments_of(one)
        sockets.places_of(one)
    assert time.process_time() - begun < CPU_SECONDS
