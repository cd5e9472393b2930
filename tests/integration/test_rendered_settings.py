"""The snippets of WSO2's pages merged into files, before the real judge: what the config mapper makes of them with the
templates of IS 7.0, 7.1 and 7.2."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document, to_bytes
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.merge import Record, put_all, take_all
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.wanted import parse_wanted
from support.deployment_files import EDITED, GROUPS, LATER_SNIPPETS, STOCK
from support.site import CACHE
from testbed.config_check.oracle import Oracle

PART = "deployment_toml"
VERSIONS = ("7.0", "7.1", "7.2")
IDENTITIES = {("resource", "access_control"): ("context", "http_method"), ("event_listener",): ("name",)}
IDENTITY_XML = "identity/identity.xml"
SAMPLE = 8  # files of the corpus, each with an order of its own

Lines = Counter[tuple[str, str]]
Render = Callable[[str], Lines | None]
Happened = Callable[[str, str, str], None]

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
def judges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Render]]:
    """What each version renders of a text: its lines, or None where it refuses the text."""
    oracles = {version: Oracle(CACHE, version) for version in VERSIONS}
    file = tmp_path_factory.mktemp("judged") / "deployment.toml"
    yield {version: rendering(oracle, file) for version, oracle in oracles.items()}
    for oracle in oracles.values():
        oracle.close()


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


def test_in_any_order_and_in_any_file_they_render_the_same(
    judges: dict[str, Render], happened: Happened
) -> None:
    dice = random.Random(16)
    orders = list(itertools.permutations(LATER_SNIPPETS))
    made = {
        version: changes(render, STOCK, merged(STOCK, orders[0])[0]) for version, render in judges.items()
    }
    texts = [text for group in GROUPS.values() if group.fate == EDITED for text in group.files.values()]
    for text in [STOCK, *dice.sample(texts, SAMPLE)]:
        order = dice.choice(orders)
        edited, record = merged(text, order)
        assert merged(edited, order)[0] == edited
        assert without(edited, dice.choice([order, order[::-1]]), record) == text
        for version, render in judges.items():
            added, gone = changes(render, text, edited)
            assert not [
                line
                for line in {*added, *gone} - {*made[version][0], *made[version][1]}
                if not is_corrected(line)
            ]
            assert added == changes(render, text, merged(text, order[::-1])[0])[0]
            assert_pieces_once(render(edited) or Lines(), version, order)
    happened(
        PART,
        f"all snippets, in another order each, into the stock file and {SAMPLE} others",
        "each piece rendered once by 7.0, 7.1 and 7.2, the same in any order, and all else as before; a second run changes"
        " no byte; taken out without a trace",
    )


def changes(render: Render, before: str, after: str) -> tuple[Lines, Lines]:
    """The rendered lines that come, and those that go."""
    old, new = render(before), render(after)
    assert old is not None and new is not None
    return new - old, old - new


def is_corrected(line: tuple[str, str]) -> bool:
    return line[1].startswith(CORRECTED)
