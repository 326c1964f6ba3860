"""What an endpoint's method is, takes and answers: declared beside it, for the OpenAPI schema and for tests.

The schema itself is made by `openapi.py`, where drf-spectacular is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sheetsync.api.idempotency import once_for_each_key

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`answers`: status -> serializer class, or None for no body. `problems`: further statuses that are problems.

    `filters`: name -> what it does. `idempotent`: it takes an Idempotency-Key. `conditional`: it takes If-Match.
    `secret`: its answer is shown once. `takes` and `gives`: an example of the body sent, and of the one answered.
    """

    summary: str
    body: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    paged: bool = False
    idempotent: bool = False
    secret: bool = False
    conditional: bool = False
    takes: Any = None
    gives: Any = None


def operation(summary: str, **declared: Any) -> Callable[[F], F]:
    """Declare a method of an endpoint. One that is idempotent is made so."""
    declaration = Operation(summary=summary, **declared)

    def declare(method: F) -> F:
        declared_as: Any = method
        if declaration.idempotent:
            declared_as = once_for_each_key(method, secret=declaration.secret)
        declared_as.operation = declaration
        return cast(F, declared_as)

    return declare
