# SPDX-License-Identifier: EUPL-1.2
"""Where webhooks may lead, and where they may not."""

import ipaddress

import pytest

from heitje.webhooks.guard import Guard, Refused, check_address, check_url

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:224.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "64:ff9b::a00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001:0:0:0:0:0:f5ff:fffe",
]
OUTSIDE = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_a_network_can_be_reached(address):
    with pytest.raises(Refused, match="not on the public internet"):
        check_address(ipaddress.ip_address(address), loopback=False)


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_public_internet_can(address):
    check_address(ipaddress.ip_address(address), loopback=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_can_only_where_the_settings_say_so(address):
    check_address(ipaddress.ip_address(address), loopback=True)


@pytest.mark.parametrize("address", [a for a in INSIDE if "127" not in a and a != "::1" and "7f00" not in a])
def test_what_is_said_of_this_machine_holds_for_no_other(address):
    with pytest.raises(Refused):
        check_address(ipaddress.ip_address(address), loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hook?shop=1",
        "https://example.org:8443/",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/",
        "https://xn--bcher-kva.example.org/",
    ],
)
def test_a_url_on_the_public_internet_is_taken(url):
    assert str(check_url(url, loopback=False)) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/", "https://"),
        ("//example.org/", "https://"),
        ("example.org", "https://"),
        ("", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https:///path", "URL"),
        ("https://example.org:5432/", "port"),
        ("https://example.org:99999/", "URL"),
        ("https://user:secret@example.org/", "user name"),
        ("https://example.org/#part", "fragment"),
        ("https://localhost/", "public internet"),
        ("https://api.localhost/", "public internet"),
        ("https://database/", "public internet"),
        ("https://127.0.0.1/", "public internet"),
        ("https://[::1]/", "public internet"),
        ("https://[fe80::1%25eth0]/", "public internet"),
        ("https://example.org/" + "a" * 500, "500"),
        ("https://example.org/a b\r\nx: y", "URL"),
        ("https://bücher.example.org/", "ASCII"),
    ],
)
def test_any_other_url_is_refused_and_it_is_said_why(url, why):
    with pytest.raises(Refused, match=why):
        check_url(url, loopback=False)


def test_this_machine_without_tls_will_do_where_the_settings_say_so_and_no_other_will():
    assert check_url("http://127.0.0.1:5000/hook", loopback=True)
    assert check_url("http://localhost:5000/hook", loopback=True)
    for other in (
        "http://10.0.0.1:5000/",
        "http://example.org/",
        "https://example.org:5000/",
        "http://127.0.0.1.nip.io/",
    ):
        with pytest.raises(Refused):
            check_url(other, loopback=True)


async def test_a_name_with_one_address_inside_is_refused_whole():
    async def lookup(_host, _port):
        return ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "10.0.0.5"]

    with pytest.raises(Refused, match="not on the public internet"):
        await Guard(loopback=False, lookup=lookup).resolve("example.org", 443)


async def test_numbers_written_in_the_ways_of_old_are_looked_up_and_refused():
    for host in ("localhost", "127.1", "0x7f.0.0.1", "2130706433"):
        with pytest.raises(Refused):
            await Guard(loopback=False).resolve(host, 443)
