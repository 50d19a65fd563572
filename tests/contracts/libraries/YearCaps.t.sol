// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {YearCaps} from "../../../contracts/libraries/YearCaps.sol";
import {Test} from "../support/Test.sol";

/// @notice I15 for the months of a year: the sum of all lanes at once against a loop.
contract YearCapsTest is Test {
    function testFuzz_inYear_isTheSumOfTheMonths(uint256 word) public pure {
        _check(word);
    }

    function test_inYear_isExactWhenEveryMonthIsFull() public pure {
        _check(type(uint256).max);
        assertEq(YearCaps.wrap(type(uint256).max).inYear(), 12 * (2 ** 20 - 1));
        for (uint256 month = 0; month < 12; ++month) {
            _check((2 ** 20 - 1) << (20 * month));
        }
    }

    function testFuzz_add_changesOneMonthOnly(uint256 word, uint256 month, uint256 amount) public pure {
        month = month % 12;
        YearCaps caps = YearCaps.wrap(word);
        amount = amount % (2 ** 20 - caps.inMonth(month));
        YearCaps after_ = caps.add(month, amount);
        for (uint256 i = 0; i < 12; ++i) {
            assertEq(after_.inMonth(i), caps.inMonth(i) + (i == month ? amount : 0));
        }
        assertEq(after_.inYear(), caps.inYear() + amount);
        assertEq(after_.lowered(), caps.lowered());
    }

    function testFuzz_lowered_isInWholeEuros(uint16 euros, uint240 months) public pure {
        YearCaps caps = YearCaps.wrap(uint256(euros) << 240 | months);
        assertEq(caps.lowered(), uint256(euros) * 100);
    }

    function testFuzz_withLowered_leavesTheMonths(uint256 word, uint16 euros) public pure {
        YearCaps caps = YearCaps.wrap(word).withLowered(euros);
        assertEq(YearCaps.unwrap(caps), word % 2 ** 240 + uint256(euros) * 2 ** 240);
        assertEq(caps.lowered(), uint256(euros) * 100);
        assertEq(caps.inYear(), YearCaps.wrap(word).inYear());
    }

    function testFuzz_sub_changesOneMonthOnly(uint256 word, uint256 month, uint256 amount) public pure {
        month = month % 12;
        YearCaps caps = YearCaps.wrap(word);
        amount = amount % (caps.inMonth(month) + 1);
        YearCaps after_ = caps.sub(month, amount);
        for (uint256 i = 0; i < 12; ++i) {
            assertEq(after_.inMonth(i), caps.inMonth(i) - (i == month ? amount : 0));
        }
        assertEq(after_.inYear(), caps.inYear() - amount);
        assertEq(after_.lowered(), caps.lowered());
        assertEq(YearCaps.unwrap(after_.add(month, amount)), word);
    }

    function _check(uint256 word) private pure {
        YearCaps caps = YearCaps.wrap(word);
        uint256 sum;
        uint256 rest = word;
        for (uint256 month = 0; month < 12; ++month) {
            assertEq(caps.inMonth(month), rest % 2 ** 20);
            sum += rest % 2 ** 20;
            rest /= 2 ** 20;
        }
        assertEq(caps.inYear(), sum);
    }
}
