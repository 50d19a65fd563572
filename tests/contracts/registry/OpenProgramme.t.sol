// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActivityRegistry, Programme} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract OpenProgrammeTest is City {
    function test_openProgramme_countsFromOne() public {
        vm.recordLogs();
        vm.prank(programmeOfficer);
        assertEq(registry.openProgramme(5000, MONTH, MONTH + 11), 1);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("ProgrammeOpened(uint256,uint256,uint256,uint256)"));
        assertEq(uint256(logs[0].topics[1]), 1);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(5000, MONTH, MONTH + 11)));
        Programme memory programme = registry.programmeOf(1);
        assertEq(programme.cap, 5000);
        assertEq(programme.used, 0);
        assertEq(programme.fromMonth, MONTH);
        assertEq(programme.toMonth, MONTH + 11);

        vm.prank(programmeOfficer);
        assertEq(registry.openProgramme(2 ** 48 - 1, MONTH - 30, MONTH), 2);
        (uint256 programmes, uint256 activities, uint256 rules) = registry.counts();
        assertEq(programmes, 2);
        assertEq(activities, 0);
        assertEq(rules, 0);
    }

    function test_openProgramme_badPeriod_isRefused() public {
        _refusedPeriod(MONTH + 2, MONTH + 1);
        _refusedPeriod(MONTH - 12, MONTH - 1);
        _refusedPeriod(MONTH, 2 ** 16);
        vm.prank(programmeOfficer);
        registry.openProgramme(1, 0, 2 ** 16 - 1);
    }

    function test_openProgramme_tooLargeACap_isRefused() public {
        vm.prank(programmeOfficer);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidCap.selector, 2 ** 48, 0));
        registry.openProgramme(2 ** 48, MONTH, MONTH);
    }

    function test_openProgramme_byAnyoneElse_isRefused() public {
        vm.prank(rulesOfficer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, rulesOfficer));
        registry.openProgramme(1, MONTH, MONTH);
    }

    function test_programmeOf_unknown_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.UnknownProgramme.selector, 1));
        registry.programmeOf(1);
    }

    function _refusedPeriod(uint256 fromMonth, uint256 toMonth) private {
        vm.prank(programmeOfficer);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidPeriod.selector, fromMonth, toMonth));
        registry.openProgramme(1, fromMonth, toMonth);
    }
}
