"""Removing a key manager that is in use, or of which the server does not tell."""

from __future__ import annotations

import pytest
from support.modules import run_module
from support.web import serving
from testbed.standin.api_manager import ApiManager

PASSWORD = "Geheim-admin"


def test_what_is_in_use_is_not_removed_without_force_and_the_servers_refusal_is_told() -> None:
    server = ApiManager("4.7", PASSWORD)
    with serving(server.answer) as web:
        options = {"apim_url": web.url, "password": PASSWORD, "name": "IS7"}
        made = run_module(
            "apim_key_manager",
            is7_url="https://is7:9444",
            connector_configuration={"username": "a", "password": "Geheim-2"},
            **options,
        )
        assert made["changed"], made
        server.key_managers.used.add("IS7")
        writes = len([seen for seen in web.seen if seen.method != "GET"])
        refused = run_module("apim_key_manager", state="absent", **options)
        assert refused["msg"].startswith("Key manager 'IS7' is in use; ")
        assert len([seen for seen in web.seen if seen.method != "GET"]) == writes
        forced = run_module("apim_key_manager", state="absent", force=True, **options)
        assert (
            "this API Manager never deletes one in use, so delete its keys from the applications"
            in forced["msg"]
        )
        assert (forced["failure"]["status"], forced["failure"]["code"]) == (412, 902015)
        server.key_managers.used.clear()
        assert run_module("apim_key_manager", state="absent", **options)["changed"]


@pytest.mark.parametrize(("force", "warnings"), [(False, 1), (True, 0)])
def test_a_server_that_does_not_tell_what_is_in_use_is_a_warning(force: bool, warnings: int) -> None:
    with serving(ApiManager("4.3", PASSWORD).answer) as web:
        options = {"apim_url": web.url, "password": PASSWORD, "name": "IS7"}
        run_module(
            "apim_key_manager",
            is7_url="https://is7:9444",
            connector_configuration={"username": "a", "password": "Geheim-2"},
            **options,
        )
        for check in (True, False):
            done = run_module("apim_key_manager", check=check, state="absent", force=force, **options)
            assert done["changed"], done
            assert len(done.get("warnings", [])) == warnings
        assert not run_module("apim_key_manager", state="absent", force=force, **options)["changed"]
