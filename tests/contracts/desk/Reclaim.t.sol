// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice What the municipality did not end in time comes back, by anyone.
contract ReclaimTest is Recovery {
    bytes32 private _id;

    function setUp() public override {
        super.setUp();
        fund(SHOP, 1000);
        _id = request(shop, 300);
    }

    function test_reclaim_unlocked_givesBackAndSaysSo() public {
        vm.warp(NOW + RECLAIM_AFTER);
        vm.recordLogs();
        vm.prank(stranger);
        desk.reclaim(_id);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertEq(logs[0].emitter, address(desk));
        assertEq(logs[0].topics[0], keccak256("RedemptionReclaimed(bytes32,uint32,uint256)"));
        assertEq(logs[0].topics[1], _id);
        assertEq(uint256(logs[0].topics[2]), SHOP);
        assertEq(abi.decode(logs[0].data, (uint256)), 300);
        assertTransfer(logs[1], address(desk), shop, 300);
        assertEq(uint256(desk.redemptionOf(_id).status), uint256(RedemptionStatus.Reclaimed));
        assertEq(token.balanceOf(shop), 1000);
        assertEq(token.accountOf(shop).openRedemptions, 0);
        assertBooks();
    }

    function test_reclaim_unlocked_edge() public {
        assertEq(desk.reclaimAfter(), RECLAIM_AFTER);
        vm.warp(NOW + RECLAIM_AFTER - 1);
        _tooEarly(NOW + RECLAIM_AFTER);
        vm.warp(NOW + RECLAIM_AFTER);
        desk.reclaim(_id);
    }

    function test_reclaim_locked_countsFromTheLock() public {
        assertEq(desk.lockedReclaimAfter(), LOCKED_RECLAIM_AFTER);
        vm.warp(NOW + 10 days);
        lock(treasurer, one(_id));
        uint256 from = NOW + 10 days + LOCKED_RECLAIM_AFTER;
        vm.warp(NOW + RECLAIM_AFTER);
        _tooEarly(from);
        vm.warp(from - 1);
        _tooEarly(from);
        vm.warp(from);
        desk.reclaim(_id);
        assertEq(token.balanceOf(shop), 1000);
        assertEq(desk.redemptionOf(_id).lockId, 1);
        assertBooks();
    }

    function test_reclaim_lockedAfterItCouldBeReclaimed_countsFromTheLock() public {
        vm.warp(NOW + RECLAIM_AFTER);
        lock(treasurer, one(_id));
        _tooEarly(NOW + RECLAIM_AFTER + LOCKED_RECLAIM_AFTER);
    }

    function test_reclaim_untilSomebodyDoes_itCanStillBeSettled() public {
        lock(treasurer, one(_id));
        vm.warp(NOW + LOCKED_RECLAIM_AFTER + 1);
        settle(otherTreasurer, keccak256("e2e"), one(_id));
        _wrongStatus(RedemptionStatus.Settled);
    }

    /// @notice I11: exactly one end.
    function test_reclaim_isAnEnd_andSoIsEveryOther() public {
        bytes32 settled = request(shop, 1);
        bytes32 refunded = request(shop, 1);
        bytes32 cancelled = request(shop, 1);
        lock(treasurer, one(settled));
        settle(otherTreasurer, keccak256("e2e"), one(settled));
        refund(treasurer, one(refunded));
        cancel(shop, cancelled);
        vm.warp(NOW + 365 days);
        desk.reclaim(_id);
        bytes32 reclaimed = _id;
        _wrongStatus(RedemptionStatus.Reclaimed);
        _id = settled;
        _wrongStatus(RedemptionStatus.Settled);
        _id = refunded;
        _wrongStatus(RedemptionStatus.Refunded);
        _id = cancelled;
        _wrongStatus(RedemptionStatus.Cancelled);
        _id = keccak256("unknown");
        _wrongStatus(RedemptionStatus.None);

        bytes memory expected =
            abi.encodeWithSelector(IRedemptionDesk.WrongStatus.selector, 0, reclaimed, RedemptionStatus.Reclaimed);
        uint256 deadline = block.timestamp;
        bytes32[] memory ids = one(reclaimed);
        bytes memory signature = sign(treasurer, lockDigest(deskDomain(), treasurer, ids, deadline));
        vm.expectRevert(expected);
        desk.lock(treasurer, ids, deadline, signature);
        signature = sign(treasurer, refundDigest(deskDomain(), treasurer, ids, 3, deadline));
        vm.expectRevert(expected);
        desk.refund(treasurer, ids, 3, deadline, signature);
        signature = sign(shop, cancelDigest(deskDomain(), reclaimed));
        vm.expectRevert(expected);
        desk.cancel(reclaimed, signature);
        assertEq(token.balanceOf(address(desk)), 0);
        assertBooks();
    }

    function test_reclaim_whilePausedFrozenReplacingAndClosed_works() public {
        pause();
        freeze(SHOP);
        requestReplacement(SHOP, person("shop's new till"));
        vm.prank(admin);
        desk.close();
        vm.warp(NOW + RECLAIM_AFTER);
        desk.reclaim(_id);
        assertEq(token.balanceOf(shop), 1000);
    }

    function test_reclaim_ofAClosingShop_works() public {
        setClass(SHOP, Class.Closing);
        vm.warp(NOW + RECLAIM_AFTER);
        desk.reclaim(_id);
        assertEq(token.balanceOf(shop), 1000);
    }

    function test_reclaim_idIsNeverUsedAgain() public {
        vm.warp(NOW + RECLAIM_AFTER);
        desk.reclaim(_id);
        // Asking again means a new salt; the old authorization is used up too.
        assertTrue(token.authorizationState(shop, _id));
        bytes32 next = request(shop, 300);
        assertEq(desk.redemptionOf(next).requestedAt, NOW + RECLAIM_AFTER);
    }

    function _tooEarly(uint256 from) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.ReclaimTooEarly.selector, _id, from));
        desk.reclaim(_id);
    }

    function _wrongStatus(RedemptionStatus status) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.WrongStatus.selector, 0, _id, status));
        desk.reclaim(_id);
    }
}
