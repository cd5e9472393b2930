"""What is done about a server, from what is seen of it: every state, asked for every way."""

from __future__ import annotations

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.plan import Asked, Plan, Seen, plan

UNIT = "wso2is.service"
AS_ASKED = Seen(port_offset=1, in_unit=True)


@pytest.mark.parametrize(
    ("state", "action"),
    [("started", "started"), ("restarted", "started"), ("stopped", "none"), ("ready", "none")],
)
def test_a_server_that_does_not_run(state: str, action: str) -> None:
    assert plan(None, Asked(state, port_offset=1, unit=UNIT)) == Plan(action, "it does not run")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("started", Plan("none", "it runs")),
        ("ready", Plan("none", "it runs")),
        ("stopped", Plan("stopped", "it runs")),
        ("restarted", Plan("restarted", "asked for")),
    ],
)
def test_a_server_that_runs_as_asked(state: str, expected: Plan) -> None:
    assert plan(AS_ASKED, Asked(state, port_offset=1, unit=UNIT)) == expected
    assert plan(AS_ASKED, Asked(state)) == expected


@pytest.mark.parametrize(
    ("seen", "asked", "reason"),
    [
        (Seen(1), Asked("started", 1, UNIT), "it does not run by wso2is.service"),
        (Seen(1), Asked("started", 2, UNIT), "it does not run by wso2is.service"),
        (Seen(1), Asked("started", 2), "it runs with port offset 1 instead of 2"),
        (Seen(1), Asked("started", 0), "it runs with port offset 1 instead of 0"),
        (
            Seen(1, ("a", "b"), in_unit=True),
            Asked("started", 2, UNIT),
            "it runs with port offset 1 instead of 2",
        ),
        (Seen(1, ("a", "b")), Asked("started", 1), "a, b changed after the process began"),
        (Seen(1, ("a",), in_unit=True), Asked("started", None, UNIT), "a changed after the process began"),
    ],
)
def test_a_server_that_runs_otherwise_is_restarted_unless_it_is_only_waited_for(
    seen: Seen, asked: Asked, reason: str
) -> None:
    assert plan(seen, asked) == Plan("restarted", reason)
    waited_for = Asked("ready", asked.port_offset, asked.unit)
    assert plan(seen, waited_for) == Plan("none", reason, restart_due=True)
    assert plan(seen, Asked("stopped", asked.port_offset, asked.unit)) == Plan("stopped", "it runs")
    assert plan(seen, Asked("restarted", asked.port_offset, asked.unit)) == Plan("restarted", "asked for")


def test_a_change_that_no_file_shows_is_a_reason_too() -> None:
    reason = "what it reads when it starts has changed"
    assert plan(Seen(1), Asked("started", restart_if=True)) == Plan("restarted", reason)
    assert plan(Seen(1), Asked("ready", restart_if=True)) == Plan("none", reason, restart_due=True)
    assert plan(None, Asked("started", restart_if=True)) == Plan("started", "it does not run")


@pytest.mark.parametrize("state", ["started", "ready", "stopped", "restarted"])
@pytest.mark.parametrize("seen", [None, Seen(1), Seen(1, ("a",))])
def test_a_server_that_nobody_may_touch_is_left_and_what_is_due_is_told(
    seen: Seen | None, state: str
) -> None:
    asked = Asked(state, 1, may_restart=False)
    free = plan(seen, Asked(state, 1))
    due = free.action != "none" or free.restart_due or (seen is None and state == "ready")
    assert plan(seen, asked) == Plan("none", free.reason, left=due)
    assert not asked.waits


@pytest.mark.parametrize(
    ("action", "stops", "starts"),
    [
        ("none", False, False),
        ("started", False, True),
        ("stopped", True, False),
        ("restarted", True, True),
    ],
)
def test_an_action_is_made_of_a_stop_and_a_start(action: str, stops: bool, starts: bool) -> None:
    planned = Plan(action, "because")
    assert (planned.stops, planned.starts) == (stops, starts)
