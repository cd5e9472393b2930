# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a carbon home says about itself: its script, stores and ports.

Read from the home's own ``deployment.toml``, then from the product's ``default.json`` in the home, then from
the defaults that all products share (measured on the Carbon kernel 4.10.32). No Ansible import.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from .._files.read import DEPLOYMENT_TOML_LIMIT, read_regular, reading_advice
from .._keystore.store import Store
from .._problem import Problem
from .._toml.document import Document
from .._toml.reader import TomlError, TomlTable
from .._toml.settings import Settings
from .products import Product, product_in

DEPLOYMENT_TOML = "repository/conf/deployment.toml"
SECURITY = "repository/resources/security"
DEFAULT_HTTPS_PORT = 9443

_DEFAULTS = "repository/resources/conf/default.json"
_DEFAULTS_LIMIT = 16 << 20  # bytes

_STORE_FALLBACKS = {
    "truststore.password": "wso2carbon",
    "keystore.primary.password": "wso2carbon",
    "keystore.primary.alias": "wso2carbon",
    "keystore.tls.file_name": "$ref{keystore.primary.file_name}",
    "keystore.tls.password": "$ref{keystore.primary.password}",
    "keystore.tls.alias": "$ref{keystore.primary.alias}",
}
# What the HTTPS port is given beats the keystore for TLS, from which it is filled in (templates of IS 7).
_HTTPS = "transport.https.sslHostConfig.certificate.properties"
_OF_HTTPS = {
    "keystore.tls.file_name": f"{_HTTPS}.certificateKeystoreFile",
    "keystore.tls.password": f"{_HTTPS}.certificateKeystorePassword",
    "keystore.tls.alias": f"{_HTTPS}.certificateKeyAlias",
}
_FILE_FALLBACKS = {
    "truststore.file_name": ("client-truststore.p12", "client-truststore.jks"),
    "keystore.primary.file_name": ("wso2carbon.p12", "wso2carbon.jks"),
}


class CarbonHome:
    """A folder that a WSO2 product was unpacked into. Raises Problem where it is none."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._read: Settings | None = None
        if not self.path.is_dir():
            raise Problem(
                f"{path} is not a folder on this host",
                advice="give the carbon home, the folder that the product's archive was unpacked into",
            )
        if not (self.path / "repository" / "conf").is_dir():
            raise Problem(
                f"{path} holds no repository/conf and so is not a carbon home",
                advice="give the folder that the product's archive was unpacked into",
            )

    @property
    def deployment_toml(self) -> Path:
        return self.path / DEPLOYMENT_TOML

    def product(self) -> Product:
        """The product, by its start script. Raises Problem."""
        return product_in(self.path)

    def store(self, name: str, password: str | None = None) -> Store:
        """``truststore``, ``primary``, or ``keystore``: the one whose certificate the server presents.

        The primary keystore's is what API Manager shows as a client.
        A given password beats the configured one. Raises Problem.
        """
        if name == "truststore":
            file = self._store_file("truststore.file_name", name)
            return Store(file, password or self._text("truststore.password", name))

        def key(what: str) -> str:
            return f"keystore.primary.{what}" if name == "primary" else self._presented(what)

        return Store(
            self._store_file(key("file_name"), name),
            password or self._text(key("password"), name),
            self._text(key("alias"), name),
        )

    def port_offset(self) -> int:
        """``[server] offset``, 0 where there is none."""
        return self._number("server.offset", 0)

    def https_port(self, port_offset: int) -> int:
        """The HTTPS port that the server listens on with this offset."""
        return self._number("transport.https.properties.port", DEFAULT_HTTPS_PORT) + port_offset

    def address(self) -> str:
        """The address that its HTTPS port is bound to, by default all of them."""
        return str(self.setting("transport.https.properties.address") or "0.0.0.0")

    def configuration_text(self) -> str:
        """The home's own deployment.toml, empty where there is none. Raises Problem."""
        try:
            return read_regular(self.deployment_toml, DEPLOYMENT_TOML_LIMIT).decode("utf-8", "replace")
        except FileNotFoundError:
            return ""
        except OSError as exc:
            raise Problem(f"Reading {self.deployment_toml} failed", *reading_advice(exc)) from exc

    def setting(self, key: str) -> t.Any:
        """The value of a dotted key, or the product's default, or None. Raises Problem."""
        return self._configuration().value(key)

    def _number(self, key: str, default: int) -> int:
        return self._configuration().number(key, default)

    def _presented(self, what: str) -> str:
        """The key that says this of the certificate which the server presents."""
        key = f"keystore.tls.{what}"
        return _OF_HTTPS[key] if self._configuration().says(_OF_HTTPS[key]) else key

    def _store_file(self, key: str, what: str) -> Path:
        """The file that this key names, in the folder of the stores or below the home."""
        name = self._text(key, what).replace("${carbon.home}", str(self.path))
        below_the_home = self.path / name
        return below_the_home if "/" in name and below_the_home.is_file() else self.path / SECURITY / name

    def _text(self, key: str, what: str) -> str:
        advice = f"give the {what}'s path and password"
        value = self._configuration().text(key, advice)
        if value is None:
            raise Problem(f"{self.path} does not say its {key}", advice=advice)
        return value

    def _configuration(self) -> Settings:
        """The home's own file, then the product's defaults, then those that all products share; read once."""
        if self._read is None:
            self._read = self._read_configuration()
        return self._read

    def _read_configuration(self) -> Settings:
        files = {
            key: next((name for name in names if (self.path / SECURITY / name).is_file()), names[0])
            for key, names in _FILE_FALLBACKS.items()
        }
        own = self._settings()
        return Settings(str(self.deployment_toml), own, self._defaults(), _STORE_FALLBACKS, files)

    def _settings(self) -> TomlTable:
        try:
            return Document.from_bytes(read_regular(self.deployment_toml, DEPLOYMENT_TOML_LIMIT)).data
        except FileNotFoundError:
            return {}
        except OSError as exc:
            raise Problem(f"Reading {self.deployment_toml} failed", *reading_advice(exc)) from exc
        except TomlError as exc:
            raise Problem(
                f"{self.deployment_toml} is not what a server can read", exc.clause, "correct it"
            ) from exc

    def _defaults(self) -> TomlTable:
        """The product's own defaults, whose keys are dotted; an old product has no such file."""
        try:
            read = json.loads(read_regular(self.path / _DEFAULTS, _DEFAULTS_LIMIT))
        except (OSError, ValueError, RecursionError):
            return {}
        return t.cast(TomlTable, read) if isinstance(read, dict) else {}
