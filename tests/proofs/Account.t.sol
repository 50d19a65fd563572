// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../contracts/interfaces/IMunicipalToken.sol";
import {Account, AccountLib} from "../../contracts/libraries/Account.sol";
import {Proof} from "./support/Proof.sol";

/// @notice The account's slot. Covers every word of 256 bits and every value of a field's width; no loops, nothing
/// bounded. Does not cover values wider than their field, which the setters leave to their callers.
contract AccountProof is Proof {
    /// @notice Every getter reads its own bits, of any word.
    function check_getters_readTheirBits(uint256 word) public pure {
        Account account = Account.wrap(word);
        assert(account.fresh() == field(word, 0, 48));
        assert(account.stale() == field(word, 48, 48));
        assert(account.epoch() == field(word, 96, 16));
        assert(account.nonce() == field(word, 112, 48));
        assert(account.number() == field(word, 160, 32));
        assert(account.classId() == field(word, 192, 8));
        assert(account.openRedemptions() == field(word, 208, 16));
        assert(account.balance() == field(word, 0, 48) + field(word, 48, 48));
        assert(account.isFrozen() == (field(word, 200, 2) != 0));
        assert(account.hasFlag(AccountLib.DEAD) == (field(word, 202, 1) != 0));
    }

    /// @notice Every setter's value reads back, and every other bit stays.
    function check_setters_roundTripAndDoNotSpill(uint256 word, uint48 a, uint16 b, uint32 c, uint8 d) public pure {
        Account account = Account.wrap(word);
        uint256 written = Account.unwrap(account.withEpoch(b));
        assert(field(written, 96, 16) == b && agreeBut(written, word, 96, 16));
        written = Account.unwrap(account.withNonce(a));
        assert(field(written, 112, 48) == a && agreeBut(written, word, 112, 48));
        written = Account.unwrap(account.withNumber(c));
        assert(field(written, 160, 32) == c && agreeBut(written, word, 160, 32));
        written = Account.unwrap(account.withOpenRedemptions(b));
        assert(field(written, 208, 16) == b && agreeBut(written, word, 208, 16));
        vm.assume(d <= uint8(type(Class).max));
        written = Account.unwrap(account.withClass(Class(d)));
        assert(field(written, 192, 8) == d && agreeBut(written, word, 192, 8));
        assert(Account.wrap(written).class() == Class(d));
    }

    /// @notice Both buckets are written at once, and nothing else is.
    function check_withBuckets_roundTripsAndDoesNotSpill(uint256 word, uint48 fresh, uint48 stale) public pure {
        uint256 written = Account.unwrap(Account.wrap(word).withBuckets(fresh, stale));
        assert(field(written, 0, 48) == fresh && field(written, 48, 48) == stale);
        assert(agreeBut(written, word, 0, 96));
    }

    /// @notice A flag is set and cleared, and nothing else changes.
    function check_withFlag_changesItsBitsOnly(uint256 word, uint8 flag) public pure {
        uint256 set = Account.unwrap(Account.wrap(word).withFlag(flag, true));
        uint256 cleared = Account.unwrap(Account.wrap(word).withFlag(flag, false));
        assert(field(set, 200, 8) == field(word, 200, 8) | flag && agreeBut(set, word, 200, 8));
        assert(field(cleared, 200, 8) == field(word, 200, 8) & ~uint256(flag) && agreeBut(cleared, word, 200, 8));
    }

    /// @notice A debit takes exactly its value, stale first, and touches the buckets only. Assumes what the mover checks:
    /// the value is no more than the balance.
    function check_debit_takesStaleFirstAndExactly(uint256 word, uint256 value) public pure {
        Account before = Account.wrap(word);
        vm.assume(value <= before.balance());
        Account then_ = before.debit(value);
        assert(then_.balance() == before.balance() - value);
        assert(agreeBut(Account.unwrap(then_), word, 0, 96));
        if (value <= before.stale()) assert(then_.fresh() == before.fresh());
        else assert(then_.stale() == 0);
    }

    /// @notice A clawback takes exactly its value, fresh first, and touches the buckets only. Same assumption.
    function check_takeBack_takesFreshFirstAndExactly(uint256 word, uint256 value) public pure {
        Account before = Account.wrap(word);
        vm.assume(value <= before.balance());
        Account then_ = before.takeBack(value);
        assert(then_.balance() == before.balance() - value);
        assert(agreeBut(Account.unwrap(then_), word, 0, 96));
        if (value <= before.fresh()) assert(then_.stale() == before.stale());
        else assert(then_.fresh() == 0);
    }

    /// @notice What is credited or rewarded arrives in its bucket and nowhere else. Assumes that all credits there are
    /// stay below 2^48 cents, which the token sees to when it issues.
    function check_creditAndReward_addToOneBucket(uint256 word, uint48 value) public pure {
        Account before = Account.wrap(word);
        vm.assume(before.balance() + value <= BITS_48);
        Account credited = before.credit(value);
        assert(credited.stale() == before.stale() + value && agreeBut(Account.unwrap(credited), word, 48, 48));
        Account rewarded = before.reward(value);
        assert(rewarded.fresh() == before.fresh() + value && agreeBut(Account.unwrap(rewarded), word, 0, 48));
    }

    /// @notice A roll burns what is past its date, keeps the rest, and writes the epoch: for any word of any class, any
    /// later epoch, before and after the last day of payments. Assumes that time does not run backwards.
    function check_roll_burnsWhatIsPastAndKeepsTheRest(uint256 word, uint16 epoch, bool ended) public pure {
        Account before = Account.wrap(word);
        vm.assume(before.classId() <= uint8(type(Class).max));
        vm.assume(before.epoch() <= epoch);
        (Account rolled, uint256 burned) = before.roll(epoch, ended);
        // Nothing appears or vanishes, and nothing but buckets and epoch is written.
        assert(rolled.balance() + burned == before.balance());
        assert(agreeBut(Account.unwrap(rolled), word, 0, 112));
        if (before.class() != Class.Resident) {
            assert(Account.unwrap(rolled) == word && burned == 0);
            return;
        }
        assert(rolled.epoch() == epoch);
        if (ended || epoch - before.epoch() > 1) assert(burned == before.balance());
        else if (epoch == before.epoch()) assert(Account.unwrap(rolled) == word);
        else assert(burned == before.stale() && rolled.stale() == before.fresh() && rolled.fresh() == 0);
    }

    /// @notice Rolling step by step ends where one roll ends, and rolling twice burns nothing more. Same assumptions.
    function check_roll_inStepsIsRollAtOnce(uint256 word, uint16 first, uint16 second, bool ended) public pure {
        Account before = Account.wrap(word);
        vm.assume(before.classId() <= uint8(type(Class).max));
        vm.assume(before.epoch() <= first && first <= second);
        (Account once, uint256 burnedOnce) = before.roll(second, ended);
        (Account halfway, uint256 burnedFirst) = before.roll(first, false);
        (Account twice, uint256 burnedSecond) = halfway.roll(second, ended);
        assert(Account.unwrap(once) == Account.unwrap(twice));
        assert(burnedOnce == burnedFirst + burnedSecond);
        (Account again, uint256 burnedAgain) = once.roll(second, ended);
        assert(burnedAgain == 0 && Account.unwrap(again) == Account.unwrap(once));
    }
}
