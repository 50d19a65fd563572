// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AttestationStatus, IActivityRegistry} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice Striking minutes by signature of a present attester of the attestation's programme.
contract ReduceBySignatureTest is Recovery {
    uint256 private constant DEADLINE = NOW + 1 hours;

    uint256 private _programme;
    uint256 private _uid;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        _programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        _uid = reward(_programme, ALICE, 90);
    }

    function test_reduceBySignature_saysWhoSigned() public {
        bytes memory signature = sign(attester, _digest(attester, _uid, 30));
        vm.recordLogs();
        vm.prank(stranger);
        registry.reduceBySignature(attester, _uid, 30, DEADLINE, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("AttestationReduced(uint256,address,uint16,uint256,uint256)"));
        assertEq(uint256(logs[0].topics[1]), _uid);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), attester);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(30, 600, NOW + CLAWBACK_WINDOW)));
        assertCorrection(_uid, 600, 30, NOW);
    }

    function test_reduceBySignature_anotherAttesterOfTheProgramme_may() public {
        _appoint(_programme, stranger, true);
        reduceBySignature(stranger, _uid, 30);
        assertCorrection(_uid, 600, 30, NOW);
    }

    function test_reduceBySignature_aDismissedAttester_isRefused() public {
        _appoint(_programme, attester, false);
        _refusedAttester(attester, _uid, _programme);
        _appoint(_programme, attester, true);
        reduceBySignature(attester, _uid, 30);
    }

    function test_reduceBySignature_anotherProgrammesAttester_isRefused() public {
        uint256 other = openProgramme(1_000_000, MONTH, MONTH + 12);
        _appoint(other, stranger, true);
        _appoint(_programme, attester, false);
        _refusedAttester(stranger, _uid, _programme);
        _refusedAttester(attester, _uid, _programme);
        _refusedAttester(issuer, _uid, _programme);
        _refusedAttester(programmeOfficer, _uid, _programme);
    }

    function test_reduceBySignature_ofNoAttestation_isRefused() public {
        _refusedAttester(attester, registry.uidOf(_uid >> 32, BOB), 0);
    }

    function test_reduceBySignature_twice_isRefused() public {
        bytes memory signature = sign(attester, _digest(attester, _uid, 60));
        bytes memory lower = sign(attester, _digest(attester, _uid, 30));
        registry.reduceBySignature(attester, _uid, 60, DEADLINE, signature);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.NotReduced.selector, _uid, 60, 60));
        registry.reduceBySignature(attester, _uid, 60, DEADLINE, signature);
        registry.reduceBySignature(attester, _uid, 30, DEADLINE, lower);
        // An older, higher figure cannot undo it.
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.NotReduced.selector, _uid, 60, 30));
        registry.reduceBySignature(attester, _uid, 60, DEADLINE, signature);
    }

    function test_reduceBySignature_deadline_isTheLastSecond() public {
        bytes memory signature = sign(attester, _digest(attester, _uid, 60));
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.ReductionExpired.selector, DEADLINE));
        registry.reduceBySignature(attester, _uid, 60, DEADLINE, signature);
        vm.warp(DEADLINE);
        registry.reduceBySignature(attester, _uid, 60, DEADLINE, signature);
    }

    function test_reduceBySignature_everyFieldIsSigned() public {
        uint256 other = reward(_programme, BOB, 90);
        _appoint(_programme, stranger, true);
        _refusedSignature(sign(stranger, _digest(attester, _uid, 30)));
        _refusedSignature(sign(attester, _digest(stranger, _uid, 30)));
        _refusedSignature(sign(attester, _digest(attester, other, 30)));
        _refusedSignature(sign(attester, _digest(attester, _uid, 31)));
        _refusedSignature(sign(attester, reduceDigest(registryDomain(), attester, _uid, 30, DEADLINE + 1)));
        _refusedSignature(sign(attester, reduceDigest(tokenDomain(), attester, _uid, 30, DEADLINE)));
        bytes32 elsewhere = domain(REGISTRY_NAME, block.chainid + 1, address(registry));
        _refusedSignature(sign(attester, reduceDigest(elsewhere, attester, _uid, 30, DEADLINE)));
        _refusedSignature("");
    }

    function test_reduceBySignature_byAContractWallet() public {
        address office = walletOf("the neighbourhood office");
        _appoint(_programme, office, true);
        reduceBySignature(office, _uid, 30);
        assertCorrection(_uid, 600, 30, NOW);
        bytes memory wrong = sign(attester, _digest(office, _uid, 20));
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, office));
        registry.reduceBySignature(office, _uid, 20, DEADLINE, wrong);
    }

    function test_reduceBySignature_afterTheClawback_isRefused() public {
        correct(_uid, 60);
        bytes memory signature = sign(attester, reduceDigest(registryDomain(), attester, _uid, 0, block.timestamp));
        vm.expectRevert(
            abi.encodeWithSelector(IActivityRegistry.WrongStatus.selector, _uid, AttestationStatus.ClawedBack)
        );
        registry.reduceBySignature(attester, _uid, 0, block.timestamp, signature);
    }

    function _digest(address who, uint256 uid, uint16 minutes_) private view returns (bytes32) {
        return reduceDigest(registryDomain(), who, uid, minutes_, DEADLINE);
    }

    function _appoint(uint256 programme, address who, bool appointed) private {
        vm.prank(programmeOfficer);
        registry.setAttester(programme, who, appointed);
    }

    function _refusedAttester(address who, uint256 uid, uint256 programme) private {
        bytes memory signature = sign(who, _digest(who, uid, 30));
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.AttesterNotAppointed.selector, who, programme));
        registry.reduceBySignature(who, uid, 30, DEADLINE, signature);
    }

    function _refusedSignature(bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, attester));
        registry.reduceBySignature(attester, _uid, 30, DEADLINE, signature);
    }
}
