// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract TokenIssueTest is City {
    function test_issue_mintsInOrder_freshOnly() public {
        uint256[] memory rewards = new uint256[](3);
        rewards[0] = _reward(ALICE, 100, 0);
        rewards[1] = _reward(BOB, 50, 1);
        rewards[2] = _reward(ALICE, 25, 2);
        vm.recordLogs();
        vm.prank(address(registry));
        token.issue(rewards);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertTransfer(logs[0], address(0), alice, 100);
        assertTransfer(logs[1], address(0), bob, 50);
        assertTransfer(logs[2], address(0), alice, 25);
        assertEq(wordOf(alice), word(125, 0, EPOCH, 0, ALICE, Class.Resident));
        assertEq(token.totalSupply(), 175);
        assertBooks();
    }

    function test_issue_rollsFirst() public {
        mint(ALICE, 100);
        vm.warp(JULY_2026);
        mint(ALICE, 10);
        assertEq(wordOf(alice), word(10, 100, EPOCH + 1, 0, ALICE, Class.Resident));
        vm.warp(JANUARY_2027);
        vm.recordLogs();
        mint(ALICE, 1);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertTransfer(logs[0], alice, address(0), 100);
        assertTransfer(logs[2], address(0), alice, 1);
        assertEq(wordOf(alice), word(1, 10, EPOCH + 2, 0, ALICE, Class.Resident));
        (uint256 issued,,, uint256 expired) = token.ledger();
        assertEq(issued, 111);
        assertEq(expired, 100);
        assertBooks();
    }

    function test_issue_emptyAccountOfThePast_startsNow() public {
        vm.warp(JULY_2027);
        mint(ALICE, 7);
        assertEq(wordOf(alice), word(7, 0, EPOCH + 3, 0, ALICE, Class.Resident));
    }

    function test_issue_toOthersThanResidents_namesTheLine() public {
        setClass(CAFE, Class.Closing);
        uint32[4] memory others = [SHOP, CAFE, 9, 0];
        for (uint256 i = 0; i < others.length; ++i) {
            uint256[] memory rewards = new uint256[](2);
            (rewards[0], rewards[1]) = (_reward(ALICE, 1, 3), _reward(others[i], 1, 199));
            vm.prank(address(registry));
            vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NotResident.selector, 199, others[i]));
            token.issue(rewards);
        }
        assertEq(token.totalSupply(), 0);
    }

    function test_issue_toAResidentWithoutClass_isRefused() public {
        setClass(ALICE, Class.None);
        vm.prank(address(registry));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NotResident.selector, 0, ALICE));
        token.issue(one(_reward(ALICE, 1, 0)));
    }

    function test_issue_whilePaused_isRefused() public {
        pause();
        vm.prank(address(registry));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        token.issue(one(_reward(ALICE, 1, 0)));
    }

    function test_issue_untilItsLastSecond() public {
        vm.warp(ISSUE_UNTIL);
        mint(ALICE, 1);
        vm.warp(ISSUE_UNTIL + 1);
        vm.prank(address(registry));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.IssuanceEnded.selector, ISSUE_UNTIL));
        token.issue(one(_reward(ALICE, 1, 0)));
    }

    function test_issue_staysBelowItsLimit() public {
        // All issued long ago, and settled: the limit counts what was ever issued.
        uint256 before = 2 ** 48 - 11;
        vm.store(address(token), bytes32(LEDGER_SLOT), bytes32(before + before * 2 ** 64));
        assertEq(token.totalSupply(), 0);
        vm.prank(address(registry));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.IssuedLimit.selector));
        token.issue(one(_reward(ALICE, 11, 0)));
        mint(ALICE, 10);
        assertEq(token.totalSupply(), 10);
        vm.prank(address(registry));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.IssuedLimit.selector));
        token.issue(one(_reward(ALICE, 1, 0)));
    }

    function test_issue_tooLargeToFit_isRefused() public {
        uint256[] memory rewards = new uint256[](2);
        (rewards[0], rewards[1]) = (_reward(ALICE, 2 ** 48 - 1, 0), _reward(ALICE, 2 ** 48 - 1, 1));
        vm.prank(address(registry));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.IssuedLimit.selector));
        token.issue(rewards);
    }

    /// @notice I6: nobody but the registry mints, the city's officials included.
    function test_issue_byAnyoneElse_isRefused() public {
        address[6] memory others = [stranger, admin, issuer, programmeOfficer, address(desk), attester];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            token.issue(one(_reward(ALICE, 1, 0)));
        }
    }

    function _reward(uint32 number, uint256 amount, uint256 line) private pure returns (uint256) {
        return amount + uint256(number) * 2 ** 48 + line * 2 ** 80;
    }
}
