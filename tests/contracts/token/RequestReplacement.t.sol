// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IReplacements} from "../../../contracts/interfaces/IReplacements.sol";
import {Recovery} from "../support/Recovery.sol";
import {Authorization} from "../support/Signing.sol";
import {Vm} from "../support/Vm.sol";

/// @notice Asking for the replacement of a lost wallet: who may, for whom, and that the old account freezes at once.
contract RequestReplacementTest is Recovery {
    uint256 private constant DEADLINE = NOW + 1 hours;

    address private _phone;

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
        _phone = person("alice's new phone");
    }

    function test_requestReplacement_freezesAtOnceAndSaysEverything() public {
        uint256 before = wordOf(alice);
        bytes32 digest = _digest(ALICE, _phone);
        bytes memory signature = sign(registrar, digest);
        vm.recordLogs();
        vm.prank(stranger);
        token.requestReplacement(registrar, ALICE, _phone, DEADLINE, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(
            logs[0].topics[0], keccak256("ReplacementRequested(bytes32,uint32,address,address,address,uint256,uint256)")
        );
        assertEq(logs[0].topics[1], digest);
        assertEq(uint256(logs[0].topics[2]), ALICE);
        assertEq(address(uint160(uint256(logs[0].topics[3]))), alice);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(_phone, registrar, DEADLINE, NOW + REPLACEMENT_WINDOW)));
        // Flag REPLACING is bit 201, and nothing else has changed.
        assertEq(wordOf(alice), before + 2 ** 201);
        assertTrue(token.accountOf(alice).frozen);
        assertTrue(token.accountOf(alice).replacing);
        assertFalse(token.accountOf(alice).dead);
        assertEq(token.holderOf(ALICE), alice);
        assertEq(wordOf(_phone), 0);
        (bytes32 request, address newHolder, address official, uint256 executableFrom) = token.replacementOf(ALICE);
        assertEq(request, digest);
        assertEq(newHolder, _phone);
        assertEq(official, registrar);
        assertEq(executableFrom, NOW + REPLACEMENT_WINDOW);
        assertEq(token.replacementWindow(), REPLACEMENT_WINDOW);
        assertBooks();
    }

    function test_requestReplacement_nothingLeavesTheOldAccount() public {
        Authorization memory voucher = authorization(alice, shop, 10, keccak256("voucher"));
        vm.prank(alice);
        token.approve(stranger, 10);
        requestReplacement(ALICE, _phone);
        assertEq(token.pay(payment(alice, shop, 10), signed(payment(alice, shop, 10))), 0);
        assertEq(token.paymentNonce(alice), 1);
        bytes memory signature = sign(alice, transferDigest(tokenDomain(), voucher));
        _expectFrozen(alice, shop);
        carryTransfer(voucher, signature);
        _expectFrozen(alice, shop);
        vm.prank(alice);
        token.transfer(shop, 10);
        _expectFrozen(alice, shop);
        vm.prank(stranger);
        token.transferFrom(alice, shop, 10);
        assertEq(token.balanceOf(alice), 1000);
    }

    function test_requestReplacement_ofAShop_stopsRefundsAndNewRedemptions() public {
        fund(SHOP, 100);
        bytes32 id = request(shop, 40);
        requestReplacement(SHOP, _phone);
        Authorization memory a = authorization(shop, address(desk), 10, keccak256("id"));
        bytes memory signature = sign(shop, receiveDigest(tokenDomain(), a));
        vm.prank(address(desk));
        _expectFrozen(shop, address(desk));
        token.receiveWithAuthorization(shop, address(desk), 10, a.validAfter, a.validBefore, a.nonce, signature);
        a = authorization(shop, alice, 10, keccak256("refund"));
        signature = sign(shop, transferDigest(tokenDomain(), a));
        _expectFrozen(shop, alice);
        carryTransfer(a, signature);
        // It may receive, and what is open still ends.
        vm.prank(alice);
        token.transfer(shop, 5);
        refund(treasurer, one(id));
        assertEq(token.balanceOf(shop), 105);
    }

    function test_requestReplacement_rollsTheAccount() public {
        vm.warp(JANUARY_2027);
        vm.recordLogs();
        requestReplacement(ALICE, _phone);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertTransfer(logs[0], alice, address(0), 1000);
        assertEq(token.accountOf(alice).epoch, EPOCH + 2);
        assertEq(token.totalSupply(), 0);
        assertBooks();
    }

    function test_requestReplacement_ofAFrozenAccount_setsBothFlags() public {
        freeze(ALICE);
        requestReplacement(ALICE, _phone);
        assertEq(wordOf(alice) >> 200 & 255, 3);
        // Each has its own end.
        vm.prank(unpauser);
        token.unfreeze(ALICE);
        assertEq(wordOf(alice) >> 200 & 255, 2);
        assertTrue(token.accountOf(alice).frozen);
        freeze(ALICE);
        cancelReplacement(ALICE);
        assertEq(wordOf(alice) >> 200 & 255, 1);
        assertTrue(token.accountOf(alice).frozen);
    }

    function test_requestReplacement_thenFreezeAndUnfreeze_staysFrozen() public {
        requestReplacement(ALICE, _phone);
        vm.prank(unpauser);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.FreezeUnchanged.selector, ALICE, false));
        token.unfreeze(ALICE);
        freeze(ALICE);
        vm.prank(unpauser);
        token.unfreeze(ALICE);
        assertEq(token.pay(payment(alice, shop, 10), signed(payment(alice, shop, 10))), 0);
    }

    function test_requestReplacement_whilePausedAndAfterTheEnd_works() public {
        pause();
        requestReplacement(ALICE, _phone);
        vm.warp(REDEEM_UNTIL + 1);
        requestReplacement(SHOP, person("shop's new till"));
        assertTrue(token.accountOf(shop).replacing);
    }

    function test_requestReplacement_deadline_isTheLastSecond() public {
        bytes memory signature = sign(registrar, _digest(ALICE, _phone));
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(IReplacements.SignatureExpired.selector, DEADLINE));
        token.requestReplacement(registrar, ALICE, _phone, DEADLINE, signature);
        vm.warp(DEADLINE);
        token.requestReplacement(registrar, ALICE, _phone, DEADLINE, signature);
    }

    function test_requestReplacement_everyFieldIsSigned() public {
        _refusedSignature(sign(stranger, _digest(ALICE, _phone)));
        _refusedSignature(sign(registrar, _digest(BOB, _phone)));
        _refusedSignature(sign(registrar, _digest(ALICE, stranger)));
        _refusedSignature(sign(registrar, requestReplacementDigest(tokenDomain(), replacer, ALICE, _phone, DEADLINE)));
        _refusedSignature(
            sign(registrar, requestReplacementDigest(tokenDomain(), registrar, ALICE, _phone, DEADLINE + 1))
        );
        bytes32 elsewhere = domain(TOKEN_NAME, block.chainid + 1, address(token));
        _refusedSignature(sign(registrar, requestReplacementDigest(elsewhere, registrar, ALICE, _phone, DEADLINE)));
        _refusedSignature(
            sign(registrar, requestReplacementDigest(registryDomain(), registrar, ALICE, _phone, DEADLINE))
        );
        _refusedSignature("");
    }

    function test_requestReplacement_byOthersThanRegistrars_isRefused() public {
        _refusedOfficial(replacer);
        _refusedOfficial(guardian);
        _refusedOfficial(alice);
        vm.prank(admin);
        authority.grantRole(REGISTRAR, registrar, 1 days);
        vm.warp(NOW + 1);
        _refusedOfficial(registrar);
        vm.prank(admin);
        authority.revokeRole(REGISTRAR, registrar);
        _refusedOfficial(registrar);
    }

    function test_requestReplacement_byAContractWallet() public {
        address office = walletOf("the registrar's office");
        vm.prank(admin);
        authority.grantRole(REGISTRAR, office, 0);
        bytes32 digest = requestReplacementDigest(tokenDomain(), office, ALICE, _phone, DEADLINE);
        bytes memory wrong = sign(stranger, digest);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, office));
        token.requestReplacement(office, ALICE, _phone, DEADLINE, wrong);
        token.requestReplacement(office, ALICE, _phone, DEADLINE, sign(office, digest));
        assertTrue(token.accountOf(alice).replacing);
    }

    function test_requestReplacement_oneAtATime() public {
        bytes32 waiting = requestReplacement(ALICE, _phone);
        _refused(
            ALICE,
            person("another phone"),
            abi.encodeWithSelector(IReplacements.ReplacementPending.selector, ALICE, waiting)
        );
        // Of other numbers it makes no difference.
        requestReplacement(BOB, person("bob's new phone"));
    }

    function test_requestReplacement_aRequestIsMadeOnce_whateverBecameOfIt() public {
        bytes memory signature = sign(registrar, _digest(ALICE, _phone));
        token.requestReplacement(registrar, ALICE, _phone, DEADLINE, signature);
        bytes memory expected =
            abi.encodeWithSelector(IReplacements.ReplacementAlreadyRequested.selector, _digest(ALICE, _phone));
        vm.expectRevert(expected);
        token.requestReplacement(registrar, ALICE, _phone, DEADLINE, signature);
        cancelReplacement(ALICE);
        vm.expectRevert(expected);
        token.requestReplacement(registrar, ALICE, _phone, DEADLINE, signature);
        // Asking again means signing again.
        requestReplacement(ALICE, _phone);
    }

    function test_requestReplacement_ofNobody_isRefused() public {
        _refused(9, _phone, abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 9));
        _refused(0, _phone, abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 0));
    }

    function test_requestReplacement_byAnAddressThatIsNotFree_isRefused() public {
        _refusedTarget(address(0));
        _refusedTarget(alice);
        _refusedTarget(bob);
        _refusedTarget(address(desk));
        setClass(BOB, Class.None);
        _refusedTarget(bob);
        replace(CAFE, person("cafe's new till"));
        _refusedTarget(cafe);
    }

    function _digest(uint32 number, address newHolder) private view returns (bytes32) {
        return requestReplacementDigest(tokenDomain(), registrar, number, newHolder, DEADLINE);
    }

    function _expectFrozen(address from, address to) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, from, to, Refusal.Frozen));
    }

    function _refusedTarget(address newHolder) private {
        _refused(ALICE, newHolder, abi.encodeWithSelector(IReplacements.InvalidReplacement.selector, newHolder));
    }

    function _refused(uint32 number, address newHolder, bytes memory expected) private {
        uint256 deadline = block.timestamp + 1 hours;
        bytes32 digest = requestReplacementDigest(tokenDomain(), registrar, number, newHolder, deadline);
        bytes memory signature = sign(registrar, digest);
        vm.expectRevert(expected);
        token.requestReplacement(registrar, number, newHolder, deadline, signature);
    }

    function _refusedOfficial(address official) private {
        bytes32 digest = requestReplacementDigest(tokenDomain(), official, ALICE, _phone, DEADLINE);
        bytes memory signature = sign(official, digest);
        vm.expectRevert(abi.encodeWithSelector(IReplacements.OfficialNotAllowed.selector, official));
        token.requestReplacement(official, ALICE, _phone, DEADLINE, signature);
    }

    function _refusedSignature(bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, registrar));
        token.requestReplacement(registrar, ALICE, _phone, DEADLINE, signature);
        assertFalse(token.accountOf(alice).replacing);
    }
}
