"""A shop with everything in it, and three people: an operator, one who may only look, and a stranger."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from sheetsync.models import (
    Alert,
    AlertEndpoint,
    AlertMessage,
    ApiToken,
    Automation,
    DirtyOrder,
    GoogleAccount,
    Hour,
    IdempotencyKey,
    Incident,
    InstallCode,
    InstallState,
    OAuthState,
    PrivacyRequest,
    Pulse,
    QuotaBucket,
    Source,
    StaffTenant,
    SyncAttempt,
    Tenant,
    Totals,
    WebhookDelivery,
)
from sheetsync.models.audit import record
from tests.admin.rows import run_of

COLUMNS = [{"header": "Order", "path": "id"}, {"header": "Total", "path": "total", "type": "decimal"}]

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def no_bells(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}


@pytest.fixture(scope="session")
def private_key():
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.private_bytes(*form).decode()


@pytest.fixture
def key(private_key):
    """A service account's key file."""
    return {
        "type": "service_account",
        "client_email": "robot@cactus.example",
        "private_key": private_key,
        "token_uri": "https://token.example/",
    }


@pytest.fixture
def shop(db, key):
    """One row of each model."""
    tenant = Tenant.objects.create(name="Cactus shop")
    account = GoogleAccount.link_service_account(tenant, key)
    source = Source(tenant=tenant, name="web shop", kind="file", config={"path": "orders.jsonl"})
    source.seal({"token": "a-token-of-the-shop"})
    source.save()
    automation = Automation.objects.create(
        tenant=tenant, name="orders", source=source, spreadsheet_id="the-spreadsheet", status="active", sheet_id=7
    )
    automation.set_columns(COLUMNS)
    run = run_of(automation, error_type="TabRefused", error="tab 'Orders' is not ours")
    attempt = SyncAttempt.objects.create(
        run=run, number=1, worker="w1", outcome="failed", finished_at=timezone.now(), traceback="Traceback of <this>"
    )
    return SimpleNamespace(
        tenant=tenant,
        account=account,
        source=source,
        automation=automation,
        column=automation.columns.first(),
        run=run,
        attempt=attempt,
        incident=Incident.objects.create(run=run, kind="rows_moved", example="row 7 was sorted to row 4"),
        order=DirtyOrder.objects.create(automation=automation, order_id="order-17"),
        link=OAuthState.objects.begin(
            tenant, verifier="v", scopes=["openid"], redirect_uri="https://a.example/", account=None
        )[0],
        install=InstallState.objects.begin(tenant, kind="shopify", shop="a.myshopify.com", name="main shop")[0],
        token=ApiToken.objects.mint(tenant, name="night job", scope="write")[0],
        code=InstallCode.objects.mint(tenant, by="anna")[0],
        request_key=IdempotencyKey.objects.create(tenant=tenant, key="k-1", status=201, expires_at=timezone.now()),
        delivery=WebhookDelivery.objects.create(
            source=source, key="shopify:w-1", digest="d", verdict="accepted", run=run, expires_at=timezone.now() + DAY
        ),
        privacy=PrivacyRequest.objects.create(
            source=source, kind="tell_customer", customer_id="191167", due_at=timezone.now() + DAY
        ),
        entry=record("shop.opened", tenant),
        restriction=StaffTenant.objects.create(user_key="nobody", user_name="only-cactus", tenant=tenant),
        pulse=Pulse.objects.create(name="workers"),
        **told_of(account),
        bucket=QuotaBucket.objects.create(name="account 7 read", arrival=1_700_000_000),
        hour=Hour.objects.create(hour=timezone.now() - 30 * DAY, tenant=tenant, counted={"completed": 1_234}),
        totals=Totals.objects.create(pk=Totals.ONLY, until=timezone.now(), counted={"attempts failed": 1_234}),
    )


def told_of(account):
    """An alert, and what is to be sent of it."""
    endpoint = AlertEndpoint(tenant=account.tenant, url="https://ops.cactus.example/alerts?key=a-key-of-the-endpoint")
    endpoint.rotate()
    endpoint.save()
    Alert.objects.account_lost(account, "the grant is gone")
    return {"alert": Alert.objects.get(), "endpoint": endpoint, "message": AlertMessage.objects.get()}


@pytest.fixture
def operator(db):
    return _logged_in(User.objects.create_superuser("operator"))


@pytest.fixture
def viewer(db):
    """May look at everything, and do nothing."""
    user = User.objects.create_user("viewer", is_staff=True)
    views = Permission.objects.filter(content_type__app_label="sheetsync", codename__startswith="view_")
    user.user_permissions.set(views)
    return _logged_in(user)


@pytest.fixture
def stranger(db):
    return Client()


def _logged_in(user):
    client = Client()
    client.force_login(user)
    return client
