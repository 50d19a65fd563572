// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IMunicipalToken, Payment, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract PayBatchTest is City {
    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
        mint(BOB, 500);
    }

    function test_payBatch_paysOnePayersItemsInOrder() public {
        Payment[] memory items = new Payment[](3);
        items[0] = payment(alice, shop, 100, 0);
        items[1] = payment(alice, cafe, 200, 1);
        items[2] = payment(alice, shop, 300, 2);
        assertEq(token.payBatch(items, signed(items)), 3);
        assertEq(token.balanceOf(alice), 400);
        assertEq(token.balanceOf(shop), 400);
        assertEq(token.balanceOf(cafe), 200);
        assertEq(token.paymentNonce(alice), 3);
        assertBooks();
    }

    function test_payBatch_outOfOrderItemChangesNothing() public {
        Payment[] memory items = new Payment[](3);
        items[0] = payment(alice, shop, 100, 1);
        items[1] = payment(alice, cafe, 200, 0);
        items[2] = payment(alice, cafe, 300, 1);
        assertEq(token.payBatch(items, signed(items)), 2);
        assertEq(token.balanceOf(shop), 0);
        assertEq(token.balanceOf(cafe), 500);
    }

    function test_payBatch_mixed_digestsBelongToTheLastTransfers() public {
        vm.warp(JULY_2026);
        mint(BOB, 100);
        vm.warp(JANUARY_2027);
        mint(ALICE, 1000);
        // Alice's spring was burnt by her reward. Bob's will be in this batch: 500 past, 100 good.
        Payment[] memory items = new Payment[](7);
        items[0] = payment(alice, shop, 10, 0);
        items[1] = payment(alice, bob, 1, 1);
        items[2] = payment(bob, cafe, 20, 0);
        items[3] = payment(stranger, shop, 1, 0);
        items[4] = payment(alice, shop, 5, 7);
        items[5] = payment(bob, shop, 5000, 1);
        items[6] = payment(alice, cafe, 30, 2);
        bytes[] memory signatures = signed(items);
        vm.recordLogs();
        assertEq(token.payBatch(items, signatures), 3);
        Vm.Log[] memory logs = vm.getRecordedLogs();

        assertEq(logs.length, 9);
        assertTransfer(logs[0], alice, shop, 10);
        _assertFailed(logs[1], items[1], Refusal.NotAllowed);
        assertTransfer(logs[2], bob, address(0), 500);
        assertEq(logs[3].topics[0], keccak256("Expired(address,uint256)"));
        assertTransfer(logs[4], bob, cafe, 20);
        _assertFailed(logs[5], items[3], Refusal.NotAllowed);
        _assertFailed(logs[6], items[5], Refusal.Insufficient);
        assertTransfer(logs[7], alice, cafe, 30);
        bytes32[] memory digests = new bytes32[](3);
        (digests[0], digests[1], digests[2]) = (digestOf(items[0]), digestOf(items[2]), digestOf(items[6]));
        assertPaid(logs[8], digests);
        assertEq(token.paymentNonce(alice), 3);
        assertEq(token.paymentNonce(bob), 2);
        assertEq(token.paymentNonce(stranger), 1);
        assertBooks();
    }

    function test_payBatch_nothingPaid_emitsNoPaid() public {
        Payment[] memory items = new Payment[](2);
        items[0] = payment(alice, bob, 1, 0);
        items[1] = payment(alice, shop, 0, 1);
        bytes[] memory signatures = signed(items);
        vm.recordLogs();
        assertEq(token.payBatch(items, signatures), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        _assertFailed(logs[0], items[0], Refusal.NotAllowed);
        _assertFailed(logs[1], items[1], Refusal.ZeroValue);
    }

    function test_payBatch_badItemsOnly_emitNothing() public {
        Payment[] memory items = new Payment[](3);
        items[0] = payment(alice, shop, 1, 4);
        items[1] = payment(alice, shop, 1, 0);
        items[1].deadline = block.timestamp - 1;
        items[2] = payment(bob, shop, 1, 0);
        bytes[] memory signatures = signed(items);
        signatures[2] = sign(alice, digestOf(items[2]));
        (uint256 aliceBefore, uint256 bobBefore) = (wordOf(alice), wordOf(bob));
        vm.recordLogs();
        assertEq(token.payBatch(items, signatures), 0);
        assertNoLogs();
        assertEq(wordOf(alice), aliceBefore);
        assertEq(wordOf(bob), bobBefore);
    }

    function test_payBatch_empty_doesNothing() public {
        vm.recordLogs();
        assertEq(token.payBatch(new Payment[](0), new bytes[](0)), 0);
        assertNoLogs();
    }

    function test_payBatch_sameItemTwice_paysOnce() public {
        Payment[] memory items = new Payment[](2);
        items[0] = payment(alice, shop, 100);
        items[1] = items[0];
        assertEq(token.payBatch(items, signed(items)), 1);
        assertEq(token.balanceOf(shop), 100);
        assertEq(token.paymentNonce(alice), 1);
    }

    function test_payBatch_lengthMismatch_reverts() public {
        Payment[] memory items = new Payment[](2);
        (items[0], items[1]) = (payment(alice, shop, 1, 0), payment(alice, shop, 1, 1));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.LengthMismatch.selector, 2, 1));
        token.payBatch(items, new bytes[](1));
    }

    function test_payBatch_whilePaused_reverts() public {
        Payment[] memory items = new Payment[](1);
        items[0] = payment(alice, shop, 1);
        bytes[] memory signatures = signed(items);
        pause();
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        token.payBatch(items, signatures);
        assertEq(token.paymentNonce(alice), 0);
    }

    function test_payBatch_afterPayUntil_reverts() public {
        vm.warp(PAY_UNTIL + 1);
        Payment[] memory items = new Payment[](1);
        items[0] = payment(alice, shop, 1);
        bytes[] memory signatures = signed(items);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.PaymentsEnded.selector, PAY_UNTIL));
        token.payBatch(items, signatures);
        assertEq(token.paymentNonce(alice), 0);
    }

    /// @notice I12: a batch is the fold of its items, failures and strays included.
    function testFuzz_payBatch_isTheFoldOfItsItems(uint256 seed, bool winter) public {
        vm.warp(winter ? JANUARY_2027 : JULY_2026);
        mint(BOB, 200);
        Payment[] memory items = _randomItems(seed);
        bytes[] memory signatures = signed(items);
        if (seed % 3 == 0) signatures[seed % items.length] = new bytes(65);

        uint256 snapshot = vm.snapshotState();
        uint256 paid = token.payBatch(items, signatures);
        bytes32 batched = _state();
        vm.revertToState(snapshot);
        uint256 single;
        for (uint256 i = 0; i < items.length; ++i) {
            single += token.pay(items[i], signatures[i]);
        }
        assertEq(paid, single);
        assertEq(batched, _state());
        assertBooks();
    }

    function _randomItems(uint256 seed) private view returns (Payment[] memory items) {
        items = new Payment[](6);
        address[5] memory who = [alice, bob, shop, cafe, stranger];
        uint256[5] memory nonces;
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 payer = dice % 3;
            uint256 nonce = nonces[payer];
            if (dice >> 16 & 7 == 0) nonce += 1;
            else ++nonces[payer];
            items[i] = payment(who[payer], who[(dice >> 32) % 5], (dice >> 64) % 700, nonce);
            if (dice >> 24 & 7 == 0) items[i].deadline = block.timestamp - 1;
        }
    }

    function _state() private view returns (bytes32) {
        (uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired) = token.ledger();
        return keccak256(
            abi.encode(wordOf(alice), wordOf(bob), wordOf(shop), wordOf(cafe), issued, settled, clawedBack, expired)
        );
    }

    function _assertFailed(Vm.Log memory log, Payment memory item, Refusal reason) private view {
        assertEq(log.topics[0], keccak256("PaymentFailed(bytes32,address,uint256,uint8)"));
        assertEq(log.topics[1], digestOf(item));
        assertEq(address(uint160(uint256(log.topics[2]))), item.from);
        assertEq(keccak256(log.data), keccak256(abi.encode(item.nonce, reason)));
    }
}
