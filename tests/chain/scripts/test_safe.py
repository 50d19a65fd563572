# SPDX-License-Identifier: EUPL-1.2
"""Officials that are Safes: files of what they shall send and sign are written, and their signatures brought back."""

import json

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from heitje.chain.words import RedemptionStatus
from scripts._support.safe import checksum
from tests.chain.scripts.conftest import found, profile
from tests.support.anvil import Anvil
from tests.support.city import City
from tests.support.scripts import Town, day, month, officials
from tests.support.service import Service
from tests.support.signed import signer_of
from tests.support.wallet import HANDLER, Safe, shipped

DAY = 86_400
OWNERS = ("wethouder", "secretary", "controller")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A city with real delays in which Safes, two owners of three each, are PROGRAMME, ISSUER, and one TREASURER."""
    with Anvil() as anvil, Town(tmp_path_factory.mktemp("safes"), anvil) as town:
        names = ("programme", "issuer", "treasurer", "guardian")
        safes = {name: Safe.deploy(anvil.url, OWNERS, 2, salt) for salt, name in enumerate(names)}
        text = officials()
        for name, safe in safes.items():
            text = text.replace(signer_of(name).address, safe.address)
        registrar = Safe.deploy(anvil.url, OWNERS, 2, len(names))
        key = signer_of("registrar").address
        text = text.replace(f'["{key}"]', f'["{key}", "{registrar.address}"]', 1)
        safes["registrar"] = registrar
        town.write("profile.toml", profile())
        town.write("officials.toml", text)
        town.run(*found(town))
        found_city(town, safes)
        yield town, safes


@pytest.fixture
def city(place):
    """That city with a programme, an activity and members; what a test does is undone."""
    town, safes = place
    snapshot = town.anvil.snapshot()
    yield town, safes
    town.anvil.revert(snapshot)


def as_safe(town, safes, role, *more):
    """The switches of a Safe that acts."""
    return ("--safe", safes[role].address, "--export", town.folder / f"{role}.json", *town.common("safe.json"), *more)


def carry_out(town, safe, name):
    """What the Safe's owners do in the Transaction Builder."""
    batch = json.loads((town.folder / name).read_text())
    assert batch["meta"]["checksum"] == checksum(batch)
    assert (batch["chainId"], batch["meta"]["createdFromSafeAddress"]) == ("31337", safe.address)
    for item in batch["transactions"]:
        assert item["value"] == "0"
        safe.execute(item["to"], bytes.fromhex(item["data"][2:]))
    return batch


def signature_of(town, safe, name):
    """What the Safe's owners do with a message: their wallets compute the digest from the file."""
    typed = json.loads((town.folder / name).read_text())
    message = encode_typed_data(full_message=typed)
    digest = keccak(b"\x19" + message.version + message.header + message.body)
    return "0x" + safe.sign_digest(digest).hex()


def hash_in_the_safe(town, safe, typed):
    """The message hash of typed data as the Safe's own contract tells it."""
    message = encode_typed_data(full_message=typed)
    digest = keccak(b"\x19" + message.version + message.header + message.body)
    call = {"to": safe.address, "data": "0x" + shipped(HANDLER).encode("getMessageHash", digest).hex()}
    return str(town.anvil.rpc("eth_call", call, "latest"))


def found_city(town, safes):
    """A programme and an activity, each announced and then carried out by the Safe."""
    one = f'[[programme]]\nbudget_euros = 500\nfrom = "{month(-1)}"\nto = "{month(2)}"\n'
    town.write("programme.toml", f'{one}attesters = ["{signer_of("attester").address}"]\n')
    head = "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work\n"
    town.write(
        "activity.csv", f"{head}A;Litter;1;{day(-1)};12:00;5,60;240;ja;ja\nB;Pond;1;{day(-1)};12:00;5,60;240;ja;ja\n"
    )
    for name, times in (("programme.toml", 2), ("activity.csv", 1)):
        command = (name.partition(".")[0], town.folder / name, *as_safe(town, safes, "programme"))
        for _ in range(times):
            town.run(*command, code=7)
            carry_out(town, safes["programme"], "programme.json")
            town.anvil.move_time_to(town.anvil.now() + DAY)
            town.run(*command, code=7)
            carry_out(town, safes["programme"], "programme.json")
        assert "Nothing was left to do" in town.run(*command)
    town.members_file("members.csv", {"ann": "resident", "bea": "resident", "bakery": "merchant"})
    town.run(*town.enrol("members.csv"))


def test_a_safe_announces_first_and_carries_out_later(city):
    town, safes = city
    assert town.call("registry", "isAttester", 1, signer_of("attester").address)
    town.write("more.toml", f'[[programme]]\nbudget_euros = 7\nfrom = "{month(0)}"\nto = "{month(1)}"\n')
    command = ("programme", town.folder / "more.toml", *as_safe(town, safes, "programme"))
    said = town.run(*command, code=7)
    assert "let the owners sign and send it, and then run the same command again" in said
    batch = carry_out(town, safes["programme"], "programme.json")
    assert batch["meta"]["description"] == "announce: open a programme of 7.00 euros"
    (town.folder / "programme.json").unlink()
    assert "can be done from" in town.run(*command, code=7)
    assert not (town.folder / "programme.json").exists()

    name = town.run("announced", "--deployment", town.deployment).splitlines()[0]
    cancel = ("announced", "--cancel", name, *as_safe(town, safes, "guardian"))
    town.run(*cancel, code=7)
    carry_out(town, safes["guardian"], "guardian.json")
    assert "no such announcement" in town.run(*cancel, code=1)


def test_what_does_not_fit_into_one_transaction_of_a_safe_comes_at_the_next_run(city):
    town, safes = city
    lines = "".join(f";resident;{town.person(f'newcomer {n}').address}\n" for n in range(310))
    town.write("newcomers.csv", "member;class;address\n" + lines)
    secrets = town.folder / "register.json"
    before = secrets.read_bytes()
    enrol = ("enrol", town.folder / "newcomers.csv", "--register", secrets, *as_safe(town, safes, "registrar"))
    try:
        assert "Dry run" in town.run(*enrol, "--dry-run")
        assert not (town.folder / "registrar.json").exists()
        assert "2 calls more did not fit into one transaction" in town.run(*enrol, code=7)
        carry_out(town, safes["registrar"], "registrar.json")
        assert "to send: enrol 150 members" in town.run(*enrol, code=7)
        carry_out(town, safes["registrar"], "registrar.json")
        while "310 were enrolled already" not in town.run(*enrol, code=None):
            carry_out(town, safes["registrar"], "registrar.json")
    finally:
        secrets.write_bytes(before)
    numbers = [town.call("token", "numberOf", town.person(f"newcomer {n}").address) for n in (0, 150, 309)]
    assert all(numbers)


def test_what_a_safe_may_not_do_is_refused_before_anything_is_written(city):
    town, safes = city
    nobody = Safe.deploy(town.anvil.url, OWNERS, 2, 99)
    town.write("late.csv", f"member;class;address\n;resident;{signer_of('late').address}\n")
    file = town.folder / "refused.json"
    common = ("--register", town.folder / "register.json", *town.common("enrol.json"), "--export", file)
    said = town.run("enrol", town.folder / "late.csv", "--safe", nobody.address, *common, code=1)
    assert f"the Safe ({nobody.address}) may not do this: it needs the role REGISTRAR" in said
    said = town.run("enrol", town.folder / "late.csv", "--safe", signer_of("late").address, *common, code=1)
    assert "so it is no Safe" in said
    said = town.run("enrol", town.folder / "late.csv", "--safe", nobody.address[:-1] + "0", *common, code=2)
    assert "a typing error" in said
    said = town.run("enrol", town.folder / "late.csv", "--safe", nobody.address, *common[:-2], code=2)
    assert "say with --export FILE" in said
    assert not file.exists()
    assert safes


def test_a_safe_mints_by_its_signature_whoever_brings_it(city):
    town, safes = city
    lines = [(1, town.number("ann"), 120, ""), (2, town.number("ann"), 60, ""), (1, town.number("bea"), 60, "")]
    town.report_file("earned.csv", lines)
    town.run(*town.attest("earned.csv"))
    mint = ("mint", town.folder / "earned", *as_safe(town, safes, "issuer"))
    said = town.run(*mint, code=7)
    typed = json.loads((town.folder / "issuer.json").read_text())
    assert hash_in_the_safe(town, safes["issuer"], typed) in said
    first, second = (signature_of(town, safes["issuer"], name) for name in ("issuer.json", "issuer-2.json"))
    assert "Say who brings" in town.run(*mint, "--signature", first, code=2)
    carried = (*mint, "--account", "stranger", "--signature", first)
    said = town.run(*carried, code=1)
    assert "has not signed what would be done now" in said
    assert "activity-2" in said
    assert town.call("token", "totalSupply") == 0
    # The owners take some days, and the file holds all signatures.
    town.anvil.move_time_to(town.anvil.now() + 3 * DAY)
    town.write("signatures.txt", f"{second}\n\n{first}\n")
    brought = ("--account", "stranger", "--signature-file", town.folder / "signatures.txt")
    assert "2 reports minted" in town.run(*mint, *brought)
    assert town.call("token", "totalSupply") == 1_120 + 560 + 560
    assert "2 were minted already" in town.run(*mint, *brought)


def test_a_safe_mints_through_the_relayer_without_any_account(city):
    town, safes = city
    town.report_file("carried.csv", [(1, town.number("ann"), 60, "")])
    town.run(*town.attest("carried.csv"))
    mint = ("mint", town.folder / "carried", *as_safe(town, safes, "issuer"))
    town.run(*mint, code=7)
    folder = town.folder / "relayer"
    folder.mkdir(exist_ok=True)
    town.anvil.mine()
    with Service(folder, City(town.anvil.url, 31_337, town.contracts)) as service:
        brought = ("--signature", signature_of(town, safes["issuer"], "issuer.json"), "--relayer", service.url)
        assert "1 report minted" in town.run(*mint, *brought)
    assert town.call("token", "totalSupply") == 560


def test_a_safe_locks_gives_back_and_settles_by_its_signature(city):
    town, safes = city
    town.report_file("spent.csv", [(1, town.number("ann"), 240, "")])
    town.run(*town.attest("spent.csv"))
    mint = ("mint", town.folder / "spent", *as_safe(town, safes, "issuer"))
    town.run(*mint, code=7)
    minted = ("--signature", signature_of(town, safes["issuer"], "issuer.json"), "--account", "stranger")
    town.run(*mint, *minted)
    town.pay("ann", "bakery", 1_000)
    ids = [town.redeem("bakery", cents, cents) for cents in (100, 200, 300)]
    names = ["0x" + name.hex() for name in ids]

    def by_the_safe(step, *more):
        command = ("redemptions", step, *more, *as_safe(town, safes, "treasurer"))
        assert "They have until" in town.run(*command, code=7)
        brought = ("--signature", signature_of(town, safes["treasurer"], "treasurer.json"), "--account", "stranger")
        return town.run(*command, *brought)

    assert "1 redemption locked" in by_the_safe("lock", names[0])
    town.run("redemptions", "lock", names[1], "--account", "treasurer2", *town.common("lock.json"))
    payouts = town.folder / "payouts.csv"
    payouts.write_text(f"end_to_end_id;member;amount;redemption\nE2E-1;{town.number('bakery')};2.00;{names[1]}\n")
    assert "1 payout settled" in by_the_safe("settle", "--payouts", payouts)
    assert "1 redemption given back" in by_the_safe("refund", names[2], "--reason", 3)
    statuses = [RedemptionStatus(town.call("desk", "redemptionOf", name)["status"]).name for name in ids]
    assert statuses == ["LOCKED", "SETTLED", "REFUNDED"]


def test_a_signature_of_something_else_is_noticed_before_anything_is_sent(city):
    town, safes = city
    town.report_file("other.csv", [(1, town.number("ann"), 60, "")])
    town.run(*town.attest("other.csv"))
    mint = ("mint", town.folder / "other", *as_safe(town, safes, "issuer"), "--account", "stranger")
    block = town.anvil.rpc("eth_blockNumber")
    signature = "0x" + safes["issuer"].sign_digest(b"\1" * 32).hex()
    assert "has not signed what would be done now" in town.run(*mint, "--signature", signature, code=1)
    assert "is not hexadecimal" in town.run(*mint, "--signature", "0xhello", code=2)
    stranger = ("--account", "stranger", *town.common("mint.json"))
    said = town.run("mint", town.folder / "other", *stranger, "--signature", signature, code=2)
    assert "are for a Safe: name it with --safe" in said
    assert town.anvil.rpc("eth_blockNumber") == block


def test_the_checksum_is_the_transaction_builders():
    """A file that the Transaction Builder itself wrote (1.18.2), with its checksum."""
    approve = {
        "inputs": [
            {"internalType": "address", "name": "spender", "type": "address"},
            {"internalType": "uint256", "name": "value", "type": "uint256"},
        ],
        "name": "approve",
        "payable": False,
    }
    written = {
        "version": "1.0",
        "chainId": "1",
        "createdAt": 1761326849944,
        "meta": {
            "name": "Transactions Batch",
            "description": "",
            "txBuilderVersion": "1.18.2",
            "createdFromSafeAddress": "0xA77DE01e157f9f57C7c4A326eeE9C4874D0598b6",
            "createdFromOwnerAddress": "",
            "checksum": "0x8b5032f716845c8b08bab3d63dbd9ba92e056f3557793cd041e59b84e16aa989",
        },
        "transactions": [
            {
                "to": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
                "value": "0",
                "data": None,
                "contractMethod": approve,
                "contractInputsValues": {
                    "spender": "0x474e5Ded6b5D078163BFB8F6dBa355C3aA5478C8",
                    "value": "100000000000",
                },
            }
        ],
    }
    assert checksum(written) == written["meta"]["checksum"]
