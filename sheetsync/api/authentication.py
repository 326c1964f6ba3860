"""Who calls: the bearer of a token, and what the token is for."""

from __future__ import annotations

from dataclasses import dataclass

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from sheetsync.models import ApiToken, Tenant

REFUSED = "This token is not valid: it is wrong, was revoked or has expired."


@dataclass(frozen=True, slots=True)
class Bearer:
    """What stands where Django has a user: a program with a token of a tenant."""

    token: ApiToken
    is_authenticated: bool = True
    is_active: bool = True
    is_staff: bool = False
    is_anonymous: bool = False

    @property
    def pk(self) -> int:
        return self.token.pk

    @property
    def tenant(self) -> Tenant:
        return self.token.tenant

    def __str__(self) -> str:
        return str(self.token)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer sst_…`. Nothing else counts: a session of the host's admin is nobody here."""

    def authenticate(self, request: Request) -> tuple[Bearer, ApiToken] | None:
        """None where no token was shown; raises AuthenticationFailed for one that does not hold."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise AuthenticationFailed("Show a token: Authorization: Bearer sst_…")
        token = ApiToken.objects.authenticate(text.strip())
        if token is None:
            raise AuthenticationFailed(REFUSED)
        token.touch()
        return Bearer(token), token

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401 (RFC 6750)."""
        return 'Bearer realm="sheetsync"'


class ScopePermission(BasePermission):
    """Reading needs `read`, anything else `write`, and what a view names by `scope` is needed for all of it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises PermissionDenied with the scope that is missing."""
        if not isinstance(request.user, Bearer):
            return False
        needed = getattr(view, "scope", None) or ("read" if request.method in SAFE_METHODS else "write")
        if not request.user.token.allows(needed):
            raise PermissionDenied(f"This token may not do that: it needs the scope {needed!r}.")
        return True
