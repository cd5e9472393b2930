"""Sites for the integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3
from support.site import Site

urllib3.disable_warnings()
PASSWORD = "Quite-S3cret.pw"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh site with an administrator's password of its own; its servers end with the module's last test."""
    made = Site(tmp_path_factory.mktemp("site"), PASSWORD)
    yield made
    made.stop()
