// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActivityRegistry} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract SetProgrammeCapTest is City {
    uint256 private _programme;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        _programme = openProgramme(1000, MONTH, MONTH);
        issue(report(openActivity(_programme, MONTH, 600), ALICE, 60));
    }

    function test_setProgrammeCap_downToWhatIsUsed() public {
        vm.recordLogs();
        _set(600);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("ProgrammeCapSet(uint256,uint256)"));
        assertEq(uint256(logs[0].topics[1]), _programme);
        assertEq(abi.decode(logs[0].data, (uint256)), 600);
        assertEq(registry.programmeOf(_programme).cap, 600);
        assertEq(registry.programmeOf(_programme).used, 600);
        _set(2 ** 48 - 1);
        assertEq(registry.programmeOf(_programme).cap, 2 ** 48 - 1);
    }

    function test_setProgrammeCap_belowWhatIsUsed_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidCap.selector, 599, 600));
        vm.prank(programmeOfficer);
        registry.setProgrammeCap(_programme, 599);
    }

    function test_setProgrammeCap_tooLarge_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidCap.selector, 2 ** 48, 600));
        vm.prank(programmeOfficer);
        registry.setProgrammeCap(_programme, 2 ** 48);
    }

    function test_setProgrammeCap_unknown_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.UnknownProgramme.selector, 9));
        vm.prank(programmeOfficer);
        registry.setProgrammeCap(9, 1);
    }

    function test_setProgrammeCap_byAnyoneElse_isRefused() public {
        vm.prank(issuer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, issuer));
        registry.setProgrammeCap(_programme, 5000);
    }

    function _set(uint256 cap) private {
        vm.prank(programmeOfficer);
        registry.setProgrammeCap(_programme, cap);
    }
}
