// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Authorization} from "../support/Signing.sol";
import {Vm} from "../support/Vm.sol";

contract ReceiveWithAuthorizationTest is City {
    bytes32 private constant NONCE = keccak256("nonce");

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
    }

    function test_receiveWithAuthorization_byItsPayee_movesAndEmitsPaid() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        vm.recordLogs();
        carryReceive(a);
        _assertCarried(vm.getRecordedLogs(), a);
    }

    function test_receiveWithAuthorization_inParts_movesAndEmitsPaid() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, receiveDigest(tokenDomain(), a));
        vm.recordLogs();
        vm.prank(shop);
        token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
        _assertCarried(vm.getRecordedLogs(), a);
    }

    function test_receiveWithAuthorization_cannotBeFrontRun() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        bytes memory signature = sign(alice, receiveDigest(tokenDomain(), a));
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, receiveDigest(tokenDomain(), a));
        bytes memory expected = abi.encodeWithSelector(IMunicipalToken.CallerNotPayee.selector, stranger, shop);
        vm.expectRevert(expected);
        vm.prank(stranger);
        token.receiveWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, signature);
        vm.expectRevert(expected);
        vm.prank(stranger);
        token.receiveWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, v, r, s);
        // Nor is it good for the function that anyone may call.
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, alice));
        token.transferWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, signature);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, alice));
        token.transferWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, v, r, s);
        carryReceive(a);
    }

    function test_receiveWithAuthorization_twice_isRefused_alsoAcrossFunctions() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        carryReceive(a);
        bytes memory used = abi.encodeWithSelector(IMunicipalToken.AuthorizationAlreadyUsed.selector, alice, NONCE);
        bytes memory signature = sign(alice, receiveDigest(tokenDomain(), a));
        vm.prank(shop);
        vm.expectRevert(used);
        token.receiveWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, signature);
        signature = sign(alice, transferDigest(tokenDomain(), a));
        vm.expectRevert(used);
        carryTransfer(a, signature);
    }

    function test_receiveWithAuthorization_wrongSignature_isRefused() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, transferDigest(tokenDomain(), a));
        vm.startPrank(shop);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, alice));
        token.receiveWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, v, r, s);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, alice));
        token.receiveWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, abi.encodePacked(r, s, v));
        vm.stopPrank();
    }

    function test_receiveWithAuthorization_window() public {
        Authorization memory a = authorization(alice, shop, 1, NONCE);
        (a.validAfter, a.validBefore) = (NOW, NOW + 1);
        bytes memory signature = sign(alice, receiveDigest(tokenDomain(), a));
        vm.startPrank(shop);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AuthorizationNotYetValid.selector, NOW));
        token.receiveWithAuthorization(alice, shop, 1, NOW, NOW + 1, NONCE, signature);
        vm.warp(NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AuthorizationExpired.selector, NOW + 1));
        token.receiveWithAuthorization(alice, shop, 1, NOW, NOW + 1, NONCE, signature);
        vm.stopPrank();
    }

    function test_receiveWithAuthorization_zeroAndFrozen_areRefused() public {
        _isRefused(authorization(alice, shop, 0, NONCE), Refusal.ZeroValue);
        freeze(ALICE);
        _isRefused(authorization(alice, shop, 1, NONCE), Refusal.Frozen);
    }

    function test_receiveWithAuthorization_refund_works() public {
        fund(SHOP, 50);
        carryReceive(authorization(shop, alice, 20, NONCE));
        assertEq(token.accountOf(alice).stale, 20);
        assertBooks();
    }

    function test_receiveWithAuthorization_byTheDesk_countsAndEmitsNoPaid() public {
        fund(SHOP, 50);
        vm.recordLogs();
        carryReceive(authorization(shop, address(desk), 20, NONCE));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertTransfer(logs[1], shop, address(desk), 20);
        assertEq(token.accountOf(shop).openRedemptions, 1);
        assertBooks();
    }

    function test_receiveWithAuthorization_byTheDesk_worksWhilePausedAndAfterPayUntil() public {
        fund(SHOP, 50);
        pause();
        carryReceive(authorization(shop, address(desk), 20, NONCE));
        vm.warp(PAY_UNTIL + 1);
        carryReceive(authorization(shop, address(desk), 30, keccak256("later")));
        assertEq(token.balanceOf(address(desk)), 50);
    }

    function test_receiveWithAuthorization_whilePaused_stopsResidents() public {
        Authorization memory a = authorization(alice, shop, 1, NONCE);
        bytes memory signature = sign(alice, receiveDigest(tokenDomain(), a));
        pause();
        vm.prank(shop);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        token.receiveWithAuthorization(alice, shop, 1, a.validAfter, a.validBefore, NONCE, signature);
    }

    function test_receiveWithAuthorization_afterPayUntil_isRefused() public {
        fund(SHOP, 50);
        vm.warp(PAY_UNTIL + 1);
        Authorization memory a = authorization(shop, alice, 1, NONCE);
        bytes memory signature = sign(shop, receiveDigest(tokenDomain(), a));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.PaymentsEnded.selector, PAY_UNTIL));
        token.receiveWithAuthorization(shop, alice, 1, a.validAfter, a.validBefore, NONCE, signature);
    }

    function test_receiveWithAuthorization_65535OpenRedemptions_areTheMost() public {
        storeAccount(shop, word(0, 100, EPOCH, 0, SHOP, Class.Merchant) | uint256(65_534) << 208);
        carryReceive(authorization(shop, address(desk), 1, NONCE));
        assertEq(token.accountOf(shop).openRedemptions, 65_535);
        Authorization memory a = authorization(shop, address(desk), 1, keccak256("one more"));
        bytes memory signature = sign(shop, receiveDigest(tokenDomain(), a));
        vm.prank(address(desk));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TooManyOpenRedemptions.selector, SHOP));
        token.receiveWithAuthorization(shop, address(desk), 1, a.validAfter, a.validBefore, a.nonce, signature);
    }

    function _assertCarried(Vm.Log[] memory logs, Authorization memory a) private view {
        assertEq(logs.length, 3);
        assertEq(logs[0].topics[0], keccak256("AuthorizationUsed(address,bytes32)"));
        assertTransfer(logs[1], a.from, a.to, a.value);
        assertPaid(logs[2], one(receiveDigest(tokenDomain(), a)));
        assertTrue(token.authorizationState(a.from, a.nonce));
        assertBooks();
    }

    function _isRefused(Authorization memory a, Refusal reason) private {
        bytes memory signature = sign(a.from, receiveDigest(tokenDomain(), a));
        vm.prank(a.to);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, a.from, a.to, reason));
        token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
    }
}
