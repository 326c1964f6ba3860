"""A shop's side of a storm, as a process: `python -m tests.support.storm_load storm.json`. It ends by itself."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Barrier, Lock
from urllib.parse import urlsplit

from tests.support.storm_hooks import AT_ONCE, Answer, Storm, Told

ROUNDS, PAUSE = 60, 0.5
"""So often, so many seconds apart, what was not answered 2xx is sent again."""


class Shop:
    """A file of orders, replaced whole: the change comes first, then the word of it."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._lines: dict[str, str] = {}
        self._changed: set[int] = set()
        self._lock = Lock()

    def change(self, which: int, order: str) -> None:
        """Once for a delivery, however often that is sent."""
        with self._lock:
            if which in self._changed:
                return
            self._changed.add(which)
            self._lines[order] = json.dumps({"id": order, "customer": f"c{order}", "total": f"{which}.25"})
            fresh = self.path.with_suffix(".new")
            fresh.write_text("\n".join(self._lines.values()) + "\n")
            fresh.replace(self.path)


class Sender:
    """One connection that is kept alive; to the other site where this one does not answer."""

    def __init__(self, sites: list[str], number: int) -> None:
        self._sites = sites[number % len(sites) :] + sites[: number % len(sites)]
        self._connection = self._connected()

    def send(self, told: Told, answer: Answer) -> None:
        try:
            self._connection.request("POST", told.path, told.body.encode(), told.headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, HTTPException):
            self._sites.append(self._sites.pop(0))
            self._connection.close()
            self._connection = self._connected()
            return
        answer.status = response.status
        answer.body = json.loads(text) if response.status == 200 else {"text": text.decode(errors="replace")[:300]}

    def _connected(self) -> HTTPConnection:
        return HTTPConnection(urlsplit(self._sites[0]).netloc, timeout=60)


class Load:
    """Sends all of a storm: in pace, then many at once, then again what is unanswered."""

    def __init__(self, storm: Storm) -> None:
        self.storm, self.shop = storm, Shop(storm.shop)
        self.answers: list[Answer] = []
        self._senders = [Sender(storm.sites, number) for number in range(max(storm.senders, AT_ONCE))]

    def run(self) -> None:
        with ThreadPoolExecutor(len(self._senders)) as pool:
            beats, began = count(), time.monotonic()
            list(pool.map(lambda sender: self._in_pace(sender, beats, began), self._senders[: self.storm.senders]))
            gate = Barrier(AT_ONCE)
            list(pool.map(lambda sender: self._at_once(sender, gate), self._senders[:AT_ONCE]))
        for _ in range(ROUNDS):
            if not (left := sorted({answer.which for answer in self.answers} - self._taken())):
                break
            time.sleep(PAUSE)
            for which in left:
                self._send(self._senders[0], which, "again", time.monotonic())

    def _in_pace(self, sender: Sender, beats: Iterator[int], began: float) -> None:
        """Timed from the beat, not from when a sender was free for it."""
        while (number := next(beats)) < len(self.storm.paced):
            beat = began + number / self.storm.rate
            time.sleep(max(0.0, beat - time.monotonic()))
            self._send(sender, self.storm.paced[number], "paced", beat)

    def _at_once(self, sender: Sender, gate: Barrier) -> None:
        for which in self.storm.at_once:
            gate.wait(60)
            self._send(sender, which, "at once", time.monotonic())

    def _send(self, sender: Sender, which: int, part: str, since: float) -> None:
        told, answer = self.storm.told[which], Answer(which, part)
        self.shop.change(which, told.order)
        sender.send(told, answer)
        answer.seconds = time.monotonic() - since
        self.answers.append(answer)

    def _taken(self) -> set[int]:
        return {answer.which for answer in self.answers if 200 <= answer.status < 300}


def main(path: str) -> None:
    load = Load(Storm.load(path))
    load.run()
    Path(load.storm.journal).write_text("".join(json.dumps(asdict(answer)) + "\n" for answer in load.answers))


if __name__ == "__main__":
    main(sys.argv[1])
