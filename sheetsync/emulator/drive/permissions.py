"""permissions.*: who a file is shared with. Only with `strict_auth` is anybody let in or kept out by them."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.api.sheets import parse_body
from sheetsync.emulator.drive.call import Call, shown
from sheetsync.emulator.drive.errors import not_here, permission_not_found, refused
from sheetsync.emulator.drive.files import owner_permission, permission_id, permissions_of
from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.wire import Request

Json = dict[str, Any]
PERMISSION = """
allowFileDiscovery deleted displayName domain emailAddress expirationTime id inheritedPermissionsDisabled kind
pendingOwner permissionDetails photoLink role teamDrivePermissionDetails type view
"""
FIELDS = frozenset(PERMISSION.split())
DEFAULT = "id,type,kind,role"
LIST_FIELDS = frozenset(("kind", "nextPageToken", "permissions"))
TYPES = ("user", "group", "domain", "anyone")
ROLES = ("owner", "organizer", "fileOrganizer", "writer", "commenter", "reader")
OWNER = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
WHOM = "The specified {} is invalid or not applicable for the given permission type."


def listed(call: Call) -> Json:
    """All on one page: the owner first."""
    mask = call.mask(f"kind,nextPageToken,permissions({DEFAULT})", LIST_FIELDS)
    return shown(mask, {"kind": "drive#permissionList", "permissions": permissions_of(call.book)})


def get(call: Call) -> Json:
    return shown(call.mask(DEFAULT, FIELDS), _find(call.book, call.item))


def create(call: Call) -> Json:
    """Share. A person who has a permission already gets the new role in its place (assumed)."""
    book, mask, body = call.book, call.mask(DEFAULT, FIELDS), parse_body(call.request)
    permission = _made(body)
    if body["role"] == "owner":
        return shown(mask, _hand_over(book, call.request, permission))
    if permission["id"] != permission_id(book.owner):
        book.permissions[permission["id"]] = permission
    return shown(mask, _find(book, permission["id"]))


def update(call: Call) -> Json:
    """Change the role, or offer the ownership with `pendingOwner`."""
    book, mask, body = call.book, call.mask(DEFAULT, FIELDS), parse_body(call.request)
    changes = {name: body[name] for name in ("role", "pendingOwner") if body.get(name) is not None}
    permission = {**_find(book, call.item), **changes}
    if permission["role"] not in ROLES:
        raise _required("role")
    if body.get("role") == "owner":
        return shown(mask, _hand_over(book, call.request, permission))
    if call.item == permission_id(book.owner):
        raise not_here("take the ownership away from an owner: give it to somebody")
    book.permissions[call.item] = permission
    return shown(mask, permission)


def delete(call: Call) -> None:
    book = call.book
    if _find(book, call.item)["role"] == "owner":
        raise not_here("delete an owner's permission")
    del book.permissions[call.item]


def _find(book: Spreadsheet, wanted: str) -> Json:
    for permission in permissions_of(book):
        if permission["id"] == wanted:
            return permission
    raise permission_not_found(wanted)


def _made(body: Json) -> Json:
    """A permission from a request. Raises 400 for one that is not whole."""
    kind, role = body.get("type"), body.get("role")
    if kind not in TYPES:
        raise _required("type")
    if role not in ROLES:
        raise _required("role")
    permission = {"kind": "drive#permission", "type": kind, "role": role}
    if kind == "anyone":
        open_to_all = bool(body.get("allowFileDiscovery"))
        return {**permission, "id": "anyone" if open_to_all else "anyoneWithLink", "allowFileDiscovery": open_to_all}
    field = "domain" if kind == "domain" else "emailAddress"
    whom = body.get(field)
    if not isinstance(whom, str) or not whom:
        raise refused(400, WHOM.format(field), "invalid", f"permission.{field}", "other")
    whom = whom.lower()
    made = {**permission, "id": permission_id(whom), field: whom, "displayName": whom}
    return {**made, "allowFileDiscovery": False} if kind == "domain" else {**made, "deleted": False, **_pending(body)}


def _pending(body: Json) -> Json:
    return {"pendingOwner": bool(body.get("pendingOwner"))} if body.get("type") == "user" else {}


def _required(field: str) -> ApiError:
    return refused(400, f"The permission {field} field is required.", "required", f"permission.{field}", "other")


def _hand_over(book: Spreadsheet, request: Request, permission: Json) -> Json:
    """Make somebody the owner; the former one stays as a writer (documented)."""
    if (request.param("transferOwnership") or "").lower() != "true":
        raise refused(403, OWNER, "forbidden", "transferOwnership")
    if permission["type"] != "user":
        raise refused(400, WHOM.format("emailAddress"), "invalid", "permission.emailAddress", "other")
    former = owner_permission(book)
    book.permissions.pop(permission["id"], None)
    if former["id"] != permission["id"]:
        book.permissions[former["id"]] = {**former, "role": "writer"}
    book.owner = permission["emailAddress"].lower()
    return owner_permission(book)
