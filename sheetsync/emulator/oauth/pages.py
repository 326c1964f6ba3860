"""The pages of the consent screen: plain HTML for any browser, all escaped, no scripts, no outside assets."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from sheetsync.emulator.oauth.accounts import Person
from sheetsync.emulator.oauth.asking import Asking
from sheetsync.emulator.oauth.refusals import Blocked
from sheetsync.emulator.oauth.scopes import IDENTITY, TEXTS
from sheetsync.emulator.wire import HTML_TYPE, Response

STYLE = """
:root{color-scheme:light dark;--bad:#b3261e;
--ink:#1f1f1f;--soft:#5c5f63;--line:#dadce0;--card:#fff;--page:#f0f4f9;--main:#0b57d0}
@media(prefers-color-scheme:dark){:root{--ink:#e3e3e3;--soft:#a9adb3;--line:#444746;--card:#1b1b1f;--page:#0e0e11;
--main:#a8c7fa;--bad:#f2b8b5}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:24px;
background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{background:var(--card);border-radius:28px;padding:36px;width:100%;max-width:560px}
h1{font-size:1.7rem;font-weight:400;line-height:1.25;margin:0 0 8px;overflow-wrap:anywhere}
p{margin:0 0 16px;color:var(--soft);overflow-wrap:anywhere}
fieldset{border:0;margin:24px 0 0;padding:0;min-width:0} legend{font-weight:600;padding:0 0 8px}
label.row{display:flex;gap:14px;align-items:center;padding:12px 4px;border-top:1px solid var(--line);cursor:pointer;
overflow-wrap:anywhere}
label.row:last-of-type{border-bottom:1px solid var(--line)} small{color:var(--soft);display:block}
input[type=radio],input[type=checkbox]{width:20px;height:20px;margin:0;flex:none;accent-color:var(--main)}
.other{display:block;padding:12px 4px} .other input{display:block;width:100%;margin-top:6px;padding:10px 12px;
font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:8px}
ul{margin:16px 0 0;padding-left:20px;color:var(--soft)}
.actions{display:flex;gap:12px;flex-wrap:wrap;margin-top:28px}
button{font:inherit;font-weight:500;padding:10px 26px;border-radius:999px;border:1px solid var(--main);
background:transparent;color:var(--main);cursor:pointer} button.go{background:var(--main);color:var(--card)}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.alert{color:var(--bad);border:1px solid;border-radius:8px;padding:10px 12px}
footer{margin-top:28px;font-size:.85rem;color:var(--soft)}
"""
#: Nothing may be loaded or framed. form-action stays open: browsers apply it to the redirect back to the client too.
#: The form's POST must name its origin, which a stricter Referrer-Policy would blank.
GUARDS = {
    "Content-Type": HTML_TYPE,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FOOTER = "This is the Sheets emulator. No real account is asked for, no password is needed."


def consent(asking: Asking, action: str, persons: Sequence[Person], chosen: str, problem: str = "") -> Response:
    """Choose an account, choose what to allow, then Continue or Cancel."""
    name = escape(asking.client.name)
    body = f"<h1>{name} wants access to your account</h1>"
    body += f"<p>It will answer at {escape(asking.redirect_uri)}</p>"
    if problem:
        body += f"<p class=alert role=alert id=problem>{escape(problem)}</p>"
    body += f'<form method=post action="{escape(action)}">'
    body += _accounts(persons, chosen, problem)
    body += _scopes(asking, name)
    body += "<div class=actions><button class=go name=decision value=continue>Continue</button>"
    body += "<button name=decision value=cancel formnovalidate>Cancel</button></div></form>"
    return _page(200, f"{asking.client.name} wants access", body)


def _accounts(persons: Sequence[Person], chosen: str, problem: str) -> str:
    known = any(person.email == chosen for person in persons)
    rows = "".join(
        _account(person, person.email == chosen or (not known and index == 0)) for index, person in enumerate(persons)
    )
    typed = "" if known else f' value="{escape(chosen)}"'
    wrong = " aria-invalid=true aria-describedby=problem" if problem else ""
    other = (
        "<label class=other>Use another account<small>When an e-mail address is typed here, it is taken.</small>"
        f"<input type=email name=email autocomplete=off placeholder=name@example.com{typed}{wrong}></label>"
    )
    return f"<fieldset><legend>Choose an account</legend>{rows}{other}</fieldset>"


def _account(person: Person, checked: bool) -> str:
    mark = " checked" if checked else ""
    return (
        f'<label class=row><input type=radio name=account value="{escape(person.email)}"{mark}>'
        f"<span>{escape(person.name)}<small>{escape(person.email)}</small></span></label>"
    )


def _scopes(asking: Asking, name: str) -> str:
    """Who somebody is cannot be unticked, what may be touched can."""
    asked = [scope for scope in asking.scopes if scope not in IDENTITY]
    rows = "".join(
        f'<label class=row><input type=checkbox name=scope value="{escape(scope)}" checked>'
        f"<span>{escape(TEXTS[scope])}</span></label>"
        for scope in asked
    )
    part = f"<fieldset><legend>Select what {name} can access</legend>{rows}</fieldset>" if rows else ""
    always = "".join(f"<li>{escape(TEXTS[scope])}</li>" for scope in asking.scopes if scope in IDENTITY)
    return part + (f'<ul aria-label="Always allowed">{always}</ul>' if always else "")


def blocked(error: Blocked) -> Response:
    """Why the request cannot go on, for the developer who made it."""
    body = "<h1>Access blocked: the app's request is invalid</h1>"
    body += f"<p><strong>Error {error.status}: {escape(error.error)}</strong></p><p>{escape(error.reason)}</p>"
    return _page(error.status, f"Error {error.status}: {error.error}", body)


def _page(status: int, title: str, body: str) -> Response:
    head = '<meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1">'
    text = (
        f"<!DOCTYPE html><html lang=en><head>{head}<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}<footer>{FOOTER}</footer></main></body></html>"
    )
    return Response(status=status, headers=GUARDS, body=text.encode("utf-8", "replace"))
