"""The settings dict: read late, defaults where nothing is given, refused where it cannot be used."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from sheetsync import conf


@override_settings()
def test_a_host_without_the_dict_gets_every_default() -> None:
    from django.conf import settings

    del settings.SHEETSYNC

    assert conf.settings.SHEETS_URL == "https://sheets.googleapis.com"
    assert conf.settings.MAX_ROWS_PER_BATCH == 1_200


def test_a_setting_is_read_when_it_is_asked() -> None:
    with override_settings(SHEETSYNC={"BURST": 2}):
        inside = conf.settings.BURST

    assert (inside, conf.settings.BURST) == (2, 6)


@override_settings(SHEETSYNC={"BURST": "many"})
def test_an_unusable_value_is_refused_on_reading_with_its_name_and_the_remedy() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"SHEETSYNC\['BURST'\].*whole number, 1 or more"):
        _ = conf.settings.BURST


@override_settings(SHEETSYNC=["BURST"])
def test_anything_but_a_dict_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="must be a dict"):
        conf.given_settings()


def test_a_misspelt_attribute_is_an_error_and_not_a_default() -> None:
    with pytest.raises(AttributeError):
        getattr(conf.settings, "MAX_ROW_PER_BATCH")  # noqa: B009 - mypy would refuse the plain form


def test_every_default_obeys_its_own_rule() -> None:
    for setting in conf.settings:
        assert setting.rule(setting.default) == setting.default, setting.name


@pytest.mark.parametrize("value", [0, -1, 1.5, "6", True, None])
def test_a_count_is_a_whole_number_from_one_up(value: object) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        conf.count(value)


@pytest.mark.parametrize("value", [0, -0.5, "10", True, None, float("nan"), float("inf")])
def test_seconds_are_positive_and_finite(value: object) -> None:
    with pytest.raises(ValueError, match="above 0"):
        conf.seconds(value)


def test_no_rate_means_no_pacing() -> None:
    assert conf.rate(None) is None


@pytest.mark.parametrize("value", [0, "54", False, float("nan")])
def test_a_rate_is_a_positive_number(value: object) -> None:
    with pytest.raises(ValueError, match="None for no pacing"):
        conf.rate(value)


def test_a_path_object_becomes_text() -> None:
    assert conf.file_path(Path("keys") / "account.json") == str(Path("keys/account.json"))


@pytest.mark.parametrize("value", ["", 3, {"type": "service_account"}])
def test_credentials_are_a_path_and_nothing_else(value: object) -> None:
    with pytest.raises(ValueError, match="path of a JSON key file"):
        conf.file_path(value)


KEYS = [urlsafe_b64encode(letter * 32).decode() for letter in (b"a", b"b")]


@pytest.mark.parametrize("value", [KEYS, tuple(KEYS), ",".join(KEYS), f" {KEYS[0]},\n{KEYS[1]}\n,"])
def test_keys_are_a_list_or_a_text_with_commas(value: object) -> None:
    assert conf.encryption_keys(value) == tuple(KEYS)


@pytest.mark.parametrize("value", ["", [], ()])
def test_there_may_be_no_key_yet(value: object) -> None:
    assert conf.encryption_keys(value) == ()


@pytest.mark.parametrize(
    "value",
    [
        [KEYS[0], KEYS[1][:-1]],  # without its padding
        [KEYS[0], KEYS[1].encode()],  # as Fernet.generate_key() gives it
        [KEYS[0], "correct horse battery staple"],
        [KEYS[0], None],
        f"{KEYS[0]};{KEYS[1]}",
        {"new": KEYS[0]},
        KEYS[0].encode(),
        None,
    ],
)
def test_anything_else_is_no_list_of_keys_and_is_never_shown(value: object) -> None:
    with pytest.raises(ValueError, match="python -m sheetsync genkey") as caught:
        conf.encryption_keys(value)

    assert not any(secret in str(caught.value) for secret in (KEYS[0][:8], KEYS[1][:8], "horse"))


@pytest.mark.parametrize("value", ["django_q", "polling", "inline", "shop.sync.ring"])
def test_a_dispatcher_is_one_of_ours_or_a_dotted_path(value: str) -> None:
    assert conf.dispatcher(value) == value


@pytest.mark.parametrize("value", ["django-q", "celery", "", "shop.", ".ring", "shop..ring", "shop ring", None, print])
def test_every_other_dispatcher_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="django_q, polling, inline, or a dotted path"):
        conf.dispatcher(value)


@pytest.mark.parametrize(
    "value",
    [
        "https://sheets.googleapis.com",
        "https://sheets.example.org:8443/prefix",
        "http://127.0.0.1:8765",  # an emulator on this machine
        "http://127.8.0.1",  # all of 127/8 is loopback
        "http://[::1]:8765",
        "http://localhost:8765",
    ],
)
def test_an_address_is_https_or_stays_on_this_machine(value: str) -> None:
    assert conf.base_url(value) == value


def test_a_trailing_slash_is_dropped_because_paths_are_appended() -> None:
    assert conf.base_url("http://localhost:8765/") == "http://localhost:8765"


@pytest.mark.parametrize(
    "value",
    [
        "http://sheets.googleapis.com",
        "http://10.0.0.7:8765",  # private is not loopback: a network still carries it
        "http://localhost.example.org",  # only looks local
        "ftp://localhost",
        "sheets.googleapis.com",
        "https://",
        "https://example.org/?key=1",
        "https://[::1",  # urlsplit itself raises here
        "https://example.org:port",
        "",
        None,
        b"https://example.org",
    ],
)
def test_every_other_address_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"https"):
        conf.base_url(value)


def test_tenants_may_be_allowed_names_and_networks():
    given = ["Shop.Internal ", "redis", "10.1.0.0/16", "127.0.0.1", "fd00::/8"]

    networks = [ip_network(text) for text in given[2:]]
    assert conf.allowed_hosts(given) == ("shop.internal", "redis", *networks)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("https://shop.internal", "without scheme and port"),
        ("shop.internal:8443", "without scheme and port"),
        ("*.internal", "no host name"),
        (".internal", "no host name"),
        ("shop.internal.", "no host name"),
        ("127.1", "no host name"),  # an address to some
        ("0x7f.1", "no host name"),
        ("10.1.2.3/16", "has host bits set"),
        ("0.0.0.0/0", "every address there is"),
        ("::/0", "every address there is"),
        ("a" * 64, "no host name"),
        ("a." * 127 + "example", "no host name"),
        ("", "no host name"),
        (None, "no host name"),
        (8, "no host name"),
    ],
)
def test_every_other_host_is_refused(entry, complaint):
    with pytest.raises(ValueError, match=complaint):
        conf.allowed_hosts(["shop.internal", entry])


@pytest.mark.parametrize("value", ["shop.internal", {"shop.internal": 1}, None, 10])
def test_allowed_hosts_are_a_list(value):
    with pytest.raises(ValueError, match="Give a list of host names and networks"):
        conf.allowed_hosts(value)


def test_ports_are_numbers():
    assert conf.ports([443, 8443]) == (443, 8443)


@pytest.mark.parametrize("value", [[], [0], [65_536], ["443"], [True], [443.0], 443, "443", None])
def test_everything_else_is_no_list_of_ports(value):
    with pytest.raises(ValueError, match="Give a list of port numbers"):
        conf.ports(value)


@pytest.mark.parametrize("value", ["", 3, ["a.pem"]])
def test_certificates_are_a_path(value):
    with pytest.raises(ValueError, match="certificates in PEM format"):
        conf.certificate_file(value)


@pytest.mark.parametrize("value", [None, "a-random-text-of-32-letters-0123", "UXVpdGUgYSByYW5kb20gdGV4dA=="])
def test_a_bearer_token_is_a_long_text_or_nothing(value: object) -> None:
    assert conf.bearer_token(value) == value


@pytest.mark.parametrize(
    "value", ["", "short-0123", "with a space in it 0123456789", "ümlaut-ümlaut-ümlaut-0", 20, b"x" * 32]
)
def test_any_other_bearer_token_is_refused_and_never_shown(value: object) -> None:
    with pytest.raises(ValueError, match="20 characters or more") as caught:
        conf.bearer_token(value)

    assert "0123" not in str(caught.value)


@pytest.mark.parametrize("value", [1, 0, "yes", "False", None])
def test_what_is_only_like_yes_or_no_is_neither(value: object) -> None:
    assert conf.yes_or_no(True)
    with pytest.raises(ValueError, match="True or False"):
        conf.yes_or_no(value)


@pytest.mark.parametrize("value", [0, -1, 1.5, "6", True])
def test_a_limit_is_a_whole_number_or_none(value: object) -> None:
    assert (conf.count_or_none(None), conf.count_or_none(30)) == (None, 30)
    with pytest.raises(ValueError, match="1 or more, or None for no limit"):
        conf.count_or_none(value)
