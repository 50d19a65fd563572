// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Calendar} from "../../../contracts/libraries/Calendar.sol";
import {Test} from "../support/Test.sol";

/// @notice Against a calendar that is counted day by day.
contract CalendarTest is Test {
    function test_monthOf_agreesWithDayByDayCount_1970to2046() public pure {
        // 77 years, 19 of them leap years.
        assertEq(_countDays(1970, 2046, 0), 77 * 365 + 19);
    }

    function test_monthOf_agreesWithDayByDayCount_2047to2123() public pure {
        // 77 years, 18 of them leap years: 2100 is none.
        assertEq(_countDays(2047, 2123, 77 * 365 + 19), 154 * 365 + 37);
    }

    function test_monthOf_agreesWithDayByDayCount_2124to2200() public pure {
        // 77 years, 19 of them leap years: 2200 is none.
        assertEq(_countDays(2124, 2200, 154 * 365 + 37), 231 * 365 + 56);
    }

    function test_monthOf_knownDates() public pure {
        assertEq(Calendar.monthOf(0), 12 * 1970);
        assertEq(Calendar.monthOf(951_782_399), 12 * 2000 + 1, "28 February 2000, last second");
        assertEq(Calendar.monthOf(951_868_799), 12 * 2000 + 1, "29 February 2000, last second");
        assertEq(Calendar.monthOf(951_868_800), 12 * 2000 + 2, "1 March 2000");
        assertEq(Calendar.monthOf(4_107_542_399), 12 * 2100 + 1, "28 February 2100, last second");
        assertEq(Calendar.monthOf(4_107_542_400), 12 * 2100 + 2, "1 March 2100: no leap day");
        assertEq(Calendar.monthOf(1_782_863_999), 12 * 2026 + 5, "30 June 2026, last second");
        assertEq(Calendar.monthOf(1_782_864_000), 12 * 2026 + 6, "1 July 2026");
        assertEq(Calendar.epochOf(1_782_863_999, 6), 2 * 2026);
        assertEq(Calendar.epochOf(1_782_864_000, 6), 2 * 2026 + 1);
        assertEq(Calendar.endOfEpoch(2 * 2026, 6), 1_782_864_000);
        assertEq(Calendar.endOfEpoch(2 * 2026 + 1, 6), 1_798_761_600);
    }

    function testFuzz_startOf_isTheFirstSecond(uint256 timestamp) public pure {
        timestamp = bound(timestamp, 0, type(uint40).max);
        uint256 month = Calendar.monthOf(timestamp);
        assertLe(Calendar.startOf(month), timestamp);
        assertGt(Calendar.startOf(month + 1), timestamp);
        assertGt(Calendar.endOfEpoch(Calendar.epochOf(timestamp, 6), 6), timestamp);
    }

    /// @notice Every length an epoch can have: it begins with its first month and ends with its last.
    function testFuzz_epochs_beginAndEndWithMonths(uint256 timestamp, uint256 which) public pure {
        timestamp = bound(timestamp, 0, type(uint40).max);
        uint256 months = [uint256(1), 2, 3, 4, 6, 12][which % 6];
        uint256 epoch = Calendar.epochOf(timestamp, months);
        assertEq(epoch, Calendar.monthOf(timestamp) / months);
        uint256 end = Calendar.endOfEpoch(epoch, months);
        assertEq(end, Calendar.startOf((epoch + 1) * months));
        assertEq(Calendar.epochOf(end - 1, months), epoch);
        assertEq(Calendar.epochOf(end, months), epoch + 1);
        assertGt(end, timestamp);
    }

    /// @dev `day` is 1 January of the first year, counted from 1970; returned is 1 January after the last.
    function _countDays(uint256 firstYear, uint256 lastYear, uint256 day) private pure returns (uint256) {
        for (uint256 year = firstYear; year <= lastYear; ++year) {
            for (uint256 month = 0; month < 12; ++month) {
                uint256 index = 12 * year + month;
                assertEq(Calendar.startOf(index), day * 1 days, "first second");
                for (uint256 last = day + _length(year, month); day < last; ++day) {
                    if (Calendar.monthOf(day * 1 days) != index) revert("first second of a day");
                    if (Calendar.monthOf(day * 1 days + 86_399) != index) revert("last second of a day");
                }
                assertEq(Calendar.epochOf(day * 1 days - 1, 6), 2 * year + (month >= 6 ? 1 : 0), "half-year");
                if (month == 5) assertEq(Calendar.endOfEpoch(2 * year, 6), day * 1 days, "end of June");
            }
            assertEq(Calendar.endOfEpoch(2 * year + 1, 6), day * 1 days, "end of the year");
        }
        return day;
    }

    function _length(uint256 year, uint256 month) private pure returns (uint256) {
        if (month == 1) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
        return month == 3 || month == 5 || month == 8 || month == 10 ? 30 : 31;
    }
}
