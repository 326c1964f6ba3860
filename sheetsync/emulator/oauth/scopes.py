"""Scopes: their names, what the consent page says of them, and which method takes which (the discovery documents)."""

from __future__ import annotations

from collections.abc import Iterable

PREFIX = "https://www.googleapis.com/auth/"
OPENID = "openid"
EMAIL = PREFIX + "userinfo.email"
PROFILE = PREFIX + "userinfo.profile"
IDENTITY = frozenset({OPENID, EMAIL, PROFILE})
#: Short names that a reply spells out; either of them brings openid along (seen in many captured replies).
SHORT = {"email": EMAIL, "profile": PROFILE}

SHEETS = PREFIX + "spreadsheets"
SHEETS_READONLY = PREFIX + "spreadsheets.readonly"
DRIVE = PREFIX + "drive"
DRIVE_FILE = PREFIX + "drive.file"
DRIVE_READONLY = PREFIX + "drive.readonly"
METADATA = PREFIX + "drive.metadata"
METADATA_READONLY = PREFIX + "drive.metadata.readonly"

#: What each scope lets an app do, as the consent page puts it.
TEXTS = {
    SHEETS: "See, edit, create and delete all your spreadsheets",
    SHEETS_READONLY: "See all your spreadsheets",
    DRIVE: "See, edit, create and delete all of your files",
    DRIVE_FILE: "See, edit, create and delete only the files you use with this app",
    DRIVE_READONLY: "See and download all your files",
    METADATA: "See and change the names and other metadata of your files",
    METADATA_READONLY: "See the names and other metadata of your files",
    PREFIX + "drive.appdata": "See, create and delete this app's own data in your Drive",
    PREFIX + "drive.apps.readonly": "See your Drive apps",
    PREFIX + "drive.meet.readonly": "See and download files made by Meet",
    PREFIX + "drive.photos.readonly": "See the photos and albums in your Drive",
    PREFIX + "drive.scripts": "Change how your scripts behave",
    OPENID: "Know you by your account",
    EMAIL: "See your e-mail address",
    PROFILE: "See your name and picture",
}

WRITE = frozenset({DRIVE, DRIVE_FILE, SHEETS})
READ = WRITE | {DRIVE_READONLY, SHEETS_READONLY}
#: Scopes that reach every file of the account; drive.file reaches picked files only, the others no spreadsheet at all.
REACH_ALL = frozenset({DRIVE, DRIVE_READONLY, METADATA, METADATA_READONLY, SHEETS, SHEETS_READONLY})


def split(text: str) -> list[str]:
    """The scopes of a space-separated list, each once, in their order."""
    return list(dict.fromkeys(text.split()))


def canonical(names: Iterable[str]) -> list[str]:
    """As a reply names them: spelled out, each once, with openid where there is an e-mail or a profile."""
    full = [SHORT.get(name, name) for name in names]
    if EMAIL in full or PROFILE in full:
        full.append(OPENID)
    return list(dict.fromkeys(full))


def unknown(names: Iterable[str]) -> list[str]:
    """Those that neither Sheets, Drive nor the sign-in has."""
    return [name for name in names if SHORT.get(name, name) not in TEXTS]
