// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {ISafe, Safes} from "../support/Safe.sol";
import {Vm} from "../support/Vm.sol";

/// @notice A resident whose account is a Safe.
contract PaySafeTest is Safes {
    uint32 private constant CLUB = 1003;

    address private _club;
    address[] private _board;

    function setUp() public override {
        super.setUp();
        _board.push(person("chair"));
        _board.push(person("secretary"));
        _board.push(person("bookkeeper"));
        _club = deploySafe(_board, 2);
        enrol(_club, CLUB, Class.Resident);
        mint(CLUB, 1000);
        mint(ALICE, 1000);
    }

    function test_pay_ofASafe_isPaid() public {
        Payment memory item = payment(_club, shop, 400);
        vm.recordLogs();
        assertEq(token.pay(item, _signed(item, _board[2], _board[0])), 1);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertTransfer(logs[0], _club, shop, 400);
        assertPaid(logs[1], one(digestOf(item)));
        assertEq(token.balanceOf(_club), 600);
        assertEq(token.paymentNonce(_club), 1);
    }

    function test_payBatch_ofASafeAndAKey_paysBoth() public {
        (Payment[] memory items, bytes[] memory signatures) = (new Payment[](2), new bytes[](2));
        (items[0], items[1]) = (payment(_club, shop, 400), payment(alice, cafe, 300));
        (signatures[0], signatures[1]) = (_signed(items[0], _board[0], _board[1]), signed(items[1]));
        assertEq(token.payBatch(items, signatures), 2);
        assertEq(token.balanceOf(shop), 400);
        assertEq(token.balanceOf(cafe), 300);
    }

    function test_pay_ofASafe_withoutEnoughOwners_changesNothing() public {
        Payment memory item = payment(_club, shop, 400);
        _refused(item, _signed(item, _board[0], stranger));
        _refused(item, _signed(item, _board[0], _board[0]));
        _refused(item, sign(_board[0], digestOf(item)));
        _refused(item, "");
        assertEq(token.pay(item, _signed(item, _board[0], _board[1])), 1);
    }

    function test_pay_ofASafe_signedForAnotherSafe_changesNothing() public {
        address[] memory two = new address[](2);
        (two[0], two[1]) = (_board[0], _board[1]);
        Payment memory item = payment(_club, shop, 400);
        address other = deploySafe(_board, 2);
        bytes memory signature = safeSignature(other, two, digestOf(item));
        assertEq(
            bytes32(ISafe(other).isValidSignature(digestOf(item), signature)), bytes32(ISafe.isValidSignature.selector)
        );
        _refused(item, signature);
    }

    function _signed(Payment memory item, address first, address second) private view returns (bytes memory) {
        address[] memory signers = new address[](2);
        (signers[0], signers[1]) = (first, second);
        return safeSignature(_club, signers, digestOf(item));
    }

    function _refused(Payment memory item, bytes memory signature) private {
        (uint256 payer, uint256 payee) = (wordOf(_club), wordOf(item.to));
        vm.recordLogs();
        assertEq(token.pay(item, signature), 0);
        assertNoLogs();
        assertEq(wordOf(_club), payer);
        assertEq(wordOf(item.to), payee);
    }
}
