# SPDX-License-Identifier: EUPL-1.2
"""Fits an ERC-20 test suite that others published, solmate's, to a token that belongs to a city.

The suite stays where npm put it. What this writes, into build/suites, is the suite with what `FITTED` says replaced,
and with inputs that a city has. What a test asserts is left as it is; one that expects to fail must fail for the right
reason. Usage: `python tools/published_suite.py`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "node_modules" / "solmate" / "src" / "test" / "ERC20.t.sol"
OUTPUT = ROOT / "build" / "suites" / "solmate" / "ERC20.t.sol"

#: Tests of what this token does not do, and why; docs/properties.md says it in full.
LEFT_OUT = {
    "invariantMetadata": "name, symbol and decimals are the city's",
    "testMetadata": "name, symbol and decimals are the city's",
    "testFailBurnInsufficientBalance": "a clawback takes what is there, and does not fail",
    "setUp": "a city is set up instead",
}

#: What is replaced in the others: credits are issued by the registry and taken back by it, and there are never 2^48.
FITTED = {
    "token.mint(": "mint(",
    "token.burn(": "burn(",
    "1e18": "1e12",
    ".9e18": ".9e12",
    "bound(amount, approval + 1, type(uint256).max)": "bound(amount, approval + 1, 2 * LIMIT)",
}

#: The error for which a test that expects to fail may fail, by what its name holds.
ERRORS = {
    "TransferInsufficientBalance": "IERC20Errors.ERC20InsufficientBalance",
    "TransferFromInsufficientBalance": "IERC20Errors.ERC20InsufficientBalance",
    "TransferFromInsufficientAllowance": "IERC20Errors.ERC20InsufficientAllowance",
    "PermitBadNonce": "IMunicipalToken.InvalidSignature",
    "PermitBadDeadline": "IMunicipalToken.InvalidSignature",
    "PermitReplay": "IMunicipalToken.InvalidSignature",
    "PermitPastDeadline": "IMunicipalToken.PermitExpired",
}

#: What a random input must be: somebody with an account, an amount that can be issued, a key, a date.
INPUTS = {
    "to": "to = enrolled(to);",
    "from": "from = enrolled(from);",
    "amount": "amount = bound(amount, 0, LIMIT);",
    "mintAmount": "mintAmount = bound(mintAmount, 0, LIMIT);",
    "approval": "approval = bound(approval, 0, LIMIT);",
    "privateKey": "privateKey = bound(privateKey, 1, CURVE_ORDER - 1);",
    "deadline": "deadline = bound(deadline, 0, type(uint256).max - 1);",
}

HEAD = """// What tools/published_suite.py made of solmate's ERC20.t.sol, which is under AGPL-3.0-only. Not distributed.
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {PublishedSuite} from "../../../tests/contracts/support/PublishedSuite.sol";

contract SolmateERC20Test is PublishedSuite {
    bytes32 constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
"""
FUNCTION = re.compile(r"^    function (\w+)\(([^)]*)\) public \{\n(.*?)^    \}\n", re.MULTILINE | re.DOTALL)


def fitted(source: str) -> tuple[str, int]:
    """The suite for this token, and how many tests it has.

    Raises:
        ValueError: The suite is not the one that this was written for.
    """
    suite = source[source.index("contract ERC20Test") : source.index("contract ERC20Invariants")]
    parts, left_out = [HEAD], set()
    for name, parameters, body in FUNCTION.findall(suite):
        if name in LEFT_OUT:
            left_out.add(name)
        else:
            parts.append(_test(name, " ".join(parameters.split()), _replaced(body)))
    if left_out != set(LEFT_OUT):
        message = f"solmate's suite has changed: {set(LEFT_OUT) - left_out} are not in it."
        raise ValueError(message)
    return "\n".join(parts) + "}\n", len(parts) - 1


def _replaced(body: str) -> str:
    for old, new in FITTED.items():
        body = body.replace(old, new)
    return body


def _test(name: str, parameters: str, body: str) -> str:
    """One test; if it expects to fail, one that calls it and looks at the error, because anything can fail somehow."""
    names = [parameter.split()[-1] for parameter in parameters.split(", ") if parameter]
    inputs = "".join(f"        {INPUTS[item]}\n" for item in names if item in INPUTS)
    if not name.startswith("testFail"):
        return f"    function {name}({parameters}) public {{\n{inputs}{body}    }}\n"
    what = name.removeprefix("testFail")
    types = ",".join(parameter.split()[0] for parameter in parameters.split(", ") if parameter)
    call = ", ".join([f'"fail{what}({types})"', *names])
    return (
        f"    function fail{what}({parameters}) public {{\n{body}    }}\n\n"
        f"    function testRevert{what}({parameters}) public {{\n{inputs}"
        f"        fails(abi.encodeWithSignature({call}), {ERRORS[what]}.selector);\n    }}\n"
    )


def main() -> int:
    """Writes the suite, where it is not there yet."""
    text, _ = fitted(SUITE.read_text(encoding="utf-8"))
    if not OUTPUT.exists() or OUTPUT.read_text(encoding="utf-8") != text:
        OUTPUT.parent.mkdir(parents=True, exist_ok=True)
        OUTPUT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
