// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AttestationView} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Calendar} from "../../../contracts/libraries/Calendar.sol";
import {City} from "./City.sol";
import {Vm} from "./Vm.sol";
import {KeyWallet} from "./Wallets.sol";

/// @notice What a city does when something went wrong: a lost wallet, a reward that was too high, a mistaken report.
abstract contract Recovery is City {
    uint256 private _requests;

    /* WALLETS */

    /// @notice A contract wallet for which the key of a person of this name signs.
    function walletOf(string memory name) internal returns (address wallet) {
        address owner = person(name);
        wallet = address(new KeyWallet(owner));
        signsFor(owner, wallet);
    }

    /* REPLACING */

    /// @notice Asks for a replacement, each time with a new deadline, so that no two requests are the same.
    function requestReplacement(uint32 number, address newHolder) internal returns (bytes32 request) {
        uint256 deadline = block.timestamp + 1 hours + ++_requests;
        request = requestReplacementDigest(tokenDomain(), registrar, number, newHolder, deadline);
        token.requestReplacement(registrar, number, newHolder, deadline, sign(registrar, request));
    }

    function executionSignature(address who, bytes32 request, uint256 deadline) internal view returns (bytes memory) {
        return sign(who, executeReplacementDigest(tokenDomain(), who, request, deadline));
    }

    function executeReplacement(uint32 number, bytes32 request) internal {
        uint256 deadline = block.timestamp;
        token.executeReplacement(replacer, number, request, deadline, executionSignature(replacer, request, deadline));
    }

    function cancelReplacement(uint32 number) internal {
        vm.prank(guardian);
        token.cancelReplacement(number);
    }

    /// @notice The whole of a replacement, the time to object included.
    function replace(uint32 number, address newHolder) internal {
        bytes32 request = requestReplacement(number, newHolder);
        vm.warp(block.timestamp + REPLACEMENT_WINDOW);
        executeReplacement(number, request);
    }

    /* CORRECTING */

    /// @notice A reward of ten cents a minute, this month.
    function reward(uint256 programme, uint32 number, uint16 minutes_) internal returns (uint256 uid) {
        uint256 activity = openActivity(programme, Calendar.monthOf(block.timestamp), 600);
        issue(report(activity, number, minutes_));
        return activity << 32 | number;
    }

    function reduce(uint256 uid, uint16 minutes_) internal {
        vm.prank(programmeOfficer);
        registry.reduce(uid, minutes_);
    }

    function reduceBySignature(address who, uint256 uid, uint16 minutes_) internal {
        bytes memory signature = sign(who, reduceDigest(registryDomain(), who, uid, minutes_, block.timestamp));
        registry.reduceBySignature(who, uid, minutes_, block.timestamp, signature);
    }

    function clawback(uint256 uid) internal returns (uint256 burned) {
        vm.prank(clawer);
        return registry.clawback(uid);
    }

    /// @notice Strikes down to what is kept, waits until the time to object is over, and takes back.
    function correct(uint256 uid, uint16 minutes_) internal returns (uint256 burned) {
        reduce(uid, minutes_);
        vm.warp(block.timestamp + CLAWBACK_WINDOW);
        return clawback(uid);
    }

    function lowerYear(uint32 number, uint256 year, uint256 euros) internal {
        vm.prank(registrar);
        registry.lowerYear(number, year, euros);
    }

    /* LOGS */

    function assertCorrection(uint256 uid, uint256 struck, uint256 kept, uint256 reducedAt) internal view {
        AttestationView memory attestation = registry.attestationOf(uid);
        assertEq(attestation.struck, struck, "struck");
        assertEq(attestation.kept, kept, "kept");
        assertEq(attestation.reducedAt, reducedAt, "reduced at");
    }

    /// @notice `logs[index]` says that cents of an account were clawed back.
    function assertClawedBack(Vm.Log memory log, uint32 number, address account, uint256 amount) internal view {
        assertEq(log.emitter, address(token), "emitter");
        assertEq(log.topics[0], keccak256("ClawedBack(uint32,address,uint256)"), "not a ClawedBack");
        assertEq(uint256(log.topics[1]), number, "number");
        assertEq(address(uint160(uint256(log.topics[2]))), account, "account");
        assertEq(abi.decode(log.data, (uint256)), amount, "amount");
    }
}
