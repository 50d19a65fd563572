# SPDX-License-Identifier: EUPL-1.2
"""Every custom error of the contracts is expected by a Solidity test, or stands here with the reason why it cannot be.

The list of errors comes from the artifacts, never from the sources, so that what a library brings along counts too. A
test expects an error when it names its selector: `IMunicipalToken.PaymentsEnded.selector`. The name of the interface or
library is read as well, because two contracts may have errors of one name.
"""

import json
import re

import pytest

from tools.compile import ARTIFACTS, ROOT

TESTS = ROOT / "tests" / "contracts"

#: Where the tests find each contract's own errors, and those it inherits.
INTERFACES = {
    "MunicipalToken": ("IMunicipalToken", "IReplacements", "IAccessManaged", "ShortStrings"),
    "ActivityRegistry": ("IActivityRegistry", "IAccessManaged", "ShortStrings"),
    "RedemptionDesk": ("IRedemptionDesk", "IAccessManaged", "ShortStrings"),
}

REQUIRED_DELAY = (
    "declared by OpenZeppelin's IAccessManaged and thrown nowhere: a caller with a delay is refused by the manager"
)
SHORT_STRING = (
    "OpenZeppelin's ShortStrings throws it for a stored short string of more than 31 bytes, and the only ones are "
    "immutables that their constructor has checked"
)
FIXED_NAME = "the name of its signing domain is a constant of less than 32 bytes; only the token's is an argument"

#: Errors that no call can bring about, by contract.
UNREACHABLE = {
    "MunicipalToken": {"AccessManagedRequiredDelay": REQUIRED_DELAY, "InvalidShortString": SHORT_STRING},
    "ActivityRegistry": {
        "AccessManagedRequiredDelay": REQUIRED_DELAY,
        "InvalidShortString": SHORT_STRING,
        "StringTooLong": FIXED_NAME,
    },
    "RedemptionDesk": {
        "AccessManagedRequiredDelay": REQUIRED_DELAY,
        "InvalidShortString": SHORT_STRING,
        "StringTooLong": FIXED_NAME,
    },
}

#: A comment, or a string, that may look like either.
NOISE = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
SELECTOR = re.compile(r"\b(\w+)\s*\.\s*(\w+)\s*\.\s*selector\b")


def declared(contract: str) -> set[str]:
    """Names of the errors in a contract's ABI."""
    abi = json.loads((ARTIFACTS / f"{contract}.json").read_text(encoding="utf-8"))["abi"]
    return {entry["name"] for entry in abi if entry["type"] == "error"}


def without_noise(source: str) -> str:
    """Solidity source without its comments and the content of its strings."""
    return NOISE.sub(lambda match: '""' if match[0].startswith('"') else " ", source)


def expected() -> set[tuple[str, str]]:
    """(interface, error) of every selector that a file whose tests forge runs expects a revert with.

    A file counts only where it expects reverts at all, so that a selector of a role or a call proves nothing.
    """
    found: set[tuple[str, str]] = set()
    for file in sorted(TESTS.rglob("*.t.sol")):
        code = without_noise(file.read_text(encoding="utf-8"))
        if "vm.expectRevert(" in code:
            found |= {(interface, error) for interface, error in SELECTOR.findall(code)}
    return found


@pytest.mark.parametrize("contract", INTERFACES)
def test_every_error_is_expected_by_a_test_or_cannot_happen(contract: str) -> None:
    tested = {error for interface, error in expected() if interface in INTERFACES[contract]}
    missing = declared(contract) - tested - UNREACHABLE[contract].keys()
    assert not missing, f"No test in tests/contracts expects {', '.join(sorted(missing))} of {contract}."


@pytest.mark.parametrize("contract", INTERFACES)
def test_the_list_of_what_cannot_happen_is_true(contract: str) -> None:
    gone = UNREACHABLE[contract].keys() - declared(contract)
    assert not gone, f"{contract} has no error {', '.join(sorted(gone))} any more: strike it off the list."
    # The token's tests may bring about what the others cannot, so only an interface of the contract's own counts.
    tested = {error for interface, error in expected() if interface == INTERFACES[contract][0]}
    contradicted = UNREACHABLE[contract].keys() & tested
    assert not contradicted, f"A test expects {', '.join(sorted(contradicted))} of {contract}, so it can happen."


def test_every_contract_with_errors_of_its_own_is_looked_at() -> None:
    contracts = {path.stem for path in ARTIFACTS.glob("*.json")}
    assert contracts - INTERFACES.keys() == {"Authority"}, "Authority is OpenZeppelin's AccessManager, unmodified."


def test_tests_expect_no_error_that_is_gone() -> None:
    for contract, interfaces in INTERFACES.items():
        abi = json.loads((ARTIFACTS / f"{contract}.json").read_text(encoding="utf-8"))["abi"]
        known = {entry["name"] for entry in abi if entry["type"] in {"error", "function"}}
        own = set(interfaces) - {"IAccessManaged", "ShortStrings"}
        unknown = {name for interface, name in expected() if interface in own} - known
        assert not unknown, f"{' and '.join(sorted(own))} have no {', '.join(sorted(unknown))}."


def test_a_selector_in_a_comment_or_a_string_does_not_count() -> None:
    source = """
    // IToken.A.selector
    /* IToken.B.selector
       // */ IToken.C.selector "IToken.D.selector // \\" IToken.E.selector" IToken . F . selector
    """
    assert SELECTOR.findall(without_noise(source)) == [("IToken", "C"), ("IToken", "F")]


def test_every_external_function_that_changes_something_has_a_test_file() -> None:
    """Named after the function; overloads share one, and setAuthority is OpenZeppelin's."""
    folders = {"MunicipalToken": "token", "ActivityRegistry": "registry", "RedemptionDesk": "desk"}
    for contract, folder in folders.items():
        abi = json.loads((ARTIFACTS / f"{contract}.json").read_text(encoding="utf-8"))["abi"]
        changing = {
            entry["name"]
            for entry in abi
            if entry["type"] == "function" and entry["stateMutability"] not in {"view", "pure"}
        }
        files = {name[0].lower() + name[1:-6] for name in (file.name for file in (TESTS / folder).glob("*.t.sol"))}
        missing = changing - files - {"setAuthority"}
        assert not missing, f"No file in tests/contracts/{folder} for {', '.join(sorted(missing))}."
