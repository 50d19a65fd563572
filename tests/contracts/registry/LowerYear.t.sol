// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActivityRegistry, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice A person's year, lowered at their own request because other organisations pay them too.
contract LowerYearTest is Recovery {
    uint256 private _programme;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 50_000, 0));
        _programme = openProgramme(1_000_000, MONTH, MONTH + 12);
    }

    function test_lowerYear_isSaidAndCounts() public {
        vm.recordLogs();
        lowerYear(ALICE, 2026, 400);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("YearLowered(uint32,uint256,uint256)"));
        assertEq(uint256(logs[0].topics[1]), ALICE);
        assertEq(uint256(logs[0].topics[2]), 2026);
        assertEq(abi.decode(logs[0].data, (uint256)), 400);
        assertEq(registry.loweredBy(ALICE, 2026), 40_000);
        _assertLeft(ALICE, 21_000, 10_000);
        Report memory item = report(openActivity(_programme, MONTH, 600), ALICE, 1001);
        _refusedIssue(item, abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 10_010, 10_000));
        reward(_programme, ALICE, 1000);
        _assertLeft(ALICE, 11_000, 0);
    }

    function test_lowerYear_isThisPersonsAndThisYears() public {
        lowerYear(ALICE, 2026, 400);
        _assertLeft(BOB, 21_000, 50_000);
        (, uint256 inYear) = registry.left(ALICE, 12 * 2027);
        assertEq(inYear, 50_000);
        (, inYear) = registry.left(ALICE, 12 * 2026);
        assertEq(inYear, 10_000);
        (, inYear) = registry.left(ALICE, 12 * 2026 + 11);
        assertEq(inYear, 10_000);
        assertEq(registry.loweredBy(ALICE, 2025), 0);
    }

    function test_lowerYear_setsItAnew_upAndDown() public {
        lowerYear(ALICE, 2026, 400);
        lowerYear(ALICE, 2026, 450);
        _assertLeft(ALICE, 21_000, 5000);
        lowerYear(ALICE, 2026, 100);
        _assertLeft(ALICE, 21_000, 40_000);
        lowerYear(ALICE, 2026, 0);
        _assertLeft(ALICE, 21_000, 50_000);
        assertEq(registry.loweredBy(ALICE, 2026), 0);
    }

    function test_lowerYear_stopsAtNothing() public {
        lowerYear(ALICE, 2026, 65_535);
        assertEq(registry.loweredBy(ALICE, 2026), 6_553_500);
        _assertLeft(ALICE, 21_000, 0);
        Report memory item = report(openActivity(_programme, MONTH, 600), ALICE, 1);
        _refusedIssue(item, abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 10, 0));
    }

    function test_lowerYear_belowWhatIsIssued_touchesNothing() public {
        reward(_programme, ALICE, 2000);
        lowerYear(ALICE, 2026, 400);
        (uint256 inMonth, uint256 inYear) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 20_000);
        assertEq(inYear, 20_000);
        assertEq(token.balanceOf(alice), 20_000);
        _assertLeft(ALICE, 1000, 0);
        lowerYear(ALICE, 2026, 290);
        _assertLeft(ALICE, 1000, 1000);
        reward(_programme, ALICE, 100);
        assertEq(registry.loweredBy(ALICE, 2026), 29_000);
    }

    function test_lowerYear_clawbackLeavesItAndReturnsToTheYear() public {
        uint256 uid = reward(_programme, ALICE, 1000);
        lowerYear(ALICE, 2026, 400);
        _assertLeft(ALICE, 11_000, 0);
        correct(uid, 400);
        _assertLeft(ALICE, 17_000, 6000);
        assertEq(registry.loweredBy(ALICE, 2026), 40_000);
    }

    function test_lowerYear_followsTheNumber() public {
        lowerYear(ALICE, 2026, 400);
        replace(ALICE, person("alice's new phone"));
        _assertLeft(ALICE, 21_000, 10_000);
        lowerYear(ALICE, 2026, 100);
        _assertLeft(ALICE, 21_000, 40_000);
    }

    function test_lowerYear_outOfBounds_isRefused() public {
        _refused(9, 2026, 1);
        _refused(0, 2026, 1);
        _refused(ALICE, 2026, 65_536);
        _refused(ALICE, 65_536, 1);
        _refused(ALICE, type(uint256).max, 1);
        lowerYear(ALICE, 65_535, 1);
        // A year that does not fit would be another number's.
        assertEq(registry.loweredBy(ALICE + 1, 2026), 0);
        assertEq(registry.loweredBy(ALICE, 65_535), 100);
    }

    function test_lowerYear_byAnyoneElse_isRefused() public {
        address[3] memory others = [programmeOfficer, admin, alice];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            registry.lowerYear(ALICE, 2026, 1);
        }
    }

    /// @notice In a succession the most that any registry says.
    function test_lowerYear_inASuccession_theMostCounts() public {
        lowerYear(ALICE, 2026, 400);
        IActivityRegistry old = registry;
        registry = deployRegistry(address(old));
        vm.startPrank(admin);
        giveRegistryRoles(registry);
        authority.grantRole(MINTER, address(registry), 0);
        authority.revokeRole(MINTER, address(old));
        vm.stopPrank();
        assertEq(registry.loweredBy(ALICE, 2026), 40_000);
        _assertLeft(ALICE, 21_000, 10_000);
        lowerYear(ALICE, 2026, 300);
        assertEq(registry.loweredBy(ALICE, 2026), 40_000);
        lowerYear(ALICE, 2026, 450);
        assertEq(registry.loweredBy(ALICE, 2026), 45_000);
        _programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        Report memory item = report(openActivity(_programme, MONTH, 600), ALICE, 501);
        _refusedIssue(item, abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 5010, 5000));
        // To set it down it is set down in both.
        lowerYear(ALICE, 2026, 0);
        assertEq(registry.loweredBy(ALICE, 2026), 40_000);
        vm.prank(registrar);
        old.lowerYear(ALICE, 2026, 0);
        assertEq(registry.loweredBy(ALICE, 2026), 0);
        _assertLeft(ALICE, 21_000, 50_000);
    }

    function _assertLeft(uint32 number, uint256 inMonth, uint256 inYear) private view {
        (uint256 month, uint256 year) = registry.left(number, MONTH);
        assertEq(month, inMonth, "month");
        assertEq(year, inYear, "year");
    }

    function _refused(uint32 number, uint256 year, uint256 euros) private {
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidLowering.selector, number, year, euros));
        registry.lowerYear(number, year, euros);
    }

    function _refusedIssue(Report memory item, bytes memory expected) private {
        bytes memory attested = attesterSignature(item);
        bytes memory released = issuerSignature(item, 0);
        vm.expectRevert(expected);
        registry.issue(item, attested, issuer, released, 0);
    }
}
