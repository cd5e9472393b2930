"""The snippets of WSO2's pages merged into files, before the real judge: what the config mapper makes of them with the
templates of IS 7.0, 7.1 and 7.2."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document, to_bytes
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.merge import put_all, take_all
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.record import Record
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.wanted import parse_wanted
from support.cases import Happened
from support.deployment_files import EDITED, GROUPS, LATER_SNIPPETS, STOCK
from support.site import CACHE
from testbed.config_check.oracle import Oracle

PART = "deployment_toml"
VERSIONS = ("7.0", "7.1", "7.2")
IDENTITIES = {("resource", "access_control"): ("context", "http_method"), ("event_listener",): ("name",)}
IDENTITY_XML = "identity/identity.xml"

Lines = Counter[tuple[str, str]]
Names = tuple[str, ...]
Values = dict[str, Any]
Read = Callable[[str], Values]
Render = Callable[[str], Lines | None]
# What of each snippet is to be seen in identity.xml, once, and the versions whose templates know it. Of the stanza
# there are others like it; what the server decides by it is held in test_access_decision.py.
PIECES = {
    "oauth": ("<AuthorizeAllScopes>true</AuthorizeAllScopes>", ("7.1", "7.2")),
    "roles": ("<AllowSystemPrefixForRoles>true</AllowSystemPrefixForRoles>", ("7.1", "7.2")),
    "revocation": ('name="org.wso2.is.notification.ApimOauthEventInterceptor"', VERSIONS),
    "mutual TLS": (f"<CertThumbprint>{':'.join(['AB'] * 32)}</CertThumbprint>", ("7.2",)),
    "tenants": ('name="org.wso2.carbon.identity.mgt.listener.TenantSyncListener"', VERSIONS),
}
# What changes where an entry for the stanza's requests is there already and is corrected.
CORRECTED = (
    "<Resource context=",
    "http-method=",
    "cross-tenant=",
    "<Permissions>",
    "<Scopes>",
    ">",
    "</Resource>",
)


@pytest.fixture(scope="module")
def oracles() -> Iterator[dict[str, Oracle]]:
    made = {version: Oracle(CACHE, version) for version in VERSIONS}
    yield made
    for oracle in made.values():
        oracle.close()


@pytest.fixture(scope="module")
def judges(oracles: dict[str, Oracle], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Render]:
    """What each version renders of a text: its lines, or None where it refuses the text."""
    file = tmp_path_factory.mktemp("judged") / "deployment.toml"
    return {version: rendering(oracle, file) for version, oracle in oracles.items()}


@pytest.fixture
def read(oracles: dict[str, Oracle], tmp_path: Path) -> Read:
    """What the server's own reader makes of a text, by dotted keys; it is the same in all versions."""
    file = tmp_path / "deployment.toml"

    def values(text: str) -> Values:
        file.write_bytes(to_bytes(text))
        found = oracles[VERSIONS[-1]].read(file)
        assert found is not None
        return found

    return values


def rendering(oracle: Oracle, file: Path) -> Render:
    def render(text: str) -> Lines | None:
        file.write_bytes(to_bytes(text))
        if not oracle.check(file, []).accepted:
            return None
        return Counter(
            (name, line.strip())
            for name, content in oracle.rendered().items()
            for line in content.splitlines()
            if line.strip()
        )

    return render


def merged(text: str, names: Sequence[str]) -> tuple[str, Record]:
    """The text with these snippets, put in one after the other."""
    document, record = Document(text), Record()
    for name in names:
        merge = put_all(document, parse_wanted(None, LATER_SNIPPETS[name], IDENTITIES), record)
        document, record = merge.document, merge.record
    return document.text, record


def without(text: str, names: Sequence[str], record: Record) -> str:
    document = Document(text)
    for name in names:
        merge = take_all(document, parse_wanted(None, LATER_SNIPPETS[name], IDENTITIES), record)
        document, record = merge.document, merge.record
    return document.text


def assert_pieces_once(lines: Lines, version: str, names: Iterable[str]) -> None:
    for name in set(names) & set(PIECES):
        piece, known_to = PIECES[name]
        assert lines[IDENTITY_XML, piece] == (version in known_to), (name, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_snippet_makes_its_piece_once_and_nothing_else(
    judges: dict[str, Render], version: str, happened: Happened
) -> None:
    for name, snippet in LATER_SNIPPETS.items():
        rendered = judges[version](merged(STOCK, [name])[0])
        assert rendered is not None
        assert rendered == judges[version](f"{STOCK}\n{snippet}"), "as if it had been pasted at the end"
        assert_pieces_once(rendered, version, [name])
    happened(
        PART,
        f"each page's snippet merged into the stock file of IS {version}",
        "rendered as if it had been pasted at the end, once",
    )


def edits() -> list[Names]:
    """Each snippet alone, each two in either order, all of them in orders that each begin with another one."""
    names = list(LATER_SNIPPETS)
    turned = [(*names[number:], *names[:number]) for number in range(len(names))]
    return [*((name,) for name in names), *itertools.permutations(names, 2), *turned]


def test_into_every_file_they_are_rendered_once_and_all_else_is_as_before(
    judges: dict[str, Render], read: Read, happened: Happened
) -> None:
    """Every file of the corpus is edited, in turn alone, in pairs and by all snippets, and each of these edits is judged by
    each version. The product of files, edits and versions would take hours, so a file is judged for one edit by one version;
    of files that the server reads alike, the first alone is rendered, and the others have to be read alike afterwards too.
    """
    made = {
        version: changes(render, STOCK, merged(STOCK, [*LATER_SNIPPETS])[0])
        for version, render in judges.items()
    }
    texts = [text for group in GROUPS.values() if group.fate == EDITED for text in group.files.values()]
    firsts: dict[str, tuple[Names, Values]] = {}
    for text in texts:
        turn, edit = divmod(len(firsts), len(edits()))
        version = VERSIONS[turn % len(VERSIONS)]
        as_read = repr(read(text))
        names, expected = firsts.get(as_read, (edits()[edit], None))
        edited = there_and_back(text, names)
        after = read(edited)
        assert in_any_order(after) == in_any_order(read(merged(text, names[::-1])[0]))
        if expected is not None:
            assert after == expected
            continue
        firsts[as_read] = (names, after)
        rendered = judges[version](edited)
        assert rendered is not None
        assert_pieces_once(rendered, version, names)
        before = judges[version](text)
        assert before is not None
        others = {*(rendered - before), *(before - rendered)} - {*made[version][0], *made[version][1]}
        assert not [line for line in others if not is_corrected(line)], (names, version)
    assert len(firsts) >= len(edits()) * len(VERSIONS), "each edit is judged by each version"
    happened(
        PART,
        "each snippet alone, each two in either order, all of them, into every file of the corpus",
        "each piece rendered once by 7.0, 7.1 and 7.2, the same in any order, and all else as before; a second run changes"
        " no byte; taken out without a trace",
    )


def there_and_back(text: str, names: Names) -> str:
    """The text with these snippets, which a second run leaves and state=absent takes out, in this order and the other."""
    edited, record = merged(text, names)
    again = put_all(Document(edited), parse_wanted(None, LATER_SNIPPETS[names[0]], IDENTITIES), record)
    assert (again.document.text, again.record) == (edited, record)
    assert merged(edited, names)[0] == edited
    assert without(edited, names, record) == without(edited, names[::-1], record) == text
    return edited


def in_any_order(values: Values) -> Values:
    """What a server reads, less the order of an array's entries."""
    return {
        key: sorted(value, key=repr) if isinstance(value, list) else value for key, value in values.items()
    }


def changes(render: Render, before: str, after: str) -> tuple[Lines, Lines]:
    """The rendered lines that come, and those that go."""
    old, new = render(before), render(after)
    assert old is not None and new is not None
    return new - old, old - new


def is_corrected(line: tuple[str, str]) -> bool:
    return line[1].startswith(CORRECTED)
