"""A storm of webhooks: what is sent, in which order, what comes twice, and what was answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.support.shops import hooks

AT_ONCE = 20
TWICE = 0.2
"""Of all deliveries, so many came before."""
NOTE = "Please ring twice. " * 80  # as long as orders are


@dataclass(frozen=True)
class Told:
    """One delivery: the order that it names, and the POST."""

    order: str
    path: str
    body: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Storm:
    """`paced`: which of `told` is sent at each beat of `rate` a second; then each of `at_once` by AT_ONCE senders.

    `sites`: two addresses of one service. `shop`: the file of the shop's orders, which is changed by a delivery's
    first sending. `journal`: where the answers go.
    """

    sites: list[str]
    shop: str
    journal: str
    told: list[Told]
    paced: list[int]
    at_once: list[int]
    rate: float
    senders: int = 16

    @property
    def deliveries(self) -> int:
        return len(self.paced) + AT_ONCE * len(self.at_once)

    def save(self, path: Path) -> Path:
        path.write_text(json.dumps(asdict(self)))
        return path

    @classmethod
    def load(cls, path: str) -> Storm:
        values = json.loads(Path(path).read_text())
        return cls(**values | {"told": [Told(**each) for each in values["told"]]})


@dataclass(slots=True)
class Answer:
    """What one sending got: `which` delivery, in which `part` of the storm, after how long; status 0 is no answer."""

    which: int
    part: str
    seconds: float = 0.0
    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)


def brewed(source: Any, secret: str, deliveries: int, orders: int, bursts: int, seed: int = 1) -> dict[str, Any]:
    """`told`, `paced` and `at_once` of a storm: each order is named, most of them several times."""
    random = Random(seed)
    fresh = round(deliveries * (1 - TWICE))
    told = [_told(source, secret, number, 1 + number % orders) for number in range(fresh)]
    at_once = list(range(fresh - bursts, fresh))
    paced = list(range(fresh - bursts))
    again = [random.choice(paced) for _ in range(deliveries - AT_ONCE * bursts - len(paced))]
    for which in again:
        paced.insert(random.randint(which + 1, len(paced)), which)
    return {"told": told, "paced": paced, "at_once": at_once}


def _told(source: Any, secret: str, number: int, order: int) -> Told:
    hook = hooks.shopify(source, {"id": order, "note": NOTE}, secret, delivery=f"w-{number}")
    return Told(str(order), hook.path, hook.body.decode(), hook.headers | {"Content-Type": hook.content_type})


def answers_in(journal: Path) -> list[Answer]:
    return [Answer(**json.loads(line)) for line in journal.read_text().splitlines()]


def contradictions(answers: Iterable[Answer]) -> Iterator[str]:
    """Deliveries whose sendings were answered differently, or of which more than one was called the first."""
    taken: dict[int, list[Answer]] = {}
    for answer in answers:
        if answer.status == 200:
            taken.setdefault(answer.which, []).append(answer)
    for which, same in taken.items():
        runs = {tuple(each.body["runs"]) for each in same}
        first = sum(not each.body["duplicate"] for each in same)
        if len(runs) != 1 or first > 1:
            yield f"delivery {which}: runs {runs}, taken as new {first} times"
