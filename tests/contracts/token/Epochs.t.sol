// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Terms} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Calendar} from "../../../contracts/libraries/Calendar.sol";
import {Recovery} from "../support/Recovery.sol";

/// @notice Cities choose how long credits are good: to the end of the period after the one they were earned in.
contract EpochsTest is Recovery {
    /// @dev January 2026, as a month index.
    uint256 private constant JANUARY = 12 * 2026;

    function test_epochMonths_everyDivisorOfTheYear_expiresAtItsBorders() public {
        uint256[6] memory divisors = [uint256(1), 2, 3, 4, 6, 12];
        for (uint256 i = 0; i < 6; ++i) {
            IMunicipalToken city = _city(divisors[i]);
            assertEq(city.epochMonths(), divisors[i]);
            uint256 snapshot = vm.snapshotState();
            for (uint256 month = MONTH; month < MONTH + 14; ++month) {
                // The last second of that month.
                vm.warp(Calendar.startOf(month + 1) - 1);
                _lastsToTheEndOfTheNext(city, month, divisors[i]);
                vm.revertToState(snapshot);
            }
        }
    }

    function test_currentEpoch_isTheMonthDivided() public {
        IMunicipalToken quarters = _city(3);
        vm.warp(Calendar.startOf(JANUARY + 3) - 1);
        assertEq(quarters.currentEpoch(), 4 * 2026);
        vm.warp(Calendar.startOf(JANUARY + 3));
        assertEq(quarters.currentEpoch(), 4 * 2026 + 1);
        vm.warp(Calendar.startOf(JANUARY + 12) - 1);
        assertEq(quarters.currentEpoch(), 4 * 2026 + 3);
        IMunicipalToken yearly = _city(12);
        assertEq(yearly.currentEpoch(), 2026);
        vm.warp(Calendar.startOf(JANUARY + 12));
        assertEq(yearly.currentEpoch(), 2027);
        assertEq(_city(1).currentEpoch(), 12 * 2027);
    }

    function test_expiringOf_saysTheBordersOfTheCity() public {
        IMunicipalToken months = _city(1);
        _reward(months, 10);
        vm.warp(Calendar.startOf(MONTH + 1));
        _reward(months, 20);
        (uint256 first, uint256 firstAt, uint256 second, uint256 secondAt) = months.expiringOf(alice);
        assertEq(first, 10);
        assertEq(firstAt, Calendar.startOf(MONTH + 2));
        assertEq(second, 20);
        assertEq(secondAt, Calendar.startOf(MONTH + 3));
    }

    function test_epochMonths_otherNumbers_areRefused() public {
        uint256[9] memory others = [uint256(0), 5, 7, 8, 9, 10, 11, 13, 24];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidEpoch.selector, others[i]));
            this.deploy_(others[i]);
        }
    }

    /// @dev An outside call, so that a revert of the creation can be expected.
    function deploy_(uint256 months) external returns (IMunicipalToken) {
        return deployToken(
            TOKEN_NAME, Terms(ISSUE_UNTIL, PAY_UNTIL, REDEEM_UNTIL, 180 days, 180 days, REPLACEMENT_WINDOW, months)
        );
    }

    /// @dev A credit of `month` is good for the rest of its period and for the whole next one.
    function _lastsToTheEndOfTheNext(IMunicipalToken city, uint256 month, uint256 months) private {
        _reward(city, 100);
        uint256 gone = Calendar.startOf((month / months + 2) * months);
        (,, uint256 second, uint256 secondAt) = city.expiringOf(alice);
        assertEq(second, 100);
        assertEq(secondAt, gone);
        vm.warp(gone - 1);
        assertEq(city.spendableOf(alice), 100);
        assertEq(city.expire(one(alice)), 0);
        vm.warp(gone);
        assertEq(city.spendableOf(alice), 0);
        assertEq(city.expire(one(alice)), 100);
    }

    function _city(uint256 months) private returns (IMunicipalToken city) {
        city = this.deploy_(months);
        vm.startPrank(admin);
        assign(address(city), REGISTRAR, IMunicipalToken.enrol.selector);
        assign(address(city), MINTER, IMunicipalToken.issue.selector);
        vm.stopPrank();
        IMunicipalToken own = token;
        token = city;
        enrol(alice, ALICE, Class.Resident);
        token = own;
    }

    function _reward(IMunicipalToken city, uint256 amount) private {
        vm.prank(address(registry));
        city.issue(one(amount | uint256(ALICE) << 48));
    }
}
