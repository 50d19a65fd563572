// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Calendar} from "../../contracts/libraries/Calendar.sol";
import {Proof} from "./support/Proof.sol";

/// @notice A month depends on the day only. Covers every second of every day that 20 bits count, to the year 4840.
/// Does not cover which month a day is in: solvers do not get through the divisions, so tests run every day and every
/// month up to 2200 instead, which is as good as a proof there. An epoch is a month divided by a constant.
contract CalendarProof is Proof {
    function check_monthOf_isTheSameAllDay(uint24 day, uint24 second) public pure {
        vm.assume(day < 2 ** 20 && second < 1 days);
        assert(Calendar.monthOf(uint256(day) * 1 days + second) == Calendar.monthOf(uint256(day) * 1 days));
    }
}
