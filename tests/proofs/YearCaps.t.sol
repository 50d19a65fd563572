// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {YearCaps} from "../../contracts/libraries/YearCaps.sol";
import {Proof} from "./support/Proof.sol";

/// @notice The twelve months of a person's year. Covers every word and every month; no loops. Assumes of what is added that the month's sum stays below 2^20, to which every rule's month limit
/// sees, and of what is taken off that it was added.
contract YearCapsProof is Proof {
    /// @notice A month reads its twenty bits, the lowering its sixteen, of any word.
    function check_months_readTheirBits(uint256 word, uint8 month) public pure {
        vm.assume(month < 12);
        YearCaps caps = YearCaps.wrap(word);
        assert(caps.inMonth(month) == _month(word, month));
        assert(caps.lowered() == (word / 2 ** 240) * 100);
    }

    /// @notice What is added counts in its month once, and in no other month.
    function check_add_countsOnceInItsMonth(uint256 word, uint8 month, uint8 other, uint32 amount) public pure {
        vm.assume(month < 12 && other < 12 && other != month);
        YearCaps before = YearCaps.wrap(word);
        vm.assume(before.inMonth(month) + amount < 2 ** 20);
        YearCaps then_ = before.add(month, amount);
        assert(then_.inMonth(month) == before.inMonth(month) + amount);
        assert(then_.inMonth(other) == before.inMonth(other));
        assert(then_.lowered() == before.lowered());
    }

    /// @notice What is taken off again leaves the word as it was before it was added.
    function check_sub_undoesAdd(uint256 word, uint8 month, uint32 amount) public pure {
        vm.assume(month < 12);
        YearCaps before = YearCaps.wrap(word);
        vm.assume(before.inMonth(month) + amount < 2 ** 20);
        assert(YearCaps.unwrap(before.add(month, amount).sub(month, amount)) == word);
    }

    /// @notice Less is never more: what is taken off counts in its month once, and in no other.
    function check_sub_countsOnceInItsMonth(uint256 word, uint8 month, uint8 other, uint32 amount) public pure {
        vm.assume(month < 12 && other < 12 && other != month);
        YearCaps before = YearCaps.wrap(word);
        vm.assume(amount <= before.inMonth(month));
        YearCaps then_ = before.sub(month, amount);
        assert(then_.inMonth(month) == before.inMonth(month) - amount);
        assert(then_.inMonth(other) == before.inMonth(other));
        assert(then_.lowered() == before.lowered());
    }

    /// @notice The lowering reads back in cents, and no month changes.
    function check_withLowered_leavesTheMonths(uint256 word, uint16 euros) public pure {
        YearCaps caps = YearCaps.wrap(word).withLowered(euros);
        assert(caps.lowered() == uint256(euros) * 100);
        assert(agreeBut(YearCaps.unwrap(caps), word, 240, 16));
    }

    function _month(uint256 word, uint256 month) private pure returns (uint256) {
        return (word >> (20 * month)) % 2 ** 20;
    }
}
