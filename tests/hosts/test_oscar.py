"""A django-oscar shop as host, set up by what docs/hosts/django-oscar.md shows and nothing else. `nox -s oscar`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/hosts/django-oscar.md").read_text()
CONFIG, COLUMNS = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
FILES = dict(re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
OSCAR = find_spec("oscar")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs(Path(OSCAR.origin if OSCAR and OSCAR.origin else "django-oscar, which `nox -s oscar` brings,")),
]

HOST = """
import os
from pathlib import Path

import oscar
from oscar.defaults import *

HERE = Path(__file__).parent
SECRET_KEY = "only-for-tests" * 4
INSTALLED_APPS = [*oscar.INSTALLED_APPS, "django_q", "rest_framework", "sheetsync"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": HERE / "db.sqlite3",
    "OPTIONS": {
        "init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE", "timeout": 30,
    },
}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
ROOT_URLCONF = "host_urls"
STATIC_URL = "/static/"
SITE_ID = 1
USE_TZ, TIME_ZONE = True, "UTC"
OSCAR_INITIAL_ORDER_STATUS = "Pending"
OSCAR_ORDER_STATUS_PIPELINE = {"Pending": ("Paid",), "Paid": ("Sent",), "Sent": ()}
"""
SETTINGS = """
from base import *
from settings import SHEETSYNC
SHEETSYNC = SHEETSYNC | {
    "ENCRYPTION_KEYS": ["b25seS1mb3ItZGV2ZWxvcG1lbnQtbm8tc2VjcmV0LS0="],
    "SHEETS_URL": os.environ["SHEETS_URL"],
    "DISPATCH": "polling",
    "WEBHOOK_DEBOUNCE_SECONDS": 0,
}
"""
URLS = """
from django.urls import include, path

urlpatterns = [path("", include("sheetsync.urls"))]
"""

PLACED = """
from decimal import Decimal
from oscar.core.loading import get_model
from oscar.test import factories

Basket = get_model("basket", "Basket")
for number in range(1, 8):
    basket = factories.create_basket(empty=True)
    for line in range(number % 3 + 1):
        product = factories.create_product(title=f"Café {number}-{line}")
        stock = factories.create_stockrecord(
            product, partner_sku=f"00{number}-{line}", price=Decimal("7.10") * (line + 1), num_in_stock=20
        )
        basket.add_product(product, line + 1)
    guest = {"guest_email": f"guest{number}@example.com"} if number % 2 else {}
    user = None if guest else factories.UserFactory(email=f"c{number}@example.com")
    address = factories.ShippingAddressFactory(postcode=f"0{number}067")
    factories.create_order(f"{number:05}", basket, user, shipping_address=address, **guest)
"""
AUTOMATION = """
import json, os
from sheetsync.models import Automation, GoogleAccount, Source, Tenant
from sheetsync.trigger import activate

given = json.loads(os.environ["GIVEN"])
tenant = Tenant.objects.create(name="Oscar's shop")
GoogleAccount.link_service_account(tenant, given["key"])
source = Source.objects.create(tenant=tenant, name="shop", kind="queryset", config=given["config"])
automation = Automation.objects.create(
    tenant=tenant, name="orders", source=source, spreadsheet_id=given["book"], rows_per="line", removed="delete",
    cron="0 * * * *", schedule_enabled=True,
)
automation.set_columns(given["columns"])
activate(automation)
"""
HOUR_LATER = """
from django.utils import timezone
from sheetsync.models import Automation
from sheetsync.scheduler import tick

Automation.objects.update(next_slot_at=timezone.now(), next_run_at=timezone.now())
tick()
"""
WORKED_OFF = """
from sheetsync.execute import execute_next
from sheetsync.models import SyncRun

while SyncRun.objects.active().exists():
    execute_next()
runs = SyncRun.objects.order_by("pk")
assert {run.status for run in runs} == {"completed"}, [run.error for run in runs]
print(", ".join(f"{run.trigger} {run.mode}" for run in runs))
runs.delete()
"""
TOLD = """
from oscar.apps.order.models import Line, Order

Order.objects.get(number="00002").set_status("Paid")
Line.objects.filter(order__number="00005").last().delete()
Order.objects.get(number="00004").delete()
"""
UNTOLD = """
from django.utils import timezone
from oscar.apps.order.models import Order, OrderStatusChange

Order.objects.filter(number="00003").update(status="Sent")
order = Order.objects.get(number="00003")
OrderStatusChange.objects.bulk_create([OrderStatusChange(order=order, old_status="Pending", new_status="Sent")])
"""
TRUTH = """
import json
from oscar.core.loading import get_model

rows = []
for line in get_model("order", "Line").objects.select_related("order__user", "order__shipping_address__country"):
    order = line.order
    rows.append([
        order.number, order.date_placed.isoformat(), order.status, order.user.email if order.user else None,
        order.guest_email or None, order.shipping_address.postcode, order.shipping_address.country.iso_3166_1_a2,
        line.partner_sku, line.title, line.quantity, float(line.line_price_incl_tax), float(order.total_incl_tax),
    ])
print(json.dumps(rows))
"""


class Shop:
    """The host, a process for each step of it."""

    def __init__(self, folder, emulator, url):
        self.folder, self.emulator = folder, emulator
        self.book = emulator.create_spreadsheet("shop")
        key = emulator.accounts.account(url)
        given = {"config": CONFIG, "columns": COLUMNS, "book": self.book, "key": key}
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "host_settings",
            "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
            "SHEETS_URL": url,
            "GIVEN": json.dumps(given),
        }
        files = FILES | {"base.py": HOST, "host_settings.py": SETTINGS, "host_urls.py": URLS}
        for name, text in files.items():
            (folder / name).write_text(text)

    def django(self, *arguments):
        command = [sys.executable, "-m", "django", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=self.folder, check=False, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def does(self, code):
        """-> the last line that it prints"""
        return self.django("shell", "--verbosity", "0", "--command", code).rpartition("\n")[2]

    def rows(self):
        header, *rows = self.emulator.spreadsheet(self.book).sheet(title="Orders").values()
        assert header[2:] == [column["header"] for column in COLUMNS]
        return sorted(row[2:] for row in rows if len(row) > 2)

    def truth(self):
        rows = json.loads(self.does(TRUTH))
        return sorted([number, serial(placed), *others] for number, placed, *others in rows)


def serial(moment):
    """A time as a spreadsheet counts: days since the end of 1899, to the millisecond."""
    time = datetime.fromisoformat(moment)
    whole = time.replace(microsecond=time.microsecond // 1_000 * 1_000)
    return (whole - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86_400


def same(rows, truth):
    """Every cell."""
    assert [[row[0], *row[2:]] for row in rows] == [[row[0], *row[2:]] for row in truth]
    assert [row[1] for row in rows] == pytest.approx([row[1] for row in truth], abs=1e-9, rel=0)
    return True


@pytest.fixture
def shop(tmp_path, emulator):
    with emulator.serve() as server:
        shop = Shop(tmp_path, emulator, server.url)
        shop.django("migrate", "--verbosity", "0")
        yield shop


def test_an_oscar_shop_is_in_the_tab_as_the_page_says_and_stays_so(shop):
    shop.django("check")
    shop.does(PLACED)
    shop.does(AUTOMATION)
    shop.does(HOUR_LATER)
    assert shop.does(WORKED_OFF) == "schedule full"
    assert len(shop.rows()) == 14 and same(shop.rows(), shop.truth())
    shop.does(TOLD)
    assert shop.does(WORKED_OFF) == "webhook orders"
    assert {row[0] for row in shop.rows() if row[2] == "Paid"} == {"00002"}
    assert len(shop.rows()) == 11 and same(shop.rows(), shop.truth())
    shop.does(UNTOLD)
    shop.does(HOUR_LATER)
    assert shop.does(WORKED_OFF) == "schedule incremental"
    assert {row[0] for row in shop.rows() if row[2] == "Sent"} == {"00003"} and same(shop.rows(), shop.truth())
