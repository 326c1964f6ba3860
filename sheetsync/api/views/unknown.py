"""Addresses that there are not."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from sheetsync.api.base import Public
from sheetsync.api.problems import Problem


class Unknown(Public):
    """Any method on any address that nothing else answers."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises Problem, whatever was asked for."""
        super().initial(request, *args, **kwargs)
        raise Problem("not-found", "There is no such address: /api/v1/schema lists those that there are.", status=404)
