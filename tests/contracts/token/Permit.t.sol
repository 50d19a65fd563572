// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";
import {Mood, OddWallet} from "../support/Wallets.sol";

/// @notice ERC-2612, with the signature in three parts and as bytes. What an allowance can do is the mover's to say.
contract PermitTest is Recovery {
    uint256 private constant DEADLINE = NOW + 1 hours;

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
    }

    function test_permit_inParts_setsTheAllowance() public {
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, _digest(alice, 300, 0));
        vm.recordLogs();
        vm.prank(shop);
        token.permit(alice, stranger, 300, DEADLINE, v, r, s);
        _assertApproved(alice, 300);
    }

    function test_permit_asBytes_setsTheAllowance() public {
        bytes memory signature = sign(alice, _digest(alice, 300, 0));
        vm.recordLogs();
        vm.prank(shop);
        token.permit(alice, stranger, 300, DEADLINE, signature);
        _assertApproved(alice, 300);
    }

    function test_permit_hasItsOwnNonces() public {
        _permit(alice, 300);
        _permit(alice, 200);
        assertEq(token.allowance(alice, stranger), 200);
        assertEq(token.nonces(alice), 2);
        assertEq(token.paymentNonce(alice), 0);
        token.pay(payment(alice, shop, 1), signed(payment(alice, shop, 1)));
        assertEq(token.nonces(alice), 2);
        assertEq(token.nonces(bob), 0);
    }

    function test_permit_twice_isRefused() public {
        bytes memory signature = sign(alice, _digest(alice, 300, 0));
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, _digest(alice, 300, 0));
        token.permit(alice, stranger, 300, DEADLINE, signature);
        _expectInvalid(alice);
        token.permit(alice, stranger, 300, DEADLINE, signature);
        // Nor in the other form.
        _expectInvalid(alice);
        token.permit(alice, stranger, 300, DEADLINE, v, r, s);
        assertEq(token.nonces(alice), 1);
    }

    function test_permit_deadline_isTheLastSecond() public {
        bytes memory signature = sign(alice, _digest(alice, 300, 0));
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, _digest(alice, 300, 0));
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.PermitExpired.selector, DEADLINE));
        token.permit(alice, stranger, 300, DEADLINE, signature);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.PermitExpired.selector, DEADLINE));
        token.permit(alice, stranger, 300, DEADLINE, v, r, s);
        vm.warp(DEADLINE);
        token.permit(alice, stranger, 300, DEADLINE, signature);
    }

    function test_permit_ofAnotherSigner_isRefused() public {
        _refused(sign(bob, _digest(alice, 300, 0)));
        _refused(sign(stranger, _digest(alice, 300, 0)));
        _refused("");
        _refused(new bytes(65));
    }

    function test_permit_everyFieldIsSigned() public {
        _refused(sign(alice, _digest(bob, 300, 0)));
        _refused(sign(alice, permitDigest(tokenDomain(), alice, shop, 300, 0, DEADLINE)));
        _refused(sign(alice, _digest(alice, 301, 0)));
        _refused(sign(alice, _digest(alice, 300, 1)));
        _refused(sign(alice, permitDigest(tokenDomain(), alice, stranger, 300, 0, DEADLINE + 1)));
        bytes32 elsewhere = domain(TOKEN_NAME, block.chainid + 1, address(token));
        _refused(sign(alice, permitDigest(elsewhere, alice, stranger, 300, 0, DEADLINE)));
        _refused(sign(alice, permitDigest(deskDomain(), alice, stranger, 300, 0, DEADLINE)));
    }

    function test_permit_malleated_isRefused() public {
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, _digest(alice, 300, 0));
        bytes32 high = bytes32(CURVE_ORDER - uint256(s));
        uint8 flipped = v == 27 ? 28 : 27;
        _refused(abi.encodePacked(r, high, flipped));
        _refused(abi.encodePacked(r, s, v - 27));
        _refused(abi.encodePacked(r, v == 28 ? bytes32(uint256(s) | 1 << 255) : s));
        _expectInvalid(alice);
        token.permit(alice, stranger, 300, DEADLINE, flipped, r, high);
        _expectInvalid(alice);
        token.permit(alice, stranger, 300, DEADLINE, v - 27, r, s);
    }

    function test_permit_ofNobody_isRefused() public {
        _expectInvalid(address(0));
        token.permit(address(0), stranger, 300, DEADLINE, 27, bytes32(0), bytes32(0));
        _expectInvalid(address(0));
        token.permit(address(0), stranger, 300, DEADLINE, new bytes(65));
    }

    function test_permit_byAContractWallet_asBytesOnly() public {
        address wallet = walletOf("dave");
        enrol(wallet, 1004, Class.Resident);
        mint(1004, 500);
        (uint8 v, bytes32 r, bytes32 s) = signParts(wallet, _digest(wallet, 300, 0));
        _expectInvalid(wallet);
        token.permit(wallet, stranger, 300, DEADLINE, v, r, s);
        _permit(wallet, 300);
        vm.prank(stranger);
        token.transferFrom(wallet, shop, 300);
        assertEq(token.balanceOf(shop), 300);
        address no = address(new OddWallet(Mood.No));
        _expectInvalid(no);
        token.permit(no, stranger, 300, DEADLINE, "");
    }

    /// @notice The allowance obeys the matrix, the freeze and the pause like every other move.
    function test_permit_thenTransferFrom_obeysTheMatrix() public {
        fund(SHOP, 100);
        _permit(alice, 1000);
        _permit(shop, 1000);
        _permit(stranger, 1000);
        _expectRefused(alice, bob, Refusal.NotAllowed);
        _expectRefused(alice, address(desk), Refusal.NotAllowed);
        _expectRefused(alice, stranger, Refusal.NotAllowed);
        // Plainly, a shop refunds nobody and pays no shop and no desk.
        _expectRefused(shop, alice, Refusal.NotAllowed);
        _expectRefused(shop, cafe, Refusal.NotAllowed);
        _expectRefused(shop, address(desk), Refusal.NotAllowed);
        _expectRefused(stranger, shop, Refusal.NotAllowed);
        setRule(Class.Merchant, Class.Merchant, true);
        _transferFrom(shop, cafe);
        _transferFrom(alice, shop);
        freeze(ALICE);
        _expectRefused(alice, shop, Refusal.Frozen);
        assertBooks();
    }

    function test_permit_thenTransferFrom_whilePausedOrEnded() public {
        _permit(alice, 1000);
        pause();
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        this.transferFrom_(alice, shop);
        vm.prank(unpauser);
        token.unpause();
        vm.warp(PAY_UNTIL + 1);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, alice, 0, 1));
        this.transferFrom_(alice, shop);
    }

    function _digest(address owner, uint256 value, uint256 nonce) private view returns (bytes32) {
        return permitDigest(tokenDomain(), owner, stranger, value, nonce, DEADLINE);
    }

    function _permit(address owner, uint256 value) private {
        bytes memory signature = sign(owner, _digest(owner, value, token.nonces(owner)));
        token.permit(owner, stranger, value, DEADLINE, signature);
    }

    function _assertApproved(address owner, uint256 value) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("Approval(address,address,uint256)"));
        assertEq(address(uint160(uint256(logs[0].topics[1]))), owner);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), stranger);
        assertEq(abi.decode(logs[0].data, (uint256)), value);
        assertEq(token.allowance(owner, stranger), value);
        assertEq(token.nonces(owner), 1);
        _transferFrom(owner, shop);
        assertEq(token.balanceOf(shop), 1);
        assertBooks();
    }

    function _refused(bytes memory signature) private {
        _expectInvalid(alice);
        token.permit(alice, stranger, 300, DEADLINE, signature);
        assertEq(token.nonces(alice), 0);
        assertEq(token.allowance(alice, stranger), 0);
    }

    function _expectInvalid(address signer) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, signer));
    }

    function _expectRefused(address from, address to, Refusal reason) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, from, to, reason));
        this.transferFrom_(from, to);
    }

    function _transferFrom(address from, address to) private {
        this.transferFrom_(from, to);
    }

    /// @dev An outside call, so that a revert within it can be expected.
    function transferFrom_(address from, address to) external {
        vm.prank(stranger);
        token.transferFrom(from, to, 1);
    }
}
