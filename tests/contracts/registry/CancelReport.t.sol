// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActivityRegistry, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice By PROGRAMME: whoever signed the report, it is never issued.
contract CancelReportTest is Recovery {
    Report private _item;
    bytes32 private _digest;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH);
        Report memory item = report(openActivity(programme, MONTH, 600), ALICE, 60);
        (_item.attester, _item.activity, _item.deadline, _item.serial) =
        (item.attester, item.activity, item.deadline, item.serial);
        _item.lines.push(item.lines[0]);
        _digest = reportDigest(registryDomain(), item);
    }

    function test_cancelReport_isSaidAndBindsAll() public {
        assertFalse(registry.isCancelled(_digest, attester));
        vm.recordLogs();
        _cancel();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("ReportCancelled(bytes32,address)"));
        assertEq(logs[0].topics[1], _digest);
        assertEq(logs[0].topics[2], bytes32(0));
        assertTrue(registry.isCancelled(_digest, attester));
        assertTrue(registry.isCancelled(_digest, stranger));
        assertFalse(registry.isIssued(_digest));
        _refusedIssue();
    }

    function test_cancelReport_bindsNoOther() public {
        _cancel();
        Report memory item = _item;
        ++item.serial;
        assertEq(issue(item), 600);
    }

    function test_cancelReport_twice_isTheSame() public {
        _cancel();
        _cancel();
        _refusedIssue();
    }

    function test_cancelReport_afterItWasIssued_isRefused() public {
        issue(_item);
        vm.prank(programmeOfficer);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.ReportAlreadyIssued.selector, _digest));
        registry.cancelReport(_digest);
        assertTrue(registry.isIssued(_digest));
        assertFalse(registry.isCancelled(_digest, attester));
    }

    function test_cancelReport_whilePausedAndAfterItsDeadline_works() public {
        pause();
        vm.warp(NOW + 5 days);
        _cancel();
        assertTrue(registry.isCancelled(_digest, attester));
    }

    function test_cancelReport_byAnyoneElse_isRefused() public {
        address[3] memory others = [attester, issuer, guardian];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            registry.cancelReport(_digest);
        }
    }

    function _cancel() private {
        vm.prank(programmeOfficer);
        registry.cancelReport(_digest);
    }

    function _refusedIssue() private {
        Report memory item = _item;
        bytes memory attested = attesterSignature(item);
        bytes memory released = issuerSignature(item, 0);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.ReportWithdrawn.selector, _digest));
        registry.issue(item, attested, issuer, released, 0);
    }
}
