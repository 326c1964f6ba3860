"""One Drive call as its acts see it: who asks, about which file, and which fields of the answer are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sheetsync.emulator.api import masks
from sheetsync.emulator.drive.errors import required, unknown_field
from sheetsync.emulator.errors import ApiError, file_not_found
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.store import Store
from sheetsync.emulator.wire import Facts, Request

Json = dict[str, Any]
MIME = "application/vnd.google-apps.spreadsheet"
#: The parent of files that were made without one: the root folder, which `root` names as well.
ROOT = "0AEmulatedRootUk9PVA"
DEFAULT = "kind,id,name,mimeType"
#: Every field of a file (discovery document): a known one without a value is left out, an unknown one is refused.
FILE = """
appProperties capabilities clientEncryptionDetails contentHints contentRestrictions
copyRequiresWriterPermission createdTime description downloadRestrictions driveId explicitlyTrashed exportLinks
fileExtension folderColorRgb fullFileExtension hasAugmentedPermissions hasThumbnail headRevisionId iconLink id
imageMediaMetadata inheritedPermissionsDisabled isAppAuthorized kind labelInfo lastModifyingUser linkShareMetadata
md5Checksum mimeType modifiedByMe modifiedByMeTime modifiedTime name originalFilename ownedByMe owners parents
permissionIds permissions properties quotaBytesUsed resourceKey sha1Checksum sha256Checksum shared sharedWithMeTime
sharingUser shortcutDetails size spaces starred teamDriveId thumbnailLink thumbnailVersion trashed trashedTime
trashingUser version videoMediaMetadata viewedByMe viewedByMeTime viewersCanCopyContent webContentLink webViewLink
writersCanShare
"""
FIELDS = frozenset(FILE.split())
NEEDED = "The 'fields' parameter is required for this method."


@dataclass(frozen=True, slots=True)
class Call:
    """`file_id` is the file of the path, `item` what is named below it."""

    store: Store
    request: Request
    facts: Facts
    file_id: str = ""
    item: str = ""

    @property
    def book(self) -> Spreadsheet:
        """The file. Raises Drive's 404."""
        book = self.store.books.get(self.file_id)
        if book is None:
            raise file_not_found(self.file_id)
        return book

    def mask(self, default: str = DEFAULT, known: frozenset[str] = FIELDS, inside: str = "") -> masks.Mask | None:
        """The `fields` wanted, checked; None for a blank mask, which selects nothing (measured).

        Below the field `inside` there are files.
        """
        text = self.request.param("fields")
        if text is not None and not text.strip():
            return None
        try:
            mask = masks.parse(default if text is None else text)
        except ApiError:
            raise unknown_field(text or "") from None
        _check(mask, known)
        _check(mask.get(inside, {}), FIELDS)
        return mask

    def needed_mask(self, known: frozenset[str]) -> masks.Mask | None:
        """The mask of a method that has no default."""
        if not self.request.param("fields"):
            raise required("fields", NEEDED)
        return self.mask("", known)


def _check(mask: masks.Mask, known: frozenset[str]) -> None:
    for name in mask:
        if name != "*" and name not in known:
            raise unknown_field(name)


def shown(mask: masks.Mask | None, resource: Json) -> Json:
    """The part of a resource that is wanted."""
    return {} if mask is None else dict(masks.apply(mask, resource))
