"""API Manager's own description of its Admin REST API, out of the artifact that the test bed has, as the
judge of requests and answers.
"""

from __future__ import annotations

import copy
import re
import zipfile
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator

# Where the description is wrong about the real server: a default is a text there, and so is the value of a
# checkbox; what discovery
# finds has no name.
_LOOSE = ("default", "values")
_CLOSED = (
    "KeyManager",
    "ClaimMappingEntry",
    "TokenValidation",
    "KeyManagerInfo",
    "KeyManagerList",
    "KeyManagerWellKnownResponse",
    "Error",
)


class AdminApiDocument:
    """``faults`` of a request or an answer, each one sentence; none where it is as described."""

    def __init__(self, cache: Path) -> None:
        (war,) = (cache / "apim-jars").glob("org.wso2.carbon.apimgt.rest.api.admin.v1-*.war")
        with zipfile.ZipFile(war) as archive:
            self._document: dict[str, Any] = yaml.safe_load(archive.read("WEB-INF/classes/admin-api.yaml"))
        schemas = self._document["components"]["schemas"]
        for name in _CLOSED:  # the server refuses what is not named
            schemas[name]["additionalProperties"] = False
        for name in _LOOSE:
            schemas["KeyManagerConfiguration"]["properties"][name] = {}
        # An object by the description, but the gateway reads the text of a regular expression.
        schemas["TokenValidation"]["properties"]["value"] = {}
        nameless = {key: item for key, item in schemas["KeyManager"].items() if key != "required"}
        schemas["KeyManagerWellKnownResponse"]["properties"]["value"] = nameless

    def faults_of_request(self, method: str, path: str, content_type: str, body: Any) -> list[str]:
        """``path`` begins behind the version; ``body`` is parsed JSON, or the form's fields."""
        operation, what = self._operation(method, path)
        described = operation.get("requestBody", {}).get("content", {})
        if not described:
            return [f"{what} takes no body"] if body is not None else []
        kind = content_type.partition(";")[0]
        return (
            [f"{what}: {fault}" for fault in self._faults(described[kind]["schema"], body)]
            if kind in described
            else [f"{what} takes no {kind}"]
        )

    def faults_of_answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """Nulls are as good as absent: the real server answers with them, the description knows none."""
        operation, what = self._operation(method, path)
        described = operation["responses"].get(status) or operation["responses"].get(str(status))
        if described is None:  # the description leaves most errors out; all have one shape
            schema = {"$ref": "#/components/schemas/Error"} if status >= 400 else {}
        else:
            described = self._resolve(described)
            schema = described.get("content", {}).get("application/json", {}).get("schema", {})
        return (
            [f"{status} of {what}: {fault}" for fault in self._faults(schema, _without_nulls(body))]
            if body is not None
            else []
        )

    def scopes(self, method: str, path: str) -> set[str]:
        """Those of which a call needs one."""
        (security,) = self._operation(method, path)[0]["security"]
        return set(security["OAuth2Security"])

    def calls(self, *beginnings: str) -> list[tuple[str, str]]:
        """Method and path of what is below one of these paths."""
        methods = ("get", "head", "post", "put", "delete")
        return [
            (method.upper(), path)
            for path, operations in self._document["paths"].items()
            for method in methods
            if path.startswith(beginnings) and method in operations
        ]

    def _operation(self, method: str, path: str) -> tuple[dict[str, Any], str]:
        path = path.partition("?")[0]
        # The most literal path comes first: /key-managers/discover is no id.
        for template in sorted(self._document["paths"], key=lambda text: text.count("{")):
            if (
                re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
                and method.lower() in self._document["paths"][template]
            ):
                operation: dict[str, Any] = self._document["paths"][template][method.lower()]
                return operation, f"{method} {template}"
        raise AssertionError(f"The Admin REST API has no {method} {path}")

    def _resolve(self, item: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in item:
            return item
        found: Any = self._document
        for name in item["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        resolved: dict[str, Any] = found
        return resolved

    def _faults(self, schema: dict[str, Any], body: Any) -> list[str]:
        rooted = {**copy.copy(schema), "components": self._document["components"]}
        if "$ref" in rooted:
            rooted = {"allOf": [schema], "components": self._document["components"]}
        return [
            f"{'.'.join(map(str, error.absolute_path))} {error.message}"[:300]
            for error in Draft4Validator(rooted).iter_errors(body)
        ]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value
