# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: one look at a carbon home, which sees everything that a decision needs.

What cannot be seen is kept as the problem that it is, by the name of the part. No Ansible import.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime as dt
import hashlib
import os
import pwd
import re
import typing as t
from pathlib import Path

from .._files.read import open_regular, read_regular
from .._keystore.certificate import Certificate
from .._keystore.fitness import doubts, is_stock, names_missing
from .._keystore.keytool import Keytool, StoreEntry, entries_of
from .._keystore.store import Store, store_type
from .._keystore.trust import Wanted
from .._problem import Problem, printable
from .._toml.record import Record
from .dropins import look_at_dropins
from .home import DEPLOYMENT_TOML, CarbonHome
from .plan import Asked as AskedOfServer
from .plan import Seen, outdated_by
from .process import CarbonProcess
from .ready import Ready
from .server import CarbonServer, newer_than
from .state import look_at_server
from .stores import store_of
from .systemd import is_booted

Part = t.Dict[str, t.Any]
# Files that say which version a home is, as the start script's verb "version" shows them.
_VERSION_FILES = ("bin/version.txt", "bin/wso2carbon-version.txt")
_VERSION_BYTES = 200
# Where the role that proves a key manager remembers what it proved.
_PROOF, _PROOF_BYTES = "repository/carbonops-proof", 64
# How Identity Server is told which users' certificates it takes.
_CERTIFICATES = "client_certificate_based_authentication"
_MAPPINGS = (_CERTIFICATES, "user_thumbprint_mapping")
_HOSTNAME = ("server", "hostname")
_VERIFICATION = "transport.https.sslHostConfig.properties.certificateVerification"
_MAPPING = ("trusted_issuer", "cert_thumbprint", "allowed_username")
_VERIFIER = re.compile(r"""^[^#\n]*-Dhttpclient\.hostnameVerifier=["']?(\w+)""", re.MULTILINE)
_SCRIPT_LIMIT = 1 << 20  # bytes
_UTC = "%Y-%m-%dT%H:%M:%SZ"


@dataclasses.dataclass
class Look:
    """What was seen of a home, by part, its server's process, and why the rest was not."""

    seen: t.Dict[str, t.Optional[Part]] = dataclasses.field(default_factory=dict)
    not_seen: t.Dict[str, Problem] = dataclasses.field(default_factory=dict)
    certificates: t.Sequence[Part] = ()
    process: t.Optional[CarbonProcess] = None

    def at(self, part: str, see: t.Callable[[], Part]) -> None:
        """See one part, or keep why it cannot be seen."""
        try:
            self.seen[part] = see()
        except Problem as problem:
            self.seen[part] = None
            self.not_seen[part] = problem

    def require(self, parts: t.Iterable[str]) -> None:
        """Raise the problem of the first of these parts that could not be seen."""
        for part in parts:
            if part in self.not_seen:
                raise self.not_seen[part]

    def reasons(self) -> dict[str, str]:
        """Why parts were not seen, as sentences."""
        return {part: str(problem) for part, problem in self.not_seen.items()}


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the home is compared with, and how its stores are opened.

    ``ready`` is None for the product's own paths; a given password beats the configured one; ``trusted_as``
    is the alias under which other servers are to trust this one's certificate; ``called`` are hosts and ports
    by which it is called; ``certificates`` are trusted beside those of servers.
    ``client_certificate`` is whether the one that it shows as a client is looked at.
    """

    port_offset: int | None = None
    ready: Ready | None = None
    boot_files: tuple[str, ...] = ()
    dropins: Part = dataclasses.field(default_factory=dict)
    trusted_as: str | None = None
    called: tuple[tuple[str, int], ...] = ()
    certificates: tuple[Wanted, ...] = ()
    client_certificate: bool = False
    java_home: str | None = None
    keystore_password: str | None = dataclasses.field(default=None, repr=False)
    truststore_password: str | None = dataclasses.field(default=None, repr=False)


def look_at_home(server: CarbonServer, asked: Asked, see_configuration: t.Callable[[], Part]) -> Look:
    """See everything of a home that exists. What cannot be seen is kept in the look."""
    look = Look(certificates=[_as_told(wanted) for wanted in asked.certificates])
    look.at("configuration", see_configuration)
    _look_at_stores(look, server.home, asked)
    look.at("dropins", lambda: {"wanted": look_at_dropins(server.home.path, asked.dropins)})
    boot_files = _boot_files(look, asked)
    look.at("server", lambda: _look_at_server(look, server, asked, boot_files))
    look.at("start", lambda: _look_at_start(look, server, asked.port_offset))
    look.at("home", lambda: _look_at_folder(server, look.process, boot_files))
    return look


def told(look: Look) -> dict[str, t.Any]:
    """A look as a module's result."""
    return {
        "exists": True,
        **(look.seen["home"] or {}),
        "configuration": look.seen["configuration"],
        "certificate": look.seen["keystore"],
        "certificates": list(look.certificates),
        "client_certificate": look.seen.get("client_certificate"),
        "truststore": look.seen["truststore"],
        "dropins": (look.seen["dropins"] or {"wanted": None})["wanted"],
        "server": look.seen["server"],
        "settled": _is_settled(look),
        "not_seen": look.reasons(),
    }


def nothing_at(path: str, requires: t.Container[str]) -> dict[str, t.Any]:
    """The result for a home that does not exist. Raises Problem where it must."""
    problem = Problem(
        f"{path} is no carbon home (it has no bin folder)",
        advice="give the folder that the product's archive was unpacked into",
    )
    if "home" in requires:
        raise problem
    return {"exists": False, "carbon_home": path, "settled": False, "not_seen": {"home": str(problem)}}


def _is_settled(look: Look) -> bool:
    """Whether nothing that this look can judge is left to do."""
    server = look.seen["server"] or {}
    configuration = look.seen["configuration"] or {}
    plans = (configuration.get(name, {"changes": False}) for name in ("access_control", "wanted"))
    jars = (look.seen["dropins"] or {"wanted": []})["wanted"]
    due = any(plan["changes"] for plan in plans) or any(jar["due"] for jar in jars)
    return bool(server.get("ready")) and not server.get("restart_reason") and not due


def _look_at_folder(server: CarbonServer, process: CarbonProcess | None, boot_files: list[str]) -> Part:
    """What the home's own files say of it. Raises Problem."""
    home = server.home
    return {
        "carbon_home": str(home.path),
        "script": str(home.path / "bin" / server.product(process).script),
        "version": _version_of(home),
        "owner": _owner_of(home),
        "java_home": server.java_home(),
        "boot_files": boot_files,
        "host_name_verifier": host_name_verifier(home.path / "bin" / home.product().script),
        "proof": _beginning_of(home.path / _PROOF, _PROOF_BYTES),
    }


def is_unpacked(path: str) -> bool:
    """Whether something was unpacked there."""
    return os.path.isdir(os.path.join(path, "bin"))


def host_name_verifier(script: Path) -> str | None:
    """What the start script has the server's own requests do about names in certificates.

    API Manager comes with AllowAll, Identity Server with DefaultAndLocalhost. None where nothing is said,
    which is strict, too.
    """
    try:
        found = _VERIFIER.search(read_regular(script, _SCRIPT_LIMIT).decode("utf-8", "replace"))
    except OSError:
        return None
    return found.group(1) if found else None


def _owner_of(home: CarbonHome) -> Part:
    """The user to whom the home's folder belongs; without a name where the host knows none."""
    uid = os.stat(home.path).st_uid
    try:
        return {"uid": uid, "name": pwd.getpwuid(uid).pw_name}
    except KeyError:
        return {"uid": uid, "name": str(uid)}


def _version_of(home: CarbonHome) -> str | None:
    """The product and version that the home names itself."""
    texts = (_beginning_of(home.path / name, _VERSION_BYTES) for name in _VERSION_FILES)
    return next((text.splitlines()[0] for text in texts if text), None)


def _beginning_of(path: Path, limit: int) -> str | None:
    """A small file's text without blanks around it; None where there is none."""
    try:
        with open_regular(path) as file:
            return file.read(limit).decode("utf-8", "replace").strip() or None
    except OSError:
        return None


def _boot_files(look: Look, asked: Asked) -> list[str]:
    """What a server reads only when it starts, relative to its home or absolute."""
    stores = [part["path"] for part in (look.seen["truststore"], look.seen["keystore"]) if part]
    jars = [jar["path"] for jar in (look.seen["dropins"] or {"wanted": []})["wanted"]]
    return [DEPLOYMENT_TOML, *stores, *jars, *asked.boot_files]


def _look_at_server(look: Look, server: CarbonServer, asked: Asked, boot_files: t.Sequence[str]) -> Part:
    """Its process, whether it is ready, and what it would have to be restarted for. Raises Problem."""
    process = look.process = server.running()
    state = look_at_server(server.home, asked.ready, process)
    unit = _unit_of(server, process, state.unseen)
    return {
        "running": process is not None,
        "ready": state.ready,
        "answers": state.answers,
        "pid": state.pid,
        "process": process.identity if process else None,
        "user": state.user,
        "started_at": state.started_at,
        "port_offset": state.port_offset,
        "https_port": state.https_port,
        "arguments": list(state.arguments),
        "listens": [f"{address}:{port}" for address, port in state.listens],
        "unit": unit,
        "unit_installed": server.unit is not None and server.unit.is_known(),
        "restart_reason": _restart_reason(server, process, asked.port_offset, boot_files),
        "not_seen": state.unseen,
    }


def _unit_of(server: CarbonServer, process: CarbonProcess | None, unseen: dict[str, str]) -> str | None:
    """The unit that runs it or, where it does not run, would start it by itself."""
    try:
        unit = server.unit_running(process) if process else server.unit_waiting()
    except Problem as problem:
        unseen["unit"] = printable(problem.clause)
        return None
    return unit.name if unit else None


def _restart_reason(
    server: CarbonServer,
    process: CarbonProcess | None,
    port_offset: int | None,
    boot_files: t.Sequence[str],
) -> str:
    """By the same plan as a start's; empty where nothing would be restarted. Raises Problem."""
    if process is None:
        return ""
    newer = newer_than(server.home.path, boot_files, process.started_at)
    seen = Seen(server.offset_of(process), tuple(newer), server.runs_in_unit(process))
    wanted = AskedOfServer("started", port_offset, server.unit.name if server.unit else None)
    return outdated_by(seen, wanted)


def _look_at_start(look: Look, server: CarbonServer, port_offset: int | None) -> Part:
    """That nothing is in the way of a start, where one is due. Raises Problem."""
    if server.unit and server.unit_is_planned:
        _refuse_without_systemd(server.unit.name)
        server.unit.refuse_foreign()
    state = look.seen["server"] or {}
    if state.get("running") and not state.get("restart_reason"):
        return {}
    process = server.running()
    way = server.way(process, stops=process is not None, starts=True, port_offset=port_offset)
    server.refuse_start(way, process)
    server.refuse_script_of_another(way)
    return {}


def _refuse_without_systemd(unit: str) -> None:
    if not is_booted():
        raise Problem(
            f"This host is not run by systemd, so that {unit} could not run the server",
            advice="have the start script run it",
        )


def look_at_configuration(home: CarbonHome, record: Record) -> Part:
    """What the configuration says of names, ports and addresses, and what of it was put there.

    Raises Problem.
    """
    return {
        "path": str(home.deployment_toml),
        "hostname": home.setting("server.hostname"),
        "hostname_put": record.get(_HOSTNAME) is not None,
        "purposes": record.purposes(),
        "port_offset": home.setting("server.offset"),
        "https_port": home.https_port(home.port_offset()),
        "proxy_port": home.setting("transport.https.properties.proxyPort"),
        "address": home.setting("transport.https.properties.address"),
        "encryption_key_sha256": _fingerprint(home.setting("encryption.key")),
        "database_sha256": _fingerprint(_shared(home.setting("database.apim_db.url"))),
        "client_certificates": _client_certificates(home.setting(_CERTIFICATES), record),
        "certificate_verification": _text_of(home.setting(_VERIFICATION)),
        "editable": os.access(home.deployment_toml.parent, os.W_OK),
    }


def _shared(url: t.Any) -> t.Any:
    """A database's URL, None for that of a file of this server alone."""
    text = str(url or "")
    return None if text.startswith("jdbc:h2:") and "://" not in text else url


def _fingerprint(value: t.Any) -> str | None:
    """By which a secret is the same as another server's; None where there is none."""
    return None if value is None else hashlib.sha256(str(value).encode()).hexdigest()


def _client_certificates(table: t.Any, record: Record) -> list[Part]:
    """The certificates that users may show: what each mapping says, as text, and whether it was put there."""
    found = table.get(_MAPPINGS[-1]) if isinstance(table, dict) else None
    if not isinstance(found, list) or str(table.get("enable")).lower() != "true":
        return []
    return [
        {
            **{key: _texts(mapping[key]) for key in _MAPPING if key in mapping},
            "put": record.is_own((*_MAPPINGS, mapping)),
        }
        for mapping in found
        if isinstance(mapping, dict)
    ]


def _text_of(value: t.Any) -> str | None:
    return None if value is None else printable(str(value))


def _texts(value: t.Any) -> list[str]:
    return [printable(str(each)) for each in (value if isinstance(value, list) else [value])]


def _look_at_stores(look: Look, home: CarbonHome, asked: Asked) -> None:
    """The certificate that the server presents, and what it trusts: by two JVMs at the same time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        keystore = pool.submit(_read, home, "keystore", asked.keystore_password, asked.java_home)
        truststore = pool.submit(_read, home, "truststore", asked.truststore_password, asked.java_home)
    look.at("keystore", lambda: _presented(home, *keystore.result(), asked))
    if asked.client_certificate:
        look.at("client_certificate", lambda: _shown_as_client(home, *keystore.result(), asked))
    look.at("truststore", lambda: _trusted(*truststore.result()))


def _read(
    home: CarbonHome, name: str, password: str | None, java_home: str | None
) -> tuple[Store, list[StoreEntry]]:
    store = store_of(home, name, password)
    return store, Keytool(java_home).entries(store.path, store.password)


def _as_told(wanted: Wanted) -> Part:
    certificate = t.cast(Certificate, wanted.certificate)
    return {"alias": wanted.alias, "sha256": certificate.sha256, "pem": certificate.pem}


def _own_hosts(home: CarbonHome, asked: Asked) -> list[str]:
    """The names by which this server itself is called, and not what stands before it."""
    port = home.https_port(home.port_offset() if asked.port_offset is None else asked.port_offset)
    return list(dict.fromkeys(host for host, called in asked.called if called == port))


def _shown_as_client(
    home: CarbonHome, presented: Store, entries: t.Sequence[StoreEntry], asked: Asked
) -> Part:
    """The certificate of the primary keystore, which mostly is the one that is presented. Raises Problem."""
    store = home.store("primary", presented.password)
    if store.path != presented.path:
        store, entries = _read(home, "primary", None, asked.java_home)
    _alias, certificate = _own(store, entries)
    return {
        "mapping": {"trusted_issuer": certificate.issuer, "cert_thumbprint": certificate.thumbprint},
        "trusted_as": asked.trusted_as and f"{asked.trusted_as}:client",
        "sha256": certificate.sha256,
        "pem": certificate.pem,
        "presented": store.path == presented.path and store.alias == presented.alias,
    }


def _own(store: Store, entries: t.Sequence[StoreEntry]) -> tuple[str, Certificate]:
    """The alias and certificate of the server's own key. Raises Problem."""
    own = entries_of(entries, store.alias or "")
    certificate = own[0].certificate if own else None
    if certificate is None:
        raise Problem(
            f"The store {store.path} has no certificate under the alias '{store.alias}'",
            advice="correct the alias in deployment.toml, or the store",
        )
    return own[0].alias, certificate


def _presented(home: CarbonHome, store: Store, entries: t.Sequence[StoreEntry], asked: Asked) -> Part:
    """The certificate of the server's own key, and whether it fits the names that it is called by."""
    alias, certificate = _own(store, entries)
    hosts = _own_hosts(home, asked)
    stock = is_stock(certificate, alias, store.password)
    return {
        "path": str(store.path),
        "alias": printable(alias),
        "trusted_as": asked.trusted_as,
        "stock": stock,
        "not_for": names_missing(certificate, hosts),
        "doubts": doubts(certificate, hosts, stock, dt.datetime.now(dt.timezone.utc)),
        "sha256": certificate.sha256,
        "not_before": certificate.not_before.strftime(_UTC),
        "not_after": certificate.not_after.strftime(_UTC),
        "common_name": certificate.common_name,
        "names": certificate.names,
        "is_ca": certificate.is_ca,
        "pem": certificate.pem,
    }


def _first_bytes(path: Path) -> bytes:
    with open_regular(path) as file:
        return file.read(8)


def _trusted(store: Store, entries: t.Sequence[StoreEntry]) -> Part:
    """What the server trusts, by alias in lower case, as stores keep them."""
    trusted = {
        printable(entry.alias.lower()): entry.certificate.sha256
        for entry in entries
        if entry.kind == "trusted_certificate" and entry.certificate
    }
    return {
        "path": str(store.path),
        "type": store_type(_first_bytes(store.path)),
        "writable": os.access(Path(os.path.realpath(store.path)).parent, os.W_OK),
        "trusted": trusted,
        "sha256": sorted(set(trusted.values())),
    }
