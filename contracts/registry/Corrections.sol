// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {AttestationStatus, IActivityRegistry} from "../interfaces/IActivityRegistry.sol";
import {Attestation} from "../libraries/Attestation.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Attestations} from "./Attestations.sol";

/// @title Rewards that turn out too high: reduced, and after a time to object taken back as far as they can be.
/// @dev Documented in {IActivityRegistry}.
abstract contract Corrections is Attestations, EIP712 {
    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant REDUCE_TYPEHASH =
        keccak256("Reduce(address attester,uint256 uid,uint16 minutes,uint256 deadline)");

    /// @inheritdoc IActivityRegistry
    uint256 public immutable clawbackWindow;

    /* CONSTRUCTOR */

    constructor(uint256 clawbackWindow_) {
        clawbackWindow = clawbackWindow_;
    }

    /* CORRECTING */

    /// @inheritdoc IActivityRegistry
    function reduce(uint256 uid, uint16 minutes_) external restricted {
        _reduce(uid, minutes_, address(0));
    }

    /// @inheritdoc IActivityRegistry
    function reduceBySignature(
        address attester,
        uint256 uid,
        uint16 minutes_,
        uint256 deadline,
        bytes calldata signature
    ) external {
        if (block.timestamp > deadline) revert ReductionExpired(deadline);
        uint256 programme = _attestations[uid].word.programme();
        if (!_attesters[programme][attester]) revert AttesterNotAppointed(attester, programme);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(REDUCE_TYPEHASH, attester, uid, minutes_, deadline)));
        if (!Signatures.isSignedBy(digest, attester, signature)) revert InvalidAttesterSignature(attester);
        _reduce(uid, minutes_, attester);
    }

    /// @inheritdoc IActivityRegistry
    function clawback(uint256 uid) external restricted returns (uint256 burned) {
        Attestation attestation = _attestations[uid].word;
        if (attestation.status() != AttestationStatus.Reduced) revert WrongStatus(uid, attestation.status());
        uint256 from = attestation.reducedAt() + clawbackWindow;
        if (block.timestamp < from) revert ClawbackTooEarly(from);
        _attestations[uid].word = attestation.clawedBack();
        uint32 number = uint32(uid);
        uint256 struck = attestation.struck();
        burned = TOKEN.clawback(number, struck);
        // After the call, whose answer it needs; the token makes no calls out.
        uint256 month = attestation.month();
        CapsSlot storage slot = _caps[_capsKey(number, month)];
        slot.word = slot.word.sub(month % 12, burned);
        emit AttestationClawedBack(uid, burned, struck - burned);
    }

    /* INTERNALS */

    /// @dev Downwards only, so that the same signature works once.
    function _reduce(uint256 uid, uint16 minutes_, address attester) private {
        Attestation attestation = _attestations[uid].word;
        AttestationStatus status = attestation.status();
        if (status != AttestationStatus.Issued && status != AttestationStatus.Reduced) revert WrongStatus(uid, status);
        if (minutes_ >= attestation.kept()) revert NotReduced(uid, minutes_, attestation.kept());
        uint256 amount = minutes_ * uint256(_activityOf(uid >> 32).centsPerHour) / 60;
        uint256 struck = attestation.amount() - amount;
        _attestations[uid].word = attestation.withReduction(struck, minutes_, block.timestamp);
        emit AttestationReduced(uid, attester, minutes_, struck, block.timestamp + clawbackWindow);
    }
}
