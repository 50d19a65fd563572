# SPDX-License-Identifier: EUPL-1.2
"""One message to real servers that behave well, badly, or are not where they seemed to be."""

import datetime as dt
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from heitje.webhooks.sending import Sender
from tests.support.receiver import Receiver, say

BODY = b'{"type":"payment.final"}'


@pytest.fixture
async def sender():
    async with Sender(loopback=True, timeout=1.0) as made:
        yield made


async def test_the_receiver_gets_exactly_these_bytes_and_its_answer_is_kept(sender):
    with Receiver(say(200, "dankjewel ☺".encode())) as receiver:
        outcome = await sender.send(receiver.url, {"webhook-id": "evt_1"}, BODY)
    assert (outcome.status, outcome.response, outcome.error) == (200, "dankjewel ☺", None)
    assert (receiver.got[0].body, receiver.got[0].path) == (BODY, "/hook")
    assert receiver.got[0].headers["webhook-id"] == "evt_1"


@pytest.mark.parametrize("status", [400, 404, 410, 500, 503])
async def test_any_answer_but_success_is_a_failure_and_says_which(sender, status):
    with Receiver(say(status, b"no")) as receiver:
        outcome = await sender.send(receiver.url, {}, BODY)
    assert (outcome.status, outcome.response) == (status, "no")
    assert str(status) in outcome.error


async def test_a_redirect_is_a_failure_and_is_not_followed(sender):
    with Receiver() as elsewhere, Receiver(say(307, location=elsewhere.url)) as receiver:
        outcome = await sender.send(receiver.url, {}, BODY)
        assert elsewhere.got == []
    assert "redirects (307)" in outcome.error


async def test_a_receiver_that_does_not_answer_has_ten_seconds_here_one(sender):
    with Receiver() as receiver:
        receiver.behaviour = receiver.hang
        outcome = await sender.send(receiver.url, {}, BODY)
    assert (outcome.status, outcome.error) == (None, "no complete answer within 1 seconds")


async def test_a_receiver_that_answers_a_byte_at_a_time_has_no_more(sender):
    with Receiver() as receiver:

        def drip(request, _number):
            request.send_response(200)
            request.end_headers()
            while not receiver.released.wait(0.05):
                request.wfile.write(b".")
                request.wfile.flush()

        receiver.behaviour = drip
        began = time.monotonic()
        outcome = await sender.send(receiver.url, {}, BODY)
        assert time.monotonic() - began < 30  # it would drip for as long as anybody listens
    assert "no complete answer" in outcome.error


async def test_of_an_endless_answer_only_the_beginning_is_read(sender):
    sent = []
    with Receiver() as receiver:

        def flood(request, _number):
            request.send_response(200)
            request.end_headers()
            while not receiver.released.is_set():
                sent.append(request.wfile.write(b"x" * 65_536))

        receiver.behaviour = flood
        outcome = await sender.send(receiver.url, {}, BODY)
    assert outcome.error is None
    assert outcome.response == "x" * 2_048
    assert sum(sent) < 64 << 20


async def test_what_no_database_can_store_is_replaced(sender):
    with Receiver(say(200, b"a\0b\xff\xfec")) as receiver:
        outcome = await sender.send(receiver.url, {}, BODY)
    assert outcome.response == "a\N{REPLACEMENT CHARACTER}b" + "\N{REPLACEMENT CHARACTER}" * 2 + "c"


async def test_a_packed_answer_is_not_unpacked(sender):
    with Receiver(say(200, b"\x1f\x8b" + b"\0" * 20, **{"content-encoding": "gzip"})) as receiver:
        outcome = await sender.send(receiver.url, {}, BODY)
    assert outcome.error is None
    assert len(outcome.response) == 22


async def test_nobody_there_is_a_failure(sender):
    with Receiver() as receiver:
        url = receiver.url
    outcome = await sender.send(url, {}, BODY)
    assert outcome.status is None
    assert "Connect" in outcome.error


async def test_a_name_that_leads_inside_is_not_connected_to(sender):
    async def lookup(_host, _port):
        return ["127.0.0.1"]

    with Receiver() as receiver:
        async with Sender(loopback=False, lookup=lookup) as strict:
            outcome = await strict.send("https://shop.example.org/hook", {}, BODY)
        assert receiver.got == []
    assert outcome.error.startswith("nothing was sent: it leads to an address that is not on the public internet")


async def test_a_name_is_asked_once_and_what_was_checked_is_what_is_connected_to():
    answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
    asked = []

    async def lookup(host, _port):
        asked.append(host)
        return answers[len(asked) - 1]

    with Receiver() as checked:
        try:
            swapped = Receiver(host="127.0.0.2")
        except OSError:
            pytest.fail("this machine has no 127.0.0.2")
        with swapped:
            async with Sender(loopback=True, lookup=lookup) as sender:
                outcome = await sender.send(f"http://localhost:{checked.port}/hook", {}, BODY)
            assert outcome.error is None
            assert (len(checked.got), len(swapped.got)) == (1, 0)
            assert checked.got[0].headers["host"] == f"localhost:{checked.port}"
    assert asked == ["localhost"]


async def test_a_name_that_leads_inside_the_second_time_is_refused_the_second_time():
    """Rebinding: a name that was good when it was registered, and when it was told before, is checked each time."""
    answers = [["127.0.0.1"], ["10.0.0.5"]]
    asked = []

    async def lookup(host, _port):
        asked.append(host)
        return answers[len(asked) - 1]

    with Receiver() as receiver:
        async with Sender(loopback=True, lookup=lookup) as sender:
            url = f"http://localhost:{receiver.port}/hook"
            assert (await sender.send(url, {}, BODY)).error is None
            second = await sender.send(url, {}, BODY)
        assert len(receiver.got) == 1
    assert "not on the public internet" in second.error
    assert "10.0.0.5" not in second.error


async def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_told(sender, tmp_path):
    with Receiver() as receiver:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path))
        receiver._server.socket = context.wrap_socket(
            receiver._server.socket, server_side=True, do_handshake_on_connect=False
        )
        outcome = await sender.send(receiver.url.replace("http:", "https:"), {}, BODY)
        assert receiver.got == []
    assert "certificate" in outcome.error.lower()


def certificate(folder):
    """A certificate for 127.0.0.1 that its owner signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
