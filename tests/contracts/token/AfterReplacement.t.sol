// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActivityRegistry, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk, RedemptionRequest, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Recovery} from "../support/Recovery.sol";
import {Authorization} from "../support/Signing.sol";
import {Vm} from "../support/Vm.sol";

/// @notice What the dead address can still do, which is nothing, and what goes on for the number.
contract AfterReplacementTest is Recovery {
    address private _phone;
    address private _till;

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
        fund(SHOP, 500);
        (_phone, _till) = (person("alice's new phone"), person("shop's new till"));
    }

    /* THE DEAD ADDRESS */

    function test_dead_paymentsFailAndConsumeItsNonce() public {
        replace(ALICE, _phone);
        vm.recordLogs();
        assertEq(token.pay(payment(alice, shop, 1), signed(payment(alice, shop, 1))), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(0, Refusal.NotAllowed)));
        assertEq(token.paymentNonce(alice), 1);
        assertEq(token.paymentNonce(_phone), 0);
        assertEq(token.pay(payment(_phone, shop, 1), signed(payment(_phone, shop, 1))), 1);
    }

    function test_dead_vouchersAndAuthorizationsFail() public {
        Authorization memory voucher = authorization(alice, shop, 10, keccak256("voucher"));
        voucher.validBefore += REPLACEMENT_WINDOW;
        vm.prank(alice);
        token.approve(stranger, 10);
        replace(ALICE, _phone);
        bytes memory signature = sign(alice, transferDigest(tokenDomain(), voucher));
        _expectNotAllowed(alice, shop);
        carryTransfer(voucher, signature);
        signature = sign(alice, receiveDigest(tokenDomain(), voucher));
        vm.prank(shop);
        _expectNotAllowed(alice, shop);
        token.receiveWithAuthorization(
            alice, shop, 10, voucher.validAfter, voucher.validBefore, voucher.nonce, signature
        );
        assertFalse(token.authorizationState(alice, voucher.nonce));
        vm.prank(stranger);
        _expectNotAllowed(alice, shop);
        token.transferFrom(alice, shop, 10);
        vm.prank(alice);
        _expectNotAllowed(alice, _phone);
        token.transfer(_phone, 0);
    }

    function test_dead_receivesNothing() public {
        replace(ALICE, _phone);
        mint(BOB, 10);
        setRule(Class.Resident, Class.Resident, true);
        assertEq(token.pay(payment(bob, alice, 1), signed(payment(bob, alice, 1))), 0);
        assertEq(token.pay(payment(bob, _phone, 1), signed(payment(bob, _phone, 1))), 1);
        Authorization memory a = authorization(shop, alice, 10, keccak256("refund"));
        bytes memory signature = sign(shop, transferDigest(tokenDomain(), a));
        _expectNotAllowed(shop, alice);
        carryTransfer(a, signature);
        carryTransfer(authorization(shop, _phone, 10, keccak256("refund")));
        assertEq(token.balanceOf(alice), 0);
    }

    function test_dead_isNeverEnrolledNorReplacesNorBecomesADesk() public {
        replace(ALICE, _phone);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AlreadyEnrolled.selector, alice, ALICE));
        this.enrol_(alice, 1009, Class.Resident);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NumberTaken.selector, ALICE, _phone));
        this.enrol_(alice, ALICE, Class.Resident);
        vm.etch(alice, hex"00");
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidDesk.selector, alice));
        token.setDesk(alice, true);
        // The class is the number's, so it is the new address that gets another.
        vm.warp(JULY_2027);
        setClass(ALICE, Class.Merchant);
        assertEq(uint256(token.accountOf(alice).class), uint256(Class.None));
        assertEq(uint256(token.accountOf(_phone).class), uint256(Class.Merchant));
    }

    function test_dead_freezeReplacementAndExpiryAreTheNewAddresses() public {
        replace(ALICE, _phone);
        uint256 dead = wordOf(alice);
        freeze(ALICE);
        assertTrue(token.accountOf(_phone).frozen);
        vm.warp(JULY_2027);
        assertEq(token.expire(one(alice)), 0);
        assertEq(token.expire(one(_phone)), 1000);
        address third = person("a third phone");
        replace(ALICE, third);
        assertEq(wordOf(alice), dead);
        assertTrue(token.accountOf(_phone).dead);
        assertTrue(token.accountOf(third).frozen);
        assertEq(token.holderOf(ALICE), third);
    }

    function test_dead_permitMovesNothing() public {
        replace(ALICE, _phone);
        uint256 deadline = block.timestamp;
        bytes32 digest = permitDigest(tokenDomain(), alice, stranger, 10, 0, deadline);
        token.permit(alice, stranger, 10, deadline, sign(alice, digest));
        vm.prank(stranger);
        _expectNotAllowed(alice, shop);
        token.transferFrom(alice, shop, 1);
    }

    function test_replacedByAContractWallet_paysOnWithIt() public {
        address wallet = walletOf("alice's safe");
        replace(ALICE, wallet);
        assertEq(token.pay(payment(wallet, shop, 10), signed(payment(wallet, shop, 10))), 1);
        // And a contract wallet is replaced by a key.
        replace(ALICE, _phone);
        assertEq(token.balanceOf(_phone), 990);
        assertEq(token.pay(payment(wallet, shop, 10), signed(payment(wallet, shop, 10))), 0);
        assertEq(token.paymentNonce(wallet), 2);
    }

    /* REDEMPTIONS */

    function test_shop_openRedemptionsEndForTheNewAddress() public {
        bytes32[6] memory ids;
        for (uint256 i = 0; i < 6; ++i) {
            ids[i] = request(shop, 10 + i);
        }
        lock(treasurer, two(ids[0], ids[1]));
        replace(SHOP, _till);
        assertEq(token.accountOf(_till).openRedemptions, 6);
        assertEq(token.accountOf(shop).openRedemptions, 0);
        assertEq(token.balanceOf(_till), 500 - 75);

        settle(otherTreasurer, keccak256("e2e"), one(ids[0]));
        refund(otherTreasurer, one(ids[1]));
        refund(treasurer, one(ids[2]));
        // The dead address can no longer cancel, the new one can.
        bytes memory signature = sign(shop, cancelDigest(deskDomain(), ids[3]));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.InvalidSignature.selector, _till));
        desk.cancel(ids[3], signature);
        cancel(_till, ids[3]);
        vm.warp(block.timestamp + RECLAIM_AFTER);
        desk.reclaim(ids[4]);
        desk.reclaim(ids[5]);
        assertEq(token.balanceOf(_till), 500 - 10);
        assertEq(token.balanceOf(shop), 0);
        assertEq(token.accountOf(_till).openRedemptions, 0);
        shop = _till;
        alice = token.holderOf(ALICE);
        assertBooks();
    }

    function test_shop_theDeadAddressRequestsNothing() public {
        replace(SHOP, _till);
        RedemptionRequest memory item = redemption(shop, 10);
        (RedemptionRequest[] memory items, bytes[] memory signatures) = (new RedemptionRequest[](1), new bytes[](1));
        (items[0], signatures[0]) = (item, signed(item));
        _expectNotAllowed(shop, address(desk));
        desk.request(items, signatures);
        assertEq(uint256(desk.redemptionOf(idOf(item)).status), uint256(RedemptionStatus.None));
        request(_till, 10);
    }

    function test_shop_closing_refundsAndRedeemsWithTheNewAddress() public {
        bytes32 id = request(shop, 100);
        setClass(SHOP, Class.Closing);
        replace(SHOP, _till);
        assertEq(uint256(token.accountOf(_till).class), uint256(Class.Closing));
        carryTransfer(authorization(_till, alice, 10, keccak256("refund")));
        request(_till, 390);
        cancel(_till, id);
        assertEq(token.balanceOf(_till), 100);
    }

    /* EARNING AND LIMITS */

    function test_number_keepsItsRewardsAndLimits() public {
        addRule(rule(MONTH - 12, 600, 1000, 2000, 0));
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        uint256 uid = reward(programme, ALICE, 60);
        vm.warp(NOW + 1 days);
        replace(ALICE, _phone);
        Report memory again = report(uid >> 32, ALICE, 60);
        _refused(again, abi.encodeWithSelector(IActivityRegistry.LineAlreadyRewarded.selector, 0, uid));
        uint256 other = openActivity(programme, MONTH, 600);
        _refused(
            report(other, ALICE, 60), abi.encodeWithSelector(IActivityRegistry.LineMonthLimit.selector, 0, 600, 400)
        );
        issue(report(other, ALICE, 40));
        assertEq(token.balanceOf(_phone), 2000);
        assertEq(token.balanceOf(alice), 0);
    }

    function test_number_correctionsTakeFromTheNewAddress() public {
        addRule(rule(MONTH - 12, 600, 21_000, 42_000, 0));
        uint256 uid = reward(openProgramme(1_000_000, MONTH, MONTH + 12), ALICE, 60);
        reduce(uid, 20);
        replace(ALICE, _phone);
        vm.warp(NOW + CLAWBACK_WINDOW);
        vm.recordLogs();
        assertEq(clawback(uid), 400);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertTransfer(logs[0], _phone, address(0), 400);
        assertClawedBack(logs[1], ALICE, _phone, 400);
        assertEq(token.balanceOf(_phone), 1200);
        alice = _phone;
        assertBooks();
    }

    /// @notice A dead address keeps its number, so nobody attests or releases a reward of their own.
    function test_number_ofADeadAddress_isStillTheAttestersOwn() public {
        addRule(rule(MONTH - 12, 600, 21_000, 42_000, 0));
        uint256 programme = openProgramme(1_000_000, MONTH, MONTH + 12);
        uint256 activity = openActivity(programme, MONTH, 600);
        vm.startPrank(programmeOfficer);
        registry.setAttester(programme, alice, true);
        registry.setAttester(programme, _phone, true);
        vm.stopPrank();
        vm.warp(NOW + 1 days);
        replace(ALICE, _phone);
        Report memory item = report(activity, ALICE, 60);
        item.attester = alice;
        _refused(item, abi.encodeWithSelector(IActivityRegistry.LineOwnNumber.selector, 0, ALICE));
        item.attester = _phone;
        _refused(item, abi.encodeWithSelector(IActivityRegistry.LineOwnNumber.selector, 0, ALICE));
        vm.prank(admin);
        authority.grantRole(ISSUER, alice, 0);
        issuer = alice;
        item.attester = attester;
        _refused(item, abi.encodeWithSelector(IActivityRegistry.LineOwnNumber.selector, 0, ALICE));
    }

    /// @dev Outside calls, so that a revert within them can be expected.
    function enrol_(address holder, uint32 number, Class class) external {
        enrol(holder, number, class);
    }

    function _expectNotAllowed(address from, address to) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, from, to, Refusal.NotAllowed));
    }

    function _refused(Report memory item, bytes memory expected) private {
        bytes memory attested = attesterSignature(item);
        bytes memory released = issuerSignature(item, 0);
        vm.expectRevert(expected);
        registry.issue(item, attested, issuer, released, 0);
    }
}
