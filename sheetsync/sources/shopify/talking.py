"""One question and its answer: paced by what Shopify says is left, patient, with a token that lasts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from sheetsync.errors import BadReply, RateLimited
from sheetsync.outbound import Door, Reply
from sheetsync.sources.base import Surroundings
from sheetsync.sources.calling import LONGEST_WAIT, Caller
from sheetsync.sources.shopify.config import ShopifyConfig
from sheetsync.sources.shopify.keys import Keys
from sheetsync.sources.shopify.pacing import Pace
from sheetsync.sources.shopify.questions import Question
from sheetsync.sources.shopify.replies import (
    PROTECTED,
    TokenRefused,
    check_errors,
    check_search,
    check_status,
    kept_back,
)

PROTECTED_DATA = "protected_data"
"""The tally's kind for fields that Shopify shows only to apps that were reviewed for them."""

TOKEN_HEADER = "X-Shopify-Access-Token"  # noqa: S105 - a header's name


@dataclass(frozen=True, slots=True)
class Answer:
    """What the root field holds. `at`: when, by the shop's clock. `cost`: of what was asked for, in points."""

    value: Any
    at: datetime
    cost: float | None


class Shop:
    """The Admin API of one shop. `base_url`: where it really is, for tests alone; no configuration leads there."""

    def __init__(self, config: ShopifyConfig, given: Surroundings, base_url: str | None = None) -> None:
        self._name = config.shop.lower()
        self._filter = config.filter
        self._path = f"/admin/api/{config.api_version}/graphql.json"
        self._door = Door(base_url or f"https://{self._name}/", rules=given.rules, field="shop")
        self._caller = Caller(self._door, given.wait)
        self._keys = Keys(given.credentials, self._name, self._send, given.renew)
        self._pace = Pace()
        self._given = given

    def ask(self, question: Question, **variables: Any) -> Answer:
        """The answer. Raises TooCostly for what must be asked in smaller parts, ShopDenied, RateLimited, Unavailable,

        BadReply, and BadSource for a filter that Shopify does not know.
        """
        body = json.dumps({"query": question.text, "variables": variables}).encode()
        size = variables.get("first") or len(variables.get("ids", ())) or variables.get("lines") or 1
        self._wait(self._pace.seconds(question.text, size))
        try:
            reply, found = self._answered(question, body, size, self._keys.token())
        except TokenRefused:
            # It may be somebody else's renewal that ended it: Shopify keeps one token a shop.
            reply, found = self._answered(question, body, size, self._keys.renewed())
        check_search(found, self._filter)
        self._count_kept_back(found)
        data = found.get("data")
        if not isinstance(data, dict) or question.root not in data:
            raise BadReply(f"{self._name} gave a reply without {question.root}")
        return Answer(data[question.root], _clock(reply), self._pace.cost(question.text))

    def _answered(self, question: Question, body: bytes, size: int, token: str) -> tuple[Reply, Mapping[str, Any]]:
        found: dict[str, Any] = {}

        def call() -> Reply:
            nonlocal found
            reply = self._door.post(self._path, body=body, headers={TOKEN_HEADER: token})
            check_status(reply, self._name)
            found = reply.checked().json()
            self._pace.learn(found, question.text, size)
            self._check(found, question, size)
            return reply

        return self._caller.patiently(call), found

    def _check(self, found: Any, question: Question, size: int) -> None:
        try:
            check_errors(found, question, self._name)
        except RateLimited as refused:
            raise RateLimited(str(refused), retry_after=self._pace.after_refusal(question.text, size)) from None

    def _wait(self, seconds: float) -> None:
        if seconds > LONGEST_WAIT:
            raise RateLimited(f"{self._name} has used up its calls for the moment", retry_after=seconds)
        if seconds > 0:
            self._given.wait(seconds)

    def _count_kept_back(self, found: Mapping[str, Any]) -> None:
        tally = self._given.tally
        if (names := kept_back(found)) and PROTECTED_DATA not in tally.counts:
            tally.add(PROTECTED_DATA, PROTECTED.format(fields=", ".join(names[:10])))

    def _send(self, path: str, body: bytes, content_type: str) -> Reply:
        return self._door.post(path, body=body, content_type=content_type)


def _clock(reply: Reply) -> datetime:
    try:
        found = parsedate_to_datetime(reply.headers.get("Date", ""))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return datetime.now(UTC) - timedelta(seconds=60)
