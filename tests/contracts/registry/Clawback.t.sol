// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {AttestationStatus, IActivityRegistry, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice Taking back what was struck, once, after the time to object, as far as it is there.
contract RegistryClawbackTest is Recovery {
    uint256 private constant FROM = NOW + CLAWBACK_WINDOW;

    uint256 private _programme;
    uint256 private _uid;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        _programme = openProgramme(1_000_000, MONTH, MONTH + 24);
        _uid = reward(_programme, ALICE, 90);
        reduce(_uid, 30);
    }

    function test_clawback_burnsWhatWasStruckAndSaysSo() public {
        vm.warp(FROM);
        vm.recordLogs();
        assertEq(clawback(_uid), 600);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertTransfer(logs[0], alice, address(0), 600);
        assertClawedBack(logs[1], ALICE, alice, 600);
        _assertSaid(logs[2], 600, 0);
        assertEq(uint256(registry.attestationOf(_uid).status), uint256(AttestationStatus.ClawedBack));
        assertEq(registry.attestationOf(_uid).amount, 900);
        assertCorrection(_uid, 600, 30, NOW);
        assertEq(token.balanceOf(alice), 300);
        _assertLedger(900, 600, 0);
    }

    function test_clawback_window() public {
        vm.warp(FROM - 1);
        _refused(abi.encodeWithSelector(IActivityRegistry.ClawbackTooEarly.selector, FROM));
        vm.warp(FROM);
        assertEq(clawback(_uid), 600);
    }

    function test_clawback_once() public {
        vm.warp(FROM);
        clawback(_uid);
        _refused(abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, _uid, AttestationStatus.ClawedBack));
    }

    function test_clawback_ofWhatWasNotReduced_isRefused() public {
        _uid = reward(_programme, BOB, 90);
        _refused(abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, _uid, AttestationStatus.Issued));
        _uid = registry.uidOf(_uid >> 32, ALICE);
        _refused(abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, _uid, AttestationStatus.None));
    }

    function test_clawback_returnsToTheMonth_notToTheBudget() public {
        reward(_programme, ALICE, 2010);
        (uint256 inMonth,) = registry.left(ALICE, MONTH);
        assertEq(inMonth, 0);
        vm.warp(FROM);
        clawback(_uid);
        (inMonth,) = registry.left(ALICE, MONTH);
        assertEq(inMonth, 600);
        (uint256 earnedInMonth, uint256 earnedInYear) = registry.earned(ALICE, MONTH);
        assertEq(earnedInMonth, 20_400);
        assertEq(earnedInYear, 20_400);
        assertEq(registry.programmeOf(_programme).used, 21_000);
        uint256 activity = openActivity(_programme, MONTH, 600);
        _refusedIssue(
            report(activity, ALICE, 61), abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 0, 610, 600)
        );
        issue(report(activity, ALICE, 60));
        assertEq(registry.programmeOf(_programme).used, 21_600);
    }

    function test_clawback_theSameActivityIsNeverRewardedAgain() public {
        reduce(_uid, 0);
        vm.warp(FROM);
        clawback(_uid);
        _refusedIssue(
            report(_uid >> 32, ALICE, 30),
            abi.encodeWithSelector(IActivityRegistry.LineAlreadyRewarded.selector, 0, _uid)
        );
    }

    function test_clawback_moreThanThereIs_writesTheRestOff() public {
        vm.prank(alice);
        token.transfer(shop, 650);
        vm.warp(FROM);
        vm.recordLogs();
        assertEq(clawback(_uid), 250);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _assertSaid(logs[logs.length - 1], 250, 350);
        assertEq(token.balanceOf(alice), 0);
        // Never the shop's.
        assertEq(token.balanceOf(shop), 650);
        // Only what was burnt returns to the month.
        (uint256 inMonth,) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 650);
        _assertLedger(900, 250, 0);
        // And what she earns later is hers.
        reward(_programme, ALICE, 10);
        _refused(abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, _uid, AttestationStatus.ClawedBack));
        assertEq(token.balanceOf(alice), 100);
    }

    function test_clawback_takesFreshBeforeStale() public {
        vm.warp(JULY_2026);
        reward(_programme, ALICE, 50);
        clawback(_uid);
        assertEq(wordOf(alice), word(0, 800, EPOCH + 1, 0, ALICE, Class.Resident));
        uint256 second = reward(_programme, ALICE, 70);
        reduce(second, 20);
        vm.warp(block.timestamp + CLAWBACK_WINDOW);
        assertEq(clawback(second), 500);
        assertEq(wordOf(alice), word(200, 800, EPOCH + 1, 0, ALICE, Class.Resident));
    }

    function test_clawback_rollsFirst() public {
        vm.warp(JULY_2026);
        reward(_programme, ALICE, 10);
        vm.warp(JANUARY_2027);
        vm.recordLogs();
        assertEq(clawback(_uid), 100);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 5);
        assertTransfer(logs[0], alice, address(0), 900);
        assertEq(logs[1].topics[0], keccak256("Expired(address,uint256)"));
        assertTransfer(logs[2], alice, address(0), 100);
        assertClawedBack(logs[3], ALICE, alice, 100);
        _assertSaid(logs[4], 100, 500);
        assertEq(wordOf(alice), word(0, 0, EPOCH + 2, 0, ALICE, Class.Resident));
        _assertLedger(1000, 100, 900);
    }

    function test_clawback_expiredMeanwhile_burnsNothingMore() public {
        vm.warp(JANUARY_2027);
        vm.recordLogs();
        assertEq(clawback(_uid), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertTransfer(logs[0], alice, address(0), 900);
        _assertSaid(logs[2], 0, 600);
        _assertLedger(900, 0, 900);
    }

    function test_clawback_afterPayUntil_burnsNothingMore() public {
        vm.warp(PAY_UNTIL + 1);
        assertEq(clawback(_uid), 0);
        _assertLedger(900, 0, 900);
    }

    function test_clawback_followsTheNumberToANewPhone() public {
        address phone = person("alice's new phone");
        replace(ALICE, phone);
        vm.warp(FROM);
        vm.recordLogs();
        assertEq(clawback(_uid), 600);
        assertTransfer(vm.getRecordedLogs()[0], phone, address(0), 600);
        alice = phone;
        _assertLedger(900, 600, 0);
    }

    function test_clawback_ofOneWhoIsNoLongerAResident_burnsNothing() public {
        vm.prank(alice);
        token.transfer(shop, 900);
        setClass(ALICE, Class.Merchant);
        mint(BOB, 500);
        vm.prank(bob);
        token.transfer(alice, 500);
        vm.warp(FROM);
        uint256 before = wordOf(alice);
        vm.recordLogs();
        assertEq(clawback(_uid), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        _assertSaid(logs[0], 0, 600);
        assertEq(wordOf(alice), before);
        (uint256 inMonth,) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 900);
        _assertLedger(1400, 0, 0);
    }

    function test_clawback_ofOneWithoutAClass_burnsNothing() public {
        vm.prank(alice);
        token.transfer(shop, 900);
        setClass(ALICE, Class.None);
        vm.warp(FROM);
        assertEq(clawback(_uid), 0);
    }

    function test_clawback_whileFrozenPausedAndReplacing_works() public {
        freeze(ALICE);
        pause();
        vm.warp(FROM);
        requestReplacement(ALICE, person("alice's new phone"));
        assertEq(clawback(_uid), 600);
        assertTrue(token.accountOf(alice).frozen);
        assertTrue(token.accountOf(alice).replacing);
    }

    function test_clawback_byAnyoneElse_isRefused() public {
        vm.warp(FROM);
        address[5] memory others = [programmeOfficer, attester, issuer, guardian, admin];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            registry.clawback(_uid);
        }
    }

    /* SUCCESSION */

    function test_clawback_byTheOldRegistry_afterItLostItsMint() public {
        IActivityRegistry old = _succeed();
        vm.warp(FROM);
        vm.prank(clawer);
        assertEq(old.clawback(_uid), 600);
        // What returned to the month counts in the new one too.
        (uint256 inMonth,) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 300);
        (inMonth,) = registry.left(ALICE, MONTH);
        assertEq(inMonth, 20_700);
        _assertLedger(900, 600, 0);
    }

    function test_clawback_theNewRegistryKnowsNothingOfTheOldAttestations() public {
        _succeed();
        vm.warp(FROM);
        _refused(abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, _uid, AttestationStatus.None));
    }

    function test_clawback_aRegistryWithoutItsRole_isRefused() public {
        vm.prank(admin);
        authority.revokeRole(CORRECTOR, address(registry));
        vm.warp(FROM);
        _refused(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(registry)));
    }

    /// @notice Two rewards of one month, in any order and with any purse: the month holds what was not burnt.
    function testFuzz_clawback_capsAndLedgerAgree(uint16 first, uint16 second, uint256 spent) public {
        uint256 other = reward(_programme, ALICE, 120);
        first = uint16(bound(first, 0, 29));
        second = uint16(bound(second, 0, 119));
        reduce(_uid, first);
        reduce(other, second);
        spent = bound(spent, 0, 2100);
        vm.prank(alice);
        token.transfer(shop, spent);
        vm.warp(FROM);
        uint256 struck = 900 - uint256(first) * 10;
        uint256 left = 2100 - spent;
        uint256 burned = struck < left ? struck : left;
        assertEq(clawback(_uid), burned);
        struck = 1200 - uint256(second) * 10;
        left -= burned;
        uint256 more = struck < left ? struck : left;
        assertEq(clawback(other), more);
        (uint256 inMonth, uint256 inYear) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 2100 - burned - more);
        assertEq(inYear, inMonth);
        _assertLedger(2100, burned + more, 0);
    }

    function _succeed() private returns (IActivityRegistry old) {
        old = registry;
        registry = deployRegistry(address(old));
        vm.startPrank(admin);
        giveRegistryRoles(registry);
        authority.grantRole(MINTER, address(registry), 0);
        authority.grantRole(CORRECTOR, address(registry), 0);
        authority.revokeRole(MINTER, address(old));
        vm.stopPrank();
    }

    function _assertSaid(Vm.Log memory log, uint256 burned, uint256 writtenOff) private view {
        assertEq(log.topics[0], keccak256("AttestationClawedBack(uint256,uint256,uint256)"));
        assertEq(uint256(log.topics[1]), _uid);
        assertEq(keccak256(log.data), keccak256(abi.encode(burned, writtenOff)));
    }

    function _assertLedger(uint256 issued, uint256 clawedBack, uint256 expired) private view {
        (uint256 a, uint256 b, uint256 c, uint256 d) = token.ledger();
        assertEq(a, issued, "issued");
        assertEq(b, 0, "settled");
        assertEq(c, clawedBack, "clawed back");
        assertEq(d, expired, "expired");
        assertBooks();
    }

    function _refused(bytes memory expected) private {
        vm.prank(clawer);
        vm.expectRevert(expected);
        registry.clawback(_uid);
    }

    function _refusedIssue(Report memory item, bytes memory expected) private {
        bytes memory attested = attesterSignature(item);
        bytes memory released = issuerSignature(item, 0);
        vm.expectRevert(expected);
        registry.issue(item, attested, issuer, released, 0);
    }
}
