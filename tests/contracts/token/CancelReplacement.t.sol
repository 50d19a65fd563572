// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IReplacements} from "../../../contracts/interfaces/IReplacements.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

contract CancelReplacementTest is Recovery {
    address private _phone;

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
        _phone = person("alice's new phone");
    }

    function test_cancelReplacement_leavesTheAccountAsItWas() public {
        uint256 before = wordOf(alice);
        bytes32 digest = requestReplacement(ALICE, _phone);
        vm.recordLogs();
        cancelReplacement(ALICE);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("ReplacementCancelled(bytes32,uint32)"));
        assertEq(logs[0].topics[1], digest);
        assertEq(uint256(logs[0].topics[2]), ALICE);
        assertEq(wordOf(alice), before);
        (bytes32 request, address newHolder, address official, uint256 from) = token.replacementOf(ALICE);
        assertEq(request, 0);
        assertEq(newHolder, address(0));
        assertEq(official, address(0));
        assertEq(from, 0);
        assertEq(token.pay(payment(alice, shop, 10), signed(payment(alice, shop, 10))), 1);
        // The address that was to take over is free.
        requestReplacement(BOB, _phone);
    }

    function test_cancelReplacement_keepsTheGuardiansFreeze() public {
        requestReplacement(ALICE, _phone);
        freeze(ALICE);
        cancelReplacement(ALICE);
        assertTrue(token.accountOf(alice).frozen);
        assertFalse(token.accountOf(alice).replacing);
    }

    function test_cancelReplacement_rollsTheAccount() public {
        requestReplacement(ALICE, _phone);
        vm.warp(JANUARY_2027);
        cancelReplacement(ALICE);
        assertEq(token.balanceOf(alice), 0);
        assertEq(token.totalSupply(), 0);
        assertBooks();
    }

    function test_cancelReplacement_afterTheWindowWhilePausedAndEnded_works() public {
        requestReplacement(ALICE, _phone);
        pause();
        vm.warp(REDEEM_UNTIL + 1);
        cancelReplacement(ALICE);
        assertFalse(token.accountOf(alice).frozen);
    }

    function test_cancelReplacement_ofNone_isRefused() public {
        _refused(ALICE, abi.encodeWithSelector(IReplacements.NoSuchReplacement.selector, ALICE, bytes32(0)));
        _refused(9, abi.encodeWithSelector(IReplacements.NoSuchReplacement.selector, 9, bytes32(0)));
        requestReplacement(ALICE, _phone);
        cancelReplacement(ALICE);
        _refused(ALICE, abi.encodeWithSelector(IReplacements.NoSuchReplacement.selector, ALICE, bytes32(0)));
        replace(BOB, person("bob's new phone"));
        _refused(BOB, abi.encodeWithSelector(IReplacements.NoSuchReplacement.selector, BOB, bytes32(0)));
    }

    function test_cancelReplacement_byAnyoneElse_isRefused() public {
        requestReplacement(ALICE, _phone);
        address[4] memory others = [registrar, replacer, unpauser, alice];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            token.cancelReplacement(ALICE);
        }
    }

    function _refused(uint32 number, bytes memory expected) private {
        vm.prank(guardian);
        vm.expectRevert(expected);
        token.cancelReplacement(number);
    }
}
