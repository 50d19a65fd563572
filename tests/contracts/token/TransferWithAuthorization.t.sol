// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Authorization} from "../support/Signing.sol";
import {Vm} from "../support/Vm.sol";

contract TransferWithAuthorizationTest is City {
    bytes32 private constant NONCE = keccak256("nonce");

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
    }

    function test_transferWithAuthorization_movesAndEmitsPaid() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        vm.recordLogs();
        vm.prank(stranger);
        carryTransfer(a);
        _assertCarried(vm.getRecordedLogs(), a);
        assertEq(token.paymentNonce(alice), 0);
    }

    function test_transferWithAuthorization_inParts_movesAndEmitsPaid() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, transferDigest(tokenDomain(), a));
        vm.recordLogs();
        token.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
        _assertCarried(vm.getRecordedLogs(), a);
    }

    function test_transferWithAuthorization_twice_isRefused() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        carryTransfer(a);
        bytes memory signature = sign(alice, transferDigest(tokenDomain(), a));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AuthorizationAlreadyUsed.selector, alice, NONCE));
        carryTransfer(a, signature);
        // The nonce is the signer's own.
        mint(BOB, 10);
        carryTransfer(authorization(bob, shop, 10, NONCE));
    }

    function test_transferWithAuthorization_window() public {
        Authorization memory a = authorization(alice, shop, 1, NONCE);
        (a.validAfter, a.validBefore) = (NOW + 100, NOW + 200);
        bytes memory signature = sign(alice, transferDigest(tokenDomain(), a));
        vm.warp(NOW + 100);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AuthorizationNotYetValid.selector, NOW + 100));
        carryTransfer(a, signature);
        vm.warp(NOW + 200);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AuthorizationExpired.selector, NOW + 200));
        carryTransfer(a, signature);
        vm.warp(NOW + 101);
        carryTransfer(a, signature);
        a.nonce = keccak256("last second");
        vm.warp(NOW + 199);
        carryTransfer(a);
        assertEq(token.balanceOf(shop), 2);
    }

    function test_transferWithAuthorization_wrongSignature_isRefused() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        bytes32 digest = transferDigest(tokenDomain(), a);
        _expectInvalid(alice);
        carryTransfer(a, sign(bob, digest));
        _expectInvalid(alice);
        carryTransfer(a, sign(alice, receiveDigest(domain(TOKEN_NAME, block.chainid, address(token)), a)));
        _expectInvalid(alice);
        carryTransfer(a, sign(alice, transferDigest(domain(TOKEN_NAME, block.chainid + 1, address(token)), a)));
        _expectInvalid(alice);
        carryTransfer(a, sign(alice, transferDigest(domain(TOKEN_NAME, block.chainid, address(desk)), a)));
        a.value = 301;
        _expectInvalid(alice);
        carryTransfer(a, sign(alice, digest));
        assertFalse(token.authorizationState(alice, NONCE));
    }

    function test_transferWithAuthorization_malleated_isRefused() public {
        Authorization memory a = authorization(alice, shop, 300, NONCE);
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, transferDigest(tokenDomain(), a));
        bytes32 high = bytes32(CURVE_ORDER - uint256(s));
        uint8 flipped = v == 27 ? 28 : 27;
        _expectInvalid(alice);
        carryTransfer(a, abi.encodePacked(r, high, flipped));
        _expectInvalid(alice);
        token.transferWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, flipped, r, high);
        _expectInvalid(alice);
        token.transferWithAuthorization(alice, shop, 300, a.validAfter, a.validBefore, NONCE, v - 27, r, s);
        _expectInvalid(alice);
        carryTransfer(a, abi.encodePacked(r, v == 28 ? bytes32(uint256(s) | 1 << 255) : s));
    }

    function test_transferWithAuthorization_ofNobody_isRefused() public {
        Authorization memory a = authorization(address(0), shop, 1, NONCE);
        _expectInvalid(address(0));
        carryTransfer(a, new bytes(65));
    }

    function test_transferWithAuthorization_zeroValue_isRefused() public {
        _isRefused(authorization(alice, shop, 0, NONCE), Refusal.ZeroValue);
    }

    function test_transferWithAuthorization_toOneself_isRefused() public {
        _isRefused(authorization(alice, alice, 1, NONCE), Refusal.SameAccount);
    }

    function test_transferWithAuthorization_neverToADesk() public {
        fund(SHOP, 10);
        _isRefused(authorization(shop, address(desk), 1, NONCE), Refusal.NotAllowed);
        _isRefused(authorization(alice, address(desk), 1, NONCE), Refusal.NotAllowed);
    }

    function test_transferWithAuthorization_fromFrozen_isRefused() public {
        freeze(ALICE);
        _isRefused(authorization(alice, shop, 1, NONCE), Refusal.Frozen);
    }

    function test_transferWithAuthorization_tooMuch_isRefused() public {
        Authorization memory a = authorization(alice, shop, 1001, NONCE);
        bytes memory signature = sign(alice, transferDigest(tokenDomain(), a));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, alice, 1000, 1001));
        carryTransfer(a, signature);
        assertFalse(token.authorizationState(alice, NONCE));
    }

    function test_transferWithAuthorization_refund_landsInStale() public {
        vm.prank(alice);
        token.transfer(shop, 400);
        bytes32 payment = keccak256("payment");
        bytes32 nonce = keccak256(abi.encode("refund", payment, uint256(0)));
        carryTransfer(authorization(shop, alice, 150, nonce));
        assertEq(token.accountOf(alice).fresh, 600);
        assertEq(token.accountOf(alice).stale, 150);
        setClass(SHOP, Class.Closing);
        carryTransfer(authorization(shop, alice, 50, keccak256(abi.encode("refund", payment, uint256(1)))));
        assertEq(token.accountOf(alice).stale, 200);
        assertBooks();
    }

    function test_transferWithAuthorization_whilePaused_stopsResidentsNotRefunds() public {
        fund(SHOP, 10);
        pause();
        Authorization memory a = authorization(alice, shop, 1, NONCE);
        bytes memory signature = sign(alice, transferDigest(tokenDomain(), a));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        carryTransfer(a, signature);
        carryTransfer(authorization(shop, alice, 10, NONCE));
        assertEq(token.balanceOf(alice), 1010);
    }

    function test_transferWithAuthorization_afterPayUntil_refundsRevert() public {
        fund(SHOP, 10);
        vm.warp(PAY_UNTIL);
        carryTransfer(authorization(shop, alice, 4, NONCE));
        vm.warp(PAY_UNTIL + 1);
        Authorization memory a = authorization(shop, alice, 1, keccak256("later"));
        bytes memory signature = sign(shop, transferDigest(tokenDomain(), a));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.PaymentsEnded.selector, PAY_UNTIL));
        carryTransfer(a, signature);
    }

    function _assertCarried(Vm.Log[] memory logs, Authorization memory a) private view {
        assertEq(logs.length, 3);
        assertEq(logs[0].topics[0], keccak256("AuthorizationUsed(address,bytes32)"));
        assertEq(address(uint160(uint256(logs[0].topics[1]))), a.from);
        assertEq(logs[0].topics[2], a.nonce);
        assertTransfer(logs[1], a.from, a.to, a.value);
        assertPaid(logs[2], one(transferDigest(tokenDomain(), a)));
        assertTrue(token.authorizationState(a.from, a.nonce));
        assertBooks();
    }

    function _isRefused(Authorization memory a, Refusal reason) private {
        bytes memory signature = sign(a.from, transferDigest(tokenDomain(), a));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, a.from, a.to, reason));
        carryTransfer(a, signature);
        assertFalse(token.authorizationState(a.from, a.nonce));
    }

    function _expectInvalid(address signer) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, signer));
    }
}
