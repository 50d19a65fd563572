// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Activity, IActivityRegistry} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract OpenActivityTest is City {
    uint256 private _programme;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH, 560, 21_000, 210_000, 0));
        _programme = openProgramme(100_000, MONTH - 1, MONTH + 5);
    }

    function test_openActivity_countsFromOne() public {
        Activity memory details = activityIn(_programme, MONTH + 5, 560);
        vm.recordLogs();
        assertEq(openActivity(details), 1);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(
            logs[0].topics[0],
            keccak256(
                "ActivityOpened(uint256,uint256,(uint32,uint16,uint32,uint16,uint40,uint40,uint32,bool,bool,bytes32))"
            )
        );
        assertEq(uint256(logs[0].topics[1]), 1);
        assertEq(uint256(logs[0].topics[2]), _programme);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(details)));
        assertEq(keccak256(abi.encode(registry.activityOf(1))), keccak256(abi.encode(details)));
        details.adult = false;
        details.centsPerHour = 280;
        assertEq(openActivity(details), 2);
        assertFalse(registry.activityOf(2).adult);
        (, uint256 activities,) = registry.counts();
        assertEq(activities, 2);
    }

    function test_openActivity_rateAboveTheLimitOfItsAge_isRefused() public {
        Activity memory details = activityIn(_programme, MONTH, 561);
        _refused(details, abi.encodeWithSelector(IActivityRegistry.RateAboveLimit.selector, 561, 560));
        details.adult = false;
        details.centsPerHour = 281;
        _refused(details, abi.encodeWithSelector(IActivityRegistry.RateAboveLimit.selector, 281, 280));
    }

    function test_openActivity_displacingStaff_isRefused() public {
        Activity memory details = activityIn(_programme, MONTH, 560);
        details.noDisplacement = false;
        _refused(details, abi.encodeWithSelector(IActivityRegistry.DisplacesStaffWork.selector));
    }

    function test_openActivity_invalidFields_areRefused() public {
        Activity memory details = activityIn(_programme, MONTH, 560);
        details.maxMinutes = 0;
        _refused(details, abi.encodeWithSelector(IActivityRegistry.InvalidActivity.selector, 1));
        details = activityIn(_programme, MONTH, 560);
        details.closesAt = details.opensAt;
        _refused(details, abi.encodeWithSelector(IActivityRegistry.InvalidActivity.selector, 2));
        _refused(
            activityIn(_programme, MONTH, 0), abi.encodeWithSelector(IActivityRegistry.InvalidActivity.selector, 3)
        );
    }

    function test_openActivity_outsideItsProgramme_isRefused() public {
        bytes4 error_ = IActivityRegistry.MonthOutsideProgramme.selector;
        _refused(
            activityIn(_programme, MONTH - 2, 560), abi.encodeWithSelector(error_, MONTH - 2, MONTH - 1, MONTH + 5)
        );
        _refused(
            activityIn(_programme, MONTH + 6, 560), abi.encodeWithSelector(error_, MONTH + 6, MONTH - 1, MONTH + 5)
        );
    }

    function test_openActivity_withoutRule_isRefused() public {
        _refused(
            activityIn(_programme, MONTH - 1, 560),
            abi.encodeWithSelector(IActivityRegistry.NoRuleForMonth.selector, MONTH - 1)
        );
    }

    function test_openActivity_unknownProgramme_isRefused() public {
        _refused(activityIn(9, MONTH, 560), abi.encodeWithSelector(IActivityRegistry.UnknownProgramme.selector, 9));
    }

    function test_openActivity_byAnyoneElse_isRefused() public {
        vm.prank(attester);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, attester));
        registry.openActivity(activityIn(_programme, MONTH, 560));
    }

    function test_activityOf_unknown_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.UnknownActivity.selector, 1));
        registry.activityOf(1);
    }

    function _refused(Activity memory details, bytes memory expected) private {
        vm.prank(programmeOfficer);
        vm.expectRevert(expected);
        registry.openActivity(details);
    }
}
