// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @notice The four sums of all time, in cents, in one storage slot. Low bits first:
///
///     issued 64 | settled 64 | clawed back 64 | expired 64
///
/// None of them ever falls, and `issued` stays below 2^48, so no field can spill into the next.
type Ledger is uint256;

using LedgerLib for Ledger global;

library LedgerLib {
    uint256 private constant MASK_64 = type(uint64).max;
    uint256 private constant SETTLED = 64;
    uint256 private constant CLAWED_BACK = 128;
    uint256 private constant EXPIRED = 192;

    function issued(Ledger self) internal pure returns (uint256) {
        return Ledger.unwrap(self) & MASK_64;
    }

    function settled(Ledger self) internal pure returns (uint256) {
        return Ledger.unwrap(self) >> SETTLED & MASK_64;
    }

    function clawedBack(Ledger self) internal pure returns (uint256) {
        return Ledger.unwrap(self) >> CLAWED_BACK & MASK_64;
    }

    function expired(Ledger self) internal pure returns (uint256) {
        return Ledger.unwrap(self) >> EXPIRED;
    }

    /// @notice What is in circulation.
    function supply(Ledger self) internal pure returns (uint256) {
        return issued(self) - settled(self) - clawedBack(self) - expired(self);
    }

    function addIssued(Ledger self, uint256 amount) internal pure returns (Ledger) {
        return Ledger.wrap(Ledger.unwrap(self) + amount);
    }

    function addSettled(Ledger self, uint256 amount) internal pure returns (Ledger) {
        return Ledger.wrap(Ledger.unwrap(self) + (amount << SETTLED));
    }

    function addClawedBack(Ledger self, uint256 amount) internal pure returns (Ledger) {
        return Ledger.wrap(Ledger.unwrap(self) + (amount << CLAWED_BACK));
    }

    function addExpired(Ledger self, uint256 amount) internal pure returns (Ledger) {
        return Ledger.wrap(Ledger.unwrap(self) + (amount << EXPIRED));
    }
}
