// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IMunicipalToken, Class, Payment, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";
import {KeyWallet, Mood, OddWallet, ReentrantWallet} from "../support/Wallets.sol";

/// @notice Payers that are contracts (ERC-1271), honest and not.
contract PayWalletsTest is Recovery {
    address private _dave;

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
        mint(BOB, 1000);
        _dave = walletOf("dave");
        _enrolAndMint(_dave, 1004);
    }

    function test_pay_byAContractWallet_pays() public {
        Payment memory item = payment(_dave, shop, 100);
        bytes memory signature = signed(item);
        vm.recordLogs();
        assertEq(token.pay(item, signature), 1);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertTransfer(logs[0], _dave, shop, 100);
        assertPaid(logs[1], one(digestOf(item)));
        assertEq(token.paymentNonce(_dave), 1);
    }

    function test_pay_byAContractWallet_aFailureConsumesTheNonce() public {
        Payment memory item = payment(_dave, bob, 100);
        bytes memory signature = signed(item);
        vm.recordLogs();
        assertEq(token.pay(item, signature), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[1], digestOf(item));
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(0, Refusal.NotAllowed)));
        assertEq(token.paymentNonce(_dave), 1);
    }

    function test_pay_byAContractWallet_ofAnotherSigner_changesNothing() public {
        _ignored(payment(_dave, shop, 100), sign(alice, digestOf(payment(_dave, shop, 100))));
        _ignored(payment(_dave, shop, 100), "");
        Payment memory other = payment(_dave, shop, 101);
        _ignored(payment(_dave, shop, 100), signed(other));
    }

    function test_pay_byAnAddressWithoutCode_isNotAsked() public {
        _ignored(payment(alice, shop, 100), hex"1626ba7e");
        // A precompiled contract has no code either: the identity gives back what it is asked.
        _ignored(payment(address(4), shop, 100), "");
    }

    /// @notice A key comes first: with delegated code (EIP-7702) it still signs, whatever the code says.
    function test_pay_byAKeyWithDelegatedCode_keySignsFirst() public {
        _delegate(alice, address(new OddWallet(Mood.Endless)));
        assertEq(token.pay(payment(alice, shop, 100), signed(payment(alice, shop, 100))), 1);
        _delegate(alice, address(new OddWallet(Mood.No)));
        assertEq(token.pay(payment(alice, shop, 100), signed(payment(alice, shop, 100))), 1);
        _ignored(payment(alice, shop, 100), sign(bob, digestOf(payment(alice, shop, 100))));
        // And so does the contract that the key delegated to.
        _delegate(alice, address(new KeyWallet(bob)));
        assertEq(token.pay(payment(alice, shop, 100), sign(bob, digestOf(payment(alice, shop, 100)))), 1);
        assertEq(token.pay(payment(alice, shop, 100), signed(payment(alice, shop, 100))), 1);
        assertEq(token.paymentNonce(alice), 4);
    }

    function test_payBatch_keysWithDelegatedCode_doNotCountAsWallets() public {
        _delegate(alice, address(new OddWallet(Mood.No)));
        Payment[] memory items = new Payment[](20);
        for (uint256 i = 0; i < 12; ++i) {
            items[i] = payment(alice, shop, 1, i);
        }
        for (uint256 i = 0; i < 8; ++i) {
            items[12 + i] = payment(_dave, shop, 1, i);
        }
        assertEq(token.payBatch(items, signed(items)), 20);
    }

    function test_payBatch_keysAndWalletsMixed_payInOrder() public {
        Payment[] memory items = new Payment[](6);
        items[0] = payment(_dave, shop, 1, 0);
        items[1] = payment(alice, cafe, 2, 0);
        items[2] = payment(_dave, bob, 3, 1);
        items[3] = payment(_dave, cafe, 4, 2);
        items[4] = payment(_dave, cafe, 5, 3);
        items[5] = payment(bob, shop, 6, 0);
        bytes[] memory signatures = signed(items);
        signatures[4] = sign(alice, digestOf(items[4]));
        vm.recordLogs();
        assertEq(token.payBatch(items, signatures), 4);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 6);
        assertTransfer(logs[0], _dave, shop, 1);
        assertTransfer(logs[1], alice, cafe, 2);
        assertEq(logs[2].topics[0], keccak256("PaymentFailed(bytes32,address,uint256,uint8)"));
        assertTransfer(logs[3], _dave, cafe, 4);
        assertTransfer(logs[4], bob, shop, 6);
        bytes32[] memory digests = new bytes32[](4);
        (digests[0], digests[1]) = (digestOf(items[0]), digestOf(items[1]));
        (digests[2], digests[3]) = (digestOf(items[3]), digestOf(items[5]));
        assertPaid(logs[5], digests);
        assertEq(token.paymentNonce(_dave), 3);
    }

    function test_payBatch_theNinthWallet_changesNothing() public {
        Payment[] memory items = new Payment[](11);
        for (uint256 i = 0; i < 9; ++i) {
            items[i] = payment(_dave, shop, 1, i);
        }
        items[9] = payment(alice, shop, 1, 0);
        items[10] = payment(_dave, shop, 1, 8);
        bytes[] memory signatures = signed(items);
        vm.recordLogs();
        assertEq(token.payBatch(items, signatures), 9);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 10);
        assertTransfer(logs[8], alice, shop, 1);
        assertEq(token.paymentNonce(_dave), 8);
        // In the next call it is the first.
        assertEq(token.pay(items[8], signatures[8]), 1);
    }

    function test_payBatch_walletsThatSayNo_countToo() public {
        address no = _odd(Mood.No, 1005);
        Payment[] memory items = new Payment[](9);
        for (uint256 i = 0; i < 8; ++i) {
            items[i] = payment(no, shop, 1, 0);
        }
        items[8] = payment(_dave, shop, 1);
        bytes[] memory signatures = signed(items);
        vm.recordLogs();
        assertEq(token.payBatch(items, signatures), 0);
        assertNoLogs();
        assertEq(token.paymentNonce(_dave), 0);
    }

    function test_payBatch_walletsNotAsked_doNotCount() public {
        Payment[] memory items = new Payment[](18);
        for (uint256 i = 0; i < 9; ++i) {
            items[i] = payment(_dave, shop, 1, 7);
            if (i % 2 == 0) (items[i].nonce, items[i].deadline) = (0, block.timestamp - 1);
        }
        for (uint256 i = 0; i < 8; ++i) {
            items[9 + i] = payment(_dave, shop, 1, i);
        }
        items[17] = payment(_dave, shop, 1, 8);
        assertEq(token.payBatch(items, signed(items)), 8);
    }

    function test_pay_byOddWallets() public {
        _pays(Mood.Yes);
        _pays(Mood.Spending);
        _pays(Mood.Demanding);
        // One word of the answer is read, and it is a yes.
        _pays(Mood.Talkative);
        _ignored(Mood.No);
        _ignored(Mood.Endless);
        _ignored(Mood.Reverting);
        _ignored(Mood.TalkativeNo);
        _ignored(Mood.Short);
        _ignored(Mood.Silent);
        _ignored(Mood.Dirty);
        _ignored(Mood.True_);
        // It may read, and change nothing.
        _ignored(Mood.Writing);
    }

    /// @notice What a wallet returns costs the carrier nothing beyond the wallet's own gas.
    function test_pay_returnBomb_costsNoMoreThanTheCap() public {
        Mood[4] memory moods = [Mood.Endless, Mood.Reverting, Mood.Talkative, Mood.TalkativeNo];
        for (uint256 i = 0; i < moods.length; ++i) {
            address wallet = _odd(moods[i], uint32(1010 + i));
            Payment memory item = payment(wallet, shop, 1);
            uint256 before = gasleft();
            token.pay(item, "");
            assertLe(before - gasleft(), 300_000);
        }
    }

    function test_pay_aWalletThatTriesToReenter_isRefusedAndPaysOnce() public {
        ReentrantWallet wallet = new ReentrantWallet();
        _enrolAndMint(address(wallet), 1005);
        Payment memory item = payment(address(wallet), shop, 100);
        wallet.prepare(address(token), abi.encodeCall(token.pay, (item, "")));
        assertEq(token.pay(item, ""), 1);
        item = payment(address(wallet), shop, 100);
        wallet.prepare(address(token), abi.encodeCall(token.transfer, (shop, 100)));
        assertEq(token.pay(item, ""), 1);
        item = payment(address(wallet), shop, 100);
        Payment[] memory items = new Payment[](1);
        items[0] = payment(alice, shop, 5);
        wallet.prepare(address(token), abi.encodeCall(token.payBatch, (items, signed(items))));
        assertEq(token.pay(item, ""), 1);
        assertEq(token.balanceOf(address(wallet)), 700);
        assertEq(token.balanceOf(shop), 300);
        assertEq(token.paymentNonce(alice), 0);
        // What does not change anything, a wallet may call: then this one does not say yes.
        wallet.prepare(address(token), abi.encodeCall(token.balanceOf, (shop)));
        _ignored(payment(address(wallet), shop, 100), "");
    }

    function test_pay_byAContractWallet_obeysFreezePauseAndEnd() public {
        Payment memory item = payment(_dave, shop, 1);
        freeze(1004);
        assertEq(token.pay(item, signed(item)), 0);
        assertEq(token.paymentNonce(_dave), 1);
        item = payment(_dave, shop, 1);
        bytes memory signature = signed(item);
        pause();
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        token.pay(item, signature);
        vm.prank(unpauser);
        token.unpause();
        vm.warp(PAY_UNTIL + 1);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.PaymentsEnded.selector, PAY_UNTIL));
        token.pay(item, signature);
    }

    function test_pay_aWalletWithoutANumber_canNeitherPayNorBePaid() public {
        address wallet = walletOf("nobody's");
        assertEq(token.pay(payment(wallet, shop, 1), signed(payment(wallet, shop, 1))), 0);
        assertEq(token.paymentNonce(wallet), 1);
        assertEq(token.pay(payment(alice, wallet, 1), signed(payment(alice, wallet, 1))), 0);
    }

    function _enrolAndMint(address wallet, uint32 number) private {
        enrol(wallet, number, Class.Resident);
        mint(number, 1000);
    }

    function _odd(Mood mood, uint32 number) private returns (address wallet) {
        wallet = address(new OddWallet(mood));
        signsFor(stranger, wallet);
        _enrolAndMint(wallet, number);
    }

    function _delegate(address who, address code) private {
        vm.etch(who, abi.encodePacked(hex"ef0100", code));
        assertEq(who.code.length, 23);
    }

    function _pays(Mood mood) private {
        address wallet = _odd(mood, uint32(3000 + uint256(mood)));
        assertEq(token.pay(payment(wallet, shop, 100), "anything"), 1);
        assertEq(token.balanceOf(wallet), 900);
        assertEq(token.paymentNonce(wallet), 1);
    }

    function _ignored(Mood mood) private {
        address wallet = _odd(mood, uint32(3000 + uint256(mood)));
        _ignored(payment(wallet, shop, 100), "anything");
    }

    function _ignored(Payment memory item, bytes memory signature) private {
        (uint256 payer, uint256 payee) = (wordOf(item.from), wordOf(item.to));
        vm.recordLogs();
        assertEq(token.pay(item, signature), 0);
        assertNoLogs();
        assertEq(wordOf(item.from), payer);
        assertEq(wordOf(item.to), payee);
    }
}
