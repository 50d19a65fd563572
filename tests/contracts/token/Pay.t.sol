// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Payment, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract PayTest is City {
    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
    }

    function test_pay_movesCreditsAndEmitsTransferThenPaid() public {
        Payment memory item = payment(alice, shop, 250);
        bytes memory signature = signed(item);
        vm.recordLogs();
        vm.prank(stranger);
        assertEq(token.pay(item, signature), 1);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertTransfer(logs[0], alice, shop, 250);
        assertPaid(logs[1], one(digestOf(item)));
        assertEq(token.balanceOf(alice), 750);
        assertEq(token.balanceOf(shop), 250);
        assertEq(token.paymentNonce(alice), 1);
        assertEq(token.paymentNonce(shop), 0);
        assertBooks();
    }

    function test_pay_atTheDeadlinePays() public {
        Payment memory item = payment(alice, shop, 1);
        bytes memory signature = signed(item);
        vm.warp(item.deadline);
        assertEq(token.pay(item, signature), 1);
    }

    function test_pay_afterTheDeadlineChangesNothing() public {
        Payment memory item = payment(alice, shop, 1);
        bytes memory signature = signed(item);
        vm.warp(item.deadline + 1);
        _changesNothing(item, signature);
    }

    function test_pay_anotherNonceChangesNothing() public {
        Payment memory ahead = payment(alice, shop, 1, 1);
        _changesNothing(ahead, signed(ahead));
        token.pay(payment(alice, shop, 1), signed(payment(alice, shop, 1)));
        Payment memory behind = payment(alice, shop, 2, 0);
        _changesNothing(behind, signed(behind));
        // Only the low 48 bits fit the slot; the comparison is of all 256.
        Payment memory wrapped = payment(alice, shop, 2, 2 ** 48 + 1);
        _changesNothing(wrapped, signed(wrapped));
    }

    function test_pay_ofNobodyChangesNothing() public {
        Payment memory item = payment(address(0), shop, 0);
        _changesNothing(item, new bytes(65));
    }

    function test_pay_failsOnce_withItsReason() public {
        _fails(payment(alice, alice, 1), Refusal.SameAccount);
        _fails(payment(alice, alice, 0), Refusal.SameAccount);
        _fails(payment(alice, shop, 0), Refusal.ZeroValue);
        _fails(payment(alice, bob, 1), Refusal.NotAllowed);
        _fails(payment(alice, stranger, 1), Refusal.NotAllowed);
        _fails(payment(alice, address(desk), 1), Refusal.NotAllowed);
        _fails(payment(alice, shop, 1001), Refusal.Insufficient);
        _fails(payment(alice, shop, type(uint256).max), Refusal.Insufficient);
        _fails(payment(alice, shop, 2 ** 48), Refusal.Insufficient);
        _fails(payment(stranger, shop, 1), Refusal.NotAllowed);
        freeze(ALICE);
        _fails(payment(alice, shop, 1), Refusal.Frozen);
        // The order of the reasons: frozen before class, class before funds.
        _fails(payment(alice, bob, 5000), Refusal.Frozen);
        _fails(payment(alice, shop, 0), Refusal.ZeroValue);
    }

    function test_pay_notAllowedComesBeforeInsufficient() public {
        _fails(payment(alice, bob, 5000), Refusal.NotAllowed);
    }

    function test_pay_merchantToResidentIsNotARefund() public {
        fund(SHOP, 100);
        _fails(payment(shop, alice, 1), Refusal.NotAllowed);
        setClass(SHOP, Class.Closing);
        _fails(payment(shop, alice, 1), Refusal.NotAllowed);
    }

    function test_pay_failureIsFinal() public {
        Payment memory item = payment(alice, shop, 2000);
        bytes memory signature = signed(item);
        assertEq(token.pay(item, signature), 0);
        mint(ALICE, 5000);
        _changesNothing(item, signature);
    }

    function test_pay_toFrozenShopPays() public {
        freeze(SHOP);
        Payment memory item = payment(alice, shop, 10);
        assertEq(token.pay(item, signed(item)), 1);
    }

    function test_pay_whilePausedReverts() public {
        Payment memory item = payment(alice, shop, 10);
        bytes memory signature = signed(item);
        pause();
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        token.pay(item, signature);
        assertEq(token.paymentNonce(alice), 0);
        vm.prank(unpauser);
        token.unpause();
        assertEq(token.pay(item, signature), 1);
    }

    function test_pay_atPayUntilPays_afterItReverts() public {
        vm.warp(PAY_UNTIL);
        mintAt(ALICE, 40);
        Payment memory item = payment(alice, shop, 10);
        assertEq(token.pay(item, signed(item)), 1);
        item = payment(alice, shop, 10);
        bytes memory signature = signed(item);
        vm.warp(PAY_UNTIL + 1);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.PaymentsEnded.selector, PAY_UNTIL));
        token.pay(item, signature);
        assertEq(token.paymentNonce(alice), 1);
    }

    function test_pay_rollsBeforeItPays() public {
        vm.warp(JULY_2026);
        mint(ALICE, 300);
        vm.warp(JANUARY_2027);
        // The 1000 of spring are past, the 300 of summer are stale now.
        Payment memory item = payment(alice, shop, 300);
        vm.recordLogs();
        assertEq(token.pay(item, signed(item)), 1);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 4);
        assertTransfer(logs[0], alice, address(0), 1000);
        assertEq(logs[1].topics[0], keccak256("Expired(address,uint256)"));
        assertTransfer(logs[2], alice, shop, 300);
        assertPaid(logs[3], one(digestOf(item)));
        assertBooks();
    }

    function test_pay_failedStillRolls() public {
        vm.warp(JANUARY_2027);
        Payment memory item = payment(alice, shop, 1);
        vm.recordLogs();
        assertEq(token.pay(item, signed(item)), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertTransfer(logs[0], alice, address(0), 1000);
        assertEq(logs[2].topics[0], keccak256("PaymentFailed(bytes32,address,uint256,uint8)"));
        assertEq(token.totalSupply(), 0);
        assertEq(token.accountOf(alice).epoch, EPOCH + 2);
        assertEq(token.paymentNonce(alice), 1);
        assertBooks();
    }

    /// @dev Credits as if issued just before issuing ended: the registry cannot any more.
    function mintAt(uint32 number, uint256 amount) private {
        address holder = token.holderOf(number);
        storeAccount(holder, word(amount, 0, token.currentEpoch(), 0, number, Class.Resident));
    }

    function _changesNothing(Payment memory item, bytes memory signature) private {
        uint256 before = wordOf(item.from);
        vm.recordLogs();
        assertEq(token.pay(item, signature), 0);
        assertNoLogs();
        assertEq(wordOf(item.from), before);
    }

    function _fails(Payment memory item, Refusal reason) private {
        bytes memory signature = signed(item);
        uint256 payee = wordOf(item.to);
        uint256 payer = wordOf(item.from);
        vm.recordLogs();
        assertEq(token.pay(item, signature), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("PaymentFailed(bytes32,address,uint256,uint8)"));
        assertEq(logs[0].topics[1], digestOf(item));
        assertEq(address(uint160(uint256(logs[0].topics[2]))), item.from);
        (uint256 nonce, Refusal got) = abi.decode(logs[0].data, (uint256, Refusal));
        assertEq(nonce, item.nonce);
        assertEq(uint256(got), uint256(reason));
        // I9: the nonce rises by one, and nothing else moves.
        assertEq(wordOf(item.from), payer + 2 ** 112);
        if (item.to != item.from) assertEq(wordOf(item.to), payee);
        vm.recordLogs();
        assertEq(token.pay(item, signature), 0);
        assertNoLogs();
    }
}
