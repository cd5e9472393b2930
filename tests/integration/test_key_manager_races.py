"""Several runs at once: one key manager of a name, none twice, and every run ends well."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.api_managers import ADMIN_API, ApiManager
from support.cases import Happened
from support.faults import Forward, Proxy, faulty
from support.modules import Outcome
from support.web import Says

PART = "Several runs at once"


def at_once(runs: int, run: Callable[[], Outcome]) -> list[Outcome]:
    with ThreadPoolExecutor(runs) as pool:
        return [future.result() for future in [pool.submit(run) for _number in range(runs)]]


def names(apim: ApiManager) -> list[str]:
    return sorted(item["name"] for item in apim.request("GET", "/key-managers").json()["list"])


@pytest.mark.parametrize("runs", [2, 4])
def test_runs_that_create_one_name(apim: ApiManager, runs: int, happened: Happened) -> None:
    if apim.stand_in:
        apim.stand_in.key_managers.meet(runs)  # each finds the name free before one is stored
    outcomes = at_once(runs, lambda: apim.register(description="one"))
    assert not [outcome for outcome in outcomes if outcome.failed]
    assert any(outcome["changed"] for outcome in outcomes)
    assert names(apim) == ["IS7", "Resident Key Manager"]
    assert {outcome["id"] for outcome in outcomes} == {apim.stored()["id"]}
    assert not apim.register(description="one")["changed"]
    happened(
        PART,
        f"{runs} runs create one name, {apim.tier}",
        "One key manager, all runs end well and name its id",
    )


def test_runs_that_change_and_remove_the_same(apim: ApiManager, happened: Happened) -> None:
    assert apim.register()["changed"]
    outcomes = at_once(4, lambda: apim.register(description="changed"))
    assert not [outcome for outcome in outcomes if outcome.failed]
    assert apim.stored()["description"] == "changed"
    outcomes = at_once(4, lambda: apim.run(state="absent"))
    assert not [outcome for outcome in outcomes if outcome.failed]
    assert any(outcome["changed"] for outcome in outcomes)
    assert names(apim) == ["Resident Key Manager"]
    happened(PART, f"4 runs change, then remove the same, {apim.tier}", "Changed, gone, all runs end well")


def test_what_goes_while_it_is_being_removed_is_not_an_error(apim: ApiManager, happened: Happened) -> None:
    assert apim.register()["changed"]
    steps = run_while(apim, -1, keep)
    assert steps.index("DELETE") > 0
    assert apim.register()["changed"]
    outcome = run_while(apim, steps.index("DELETE"), somebody_removes_it, changed=False)
    assert outcome
    assert apim.stored() == {}
    happened(
        PART, f"Somebody else removes it between reading and removing, {apim.tier}", "Unchanged: it was gone"
    )


def test_what_goes_while_it_is_being_changed_is_made_again(apim: ApiManager, happened: Happened) -> None:
    assert apim.register()["changed"]
    with faulty(apim) as proxy:
        assert proxy.server.register(description="one")["changed"]
    at = [method for method, _path in proxy.seen].index("PUT")
    with faulty(apim, somebody_removes_it, at) as proxy:
        outcome = proxy.server.register(description="two")
    assert not outcome.failed and outcome["changed"], outcome
    assert apim.stored()["description"] == "two"
    assert apim.stored()["id"] == outcome["id"]
    happened(
        PART, f"Somebody else removes it between reading and changing, {apim.tier}", "Made again, as asked"
    )


@pytest.mark.parametrize("same", [True, False], ids=["the same", "another"])
def test_what_comes_while_it_is_being_made_becomes_what_was_asked(
    apim: ApiManager, same: bool, happened: Happened
) -> None:
    theirs = {"description": "two" if same else "theirs"}

    def somebody_makes_it(proxy: Proxy, forward: Forward) -> Says:
        assert proxy.behind.register(**theirs)["changed"]
        return forward()

    with faulty(apim) as proxy:
        assert proxy.server.register(description="one")["changed"]
    apim.clear()
    with faulty(apim, somebody_makes_it, [method for method, _path in proxy.seen].index("POST")) as proxy:
        outcome = proxy.server.register(description="two")
    assert not outcome.failed, outcome
    assert apim.stored()["description"] == "two"
    assert names(apim) == ["IS7", "Resident Key Manager"]
    what = "the same" if same else "another of the name"
    happened(
        PART,
        f"Somebody else makes {what} between reading and making, {apim.tier}",
        "One key manager, as asked",
    )


def keep(_proxy: Proxy, forward: Forward) -> Says:
    return forward()


def somebody_removes_it(proxy: Proxy, forward: Forward) -> Says:
    path = proxy.seen[-1][1].removeprefix(ADMIN_API)
    assert proxy.behind.request("DELETE", path).status_code == 200
    return forward()


def run_while(
    apim: ApiManager, at: int, fault: Callable[[Proxy, Forward], Says], changed: bool = True
) -> list[str]:
    """Remove it; the methods of the requests."""
    with faulty(apim, fault, at) as proxy:
        outcome = proxy.server.run(state="absent")
    assert not outcome.failed and outcome["changed"] is changed, outcome
    return [method for method, _path in proxy.seen]
