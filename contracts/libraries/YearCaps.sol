// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @notice What one person earned in the twelve months of one calendar year, in one storage slot. Low bits first:
///
///     January 20 | February 20 | … | December 20 | lowered 16
///
/// A month's cents stay below 2^20 because every rule's month limit does. `lowered` holds, in whole euros, by how much
/// the registrar lowered this person's year at their own request.
type YearCaps is uint256;

using YearCapsLib for YearCaps global;

library YearCapsLib {
    uint256 private constant MONTH_BITS = 20;
    uint256 private constant MONTH_MASK = (1 << MONTH_BITS) - 1;
    uint256 private constant LOWERED = 240;
    /// @dev Every second month: six lanes of 40 bits with a month in the lower half of each.
    uint256 private constant EVEN_MONTHS =
        MONTH_MASK | MONTH_MASK << 40 | MONTH_MASK << 80 | MONTH_MASK << 120 | MONTH_MASK << 160 | MONTH_MASK << 200;
    /// @dev A one in each of the six lanes: multiplying by it adds all lanes up in the topmost.
    uint256 private constant ONES = 1 | 1 << 40 | 1 << 80 | 1 << 120 | 1 << 160 | 1 << 200;

    /// @notice Cents earned in month 0 (January) to 11.
    function inMonth(YearCaps self, uint256 month) internal pure returns (uint256) {
        return YearCaps.unwrap(self) >> (MONTH_BITS * month) & MONTH_MASK;
    }

    /// @notice Cents earned in the whole year.
    function inYear(YearCaps self) internal pure returns (uint256) {
        uint256 word = YearCaps.unwrap(self);
        uint256 pairs = (word & EVEN_MONTHS) + (word >> MONTH_BITS & EVEN_MONTHS);
        // Unchecked: a lane's sum of twelve months is below 12 * 2^20 < 2^40, so no lane carries into the next, and
        // what the product has beyond 256 bits is not wanted.
        unchecked {
            return (pairs * ONES) >> 200 & ((1 << 40) - 1);
        }
    }

    /// @notice By how many cents this person's year is lowered.
    function lowered(YearCaps self) internal pure returns (uint256) {
        return (YearCaps.unwrap(self) >> LOWERED) * 100;
    }

    /// @notice Adds cents to a month. The caller has compared the sum with a limit below 2^20.
    function add(YearCaps self, uint256 month, uint256 amount) internal pure returns (YearCaps) {
        // Unchecked: the sum stays within the month's bits.
        unchecked {
            return YearCaps.wrap(YearCaps.unwrap(self) + (amount << (MONTH_BITS * month)));
        }
    }

    /// @notice Takes cents off a month again. The caller takes no more than was added.
    function sub(YearCaps self, uint256 month, uint256 amount) internal pure returns (YearCaps) {
        return YearCaps.wrap(YearCaps.unwrap(self) - (amount << (MONTH_BITS * month)));
    }

    /// @notice Sets by how much this person's year is lowered, in whole euros; at most 65 535.
    function withLowered(YearCaps self, uint256 euros) internal pure returns (YearCaps) {
        return YearCaps.wrap(YearCaps.unwrap(self) << 16 >> 16 | euros << LOWERED);
    }
}
