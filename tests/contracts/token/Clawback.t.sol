// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice What a registry may burn of a resident; why and when is the registry's to say.
contract TokenClawbackTest is Recovery {
    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
    }

    function test_clawback_burnsAndSaysSo() public {
        vm.recordLogs();
        assertEq(_clawback(ALICE, 300), 300);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertTransfer(logs[0], alice, address(0), 300);
        assertClawedBack(logs[1], ALICE, alice, 300);
        assertEq(wordOf(alice), word(700, 0, EPOCH, 0, ALICE, Class.Resident));
        (uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired) = token.ledger();
        assertEq(issued, 1000);
        assertEq(settled, 0);
        assertEq(clawedBack, 300);
        assertEq(expired, 0);
        assertBooks();
    }

    function testFuzz_clawback_atMostTheBalance_freshFirst(uint40 fresh, uint40 stale, uint256 amount) public {
        vm.store(address(token), bytes32(LEDGER_SLOT), bytes32(uint256(fresh) + stale));
        storeAccount(alice, word(fresh, stale, EPOCH, 7, ALICE, Class.Resident) + 2 ** 200);
        uint256 balance = uint256(fresh) + stale;
        uint256 burned = amount < balance ? amount : balance;
        assertEq(_clawback(ALICE, amount), burned);
        uint256 fromFresh = burned < fresh ? burned : fresh;
        assertEq(
            wordOf(alice),
            word(fresh - fromFresh, stale - (burned - fromFresh), EPOCH, 7, ALICE, Class.Resident) + 2 ** 200
        );
        assertBooks();
    }

    function test_clawback_ofNothing_saysNothing() public {
        vm.recordLogs();
        assertEq(_clawback(ALICE, 0), 0);
        assertEq(_clawback(BOB, 10), 0);
        assertNoLogs();
    }

    function test_clawback_rollsFirst() public {
        vm.warp(JULY_2026);
        mint(ALICE, 200);
        vm.warp(JANUARY_2027);
        assertEq(_clawback(ALICE, 5000), 200);
        (,, uint256 clawedBack, uint256 expired) = token.ledger();
        assertEq(clawedBack, 200);
        assertEq(expired, 1000);
        assertBooks();
    }

    function test_clawback_neverOfAShop() public {
        fund(SHOP, 500);
        uint256 before = wordOf(shop);
        vm.recordLogs();
        assertEq(_clawback(SHOP, 100), 0);
        setClass(SHOP, Class.Closing);
        vm.getRecordedLogs();
        assertEq(_clawback(SHOP, 100), 0);
        assertNoLogs();
        assertEq(wordOf(shop), before + 2 ** 192);
    }

    function test_clawback_ofNobody_isRefused() public {
        vm.prank(address(registry));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 9));
        token.clawback(9, 1);
        vm.prank(address(registry));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 0));
        token.clawback(0, 1);
    }

    function test_clawback_byAnyoneElse_isRefused() public {
        address[5] memory others = [clawer, address(desk), admin, registrar, alice];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            token.clawback(ALICE, 1);
        }
    }

    function _clawback(uint32 number, uint256 amount) private returns (uint256) {
        vm.prank(address(registry));
        return token.clawback(number, amount);
    }
}
