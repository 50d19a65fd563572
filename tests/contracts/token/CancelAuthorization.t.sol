// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Authorization} from "../support/Signing.sol";
import {Vm} from "../support/Vm.sol";

contract CancelAuthorizationTest is City {
    bytes32 private constant NONCE = keccak256("nonce");

    function test_cancelAuthorization_withdrawsIt() public {
        vm.recordLogs();
        token.cancelAuthorization(alice, NONCE, _signature(alice));
        _assertCancelled();
        mint(ALICE, 10);
        Authorization memory a = authorization(alice, shop, 10, NONCE);
        bytes memory signature = sign(alice, transferDigest(tokenDomain(), a));
        vm.expectRevert(_used());
        carryTransfer(a, signature);
    }

    function test_cancelAuthorization_inParts_withdrawsIt() public {
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, cancelAuthorizationDigest(tokenDomain(), alice, NONCE));
        vm.recordLogs();
        token.cancelAuthorization(alice, NONCE, v, r, s);
        _assertCancelled();
    }

    function test_cancelAuthorization_whenUsed_isRefused() public {
        mint(ALICE, 10);
        carryTransfer(authorization(alice, shop, 10, NONCE));
        bytes memory signature = _signature(alice);
        vm.expectRevert(_used());
        token.cancelAuthorization(alice, NONCE, signature);
    }

    function test_cancelAuthorization_twice_isRefused() public {
        bytes memory signature = _signature(alice);
        token.cancelAuthorization(alice, NONCE, signature);
        vm.expectRevert(_used());
        token.cancelAuthorization(alice, NONCE, signature);
    }

    function test_cancelAuthorization_byAnother_isRefused() public {
        bytes memory signature = _signature(bob);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, alice));
        token.cancelAuthorization(alice, NONCE, signature);
        (uint8 v, bytes32 r, bytes32 s) = signParts(bob, cancelAuthorizationDigest(tokenDomain(), alice, NONCE));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, alice));
        token.cancelAuthorization(alice, NONCE, v, r, s);
    }

    function test_cancelAuthorization_ofAnotherNonce_isRefused() public {
        bytes memory signature = _signature(alice);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, alice));
        token.cancelAuthorization(alice, keccak256("another"), signature);
    }

    function test_cancelAuthorization_byFrozen_works() public {
        freeze(ALICE);
        token.cancelAuthorization(alice, NONCE, _signature(alice));
        assertTrue(token.authorizationState(alice, NONCE));
    }

    function _signature(address who) private view returns (bytes memory) {
        return sign(who, cancelAuthorizationDigest(tokenDomain(), alice, NONCE));
    }

    function _assertCancelled() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("AuthorizationCanceled(address,bytes32)"));
        assertEq(address(uint160(uint256(logs[0].topics[1]))), alice);
        assertEq(logs[0].topics[2], NONCE);
        assertTrue(token.authorizationState(alice, NONCE));
        assertFalse(token.authorizationState(bob, NONCE));
    }

    function _used() private view returns (bytes memory) {
        return abi.encodeWithSelector(IMunicipalToken.AuthorizationAlreadyUsed.selector, alice, NONCE);
    }
}
