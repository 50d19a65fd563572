// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IMunicipalToken, Payment} from "../../contracts/interfaces/IMunicipalToken.sol";
import {Report} from "../../contracts/interfaces/IActivityRegistry.sol";
import {Group} from "../../contracts/interfaces/IRedemptionDesk.sol";
import {Recovery} from "./support/Recovery.sol";
import {Authorization} from "./support/Signing.sol";
import {Vm} from "./support/Vm.sol";

/// @notice The tool's own EIP-712, which is neither ours nor OpenZeppelin's.
interface Eip712Vm {
    function eip712HashStruct(string calldata types, bytes calldata values) external pure returns (bytes32);
}

/// @notice Every struct that is signed: our encoding, which the contracts must accept, and the tool's, of random values.
/// @dev Where a contract says its digest, that is compared; elsewhere a signature of the digest must be taken for good.
/// A batch hashes its payments out of calldata and a report its lines, so there the values are of full width.
contract DigestsTest is Recovery {
    string private constant LINE = "Line(uint32 number,uint16 minutes,bytes32 evidence)";
    string private constant GROUP = "Group(bytes32 payoutReference,bytes32[] ids)";
    string private constant AUTHORIZATION =
        "WithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";

    Eip712Vm private constant TOOL = Eip712Vm(address(vm));

    function testFuzz_digest_payment(address to, uint256 value, uint256 deadline, bytes32 requestId) public {
        Payment memory item = Payment(stranger, to, value, 0, bound(deadline, NOW, type(uint256).max), requestId);
        bytes32 digest = _agreed(
            tokenDomain(),
            digestOf(item),
            "Payment(address from,address to,uint256 value,uint256 nonce,uint256 deadline,bytes32 requestId)",
            abi.encode(item)
        );
        // A stranger has nothing to pay with, so this fails, and the token says what failed.
        vm.recordLogs();
        token.pay(item, sign(stranger, digest));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[1], digest, "the token's digest");
    }

    function testFuzz_digest_authorizations(Authorization memory a) public {
        a.from = stranger;
        a.validAfter %= NOW;
        bytes32 transfer = _agreed(
            tokenDomain(), transferDigest(tokenDomain(), a), string.concat("Transfer", AUTHORIZATION), abi.encode(a)
        );
        _accepted(
            abi.encodeWithSignature(
                "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
                a.from,
                a.to,
                a.value,
                a.validAfter,
                a.validBefore,
                a.nonce,
                sign(stranger, transfer)
            )
        );
    }

    function testFuzz_digest_receivedAuthorizations(Authorization memory a) public {
        a.from = stranger;
        bytes32 digest = _agreed(
            tokenDomain(), receiveDigest(tokenDomain(), a), string.concat("Receive", AUTHORIZATION), abi.encode(a)
        );
        (uint8 v, bytes32 r, bytes32 s) = signParts(stranger, digest);
        string memory signature =
            "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)";
        _accepted(bytes.concat(bytes4(keccak256(bytes(signature))), abi.encode(a), abi.encode(v, r, s)));
    }

    function testFuzz_digest_cancelAuthorization(bytes32 nonce) public {
        bytes32 digest = _agreed(
            tokenDomain(),
            cancelAuthorizationDigest(tokenDomain(), stranger, nonce),
            "CancelAuthorization(address authorizer,bytes32 nonce)",
            abi.encode(stranger, nonce)
        );
        token.cancelAuthorization(stranger, nonce, sign(stranger, digest));
        assertTrue(token.authorizationState(stranger, nonce));
    }

    function testFuzz_digest_permit(address spender, uint256 value, uint256 deadline) public {
        deadline = bound(deadline, NOW, type(uint256).max);
        bytes32 digest = _agreed(
            tokenDomain(),
            permitDigest(tokenDomain(), stranger, spender, value, 0, deadline),
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)",
            abi.encode(stranger, spender, value, 0, deadline)
        );
        token.permit(stranger, spender, value, deadline, sign(stranger, digest));
        assertEq(token.allowance(stranger, spender), value);
    }

    function testFuzz_digest_replacement(address newHolder, uint256 deadline, uint256 laterDeadline) public {
        vm.assume(newHolder != address(0) && token.numberOf(newHolder) == 0 && newHolder != address(desk));
        deadline = bound(deadline, NOW, type(uint256).max);
        laterDeadline = bound(laterDeadline, NOW + REPLACEMENT_WINDOW, type(uint256).max);
        bytes32 request = _agreed(
            tokenDomain(),
            requestReplacementDigest(tokenDomain(), registrar, ALICE, newHolder, deadline),
            "RequestReplacement(address registrar,uint32 number,address newHolder,uint256 deadline)",
            abi.encode(registrar, ALICE, newHolder, deadline)
        );
        token.requestReplacement(registrar, ALICE, newHolder, deadline, sign(registrar, request));
        vm.warp(NOW + REPLACEMENT_WINDOW);
        bytes32 digest = _agreed(
            tokenDomain(),
            executeReplacementDigest(tokenDomain(), replacer, request, laterDeadline),
            "ExecuteReplacement(address replacer,bytes32 request,uint256 deadline)",
            abi.encode(replacer, request, laterDeadline)
        );
        token.executeReplacement(replacer, ALICE, request, laterDeadline, sign(replacer, digest));
        assertEq(token.holderOf(ALICE), newHolder);
    }

    function testFuzz_digest_report(Report memory item, uint256 skip) public view {
        bytes32 digest = _agreed(
            registryDomain(),
            reportDigest(registryDomain(), item),
            string.concat(
                "Report(address attester,uint256 activity,Line[] lines,uint256 deadline,uint256 serial)", LINE
            ),
            _dynamic(abi.encode(item.attester, item.activity, item.lines, item.deadline, item.serial))
        );
        assertEq(registry.reportDigest(item), digest, "the registry's digest");
        bytes32 release = _agreed(
            registryDomain(),
            releaseDigest(registryDomain(), issuer, digest, skip),
            "Release(address issuer,bytes32 report,uint256 skip)",
            abi.encode(issuer, digest, skip)
        );
        assertEq(registry.releaseDigest(issuer, digest, skip), release, "the registry's digest");
    }

    function testFuzz_digest_cancelReport(bytes32 report) public {
        bytes32 digest = _agreed(
            registryDomain(),
            cancelReportDigest(registryDomain(), attester, report),
            "CancelReport(address attester,bytes32 report)",
            abi.encode(attester, report)
        );
        registry.cancelReportBySignature(attester, report, sign(attester, digest));
        assertTrue(registry.isCancelled(report, attester));
    }

    function testFuzz_digest_reduce(uint16 minutes_, uint256 deadline) public {
        addRule(rule(MONTH, 600, 2 ** 20 - 1, 2 ** 24, 0));
        uint256 uid = reward(openProgramme(1e9, MONTH, MONTH), ALICE, 600);
        (minutes_, deadline) = (minutes_ % 600, bound(deadline, NOW, type(uint256).max));
        bytes32 digest = _agreed(
            registryDomain(),
            reduceDigest(registryDomain(), attester, uid, minutes_, deadline),
            "Reduce(address attester,uint256 uid,uint16 minutes,uint256 deadline)",
            abi.encode(attester, uid, minutes_, deadline)
        );
        registry.reduceBySignature(attester, uid, minutes_, deadline, sign(attester, digest));
        assertEq(registry.attestationOf(uid).kept, minutes_);
    }

    function testFuzz_digest_ofTheDesk(uint256 seed, uint16 reason, uint256 deadline) public view {
        bytes32[] memory ids = _idsOf(seed);
        Group[] memory groups = new Group[](seed % 4);
        for (uint256 i = 0; i < groups.length; ++i) {
            groups[i] = Group(keccak256(abi.encode(seed, i)), _idsOf(uint256(keccak256(abi.encode(i, seed)))));
        }
        bytes32 locked = _agreed(
            deskDomain(),
            lockDigest(deskDomain(), treasurer, ids, deadline),
            "Lock(address treasurer,bytes32[] ids,uint256 deadline)",
            _dynamic(abi.encode(treasurer, ids, deadline))
        );
        assertEq(desk.lockDigest(treasurer, ids, deadline), locked, "the desk's digest");
        bytes32 settled = _agreed(
            deskDomain(),
            settleDigest(deskDomain(), treasurer, groups, deadline),
            string.concat("Settle(address treasurer,Group[] groups,uint256 deadline)", GROUP),
            _dynamic(abi.encode(treasurer, groups, deadline))
        );
        assertEq(desk.settleDigest(treasurer, groups, deadline), settled, "the desk's digest");
        bytes32 refunded = _agreed(
            deskDomain(),
            refundDigest(deskDomain(), treasurer, ids, reason, deadline),
            "Refund(address treasurer,bytes32[] ids,uint16 reason,uint256 deadline)",
            _dynamic(abi.encode(treasurer, ids, reason, deadline))
        );
        assertEq(desk.refundDigest(treasurer, ids, reason, deadline), refunded, "the desk's digest");
        bytes32 id = keccak256(abi.encode(ids));
        bytes32 cancelled = _agreed(deskDomain(), cancelDigest(deskDomain(), id), "Cancel(bytes32 id)", abi.encode(id));
        assertEq(desk.cancelDigest(id), cancelled, "the desk's digest");
    }

    /// @dev Whatever else is wrong with the call, its signature is not.
    function _accepted(bytes memory call) private {
        (bool done, bytes memory answer) = address(token).call(call);
        assertFalse(done);
        assertTrue(bytes4(answer) != IMunicipalToken.InvalidSignature.selector, "the signature is refused");
    }

    function _idsOf(uint256 seed) private pure returns (bytes32[] memory ids) {
        ids = new bytes32[](seed % 7);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = keccak256(abi.encode("id", seed, i));
        }
    }

    /// @dev A struct with lists is encoded behind its place.
    function _dynamic(bytes memory fields) private pure returns (bytes memory) {
        return bytes.concat(bytes32(uint256(32)), fields);
    }

    function _agreed(bytes32 separator, bytes32 ours, string memory types, bytes memory values)
        private
        pure
        returns (bytes32)
    {
        assertEq(ours, typed(separator, TOOL.eip712HashStruct(types, values)), "the tool's digest");
        return ours;
    }
}
