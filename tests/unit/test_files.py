"""What a file that could not be replaced says; the replacing itself is tested on real file systems."""

from __future__ import annotations

import errno
import os

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._files.replace import os_error_advice


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "No space left on device; check its folder and the disk"),
        (errno.EACCES, "Permission denied; check its folder and the disk"),
        (
            errno.EBUSY,
            "it is a separate mount point, which cannot be replaced at once; mount its folder instead, or have it"
            " written in place (unsafe_writes)",
        ),
        (errno.EINVAL, "it is not a regular file; give one"),
        (errno.ENOENT, "it does not exist; correct the path"),
        (errno.ETIMEDOUT, f"{os.strerror(errno.ETIMEDOUT)}; wait for that run or end it"),
    ],
)
def test_each_error_has_a_way_out(number: int, told: str) -> None:
    assert "; ".join(os_error_advice(OSError(number, os.strerror(number)))) == told


def test_an_error_without_a_number_is_told_by_its_text() -> None:
    assert os_error_advice(OSError("odd")) == ("odd", "check its folder and the disk")
