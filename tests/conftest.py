"""What tests tell of themselves for the table in docs/cases.md."""

from __future__ import annotations

import pytest
from support.cases import Happened


@pytest.fixture
def happened(request: pytest.FixtureRequest) -> Happened:
    """Record (part, case, what happened) for docs/cases.md; support.cases.plain takes out of a text what
    differs from run to run.
    """

    def record(part: str, case: str, outcome: str) -> None:
        request.node.user_properties.append(("case", "\t".join((part, case, outcome))))

    return record
