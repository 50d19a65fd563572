// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract TransferFromTest is City {
    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
    }

    function test_transferFrom_lowersTheAllowance() public {
        _approve(alice, 300);
        vm.recordLogs();
        vm.prank(stranger);
        assertTrue(token.transferFrom(alice, shop, 200));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertTransfer(logs[0], alice, shop, 200);
        assertEq(token.allowance(alice, stranger), 100);
        assertEq(token.balanceOf(shop), 200);
        assertBooks();
    }

    function test_transferFrom_unlimitedStays() public {
        _approve(alice, type(uint256).max);
        vm.prank(stranger);
        token.transferFrom(alice, shop, 200);
        assertEq(token.allowance(alice, stranger), type(uint256).max);
    }

    function test_transferFrom_tooMuch_isRefused() public {
        _approve(alice, 10);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientAllowance.selector, stranger, 10, 11));
        token.transferFrom(alice, shop, 11);
    }

    function test_transferFrom_tooLittleToSpend_isRefused() public {
        _approve(alice, 5000);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, alice, 1000, 1001));
        token.transferFrom(alice, shop, 1001);
        assertEq(token.allowance(alice, stranger), 5000);
    }

    function test_transferFrom_fromFrozen_isRefused() public {
        _approve(alice, 10);
        freeze(ALICE);
        _expectRefused(alice, shop, Refusal.Frozen);
        vm.prank(stranger);
        token.transferFrom(alice, shop, 1);
    }

    function test_transferFrom_merchantToResident_isNotARefund() public {
        fund(SHOP, 10);
        _approve(shop, 10);
        _expectRefused(shop, alice, Refusal.NotAllowed);
        vm.prank(stranger);
        token.transferFrom(shop, alice, 1);
    }

    function test_transferFrom_toOneself_isRefused() public {
        _approve(alice, 10);
        _expectRefused(alice, alice, Refusal.SameAccount);
        vm.prank(stranger);
        token.transferFrom(alice, alice, 1);
    }

    function test_transferFrom_merchantToDesk_isRefused_evenByTheDesk() public {
        fund(SHOP, 10);
        vm.prank(shop);
        token.approve(address(desk), 10);
        _expectRefused(shop, address(desk), Refusal.NotAllowed);
        vm.prank(address(desk));
        token.transferFrom(shop, address(desk), 1);
    }

    function test_transferFrom_whilePaused_stopsResidents() public {
        _approve(alice, 10);
        pause();
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        token.transferFrom(alice, shop, 1);
    }

    function _approve(address owner, uint256 value) private {
        vm.prank(owner);
        assertTrue(token.approve(stranger, value));
    }

    function _expectRefused(address from, address to, Refusal reason) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, from, to, reason));
    }
}
