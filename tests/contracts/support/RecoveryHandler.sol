// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActivityRegistry, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Class, Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IReplacements} from "../../../contracts/interfaces/IReplacements.sol";
import {Ghosts} from "./Ghosts.sol";
import {Vm} from "./Vm.sol";

/// @notice What officials put right, in any order: lost wallets, rewards that were too high, mistaken reports, and
/// years that were lowered.
/// @dev Like the {Handler}: an action succeeds, or it is known here that it must be refused.
abstract contract RecoveryHandler is Ghosts {
    struct Waiting {
        bytes32 request;
        address newHolder;
        uint256 executableFrom;
    }

    mapping(uint32 number => Waiting) private _waiting;
    uint256 private _phones;
    /// @dev Whose replacement was asked for last, and which reward was reduced last: what is carried on more often.
    uint256 private _lastAsked;
    uint256 private _lastReduced;

    /* LOST WALLETS */

    function askForReplacement(uint256 seed) external watched {
        uint256 index = seed % PEOPLE;
        uint32 number = _number(index);
        // Now and then by an address that somebody has, or had.
        bool taken = (seed >> 8) % 4 == 0;
        address newHolder = taken ? _anyone(seed >> 16) : _newPhone(seed);
        bool expected = !taken && _waiting[number].request == 0;
        uint256 deadline = block.timestamp + ++_phones;
        bytes32 request = requestReplacementDigest(tokenDomain(), registrar, number, newHolder, deadline);
        bytes memory signature = sign(registrar, request);
        (bool succeeded,) = _attempt(
            address(token),
            abi.encodeCall(token.requestReplacement, (registrar, number, newHolder, deadline, signature))
        );
        _ends("ask for a replacement", succeeded, expected);
        if (!succeeded) return;
        (replacingOf[number], _lastAsked) = (true, index);
        _waiting[number] = Waiting(request, newHolder, block.timestamp + REPLACEMENT_WINDOW);
        assertTrue(token.accountOf(people[index]).frozen);
    }

    function carryOutReplacement(uint256 seed) external {
        uint256 index = seed >> 32 & 3 == 0 ? seed % PEOPLE : _lastAsked;
        uint32 number = _number(index);
        Waiting memory waiting = _waiting[number];
        (address oldHolder, address newHolder) = (people[index], waiting.newHolder);
        _seek(waiting.executableFrom, seed >> 16);
        uint256 spendable = token.spendableOf(oldHolder);
        bool frozen = _isFrozenByGuardian(oldHolder);
        bytes memory signature = executionSignature(replacer, waiting.request, block.timestamp);
        vm.recordLogs();
        (bool succeeded, bytes memory answer) = _attempt(
            address(token),
            abi.encodeCall(token.executeReplacement, (replacer, number, waiting.request, block.timestamp, signature))
        );
        bool expected =
            waiting.request != 0 && block.timestamp >= waiting.executableFrom && !(index < RESIDENTS && _isPaused());
        _ends("replace", succeeded, expected);
        if (!succeeded) {
            if (waiting.request == 0) assertTrue(bytes4(answer) == IReplacements.NoSuchReplacement.selector);
            return;
        }
        delete _waiting[number];
        replacingOf[number] = false;
        people[index] = newHolder;
        _dead.push(oldHolder);
        _checkReplaced(oldHolder, newHolder, spendable);
        assertEq(token.balanceOf(newHolder), spendable, "what was good moved");
        assertEq(_isFrozenByGuardian(newHolder), frozen, "the guardian's freeze moved");
        assertFalse(token.accountOf(newHolder).replacing, "the freeze of the request did not");
    }

    function withdrawReplacement(uint256 seed) external watched {
        uint32 number = _number(seed >> 32 & 1 == 0 ? seed % PEOPLE : _lastAsked);
        vm.prank(guardian);
        (bool succeeded,) = _attempt(address(token), abi.encodeCall(token.cancelReplacement, (number)));
        _ends("cancel a replacement", succeeded, _waiting[number].request != 0);
        if (!succeeded) return;
        delete _waiting[number];
        replacingOf[number] = false;
    }

    /* REWARDS THAT WERE TOO HIGH */

    function reduceReward(uint256 seed) external watched {
        if (_rewarded.length == 0) return;
        uint256 uid = _rewarded[seed % _rewarded.length];
        Reward storage reward_ = _rewards[uid];
        uint16 minutes_ = uint16((seed >> 64) % 64);
        bool expected = !reward_.clawedBack && minutes_ < reward_.kept;
        bool signed_ = seed >> 32 & 1 == 1;
        bytes memory call = abi.encodeCall(registry.reduce, (uid, minutes_));
        if (signed_) {
            bytes memory signature =
                sign(attester, reduceDigest(registryDomain(), attester, uid, minutes_, block.timestamp));
            call = abi.encodeCall(registry.reduceBySignature, (attester, uid, minutes_, block.timestamp, signature));
        } else {
            vm.prank(programmeOfficer);
        }
        (bool succeeded,) = _attempt(address(registry), call);
        _ends("reduce", succeeded, expected);
        if (!succeeded) return;
        _lastReduced = uid;
        reward_.struck = (reward_.minutes_ - minutes_) * 10;
        (reward_.kept, reward_.reducedAt) = (minutes_, block.timestamp);
        assertCorrection(uid, reward_.struck, minutes_, block.timestamp);
    }

    function clawbackReward(uint256 seed) external watched {
        if (_rewarded.length == 0) return;
        uint256 uid = seed >> 32 & 3 == 0 || _lastReduced == 0 ? _rewarded[seed % _rewarded.length] : _lastReduced;
        Reward storage reward_ = _rewards[uid];
        if (reward_.reducedAt != 0 && !reward_.clawedBack) _seek(reward_.reducedAt + CLAWBACK_WINDOW, seed >> 16);
        uint256 spendable = token.spendableOf(token.holderOf(uint32(uid)));
        vm.prank(clawer);
        (bool succeeded, bytes memory answer) = _attempt(address(registry), abi.encodeCall(registry.clawback, (uid)));
        bool open = reward_.reducedAt != 0 && !reward_.clawedBack;
        _ends("claw back", succeeded, open && block.timestamp >= reward_.reducedAt + CLAWBACK_WINDOW);
        if (!succeeded) return;
        reward_.clawedBack = true;
        uint256 burned = reward_.struck < spendable ? reward_.struck : spendable;
        assertEq(abi.decode(answer, (uint256)), burned, "what was taken back");
        clawedBack += burned;
        _earned[uint32(uid)][reward_.month] -= burned;
        _earnedInYear[uint32(uid)][reward_.month / 12] -= burned;
        (uint256 inMonth,) = registry.earned(uint32(uid), reward_.month);
        assertEq(inMonth, _earned[uint32(uid)][reward_.month], "I5: the month");
    }

    function cancelReport(uint256 seed) external watched {
        if (_rewarded.length == 0) return;
        Report memory item = report(_rewarded[seed % _rewarded.length] >> 32, _number((seed >> 8) % RESIDENTS), 1);
        bytes32 digest = reportDigest(registryDomain(), item);
        if (seed >> 16 & 1 == 1) {
            registry.cancelReportBySignature(
                attester, digest, sign(attester, cancelReportDigest(registryDomain(), attester, digest))
            );
        } else {
            vm.prank(programmeOfficer);
            registry.cancelReport(digest);
        }
        bytes memory attested_ = attesterSignature(item);
        bytes memory released = issuerSignature(item, 0);
        (bool succeeded, bytes memory answer) =
            _attempt(address(registry), abi.encodeCall(registry.issue, (item, attested_, issuer, released, 0)));
        assertFalse(succeeded);
        assertTrue(bytes4(answer) == IActivityRegistry.ReportWithdrawn.selector, "a cancelled report");
        _did("cancel a report");
    }

    /// @dev By so little that something can still be earned, or by so much that nothing can.
    function lowerSomebodysYear(uint256 seed) external {
        (uint32 number, uint256 month) = (_number((seed >> 8) % RESIDENTS), MONTH + (seed >> 16) % 24);
        uint256 euros = (seed >> 32) % (seed & 15 == 0 ? 65_536 : 60);
        lowerYear(number, month / 12, euros);
        _loweredBy[number][month / 12] = euros * 100;
        assertEq(registry.loweredBy(number, month / 12), euros * 100);
        uint256 gone = _earnedInYear[number][month / 12] + euros * 100;
        (, uint256 left) = registry.left(number, month);
        assertEq(left, gone < YEAR_LIMIT ? YEAR_LIMIT - gone : 0, "what is left of a lowered year");
        _did("lower a year");
    }

    /* INTERNALS */

    /// @dev A key of any kind or a contract wallet, which may have signed a payment before it had a number.
    function _newPhone(uint256 seed) private returns (address phone) {
        string memory name = string.concat("phone ", vm.toString(++_phones));
        uint256 kind = (seed >> 24) % 4;
        if (kind < 2) phone = kind == 0 ? walletOf(name) : person(name);
        else phone = browserOf(name, kind == 2);
        if (seed >> 26 & 1 == 1 && !_isPaused() && block.timestamp <= _payUntil()) {
            Payment memory item = payment(phone, _merchant(0), 1, 0);
            assertEq(token.pay(item, signAs(phone, digestOf(item))), 0);
            nonceOf[phone] = 1;
        }
    }

    function _isFrozenByGuardian(address who) internal view returns (bool) {
        return wordOf(who) >> 200 & 1 == 1;
    }

    /// @dev I7: it is the one move that the matrix does not know, all of it at once, from the old to the new.
    function _checkReplaced(address oldHolder, address newHolder, uint256 moved) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 last = logs.length - 1;
        assertEq(logs[last].topics[0], keccak256("Replaced(bytes32,uint32,address,address)"));
        if (moved != 0) assertTransfer(logs[--last], oldHolder, newHolder, moved);
        if (last == 0) return;
        assertEq(last, 2);
        assertEq(logs[1].topics[0], keccak256("Expired(address,uint256)"));
        assertTransfer(logs[0], oldHolder, address(0), abi.decode(logs[1].data, (uint256)));
        expired += abi.decode(logs[1].data, (uint256));
    }
}
