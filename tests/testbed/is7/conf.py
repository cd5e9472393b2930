"""What a WSO2 Identity Server makes its configuration from: the kernel's templates plus the identity
feature's.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ..maven import TestbedError, copy_dependencies

ARTIFACTS = Path(__file__).parent / "artifacts"

KERNEL = "wso2carbon-core-4.10.32"
"""The Carbon kernel's zip and the one folder in it."""

FEATURES = {"7.0": "7.0.80", "7.1": "7.8.94", "7.2": "7.8.614"}
"""Identity Server version -> version of its `org.wso2.carbon.identity.core.server.feature`."""

_JSON_KINDS = ("default", "infer", "key-mappings", "unit-resolve", "validator")
_TEMPLATES = "templates/repository/conf/identity"


def fetch(cache: Path) -> Path:
    """Return a folder holding the WSO2 artifacts, fetched if needed."""
    folder = cache / "is7-artifacts"
    copy_dependencies(ARTIFACTS, folder)
    return folder


def unpack_kernel(artifacts: Path, into: Path, part: str = "") -> Path:
    """Unpack the Carbon kernel, or only the part of it below a folder, below `into`, and return its home
    folder.
    """
    with zipfile.ZipFile(artifacts / f"{KERNEL}.zip") as archive:
        for entry in archive.infolist():
            if entry.filename.startswith(f"{KERNEL}/{part}"):
                file = Path(archive.extract(entry, into))
                # zipfile drops the mode, and the scripts are executable.
                file.chmod(entry.external_attr >> 16 & 0o777 or 0o755)
    return into / KERNEL


def unpack_plugins(artifacts: Path, version: str, into: Path) -> Path:
    """Unpack the jars of the identity feature of an Identity Server version into the folder `into`."""
    into.mkdir(parents=True)
    with zipfile.ZipFile(_feature(artifacts, version)) as feature:
        for name in feature.namelist():
            if name.startswith("plugins/") and name.endswith(".jar"):
                (into / PurePosixPath(name).name).write_bytes(feature.read(name))
    return into


def merge_identity(artifacts: Path, version: str, conf: Path) -> None:
    """Add the identity feature's templates and JSON to the kernel's folder `repository/resources/conf`."""
    templates = conf / _TEMPLATES
    templates.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(_feature(artifacts, version)) as feature:
        for name in feature.namelist():
            base = PurePosixPath(name).name
            if base.endswith(".j2"):
                (templates / base).write_bytes(feature.read(name))
            for kind in _JSON_KINDS:
                if base.endswith(f".feature.{kind}.json"):
                    merge_json(conf / f"{kind}.json", json.loads(feature.read(name)))
    # The kernel's default is the authorization of WSO2's older products; Identity Server 7 ships with it off.
    merge_json(conf / "default.json", {"legacy_authz_runtime.enable": False})
    shutil.rmtree(conf / ".metadata", ignore_errors=True)


def _feature(artifacts: Path, version: str) -> Path:
    if version not in FEATURES:
        raise TestbedError(
            f"There are templates for Identity Server {', '.join(FEATURES)}, but not for {version}."
        )
    return artifacts / f"org.wso2.carbon.identity.core.server.feature-{FEATURES[version]}.zip"


def merge_json(file: Path, more: Mapping[str, object]) -> None:
    """Add keys to a JSON file of the configuration mapper: tables are merged, other values replaced."""
    known = json.loads(file.read_text(encoding="utf-8"))
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(known.get(key), dict):
            known[key].update(value)
        else:
            known[key] = value
    file.write_text(json.dumps(known, indent=1), encoding="utf-8")
