"""What the checks came to, and what they took."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from pathlib import Path

from . import environment as env


@dataclasses.dataclass
class Results:
    """Counts over all checks; a check that is not a test of pytest counts as one."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def check(self, what: str, good: bool) -> None:
        """Count one check."""
        self.passed += good
        self.failed += not good
        if not good:
            print(f"FAILED: {what}", flush=True)

    def skip(self, what: str) -> None:
        """Count one check that cannot be done here."""
        self.skipped += 1
        print(f"SKIPPED: {what}", flush=True)

    def report(self, report: Path, code: int) -> None:
        """Count a run of pytest by its JUnit report; a run that failed without a failed test counts
        as one."""
        counted = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
        if report.exists():
            for suite in ET.parse(report).getroot().iter("testsuite"):
                for key in counted:
                    counted[key] += int(suite.get(key, 0))
        failed = counted["failures"] + counted["errors"]
        self.passed += counted["tests"] - failed - counted["skipped"]
        self.failed += failed or (1 if code or not counted["tests"] else 0)
        self.skipped += counted["skipped"]

    def add(self, others: Results) -> None:
        """Count what others have counted."""
        self.passed += others.passed
        self.failed += others.failed
        self.skipped += others.skipped

    def close(self) -> int:
        """Print the steps with their seconds and the last line; the exit code."""
        for what, seconds in env.STEPS:
            print(f"{seconds:7.1f} s  {what}")
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 1 if self.failed or not self.passed else 0
