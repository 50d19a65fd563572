// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AttestationStatus} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Attestation, AttestationLib} from "../../../contracts/libraries/Attestation.sol";
import {Test} from "../support/Test.sol";

/// @notice I15 for attestations.
contract AttestationTest is Test {
    struct Issued {
        uint32 amount;
        uint16 minutes_;
        uint16 month;
        uint32 programme;
        uint40 time;
    }

    function testFuzz_withAmount_readsBack(uint32 amount, uint16 minutes_, uint16 month, uint32 programme, uint40 time)
        public
        pure
    {
        Attestation attestation = AttestationLib.blank(month, programme, time).withAmount(amount, minutes_);
        assertEq(attestation.amount(), amount);
        assertEq(attestation.duration(), minutes_);
        assertEq(attestation.month(), month);
        assertEq(attestation.programme(), programme);
        assertEq(attestation.time(), time);
        assertEq(uint256(attestation.status()), uint256(AttestationStatus.Issued));

        uint256 word = amount;
        word += uint256(minutes_) * 2 ** 64;
        word += uint256(month) * 2 ** 80;
        word += uint256(programme) * 2 ** 96;
        word += uint256(time) * 2 ** 128;
        word += 2 ** 168;
        assertEq(Attestation.unwrap(attestation), word);
        // Nothing is struck, and all minutes are kept.
        assertEq(attestation.struck(), 0);
        assertEq(attestation.kept(), minutes_);
        assertEq(attestation.reducedAt(), 0);
    }

    function testFuzz_withReduction_writesNothingElse(
        Issued memory issued,
        uint32 struck,
        uint16 kept,
        uint40 reducedAt,
        uint24 spare
    ) public pure {
        Attestation attestation = Attestation.wrap(_word(issued) + 2 ** 168 + uint256(spare) * 2 ** 232);
        attestation = attestation.withReduction(type(uint32).max, type(uint16).max, type(uint40).max);
        // In place of the earlier one, none of whose bits stay.
        attestation = attestation.withReduction(struck, kept, reducedAt);
        uint256 word = _word(issued) + uint256(spare) * 2 ** 232;
        word += uint256(struck) * 2 ** 32 + uint256(kept) * 2 ** 176 + uint256(reducedAt) * 2 ** 192;
        assertEq(Attestation.unwrap(attestation), word + 2 * 2 ** 168);
        _assertCorrection(attestation, struck, kept, reducedAt, AttestationStatus.Reduced);
        // The last state changes the status only.
        attestation = attestation.clawedBack();
        assertEq(Attestation.unwrap(attestation), word + 3 * 2 ** 168);
        _assertCorrection(attestation, struck, kept, reducedAt, AttestationStatus.ClawedBack);
        assertEq(attestation.amount(), issued.amount);
        assertEq(attestation.duration(), issued.minutes_);
        assertEq(attestation.month(), issued.month);
        assertEq(attestation.programme(), issued.programme);
        assertEq(attestation.time(), issued.time);
    }

    function _assertCorrection(
        Attestation attestation,
        uint256 struck,
        uint256 kept,
        uint256 reducedAt,
        AttestationStatus status
    ) private pure {
        assertEq(attestation.struck(), struck);
        assertEq(attestation.kept(), kept);
        assertEq(attestation.reducedAt(), reducedAt);
        assertEq(uint256(attestation.status()), uint256(status));
    }

    /// @dev By weights that are added up, without a status.
    function _word(Issued memory issued) private pure returns (uint256 word) {
        word = issued.amount;
        word += uint256(issued.minutes_) * 2 ** 64;
        word += uint256(issued.month) * 2 ** 80;
        word += uint256(issued.programme) * 2 ** 96;
        word += uint256(issued.time) * 2 ** 128;
    }
}
