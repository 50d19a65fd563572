// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../interfaces/IMunicipalToken.sol";

/// @notice Everything the token knows of one holder, in one storage slot. Low bits first:
///
///     fresh 48 | stale 48 | epoch 16 | nonce 48 | number 32 | class 8 | flags 8 | open redemptions 16 | spare 32
///
/// `fresh` holds what a resident earned in `epoch`, `stale` what remains of the epoch before it. Everybody who is not a
/// resident has only `stale`, and it never expires. Amounts are cents; they fit because everything ever issued stays
/// below 2^48.
type Account is uint256;

using AccountLib for Account global;

/// @notice One getter and one setter per field, and the arithmetic of the two buckets.
/// @dev Setters expect values that fit their field: callers compare at 256 bits before they narrow.
library AccountLib {
    uint256 private constant MASK_8 = type(uint8).max;
    uint256 private constant MASK_16 = type(uint16).max;
    uint256 private constant MASK_32 = type(uint32).max;
    uint256 private constant MASK_48 = type(uint48).max;

    uint256 private constant STALE = 48;
    uint256 private constant EPOCH = 96;
    uint256 private constant NONCE = 112;
    uint256 private constant NUMBER = 160;
    uint256 private constant CLASS = 192;
    uint256 private constant FLAGS = 200;
    uint256 private constant OPEN = 208;

    /// @dev Set by GUARDIAN, lifted by UNPAUSER, moves with the number.
    uint256 internal constant FROZEN = 1;
    /// @dev Set by a request for replacement, lifted when that is cancelled, never moved.
    uint256 internal constant REPLACING = 2;
    /// @dev Set for good when another address took over the number.
    uint256 internal constant DEAD = 4;

    function fresh(Account self) internal pure returns (uint256) {
        return Account.unwrap(self) & MASK_48;
    }

    function stale(Account self) internal pure returns (uint256) {
        return (Account.unwrap(self) >> STALE) & MASK_48;
    }

    function epoch(Account self) internal pure returns (uint256) {
        return (Account.unwrap(self) >> EPOCH) & MASK_16;
    }

    function nonce(Account self) internal pure returns (uint256) {
        return (Account.unwrap(self) >> NONCE) & MASK_48;
    }

    function number(Account self) internal pure returns (uint32) {
        return uint32(Account.unwrap(self) >> NUMBER);
    }

    /// @notice The class as a number, where its name is not needed.
    function classId(Account self) internal pure returns (uint256) {
        return (Account.unwrap(self) >> CLASS) & MASK_8;
    }

    function class(Account self) internal pure returns (Class) {
        return Class((Account.unwrap(self) >> CLASS) & MASK_8);
    }

    function hasFlag(Account self, uint256 flag) internal pure returns (bool) {
        return (Account.unwrap(self) >> FLAGS) & flag != 0;
    }

    /// @notice Whether nothing may leave, for either reason.
    function isFrozen(Account self) internal pure returns (bool) {
        return hasFlag(self, FROZEN | REPLACING);
    }

    function openRedemptions(Account self) internal pure returns (uint256) {
        return (Account.unwrap(self) >> OPEN) & MASK_16;
    }

    /// @notice Both buckets, what has expired included until it is burnt.
    function balance(Account self) internal pure returns (uint256) {
        // Unchecked: two numbers of 48 bits.
        unchecked {
            return fresh(self) + stale(self);
        }
    }

    function withBuckets(Account self, uint256 fresh_, uint256 stale_) internal pure returns (Account) {
        return Account.wrap((Account.unwrap(self) >> EPOCH) << EPOCH | stale_ << STALE | fresh_);
    }

    function withEpoch(Account self, uint256 value) internal pure returns (Account) {
        return _with(self, EPOCH, MASK_16, value);
    }

    function withNonce(Account self, uint256 value) internal pure returns (Account) {
        return _with(self, NONCE, MASK_48, value);
    }

    function withNumber(Account self, uint32 value) internal pure returns (Account) {
        return _with(self, NUMBER, MASK_32, value);
    }

    function withClass(Account self, Class value) internal pure returns (Account) {
        return _with(self, CLASS, MASK_8, uint256(value));
    }

    function withFlag(Account self, uint256 flag, bool value) internal pure returns (Account) {
        uint256 bit = flag << FLAGS;
        return Account.wrap(value ? Account.unwrap(self) | bit : Account.unwrap(self) & ~bit);
    }

    function withOpenRedemptions(Account self, uint256 value) internal pure returns (Account) {
        return _with(self, OPEN, MASK_16, value);
    }

    /// @notice Takes `value` cents, stale before fresh. The caller has compared it with the balance.
    function debit(Account self, uint256 value) internal pure returns (Account) {
        uint256 fromStale = value < stale(self) ? value : stale(self);
        // Unchecked: no more is taken of a bucket than it holds, the rest of `value` being at most what is fresh. Both
        // buckets lie side by side, so one subtraction takes from both.
        unchecked {
            return Account.wrap(Account.unwrap(self) - (fromStale << STALE) - (value - fromStale));
        }
    }

    /// @notice Takes `value` cents back, fresh before stale. The caller has compared it with the balance.
    function takeBack(Account self, uint256 value) internal pure returns (Account) {
        uint256 fromFresh = value < fresh(self) ? value : fresh(self);
        return withBuckets(self, fresh(self) - fromFresh, stale(self) - (value - fromFresh));
    }

    /// @notice Adds `value` cents that were not earned here and now: to stale.
    function credit(Account self, uint256 value) internal pure returns (Account) {
        // Unchecked: all that was ever issued fits a bucket.
        unchecked {
            return Account.wrap(Account.unwrap(self) + (value << STALE));
        }
    }

    /// @notice Adds a reward of `value` cents: to fresh. The account has been rolled.
    function reward(Account self, uint256 value) internal pure returns (Account) {
        // Unchecked: all that was ever issued fits a bucket.
        unchecked {
            return Account.wrap(Account.unwrap(self) + value);
        }
    }

    /// @notice A resident's account as of `epoch_`: what has expired is out, the epoch is written.
    /// @param ended Whether the date until which residents can pay has passed: then everything has expired.
    /// @return rolled The account; unchanged for everybody who is not a resident.
    /// @return burned Cents that have expired.
    function roll(Account self, uint256 epoch_, bool ended) internal pure returns (Account rolled, uint256 burned) {
        if (class(self) != Class.Resident) return (self, 0);
        uint256 passed = epoch_ - epoch(self);
        if (passed == 0 && !ended) return (self, 0);
        rolled = withEpoch(self, epoch_);
        if (passed > 1 || ended) {
            burned = balance(self);
            rolled = withBuckets(rolled, 0, 0);
        } else {
            burned = stale(self);
            rolled = withBuckets(rolled, 0, fresh(self));
        }
    }

    function _with(Account self, uint256 shift, uint256 mask, uint256 value) private pure returns (Account) {
        return Account.wrap((Account.unwrap(self) & ~(mask << shift)) | (value << shift));
    }
}
