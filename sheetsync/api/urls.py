"""The addresses under `/api/v1/`. Whatever else is asked for there is a problem of ours, not a page of the host's."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import IntConverter

from sheetsync.api.views import documents
from sheetsync.api.views.accounts import (
    Accounts,
    DefaultAccount,
    Links,
    OneAccount,
    OneLink,
    OneSpreadsheet,
    Spreadsheets,
    TestAccount,
    UnlinkAccount,
)
from sheetsync.api.views.alerts import Alerts, OneAlert, OwnEndpoint, RotateEndpoint, TestEndpoint
from sheetsync.api.views.automations import (
    ActivateAutomation,
    Automations,
    OneAutomation,
    PauseAutomation,
    PreviewAutomation,
    RunAutomation,
)
from sheetsync.api.views.runs import CancelRun, OneRun, ReplayRun, RetryRun, Runs
from sheetsync.api.views.shops import OneShopLink, ShopifyLinks, WooCommerceLinks
from sheetsync.api.views.sources import OneSource, SourcePaths, Sources, TestSource
from sheetsync.api.views.tenant import Metrics, OwnTenant
from sheetsync.api.views.tokens import Exchange, OneToken, RotateToken, Tokens
from sheetsync.api.views.unknown import Unknown
from sheetsync.api.views.webhooks import OldWebhookSecret, SourceWebhook, SourceWebhooks


class IdConverter(IntConverter):
    """An id that every database can look for."""

    regex = "[0-9]{1,18}"


register_converter(IdConverter, "sheetsync_id")

app_name = "sheetsync-api"


def _at(address: str, view: type, name: str) -> URLPattern:
    return path(address.replace("{id}", "<sheetsync_id:pk>"), view.as_view(), name=name)  # type: ignore[attr-defined]


urlpatterns = [
    _at("install/exchange", Exchange, "exchange"),
    _at("tenant", OwnTenant, "tenant"),
    _at("metrics", Metrics, "metrics"),
    _at("tokens", Tokens, "tokens"),
    _at("tokens/{id}", OneToken, "token"),
    _at("tokens/{id}/rotate", RotateToken, "token-rotate"),
    _at("google/links", Links, "links"),
    _at("google/links/{id}", OneLink, "link"),
    _at("google/accounts", Accounts, "accounts"),
    _at("google/accounts/{id}", OneAccount, "account"),
    _at("google/accounts/{id}/test", TestAccount, "account-test"),
    _at("google/accounts/{id}/default", DefaultAccount, "account-default"),
    _at("google/accounts/{id}/unlink", UnlinkAccount, "account-unlink"),
    _at("google/accounts/{id}/spreadsheets", Spreadsheets, "spreadsheets"),
    _at("google/accounts/{id}/spreadsheets/<str:spreadsheet_id>", OneSpreadsheet, "spreadsheet"),
    _at("sources", Sources, "sources"),
    _at("sources/{id}", OneSource, "source"),
    _at("sources/{id}/test", TestSource, "source-test"),
    _at("sources/{id}/paths", SourcePaths, "source-paths"),
    _at("sources/{id}/webhooks", SourceWebhooks, "source-webhooks"),
    _at("sources/{id}/webhooks/<str:platform>", SourceWebhook, "source-webhook"),
    _at("sources/{id}/webhooks/<str:platform>/old", OldWebhookSecret, "source-webhook-old"),
    _at("shops/shopify/link", ShopifyLinks, "shop-shopify"),
    _at("shops/woocommerce/link", WooCommerceLinks, "shop-woocommerce"),
    _at("shops/links/{id}", OneShopLink, "shop-link"),
    _at("automations", Automations, "automations"),
    _at("automations/{id}", OneAutomation, "automation"),
    _at("automations/{id}/activate", ActivateAutomation, "automation-activate"),
    _at("automations/{id}/pause", PauseAutomation, "automation-pause"),
    _at("automations/{id}/run", RunAutomation, "automation-run"),
    _at("automations/{id}/preview", PreviewAutomation, "automation-preview"),
    _at("runs", Runs, "runs"),
    _at("runs/{id}", OneRun, "run"),
    _at("runs/{id}/retry", RetryRun, "run-retry"),
    _at("runs/{id}/cancel", CancelRun, "run-cancel"),
    _at("runs/{id}/replay", ReplayRun, "run-replay"),
    _at("alerts", Alerts, "alerts"),
    _at("alerts/{id}", OneAlert, "alert"),
    _at("alerts/endpoint", OwnEndpoint, "alert-endpoint"),
    _at("alerts/endpoint/rotate", RotateEndpoint, "alert-endpoint-rotate"),
    _at("alerts/endpoint/test", TestEndpoint, "alert-endpoint-test"),
    path("schema", documents.schema, name="schema"),
    path("docs", documents.pages, name="docs"),
    re_path("", Unknown.as_view(), name="unknown"),
]
