// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActivityRegistry, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";
import {Mood, OddWallet} from "../support/Wallets.sol";

/// @notice By an attester: it binds that attester's reports and nobody else's.
contract CancelReportBySignatureTest is Recovery {
    uint256 private _programme;
    uint256 private _activity;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        _programme = openProgramme(1_000_000, MONTH, MONTH);
        _activity = openActivity(_programme, MONTH, 600);
    }

    function test_cancelReportBySignature_ownReport_isNeverIssued() public {
        Report memory item = report(_activity, ALICE, 60);
        bytes32 digest = reportDigest(registryDomain(), item);
        bytes memory signature = sign(attester, cancelReportDigest(registryDomain(), attester, digest));
        vm.recordLogs();
        vm.prank(stranger);
        registry.cancelReportBySignature(attester, digest, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("ReportCancelled(bytes32,address)"));
        assertEq(logs[0].topics[1], digest);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), attester);
        assertTrue(registry.isCancelled(digest, attester));
        assertFalse(registry.isCancelled(digest, stranger));
        _refusedIssue(item, digest);
        // The same people in a new report.
        assertEq(issue(report(_activity, ALICE, 60)), 600);
    }

    function test_cancelReportBySignature_ofAnothersReport_changesNothing() public {
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, stranger, true);
        Report memory item = report(_activity, ALICE, 60);
        bytes32 digest = reportDigest(registryDomain(), item);
        _cancel(stranger, digest);
        assertFalse(registry.isCancelled(digest, attester));
        assertEq(issue(item), 600);
    }

    function test_cancelReportBySignature_afterItWasIssued_isRefused() public {
        Report memory item = report(_activity, ALICE, 60);
        bytes32 digest = reportDigest(registryDomain(), item);
        issue(item);
        bytes memory signature = sign(attester, cancelReportDigest(registryDomain(), attester, digest));
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.ReportAlreadyIssued.selector, digest));
        registry.cancelReportBySignature(attester, digest, signature);
    }

    function test_cancelReportBySignature_ofADismissedAttester_stillCounts() public {
        Report memory item = report(_activity, ALICE, 60);
        bytes32 digest = reportDigest(registryDomain(), item);
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, attester, false);
        _cancel(attester, digest);
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, attester, true);
        _refusedIssue(item, digest);
    }

    function test_cancelReportBySignature_everythingIsSigned() public {
        bytes32 digest = reportDigest(registryDomain(), report(_activity, ALICE, 60));
        _refused(digest, sign(stranger, cancelReportDigest(registryDomain(), attester, digest)));
        _refused(digest, sign(attester, cancelReportDigest(registryDomain(), stranger, digest)));
        _refused(digest, sign(attester, cancelReportDigest(registryDomain(), attester, keccak256("another"))));
        _refused(digest, sign(attester, cancelReportDigest(tokenDomain(), attester, digest)));
        bytes32 elsewhere = domain(REGISTRY_NAME, block.chainid + 1, address(registry));
        _refused(digest, sign(attester, cancelReportDigest(elsewhere, attester, digest)));
        // What the attester signed to have it issued does not cancel it.
        _refused(digest, sign(attester, digest));
        _refused(digest, "");
    }

    function test_cancelReportBySignature_byAContractWallet() public {
        address office = walletOf("the neighbourhood office");
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, office, true);
        Report memory item = report(_activity, ALICE, 60);
        item.attester = office;
        bytes32 digest = reportDigest(registryDomain(), item);
        _cancel(office, digest);
        _refusedIssue(item, digest);
        address no = address(new OddWallet(Mood.No));
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, no));
        registry.cancelReportBySignature(no, digest, "");
    }

    function _cancel(address who, bytes32 digest) private {
        registry.cancelReportBySignature(who, digest, sign(who, cancelReportDigest(registryDomain(), who, digest)));
    }

    function _refused(bytes32 digest, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, attester));
        registry.cancelReportBySignature(attester, digest, signature);
        assertFalse(registry.isCancelled(digest, attester));
    }

    function _refusedIssue(Report memory item, bytes32 digest) private {
        bytes memory attested = attesterSignature(item);
        bytes memory released = issuerSignature(item, 0);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.ReportWithdrawn.selector, digest));
        registry.issue(item, attested, issuer, released, 0);
    }
}
