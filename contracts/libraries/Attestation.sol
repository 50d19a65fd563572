// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AttestationStatus} from "../interfaces/IActivityRegistry.sol";

/// @notice One person's rewarded part in one activity, in one storage slot. Low bits first:
///
///     amount 32 | struck 32 | minutes 16 | month 16 | programme 32 | time 40 | status 8 | spare 80
///
/// `struck` is for corrections and stays 0 as long as there are none.
type Attestation is uint256;

using AttestationLib for Attestation global;

library AttestationLib {
    uint256 private constant MASK_16 = type(uint16).max;
    uint256 private constant MASK_32 = type(uint32).max;
    uint256 private constant MINUTES = 64;
    uint256 private constant MONTH = 80;
    uint256 private constant PROGRAMME = 96;
    uint256 private constant TIME = 128;
    uint256 private constant STATUS = 168;

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

    function amount(Attestation self) internal pure returns (uint256) {
        return Attestation.unwrap(self) & MASK_32;
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
}
