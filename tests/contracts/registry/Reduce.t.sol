// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {
    AttestationStatus,
    AttestationView,
    IActivityRegistry
} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice Striking minutes by PROGRAMME. What was issued stays on record, and nothing is burnt yet.
contract ReduceTest is Recovery {
    uint256 private _programme;
    uint256 private _uid;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        _programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        _uid = reward(_programme, ALICE, 90);
    }

    function test_reduce_strikesAndKeepsWhatWasIssued() public {
        vm.warp(NOW + 5 days);
        vm.recordLogs();
        reduce(_uid, 30);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].emitter, address(registry));
        assertEq(logs[0].topics[0], keccak256("AttestationReduced(uint256,address,uint16,uint256,uint256)"));
        assertEq(uint256(logs[0].topics[1]), _uid);
        assertEq(logs[0].topics[2], bytes32(0));
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(30, 600, NOW + 5 days + CLAWBACK_WINDOW)));
        AttestationView memory attestation = registry.attestationOf(_uid);
        assertEq(uint256(attestation.status), uint256(AttestationStatus.Reduced));
        assertEq(attestation.amount, 900);
        assertEq(attestation.minutes_, 90);
        assertEq(attestation.month, MONTH);
        assertEq(attestation.programme, _programme);
        assertEq(attestation.time, NOW);
        assertCorrection(_uid, 600, 30, NOW + 5 days);
        assertEq(registry.clawbackWindow(), CLAWBACK_WINDOW);
    }

    function test_reduce_burnsNothing_andReturnsNothing() public {
        reduce(_uid, 0);
        assertEq(token.balanceOf(alice), 900);
        assertEq(token.totalSupply(), 900);
        assertEq(registry.programmeOf(_programme).used, 900);
        (uint256 inMonth, uint256 inYear) = registry.earned(ALICE, MONTH);
        assertEq(inMonth, 900);
        assertEq(inYear, 900);
    }

    function test_reduce_toNothing_revokes() public {
        reduce(_uid, 0);
        assertCorrection(_uid, 900, 0, NOW);
        _refused(_uid, 0, abi.encodeWithSelector(IActivityRegistry.NotReduced.selector, _uid, 0, 0));
    }

    function test_reduce_downwardsOnly() public {
        _refused(_uid, 90, abi.encodeWithSelector(IActivityRegistry.NotReduced.selector, _uid, 90, 90));
        _refused(_uid, 91, abi.encodeWithSelector(IActivityRegistry.NotReduced.selector, _uid, 91, 90));
        reduce(_uid, 60);
        _refused(_uid, 60, abi.encodeWithSelector(IActivityRegistry.NotReduced.selector, _uid, 60, 60));
        _refused(_uid, 89, abi.encodeWithSelector(IActivityRegistry.NotReduced.selector, _uid, 89, 60));
        reduce(_uid, 59);
        assertCorrection(_uid, 310, 59, NOW);
    }

    function test_reduce_again_restartsTheWindow() public {
        reduce(_uid, 60);
        vm.warp(NOW + CLAWBACK_WINDOW - 1);
        reduce(_uid, 30);
        vm.warp(NOW + CLAWBACK_WINDOW);
        vm.prank(clawer);
        vm.expectRevert(
            abi.encodeWithSelector(IActivityRegistry.ClawbackTooEarly.selector, NOW + 2 * CLAWBACK_WINDOW - 1)
        );
        registry.clawback(_uid);
        vm.warp(NOW + 2 * CLAWBACK_WINDOW - 1);
        assertEq(clawback(_uid), 600);
    }

    function test_reduce_longAfterTheWindow_restartsItToo() public {
        reduce(_uid, 60);
        vm.warp(NOW + 60 days);
        reduce(_uid, 50);
        assertCorrection(_uid, 400, 50, NOW + 60 days);
        vm.prank(clawer);
        vm.expectRevert(
            abi.encodeWithSelector(IActivityRegistry.ClawbackTooEarly.selector, NOW + 60 days + CLAWBACK_WINDOW)
        );
        registry.clawback(_uid);
    }

    function test_reduce_afterTheClawback_isRefused() public {
        correct(_uid, 60);
        _refused(
            _uid, 0, abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, _uid, AttestationStatus.ClawedBack)
        );
    }

    function test_reduce_ofNoAttestation_isRefused() public {
        uint256 uid = registry.uidOf(_uid >> 32, BOB);
        bytes memory expected =
            abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, uid, AttestationStatus.None);
        _refused(uid, 0, expected);
        _refused(0, 0, abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, 0, AttestationStatus.None));
    }

    function test_reduce_whileFrozenPausedReplacingAndEnded_works() public {
        freeze(ALICE);
        pause();
        requestReplacement(ALICE, person("alice's new phone"));
        reduce(_uid, 60);
        vm.warp(REDEEM_UNTIL + 1);
        reduce(_uid, 30);
        assertCorrection(_uid, 600, 30, REDEEM_UNTIL + 1);
    }

    function test_reduce_byAnyoneElse_isRefused() public {
        address[4] memory others = [attester, issuer, clawer, registrar];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            registry.reduce(_uid, 0);
        }
    }

    /// @notice What is struck is the difference of two amounts, each rounded down as the reward was.
    function testFuzz_reduce_strikesTheDifferenceOfTheAmounts(
        uint256 rate,
        uint16 minutes_,
        uint16 first,
        uint16 second
    ) public {
        rate = bound(rate, 1, 600);
        minutes_ = uint16(bound(minutes_, 60, 2000));
        first = uint16(bound(first, 1, minutes_ - 1));
        second = uint16(bound(second, 0, first - 1));
        uint256 activity = openActivity(_programme, MONTH, rate);
        issue(report(activity, BOB, minutes_));
        uint256 uid = activity << 32 | BOB;
        uint256 amount = minutes_ * rate / 60;
        reduce(uid, first);
        assertCorrection(uid, amount - first * rate / 60, first, NOW);
        vm.warp(NOW + 1);
        reduce(uid, second);
        assertCorrection(uid, amount - second * rate / 60, second, NOW + 1);
        assertEq(registry.attestationOf(uid).amount, amount);
        assertEq(registry.attestationOf(uid).minutes_, minutes_);
        vm.warp(NOW + 1 + CLAWBACK_WINDOW);
        assertEq(clawback(uid), amount - second * rate / 60);
        assertEq(token.balanceOf(bob), second * rate / 60);
    }

    function _refused(uint256 uid, uint16 minutes_, bytes memory expected) private {
        vm.prank(programmeOfficer);
        vm.expectRevert(expected);
        registry.reduce(uid, minutes_);
    }
}
