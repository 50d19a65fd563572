// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../interfaces/IMunicipalToken.sol";

/// @notice What holds for every account, in one storage slot. Low bits first:
///
///     matrix 64 | issue until 40 | pay until 40 | redeem until 40 | paused 8 | spare 64
///
/// Bit `8 * from + to` of the matrix says that accounts of class `from` may pay accounts of class `to`.
type Rules is uint256;

using RulesLib for Rules global;

library RulesLib {
    uint256 private constant MASK_40 = type(uint40).max;
    uint256 private constant ISSUE_UNTIL = 64;
    uint256 private constant PAY_UNTIL = 104;
    uint256 private constant REDEEM_UNTIL = 144;
    uint256 private constant PAUSED = 184;

    /// @dev What is on at deployment. Merchant and closing to resident are refunds, and class desk is reached only by
    /// the desk's own call: the mover sees to both.
    uint256 internal constant MATRIX = (1 << (8 * uint256(Class.Resident) + uint256(Class.Merchant)))
        | (1 << (8 * uint256(Class.Merchant) + uint256(Class.Resident)))
        | (1 << (8 * uint256(Class.Closing) + uint256(Class.Resident)))
        | (1 << (8 * uint256(Class.Merchant) + uint256(Class.Desk)))
        | (1 << (8 * uint256(Class.Closing) + uint256(Class.Desk)))
        | (1 << (8 * uint256(Class.Desk) + uint256(Class.Merchant)))
        | (1 << (8 * uint256(Class.Desk) + uint256(Class.Closing)));

    /// @dev Rows and columns of class desk.
    uint256 internal constant WITH_DESK = 0xff << (8 * uint256(Class.Desk)) | 0x0101010101010101 << uint256(Class.Desk);

    /// @dev The column of class resident without its own row.
    uint256 internal constant TO_RESIDENT_FROM_OTHERS =
        (0x0101010101010101 << uint256(Class.Resident)) & ~(uint256(1) << (9 * uint256(Class.Resident)));

    function create(uint256 issueUntil_, uint256 payUntil_, uint256 redeemUntil_) internal pure returns (Rules) {
        return Rules.wrap(MATRIX | issueUntil_ << ISSUE_UNTIL | payUntil_ << PAY_UNTIL | redeemUntil_ << REDEEM_UNTIL);
    }

    function matrix(Rules self) internal pure returns (uint256) {
        return Rules.unwrap(self) & type(uint64).max;
    }

    function allows(Rules self, Class from, Class to) internal pure returns (bool) {
        return Rules.unwrap(self) >> (8 * uint256(from) + uint256(to)) & 1 != 0;
    }

    function isPaused(Rules self) internal pure returns (bool) {
        return Rules.unwrap(self) >> PAUSED != 0;
    }

    function issueUntil(Rules self) internal pure returns (uint256) {
        return Rules.unwrap(self) >> ISSUE_UNTIL & MASK_40;
    }

    function payUntil(Rules self) internal pure returns (uint256) {
        return Rules.unwrap(self) >> PAY_UNTIL & MASK_40;
    }

    function redeemUntil(Rules self) internal pure returns (uint256) {
        return Rules.unwrap(self) >> REDEEM_UNTIL & MASK_40;
    }

    /// @notice The same with other dates.
    function withEnds(Rules self, uint256 issueUntil_, uint256 payUntil_, uint256 redeemUntil_)
        internal
        pure
        returns (Rules)
    {
        uint256 others = ~(MASK_40 << ISSUE_UNTIL | MASK_40 << PAY_UNTIL | MASK_40 << REDEEM_UNTIL);
        return Rules.wrap(
            (Rules.unwrap(self) & others) | issueUntil_ << ISSUE_UNTIL | payUntil_ << PAY_UNTIL | redeemUntil_
                << REDEEM_UNTIL
        );
    }

    function withRule(Rules self, Class from, Class to, bool allowed) internal pure returns (Rules) {
        return _withBit(self, 8 * uint256(from) + uint256(to), allowed);
    }

    function withPaused(Rules self, bool paused) internal pure returns (Rules) {
        return _withBit(self, PAUSED, paused);
    }

    function _withBit(Rules self, uint256 shift, bool on) private pure returns (Rules) {
        uint256 bit = 1 << shift;
        return Rules.wrap(on ? Rules.unwrap(self) | bit : Rules.unwrap(self) & ~bit);
    }
}
