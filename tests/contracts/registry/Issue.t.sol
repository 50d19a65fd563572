// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {
    Activity,
    AttestationStatus,
    AttestationView,
    IActivityRegistry,
    Line,
    Report
} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract RegistryIssueTest is City {
    uint256 private _programme;
    uint256 private _activity;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 560, 21_000, 210_000, 0));
        _programme = openProgramme(1_000_000, MONTH - 12, MONTH + 12);
        _activity = openActivity(_programme, MONTH, 560);
    }

    function test_issue_mintsAttestsAndSaysEverything() public {
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line(ALICE, 90), line(BOB, 7));
        Report memory item = report(_activity, lines);
        bytes memory attesterSigned = attesterSignature(item);
        bytes memory issuerSigned = issuerSignature(item, 0);
        vm.recordLogs();
        vm.prank(stranger);
        // 90 minutes are 840 cents; 7 minutes are 65.33, rounded down.
        assertEq(registry.issue(item, attesterSigned, issuer, issuerSigned, 0), 905);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertEq(
            logs[0].topics[0],
            keccak256(
                "ReportIssued(bytes32,uint256,address,address,(uint32,uint16,bytes32)[],uint256,uint256,uint256,bytes,bytes)"
            )
        );
        assertEq(logs[0].topics[1], reportDigest(registryDomain(), item));
        assertEq(uint256(logs[0].topics[2]), _activity);
        assertEq(address(uint160(uint256(logs[0].topics[3]))), attester);
        assertEq(
            keccak256(logs[0].data),
            keccak256(abi.encode(issuer, item.lines, item.deadline, item.serial, 0, attesterSigned, issuerSigned))
        );
        assertTransfer(logs[1], address(0), alice, 840);
        assertTransfer(logs[2], address(0), bob, 65);

        assertTrue(registry.isIssued(reportDigest(registryDomain(), item)));
        _assertAttestation(ALICE, 840, 90);
        _assertAttestation(BOB, 65, 7);
        assertEq(registry.programmeOf(_programme).used, 905);
        assertEq(token.accountOf(alice).fresh, 840);
        assertBooks();
    }

    /// @notice No predecessor is nobody, not the zero address, whatever rights that may have been given.
    function test_issue_withoutPredecessor_theZeroAddressIsNone() public {
        vm.prank(admin);
        authority.grantRole(MINTER, address(0), 0);
        assertEq(issue(report(_activity, ALICE, 60)), 560);
    }

    function test_issue_skipsWhatTheIssuerSigned() public {
        Line[] memory lines = new Line[](5);
        lines[0] = line(9, 10);
        lines[1] = line(ALICE, 60);
        lines[2] = line(SHOP, 0);
        lines[3] = line(ALICE, 60);
        lines[4] = line(BOB, 30);
        Report memory item = report(_activity, lines);
        uint256 skip = 1 + 4 + 8;
        vm.recordLogs();
        assertEq(issue(item, skip), 840);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        (,,,, uint256 said,,) = abi.decode(logs[0].data, (address, Line[], uint256, uint256, uint256, bytes, bytes));
        assertEq(said, skip);
        assertTransfer(logs[1], address(0), alice, 560);
        assertTransfer(logs[2], address(0), bob, 280);
        assertEq(registry.attestationOf(registry.uidOf(_activity, SHOP)).amount, 0);
        assertEq(registry.attestationOf(registry.uidOf(_activity, 9)).amount, 0);
    }

    function test_issue_badLineAfterASkippedOne_isNamedByItsPlaceInTheReport() public {
        Line[] memory lines = new Line[](3);
        (lines[0], lines[1], lines[2]) = (line(9, 10), line(ALICE, 60), line(CAFE, 60));
        Report memory item = report(_activity, lines);
        _refused(item, 1, abi.encodeWithSelector(IMunicipalToken.NotResident.selector, 2, CAFE));
    }

    function test_issue_invalidSkip_isRefused() public {
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line(ALICE, 60), line(BOB, 60));
        Report memory item = report(_activity, lines);
        _refused(item, 4, abi.encodeWithSelector(IActivityRegistry.InvalidSkip.selector, 4));
        _refused(item, 3, abi.encodeWithSelector(IActivityRegistry.InvalidSkip.selector, 3));
        _refused(
            item, type(uint256).max, abi.encodeWithSelector(IActivityRegistry.InvalidSkip.selector, type(uint256).max)
        );
        _refused(item, 1 << 255, abi.encodeWithSelector(IActivityRegistry.InvalidSkip.selector, 1 << 255));
    }

    function test_issue_length_isOneTo200() public {
        Report memory item = report(_activity, new Line[](0));
        _refused(item, 0, abi.encodeWithSelector(IActivityRegistry.ReportLength.selector, 0));
        item = report(_activity, new Line[](201));
        _refused(item, 0, abi.encodeWithSelector(IActivityRegistry.ReportLength.selector, 201));

        Line[] memory lines = new Line[](200);
        for (uint256 i = 0; i < 200; ++i) {
            lines[i] = line(9, 10);
        }
        lines[199] = line(ALICE, 60);
        assertEq(issue(report(_activity, lines), (1 << 199) - 1), 560);
    }

    function test_issue_deadline() public {
        Report memory item = report(_activity, ALICE, 60);
        vm.warp(item.deadline + 1);
        _refused(item, 0, abi.encodeWithSelector(IActivityRegistry.ReportExpired.selector, item.deadline));
        vm.warp(item.deadline);
        assertEq(issue(item), 560);
    }

    function test_issue_twice_isRefused() public {
        Report memory item = report(_activity, ALICE, 60);
        issue(item);
        bytes32 digest = reportDigest(registryDomain(), item);
        _refused(item, 0, abi.encodeWithSelector(IActivityRegistry.ReportAlreadyIssued.selector, digest));
    }

    function test_issue_onceInPart_isOnceForAll() public {
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line(ALICE, 60), line(BOB, 60));
        Report memory item = report(_activity, lines);
        issue(item, 1);
        bytes32 digest = reportDigest(registryDomain(), item);
        _refused(item, 2, abi.encodeWithSelector(IActivityRegistry.ReportAlreadyIssued.selector, digest));
        // Who was left out comes in another report.
        assertEq(issue(report(_activity, ALICE, 60)), 560);
    }

    function test_issue_times() public {
        uint256 later = _activityOpenFrom(NOW + 100, NOW + 200);
        vm.warp(NOW + 99);
        _refused(
            report(later, ALICE, 60), 0, abi.encodeWithSelector(IActivityRegistry.ActivityNotHeld.selector, NOW + 100)
        );
        vm.warp(NOW + 201);
        _refused(
            report(later, ALICE, 60), 0, abi.encodeWithSelector(IActivityRegistry.ActivityClosed.selector, NOW + 200)
        );
        vm.warp(NOW + 100);
        issue(report(later, ALICE, 60));
        vm.warp(NOW + 200);
        issue(report(later, BOB, 60));
    }

    function test_issue_months() public {
        bytes4 error_ = IActivityRegistry.MonthOutOfRange.selector;
        uint256 tooOld = openActivity(_programme, MONTH - 4, 560);
        _refused(report(tooOld, ALICE, 60), 0, abi.encodeWithSelector(error_, MONTH - 4, MONTH - 3, MONTH));
        uint256 future = openActivity(_programme, MONTH + 1, 560);
        _refused(report(future, ALICE, 60), 0, abi.encodeWithSelector(error_, MONTH + 1, MONTH - 3, MONTH));
        // December of the year before: its own year's caps.
        issue(report(openActivity(_programme, MONTH - 3, 560), ALICE, 60));
        (uint256 inMonth, uint256 inYear) = registry.earned(ALICE, MONTH - 3);
        assertEq(inMonth, 560);
        assertEq(inYear, 560);
        (, inYear) = registry.earned(ALICE, MONTH);
        assertEq(inYear, 0);
    }

    function test_issue_unknownActivity_isRefused() public {
        _refused(report(99, ALICE, 60), 0, abi.encodeWithSelector(IActivityRegistry.UnknownActivity.selector, 99));
    }

    function test_issue_whilePausedOrEnded_changesNothing() public {
        Report memory item = report(_activity, ALICE, 60);
        item.deadline = type(uint256).max;
        pause();
        _refused(item, 0, abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        vm.prank(unpauser);
        token.unpause();
        vm.warp(ISSUE_UNTIL + 1);
        vm.prank(programmeOfficer);
        uint256 programme = registry.openProgramme(1_000_000, MONTH, MONTH + 100);
        vm.prank(programmeOfficer);
        registry.setAttester(programme, attester, true);
        item = report(openActivity(programme, MONTH + 36, 560), ALICE, 60);
        _refused(item, 0, abi.encodeWithSelector(IMunicipalToken.IssuanceEnded.selector, ISSUE_UNTIL));
        assertFalse(registry.isIssued(reportDigest(registryDomain(), item)));
        assertEq(registry.programmeOf(programme).used, 0);
    }

    function test_issue_theRateIsCheckedAgain() public {
        addRule(rule(MONTH, 559, 21_000, 210_000, 0));
        _refused(
            report(_activity, ALICE, 60), 0, abi.encodeWithSelector(IActivityRegistry.RateAboveLimit.selector, 560, 559)
        );
    }

    function test_issue_frozenResident_earns() public {
        freeze(ALICE);
        issue(report(_activity, ALICE, 60));
        assertEq(token.balanceOf(alice), 560);
    }

    function test_issue_residentOnly() public {
        setClass(BOB, Class.None);
        _refused(report(_activity, BOB, 60), 0, abi.encodeWithSelector(IMunicipalToken.NotResident.selector, 0, BOB));
    }

    function _activityOpenFrom(uint256 opensAt, uint256 closesAt) private returns (uint256) {
        Activity memory details = activityIn(_programme, MONTH, 560);
        (details.opensAt, details.closesAt) = (uint40(opensAt), uint40(closesAt));
        return openActivity(details);
    }

    function _refused(Report memory item, uint256 skip, bytes memory expected) private {
        bytes memory attesterSigned = attesterSignature(item);
        bytes memory issuerSigned = issuerSignature(item, skip);
        vm.expectRevert(expected);
        registry.issue(item, attesterSigned, issuer, issuerSigned, skip);
    }

    function _assertAttestation(uint32 number, uint256 amount, uint256 minutes_) private view {
        uint256 uid = registry.uidOf(_activity, number);
        assertEq(uid, _activity * 2 ** 32 + number);
        AttestationView memory attestation = registry.attestationOf(uid);
        assertEq(uint256(attestation.status), uint256(AttestationStatus.Issued));
        assertEq(attestation.amount, amount);
        assertEq(attestation.minutes_, minutes_);
        assertEq(attestation.month, MONTH);
        assertEq(attestation.programme, _programme);
        assertEq(attestation.time, NOW);
        uint256 stored = registry.wordsOf(one(uid))[0];
        uint256 expected = amount + minutes_ * 2 ** 64 + MONTH * 2 ** 80 + _programme * 2 ** 96 + NOW * 2 ** 128;
        assertEq(stored, expected + 2 ** 168);
    }
}
