"""Homes of the test bed: laid out as the products lay theirs, each with a certificate of its own."""

from __future__ import annotations

import dataclasses
import http.client
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
from pathlib import Path

from .apim.build import build as build_apim
from .is7.build import build as build_is7
from .maven import TestbedError, require_tool

STORE_PASSWORD = "wso2carbon"
ALIAS = "wso2carbon"


@dataclasses.dataclass(frozen=True)
class Product:
    """What the two products differ in."""

    name: str
    folder: str
    script: str
    ready_path: str
    keystore: str
    truststore: str
    store_type: str


IS7 = Product(
    "is7", "wso2is-7.2.0", "wso2server.sh", "/api/health-check/v1.0/health",
    "wso2carbon.p12", "client-truststore.p12", "PKCS12",
)  # fmt: skip
APIM = Product(
    "apim", "wso2am-4.7.0", "api-manager.sh", "/api/am/gateway/v2/server-startup-healthcheck",
    "wso2carbon.jks", "client-truststore.jks", "JKS",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Home:
    """One home that was laid out."""

    product: Product
    path: Path

    @property
    def deployment_toml(self) -> Path:
        return self.path / "repository/conf/deployment.toml"

    @property
    def security(self) -> Path:
        return self.path / "repository/resources/security"

    @property
    def keystore(self) -> Path:
        return self.security / self.product.keystore

    @property
    def truststore(self) -> Path:
        return self.security / self.product.truststore

    def set_admin_password(self, password: str) -> None:
        """Only before the first boot: afterwards the account is in the home's database."""
        self._set("super_admin", "password", password)

    def set_hostname(self, hostname: str) -> None:
        """The name that the server calls itself."""
        self._set("server", "hostname", hostname)

    def _set(self, table: str, key: str, value: str) -> None:
        text = self.deployment_toml.read_text()
        self.deployment_toml.write_text(
            re.sub(
                rf'(\[{table}\][^\[]*?\n{key} *= *)"[^"]*"',
                lambda found: f'{found.group(1)}"{value}"',
                text,
                count=1,
            )
        )

    def pid(self) -> int | None:
        """The JVM that runs from this home."""
        wanted = f"-Dcarbon.home={self.path}".encode()
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and wanted in (folder / "cmdline").read_bytes().split(b"\0"):
                    return int(folder.name)
            except OSError:
                continue
        return None

    def start(self, port_offset: int) -> None:
        """Start it the way the product's document does and wait until it is ready."""
        environment = {**os.environ, "JAVA_HOME": java_home()}
        subprocess.run(
            ["sh", str(self.path / "bin" / self.product.script), "start", f"-DportOffset={port_offset}"],
            env=environment,
            check=True,
        )
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            if answers(9443 + port_offset, self.product.ready_path):
                return
            time.sleep(0.3)
        raise TestbedError(
            f"{self.path} did not become ready within 240 s; see repository/logs/wso2carbon.log there."
        )

    def stop(self) -> None:
        """End its JVM, if it runs."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 60
        while self.pid() is not None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)


def answers(port: int, path: str) -> bool:
    """Whether GET answers 200 on this loopback port."""
    connection = http.client.HTTPSConnection(
        "127.0.0.1", port, timeout=5, context=ssl._create_unverified_context()
    )
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def java_home() -> str:
    """The JDK of the java on the PATH."""
    return str(Path(require_tool("java")).resolve().parent.parent)


def lay_out(
    product: Product,
    template: Path,
    parent: Path,
    hostname: str = "localhost",
    admin_password: str | None = None,
) -> Home:
    """Copy a template home and give it its host's name, a key pair and a certificate of its own."""
    home = Home(product, parent / product.folder)
    if home.path.exists():
        return home
    unfinished = parent / f".{product.folder}"
    shutil.rmtree(unfinished, ignore_errors=True)
    parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(template, unfinished, symlinks=True)
    draft = Home(product, unfinished)
    _new_certificate(draft, hostname)
    draft.set_hostname(hostname)
    if admin_password is not None:
        draft.set_admin_password(admin_password)
    unfinished.rename(home.path)
    return home


def lay_out_stock(product: Product, template: Path, parent: Path) -> Home:
    """Copy a template home as the product is downloaded: it calls itself localhost, by a certificate that has
    run out.
    """
    home = Home(product, parent / product.folder)
    parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(template, home.path, symlinks=True)
    _new_certificate(home, "localhost", days=(-800, 365))
    home.set_hostname("localhost")
    return home


def lay_out_both(cache: Path, parent: Path, admin_password: str | None = None) -> tuple[Home, Home]:
    """An IS 7 and an API Manager beside each other; built on first use."""
    cache.mkdir(parents=True, exist_ok=True)
    return (
        lay_out(IS7, build_is7(cache), parent, admin_password=admin_password),
        lay_out(APIM, build_apim(cache), parent, admin_password=admin_password),
    )


def _new_certificate(home: Home, hostname: str, days: tuple[int, int] = (0, 3650)) -> None:
    """A self-signed certificate, valid from so many days from now on for so many, by default for ten years,
    which the server itself trusts under the product's usual alias.
    """
    names = ",".join(dict.fromkeys(("dns:localhost", f"dns:{hostname}", "ip:127.0.0.1")))
    begin, length = days
    certificate = home.security / "testbed.pem"
    home.keystore.unlink()
    keytool(
        "-genkeypair", "-alias", ALIAS, "-keyalg", "RSA", "-keysize", "2048", "-startdate", f"{begin:+d}d",
        "-validity", str(length), "-dname",
        f"CN={hostname},O={home.product.name} test bed",
        "-ext", f"san={names}", "-storetype", home.product.store_type, "-keystore", str(home.keystore),
        "-keypass", STORE_PASSWORD,
    )  # fmt: skip
    keytool(
        "-exportcert", "-rfc", "-alias", ALIAS, "-keystore", str(home.keystore), "-file", str(certificate)
    )
    keytool("-delete", "-alias", ALIAS, "-keystore", str(home.truststore))
    keytool(
        "-importcert",
        "-noprompt",
        "-alias",
        ALIAS,
        "-keystore",
        str(home.truststore),
        "-file",
        str(certificate),
    )
    certificate.unlink()


def keytool(*arguments: str) -> str:
    """Run keytool with the products' default store password."""
    done = subprocess.run(
        [require_tool("keytool"), *arguments, "-storepass", STORE_PASSWORD],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TestbedError(f"keytool {arguments[0]} failed: {(done.stdout + done.stderr)[:300]}")
    return done.stdout
