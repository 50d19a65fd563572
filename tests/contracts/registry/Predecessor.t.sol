// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActivityRegistry, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {City} from "../support/City.sol";

/// @notice I4 and I5 across registries: numbering goes on, and what was earned before counts.
contract PredecessorTest is City {
    IActivityRegistry private _old;
    uint256 private _oldActivity;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 42_000, 0));
        uint256 programme = openProgramme(1_000_000, MONTH - 12, MONTH + 12);
        openActivity(programme, MONTH, 600);
        _oldActivity = openActivity(programme, MONTH, 600);
        issue(report(_oldActivity, ALICE, 2000));
        issue(report(openActivity(programme, MONTH - 1, 600), ALICE, 1000));

        _old = registry;
        registry = deployRegistry(address(_old));
        vm.startPrank(admin);
        giveRegistryRoles(registry);
        authority.grantRole(MINTER, address(registry), 0);
        authority.revokeRole(MINTER, address(_old));
        vm.stopPrank();
        vm.prank(rulesOfficer);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.RuleTooEarly.selector, MONTH, MONTH));
        registry.addRule(rule(MONTH, 600, 21_000, 42_000, 0));
        vm.warp(1_775_088_000); // 2 April 2026
        addRule(rule(MONTH + 1, 600, 21_000, 42_000, 0));
    }

    function test_predecessor_isNamed() public view {
        assertEq(registry.predecessor(), address(_old));
        assertEq(_old.predecessor(), address(0));
        assertEq(registry.token(), address(token));
        assertEq(registry.monthsBack(), 3);
        assertEq(registry.lastIssuedMonth(), MONTH);
    }

    function test_predecessor_numberingGoesOn() public {
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        // Well above the predecessor's one programme and three activities, which may go on being opened there.
        assertEq(programme, (1 << 20) + 2);
        assertEq(openActivity(programme, MONTH + 1, 600), (1 << 20) + 4);
        (uint256 programmes, uint256 activities, uint256 rules) = registry.counts();
        assertEq(programmes, (1 << 20) + 2);
        assertEq(activities, (1 << 20) + 4);
        assertEq(rules, 1);
        // Programmes and activities of before are the predecessor's.
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.UnknownProgramme.selector, 1));
        registry.programmeOf(1);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.UnknownActivity.selector, _oldActivity));
        registry.activityOf(_oldActivity);
    }

    function test_predecessor_earnedCounts() public {
        (uint256 inMonth, uint256 inYear) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 20_000);
        assertEq(inYear, 30_000);
        (inMonth, inYear) = registry.left(ALICE, MONTH + 1);
        assertEq(inMonth, 21_000);
        assertEq(inYear, 12_000);
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        uint256 activity = openActivity(programme, MONTH + 1, 600);
        _refused(
            report(activity, ALICE, 1201),
            abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 12_010, 12_000)
        );
        issue(report(activity, ALICE, 1200));
        (inMonth, inYear) = registry.earned(ALICE, MONTH + 1);
        assertEq(inMonth, 12_000);
        assertEq(inYear, 42_000);
        (inMonth, inYear) = _old.earned(ALICE, MONTH + 1);
        assertEq(inMonth, 0);
        assertEq(inYear, 30_000);
        issue(report(activity, BOB, 2100));
    }

    function test_predecessor_monthOfBothCounts() public {
        // The old registry may go on for a while, in the month in which the new one begins.
        vm.prank(admin);
        authority.grantRole(MINTER, address(_old), 0);
        IActivityRegistry successor = registry;
        registry = _old;
        uint256 activity = openActivity(1, MONTH + 1, 600);
        issue(report(activity, BOB, 1000));
        vm.prank(admin);
        authority.revokeRole(MINTER, address(_old));
        registry = successor;
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        Report memory item = report(openActivity(programme, MONTH + 1, 600), BOB, 1101);
        _refused(item, abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 0, 11_010, 11_000));
    }

    function test_predecessor_bothIssuing_isRefused() public {
        vm.prank(admin);
        authority.grantRole(MINTER, address(_old), 0);
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        Report memory item = report(openActivity(programme, MONTH + 1, 600), BOB, 60);
        // Else the old one, which does not know what is earned here, could give the same person as much once more.
        _refused(item, abi.encodeWithSelector(IActivityRegistry.PredecessorIssues.selector, address(_old)));
    }

    function test_predecessor_issuingWithADelay_isRefusedToo() public {
        vm.prank(admin);
        authority.grantRole(MINTER, address(_old), 1 days);
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        Report memory item = report(openActivity(programme, MONTH + 1, 600), BOB, 60);
        // What needs a day's notice may still be announced, and then happens.
        _refused(item, abi.encodeWithSelector(IActivityRegistry.PredecessorIssues.selector, address(_old)));
    }

    function test_predecessor_loweredYear_staysLowered() public {
        vm.prank(registrar);
        _old.lowerYear(BOB, 2026, 400);
        assertEq(registry.loweredBy(BOB, 2026), 40_000);
        assertEq(registry.loweredBy(BOB, 2027), 0);
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        uint256 activity = openActivity(programme, MONTH + 1, 600);
        (, uint256 inYear) = registry.left(BOB, MONTH + 1);
        assertEq(inYear, 2000);
        _refused(
            report(activity, BOB, 201), abi.encodeWithSelector(IActivityRegistry.LineYearLimit.selector, 0, 2010, 2000)
        );
        issue(report(activity, BOB, 200));
    }

    function test_predecessor_rulesHoldWhereThereAreNone() public {
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        assertEq(registry.ruleFor(MONTH).monthLimit, 21_000);
        assertEq(registry.ruleFor(MONTH).validFrom, MONTH - 12);
        assertEq(registry.ruleFor(MONTH + 1).validFrom, MONTH + 1);
        issue(report(openActivity(programme, MONTH, 600), BOB, 60));
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.NoRuleForMonth.selector, MONTH - 13));
        registry.ruleFor(MONTH - 13);
    }

    function test_predecessor_signaturesDoNotCross() public {
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        Report memory item = report(openActivity(programme, MONTH + 1, 600), BOB, 60);
        bytes32 old = domain(REGISTRY_NAME, block.chainid, address(_old));
        bytes memory attested = sign(attester, reportDigest(old, item));
        bytes memory released = issuerSignature(item, 0);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, attester));
        registry.issue(item, attested, issuer, released, 0);
    }

    function test_predecessor_withoutItsRoleToMint_isRefused() public {
        registry = _old;
        Report memory item = report(_oldActivity, BOB, 60);
        _refused(item, abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(_old)));
    }

    function _refused(Report memory item, bytes memory expected) private {
        bytes memory attesterSigned = attesterSignature(item);
        bytes memory issuerSigned = issuerSignature(item, 0);
        vm.expectRevert(expected);
        registry.issue(item, attesterSigned, issuer, issuerSigned, 0);
    }
}
