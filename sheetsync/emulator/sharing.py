"""Which account may do what with a file: its owner, and those whom its Drive permissions name."""

from __future__ import annotations

from sheetsync.emulator.drive.files import permission_id
from sheetsync.emulator.errors import not_found
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.options import wrong
from sheetsync.emulator.store import Store

#: What a Drive role means for the cells; commenters only read through the API.
LEVELS = {
    "commenter": "reader",
    "reader": "reader",
    "writer": "writer",
    "fileOrganizer": "writer",
    "organizer": "writer",
}
GIVEN = ("reader", "writer")


def role_of(book: Spreadsheet, email: str) -> str | None:
    """owner, writer or reader; None for somebody the file is not shared with."""
    if email == book.owner:
        return "owner"
    levels = {LEVELS.get(each["role"]) for each in book.permissions.values() if _names(each, email)}
    return "writer" if "writer" in levels else "reader" if "reader" in levels else None


def _names(permission: dict[str, str], email: str) -> bool:
    """Is the permission for this account? Nobody here is a member of a group."""
    if permission["type"] == "user":
        return permission["emailAddress"].lower() == email
    if permission["type"] == "domain":
        return email.endswith("@" + permission["domain"].lower())
    return permission["type"] == "anyone"


def share(store: Store, spreadsheet_id: str, email: str, role: str | None) -> None:
    """Give an account a role in a file, None takes it away. Raises ValueError, or ApiError for a file not there."""
    book, email = store.books.get(spreadsheet_id), email.lower()
    if book is None:
        raise not_found()
    if role is not None and role not in GIVEN:
        raise wrong("role", role, f"give {' or '.join(GIVEN)}, or None to take the file back")
    if email == book.owner:
        raise wrong("email", email, "the file is this account's own")
    key = permission_id(email)
    book.permissions.pop(key, None)
    if role is not None:
        book.permissions[key] = {
            "kind": "drive#permission",
            "id": key,
            "type": "user",
            "role": role,
            "emailAddress": email,
            "displayName": email,
            "deleted": False,
            "pendingOwner": False,
        }
