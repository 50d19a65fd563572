// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActivityRegistry, Rule} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract AddRuleTest is City {
    function test_addRule_keepsTheRow() public {
        Rule memory row = rule(MONTH, 560, 21_000, 210_000, 500);
        vm.recordLogs();
        vm.prank(rulesOfficer);
        assertEq(registry.addRule(row), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("RuleAdded(uint256,(uint16,uint32,uint32,uint32,uint32,uint32,bytes32))"));
        assertEq(uint256(logs[0].topics[1]), 0);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(row)));
        _assertRule(registry.ruleAt(0), row);
        (,, uint256 rules) = registry.counts();
        assertEq(rules, 1);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x32));
        registry.ruleAt(1);
    }

    function test_ruleFor_isTheLastAddedNotLater() public {
        Rule memory first = rule(MONTH - 2, 560, 21_000, 210_000, 0);
        Rule memory mistaken = rule(MONTH + 1, 1, 2, 3, 0);
        Rule memory corrected = rule(MONTH + 1, 580, 22_000, 220_000, 0);
        Rule memory far = rule(MONTH + 10, 600, 23_000, 230_000, 0);
        addRule(first);
        addRule(mistaken);
        addRule(corrected);
        addRule(far);
        _assertRule(registry.ruleFor(MONTH - 2), first);
        _assertRule(registry.ruleFor(MONTH), first);
        _assertRule(registry.ruleFor(MONTH + 1), corrected);
        _assertRule(registry.ruleFor(MONTH + 9), corrected);
        _assertRule(registry.ruleFor(MONTH + 10), far);
        _assertRule(registry.ruleFor(MONTH + 1000), far);
        // A row that begins earlier supersedes those before it in the list, whatever they begin with.
        Rule memory overriding = rule(MONTH, 500, 20_000, 200_000, 0);
        addRule(overriding);
        _assertRule(registry.ruleFor(MONTH - 1), first);
        _assertRule(registry.ruleFor(MONTH), overriding);
        _assertRule(registry.ruleFor(MONTH + 10), overriding);
    }

    function test_ruleFor_aMonthWithoutRule_isRefused() public {
        addRule(rule(MONTH, 560, 21_000, 210_000, 0));
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.NoRuleForMonth.selector, MONTH - 1));
        registry.ruleFor(MONTH - 1);
    }

    function test_addRule_limitsInTheirOrder() public {
        _refused(rule(MONTH, 560, 21_000, 20_999, 0));
        _refused(rule(MONTH, 560, 21_000, 210_000, 21_001));
        _refused(rule(MONTH, 560, 2 ** 20, 2 ** 21, 0));
        addRule(rule(MONTH, 560, 2 ** 20 - 1, 2 ** 20 - 1, 2 ** 20 - 1));
        addRule(rule(MONTH, 0, 0, 0, 0));
    }

    function test_addRule_afterEveryMonthIssuedFor() public {
        addRule(rule(MONTH - 3, 600, 21_000, 210_000, 0));
        uint256 programme = openProgramme(100_000, MONTH - 3, MONTH + 12);
        addRule(rule(MONTH - 1, 600, 21_000, 210_000, 0));
        issue(report(openActivity(programme, MONTH, 600), ALICE, 60));
        assertEq(registry.lastIssuedMonth(), MONTH);
        // An older month does not bring the last one back.
        issue(report(openActivity(programme, MONTH - 1, 600), ALICE, 60));
        assertEq(registry.lastIssuedMonth(), MONTH);
        Rule memory row = rule(MONTH, 600, 21_000, 210_000, 0);
        vm.prank(rulesOfficer);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.RuleTooEarly.selector, MONTH, MONTH));
        registry.addRule(row);
        addRule(rule(MONTH + 1, 600, 21_000, 210_000, 0));
    }

    function test_addRule_byAnyoneElse_isRefused() public {
        vm.prank(programmeOfficer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, programmeOfficer));
        registry.addRule(rule(MONTH, 560, 21_000, 210_000, 0));
    }

    function _refused(Rule memory row) private {
        vm.prank(rulesOfficer);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidRule.selector));
        registry.addRule(row);
    }

    function _assertRule(Rule memory actual, Rule memory expected) private pure {
        assertEq(keccak256(abi.encode(actual)), keccak256(abi.encode(expected)));
    }
}
