"""The Admin REST API's errors: status, and the body that every one of them has."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A request that is not carried out."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        description: str | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "code": code, "message": message, "description": message if description is None else description,
            "moreInfo": "", "error": errors or [],
        }  # fmt: skip


def bad_request(description: str, errors: list[dict[str, Any]] | None = None) -> Refused:
    return Refused(400, 400, "Bad Request", description, errors)


def internal() -> Refused:
    """What the product answers to anything it did not think of."""
    return Refused(
        500,
        500,
        "Internal server error",
        "The server encountered an internal error. Please contact administrator.",
    )


def general() -> Refused:
    """What it answers to some of what it did think of."""
    return Refused(500, 900967, "General Error", "Server Error Occurred")


def unauthenticated() -> Refused:
    """The same for a wrong password, for none, and for a missing role."""
    return Refused(401, 401, "", "Unauthenticated request")


def forbidden() -> Refused:
    """What is the super tenant's alone."""
    return Refused(403, 403, "Forbidden", "You are not allowed to access this resource")


def configuration_missing() -> Refused:
    """Which one is only in the product's log."""
    return Refused(
        400, 901401, "Required Key Manager configuration missing", "Missing required configuration"
    )
