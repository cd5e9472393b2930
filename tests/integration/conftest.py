"""Sites for the integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3
from support import api_managers
from support.api_managers import ApiManager
from support.openapi import AdminApiDocument
from support.site import CACHE, Site

urllib3.disable_warnings()
PASSWORD = "Quite-S3cret.pw"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh site with an administrator's password of its own; its servers end with the module's
    last test."""
    made = Site(tmp_path_factory.mktemp("site"), PASSWORD)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def wso2_classes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiManager]:
    """API Manager's own classes, one server for all tests that leave it as it was."""
    with api_managers.wso2_classes(tmp_path_factory.mktemp("wso2-classes")) as server:
        yield server


@pytest.fixture(scope="session")
def stand_in() -> Iterator[ApiManager]:
    """The stand-in, as API Manager 4.7."""
    with api_managers.stand_in() as server:
        yield server


@pytest.fixture(scope="session")
def document() -> AdminApiDocument:
    """The description that WSO2's classes come with."""
    return AdminApiDocument(CACHE)


@pytest.fixture(scope="session", params=["wso2_classes", "stand_in"])
def tier(request: pytest.FixtureRequest) -> ApiManager:
    """One tier after the other, each started once."""
    server: ApiManager = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def apim(tier: ApiManager, document: AdminApiDocument) -> Iterator[ApiManager]:
    """A tier without key managers of the tests; what went over the wire must have been as the API's
    description says.
    """
    tier.writes()
    yield tier
    assert tier.faults(document) == []
    tier.clear()
