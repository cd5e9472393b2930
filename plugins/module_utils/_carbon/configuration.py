# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what every module does that edits a ``deployment.toml``."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from .._files.lock import only_run_in
from .._files.note import remove_note, write_note
from .._files.read import DEPLOYMENT_TOML_LIMIT, read_file, read_regular, reading_advice
from .._files.replace import clear_leftover, has_leftover, os_error_advice, replace
from .._module import keep_secret
from .._problem import Problem, printable
from .._toml.document import Document, to_bytes
from .._toml.merge import Merge, put_all, take_all
from .._toml.reader import TomlError
from .._toml.record import Record, Trace
from .._toml.shown import Secrets, name_of, shown_changes
from .._toml.wanted import Wanted, parse_identities, parse_wanted
from .home import CarbonHome

_LOCK_TIMEOUT = 60  # seconds

ARGUMENTS: dict[str, t.Any] = {
    "path": {"type": "path"},
    "carbon_home": {"type": "path"},
    "backup": {"type": "bool", "default": False},
    "unsafe_writes": {"type": "bool", "default": False},
}
# What is wanted of a file, wherever a module takes it.
WANTED_ARGUMENTS: dict[str, t.Any] = {
    "tables": {"type": "dict", "no_log": True},
    "snippet": {"type": "str", "no_log": True},
    "identity": {"type": "dict", "default": {}},
    "sensitive": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "purpose": {"type": "str"},
}
# What tells the entries of WSO2's arrays of tables apart.
_IDENTITIES = {
    ("resource", "access_control"): ("context", "http_method"),
    ("event_listener",): ("name",),
    ("apim", "tenant_sharing"): ("type",),
}
# A dotted key below a header that WSO2's page on tenant sharing has so.
_MEANT = (("multi_tenancy", "stratos", "public_cloud_setup"),)
RULES: dict[str, t.Any] = {
    "mutually_exclusive": [("path", "carbon_home")],
    "required_one_of": [("path", "carbon_home")],
    "supports_check_mode": True,
}


@dataclasses.dataclass(frozen=True)
class Note:
    """What stood in a file before it was edited, kept beside it, with its mode and owner.

    ``first`` is written before the file, so that nothing that was edited goes without a note.
    """

    record: Record
    first: Record | None


def _write_record(path: str, record: Record) -> None:
    """Raises OSError."""
    traces = {name: dataclasses.astuple(trace) for name, trace in record.traces.items()}
    if traces:
        write_note(_note_of(path), json.dumps(traces, indent=1), os.stat(path))
    else:
        remove_note(_note_of(path))


def read_record(path: str) -> Record:
    """What was noted of a file. Raises Problem."""
    note = _note_of(path)
    try:
        traces = json.loads(read_regular(note, DEPLOYMENT_TOML_LIMIT, follow=False))
        return Record({name: _trace(name, *found) for name, found in traces.items()})
    except FileNotFoundError:
        return Record()
    except OSError as exc:
        raise Problem(f"Reading what {path} said before, {note}, failed", *reading_advice(exc)) from exc
    except (AttributeError, TypeError, ValueError) as exc:
        raise Problem(f"{note} does not hold what {path} said before", advice="remove it") from exc


def _trace(name: str, was: t.Any, now: t.Any, purpose: t.Any = None) -> Trace:
    """Raises TypeError, ValueError."""
    if not all(text is None or isinstance(text, str) for text in (was, now, purpose)):
        raise TypeError
    Record.place(name)
    return Trace(was, now, purpose)


def _note_of(path: str) -> str:
    folder, name = os.path.split(os.path.realpath(path))
    return os.path.join(folder, f".carbonops-before-{name}")


@dataclasses.dataclass(frozen=True)
class Edit:
    """``text`` is the file as it will be.

    ``before`` and ``after`` show the edited part alone, as the rest holds passwords. ``note`` is what the
    next run is to know of what stood before.
    """

    text: str
    before: str
    after: str
    result: dict[str, t.Any]
    note: Note | None = None


def edit_file(module: AnsibleModule, plan: t.Callable[[Document], Edit]) -> dict[str, t.Any]:
    """Read the file of the options, carry out the plan, and read it back; the module's result.

    Raises Problem.
    """
    options = module.params
    path = file_of(options)
    try:
        result, notes = _edit(path, plan, options, write=False)
        # Without the lock, which needs a folder that can be written to, where nothing is to be written.
        if not module.check_mode and (result["changed"] or has_leftover(path)):
            result = _locked_edit(path, plan, options)
        elif not module.check_mode and notes:
            with contextlib.suppress(OSError):  # of a folder that nothing can be noted in
                result = _locked_edit(path, plan, options)
        for warning in result.pop("warnings", ()):
            module.warn(warning)
        return result
    except OSError as exc:
        raise Problem(f"Editing {path} failed, nothing was changed", *os_error_advice(exc)) from exc


def file_of(options: t.Mapping[str, t.Any]) -> str:
    """The path of the file that a module's options give."""
    return options["path"] or str(CarbonHome(options["carbon_home"]).deployment_toml)


def _locked_edit(
    path: str, plan: t.Callable[[Document], Edit], options: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    with only_run_in(os.path.dirname(os.path.realpath(path)), _LOCK_TIMEOUT):
        clear_leftover(path)
        return _edit(path, plan, options, write=True)[0]


def _edit(
    path: str, plan: t.Callable[[Document], Edit], options: t.Mapping[str, t.Any], write: bool
) -> tuple[dict[str, t.Any], bool]:
    """The module's result, and whether there is something to note, or was."""
    before = read_regular(path, DEPLOYMENT_TOML_LIMIT)
    edit = planned_edit(path, before, plan)
    after = to_bytes(edit.text)
    diff = {
        "before_header": path,
        "after_header": path,
        "before": _shown(edit.before),
        "after": _shown(edit.after),
    }
    result = {"changed": after != before, "path": path, "diff": diff, **edit.result}
    if not write:
        return result, edit.note is not None
    if edit.note and edit.note.first:
        _write_record(path, edit.note.first)
    if result["changed"]:
        result.update(_written(path, before, after, options, result))
    if edit.note and edit.note.first != edit.note.record:
        _write_record(path, edit.note.record)
    return result, edit.note is not None


def _written(
    path: str, before: bytes, after: bytes, options: t.Mapping[str, t.Any], result: dict[str, t.Any]
) -> dict[str, t.Any]:
    """Write the file and read it back; what there is to tell of it. Raises OSError, Problem."""
    copy = replace(path, after, options["backup"], before, in_place=options["unsafe_writes"])
    told = {} if copy is None else {"backup_file": copy}
    if read_file(path, "the configuration file", DEPLOYMENT_TOML_LIMIT) != after:
        raise Problem(
            f"{path} was written, but holds something else now",
            advice="another process changed it at the same time, run again",
            facts={**result, **told},
        )
    return told


def foretold_edit(path: str, plan: t.Callable[[Document], Edit]) -> dict[str, t.Any]:
    """Whether a plan changes a file, and the plan's result. Raises Problem."""
    content = read_file(path, "the configuration file", DEPLOYMENT_TOML_LIMIT)
    edit = planned_edit(path, content, plan)
    result = {name: value for name, value in edit.result.items() if name != "warnings"}
    return {"changes": to_bytes(edit.text) != content, **result}


def _shown(text: str) -> str:
    """Lines of a file as a diff shows them: nothing in them steers a terminal."""
    return "\n".join(printable(line) for line in text.split("\n"))


def planned_edit(path: str, content: bytes, plan: t.Callable[[Document], Edit]) -> Edit:
    """The edit of a file's content. Raises Problem, told for this file."""
    try:
        return plan(Document.from_bytes(content))
    except TomlError as exc:
        raise Problem(
            f"{path} is not what a server can read",
            exc.clause,
            "correct it first, nothing was changed",
        ) from exc
    except Problem as exc:
        raise exc.during(f"Editing {path} was refused") from exc


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is wanted of a file, what of it is secret, and the word for what it is for."""

    wanted: Wanted
    secrets: Secrets
    purpose: str | None

    def put(self, document: Document, record: Record) -> Edit:
        """Have it there. Raises Problem."""
        merge = put_all(document, self.wanted, record, self.purpose)
        return self._edit(merge, record, first=Record({**record.traces, **merge.record.traces}))

    def take(self, document: Document, record: Record) -> Edit:
        """Take it out, and give back what stood there. Raises Problem."""
        return self._edit(take_all(document, self.wanted, record, self.purpose), record, first=None)

    def foretold(self, path: str, record: Record) -> dict[str, t.Any]:
        """Whether it would change a file, and what of it. Raises Problem.

        Where nothing is wanted and nothing was, there need not be a file.
        """
        if self.wanted.is_nothing() and self.purpose not in record.purposes():
            return {"changes": False, "edited": []}
        return foretold_edit(path, lambda document: self.put(document, record))

    def _edit(self, merge: Merge, record: Record, first: Record | None) -> Edit:
        result = {"edited": [name_of(change.under + change.path, self.secrets) for change in merge.changes]}
        note = Note(merge.record, first) if merge.record != record else None
        warnings = [
            f"What {name_of(place, self.secrets)} said before is not known, so it was taken out."
            for place in merge.unknown
        ]
        warnings += [
            f"{name_of(place, self.secrets)} says something else than what was put there, so it stays."
            for place in merge.foreign
        ]
        return Edit(
            merge.document.text,
            *shown_changes(merge.changes, self.secrets),
            {**result, "warnings": warnings},
            note,
        )


def asked_of(module: AnsibleModule, options: dict[str, t.Any]) -> Asked:
    """What options give, whose secrets are blanked then. Raises Problem."""
    secrets = Secrets.with_further(options["sensitive"])
    given = {name: options[name] for name in ("tables", "snippet")}
    purpose = options["purpose"] or None
    keep_secret(module, options, list(given), [])
    identities = parse_identities(options["identity"], _IDENTITIES)
    wanted = parse_wanted(
        given["tables"], given["snippet"], identities, _MEANT, may_be_nothing=purpose is not None
    )
    found = [secret for path, value in wanted.keys for secret in secrets.values(path, value)]
    found += [secret for path, table in wanted.entries for secret in secrets.values(path, table)]
    keep_secret(module, options, [], found)
    return Asked(wanted, secrets, purpose)
