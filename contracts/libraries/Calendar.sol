// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Months and epochs, in UTC.
/// @notice Month index = `12 * year + (month - 1)`; an epoch is a number of months that divides the year, counted from
/// year 0: with six months it is `2 * year + (month >= 7 ? 1 : 0)`.
/// @dev In UTC nothing expires earlier than by the clock of any European city, because those are ahead of it.
library Calendar {
    /// @dev Days from 1 March of year 0 to 1 January 1970, in the proleptic Gregorian calendar.
    uint256 private constant EPOCH_DAYS = 719_468;

    /// @notice The month of a Unix time.
    /// @dev Years are counted from 1 March, so that the leap day is a year's last; 400 years are 146 097 days. The
    /// method is Howard Hinnant's, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    function monthOf(uint256 timestamp) internal pure returns (uint256) {
        // Unchecked: every difference is of a number and less than a part of it, and a sum of days, years or months of
        // any time there is fits 256 bits.
        unchecked {
            uint256 day = timestamp / 1 days + EPOCH_DAYS;
            uint256 era = day / 146_097;
            uint256 dayOfEra = day % 146_097;
            uint256 yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
            uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
            uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
            // March is month index 2 of its year, so January and February fall into the next one by themselves.
            return (era * 400 + yearOfEra) * 12 + monthFromMarch + 2;
        }
    }

    /// @notice The first second of a month, as Unix time.
    function startOf(uint256 month) internal pure returns (uint256) {
        uint256 fromMarch = month - 2;
        uint256 year = fromMarch / 12;
        uint256 dayOfYear = (153 * (fromMarch % 12) + 2) / 5;
        return (365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - EPOCH_DAYS) * 1 days;
    }

    /// @notice The epoch of a Unix time, where an epoch has so many months.
    function epochOf(uint256 timestamp, uint256 months) internal pure returns (uint256) {
        return monthOf(timestamp) / months;
    }

    /// @notice The first second after an epoch, as Unix time.
    function endOfEpoch(uint256 epoch, uint256 months) internal pure returns (uint256) {
        return startOf((epoch + 1) * months);
    }
}
