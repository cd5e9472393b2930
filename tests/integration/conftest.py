"""Sites for the integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3
from support import api_managers
from support.api_managers import ApiManager
from support.site import Site

urllib3.disable_warnings()
PASSWORD = "Quite-S3cret.pw"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh site with an administrator's password of its own; its servers end with the module's last test."""
    made = Site(tmp_path_factory.mktemp("site"), PASSWORD)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def wso2_classes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiManager]:
    """API Manager's own classes, one server for all tests that leave it as it was."""
    with api_managers.wso2_classes(tmp_path_factory.mktemp("wso2-classes")) as server:
        yield server
