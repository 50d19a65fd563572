// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActivityRegistry} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract SetAttesterTest is City {
    function test_setAttester_appointsAndDismisses() public {
        uint256 first = openProgramme(1000, MONTH, MONTH);
        uint256 second = openProgramme(1000, MONTH, MONTH);
        vm.recordLogs();
        _set(first, stranger, true);
        _assertSet(first, true);
        assertTrue(registry.isAttester(first, stranger));
        assertFalse(registry.isAttester(second, stranger));
        vm.recordLogs();
        _set(first, stranger, false);
        _assertSet(first, false);
        assertFalse(registry.isAttester(first, stranger));
    }

    function test_setAttester_zero_isRefused() public {
        uint256 programme = openProgramme(1000, MONTH, MONTH);
        vm.prank(programmeOfficer);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.ZeroAttester.selector));
        registry.setAttester(programme, address(0), true);
    }

    function test_setAttester_unknownProgramme_isRefused() public {
        vm.prank(programmeOfficer);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.UnknownProgramme.selector, 1));
        registry.setAttester(1, stranger, true);
    }

    function test_setAttester_byAnyoneElse_isRefused() public {
        uint256 programme = openProgramme(1000, MONTH, MONTH);
        vm.prank(issuer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, issuer));
        registry.setAttester(programme, stranger, true);
    }

    function _set(uint256 programme, address who, bool appointed) private {
        vm.prank(programmeOfficer);
        registry.setAttester(programme, who, appointed);
    }

    function _assertSet(uint256 programme, bool appointed) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("AttesterSet(uint256,address,bool)"));
        assertEq(uint256(logs[0].topics[1]), programme);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), stranger);
        assertEq(abi.decode(logs[0].data, (bool)), appointed);
    }
}
