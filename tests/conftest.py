"""What tests tell of themselves for the table in docs/cases.md."""

from __future__ import annotations

import pytest
from hypothesis import settings
from support.cases import Happened

# How long an example takes is a matter of the machine; what must be fast has a test of its own.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture
def happened(request: pytest.FixtureRequest) -> Happened:
    """Record (part, case, what happened) for docs/cases.md; support.cases.plain takes out of a text what
    differs from run to run.
    """

    def record(part: str, case: str, outcome: str) -> None:
        request.node.user_properties.append(("case", "\t".join((part, case, outcome))))

    return record
