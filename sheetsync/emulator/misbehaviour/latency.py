"""How long calls take, besides the work: a time for each call and for each byte in and out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from sheetsync.emulator.misbehaviour.lots import chance
from sheetsync.emulator.options import Options


@dataclass(frozen=True, kw_only=True, slots=True)
class Latency:
    """Seconds; all are the user's own, for nobody has published Google's. `byte_in` 1e-7 is 10 MB a second.

    `jitter` 0.3 makes a call up to 30 % quicker or slower, by the seed and the number of the call.
    """

    call: float = 0.0
    byte_in: float = 0.0
    byte_out: float = 0.0
    jitter: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        options = Options(asdict(self), "latency")
        for name in ("call", "byte_in", "byte_out"):
            options.number(name, 0)
        options.number("jitter", 0, 1)

    def before(self, number: int, bytes_in: int) -> float:
        """Seconds until the call takes effect: half of its own time, and its bytes in."""
        return (self.call / 2 + self.byte_in * bytes_in) * self._factor(number)

    def after(self, number: int, bytes_out: int) -> float:
        """Seconds from then until the reply is there."""
        return (self.call / 2 + self.byte_out * bytes_out) * self._factor(number)

    def _factor(self, number: int) -> float:
        return 1 + self.jitter * chance(self.seed, number).uniform(-1, 1) if self.jitter else 1.0


def latency_from(given: object, seed: int = 0) -> Latency | None:
    """From its JSON form: null, or no time at all, is no latency. Raises ValueError."""
    if given is None:
        return None
    options = Options(given, "latency")
    names = [field.name for field in fields(Latency) if field.name != "seed"]
    numbers = {name: options.number(name, 0, 1 if name == "jitter" else None) for name in names}
    seed = options.whole("seed", seed)
    options.done()
    return Latency(**numbers, seed=seed) if any(numbers.values()) else None
