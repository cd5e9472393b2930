"""Whatever certificates, aliases and stores: the plan, the store and a second run agree, and nothing else in
the store has changed.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import Certificate
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.change import change_store
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.keytool import Keytool, StoreEntry
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.store import Store
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.trust import (
    Step,
    Wanted,
    expected_contents,
    plan_absent,
    plan_present,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.cases import Happened
from support.certificates import self_signed
from support.stores import PASSWORD, template

CERTIFICATES = [Certificate(self_signed(f"name {number}").der) for number in range(5)]
NAMES = st.one_of(
    st.sampled_from(["base", "BASE", "Base-1"]),
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=12),
)
WANTED = st.dictionaries(NAMES, st.sampled_from(CERTIFICATES), min_size=1, max_size=6).filter(
    lambda wanted: len({name.lower() for name in wanted}) == len(wanted)
)


def java_text(content: bytes) -> str:
    """Java writes what is beyond U+FFFF as two surrogates."""
    return content.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")


def jks_entries(content: bytes) -> dict[str, tuple[int, bytes]]:
    """Alias -> creation date in milliseconds and all else of the entry, read without keytool."""
    count, at, found = struct.unpack(">I", content[8:12])[0], 12, {}

    def take(size_format: str) -> bytes:
        nonlocal at
        size = struct.unpack_from(size_format, content, at)[0]
        start, at = at + struct.calcsize(size_format), at + struct.calcsize(size_format) + size
        return content[start:at]

    for _number in range(count):
        tag = struct.unpack_from(">I", content, at)[0]
        at += 4
        alias, created, begin = java_text(take(">H")), struct.unpack_from(">Q", content, at)[0], at + 8
        at += 8
        if tag == 1:
            take(">I")
            certificates = struct.unpack_from(">I", content, at)[0]
            at += 4
        else:
            certificates = 1
        for _certificate in range(certificates):
            take(">H")
            take(">I")
        found[alias] = (created, content[begin:at])
    assert at == len(content) - 20, "a digest was to follow the entries"
    return found


T = TypeVar("T")


class Bench:
    """One store, and runs on it without a module around."""

    def __init__(self, folder: str, kind: str) -> None:
        self.store = Store(Path(folder) / "store", PASSWORD)
        self.store.path.write_bytes(template(kind))
        self.keytool = Keytool(None)

    def held(self) -> dict[str, tuple[str, str | None]]:
        return expected_contents(self.keytool.entries(self.store.path, PASSWORD), [])

    def change(self, state: str, wanted: Mapping[str, Certificate | None]) -> list[Step]:
        items = [Wanted(alias, certificate) for alias, certificate in wanted.items()]

        def plan(existing: list[StoreEntry]) -> list[Step]:
            return (
                plan_present(existing, items, "replace")
                if state == "present"
                else plan_absent(existing, items)
            )

        return change_store(self.keytool, self.store, False, plan)[0]


def others(held: Mapping[str, T], wanted: Mapping[str, Certificate]) -> dict[str, T]:
    touched = {name.lower() for name in wanted}
    return {alias: entry for alias, entry in held.items() if alias not in touched}


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate]
)
@given(wanted=WANTED, data=st.data())
def put_in_and_take_out(kind: str, wanted: dict[str, Certificate], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder, kind)
        before, bytes_before = bench.held(), bench.store.path.read_bytes()
        steps = bench.change("present", wanted)
        held = bench.held()
        assert [held[step.alias.lower()] for step in steps] == [
            ("trusted_certificate", certificate.sha256) for certificate in wanted.values()
        ]
        assert others(held, wanted) == others(before, wanted)
        if kind == "JKS":
            assert others(jks_entries(bench.store.path.read_bytes()), wanted) == others(
                jks_entries(bytes_before), wanted
            )
        assert not any(step.changes for step in bench.change("present", wanted))

        gone = {
            name: wanted[name]
            for name in data.draw(
                st.lists(st.sampled_from(sorted(wanted)), min_size=1, max_size=2, unique=True)
            )
        }
        bench.change("absent", gone)
        # A certificate that had another alias already is not under this one, and stays.
        assert bench.held() == {
            alias: entry for alias, entry in held.items() if alias not in {name.lower() for name in gone}
        }
        assert not any(step.changes for step in bench.change("absent", gone))


@pytest.mark.parametrize(
    ("kind", "besides"), [("JKS", ", with their creation dates and keys, byte for byte"), ("PKCS12", "")]
)
def test_any_certificates_under_any_aliases(happened: Happened, kind: str, besides: str) -> None:
    put_in_and_take_out(kind)
    happened(
        "truststore_cert",
        f"any certificates under any aliases on {kind}",
        f"in, known again, out; all other entries stay{besides}",
    )
