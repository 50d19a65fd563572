// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Line, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Class, Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Group, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Calendar} from "../../../contracts/libraries/Calendar.sol";
import {RecoveryHandler} from "./RecoveryHandler.sol";
import {Authorization} from "./Signing.sol";

/// @notice What people do in a city, in any order, and what must have come of it, kept apart from the contracts.
/// @dev Every action succeeds, or knows that the contracts must refuse it and asserts that they do.
contract Handler is RecoveryHandler {
    uint256 private _payouts;

    function setUp() public override {
        super.setUp();
        // Two of them have contract wallets.
        (address carol, address dave, address bakery) = (person("carol"), walletOf("dave"), walletOf("bakery"));
        enrol(carol, 1003, Class.Resident);
        enrol(dave, 1004, Class.Resident);
        enrol(bakery, 2003, Class.Merchant);
        people = [alice, bob, carol, dave, shop, cafe, bakery];
        addRule(rule(MONTH, 600, 2 ** 20 - 1, 2 ** 24, 0));
        programme = openProgramme(1e9, MONTH, MONTH + 120);
    }

    /* EARNING */

    function reward(uint256 seed) external watched {
        (,, uint256 issueUntil,,) = token.rules();
        if (_isPaused() || block.timestamp > issueUntil) return;
        uint256 month = Calendar.monthOf(block.timestamp);
        uint256 activity = openActivity(programme, month, 600);
        Line[] memory lines = new Line[](1 + seed % 3);
        uint256 skip = lines.length > 1 && seed >> 8 & 1 == 1 ? 1 : 0;
        for (uint256 i = 0; i < lines.length; ++i) {
            lines[i] = line(uint32(1001 + (seed % 4 + i) % 4), uint16(1 + uint256(keccak256(abi.encode(seed, i))) % 60));
            if (skip >> i & 1 == 1) continue;
            (uint32 number, uint256 minutes_) = (lines[i].number, lines[i].minutes_);
            attested += minutes_ * 10;
            _earned[number][month] += minutes_ * 10;
            _rewarded.push(activity << 32 | number);
            _rewards[activity << 32 | number] = Reward(month, minutes_, minutes_, 0, 0, false);
        }
        issue(report(activity, lines), skip);
        (uint256 inMonth,) = registry.earned(lines[lines.length - 1].number, month);
        assertEq(inMonth, _earned[lines[lines.length - 1].number][month], "I5: the month");
    }

    /// @dev I4: whatever the time and the state, a second reward of the same activity is refused.
    function rewardAgain(uint256 seed) external watched {
        if (_rewarded.length == 0) return;
        uint256 uid = _rewarded[seed % _rewarded.length];
        Report memory item = report(uid >> 32, uint32(uid), 1);
        bytes memory attestation = attesterSignature(item);
        bytes memory release = issuerSignature(item, 0);
        (bool done,) =
            _attempt(address(registry), abi.encodeCall(registry.issue, (item, attestation, issuer, release, 0)));
        assertFalse(done);
    }

    /* PAYING */

    /// @dev I9: keys and wallets, living and dead, some of it flawed; of more than eight wallets the rest is not asked.
    function payBatch(uint256 seed) external watched {
        if (_isPaused() || block.timestamp > _payUntil()) return;
        Payment[] memory items = new Payment[](1 + seed % 12);
        bytes[] memory signatures = new bytes[](items.length);
        bool oneWallet = (seed >> 8) % 4 == 0;
        uint256 asked;
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            address payer = oneWallet ? people[3] : _anyone(dice);
            items[i] = payment(payer, _anyone(dice >> 8), (dice >> 16) % 400, nonceOf[payer]);
            uint256 flaw = (dice >> 32) % 12;
            if (flaw == 0) items[i].nonce += 1 + (dice >> 40) % 3;
            if (flaw == 1) items[i].deadline = block.timestamp - 1;
            signatures[i] = flaw == 2 ? sign(stranger, digestOf(items[i])) : signed(items[i]);
            if (flaw < 2 || (payer.code.length != 0 && ++asked > 8)) continue;
            if (flaw > 2) ++nonceOf[payer];
        }
        token.payBatch(items, signatures);
    }

    function transfer(uint256 seed) external watched {
        (address from, address to) = (_anyone(seed), _anyone(seed >> 8));
        vm.prank(from);
        (bool done,) = _attempt(address(token), abi.encodeCall(token.transfer, (to, (seed >> 16) % 300)));
        if (!done) ++failures;
    }

    function permitAndTransferFrom(uint256 seed) external watched {
        (address owner, address to, uint256 value) = (_anyone(seed), _anyone(seed >> 8), (seed >> 16) % 300);
        bytes32 digest = permitDigest(tokenDomain(), owner, stranger, value, permitsOf[owner]++, block.timestamp);
        token.permit(owner, stranger, value, block.timestamp, sign(owner, digest));
        vm.prank(stranger);
        (bool done,) = _attempt(address(token), abi.encodeCall(token.transferFrom, (owner, to, value)));
        assertEq(token.allowance(owner, stranger), done ? 0 : value, "allowance");
        if (!done) ++failures;
    }

    function refundPayment(uint256 seed) external watched {
        Authorization memory a = authorization(
            people[4 + seed % 3], people[(seed >> 8) % 4], 1 + (seed >> 16) % 100, keccak256(abi.encode(seed))
        );
        bytes memory signature = sign(a.from, transferDigest(tokenDomain(), a));
        (bool done,) = _attempt(
            address(token),
            abi.encodeWithSignature(
                "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
                a.from,
                a.to,
                a.value,
                a.validAfter,
                a.validBefore,
                a.nonce,
                signature
            )
        );
        if (!done) ++failures;
    }

    function expire(uint256 seed) external watched {
        uint256 supply = token.totalSupply();
        uint256 burned = token.expire(one(people[seed % PEOPLE]));
        assertEq(token.totalSupply(), supply - burned);
        if (seed % PEOPLE >= 4) assertEq(burned, 0);
    }

    /* REDEEMING */

    function redeem(uint256 seed) external watched {
        address from = people[4 + seed % 3];
        uint256 balance = token.balanceOf(from);
        (,,,, uint256 redeemUntil) = token.rules();
        if (balance == 0 || token.accountOf(from).frozen || block.timestamp > redeemUntil) return;
        uint256 amount = 1 + (seed >> 8) % balance;
        bytes32 id = request(from, amount);
        _ids.push(id);
        (_statusOf[id], _reclaimableFrom[id]) = (RedemptionStatus.Requested, block.timestamp + RECLAIM_AFTER);
        ++openOf[token.numberOf(from)];
        escrow += amount;
    }

    function cancelRedemption(uint256 seed) external watched {
        if (_ids.length == 0) return;
        bytes32 id = _ids[seed % _ids.length];
        address holder = token.holderOf(desk.redemptionOf(id).number);
        bytes memory signature = sign(holder, cancelDigest(deskDomain(), id));
        (bool done,) = _attempt(address(desk), abi.encodeCall(desk.cancel, (id, signature)));
        assertEq(done, _statusOf[id] == RedemptionStatus.Requested);
        if (done) _end(id, RedemptionStatus.Cancelled);
    }

    function lockRedemption(uint256 seed) external {
        if (_ids.length == 0) return;
        bytes32 id = _ids[seed % _ids.length];
        address who = _treasurer(seed);
        bytes memory signature = sign(who, lockDigest(deskDomain(), who, one(id), block.timestamp));
        (bool done,) = _attempt(address(desk), abi.encodeCall(desk.lock, (who, one(id), block.timestamp, signature)));
        assertEq(done, _statusOf[id] == RedemptionStatus.Requested);
        if (!done) return;
        (_statusOf[id], _lockerOf[id]) = (RedemptionStatus.Locked, who);
        _reclaimableFrom[id] = block.timestamp + LOCKED_RECLAIM_AFTER;
    }

    function reclaimRedemption(uint256 seed) external watched {
        if (_ids.length == 0) return;
        bytes32 id = _ids[seed % _ids.length];
        (bool done,) = _attempt(address(desk), abi.encodeCall(desk.reclaim, (id)));
        bool open = _statusOf[id] == RedemptionStatus.Requested || _statusOf[id] == RedemptionStatus.Locked;
        assertEq(done, open && block.timestamp >= _reclaimableFrom[id]);
        if (done) _end(id, RedemptionStatus.Reclaimed);
    }

    function settleRedemption(uint256 seed) external watched {
        if (_ids.length == 0) return;
        bytes32 id = _ids[seed % _ids.length];
        address who = _treasurer(seed);
        // I11: now and then with a reference that was used before.
        bool used = _payouts != 0 && (seed >> 16) % 8 == 0;
        Group[] memory groups = new Group[](1);
        groups[0] = Group(keccak256(abi.encode("E2E", used ? _payouts : _payouts + 1)), one(id));
        bytes memory signature = sign(who, settleDigest(deskDomain(), who, groups, block.timestamp));
        (bool done,) = _attempt(address(desk), abi.encodeCall(desk.settle, (who, groups, block.timestamp, signature)));
        assertEq(done, _statusOf[id] == RedemptionStatus.Locked && _lockerOf[id] != who && !used);
        if (!done) return;
        ++_payouts;
        settled += desk.redemptionOf(id).amount;
        _end(id, RedemptionStatus.Settled);
    }

    function refundRedemption(uint256 seed) external watched {
        if (_ids.length == 0) return;
        bytes32 id = _ids[seed % _ids.length];
        address who = _treasurer(seed);
        bytes memory signature = sign(who, refundDigest(deskDomain(), who, one(id), 3, block.timestamp));
        (bool done,) =
            _attempt(address(desk), abi.encodeCall(desk.refund, (who, one(id), 3, block.timestamp, signature)));
        bool locked = _statusOf[id] == RedemptionStatus.Locked && _lockerOf[id] != who;
        assertEq(done, locked || _statusOf[id] == RedemptionStatus.Requested);
        if (done) _end(id, RedemptionStatus.Refunded);
    }

    /* THE CITY AND TIME */

    function freezeOrUnfreeze(uint256 seed) external watched {
        uint32 number = _number(seed % PEOPLE);
        bool frozen = _isFrozenByGuardian(people[seed % PEOPLE]);
        vm.prank(frozen ? unpauser : guardian);
        if (frozen) token.unfreeze(number);
        else token.freeze(number, 1);
    }

    function pauseOrUnpause(uint256 seed) external {
        bool paused = _isPaused();
        // A pause is rare and short.
        if (!paused && seed % 4 != 0) return;
        vm.prank(paused ? unpauser : guardian);
        if (paused) token.unpause();
        else token.pause();
    }

    function closeOrReopen(uint256 seed) external {
        uint32 number = uint32(2001 + seed % 3);
        bool closing = token.accountOf(token.holderOf(number)).class == Class.Closing;
        setClass(number, closing ? Class.Merchant : Class.Closing);
    }

    function switchRule(uint256 seed) external {
        Class class = seed & 1 == 0 ? Class.Resident : Class.Merchant;
        setRule(class, class, seed & 2 == 0);
    }

    function wait_(uint256 seed) external {
        vm.warp(block.timestamp + seed % 75 days);
    }

    /* INTERNALS */

    function _treasurer(uint256 seed) private view returns (address) {
        return seed >> 8 & 1 == 0 ? treasurer : otherTreasurer;
    }

    function _end(bytes32 id, RedemptionStatus status) private {
        _statusOf[id] = status;
        escrow -= desk.redemptionOf(id).amount;
        --openOf[desk.redemptionOf(id).number];
        assertEq(uint256(desk.redemptionOf(id).status), uint256(status));
    }
}
