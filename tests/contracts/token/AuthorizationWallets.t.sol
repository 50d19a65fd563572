// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Recovery} from "../support/Recovery.sol";
import {Authorization} from "../support/Signing.sol";
import {Mood, OddWallet} from "../support/Wallets.sol";

/// @notice ERC-3009 by contract wallets (ERC-1271), which the form with bytes is for.
contract AuthorizationWalletsTest is Recovery {
    bytes32 private constant NONCE = keccak256("nonce");

    address private _dave;
    address private _bakery;

    function setUp() public override {
        super.setUp();
        (_dave, _bakery) = (walletOf("dave"), walletOf("bakery"));
        enrol(_dave, 1004, Class.Resident);
        enrol(_bakery, 2004, Class.Merchant);
        mint(1004, 1000);
        fund(2004, 500);
    }

    function test_transferWithAuthorization_byAContractWallet() public {
        carryTransfer(authorization(_dave, shop, 100, NONCE));
        assertEq(token.balanceOf(shop), 100);
        assertTrue(token.authorizationState(_dave, NONCE));
        // A refund.
        carryTransfer(authorization(_bakery, _dave, 50, NONCE));
        assertEq(token.balanceOf(_dave), 950);
    }

    function test_receiveWithAuthorization_byAContractWallet() public {
        carryReceive(authorization(_dave, shop, 100, NONCE));
        assertEq(token.balanceOf(shop), 100);
    }

    function test_cancelAuthorization_byAContractWallet() public {
        bytes32 digest = cancelAuthorizationDigest(tokenDomain(), _dave, NONCE);
        _expectInvalid(_dave);
        token.cancelAuthorization(_dave, NONCE, "");
        token.cancelAuthorization(_dave, NONCE, sign(_dave, digest));
        Authorization memory a = authorization(_dave, shop, 100, NONCE);
        bytes memory signature = sign(_dave, transferDigest(tokenDomain(), a));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AuthorizationAlreadyUsed.selector, _dave, NONCE));
        carryTransfer(a, signature);
    }

    function test_authorizations_inParts_areOfKeysOnly() public {
        Authorization memory a = authorization(_dave, shop, 100, NONCE);
        (uint8 v, bytes32 r, bytes32 s) = signParts(_dave, transferDigest(tokenDomain(), a));
        _expectInvalid(_dave);
        token.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
        (v, r, s) = signParts(_dave, receiveDigest(tokenDomain(), a));
        vm.prank(shop);
        _expectInvalid(_dave);
        token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
        (v, r, s) = signParts(_dave, cancelAuthorizationDigest(tokenDomain(), _dave, NONCE));
        _expectInvalid(_dave);
        token.cancelAuthorization(_dave, NONCE, v, r, s);
        assertFalse(token.authorizationState(_dave, NONCE));
    }

    function test_authorizations_ofAnotherSigner_areRefused() public {
        Authorization memory a = authorization(_dave, shop, 100, NONCE);
        bytes memory wrong = sign(stranger, transferDigest(tokenDomain(), a));
        _expectInvalid(_dave);
        carryTransfer(a, wrong);
        bytes memory received = sign(_dave, receiveDigest(tokenDomain(), a));
        _expectInvalid(_dave);
        carryTransfer(a, received);
    }

    function test_authorizations_byOddWallets() public {
        Mood[9] memory no = [
            Mood.No,
            Mood.Endless,
            Mood.Reverting,
            Mood.TalkativeNo,
            Mood.Short,
            Mood.Silent,
            Mood.Dirty,
            Mood.True_,
            Mood.Writing
        ];
        for (uint32 i = 0; i < no.length; ++i) {
            address wallet = address(new OddWallet(no[i]));
            enrol(wallet, 3000 + i, Class.Resident);
            mint(3000 + i, 10);
            _expectInvalid(wallet);
            carryTransfer(authorization(wallet, shop, 10, NONCE), "");
        }
        Mood[3] memory yes = [Mood.Yes, Mood.Spending, Mood.Talkative];
        for (uint32 i = 0; i < yes.length; ++i) {
            address wallet = address(new OddWallet(yes[i]));
            enrol(wallet, 4000 + i, Class.Resident);
            mint(4000 + i, 10);
            carryTransfer(authorization(wallet, shop, 10, NONCE), "");
        }
        assertEq(token.balanceOf(shop), 30);
    }

    function test_authorizations_byAKeyWithDelegatedCode_keySignsFirst() public {
        mint(ALICE, 100);
        vm.etch(alice, abi.encodePacked(hex"ef0100", address(new OddWallet(Mood.Endless))));
        Authorization memory a = authorization(alice, shop, 60, NONCE);
        bytes memory signature = sign(alice, transferDigest(tokenDomain(), a));
        // Less than the code would use up, were it asked.
        token.transferWithAuthorization{gas: 150_000}(
            a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature
        );
        a = authorization(alice, shop, 40, keccak256("parts"));
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, transferDigest(tokenDomain(), a));
        token.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
        assertEq(token.balanceOf(shop), 100);
    }

    /// @notice Too little gas for the wallet is a refusal, never a loss.
    function testFuzz_transferWithAuthorization_anyGas_allOrNothing(uint256 gas_) public {
        address wallet = address(new OddWallet(Mood.Spending));
        enrol(wallet, 3000, Class.Resident);
        mint(3000, 10);
        Authorization memory a = authorization(wallet, shop, 10, NONCE);
        bytes memory call = abi.encodeWithSignature(
            "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
            a.from,
            a.to,
            a.value,
            a.validAfter,
            a.validBefore,
            a.nonce,
            ""
        );
        (bool done,) = address(token).call{gas: bound(gas_, 0, 400_000)}(call);
        assertEq(token.balanceOf(shop), done ? 10 : 0);
        assertEq(token.authorizationState(wallet, NONCE), done);
    }

    function _expectInvalid(address signer) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, signer));
    }
}
