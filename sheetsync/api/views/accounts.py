"""Google accounts: link one on Google's page, choose the default, unlink; and spreadsheets to write to."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync import linking
from sheetsync.api.base import Endpoint
from sheetsync.api.isolation import lifted
from sheetsync.api.operations import operation
from sheetsync.api.problems import invalid
from sheetsync.api.serializers.accounts import (
    AccountSerializer,
    BegunSerializer,
    LinkSerializer,
    NewLinkSerializer,
    NewSpreadsheetSerializer,
    ReachSerializer,
    SpreadsheetSerializer,
    UnlinkedSerializer,
    UnlinkSerializer,
)
from sheetsync.models import GoogleAccount, OAuthState
from sheetsync.sheets.books import ID


class Links(Endpoint):
    """Begin to link an account."""

    @operation(
        "Link a Google account, or connect one again",
        body=NewLinkSerializer,
        answers={201: BegunSerializer},
        problems=(400, 409),
        takes={"scope": "file"},
    )
    def post(self, request: Request) -> Response:
        """Send a person's browser to `url`, where they choose an account and say yes. Then ask for the link."""
        wanted = NewLinkSerializer(data=request.data, context={"tenant": self.tenant})
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        callback = request.build_absolute_uri(reverse("sheetsync:google-callback"))
        begun = linking.begin(self.tenant, redirect_uri=callback, scope=given["scope"], account=given.get("account"))
        return Response(LinkSerializer(begun.link).data | {"url": begun.url}, 201)


class OneLink(Endpoint):
    """What became of it."""

    @operation(
        "What became of an attempt to link an account", answers={200: LinkSerializer, 304: None}, problems=(404,)
    )
    def get(self, request: Request, pk: int) -> Response:
        """`pending` until the person has answered on Google's page."""
        return self.show(LinkSerializer(self.one(OAuthState, pk)).data)


class AccountEndpoint(Endpoint):
    """What those for accounts share."""

    def rows(self) -> QuerySet[GoogleAccount]:
        """All that are linked."""
        return GoogleAccount.objects.linked().filter(tenant=self.tenant)

    def account(self, pk: int) -> GoogleAccount:
        """Raises Http404."""
        return self.one(GoogleAccount, pk, self.rows().select_related("tenant"))


class Accounts(AccountEndpoint):
    """All accounts of the tenant."""

    @operation("Google accounts, the newest first", answers={200: AccountSerializer}, paged=True, problems=(400,))
    def get(self, request: Request) -> Response:
        """People's and service accounts."""
        return self.page(self.rows(), lambda account: AccountSerializer(account).data)


class OneAccount(AccountEndpoint):
    """One account."""

    @operation("One Google account", answers={200: AccountSerializer, 304: None}, problems=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """Whether it works, and what its owner has to do where it does not."""
        return self.show(AccountSerializer(self.account(pk)).data)


class UnlinkAccount(AccountEndpoint):
    """Let it go."""

    @operation(
        "Unlink a Google account",
        body=UnlinkSerializer,
        answers={200: UnlinkedSerializer},
        problems=(400, 404, 409),
        takes={"force": True},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Refused while automations use it, unless forced: those then wait for it, or for another to be named."""
        wanted = UnlinkSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        account = self.account(pk)
        with lifted():  # one grant may serve several tenants: it is ended with the last
            gone = linking.unlink(account, force=wanted.validated_data["force"])
        heir = gone.new_default
        return Response({"new_default": heir and heir.pk, "stopped": list(gone.stopped), "settled": gone.settled})


class DefaultAccount(AccountEndpoint):
    """Of all automations that name none."""

    @operation("Make an account the default", answers={200: AccountSerializer}, problems=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Automations that name no account write with it from now on."""
        account = self.account(pk)
        linking.choose_default(account)
        return Response(AccountSerializer(self.account(pk)).data)


class TestAccount(AccountEndpoint):
    """Whether its grant lives."""

    @operation("Ask Google whether an account still works", answers={200: AccountSerializer}, problems=(404, 409, 503))
    def post(self, request: Request, pk: int) -> Response:
        """One that works after all goes on at once; one that does not is flagged with what its owner has to do."""
        linking.check(self.account(pk))
        return Response(AccountSerializer(self.account(pk)).data)


class Spreadsheets(AccountEndpoint):
    """Spreadsheets of an account."""

    @operation(
        "Make a spreadsheet",
        body=NewSpreadsheetSerializer,
        answers={201: SpreadsheetSerializer},
        problems=(400, 404, 409, 503),
        takes={"title": "Orders of my shop"},
    )
    def post(self, request: Request, pk: int) -> Response:
        """In the person's own Drive, with one tab: the easiest place for an automation."""
        account = self.account(pk)
        wanted = NewSpreadsheetSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        made = linking.create_spreadsheet(account, given["title"], tab=given["tab"])
        return Response({"id": made.id, "url": made.url}, 201)


class OneSpreadsheet(AccountEndpoint):
    """Whether exports can go there."""

    @operation(
        "Whether an account can write a spreadsheet", answers={200: ReachSerializer}, problems=(400, 404, 409, 503)
    )
    def get(self, request: Request, pk: int, spreadsheet_id: str) -> Response:
        """And what to do where it cannot."""
        if not ID.fullmatch(spreadsheet_id):
            raise invalid("spreadsheet_id", "This is no id: it stands in the spreadsheet's address, after /d/.")
        found = linking.reachable(self.account(pk), spreadsheet_id)
        return Response(
            {
                "writable": found.writable,
                "state": found.reach.state,
                "title": found.reach.title,
                "message": found.message,
            }
        )
