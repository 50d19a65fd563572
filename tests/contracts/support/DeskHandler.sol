// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Group, RedemptionRequest, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Authorization} from "./Signing.sol";
import {WalletHandler} from "./WalletHandler.sol";

/// @notice What shops and treasurers do at the desk, in any order, also when redeeming has ended.
/// @dev Like the {Handler}: an action succeeds, or it is known here that it must be refused.
abstract contract DeskHandler is WalletHandler {
    /// @dev How long what came back after the end may be asked for again.
    uint256 private constant GRACE = 60 days;

    uint256 private _payouts;
    bytes32 private _lastLocked;

    function redeem(uint256 seed) external watched {
        address from = _merchant(seed);
        (uint256 balance, uint32 number) = (token.balanceOf(from), token.numberOf(from));
        if (balance == 0) return;
        RedemptionRequest memory item = redemption(from, 1 + (seed >> 8) % balance);
        bool ended = block.timestamp > _redeemUntil();
        bool inGrace = block.timestamp <= graceUntil[number] && item.amount <= graceOf[number];
        bool expected = (ended ? inGrace : !_closed) && !frozenOf[number] && !replacingOf[number];
        (RedemptionRequest[] memory items, bytes[] memory signatures) = (new RedemptionRequest[](1), new bytes[](1));
        (items[0], signatures[0]) = (item, _signedRequest(item));
        (bool succeeded,) = _attempt(address(desk), abi.encodeCall(desk.request, (items, signatures)));
        _ends(ended ? "redeem in grace" : "redeem", succeeded, expected);
        if (!succeeded) return;
        if (ended) graceOf[number] -= item.amount;
        bytes32 id = idOf(item);
        _ids.push(id);
        (_statusOf[id], _reclaimableFrom[id]) = (RedemptionStatus.Requested, block.timestamp + RECLAIM_AFTER);
        ++openOf[number];
        escrow += item.amount;
    }

    function cancelRedemption(uint256 seed) external watched {
        if (_ids.length == 0) return;
        bytes32 id = _anId(seed);
        address holder = token.holderOf(desk.redemptionOf(id).number);
        bytes memory signature = signAs(holder, cancelDigest(deskDomain(), id));
        (bool succeeded,) = _attempt(address(desk), abi.encodeCall(desk.cancel, (id, signature)));
        _ends("cancel a redemption", succeeded, _statusOf[id] == RedemptionStatus.Requested);
        if (succeeded) _end(id, RedemptionStatus.Cancelled);
    }

    function lockRedemption(uint256 seed) external {
        if (_ids.length == 0) return;
        bytes32 id = _anId(seed);
        address who = _treasurer(seed);
        bytes memory signature = sign(who, lockDigest(deskDomain(), who, one(id), block.timestamp));
        (bool succeeded,) =
            _attempt(address(desk), abi.encodeCall(desk.lock, (who, one(id), block.timestamp, signature)));
        _ends("lock", succeeded, _statusOf[id] == RedemptionStatus.Requested && _mayAct(who));
        if (!succeeded) return;
        (_statusOf[id], _lockerOf[id], _lastLocked) = (RedemptionStatus.Locked, who, id);
        _reclaimableFrom[id] = block.timestamp + LOCKED_RECLAIM_AFTER;
    }

    function reclaimRedemption(uint256 seed) external watched {
        if (_ids.length == 0) return;
        bytes32 id = _anId(seed);
        bool open = _statusOf[id] == RedemptionStatus.Requested || _statusOf[id] == RedemptionStatus.Locked;
        if (open) _seek(_reclaimableFrom[id], seed >> 16);
        (bool succeeded,) = _attempt(address(desk), abi.encodeCall(desk.reclaim, (id)));
        _ends("reclaim", succeeded, open && block.timestamp >= _reclaimableFrom[id]);
        if (!succeeded) return;
        _end(id, RedemptionStatus.Reclaimed);
        _giveGrace(id);
    }

    function settleRedemption(uint256 seed) external watched {
        if (_ids.length == 0) return;
        bytes32 id = seed >> 22 & 3 == 0 || _lastLocked == 0 ? _anId(seed) : _lastLocked;
        address who = _treasurer(seed);
        if (_lockerOf[id] == who && seed >> 20 & 3 != 0) who = who == treasurer ? otherTreasurer : treasurer;
        // I11: now and then with a reference that was used before.
        bool used = _payouts != 0 && (seed >> 16) % 8 == 0;
        Group[] memory groups = new Group[](1);
        groups[0] = Group(keccak256(abi.encode("E2E", used ? _payouts : _payouts + 1)), one(id));
        bytes memory signature = sign(who, settleDigest(deskDomain(), who, groups, block.timestamp));
        (bool succeeded,) =
            _attempt(address(desk), abi.encodeCall(desk.settle, (who, groups, block.timestamp, signature)));
        bool locked = _statusOf[id] == RedemptionStatus.Locked && _lockerOf[id] != who;
        _ends("settle", succeeded, locked && !used && _mayAct(who));
        if (!succeeded) return;
        ++_payouts;
        settled += desk.redemptionOf(id).amount;
        _end(id, RedemptionStatus.Settled);
    }

    function refundRedemption(uint256 seed) external watched {
        if (_ids.length == 0) return;
        bytes32 id = _anId(seed);
        address who = _treasurer(seed);
        bytes memory signature = sign(who, refundDigest(deskDomain(), who, one(id), 3, block.timestamp));
        (bool succeeded,) =
            _attempt(address(desk), abi.encodeCall(desk.refund, (who, one(id), 3, block.timestamp, signature)));
        bool locked = _statusOf[id] == RedemptionStatus.Locked && _lockerOf[id] != who;
        _ends("refund a redemption", succeeded, (locked || _statusOf[id] == RedemptionStatus.Requested) && _mayAct(who));
        if (!succeeded) return;
        _end(id, RedemptionStatus.Refunded);
        _giveGrace(id);
    }

    /* INTERNALS */

    function _treasurer(uint256 seed) private view returns (address) {
        return seed >> 8 & 1 == 0 ? treasurer : otherTreasurer;
    }

    function _end(bytes32 id, RedemptionStatus status) private {
        _statusOf[id] = status;
        escrow -= desk.redemptionOf(id).amount;
        --openOf[desk.redemptionOf(id).number];
        assertEq(uint256(desk.redemptionOf(id).status), uint256(status));
    }

    /// @dev Mostly one of the latest, which are more often still open.
    function _anId(uint256 seed) private view returns (bytes32) {
        uint256 among = seed >> 32 & 3 == 0 || _ids.length < 3 ? _ids.length : 3;
        return _ids[_ids.length - 1 - seed % among];
    }

    function _mayAct(address who) private view returns (bool) {
        return block.timestamp >= _treasurerFrom[who];
    }

    function _giveGrace(bytes32 id) private {
        if (block.timestamp <= _redeemUntil()) return;
        uint32 number = desk.redemptionOf(id).number;
        uint256 before = block.timestamp <= graceUntil[number] ? graceOf[number] : 0;
        graceOf[number] = before + desk.redemptionOf(id).amount;
        graceUntil[number] = block.timestamp + GRACE;
        _did("give grace");
    }

    function _signedRequest(RedemptionRequest memory item) private view returns (bytes memory) {
        Authorization memory a =
            Authorization(item.from, address(desk), item.amount, item.validAfter, item.validBefore, idOf(item));
        return signAs(item.from, receiveDigest(tokenDomain(), a));
    }
}
