// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Account, AccountLib} from "../../../contracts/libraries/Account.sol";
import {Test} from "../support/Test.sol";

/// @notice I15 for accounts: every field round-trips, none spills, and the two buckets add up.
contract AccountTest is Test {
    struct Fields {
        uint48 fresh;
        uint48 stale;
        uint16 epoch;
        uint48 nonce;
        uint32 number;
        uint8 class;
        uint8 flags;
        uint16 open;
        uint32 spare;
    }

    function testFuzz_getters_readTheirBits(Fields memory f) public pure {
        Account account = _pack(f);
        assertEq(account.fresh(), f.fresh);
        assertEq(account.stale(), f.stale);
        assertEq(account.epoch(), f.epoch);
        assertEq(account.nonce(), f.nonce);
        assertEq(account.number(), f.number);
        assertEq(uint256(account.class()), f.class % 5);
        assertEq(account.isFrozen(), f.flags & 3 != 0);
        assertEq(account.hasFlag(AccountLib.DEAD), f.flags & 4 != 0);
        assertEq(account.openRedemptions(), f.open);
        assertEq(account.balance(), uint256(f.fresh) + f.stale);
    }

    function testFuzz_setters_writeNothingElse(Fields memory f, Fields memory g) public pure {
        Account account = _pack(f);
        (f.fresh, f.stale) = (g.fresh, g.stale);
        account = account.withBuckets(g.fresh, g.stale);
        _assertIs(account, f);
        f.epoch = g.epoch;
        account = account.withEpoch(g.epoch);
        _assertIs(account, f);
        f.nonce = g.nonce;
        account = account.withNonce(g.nonce);
        _assertIs(account, f);
        f.number = g.number;
        account = account.withNumber(g.number);
        _assertIs(account, f);
        f.class = g.class;
        account = account.withClass(Class(g.class % 5));
        _assertIs(account, f);
        f.open = g.open;
        account = account.withOpenRedemptions(g.open);
        _assertIs(account, f);
    }

    function testFuzz_withFlag_setsAndClearsTheseBitsOnly(Fields memory f, uint8 flag) public pure {
        Account account = _pack(f);
        f.flags |= flag;
        _assertIs(account.withFlag(flag, true), f);
        f.flags &= ~flag;
        _assertIs(account.withFlag(flag, false), f);
    }

    function test_flags_areTheOnesOfTheDesign() public pure {
        Account account = Account.wrap(0);
        assertEq(Account.unwrap(account.withFlag(AccountLib.FROZEN, true)), 2 ** 200);
        assertEq(Account.unwrap(account.withFlag(AccountLib.REPLACING, true)), 2 ** 201);
        assertEq(Account.unwrap(account.withFlag(AccountLib.DEAD, true)), 2 ** 202);
        assertTrue(account.withFlag(AccountLib.FROZEN, true).isFrozen());
        assertTrue(account.withFlag(AccountLib.REPLACING, true).isFrozen());
        assertFalse(account.withFlag(AccountLib.DEAD, true).isFrozen());
    }

    function testFuzz_takeBack_takesFreshFirst(Fields memory f, uint256 value) public pure {
        Account account = _pack(f);
        value = value % (account.balance() + 1);
        Account after_ = account.takeBack(value);
        assertEq(after_.balance(), account.balance() - value);
        if (value <= f.fresh) assertEq(after_.stale(), f.stale);
        else assertEq(after_.fresh(), 0);
        (f.fresh, f.stale) = (uint48(after_.fresh()), uint48(after_.stale()));
        _assertIs(after_, f);
    }

    function testFuzz_debit_takesStaleFirst(Fields memory f, uint256 value) public pure {
        Account account = _pack(f);
        value = value % (account.balance() + 1);
        Account after_ = account.debit(value);
        assertEq(after_.balance(), account.balance() - value);
        if (value <= f.stale) {
            assertEq(after_.fresh(), f.fresh);
        } else {
            assertEq(after_.stale(), 0);
        }
        (f.fresh, f.stale) = (uint48(after_.fresh()), uint48(after_.stale()));
        _assertIs(after_, f);
    }

    function testFuzz_credit_landsInStale(Fields memory f, uint48 value) public pure {
        value = uint48(bound(value, 0, type(uint48).max - f.stale));
        Account account = _pack(f);
        f.stale += value;
        _assertIs(account.credit(value), f);
    }

    function testFuzz_reward_landsInFresh(Fields memory f, uint48 value) public pure {
        value = uint48(bound(value, 0, type(uint48).max - f.fresh));
        Account account = _pack(f);
        f.fresh += value;
        _assertIs(account.reward(value), f);
    }

    function testFuzz_roll_leavesOthersThanResidents(Fields memory f, uint16 epoch, bool ended) public pure {
        vm.assume(f.class % 5 != uint8(Class.Resident));
        (Account rolled, uint256 burned) = _pack(f).roll(epoch, ended);
        _assertIs(rolled, f);
        assertEq(burned, 0);
    }

    function testFuzz_roll_burnsWhatIsPast(Fields memory f, uint8 passed, bool ended) public pure {
        f.class = uint8(Class.Resident);
        f.epoch = uint16(bound(f.epoch, 0, type(uint16).max - 255));
        passed = passed % 5;
        (Account rolled, uint256 burned) = _pack(f).roll(uint256(f.epoch) + passed, ended);
        // Written once more in words: what is left of fresh and stale after 0, 1, or 2 and more half-years.
        (uint256 fresh, uint256 stale) = (f.fresh, f.stale);
        if (ended || passed >= 2) (fresh, stale) = (0, 0);
        else if (passed == 1) (fresh, stale) = (0, f.fresh);
        assertEq(burned, uint256(f.fresh) + f.stale - fresh - stale);
        (f.fresh, f.stale, f.epoch) = (uint48(fresh), uint48(stale), f.epoch + passed);
        _assertIs(rolled, f);
    }

    function testFuzz_roll_inStepsIsRollAtOnce(Fields memory f, uint8 first, uint8 second) public pure {
        f.class = uint8(Class.Resident);
        f.epoch = uint16(bound(f.epoch, 0, type(uint16).max - 10));
        (first, second) = (first % 4, second % 4);
        (Account stepped, uint256 burnedFirst) = _pack(f).roll(uint256(f.epoch) + first, false);
        uint256 burnedSecond;
        (stepped, burnedSecond) = stepped.roll(uint256(f.epoch) + first + second, false);
        (Account once, uint256 burned) = _pack(f).roll(uint256(f.epoch) + first + second, false);
        assertEq(Account.unwrap(stepped), Account.unwrap(once));
        assertEq(burnedFirst + burnedSecond, burned);
    }

    function _assertIs(Account account, Fields memory f) private pure {
        assertEq(Account.unwrap(account), Account.unwrap(_pack(f)));
    }

    /// @dev By weights that are added up, not by the library's shifts and masks.
    function _pack(Fields memory f) private pure returns (Account) {
        uint256 word = f.fresh;
        word += uint256(f.stale) * 2 ** 48;
        word += uint256(f.epoch) * 2 ** 96;
        word += uint256(f.nonce) * 2 ** 112;
        word += uint256(f.number) * 2 ** 160;
        word += uint256(f.class % 5) * 2 ** 192;
        word += uint256(f.flags) * 2 ** 200;
        word += uint256(f.open) * 2 ** 208;
        word += uint256(f.spare) * 2 ** 224;
        return Account.wrap(word);
    }
}
