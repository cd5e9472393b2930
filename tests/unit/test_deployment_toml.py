"""The module deployment_toml on files: what it does in each case, what it shows, and what it keeps beside them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.configuration import Asked, read_record
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.merge import put_all
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.shown import Secrets
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.wanted import parse_wanted
from support.cases import Happened, plain
from support.deployment_files import SNIPPETS, STOCK
from support.modules import Outcome, run_module

PART = "deployment_toml"
PASSWORD, TOKEN = "correct-horse-7", "battery-staple-8"
LISTENER = SNIPPETS["revocation"] + f'password = "{PASSWORD}"\n'
HOSTNAME = "[server]\nhostname = 'is7.example.com'\n"
OAUTH = SNIPPETS["oauth"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deployment.toml"
    path.write_text(STOCK)
    return path


def run(file: Path, check: bool = False, **options: Any) -> Outcome:
    return run_module("deployment_toml", check, path=str(file), **options)


def note_of(file: Path) -> Path:
    return file.with_name(f".carbonops-before-{file.name}")


def shown(outcome: Outcome) -> str:
    return json.dumps(outcome) + outcome.output


# Case -> the file and the options.
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "a snippet of WSO2's page, as pasted": (STOCK, {"snippet": LISTENER}),
    "its table is there already": (f"{STOCK}\n[oauth]\n# theirs\nx = 1\n", {"snippet": OAUTH}),
    "its table is there only by a table inside it": (
        f"{STOCK}\n[oauth.token_cleanup]\nenable = false\n",
        {"snippet": OAUTH},
    ),
    "its key says something else": (STOCK, {"snippet": HOSTNAME}),
    "the entry is there with other values": (
        LISTENER.replace("order = 1", "order = 7 # theirs"),
        {"snippet": LISTENER},
    ),
    "as data, dotted and quoted names too": (
        STOCK,
        {"tables": {"transport.https.properties": {"proxyPort": 443}, "a.'b.c'": {"header.X": "y"}}},
    ),
    "data and a snippet": (STOCK, {"tables": {"server": {"hostname": "x.y"}}, "snippet": OAUTH}),
    "an array of tables whose identity is given": (
        '[[user_store.more]]\nname = "a"\nx = 1\n',
        {"tables": {"user_store.more": [{"name": "a", "x": 2}]}, "identity": {"user_store.more": ["name"]}},
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_foretold_made_once_and_taken_back(file: Path, case: str, happened: Happened) -> None:
    before, options = CHANGES[case]
    file.write_text(before)
    foretold = run(file, check=True, **options)
    assert file.read_text() == before and not note_of(file).exists()
    made = run(file, **options)
    after = file.read_text()
    second = run(file, **options)
    assert (foretold["changed"], made["changed"], second["changed"]) == (True, True, False)
    assert (foretold["diff"], foretold["edited"]) == (made["diff"], made["edited"])
    assert made["diff"]["before"] != made["diff"]["after"] and made["edited"]
    assert second["diff"]["before"] == second["diff"]["after"] == "" and second["edited"] == []
    foretold_back = run(file, check=True, state="absent", **options)
    assert file.read_text() == after
    back = run(file, state="absent", **options)
    assert foretold_back["changed"] and back["changed"] and not back.get("warnings")
    assert foretold_back["diff"] == back["diff"]
    assert file.read_text() == before and (not note_of(file).exists() or "[[" in before)
    assert not run(file, state="absent", **options)["changed"]
    happened(
        PART,
        case,
        "changed, as check mode and diff said; a second run changes nothing; absent gives the bytes back",
    )


def test_what_was_there_already_stays_there(file: Path, happened: Happened) -> None:
    before = f"{STOCK}\n{OAUTH}"
    file.write_text(before)
    assert not run(file, snippet=OAUTH)["changed"]
    for _time in range(2):
        assert not run(file, snippet=OAUTH, state="absent")["changed"]
    assert file.read_text() == before
    happened(PART, "the file said it before the first run, then state=absent", "unchanged: it was not put in")


def test_without_a_note_it_is_taken_out_with_a_warning(file: Path, happened: Happened) -> None:
    file.write_text(f"{STOCK}\n{OAUTH}")
    outcome = run(file, snippet=OAUTH, state="absent")
    assert outcome["changed"] and "authorize_all_scopes" not in file.read_text()
    sentence = "What oauth.authorize_all_scopes said before is not known, so it was taken out."
    assert sentence in json.dumps(outcome["warnings"])
    happened(PART, "state=absent where no run of this module put it in", sentence)


def test_what_somebody_else_has_changed_since_stays(file: Path, happened: Happened) -> None:
    run(file, snippet=HOSTNAME)
    theirs = file.read_text().replace("is7.example.com", "theirs.example.com")
    file.write_text(theirs)
    outcome = run(file, snippet=HOSTNAME, state="absent")
    assert not outcome["changed"] and file.read_text() == theirs and not note_of(file).exists()
    sentence = "server.hostname says something else than what was put there, so it stays."
    assert sentence in json.dumps(outcome["warnings"])
    happened(PART, "state=absent where somebody else has changed the value since", sentence)


def test_a_purpose_follows_what_is_given(file: Path, happened: Happened) -> None:
    for snippet in (LISTENER, OAUTH, LISTENER + OAUTH):
        asked = {"snippet": snippet, "purpose": "ours"}
        foretold, made = run(file, check=True, **asked), run(file, **asked)
        assert made["changed"] and foretold["diff"] == made["diff"]
        assert PASSWORD not in shown(made) and ("authorize_all_scopes" in file.read_text()) is (
            OAUTH in snippet
        )
        assert not run(file, **asked)["changed"]
        assert not run(file, purpose="another")["changed"]
    foretold, ended = run(file, check=True, purpose="ours"), run(file, purpose="ours")
    assert foretold["diff"] == ended["diff"]
    assert 'password = "********"' in ended["diff"]["before"] and ended["diff"]["after"] == ""
    assert file.read_text() == STOCK and not note_of(file).exists()
    run(file, snippet=OAUTH, purpose="ours")
    assert run(file, purpose="ours", state="absent")["changed"] and file.read_text() == STOCK
    happened(
        PART,
        "a purpose, for which other things are given than in the run before, then nothing",
        "what is not given any more is taken out, to the byte, and told by check mode and diff; other purposes stay",
    )


def test_what_a_purpose_takes_out_is_noted_until_it_is_out(file: Path) -> None:
    """A run that ends between note and file leaves a note that has all that is in the file."""
    run(file, snippet=OAUTH, purpose="ours")
    noted = json.loads(note_of(file).read_text())
    record = read_record(str(file))
    merge = put_all(Document(file.read_text()), parse_wanted(None, HOSTNAME, {}), record, "ours")
    secrets = Secrets.with_further([])
    edit = Asked(parse_wanted(None, HOSTNAME, {}), secrets, "ours").put(Document(file.read_text()), record)
    assert edit.note and edit.note.first and edit.note.record == merge.record
    assert set(noted) < set(edit.note.first.traces)
    assert not set(noted) & set(merge.record.traces)


# Case -> the file, the options and the sentence.
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a snippet that is no TOML": (
        STOCK,
        {"snippet": "[oauth]\nauthorize_all_scopes = yes\n"},
        "The snippet is not what a server can read: a value was expected (at line 2, column 24); correct it,"
        " nothing was changed.",
    ),
    "a key that is a table there": (
        "[oauth]\nx = 1\n",
        {"snippet": "oauth = true\n"},
        "Editing FILE was refused: line 1 writes oauth as a table of its own; write it as one value first.",
    ),
    "an entry without its identity": (
        STOCK,
        {"snippet": "[[event_listener]]\nid = 'token_revocation'\n"},
        "An entry of [[event_listener]] has no name, by which it is known among the others; give its name.",
    ),
    "the same key in tables and snippet": (
        STOCK,
        {"tables": {"oauth": {"authorize_all_scopes": False}}, "snippet": OAUTH},
        "Both tables and snippet give oauth.authorize_all_scopes; give it once.",
    ),
    "a list of several types": (
        STOCK,
        {"tables": {"a": {"b": [1, "x"]}}},
        "a.b is a list of values of more than one type; give values of one type, the server reads no others.",
    ),
    "no value": (
        STOCK,
        {"tables": {"a": {"b": None}}},
        "a.b has no value, and TOML has none for that; give one, or leave it out.",
    ),
    "a value with {{": (
        STOCK,
        {"snippet": "[a]\nb = '{{ c }}'\n"},
        "The value of a.b holds '{{', which the server takes for the beginning of a template; use a text without it.",
    ),
    "a dotted key below a header": (
        STOCK,
        {"snippet": "[server]\noffset = 1\noauth.authorize_all_scopes = true\n"},
        "Line 3, column 1 of the snippet gives oauth.authorize_all_scopes below [server], so that it would be"
        " server.oauth.authorize_all_scopes; put it above all headers if oauth.authorize_all_scopes is meant, in quotes"
        " if the dot is part of the key, or below a header [server.oauth].",
    ),
    "a file that the server cannot read": (
        "[x]\n[x]\n",
        {"snippet": OAUTH},
        "FILE is not what a server can read: [x] is there already or stands after something inside it, which the"
        " server cannot read (at line 2, column 1); correct it first, nothing was changed.",
    ),
    "an identity that is none": (
        STOCK,
        {"snippet": OAUTH, "identity": {"x": 1}},
        "identity gives x as 1; give a list of the entry's keys.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_said_in_one_sentence(file: Path, case: str, happened: Happened) -> None:
    before, options, sentence = REFUSED[case]
    file.write_text(before)
    for check in (True, False):
        outcome = run(file, check, **options)
        assert outcome.failed and outcome["msg"] == sentence.replace("FILE", str(file))
    assert file.read_text() == before and not note_of(file).exists()
    happened(PART, case, plain(outcome["msg"], file=file))


SECRET_NAMES = (
    "password", "key_password", "keystorePassword", "client_secret", "clientSecret", "API_KEY", "apikey", "key",
    "access_token", "bearerToken", "passphrase", "credentials", "'header.X-API-Key'",
)  # fmt: skip
PUBLIC_NAMES = (
    "keystore_type",
    "key_alias",
    "token_url",
    "id",
    "monkeys_allowed",
    "'header.X-WSO2-KEY-MANAGER'",
)


def test_values_of_keys_that_are_named_like_secrets_are_never_shown(file: Path, happened: Happened) -> None:
    lines = [f'{name} = "{PASSWORD}-{number}"' for number, name in enumerate(SECRET_NAMES)]
    lines += [f'{name} = "shown-{number}"' for number, name in enumerate(PUBLIC_NAMES)]
    lines += [f'url = "jdbc:x://u:{PASSWORD}@host/db"', f'query = "a?user=u&password={PASSWORD}"']
    snippet = "\n".join(["[a]", *lines, f"[secrets]\nany = '{PASSWORD}'", LISTENER])
    for content in (STOCK, f'{STOCK}\n[a]\npassword = "{TOKEN}"\nkey = "{TOKEN}"\n'):
        file.write_text(content)
        for state in ("present", "absent"):
            for check in (True, False):
                outcome = run(file, check, snippet=snippet, state=state)
                assert outcome["changed"]
                assert PASSWORD not in shown(outcome) and TOKEN not in shown(outcome)
                side = "after" if state == "present" else "before"
                assert all(f"shown-{each}" in outcome["diff"][side] for each in range(len(PUBLIC_NAMES)))
        assert file.read_text() == content
    assert 'password = "********' in outcome["diff"]["after"]
    happened(
        PART, "a password in what it edits", "masked in diff, result and log, the old one and the new one"
    )


def test_another_secret_is_told_as_a_change(file: Path) -> None:
    run(file, snippet=LISTENER)
    outcome = run(file, snippet=LISTENER.replace(PASSWORD, TOKEN))
    assert outcome["changed"] and TOKEN not in shown(outcome)
    assert 'password = "********"\n' in outcome["diff"]["before"]
    assert 'password = "******** (changed)"\n' in outcome["diff"]["after"]
    assert TOKEN in file.read_text()


@pytest.mark.parametrize("sensitive", ["pin", "a.pin", "A.PIN"])
def test_further_secrets_are_masked(file: Path, sensitive: str) -> None:
    outcome = run(file, tables={"a": {"pin": PASSWORD}}, sensitive=[sensitive])
    assert PASSWORD not in shown(outcome) and "********" in outcome["diff"]["after"]
    assert PASSWORD in shown(run(file, check=True, tables={"a": {"pin": PASSWORD}}, state="absent"))


def test_a_refusal_shows_no_secret(file: Path) -> None:
    for snippet in (f'[a]\npassword = "{PASSWORD}\n', f'[a]\npassword = "{PASSWORD}"\nb = [1, "x"]\n'):
        outcome = run(file, snippet=snippet)
        assert outcome.failed and PASSWORD not in shown(outcome)
    outcome = run(file, tables={"a": {"password": f"{PASSWORD}{{{{ x }}}}"}})
    assert outcome.failed and PASSWORD not in shown(outcome)
    outcome = run(file, tables={"super_admin": {"password": {"x": PASSWORD}}})
    assert outcome.failed and PASSWORD not in shown(outcome)


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_what_stood_before_is_kept_with_the_mode_and_owner_of_the_file(
    file: Path, mode: int, happened: Happened
) -> None:
    file.chmod(mode)
    if os.geteuid() == 0:
        os.chown(file, 12345, 12345)
    outcome = run(file, tables={"super_admin": {"password": PASSWORD}})
    kept, own = note_of(file).stat(), file.stat()
    assert (kept.st_mode, kept.st_uid, kept.st_gid) == (own.st_mode, own.st_uid, own.st_gid)
    assert '"admin"' in json.loads(note_of(file).read_text())['["super_admin", "password"]'][0]
    assert '"admin"' not in outcome["diff"]["before"]
    if mode == 0o600:
        happened(
            PART,
            "it changes a password",
            "the old one is kept beside the file, with its mode and owner, and not shown",
        )


def test_a_symlink_in_the_place_of_the_note_is_not_followed(file: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("{}")
    note_of(file).symlink_to(theirs)
    outcome = run(file, snippet=HOSTNAME)
    assert outcome.failed and "symlink" in outcome["msg"]
    assert theirs.read_text() == "{}" and file.read_text() == STOCK


@pytest.mark.parametrize(
    "content",
    [
        '{"[1]": ["a", "b"]}',
        '{"[]x": ["a", "b"]}',
        '{"[\\"a\\"]": ["a", "b", 1]}',
        "",
        "[]",
        '{"x": 1}',
        '{"x": [1, 2]}',
        '{"x": ["a"]}',
        "\x00",
        '"x"',
    ],
)
def test_a_note_that_is_none_is_refused(file: Path, content: str) -> None:
    note_of(file).write_text(content)
    outcome = run(file, snippet=HOSTNAME, state="absent")
    assert outcome.failed and outcome["msg"] == (
        f"Editing {file} was refused: {note_of(file)} does not hold what {file} said before; remove it."
    )


def test_a_note_cannot_bring_more_into_the_file_than_a_value(file: Path) -> None:
    run(file, snippet=HOSTNAME)
    edited = file.read_text()
    note = json.loads(note_of(file).read_text())
    note['["server", "hostname"]'][0] = '"x"\n[evil]\ny = 1'
    note_of(file).write_text(json.dumps(note))
    outcome = run(file, snippet=HOSTNAME, state="absent")
    assert outcome.failed and file.read_text() == edited
    assert outcome["msg"] == (
        f"Editing {file} was refused: what was recorded of server.hostname is no value; remove the record."
    )


def test_nothing_is_lost_where_nothing_can_be_noted(file: Path) -> None:
    """A run that has nothing to change needs no folder that can be written to."""
    file.write_text(f"{STOCK}\n{OAUTH}")
    note_of(file).mkdir()
    outcome = run(file, snippet=OAUTH)
    assert outcome.failed and "is a directory" in outcome["msg"].lower()
