// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IRedemptionDesk, RedemptionRequest} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Recovery} from "../support/Recovery.sol";

/// @notice What comes back after the date for redeeming, through no fault of the shop, may be asked for once more.
contract GraceTest is Recovery {
    uint256 private constant ENDED = REDEEM_UNTIL + 1;
    uint256 private constant GRACE = 60 days;

    bytes32 private _first;
    bytes32 private _second;
    bytes32 private _unlocked;

    function setUp() public override {
        super.setUp();
        fund(SHOP, 1000);
        fund(CAFE, 1000);
        vm.warp(REDEEM_UNTIL);
        (_first, _second, _unlocked) = (request(shop, 300), request(shop, 200), request(shop, 50));
        lock(treasurer, two(_first, _second));
    }

    function test_grace_beforeTheDate_givesNothing() public {
        refund(otherTreasurer, one(_first));
        _assertGrace(SHOP, 0, 0);
        vm.warp(ENDED);
        _ended(shop, 1);
    }

    function test_grace_aRefundAfterIt_givesItsAmountFor60Days() public {
        vm.warp(ENDED);
        _ended(shop, 1);
        refund(otherTreasurer, one(_first));
        _assertGrace(SHOP, 300, ENDED + GRACE);
        _ended(shop, 301);
        _ended(cafe, 1);
        vm.warp(ENDED + GRACE + 1);
        _ended(shop, 300);
        vm.warp(ENDED + GRACE);
        request(shop, 300);
        _assertGrace(SHOP, 0, ENDED + GRACE);
        _ended(shop, 1);
    }

    function test_grace_anUnlockedRefundAfterIt_givesItToo() public {
        vm.warp(ENDED);
        refund(treasurer, one(_unlocked));
        _assertGrace(SHOP, 50, ENDED + GRACE);
    }

    function test_grace_theReclaimOfALockedOne_givesItsAmount() public {
        uint256 from = REDEEM_UNTIL + LOCKED_RECLAIM_AFTER;
        vm.warp(from);
        desk.reclaim(_first);
        _assertGrace(SHOP, 300, from + GRACE);
        request(shop, 300);
    }

    function test_grace_theReclaimOfAnUnlockedOneByAStranger_givesItsAmountToo() public {
        uint256 from = REDEEM_UNTIL + RECLAIM_AFTER;
        vm.warp(from);
        vm.prank(stranger);
        desk.reclaim(_unlocked);
        _assertGrace(SHOP, 50, from + GRACE);
        _ended(shop, 51);
        request(shop, 50);
    }

    function test_grace_beforeTheDate_theReclaimOfAnUnlockedOneGivesNothing() public {
        vm.warp(REDEEM_UNTIL - RECLAIM_AFTER);
        bytes32 early = request(shop, 70);
        vm.warp(REDEEM_UNTIL);
        desk.reclaim(early);
        _assertGrace(SHOP, 0, 0);
    }

    function test_grace_isGoodAtAClosedDesk_andNothingElseIs() public {
        vm.prank(admin);
        desk.close();
        vm.warp(ENDED);
        _ended(shop, 1);
        refund(otherTreasurer, one(_first));
        _ended(shop, 301);
        request(shop, 300);
        _assertGrace(SHOP, 0, ENDED + GRACE);
    }

    function test_grace_aCancellation_givesNothing() public {
        vm.warp(ENDED);
        cancel(shop, _unlocked);
        _assertGrace(SHOP, 0, 0);
        _ended(shop, 50);
    }

    function test_grace_isUsedInParts() public {
        vm.warp(ENDED);
        refund(otherTreasurer, one(_first));
        request(shop, 100);
        _assertGrace(SHOP, 200, ENDED + GRACE);
        request(shop, 150);
        _ended(shop, 51);
        request(shop, 50);
        _ended(shop, 1);
        assertEq(token.balanceOf(address(desk)), 550);
        assertBooks();
    }

    function test_grace_inOneCall_isCountedOnce() public {
        vm.warp(ENDED);
        refund(otherTreasurer, one(_first));
        RedemptionRequest[] memory items = new RedemptionRequest[](2);
        bytes[] memory signatures = new bytes[](2);
        (items[0], items[1]) = (redemption(shop, 200), redemption(shop, 101));
        (signatures[0], signatures[1]) = (signed(items[0]), signed(items[1]));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.RedemptionsEnded.selector, REDEEM_UNTIL));
        desk.request(items, signatures);
        items[1] = redemption(shop, 100);
        signatures[1] = signed(items[1]);
        desk.request(items, signatures);
        _assertGrace(SHOP, 0, ENDED + GRACE);
    }

    function test_grace_amountsAddUp_underTheLaterEnd() public {
        vm.warp(ENDED);
        refund(otherTreasurer, one(_first));
        vm.warp(ENDED + 20 days);
        refund(otherTreasurer, two(_second, _unlocked));
        _assertGrace(SHOP, 550, ENDED + 20 days + GRACE);
        vm.warp(ENDED + 20 days + GRACE);
        request(shop, 550);
        _ended(shop, 1);
    }

    function test_grace_whatHasLapsedDoesNotAddUp() public {
        vm.warp(ENDED);
        refund(otherTreasurer, one(_first));
        vm.warp(ENDED + GRACE + 1);
        refund(otherTreasurer, one(_second));
        _assertGrace(SHOP, 200, ENDED + 2 * GRACE + 1);
        _ended(shop, 201);
    }

    function test_grace_untilItsLastSecond_addsUp() public {
        vm.warp(ENDED);
        refund(otherTreasurer, one(_first));
        vm.warp(ENDED + GRACE);
        refund(otherTreasurer, one(_second));
        _assertGrace(SHOP, 500, ENDED + 2 * GRACE);
    }

    function test_grace_whatIsAskedForAgainAndComesBackAgain_mayBeAskedForAgain() public {
        vm.warp(ENDED);
        refund(otherTreasurer, one(_first));
        bytes32 again = request(shop, 300);
        vm.warp(ENDED + 10 days);
        refund(treasurer, one(again));
        _assertGrace(SHOP, 300, ENDED + 10 days + GRACE);
        // A cancellation uses it up.
        cancel(shop, request(shop, 300));
        _ended(shop, 1);
    }

    function test_grace_followsTheNumberToANewTill() public {
        vm.warp(ENDED);
        refund(otherTreasurer, one(_first));
        address till = person("shop's new till");
        replace(SHOP, till);
        request(till, 300);
        _ended(till, 1);
    }

    function test_grace_whatTheTokenRefuses_usesNothing() public {
        vm.warp(ENDED);
        refund(otherTreasurer, one(_first));
        freeze(SHOP);
        RedemptionRequest[] memory items = new RedemptionRequest[](1);
        bytes[] memory signatures = new bytes[](1);
        items[0] = redemption(shop, 300);
        signatures[0] = signed(items[0]);
        vm.expectRevert();
        desk.request(items, signatures);
        _assertGrace(SHOP, 300, ENDED + GRACE);
    }

    function test_grace_anExtendedDate_isTheDate() public {
        vm.prank(admin);
        token.extendWindDown(ISSUE_UNTIL, PAY_UNTIL, REDEEM_UNTIL + 100);
        vm.warp(REDEEM_UNTIL + 100);
        refund(otherTreasurer, one(_first));
        _assertGrace(SHOP, 0, 0);
        vm.warp(REDEEM_UNTIL + 101);
        refund(otherTreasurer, one(_second));
        _assertGrace(SHOP, 200, REDEEM_UNTIL + 101 + GRACE);
    }

    function _assertGrace(uint32 number, uint256 amount, uint256 until) private view {
        (uint256 left, uint256 end) = desk.graceOf(number);
        assertEq(left, amount, "amount");
        assertEq(end, until, "until");
    }

    function _ended(address from, uint256 amount) private {
        RedemptionRequest[] memory items = new RedemptionRequest[](1);
        bytes[] memory signatures = new bytes[](1);
        items[0] = redemption(from, amount);
        signatures[0] = signed(items[0]);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.RedemptionsEnded.selector, REDEEM_UNTIL));
        desk.request(items, signatures);
    }
}
