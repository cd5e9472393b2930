"""One request of a run goes wrong, each of them in turn: what was asked is done, or nothing is, and the
outcome says which; the next run ends well.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.api_managers import CONNECTOR_PASSWORD, ApiManager
from support.cases import Happened
from support.faults import CARRIED_OUT, FAULTS, KEPT_AWAY, TIMEOUT, faulty
from support.modules import Outcome

NAMES = (f"Fault {number}" for number in itertools.count())
OLD, NEW = "before the run", "after the run"
# What the error says of the key manager: nothing was done to it; it was looked at again; it could not be.
SAID = ("nothing was changed", "read back, it is", "it could not be read back", "was written before")
Run = Callable[[ApiManager, str], Outcome]


def present(server: ApiManager, name: str) -> Outcome:
    return server.register(
        name=name,
        description=NEW,
        issuer=f"https://is7.example/{name}",
        allow_shared_issuer=True,
        timeout=TIMEOUT,
    )


def absent(server: ApiManager, name: str) -> Outcome:
    return server.run(name=name, state="absent", timeout=TIMEOUT)


# Operation -> whether the key manager is there before, what is run, and its description afterwards.
OPERATIONS: dict[str, tuple[bool, Run, str | None]] = {
    "create": (False, present, NEW),
    "update": (True, present, NEW),
    "delete": (True, absent, None),
}


@functools.cache
def template(server: ApiManager) -> dict[str, Any]:
    """What a run makes, to be put there again without one."""
    name = next(NAMES)
    assert present(server, name)["changed"]
    stored = server.stored(name)
    return {
        **stored,
        "additionalProperties": {**stored["additionalProperties"], "Password": CONNECTOR_PASSWORD},
    }


def prepare(server: ApiManager, name: str, there: bool) -> None:
    if there:
        body = {
            **template(server),
            "name": name,
            "displayName": name,
            "description": OLD,
            "issuer": f"https://is7.example/{name}",
        }
        assert server.request("POST", "/key-managers", json=body).status_code == 201


def state(server: ApiManager, name: str) -> str | None:
    """The description of the key manager of this name, None where there is none; it must not be
    there twice."""
    found = [
        item["description"]
        for item in server.request("GET", "/key-managers").json()["list"]
        if item["name"] == name
    ]
    assert len(found) <= 1, "doubled"
    return found[0] if found else None


def secret(server: ApiManager, name: str) -> Any:
    """The answer to a PUT holds it in clear."""
    stored = server.stored(name)
    return server.request("PUT", f"/key-managers/{stored['id']}", json=stored).json()["additionalProperties"][
        "Password"
    ]


@functools.cache
def steps(server: ApiManager, operation: str) -> int:
    """How many requests it takes where nothing goes wrong."""
    there, run, wanted = OPERATIONS[operation]
    name = next(NAMES)
    prepare(server, name, there)
    with faulty(server) as proxy:
        assert run(proxy.server, name)["changed"]
    assert state(server, name) == wanted
    return len(proxy.seen)


def survive(server: ApiManager, operation: str, fault: str, at: int) -> None:
    """One run with one fault, and the next one without."""
    there, run, wanted = OPERATIONS[operation]
    before = OLD if there else None
    name = next(NAMES)
    prepare(server, name, there)
    with faulty(server, FAULTS[fault], at) as proxy:
        outcome = run(proxy.server, name)
        now = state(server, name)
        where = f"{fault} at request {at + 1} of {operation}, {proxy.seen}: {outcome}"
        if outcome.failed:
            assert now in (before, wanted), where
            assert "\n" not in outcome["msg"] and outcome["msg"].endswith("."), where
            assert {"status", "code", "message", "description"} <= set(outcome["failure"]), where
            assert any(words in outcome["msg"] for words in SAID), where
            assert now == before or "othing was changed" not in outcome["msg"], where
        else:
            assert now == wanted and outcome["changed"], where
    again = run(server, name)
    assert not again.failed, (where, again)
    assert again["changed"] == (now != wanted), (where, again)
    assert state(server, name) == wanted, where
    if wanted:
        assert secret(server, name) == CONNECTOR_PASSWORD, where


@pytest.mark.parametrize("fault", KEPT_AWAY)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_that_never_comes(
    stand_in: ApiManager, operation: str, fault: str, happened: Happened
) -> None:
    """It is the same to every server."""
    at_each_request(stand_in, operation, fault, happened)


@pytest.mark.parametrize("fault", CARRIED_OUT)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_whose_answer_goes_wrong(
    tier: ApiManager, operation: str, fault: str, happened: Happened
) -> None:
    at_each_request(tier, operation, fault, happened)


def at_each_request(server: ApiManager, operation: str, fault: str, happened: Happened) -> None:
    length = steps(server, operation)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: survive(server, operation, fault, at), range(length)))
    server.clear()
    happened(
        f"Faults between key manager module and server, {server.tier}",
        f"{operation}, at each of {length} requests: {fault}",
        "Each run ended well, or said what failed and what is there: the old or the new; the next run ended"
        " well",
    )
