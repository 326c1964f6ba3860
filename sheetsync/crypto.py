"""Secrets at rest: sealed under the newest of `SHEETSYNC["ENCRYPTION_KEYS"]`, opened under any of them.

The tenant's id is sealed together with the text, so a sealed text that was copied into another tenant's row does not
open there. To change keys: put a new one in front, `rotate` what `needs_rotation`, then take the old one away.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.core.exceptions import ImproperlyConfigured

from sheetsync.conf import settings as conf
from sheetsync.errors import CannotDecrypt

# JSON may carry half of a surrogate pair. It comes back as it went in, instead of stopping whoever seals it.
HALVES = "surrogatepass"


def generate_key() -> str:
    """A new key for `ENCRYPTION_KEYS`."""
    return Fernet.generate_key().decode()


def encrypt(tenant_id: int, text: str) -> str:
    """The text, sealed for this tenant."""
    if isinstance(tenant_id, bool) or not isinstance(tenant_id, int):  # a row that is not saved has None: all share it
        raise TypeError(f"A secret is sealed for a saved tenant's id, not for {tenant_id!r}: save the tenant first.")
    return _all_keys().encrypt(f"{tenant_id}:{text}".encode(errors=HALVES)).decode()


def decrypt(tenant_id: int, sealed: str) -> str:
    """What was sealed for this tenant. Raises CannotDecrypt for anything else."""
    opened, owner = _open(sealed), f"{tenant_id}:"
    if not opened.startswith(owner):
        raise CannotDecrypt(
            f"A secret of tenant {tenant_id} was sealed for another tenant: the row or the value was copied. "
            "Enter the secret again."
        )
    return opened.removeprefix(owner)


def rotate(sealed: str) -> str:
    """The same secret under the newest key. Raises CannotDecrypt where no key opens it."""
    _open(sealed)
    return _all_keys().rotate(sealed.encode()).decode()


def needs_rotation(sealed: str) -> bool:
    """Whether the newest key does not open it: an older one was used, or none that is left."""
    try:
        Fernet(_keys()[0]).decrypt(sealed.encode())
    except InvalidToken:
        return True
    return False


def _open(sealed: str) -> str:
    try:
        return _all_keys().decrypt(sealed.encode()).decode(errors=HALVES)
    except InvalidToken as error:
        raise CannotDecrypt(
            'No key of SHEETSYNC["ENCRYPTION_KEYS"] opens a sealed secret. If a key was removed, put it back behind '
            "the newest one; if it is lost, or the value was damaged, enter the secret again."
        ) from error


def _all_keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _keys()])


def _keys() -> tuple[str, ...]:
    if not conf.ENCRYPTION_KEYS:
        raise ImproperlyConfigured(
            'SHEETSYNC["ENCRYPTION_KEYS"] is empty, so no secret can be kept. '
            "Put a key there; `python -m sheetsync genkey` makes one."
        )
    return conf.ENCRYPTION_KEYS
