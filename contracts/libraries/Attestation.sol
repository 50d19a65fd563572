// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AttestationStatus} from "../interfaces/IActivityRegistry.sol";

/// @notice One person's rewarded part in one activity, in one storage slot. Low bits first:
///
///     amount 32 | struck 32 | minutes 16 | month 16 | programme 32 | time 40 | status 8 | kept 16 | reduced at 40 | spare 24
///
/// `amount`, `minutes` and `time` stay as they were when it was issued. A reduction writes what is struck from the
/// amount, the minutes that are kept, and when that was.
type Attestation is uint256;

using AttestationLib for Attestation global;

library AttestationLib {
    uint256 private constant MASK_16 = type(uint16).max;
    uint256 private constant MASK_32 = type(uint32).max;
    uint256 private constant STRUCK = 32;
    uint256 private constant MINUTES = 64;
    uint256 private constant MONTH = 80;
    uint256 private constant PROGRAMME = 96;
    uint256 private constant TIME = 128;
    uint256 private constant STATUS = 168;
    uint256 private constant KEPT = 176;
    uint256 private constant REDUCED_AT = 192;
    /// @dev All that a correction writes.
    uint256 private constant CORRECTION = MASK_32 << STRUCK | MASK_16 << KEPT | uint256(type(uint40).max) << REDUCED_AT
        | uint256(type(uint8).max) << STATUS;

    /// @notice What all lines of a report have in common: everything but amount and minutes.
    function blank(uint256 month_, uint256 programme_, uint256 time_) internal pure returns (Attestation) {
        return Attestation.wrap(
            month_ << MONTH | programme_ << PROGRAMME | time_ << TIME | uint256(AttestationStatus.Issued) << STATUS
        );
    }

    /// @notice The same with amount and minutes, where there were none.
    function withAmount(Attestation self, uint256 amount_, uint256 minutes_) internal pure returns (Attestation) {
        return Attestation.wrap(Attestation.unwrap(self) | amount_ | minutes_ << MINUTES);
    }

    /// @notice The same after a reduction, in place of an earlier one.
    function withReduction(Attestation self, uint256 struck_, uint256 kept_, uint256 reducedAt_)
        internal
        pure
        returns (Attestation)
    {
        return Attestation.wrap(
            (Attestation.unwrap(self) & ~CORRECTION) | struck_ << STRUCK | kept_ << KEPT | reducedAt_ << REDUCED_AT
                | uint256(AttestationStatus.Reduced) << STATUS
        );
    }

    /// @notice The same when what was struck has been taken back, as far as it could be: its last state.
    function clawedBack(Attestation self) internal pure returns (Attestation) {
        uint256 blank_ = Attestation.unwrap(self) & ~(uint256(type(uint8).max) << STATUS);
        return Attestation.wrap(blank_ | uint256(AttestationStatus.ClawedBack) << STATUS);
    }

    function amount(Attestation self) internal pure returns (uint256) {
        return Attestation.unwrap(self) & MASK_32;
    }

    /// @notice Cents of the amount that a reduction struck.
    function struck(Attestation self) internal pure returns (uint256) {
        return Attestation.unwrap(self) >> STRUCK & MASK_32;
    }

    function duration(Attestation self) internal pure returns (uint256) {
        return Attestation.unwrap(self) >> MINUTES & MASK_16;
    }

    function month(Attestation self) internal pure returns (uint256) {
        return Attestation.unwrap(self) >> MONTH & MASK_16;
    }

    function programme(Attestation self) internal pure returns (uint256) {
        return Attestation.unwrap(self) >> PROGRAMME & MASK_32;
    }

    function time(Attestation self) internal pure returns (uint256) {
        return Attestation.unwrap(self) >> TIME & type(uint40).max;
    }

    function status(Attestation self) internal pure returns (AttestationStatus) {
        return AttestationStatus(Attestation.unwrap(self) >> STATUS & type(uint8).max);
    }

    /// @notice Minutes that count now: those attested, or what the last reduction left of them.
    function kept(Attestation self) internal pure returns (uint256) {
        return status(self) == AttestationStatus.Issued ? duration(self) : Attestation.unwrap(self) >> KEPT & MASK_16;
    }

    /// @notice Unix time of the last reduction; 0 where there is none.
    function reducedAt(Attestation self) internal pure returns (uint256) {
        return Attestation.unwrap(self) >> REDUCED_AT & type(uint40).max;
    }
}
