// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IMunicipalToken} from "./interfaces/IMunicipalToken.sol";
import {
    Group,
    IRedemptionDesk,
    RedemptionRequest,
    RedemptionStatus,
    RedemptionView
} from "./interfaces/IRedemptionDesk.sol";
import {Officials} from "./libraries/Officials.sol";
import {Redemption, RedemptionLib} from "./libraries/Redemption.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title RedemptionDesk
/// @dev Documented in {IRedemptionDesk}.
contract RedemptionDesk is IRedemptionDesk, AccessManaged, EIP712 {
    /* TYPES */

    /// @dev Who locked, and when, in one slot.
    struct LockRecord {
        address treasurer;
        uint40 lockedAt;
    }

    /// @dev What a number may still request after the date, and until when, in one slot.
    struct Grace {
        uint48 amount;
        uint40 until;
    }

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant LOCK_TYPEHASH = keccak256("Lock(address treasurer,bytes32[] ids,uint256 deadline)");
    bytes32 private constant GROUP_TYPEHASH = keccak256("Group(bytes32 payoutReference,bytes32[] ids)");
    bytes32 private constant SETTLE_TYPEHASH = keccak256(
        "Settle(address treasurer,Group[] groups,uint256 deadline)Group(bytes32 payoutReference,bytes32[] ids)"
    );
    bytes32 private constant REFUND_TYPEHASH =
        keccak256("Refund(address treasurer,bytes32[] ids,uint16 reason,uint256 deadline)");
    bytes32 private constant CANCEL_TYPEHASH = keccak256("Cancel(bytes32 id)");

    /// @dev How long what came back after the date for redeeming may be requested again.
    uint256 private constant GRACE = 60 days;

    IMunicipalToken private immutable TOKEN;

    /// @inheritdoc IRedemptionDesk
    uint256 public immutable reclaimAfter;
    /// @inheritdoc IRedemptionDesk
    uint256 public immutable lockedReclaimAfter;

    /* STORAGE */

    mapping(bytes32 id => Redemption) private _redemptions;
    mapping(uint256 lockId => LockRecord) private _locks;
    /// @dev 1 where a reference was used: a whole word, so that nothing has to be read to write it.
    mapping(bytes32 payoutReference => uint256) private _payoutReferences;
    mapping(uint32 number => Grace) private _graces;
    uint32 private _lastLock;
    bool private _closed;

    /* CONSTRUCTOR */

    /// @param authority_ The {Authority}.
    /// @param token_ The {MunicipalToken}; this desk must be given its class.
    /// @param reclaimAfter_ Seconds after a request from which anyone may have an unlocked redemption given back.
    /// @param lockedReclaimAfter_ Seconds after a lock from which anyone may have a locked one given back: longer than
    /// any bank takes to return a payment.
    constructor(address authority_, address token_, uint256 reclaimAfter_, uint256 lockedReclaimAfter_)
        AccessManaged(authority_)
        EIP712("Heitje RedemptionDesk", "1")
    {
        TOKEN = IMunicipalToken(token_);
        reclaimAfter = reclaimAfter_;
        lockedReclaimAfter = lockedReclaimAfter_;
    }

    /* REQUESTING */

    /// @inheritdoc IRedemptionDesk
    function request(RedemptionRequest[] calldata requests, bytes[] calldata signatures) external {
        if (requests.length != signatures.length) revert LengthMismatch(requests.length, signatures.length);
        if (requests.length == 0) revert NothingToDo();
        uint256 ended = _endedAt();
        // What came back after the date can be asked for nowhere else, so that much even a closed desk takes.
        if (_closed && ended == 0) revert DeskIsClosed();
        for (uint256 i = 0; i < requests.length; ++i) {
            RedemptionRequest calldata asked = requests[i];
            uint32 number = TOKEN.numberOf(asked.from);
            bytes32 id = redemptionId(number, asked.amount, asked.payoutCommitment, asked.salt);
            if (_redemptions[id].status() != RedemptionStatus.None) revert RedemptionExists(i, id);
            if (ended != 0) _useGrace(number, asked.amount, ended);
            // Interaction first: the token bounds the amount that is stored, and makes no calls out.
            TOKEN.receiveWithAuthorization(
                asked.from, address(this), asked.amount, asked.validAfter, asked.validBefore, id, signatures[i]
            );
            _redemptions[id] = RedemptionLib.create(asked.amount, number, block.timestamp);
            emit RedemptionRequested(id, number, asked.amount, asked.payoutCommitment, asked.salt);
        }
    }

    /// @inheritdoc IRedemptionDesk
    function cancel(bytes32 id, bytes calldata signature) external {
        Redemption redemption = _redemptions[id];
        if (redemption.status() != RedemptionStatus.Requested) revert WrongStatus(0, id, redemption.status());
        address holder = TOKEN.holderOf(redemption.number());
        if (!Signatures.isSignedBy(cancelDigest(id), holder, signature)) revert InvalidSignature(holder);
        _redemptions[id] = redemption.withStatus(RedemptionStatus.Cancelled);
        emit RedemptionCancelled(id, redemption.number(), redemption.amount());
        TOKEN.releaseEscrow(redemption.number(), redemption.amount());
    }

    /// @inheritdoc IRedemptionDesk
    function reclaim(bytes32 id) external {
        Redemption redemption = _redemptions[id];
        bool locked = redemption.status() == RedemptionStatus.Locked;
        if (!locked && redemption.status() != RedemptionStatus.Requested) {
            revert WrongStatus(0, id, redemption.status());
        }
        uint256 from = locked
            ? _locks[redemption.lockId()].lockedAt + lockedReclaimAfter
            : redemption.requestedAt() + reclaimAfter;
        if (block.timestamp < from) revert ReclaimTooEarly(id, from);
        _redemptions[id] = redemption.withStatus(RedemptionStatus.Reclaimed);
        emit RedemptionReclaimed(id, redemption.number(), redemption.amount());
        _giveGrace(redemption, _endedAt());
        TOKEN.releaseEscrow(redemption.number(), redemption.amount());
    }

    /* PAYING OUT */

    /// @inheritdoc IRedemptionDesk
    function close() external restricted {
        if (_closed) revert DeskIsClosed();
        _closed = true;
        emit DeskClosed();
    }

    /// @inheritdoc IRedemptionDesk
    function lock(address treasurer, bytes32[] calldata ids, uint256 deadline, bytes calldata signature) external {
        if (ids.length == 0) revert NothingToDo();
        _checkTreasurer(
            treasurer, IRedemptionDesk.lock.selector, deadline, lockDigest(treasurer, ids, deadline), signature
        );
        uint32 lockId = ++_lastLock;
        _locks[lockId] = LockRecord(treasurer, uint40(block.timestamp));
        for (uint256 i = 0; i < ids.length; ++i) {
            Redemption redemption = _redemptions[ids[i]];
            if (redemption.status() != RedemptionStatus.Requested) revert WrongStatus(i, ids[i], redemption.status());
            _redemptions[ids[i]] = redemption.withLock(lockId);
        }
        emit RedemptionsLocked(lockId, treasurer, ids);
    }

    /// @inheritdoc IRedemptionDesk
    function settle(address treasurer, Group[] calldata groups, uint256 deadline, bytes calldata signature) external {
        if (groups.length == 0) revert NothingToDo();
        _checkTreasurer(
            treasurer, IRedemptionDesk.settle.selector, deadline, settleDigest(treasurer, groups, deadline), signature
        );
        uint256[] memory ends = new uint256[](groups.length);
        uint256 total;
        for (uint256 i = 0; i < groups.length; ++i) {
            (bytes32 payoutReference, bytes32[] calldata ids) = (groups[i].payoutReference, groups[i].ids);
            if (_payoutReferences[payoutReference] != 0) revert PayoutReferenceUsed(i, payoutReference);
            _payoutReferences[payoutReference] = 1;
            (uint32 number, uint256 amount) = _settleGroup(i, ids, treasurer);
            emit RedemptionsSettled(payoutReference, number, treasurer, amount, ids);
            ends[i] = number | ids.length << 32;
            total += amount;
        }
        TOKEN.settleEscrow(total, ends);
    }

    /// @inheritdoc IRedemptionDesk
    function refund(
        address treasurer,
        bytes32[] calldata ids,
        uint16 reason,
        uint256 deadline,
        bytes calldata signature
    ) external {
        if (ids.length == 0) revert NothingToDo();
        _checkTreasurer(
            treasurer,
            IRedemptionDesk.refund.selector,
            deadline,
            refundDigest(treasurer, ids, reason, deadline),
            signature
        );
        uint256 ended = _endedAt();
        for (uint256 i = 0; i < ids.length; ++i) {
            Redemption redemption = _redemptions[ids[i]];
            RedemptionStatus status = redemption.status();
            if (status == RedemptionStatus.Locked) {
                _checkOtherTreasurer(i, ids[i], redemption, treasurer);
            } else if (status != RedemptionStatus.Requested) {
                revert WrongStatus(i, ids[i], status);
            }
            _redemptions[ids[i]] = redemption.withStatus(RedemptionStatus.Refunded);
            emit RedemptionRefunded(ids[i], redemption.number(), treasurer, redemption.amount(), reason);
            _giveGrace(redemption, ended);
            TOKEN.releaseEscrow(redemption.number(), redemption.amount());
        }
    }

    /* VIEWS */

    /// @inheritdoc IRedemptionDesk
    function redemptionOf(bytes32 id) external view returns (RedemptionView memory) {
        Redemption word = _redemptions[id];
        return RedemptionView({
            status: word.status(),
            number: word.number(),
            amount: word.amount(),
            requestedAt: word.requestedAt(),
            lockId: word.lockId()
        });
    }

    /// @inheritdoc IRedemptionDesk
    function wordsOf(bytes32[] calldata ids) external view returns (uint256[] memory words) {
        words = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            words[i] = Redemption.unwrap(_redemptions[ids[i]]);
        }
    }

    /// @inheritdoc IRedemptionDesk
    function lockOf(uint256 lockId) external view returns (address treasurer, uint256 lockedAt) {
        return (_locks[lockId].treasurer, _locks[lockId].lockedAt);
    }

    /// @inheritdoc IRedemptionDesk
    function graceOf(uint32 number) external view returns (uint256 amount, uint256 until) {
        return (_graces[number].amount, _graces[number].until);
    }

    /// @inheritdoc IRedemptionDesk
    function isClosed() external view returns (bool) {
        return _closed;
    }

    /// @inheritdoc IRedemptionDesk
    function isPayoutReferenceUsed(bytes32 payoutReference) external view returns (bool) {
        return _payoutReferences[payoutReference] != 0;
    }

    /// @inheritdoc IRedemptionDesk
    function redemptionId(uint32 number, uint256 amount, bytes32 payoutCommitment, bytes32 salt)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(number, amount, payoutCommitment, salt));
    }

    /// @inheritdoc IRedemptionDesk
    function lockDigest(address treasurer, bytes32[] calldata ids, uint256 deadline) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(abi.encode(LOCK_TYPEHASH, treasurer, keccak256(abi.encodePacked(ids)), deadline))
            );
    }

    /// @inheritdoc IRedemptionDesk
    function settleDigest(address treasurer, Group[] calldata groups, uint256 deadline) public view returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](groups.length);
        for (uint256 i = 0; i < groups.length; ++i) {
            hashes[i] = keccak256(
                abi.encode(GROUP_TYPEHASH, groups[i].payoutReference, keccak256(abi.encodePacked(groups[i].ids)))
            );
        }
        return _hashTypedDataV4(
            keccak256(abi.encode(SETTLE_TYPEHASH, treasurer, keccak256(abi.encodePacked(hashes)), deadline))
        );
    }

    /// @inheritdoc IRedemptionDesk
    function refundDigest(address treasurer, bytes32[] calldata ids, uint16 reason, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(
            keccak256(abi.encode(REFUND_TYPEHASH, treasurer, keccak256(abi.encodePacked(ids)), reason, deadline))
        );
    }

    /// @inheritdoc IRedemptionDesk
    function cancelDigest(bytes32 id) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CANCEL_TYPEHASH, id)));
    }

    /// @inheritdoc IRedemptionDesk
    function token() external view returns (address) {
        return address(TOKEN);
    }

    /* INTERNALS */

    /// @dev Marks the redemptions of one bank payment as settled: all locked by somebody else, all one merchant's.
    function _settleGroup(uint256 group, bytes32[] calldata ids, address treasurer)
        private
        returns (uint32 number, uint256 amount)
    {
        if (ids.length == 0) revert EmptyGroup(group);
        for (uint256 i = 0; i < ids.length; ++i) {
            Redemption redemption = _redemptions[ids[i]];
            if (redemption.status() != RedemptionStatus.Locked) revert WrongStatus(i, ids[i], redemption.status());
            _checkOtherTreasurer(i, ids[i], redemption, treasurer);
            if (i == 0) number = redemption.number();
            else if (redemption.number() != number) revert MixedGroup(group, ids[i]);
            _redemptions[ids[i]] = redemption.withStatus(RedemptionStatus.Settled);
            amount += redemption.amount();
        }
    }

    /// @dev The date for redeeming, if it has passed; else 0.
    function _endedAt() private view returns (uint256 redeemUntil) {
        (,,,, redeemUntil) = TOKEN.rules();
        if (block.timestamp <= redeemUntil) redeemUntil = 0;
    }

    /// @dev What comes back after the date may be asked for again. Amounts add up, under the later of the two ends.
    function _giveGrace(Redemption redemption, uint256 ended) private {
        if (ended == 0) return;
        Grace storage grace = _graces[redemption.number()];
        uint256 amount = redemption.amount();
        if (block.timestamp <= grace.until) amount += grace.amount;
        // Safe: the sum of what came back stays below what was ever issued, 2^48 cents, because it was held at once.
        (grace.amount, grace.until) = (uint48(amount), uint40(block.timestamp + GRACE));
    }

    function _useGrace(uint32 number, uint256 amount, uint256 ended) private {
        Grace storage grace = _graces[number];
        if (block.timestamp > grace.until || amount > grace.amount) revert RedemptionsEnded(ended);
        grace.amount -= uint48(amount);
    }

    /// @dev Rests on signatures, never on the sender.
    function _checkTreasurer(
        address treasurer,
        bytes4 selector,
        uint256 deadline,
        bytes32 digest,
        bytes calldata signature
    ) private view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (!Officials.mayActAtOnce(authority(), treasurer, selector)) revert TreasurerNotAllowed(treasurer);
        if (!Signatures.isSignedBy(digest, treasurer, signature)) revert InvalidSignature(treasurer);
    }

    function _checkOtherTreasurer(uint256 index, bytes32 id, Redemption redemption, address treasurer) private view {
        if (_locks[redemption.lockId()].treasurer == treasurer) revert SameTreasurer(index, id, treasurer);
    }
}
