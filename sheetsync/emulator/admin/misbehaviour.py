"""`/_emulator/…` for misbehaviour: faults, the weather, latency and quotas. A ValueError says what to mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.admin import person as admin_person
from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.misbehaviour.latency import latency_from
from sheetsync.emulator.misbehaviour.quotas import quotas_from
from sheetsync.emulator.misbehaviour.weather import Weather
from sheetsync.emulator.options import Options, wrong
from sheetsync.emulator.people.chance import CHANCES

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]


# -- faults


def add_fault(emulator: Emulator, body: Json) -> Json:
    """{"kind", "match", "after", "times", …options} -> {"id"}; before and after take a "person", as POST person."""
    given = dict(body)
    kind = given.pop("kind", None)
    plan = {name: given.pop(name) for name in ("match", "after", "times") if name in given}
    if kind in ("before", "after"):
        apart = {"apart": given.pop("apart")} if "apart" in given else {}
        given = {"call": _planned(given), **apart}
    return {"id": emulator.faults.add(kind, **plan, **given).id}


def _planned(given: Json) -> Callable[[Emulator], None]:
    """What a person will do when the moment has come. What is refused then did not happen: it is on the record."""
    options = Options(given, "fault")
    what = given["person"] if options.has("person") else given
    if what is not given:
        options.done()
    edit = admin_person.editor(what)

    def act(emulator: Emulator) -> None:
        before = emulator.person.count
        try:
            edit(emulator)
        except ApiError as refusal:
            if emulator.person.count == before:
                emulator.person.note(what.get("act", "do"), what["spreadsheetId"], None, what, refusal.message)

    return act


def faults(emulator: Emulator, body: Json) -> Json:
    """-> {"faults": [{"id", "kind", "match", "after", "left", "met", …options}]}"""
    return {"faults": [fault.shown() for fault in emulator.faults.planned()]}


def remove_fault(emulator: Emulator, body: Json) -> Json:
    """DELETE faults/{id}: that one; the others stay."""
    number = body["id"]
    try:
        return emulator.faults.remove(int(number)).shown()
    except (KeyError, ValueError):
        known = ", ".join(str(fault.id) for fault in emulator.faults.planned()) or "none is planned"
        raise wrong("id", number, f"give the id of a planned fault: {known}") from None


def clear_faults(emulator: Emulator, body: Json) -> Json:
    emulator.faults.clear()
    return {}


def held(emulator: Emulator, body: Json) -> Json:
    """-> {"held": [names]}: who is in another process sees here that a call has arrived."""
    return {"held": emulator.faults.held()}


def release(emulator: Emulator, body: Json) -> Json:
    """{"name"}: let the held calls and the late ones of that name go on, or all."""
    options = Options(body)
    name = options.text_or_none("name")
    options.done()
    emulator.faults.release(name)
    return {}


# -- the weather


def begin_weather(emulator: Emulator, body: Json) -> Json:
    """{"seed", "rates", "match", "acts"}: all but the seed may be left out."""
    options = Options(body)
    seed, acts = options.whole("seed", None), options.choices("acts", CHANCES, CHANCES)
    rates = body.get("rates") if options.has("rates") else None
    match = body["match"] if options.has("match") else ""
    options.done()
    return _report(emulator.weather(seed, rates, match, acts))


def weather(emulator: Emulator, body: Json) -> Json:
    """-> what there is and what it did; {"weather": null} when there was none since the last reset."""
    present = emulator.faults.weather
    return {"weather": None} if present is None else _report(present)


def end_weather(emulator: Emulator, body: Json) -> Json:
    """-> what it did. It can still be asked for until there is another, or all faults are cleared."""
    if emulator.faults.weather is not None:
        emulator.faults.weather.stop()
    return weather(emulator, body)


def _report(present: Weather) -> Json:
    report = {"seed": present.seed, "rates": present.rates, "stopped": present.stopped, "calls": present.calls}
    return {"weather": {**report, "happened": [asdict(each) for each in present.happened]}}


# -- latency and quotas


def set_latency(emulator: Emulator, body: Json) -> Json:
    """{"call", "byte_in", "byte_out", "jitter", "seed"}, in seconds."""
    emulator.latency = latency_from(body)
    return latency(emulator, body)


def no_latency(emulator: Emulator, body: Json) -> Json:
    emulator.latency = None
    return latency(emulator, body)


def latency(emulator: Emulator, body: Json) -> Json:
    """-> {"latency": {…} or null}"""
    return {"latency": None if emulator.latency is None else asdict(emulator.latency)}


def set_quotas(emulator: Emulator, body: Json) -> Json:
    """{"user_reads", "user_writes", "project_reads", "project_writes"}, null for no limit; the rest stays as it is."""
    emulator.meter.quotas = quotas_from(body, emulator.meter.quotas)
    return quotas(emulator, body)


def no_quotas(emulator: Emulator, body: Json) -> Json:
    emulator.meter.quotas = None
    return quotas(emulator, body)


def quotas(emulator: Emulator, body: Json) -> Json:
    """-> {"quotas": {…} or null, "used": the calls of the last minute}"""
    with emulator.lock:
        used = emulator.meter.used(emulator.clock())
    return {"quotas": None if emulator.meter.quotas is None else asdict(emulator.meter.quotas), "used": used}


SWITCHES: dict[str, Callable[[Emulator, Json], Json]] = {
    "POST faults": add_fault,
    "GET faults": faults,
    "DELETE faults": clear_faults,
    "DELETE faults/": remove_fault,
    "GET held": held,
    "POST release": release,
    "POST weather": begin_weather,
    "GET weather": weather,
    "DELETE weather": end_weather,
    "POST person": admin_person.act_now,
    "GET person": admin_person.acts,
    "POST latency": set_latency,
    "GET latency": latency,
    "DELETE latency": no_latency,
    "POST quotas": set_quotas,
    "GET quotas": quotas,
    "DELETE quotas": no_quotas,
}
