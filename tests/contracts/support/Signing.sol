// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Line, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Group} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Test} from "./Test.sol";

/// @notice An ERC-3009 authorization, to transfer or to receive.
struct Authorization {
    address from;
    address to;
    uint256 value;
    uint256 validAfter;
    uint256 validBefore;
    bytes32 nonce;
}

/// @notice EIP-712 digests and signatures, written from the specification with type strings of their own: nothing
/// here asks the contracts under test.
abstract contract Signing is Test {
    string internal constant TOKEN_NAME = "Heerlens Heitje";
    string internal constant REGISTRY_NAME = "Heitje ActivityRegistry";
    string internal constant DESK_NAME = "Heitje RedemptionDesk";

    /// @dev Order of the group of secp256k1.
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    bytes32 private constant LINE = keccak256("Line(uint32 number,uint16 minutes,bytes32 evidence)");
    bytes32 private constant GROUP = keccak256("Group(bytes32 payoutReference,bytes32[] ids)");

    mapping(address who => uint256) private _keys;

    /// @notice A person with a key of their own.
    function person(string memory name) internal returns (address who) {
        uint256 key = uint256(keccak256(bytes(name)));
        who = vm.addr(key);
        _keys[who] = key;
    }

    /// @notice From now on the key of `owner` signs where `wallet` has to.
    function signsFor(address owner, address wallet) internal {
        _keys[wallet] = _keys[owner];
    }

    function domain(string memory name, uint256 chainId, address verifier) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                chainId,
                verifier
            )
        );
    }

    function typed(bytes32 separator, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function sign(address who, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[who], digest);
        return abi.encodePacked(r, s, v);
    }

    function signParts(address who, bytes32 digest) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        return vm.sign(_keys[who], digest);
    }

    function paymentDigest(bytes32 separator, Payment memory item) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Payment(address from,address to,uint256 value,uint256 nonce,uint256 deadline,bytes32 requestId)"
        );
        return typed(
            separator,
            keccak256(abi.encode(typehash, item.from, item.to, item.value, item.nonce, item.deadline, item.requestId))
        );
    }

    function transferDigest(bytes32 separator, Authorization memory item) internal pure returns (bytes32) {
        return _authorizationDigest(
            separator,
            keccak256(
                "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
            ),
            item
        );
    }

    function receiveDigest(bytes32 separator, Authorization memory item) internal pure returns (bytes32) {
        return _authorizationDigest(
            separator,
            keccak256(
                "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
            ),
            item
        );
    }

    function cancelAuthorizationDigest(bytes32 separator, address authorizer, bytes32 nonce)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typehash = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
        return typed(separator, keccak256(abi.encode(typehash, authorizer, nonce)));
    }

    function permitDigest(
        bytes32 separator,
        address owner,
        address spender,
        uint256 value,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        return typed(separator, keccak256(abi.encode(typehash, owner, spender, value, nonce, deadline)));
    }

    function requestReplacementDigest(
        bytes32 separator,
        address registrar,
        uint32 number,
        address newHolder,
        uint256 deadline
    ) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "RequestReplacement(address registrar,uint32 number,address newHolder,uint256 deadline)"
        );
        return typed(separator, keccak256(abi.encode(typehash, registrar, number, newHolder, deadline)));
    }

    function executeReplacementDigest(bytes32 separator, address replacer, bytes32 request, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typehash = keccak256("ExecuteReplacement(address replacer,bytes32 request,uint256 deadline)");
        return typed(separator, keccak256(abi.encode(typehash, replacer, request, deadline)));
    }

    function reduceDigest(bytes32 separator, address attester, uint256 uid, uint16 minutes_, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typehash = keccak256("Reduce(address attester,uint256 uid,uint16 minutes,uint256 deadline)");
        return typed(separator, keccak256(abi.encode(typehash, attester, uid, minutes_, deadline)));
    }

    function cancelReportDigest(bytes32 separator, address attester, bytes32 report) internal pure returns (bytes32) {
        bytes32 typehash = keccak256("CancelReport(address attester,bytes32 report)");
        return typed(separator, keccak256(abi.encode(typehash, attester, report)));
    }

    function reportDigest(bytes32 separator, Report memory item) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Report(address attester,uint256 activity,Line[] lines,uint256 deadline,uint256 serial)Line(uint32 number,uint16 minutes,bytes32 evidence)"
        );
        bytes memory lines;
        for (uint256 i = 0; i < item.lines.length; ++i) {
            Line memory line = item.lines[i];
            lines = abi.encodePacked(lines, keccak256(abi.encode(LINE, line.number, line.minutes_, line.evidence)));
        }
        return typed(
            separator,
            keccak256(abi.encode(typehash, item.attester, item.activity, keccak256(lines), item.deadline, item.serial))
        );
    }

    function releaseDigest(bytes32 separator, address issuer, bytes32 report, uint256 skip)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typehash = keccak256("Release(address issuer,bytes32 report,uint256 skip)");
        return typed(separator, keccak256(abi.encode(typehash, issuer, report, skip)));
    }

    function lockDigest(bytes32 separator, address treasurer, bytes32[] memory ids, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typehash = keccak256("Lock(address treasurer,bytes32[] ids,uint256 deadline)");
        return typed(separator, keccak256(abi.encode(typehash, treasurer, keccak256(abi.encodePacked(ids)), deadline)));
    }

    function settleDigest(bytes32 separator, address treasurer, Group[] memory groups, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typehash = keccak256(
            "Settle(address treasurer,Group[] groups,uint256 deadline)Group(bytes32 payoutReference,bytes32[] ids)"
        );
        bytes memory hashes;
        for (uint256 i = 0; i < groups.length; ++i) {
            bytes32 ids = keccak256(abi.encodePacked(groups[i].ids));
            hashes = abi.encodePacked(hashes, keccak256(abi.encode(GROUP, groups[i].payoutReference, ids)));
        }
        return typed(separator, keccak256(abi.encode(typehash, treasurer, keccak256(hashes), deadline)));
    }

    function refundDigest(bytes32 separator, address treasurer, bytes32[] memory ids, uint16 reason, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typehash = keccak256("Refund(address treasurer,bytes32[] ids,uint16 reason,uint256 deadline)");
        return typed(
            separator, keccak256(abi.encode(typehash, treasurer, keccak256(abi.encodePacked(ids)), reason, deadline))
        );
    }

    function cancelDigest(bytes32 separator, bytes32 id) internal pure returns (bytes32) {
        return typed(separator, keccak256(abi.encode(keccak256("Cancel(bytes32 id)"), id)));
    }

    function _authorizationDigest(bytes32 separator, bytes32 typehash, Authorization memory item)
        private
        pure
        returns (bytes32)
    {
        return typed(
            separator,
            keccak256(
                abi.encode(typehash, item.from, item.to, item.value, item.validAfter, item.validBefore, item.nonce)
            )
        );
    }
}
