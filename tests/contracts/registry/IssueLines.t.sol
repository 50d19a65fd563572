// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Activity, IActivityRegistry, Line, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";

/// @notice Bad lines, each named by its place, and the limits of person and programme to the cent.
contract IssueLinesTest is City {
    /// @dev Storage slot of the registry's month sums; key `number << 16 | year`.
    uint256 private _programme;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 42_000, 0));
        _programme = openProgramme(1_000_000, MONTH - 12, MONTH + 12);
    }

    function test_issue_minutesAboveTheActivitys_isRefused() public {
        Activity memory details = activityIn(_programme, MONTH, 600);
        details.maxMinutes = 180;
        uint256 activity = openActivity(details);
        _refusedSecond(activity, BOB, 181, abi.encodeWithSelector(IActivityRegistry.LineMinutes.selector, 1, 181, 180));
        assertEq(issue(report(activity, ALICE, 180)), 1800);
    }

    function test_issue_zeroMinutesOrCents_isRefused() public {
        bytes memory expected = abi.encodeWithSelector(IActivityRegistry.LineAmountZero.selector, 1);
        _refusedSecond(openActivity(_programme, MONTH, 600), BOB, 0, expected);
        Activity memory details = activityIn(_programme, MONTH, 1);
        uint256 activity = openActivity(details);
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line(ALICE, 60), line(BOB, 59));
        _refused(report(activity, lines), expected);
        lines[1] = line(BOB, 119);
        assertEq(issue(report(activity, lines)), 2);
    }

    /// @notice I4: one reward per person and activity, within a report and across reports.
    function test_issue_alreadyRewarded_isRefused() public {
        uint256 activity = openActivity(_programme, MONTH, 600);
        uint256 uid = activity << 32 | ALICE;
        _refusedSecond(
            activity, ALICE, 10, abi.encodeWithSelector(IActivityRegistry.LineAlreadyRewarded.selector, 1, uid)
        );
        issue(report(activity, ALICE, 60));
        _refused(
            report(activity, ALICE, 60), abi.encodeWithSelector(IActivityRegistry.LineAlreadyRewarded.selector, 0, uid)
        );
        assertEq(issue(report(openActivity(_programme, MONTH, 600), ALICE, 60)), 600);
    }

    function test_issue_unknownNumber_isRefused() public {
        uint256 activity = openActivity(_programme, MONTH, 600);
        _refusedSecond(activity, 9, 60, abi.encodeWithSelector(IMunicipalToken.NotResident.selector, 1, 9));
        _refusedSecond(activity, 0, 60, abi.encodeWithSelector(IMunicipalToken.NotResident.selector, 1, 0));
        _refusedSecond(activity, SHOP, 60, abi.encodeWithSelector(IMunicipalToken.NotResident.selector, 1, SHOP));
    }

    function test_issue_monthLimit_toTheCent() public {
        uint256 byTheMinute = openActivity(_programme, MONTH, 60);
        Activity memory details = activityIn(_programme, MONTH, 60);
        details.maxMinutes = 60_000;
        uint256 long = openActivity(details);
        // 210.01 at once.
        _refused(
            report(long, ALICE, 21_001),
            abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 0, 21_001, 21_000)
        );
        // 210.00 at once, then a cent more.
        issue(report(long, ALICE, 21_000));
        _assertLeft(ALICE, 0, 21_000);
        _refused(
            report(byTheMinute, ALICE, 1), abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 0, 1, 0)
        );
        // 209.99, then two cents, then the one that is left.
        issue(report(long, BOB, 20_999));
        _refused(
            report(byTheMinute, BOB, 2), abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 0, 2, 1)
        );
        issue(report(byTheMinute, BOB, 1));
        _assertLeft(BOB, 0, 21_000);
        // Another month is another limit.
        issue(report(openActivity(_programme, MONTH - 1, 600), ALICE, 2100));
    }

    function test_issue_yearLimit_toTheCent() public {
        issue(report(openActivity(_programme, MONTH, 600), ALICE, 2100));
        issue(report(openActivity(_programme, MONTH - 1, 600), ALICE, 2090));
        _assertLeft(ALICE, 0, 100);
        uint256 january = openActivity(_programme, MONTH - 2, 60);
        _refused(
            report(january, ALICE, 101), abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 101, 100)
        );
        issue(report(january, ALICE, 100));
        _refused(
            report(openActivity(_programme, MONTH - 2, 60), ALICE, 1),
            abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 1, 0)
        );
        // December is another year.
        issue(report(openActivity(_programme, MONTH - 3, 600), ALICE, 2100));
        (uint256 inMonth, uint256 inYear) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 21_000);
        assertEq(inYear, 42_000);
    }

    function test_issue_headroom_isTakenOffBothLimits() public {
        addRule(rule(MONTH - 2, 600, 21_000, 42_000, 1000));
        _assertLeft(ALICE, 20_000, 41_000);
        _refused(
            report(openActivity(_programme, MONTH, 600), ALICE, 2001),
            abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 0, 20_010, 20_000)
        );
        issue(report(openActivity(_programme, MONTH, 600), ALICE, 2000));
        issue(report(openActivity(_programme, MONTH - 1, 600), ALICE, 2000));
        _assertLeft(ALICE, 0, 1000);
        _refused(
            report(openActivity(_programme, MONTH - 2, 600), ALICE, 101),
            abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 1010, 1000)
        );
        issue(report(openActivity(_programme, MONTH - 2, 600), ALICE, 100));
    }

    function test_issue_loweredYear_isKept() public {
        vm.prank(registrar);
        registry.lowerYear(ALICE, 2026, 410);
        _assertLeft(ALICE, 21_000, 1000);
        _refused(
            report(openActivity(_programme, MONTH, 600), ALICE, 101),
            abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 1010, 1000)
        );
        issue(report(openActivity(_programme, MONTH, 600), ALICE, 100));
        vm.prank(registrar);
        registry.lowerYear(ALICE, 2026, 65_535);
        _assertLeft(ALICE, 20_000, 0);
    }

    function test_issue_largestMonthLimit_doesNotSpill() public {
        addRule(rule(MONTH - 3, 10_000_000, 2 ** 20 - 1, 2 ** 21, 0));
        vm.prank(programmeOfficer);
        registry.setProgrammeCap(_programme, 1e9);
        // 6 291 450 cents an hour for ten minutes are 2^20 - 1 cents.
        issue(report(openActivity(_programme, MONTH, 6_291_450), ALICE, 10));
        issue(report(openActivity(_programme, MONTH - 1, 6_291_450), ALICE, 10));
        (uint256 inMonth, uint256 inYear) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 2 ** 20 - 1);
        assertEq(inYear, 2 * (2 ** 20 - 1));
        (inMonth,) = registry.earned(ALICE, MONTH + 1);
        assertEq(inMonth, 0);
        _refused(
            report(openActivity(_programme, MONTH, 60), ALICE, 1),
            abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 0, 1, 0)
        );
    }

    function test_issue_severalLinesOfOneYear_addUpWithinAReport() public {
        uint256 activity = openActivity(_programme, MONTH, 600);
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line(ALICE, 2100), line(BOB, 2101));
        _refused(
            report(activity, lines),
            abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 1, 21_010, 21_000)
        );
        (uint256 inMonth,) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 0);
    }

    /// @notice I5.
    function test_issue_budget_toTheCent() public {
        uint256 programme = openProgramme(1000, MONTH, MONTH);
        uint256 activity = openActivity(programme, MONTH, 60);
        _refused(
            report(activity, ALICE, 1001),
            abi.encodeWithSelector(IActivityRegistry.BudgetExceeded.selector, programme, 1001, 1000)
        );
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line(ALICE, 600), line(BOB, 401));
        _refused(
            report(activity, lines),
            abi.encodeWithSelector(IActivityRegistry.BudgetExceeded.selector, programme, 1001, 1000)
        );
        lines[1] = line(BOB, 400);
        issue(report(activity, lines));
        assertEq(registry.programmeOf(programme).used, 1000);
        _refused(
            report(openActivity(programme, MONTH, 60), ALICE, 1),
            abi.encodeWithSelector(IActivityRegistry.BudgetExceeded.selector, programme, 1, 0)
        );
        vm.prank(programmeOfficer);
        registry.setProgrammeCap(programme, 1001);
        issue(report(openActivity(programme, MONTH, 60), ALICE, 1));
        // Expiry gives nothing back.
        vm.warp(JANUARY_2027);
        token.expire(one(alice));
        assertEq(registry.programmeOf(programme).used, 1001);
    }

    function testFuzz_issue_amountIsRoundedDown(uint16 minutes_, uint16 rate) public {
        minutes_ = uint16(bound(minutes_, 1, 2000));
        rate = uint16(bound(rate, 1, 600));
        uint256 amount = uint256(minutes_) * rate / 60;
        uint256 activity = openActivity(_programme, MONTH, rate);
        if (amount == 0) {
            _refused(
                report(activity, ALICE, minutes_), abi.encodeWithSelector(IActivityRegistry.LineAmountZero.selector, 0)
            );
        } else {
            assertEq(issue(report(activity, ALICE, minutes_)), amount);
            assertEq(token.balanceOf(alice), amount);
            _assertLeft(ALICE, 21_000 - amount, 42_000 - amount);
        }
    }

    function _assertLeft(uint32 number, uint256 inMonth, uint256 inYear) private view {
        (uint256 monthLeft, uint256 yearLeft) = registry.left(number, MONTH);
        assertEq(monthLeft, inMonth, "left in month");
        assertEq(yearLeft, inYear, "left in year");
    }

    /// @dev The first line is good: it is not issued either.
    function _refusedSecond(uint256 activity, uint32 number, uint16 minutes_, bytes memory expected) private {
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line(ALICE, 60), line(number, minutes_));
        _refused(report(activity, lines), expected);
        assertEq(registry.wordsOf(one(activity << 32 | ALICE))[0], 0);
    }

    function _refused(Report memory item, bytes memory expected) private {
        bytes memory attesterSigned = attesterSignature(item);
        bytes memory issuerSigned = issuerSignature(item, 0);
        vm.expectRevert(expected);
        registry.issue(item, attesterSigned, issuer, issuerSigned, 0);
    }
}
