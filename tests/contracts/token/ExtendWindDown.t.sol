// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, IMunicipalToken, Terms} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice Each date can move away until it has passed, in order and apart by the gaps of the city.
contract ExtendWindDownTest is Recovery {
    uint256 private constant GAP = 180 days;

    function test_extendWindDown_movesAllThreeAndSaysSo() public {
        (uint256 matrix,,,,) = token.rules();
        vm.recordLogs();
        _extend(ISSUE_UNTIL + 1, PAY_UNTIL + 20, REDEEM_UNTIL + 300);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("WindDownExtended(uint256,uint256,uint256)"));
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(ISSUE_UNTIL + 1, PAY_UNTIL + 20, REDEEM_UNTIL + 300)));
        _assertDates(ISSUE_UNTIL + 1, PAY_UNTIL + 20, REDEEM_UNTIL + 300);
        (uint256 after_, bool paused,,,) = token.rules();
        assertEq(after_, matrix);
        assertFalse(paused);
    }

    function test_extendWindDown_keepsThePauseAndTheMatrix() public {
        setRule(Class.Resident, Class.Resident, true);
        pause();
        (uint256 matrix,,,,) = token.rules();
        _extend(ISSUE_UNTIL, PAY_UNTIL, REDEEM_UNTIL + 1);
        (uint256 after_, bool paused,,,) = token.rules();
        assertEq(after_, matrix);
        assertTrue(paused);
    }

    function test_extendWindDown_eachUntilItsLastSecond() public {
        vm.warp(ISSUE_UNTIL);
        _extend(ISSUE_UNTIL + 1, PAY_UNTIL + 1, REDEEM_UNTIL + 1);
        vm.warp(PAY_UNTIL + 1);
        _extend(ISSUE_UNTIL + 1, PAY_UNTIL + 2, REDEEM_UNTIL + 2);
        vm.warp(REDEEM_UNTIL + 2);
        _extend(ISSUE_UNTIL + 1, PAY_UNTIL + 2, REDEEM_UNTIL + 3);
    }

    function test_extendWindDown_aDateThatHasPassed_isRefused() public {
        vm.warp(ISSUE_UNTIL + 1);
        _fixed(ISSUE_UNTIL + 10, PAY_UNTIL + 10, REDEEM_UNTIL + 10, ISSUE_UNTIL, ISSUE_UNTIL + 10);
        _extend(ISSUE_UNTIL, PAY_UNTIL + 10, REDEEM_UNTIL + 10);
        vm.warp(PAY_UNTIL + 11);
        _fixed(ISSUE_UNTIL, PAY_UNTIL + 20, REDEEM_UNTIL + 20, PAY_UNTIL + 10, PAY_UNTIL + 20);
        _extend(ISSUE_UNTIL, PAY_UNTIL + 10, REDEEM_UNTIL + 20);
        vm.warp(REDEEM_UNTIL + 21);
        _fixed(ISSUE_UNTIL, PAY_UNTIL + 10, REDEEM_UNTIL + 30, REDEEM_UNTIL + 20, REDEEM_UNTIL + 30);
        // To say them again changes nothing.
        _extend(ISSUE_UNTIL, PAY_UNTIL + 10, REDEEM_UNTIL + 20);
    }

    function test_extendWindDown_neverNearer() public {
        _fixed(ISSUE_UNTIL - 1, PAY_UNTIL, REDEEM_UNTIL, ISSUE_UNTIL, ISSUE_UNTIL - 1);
        _fixed(ISSUE_UNTIL, PAY_UNTIL - 1, REDEEM_UNTIL, PAY_UNTIL, PAY_UNTIL - 1);
        _fixed(ISSUE_UNTIL, PAY_UNTIL, REDEEM_UNTIL - 1, REDEEM_UNTIL, REDEEM_UNTIL - 1);
        _fixed(0, 0, 0, ISSUE_UNTIL, 0);
    }

    function test_extendWindDown_gapsStay() public {
        _invalid(ISSUE_UNTIL + 1, PAY_UNTIL, REDEEM_UNTIL);
        _invalid(ISSUE_UNTIL, PAY_UNTIL + 1, REDEEM_UNTIL);
        _invalid(ISSUE_UNTIL + 1, PAY_UNTIL + 1, REDEEM_UNTIL);
        _extend(ISSUE_UNTIL + 1, PAY_UNTIL + 1, REDEEM_UNTIL + 1);
        // Before the gaps there is the order.
        _invalid(PAY_UNTIL + 2, PAY_UNTIL + 1, REDEEM_UNTIL + 1);
        _invalid(ISSUE_UNTIL + 1, REDEEM_UNTIL + 2, REDEEM_UNTIL + 1);
    }

    function test_extendWindDown_twoGaps_eachIsItsOwn() public {
        (uint256 a, uint256 b, uint256 c) = (ISSUE_UNTIL, ISSUE_UNTIL + 10 days, ISSUE_UNTIL + 30 days);
        token = deployToken(TOKEN_NAME, Terms(a, b, c, 10 days, 20 days, REPLACEMENT_WINDOW, 6));
        vm.prank(admin);
        assign(address(token), GOVERNANCE, token.extendWindDown.selector);
        _extend(a + 1, b + 1, c + 1);
        _invalid(a + 1, b + 2, c + 1);
        _invalid(a + 2, b + 1, c + 1);
    }

    function test_extendWindDown_datesThatDoNotFit_areRefused() public {
        _invalid(ISSUE_UNTIL, PAY_UNTIL, 2 ** 40);
        _invalid(ISSUE_UNTIL, PAY_UNTIL, type(uint256).max);
        _invalid(type(uint256).max, type(uint256).max, type(uint256).max);
        _extend(2 ** 40 - 1 - 2 * GAP, 2 ** 40 - 1 - GAP, 2 ** 40 - 1);
        _assertDates(2 ** 40 - 1 - 2 * GAP, 2 ** 40 - 1 - GAP, 2 ** 40 - 1);
    }

    /// @notice Whatever is asked: what comes of it is in order, apart, not nearer, and what has passed stays.
    function testFuzz_extendWindDown_keepsOrderAndGaps(uint256 now_, uint256 a, uint256 b, uint256 c) public {
        now_ = bound(now_, NOW, REDEEM_UNTIL + 100 days);
        a = bound(a, ISSUE_UNTIL - 10 days, ISSUE_UNTIL + 10 days);
        b = bound(b, PAY_UNTIL - 10 days, PAY_UNTIL + 20 days);
        c = bound(c, REDEEM_UNTIL - 10 days, REDEEM_UNTIL + 40 days);
        vm.warp(now_);
        vm.prank(admin);
        (bool done,) = address(token).call(abi.encodeCall(token.extendWindDown, (a, b, c)));
        bool expected = a >= ISSUE_UNTIL && b >= PAY_UNTIL && c >= REDEEM_UNTIL;
        expected = expected && (a == ISSUE_UNTIL || now_ <= ISSUE_UNTIL) && (b == PAY_UNTIL || now_ <= PAY_UNTIL);
        expected = expected && (c == REDEEM_UNTIL || now_ <= REDEEM_UNTIL) && b >= a + GAP && c >= b + GAP;
        assertEq(done, expected);
        if (done) _assertDates(a, b, c);
        else _assertDates(ISSUE_UNTIL, PAY_UNTIL, REDEEM_UNTIL);
    }

    function test_extendWindDown_theNewDatesHold() public {
        mint(ALICE, 100);
        vm.warp(ISSUE_UNTIL);
        _extend(ISSUE_UNTIL + 60 days, PAY_UNTIL + 60 days, REDEEM_UNTIL + 60 days);
        vm.warp(ISSUE_UNTIL + 60 days);
        mint(ALICE, 100);
        vm.warp(PAY_UNTIL);
        storeAccount(alice, word(70, 30, token.currentEpoch(), 0, ALICE, Class.Resident));
        vm.warp(PAY_UNTIL + 1);
        assertEq(token.spendableOf(alice), 100);
        assertEq(token.pay(payment(alice, shop, 40), signed(payment(alice, shop, 40))), 1);
        vm.warp(PAY_UNTIL + 60 days);
        (, uint256 firstAt,, uint256 secondAt) = token.expiringOf(alice);
        assertLe(firstAt, PAY_UNTIL + 60 days + 1);
        assertEq(secondAt, PAY_UNTIL + 60 days + 1);
        vm.warp(PAY_UNTIL + 60 days + 1);
        assertEq(token.spendableOf(alice), 0);
        request(shop, 10);
        vm.warp(REDEEM_UNTIL + 60 days);
        request(shop, 10);
    }

    function test_extendWindDown_byAnyoneElse_isRefused() public {
        address[3] memory others = [rulesOfficer, guardian, registrar];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            token.extendWindDown(ISSUE_UNTIL, PAY_UNTIL, REDEEM_UNTIL);
        }
    }

    function _extend(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) private {
        vm.prank(admin);
        token.extendWindDown(issueUntil, payUntil, redeemUntil);
    }

    function _assertDates(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) private view {
        (,, uint256 a, uint256 b, uint256 c) = token.rules();
        assertEq(a, issueUntil);
        assertEq(b, payUntil);
        assertEq(c, redeemUntil);
    }

    function _fixed(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil, uint256 until, uint256 wanted) private {
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.DateFixed.selector, until, wanted));
        token.extendWindDown(issueUntil, payUntil, redeemUntil);
    }

    function _invalid(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) private {
        vm.prank(admin);
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.InvalidWindDown.selector, issueUntil, payUntil, redeemUntil)
        );
        token.extendWindDown(issueUntil, payUntil, redeemUntil);
    }
}
