// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Line, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Calendar} from "../../../contracts/libraries/Calendar.sol";
import {DeskHandler} from "./DeskHandler.sol";

/// @notice What people do in a city, in any order, and what must have come of it, kept apart from the contracts.
/// @dev Every action succeeds, or knows that the contracts must refuse it and asserts that they do.
contract Handler is DeskHandler {
    function setUp() public override {
        super.setUp();
        // Both residents and shops have keys, a passkey or a device key, and contract wallets.
        (address carol, address dave, address erin) =
            (browserOf("carol", true), walletOf("dave"), browserOf("erin", false));
        (address bakery, address florist) = (walletOf("bakery"), browserOf("florist", true));
        enrol(carol, 1003, Class.Resident);
        enrol(dave, 1004, Class.Resident);
        enrol(erin, 1005, Class.Resident);
        enrol(bakery, 2003, Class.Merchant);
        enrol(florist, 2004, Class.Merchant);
        people = [alice, bob, carol, dave, erin, shop, cafe, bakery, florist];
        addRule(rule(MONTH, RATE, MONTH_LIMIT, YEAR_LIMIT, 0));
        programme = openProgramme(1e9, MONTH, MONTH + 1200);
    }

    /* EARNING */

    /// @dev I5: within the month, the year and the budget, and not otherwise.
    function reward(uint256 seed) external watched {
        uint256 month = Calendar.monthOf(block.timestamp);
        // Now and then for work of the month before.
        if (month > MONTH && (seed >> 16) % 4 == 0) --month;
        Line[] memory lines = new Line[](1 + seed % 3);
        uint256 skip = lines.length > 1 && seed >> 8 & 1 == 1 ? 1 : 0;
        bool expected = _mayBeEarned(lines, skip, month, seed);
        Report memory item = report(openActivity(programme, month, RATE), lines);
        bytes memory attestation = attesterSignature(item);
        bytes memory release = issuerSignature(item, skip);
        (bool succeeded,) =
            _attempt(address(registry), abi.encodeCall(registry.issue, (item, attestation, issuer, release, skip)));
        _ends("reward", succeeded, expected);
        if (succeeded) _count(lines, skip, item.activity, month);
        (uint256 inMonth, uint256 inYear) = registry.earned(lines[0].number, month);
        assertEq(inMonth, _earned[lines[0].number][month], "I5: the month");
        assertEq(inYear, _earnedInYear[lines[0].number][month / 12], "I5: the year");
    }

    /// @dev I4: whatever the time and the state, a second reward of the same activity is refused.
    function rewardAgain(uint256 seed) external watched {
        if (_rewarded.length == 0) return;
        uint256 uid = _rewarded[seed % _rewarded.length];
        Report memory item = report(uid >> 32, uint32(uid), 1);
        bytes memory attestation = attesterSignature(item);
        bytes memory release = issuerSignature(item, 0);
        (bool succeeded,) =
            _attempt(address(registry), abi.encodeCall(registry.issue, (item, attestation, issuer, release, 0)));
        _ends("reward again", succeeded, false);
    }

    function expire(uint256 seed) external watched {
        address who = people[seed % PEOPLE];
        (uint256 supply, uint256 good) = (token.totalSupply(), token.spendableOf(who));
        uint256 burned = token.expire(one(who));
        assertEq(token.totalSupply(), supply - burned);
        assertEq(token.balanceOf(who), good, "what is good stays");
        if (seed % PEOPLE >= RESIDENTS) assertEq(burned, 0, "I13: a shop's credits");
        else if (block.timestamp > _payUntil()) assertEq(good, 0, "all is past");
        if (burned != 0) _did("expire");
    }

    /* INTERNALS */

    /// @dev Fills in the lines, of different people, and says whether all that are not skipped fit their limits.
    function _mayBeEarned(Line[] memory lines, uint256 skip, uint256 month, uint256 seed) private view returns (bool) {
        (,, uint256 issueUntil,,) = token.rules();
        bool fits = !_isPaused() && block.timestamp <= issueUntil;
        uint256 total;
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            lines[i] = line(_number((seed % RESIDENTS + i) % RESIDENTS), uint16(1 + dice % 90));
            if (skip >> i & 1 == 1) continue;
            (uint32 number, uint256 amount) = (lines[i].number, _amountOf(lines[i]));
            total += amount;
            fits = fits && _earned[number][month] + amount <= MONTH_LIMIT
                && _earnedInYear[number][month / 12] + _loweredBy[number][month / 12] + amount <= YEAR_LIMIT;
        }
        return fits && attested + total <= registry.programmeOf(programme).cap;
    }

    function _count(Line[] memory lines, uint256 skip, uint256 activity, uint256 month) private {
        for (uint256 i = 0; i < lines.length; ++i) {
            if (skip >> i & 1 == 1) continue;
            (uint32 number, uint256 minutes_) = (lines[i].number, lines[i].minutes_);
            attested += _amountOf(lines[i]);
            _earned[number][month] += _amountOf(lines[i]);
            _earnedInYear[number][month / 12] += _amountOf(lines[i]);
            _rewarded.push(activity << 32 | number);
            _rewards[activity << 32 | number] = Reward(month, minutes_, minutes_, 0, 0, false);
        }
    }

    function _amountOf(Line memory item) private pure returns (uint256) {
        return uint256(item.minutes_) * RATE / 60;
    }
}
