// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract ExpireTest is City {
    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
    }

    function test_expire_inTheSameHalfYear_burnsNothing() public {
        vm.warp(JULY_2026 - 1);
        _expires(0);
        assertEq(token.accountOf(alice).fresh, 1000);
        assertEq(token.spendableOf(alice), 1000);
        assertEq(token.accountOf(alice).epoch, EPOCH);
    }

    function test_expire_afterOneHalfYear_makesFreshStale() public {
        vm.warp(JULY_2026);
        _expires(0);
        assertEq(token.accountOf(alice).fresh, 0);
        assertEq(token.accountOf(alice).stale, 1000);
        assertEq(token.accountOf(alice).epoch, EPOCH + 1);
        vm.warp(JANUARY_2027 - 1);
        _expires(0);
        assertEq(token.spendableOf(alice), 1000);
    }

    function test_expire_afterTwoHalfYears_burnsAll() public {
        vm.warp(JANUARY_2027 - 1);
        assertEq(token.spendableOf(alice), 1000);
        vm.warp(JANUARY_2027);
        assertEq(token.spendableOf(alice), 0);
        assertEq(token.balanceOf(alice), 1000);
        assertEq(token.totalSupply(), 1000);
        _expires(1000);
        assertEq(token.accountOf(alice).epoch, EPOCH + 2);
    }

    function test_expire_afterOneHalfYear_burnsStaleOnly() public {
        vm.warp(JULY_2026);
        mint(ALICE, 300);
        vm.warp(JANUARY_2027);
        assertEq(token.spendableOf(alice), 300);
        _expires(1000);
        assertEq(token.balanceOf(alice), 300);
        assertEq(token.accountOf(alice).stale, 300);
        vm.warp(JULY_2027);
        _expires(300);
    }

    function test_expire_afterManyHalfYears_burnsAll() public {
        vm.warp(JULY_2026);
        mint(ALICE, 300);
        vm.warp(JULY_2027);
        _expires(1300);
    }

    function test_expire_twice_burnsOnce() public {
        vm.warp(JANUARY_2027);
        address[] memory twice = new address[](2);
        (twice[0], twice[1]) = (alice, alice);
        assertEq(token.expire(twice), 1000);
        assertEq(token.expire(twice), 0);
        assertBooks();
    }

    function test_expire_severalHolders_addsUp() public {
        mint(BOB, 20);
        vm.warp(JANUARY_2027);
        address[] memory both = new address[](2);
        (both[0], both[1]) = (alice, bob);
        assertEq(token.expire(both), 1020);
        (,,, uint256 expired) = token.ledger();
        assertEq(expired, 1020);
        assertBooks();
    }

    /// @notice I13.
    function test_expire_leavesShopsAndDesk() public {
        fund(SHOP, 100);
        vm.prank(alice);
        token.transfer(cafe, 30);
        setClass(CAFE, Class.Closing);
        request(shop, 40);
        vm.warp(PAY_UNTIL + 1);
        address[] memory list = new address[](5);
        (list[0], list[1], list[2], list[3], list[4]) = (shop, cafe, address(desk), stranger, address(0));
        vm.recordLogs();
        assertEq(token.expire(list), 0);
        assertNoLogs();
        assertEq(token.balanceOf(shop), 60);
        assertEq(token.balanceOf(cafe), 30);
        assertEq(token.balanceOf(address(desk)), 40);
        assertEq(wordOf(stranger), 0);
    }

    function test_expire_frozen_works() public {
        freeze(ALICE);
        vm.warp(JANUARY_2027);
        _expires(1000);
        assertTrue(token.accountOf(alice).frozen);
    }

    function test_expire_whilePaused_works() public {
        pause();
        vm.warp(JANUARY_2027);
        _expires(1000);
    }

    function test_expire_afterPayUntil_burnsBothBuckets() public {
        // Both buckets are good by the half-years: only the wind-down takes them.
        vm.warp(PAY_UNTIL);
        uint256 epoch = token.currentEpoch();
        storeAccount(alice, word(700, 300, epoch, 5, ALICE, Class.Resident));
        assertEq(token.spendableOf(alice), 1000);
        _expires(0);
        vm.warp(PAY_UNTIL + 1);
        assertEq(token.currentEpoch(), epoch);
        assertEq(token.spendableOf(alice), 0);
        _expires(1000);
        assertEq(wordOf(alice), word(0, 0, epoch, 5, ALICE, Class.Resident));
    }

    function test_expiringOf_saysWhatGoesWhen() public {
        _assertExpiring(0, 0, 1000, JANUARY_2027);
        vm.warp(JULY_2026);
        _assertExpiring(1000, JANUARY_2027, 0, 0);
        mint(ALICE, 300);
        _assertExpiring(1000, JANUARY_2027, 300, JULY_2027);
        vm.warp(JANUARY_2027);
        _assertExpiring(300, JULY_2027, 0, 0);
        vm.warp(JULY_2027);
        _assertExpiring(0, 0, 0, 0);
    }

    function test_expiringOf_neverLaterThanTheWindDown() public {
        vm.warp(PAY_UNTIL);
        storeAccount(alice, word(700, 300, token.currentEpoch(), 0, ALICE, Class.Resident));
        _assertExpiring(300, PAY_UNTIL + 1, 700, PAY_UNTIL + 1);
        vm.warp(PAY_UNTIL + 1);
        _assertExpiring(0, 0, 0, 0);
    }

    function test_expiringOf_shopsCreditsNeverExpire() public {
        fund(SHOP, 10);
        (uint256 first, uint256 firstAt, uint256 second, uint256 secondAt) = token.expiringOf(shop);
        assertEq(first + firstAt + second + secondAt, 0);
        vm.warp(PAY_UNTIL + 1);
        assertEq(token.spendableOf(shop), 10);
    }

    function _assertExpiring(uint256 first, uint256 firstAt, uint256 second, uint256 secondAt) private view {
        (uint256 a, uint256 aAt, uint256 b, uint256 bAt) = token.expiringOf(alice);
        assertEq(a, first, "first");
        assertEq(aAt, firstAt, "firstAt");
        assertEq(b, second, "second");
        assertEq(bAt, secondAt, "secondAt");
    }

    function _expires(uint256 burned) private {
        uint256 supply = token.totalSupply();
        uint256 spendable = token.spendableOf(alice);
        vm.recordLogs();
        vm.prank(stranger);
        assertEq(token.expire(one(alice)), burned);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (burned == 0) {
            assertEq(logs.length, 0);
        } else {
            assertEq(logs.length, 2);
            assertTransfer(logs[0], alice, address(0), burned);
            assertEq(logs[1].topics[0], keccak256("Expired(address,uint256)"));
            assertEq(address(uint160(uint256(logs[1].topics[1]))), alice);
            assertEq(abi.decode(logs[1].data, (uint256)), burned);
            assertBooks();
        }
        assertEq(token.totalSupply(), supply - burned);
        assertEq(token.balanceOf(alice), spendable);
    }
}
