"""Plans carried out on the stand-in, with faults on the way: the end is as planned, or as before
and said so."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.admin import AdminApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.carry_out import Done, carry_out, remove
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connector import Connector
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import (
    Plan,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.wanted import Given
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.errors import HttpError
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic
from support.web import Says, Seen, serving
from testbed.standin.api_manager import ApiManager

PASSWORD, SECRET, NEW_SECRET = "Geheim-admin", "Geheim-old", "Geheim-new"
GIVEN = Given("IS7", "WSO2-IS-7", "https://is7:9444", {}, {"Username": "admin"}, {"Password": SECRET})
CHANGED = dataclasses.replace(GIVEN, fields={"description": "other"})
# Before the server does it, after it has done it: what the request gets instead of the answer.
Fault = Callable[[Callable[[], Says]], "Says | None"]


def before(says: Says | None) -> Fault:
    return lambda act: says


def after(says: Says | None) -> Fault:
    def fault(act: Callable[[], Says]) -> Says | None:
        act()
        return says

    return fault


class Site:
    """One stand-in whose answers to writes, one after the other, are spoilt by faults; None lets one pass."""

    def __init__(self, release: str = "4.7") -> None:
        self.server = ApiManager(release, PASSWORD)
        self.faults: list[Fault | None] = []
        self.writes: list[str] = []
        self.between: Callable[[], None] = lambda: None
        self.pauses: list[float] = []

    def answer(self, request: Seen) -> Says | None:
        if request.method not in ("POST", "PUT", "DELETE"):
            return self.server.answer(request)
        self.between()
        self.writes.append(request.method)
        fault = self.faults.pop(0) if self.faults else None
        return fault(lambda: self.server.answer(request)) if fault else self.server.answer(request)

    @contextlib.contextmanager
    def api(self) -> Iterator[AdminApi]:
        with serving(self.answer) as web:
            yield AdminApi(
                HttpClient(Server(web.url, timeout=30), Basic("admin", PASSWORD), self.pauses.append)
            )

    def rows(self) -> list[dict[str, Any]]:
        return [row for row in self.server.key_managers.rows.values() if row["name"] == GIVEN.name]

    def have(self, given: Given = GIVEN) -> None:
        """Store it, without the modules."""
        made = plan_present(given, self.connector(), {}, None)
        self.server.key_managers.create(json.dumps(made.body).encode())

    def connector(self) -> Connector:
        return Connector.from_settings(
            {"keyManagerConfiguration": self.server.release.connectors()}, "WSO2-IS-7"
        )

    def bring_about(self, given: Given) -> tuple[Plan, Done]:
        def plan(existing: dict[str, Any] | None, secrets_arrived: bool = False) -> Plan:
            left = dataclasses.replace(
                given, always_update_secrets=given.always_update_secrets and not secrets_arrived
            )
            return plan_present(left, self.connector(), {}, existing)

        with self.api() as api:
            first = plan(api.find(GIVEN.name))
            assert first.action != "none"
            return first, carry_out(api, GIVEN.name, first, plan, self.pauses.append)

    def remove(self) -> bool:
        with self.api() as api:
            return remove(
                api, GIVEN.name, plan_absent(GIVEN.name, api.find(GIVEN.name), used=False), self.pauses.append
            )


@pytest.fixture
def site() -> Site:
    return Site()


HTML = Says(200, "<html></html>", {"Content-Type": "text/html"})
HALF = Says(200, "{", {"Content-Type": "application/json", "Content-Length": "100"})
LOST: dict[str, Says | None] = {
    "502": Says(502),
    "503": Says(503),
    "504": Says(504),
    "500": Says(500),
    "cut": None,
    "page": HTML,
    "half": HALF,
}
PASSING = ("502", "503", "504")


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_an_answer_that_is_lost_after_the_effect_is_no_failure_and_nothing_is_done_twice(
    site: Site, name: str, action: str
) -> None:
    site.faults = [after(LOST[name])]
    if action == "create":
        first, done = site.bring_about(GIVEN)
        assert (first.action, done.plan.action, done.now["description"]) == ("created", "created", None)
    elif action == "update":
        site.have()
        first, done = site.bring_about(CHANGED)
        assert (first.action, done.plan.action, done.now["description"]) == ("updated", "updated", "other")
    else:
        site.have()
        assert site.remove() is True
    assert len(site.rows()) == (action != "delete")
    assert len(site.writes) == 1
    assert [row["additionalProperties"]["Password"] for row in site.rows()] in ([], [SECRET])


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_what_passes_is_tried_again_after_reading_back(site: Site, name: str, action: str) -> None:
    if action != "create":
        site.have()
    site.faults = [before(LOST[name])] * 3
    if action == "delete":
        assert site.remove() is True
    else:
        first, done = site.bring_about(CHANGED)
        assert (done.plan.action, done.now["description"]) == (first.action, "other")
    assert (len(site.writes), site.pauses, len(site.rows())) == (4, [0.5, 1.0, 2.0], action != "delete")


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_what_does_not_pass_is_one_sentence_on_what_is_there(site: Site, name: str, action: str) -> None:
    if action != "create":
        site.have()
    before_it = [dict(row) for row in site.rows()]
    site.faults = [before(LOST[name])] * 4
    with pytest.raises(HttpError) as caught:
        site.remove() if action == "delete" else site.bring_about(CHANGED)
    ends = {
        "create": "; read back, it is not there.",
        "update": "; read back, it is not as asked.",
        "delete": "; read back, it is still there.",
    }
    accepted = action == "delete" and name == "page"  # a deletion's answer has no content that could be wrong
    assert str(caught.value).endswith(
        "it was accepted 4 times, but is still there; look at API Manager's log."
        if accepted
        else ends[action]
    )
    assert "Geheim" not in str(caught.value)
    assert site.rows() == before_it
    assert len(site.writes) == (4 if name in PASSING or accepted else 1)


@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_a_refusal_changes_nothing_and_says_so(site: Site, action: str) -> None:
    if action != "create":
        site.have()
    site.faults = [before(Says(400, {"code": 901401, "description": "Missing"}))]
    with pytest.raises(HttpError, match=r"HTTP status 400 \(Missing\); .*; nothing was changed\.$") as caught:
        site.remove() if action == "delete" else site.bring_about(CHANGED)
    assert (caught.value.code, caught.value.description, len(site.writes)) == (901401, "Missing", 1)


def test_a_server_that_is_gone_after_the_write_is_told_with_what_was_done() -> None:
    site, up = Site(), [True]

    def die(act: Callable[[], Says]) -> Says:
        answer = act()
        up[0] = False
        return answer

    site.faults = [die]
    inner = site.answer
    site.answer = lambda request: inner(request) if up[0] else Says(500)  # type: ignore[method-assign]
    with pytest.raises(
        HttpError, match=r"^Listing the key managers of .*; key manager 'IS7' was written before\.$"
    ):
        site.bring_about(GIVEN)
    up[0], site.faults = True, [lambda act: up.__setitem__(0, False) or Says(502)]  # type: ignore[func-returns-value]
    with pytest.raises(
        HttpError, match=r"^Updating key manager 'IS7' .* 502.*; it could not be read back, so run again\.$"
    ):
        site.bring_about(CHANGED)


def test_a_key_manager_that_another_run_made_first_is_taken_as_it_is(site: Site) -> None:
    site.between = lambda: site.have() if not site.rows() else None
    first, done = site.bring_about(GIVEN)
    assert (first.action, done.plan.action) == ("created", "none"), "this run changed nothing"
    assert (site.writes, len(site.rows())) == (["POST"], 1)


def test_a_key_manager_that_another_run_made_otherwise_is_brought_to_what_was_given(site: Site) -> None:
    site.between = lambda: site.have() if not site.rows() else None
    done = site.bring_about(CHANGED)[1]
    assert (done.plan.action, done.now["description"], site.writes) == ("updated", "other", ["POST", "PUT"])
    assert len(site.rows()) == 1


def test_an_accepted_creation_that_is_not_there_is_tried_again(site: Site) -> None:
    phantom = Says(201, {"id": "of-nothing", "name": "IS7", "additionalProperties": {"Password": SECRET}})
    site.faults = [before(phantom), before(phantom)]
    done = site.bring_about(GIVEN)[1]
    assert (done.plan.action, done.now["id"], len(site.writes)) == ("created", site.rows()[0]["id"], 3)
    site = Site()
    site.faults = [before(phantom)] * 9
    with pytest.raises(
        HttpError,
        match=r"^Writing key manager 'IS7' failed: it was accepted 4 times, but is not there; look at API Manager's log\.$",
    ):
        site.bring_about(GIVEN)


@pytest.mark.parametrize("release", ["4.3", "4.7"])
def test_a_key_manager_that_goes_while_it_is_updated_is_made_again(release: str) -> None:
    site = Site(release)
    site.have()
    site.between = lambda: (
        site.server.key_managers.rows.pop(site.rows()[0]["id"]) and None
        if site.rows() and not site.writes
        else None
    )
    done = site.bring_about(CHANGED)[1]
    assert (done.plan.action, done.now["description"], site.writes) == ("created", "other", ["PUT", "POST"])


@pytest.mark.parametrize("release", ["4.3", "4.7"])
def test_a_key_manager_that_has_just_gone_was_not_deleted_by_this_run(release: str) -> None:
    site = Site(release)
    site.have()
    site.between = lambda: (
        site.server.key_managers.rows.pop(site.rows()[0]["id"]) and None if site.rows() else None
    )
    assert site.remove() is False


def test_a_key_manager_of_the_same_name_made_meanwhile_is_not_the_one_that_was_deleted(site: Site) -> None:
    def replace(act: Callable[[], Says]) -> Says:
        answer = act()
        site.have()
        return answer

    site.have()
    site.faults = [replace]
    assert site.remove() is True
    assert (site.writes, len(site.rows())) == (["DELETE"], 1)


@pytest.mark.parametrize(
    "fault", [after(Says(502)), before(Says(502)), after(None)], ids=["done", "not done", "cut"]
)
def test_secrets_are_sent_again_where_it_is_unknown_whether_they_arrived(site: Site, fault: Fault) -> None:
    site.have()
    site.faults = [fault]
    always = dataclasses.replace(GIVEN, secrets={"Password": NEW_SECRET}, always_update_secrets=True)
    try:
        site.bring_about(always)
    except HttpError as exc:
        assert str(exc).endswith("; read back, it is as asked but for its secrets, which nobody can read.")
        return
    assert site.rows()[0]["additionalProperties"]["Password"] == NEW_SECRET
    assert site.writes == ["PUT", "PUT"]


def test_what_the_server_accepts_and_does_not_keep_is_named(site: Site) -> None:
    site.have()

    def forget(act: Callable[[], Says]) -> Says:
        answer = act()
        site.rows()[0]["description"] = None
        return answer

    site.faults = [forget]
    done = site.bring_about(CHANGED)[1]
    assert (done.plan.action, done.not_kept, len(site.writes)) == ("updated", ("description",), 1)
