// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract TransferTest is City {
    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
    }

    function test_transfer_residentPaysShop() public {
        vm.recordLogs();
        vm.prank(alice);
        assertTrue(token.transfer(shop, 400));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertTransfer(logs[0], alice, shop, 400);
        assertEq(token.balanceOf(alice), 600);
        assertEq(token.balanceOf(shop), 400);
        assertEq(token.paymentNonce(alice), 0);
        assertBooks();
    }

    function test_transfer_zero_emitsItsEvent() public {
        vm.recordLogs();
        vm.prank(alice);
        assertTrue(token.transfer(shop, 0));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertTransfer(logs[0], alice, shop, 0);
    }

    function test_transfer_spendsStaleFirst() public {
        vm.warp(JULY_2026);
        mint(ALICE, 300);
        vm.prank(alice);
        token.transfer(shop, 900);
        assertEq(token.accountOf(alice).stale, 100);
        assertEq(token.accountOf(alice).fresh, 300);
        vm.prank(alice);
        token.transfer(shop, 150);
        assertEq(token.accountOf(alice).stale, 0);
        assertEq(token.accountOf(alice).fresh, 250);
    }

    function test_transfer_toOneself_isRefused() public {
        vm.prank(alice);
        _expectRefused(alice, alice, Refusal.SameAccount);
        token.transfer(alice, 1);
    }

    function test_transfer_tooMuch_namesWhatCanBeSpent() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, alice, 1000, 1001));
        token.transfer(shop, 1001);
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, alice, 1000, type(uint256).max)
        );
        token.transfer(shop, type(uint256).max);
    }

    function test_transfer_expiredCreditsCannotBeSpent() public {
        vm.warp(JANUARY_2027);
        assertEq(token.balanceOf(alice), 1000);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, alice, 0, 1));
        token.transfer(shop, 1);
    }

    function test_transfer_fromFrozen_isRefused() public {
        freeze(ALICE);
        vm.prank(alice);
        _expectRefused(alice, shop, Refusal.Frozen);
        token.transfer(shop, 1);
        vm.prank(alice);
        _expectRefused(alice, shop, Refusal.Frozen);
        token.transfer(shop, 0);
    }

    function test_transfer_toFrozenShop_works() public {
        freeze(SHOP);
        vm.prank(alice);
        token.transfer(shop, 1);
        assertEq(token.balanceOf(shop), 1);
    }

    function test_transfer_toAStranger_isRefused() public {
        vm.prank(alice);
        _expectRefused(alice, stranger, Refusal.NotAllowed);
        token.transfer(stranger, 1);
        vm.prank(alice);
        _expectRefused(alice, address(0), Refusal.NotAllowed);
        token.transfer(address(0), 1);
    }

    function test_transfer_merchantToResident_isNotARefund() public {
        fund(SHOP, 10);
        vm.prank(shop);
        _expectRefused(shop, alice, Refusal.NotAllowed);
        token.transfer(alice, 1);
    }

    function test_transfer_merchantToDesk_isRefused() public {
        fund(SHOP, 10);
        vm.prank(shop);
        _expectRefused(shop, address(desk), Refusal.NotAllowed);
        token.transfer(address(desk), 1);
    }

    function test_transfer_whilePaused_stopsResidentsOnly() public {
        setRule(Class.Merchant, Class.Merchant, true);
        fund(SHOP, 10);
        pause();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        token.transfer(shop, 1);
        vm.prank(shop);
        token.transfer(cafe, 4);
        assertEq(token.balanceOf(cafe), 4);
    }

    function test_transfer_afterPayUntil_residentsHaveNothing() public {
        setRule(Class.Merchant, Class.Merchant, true);
        vm.prank(alice);
        token.transfer(shop, 10);
        vm.warp(PAY_UNTIL + 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, alice, 0, 1));
        token.transfer(shop, 1);
        // A shop's credits never expire.
        vm.prank(shop);
        token.transfer(cafe, 10);
        assertEq(token.balanceOf(cafe), 10);
    }

    function test_transfer_toResidentWithThePassOfTime_rollsThePayeeToo() public {
        setRule(Class.Resident, Class.Resident, true);
        mint(BOB, 70);
        vm.warp(JULY_2026);
        mint(BOB, 7);
        vm.warp(JANUARY_2027 - 1);
        vm.prank(bob);
        token.transfer(alice, 5);
        // Alice: 1000 of spring, stale since July; the 5 she received are stale too, and go with the rest.
        assertEq(token.accountOf(alice).stale, 1005);
        assertEq(token.accountOf(alice).fresh, 0);
        vm.warp(JANUARY_2027);
        vm.prank(bob);
        token.transfer(alice, 7);
        assertEq(token.balanceOf(alice), 7);
        assertEq(token.accountOf(alice).stale, 7);
        assertEq(token.balanceOf(bob), 0);
        assertBooks();
    }

    function _expectRefused(address from, address to, Refusal reason) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, from, to, reason));
    }
}
