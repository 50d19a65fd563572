// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IReplacements} from "../../../contracts/interfaces/IReplacements.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice Carrying a replacement out: who may and when, and what moves. What comes after it is in
/// {AfterReplacement}.
contract ExecuteReplacementTest is Recovery {
    address private _phone;
    bytes32 private _request;

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
        _phone = person("alice's new phone");
        _request = requestReplacement(ALICE, _phone);
        vm.warp(NOW + REPLACEMENT_WINDOW);
    }

    function test_executeReplacement_movesEverythingAndSaysSo() public {
        uint256 supply = token.totalSupply();
        bytes memory signature = executionSignature(replacer, _request, block.timestamp);
        vm.recordLogs();
        vm.prank(stranger);
        token.executeReplacement(replacer, ALICE, _request, block.timestamp, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertTransfer(logs[0], alice, _phone, 1000);
        assertEq(logs[1].topics[0], keccak256("Replaced(bytes32,uint32,address,address)"));
        assertEq(logs[1].topics[1], _request);
        assertEq(uint256(logs[1].topics[2]), ALICE);
        assertEq(address(uint160(uint256(logs[1].topics[3]))), _phone);
        assertEq(abi.decode(logs[1].data, (address)), replacer);
        assertEq(wordOf(_phone), word(1000, 0, EPOCH, 0, ALICE, Class.Resident));
        // Flag DEAD is bit 202.
        assertEq(wordOf(alice), word(0, 0, EPOCH, 0, ALICE, Class.None) + 2 ** 202);
        assertTrue(token.accountOf(alice).dead);
        assertFalse(token.accountOf(alice).frozen);
        assertEq(token.holderOf(ALICE), _phone);
        assertEq(token.numberOf(_phone), ALICE);
        assertEq(token.numberOf(alice), ALICE);
        assertEq(token.totalSupply(), supply);
        (bytes32 waiting,,,) = token.replacementOf(ALICE);
        assertEq(waiting, 0);
        alice = _phone;
        assertBooks();
    }

    function test_executeReplacement_ofAnEmptyAccount_saysNoTransfer() public {
        bytes32 digest = requestReplacement(CAFE, person("cafe's new till"));
        vm.warp(block.timestamp + REPLACEMENT_WINDOW);
        vm.recordLogs();
        executeReplacement(CAFE, digest);
        assertEq(vm.getRecordedLogs().length, 1);
    }

    function test_executeReplacement_window() public {
        vm.warp(NOW + REPLACEMENT_WINDOW - 1);
        _refused(abi.encodeWithSelector(IReplacements.ReplacementTooEarly.selector, NOW + REPLACEMENT_WINDOW));
        vm.warp(NOW + REPLACEMENT_WINDOW);
        executeReplacement(ALICE, _request);
    }

    function test_executeReplacement_theWindowBeginsAnewWithEachRequest() public {
        cancelReplacement(ALICE);
        _request = requestReplacement(ALICE, _phone);
        _refused(abi.encodeWithSelector(IReplacements.ReplacementTooEarly.selector, NOW + 2 * REPLACEMENT_WINDOW));
    }

    function test_executeReplacement_byWhoAsked_isRefused() public {
        vm.prank(admin);
        authority.grantRole(REPLACER, registrar, 0);
        bytes memory signature = executionSignature(registrar, _request, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IReplacements.ReplacerIsRegistrar.selector, registrar));
        token.executeReplacement(registrar, ALICE, _request, block.timestamp, signature);
        // The other way round too: the replacer asks, another replacer carries out.
        vm.startPrank(admin);
        authority.grantRole(REGISTRAR, replacer, 0);
        vm.stopPrank();
        cancelReplacement(ALICE);
        uint256 deadline = block.timestamp + 1;
        _request = requestReplacementDigest(tokenDomain(), replacer, ALICE, _phone, deadline);
        token.requestReplacement(replacer, ALICE, _phone, deadline, sign(replacer, _request));
        vm.warp(deadline + REPLACEMENT_WINDOW);
        _refused(abi.encodeWithSelector(IReplacements.ReplacerIsRegistrar.selector, replacer));
        signature = executionSignature(registrar, _request, block.timestamp);
        token.executeReplacement(registrar, ALICE, _request, block.timestamp, signature);
        assertEq(token.holderOf(ALICE), _phone);
    }

    function test_executeReplacement_byOthersThanReplacers_isRefused() public {
        _refusedOfficial(registrar);
        _refusedOfficial(guardian);
        _refusedOfficial(_phone);
        vm.prank(admin);
        authority.grantRole(REPLACER, replacer, 1 days);
        vm.warp(block.timestamp + 1);
        _refusedOfficial(replacer);
        vm.prank(admin);
        authority.revokeRole(REPLACER, replacer);
        _refusedOfficial(replacer);
    }

    function test_executeReplacement_everyFieldIsSigned() public {
        _refusedSignature(executionSignature(registrar, _request, block.timestamp));
        _refusedSignature(executionSignature(replacer, bytes32(0), block.timestamp));
        _refusedSignature(executionSignature(replacer, _request, block.timestamp + 1));
        _refusedSignature(sign(stranger, executeReplacementDigest(tokenDomain(), replacer, _request, block.timestamp)));
        _refusedSignature(sign(replacer, executeReplacementDigest(deskDomain(), replacer, _request, block.timestamp)));
        bytes32 elsewhere = domain(TOKEN_NAME, block.chainid + 1, address(token));
        _refusedSignature(sign(replacer, executeReplacementDigest(elsewhere, replacer, _request, block.timestamp)));
        _refusedSignature("");
    }

    function test_executeReplacement_deadline_isTheLastSecond() public {
        uint256 deadline = block.timestamp;
        bytes memory signature = executionSignature(replacer, _request, deadline);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IReplacements.SignatureExpired.selector, deadline));
        token.executeReplacement(replacer, ALICE, _request, deadline, signature);
        vm.warp(deadline);
        token.executeReplacement(replacer, ALICE, _request, deadline, signature);
    }

    function test_executeReplacement_byAContractWallet() public {
        address office = walletOf("the replacer's office");
        vm.prank(admin);
        authority.grantRole(REPLACER, office, 0);
        bytes memory signature = executionSignature(office, _request, block.timestamp);
        token.executeReplacement(office, ALICE, _request, block.timestamp, signature);
        assertEq(token.holderOf(ALICE), _phone);
    }

    function test_executeReplacement_ofAnother_isRefused() public {
        bytes32 other = requestReplacement(BOB, person("bob's new phone"));
        vm.warp(block.timestamp + REPLACEMENT_WINDOW);
        _refusedAs(ALICE, other);
        _refusedAs(BOB, _request);
        _refusedAs(SHOP, bytes32(0));
        executeReplacement(ALICE, _request);
        _refusedAs(ALICE, _request);
    }

    function test_executeReplacement_afterItWasCancelled_isRefused() public {
        bytes memory signature = executionSignature(replacer, _request, block.timestamp);
        cancelReplacement(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IReplacements.NoSuchReplacement.selector, ALICE, _request));
        token.executeReplacement(replacer, ALICE, _request, block.timestamp, signature);
        // A signature for one request does not carry out the next.
        bytes32 next = requestReplacement(ALICE, _phone);
        vm.warp(block.timestamp + REPLACEMENT_WINDOW);
        uint256 deadline = block.timestamp;
        signature = executionSignature(replacer, _request, deadline);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, replacer));
        token.executeReplacement(replacer, ALICE, next, deadline, signature);
    }

    function test_executeReplacement_whenTheNewAddressWasTaken_isRefused() public {
        bytes memory expected = abi.encodeWithSelector(IReplacements.InvalidReplacement.selector, _phone);
        uint256 snapshot = vm.snapshotState();
        enrol(_phone, 1009, Class.Resident);
        _refused(expected);
        // The old account can be given back, or another address be found.
        cancelReplacement(ALICE);
        replace(ALICE, person("a third phone"));

        // By another replacement: two requests may name one address, and one of them gets it.
        vm.revertToState(snapshot);
        bytes32 other = requestReplacement(BOB, _phone);
        vm.warp(block.timestamp + REPLACEMENT_WINDOW);
        executeReplacement(BOB, other);
        _refused(expected);

        // By becoming a desk.
        vm.revertToState(snapshot);
        vm.etch(_phone, hex"00");
        vm.prank(admin);
        token.setDesk(_phone, true);
        _refused(expected);
    }

    function test_executeReplacement_keepsTheNewAddressesOwnNonce() public {
        assertEq(token.pay(payment(_phone, shop, 1), signed(payment(_phone, shop, 1))), 0);
        assertEq(token.pay(payment(_phone, shop, 1), signed(payment(_phone, shop, 1))), 0);
        token.pay(payment(alice, shop, 1), signed(payment(alice, shop, 1)));
        executeReplacement(ALICE, _request);
        assertEq(token.paymentNonce(_phone), 2);
        assertEq(token.paymentNonce(alice), 1);
        assertEq(token.pay(payment(_phone, shop, 1), signed(payment(_phone, shop, 1))), 1);
    }

    function test_executeReplacement_movesTheGuardiansFreezeOnly() public {
        freeze(ALICE);
        executeReplacement(ALICE, _request);
        assertEq(wordOf(_phone) >> 200 & 255, 1);
        assertEq(wordOf(alice) >> 200 & 255, 4);
        vm.prank(unpauser);
        token.unfreeze(ALICE);
        assertEq(token.pay(payment(_phone, shop, 10), signed(payment(_phone, shop, 10))), 1);
    }

    function test_executeReplacement_sameHalfYear_movesBothBucketsAsTheyAre() public {
        storeAccount(alice, word(700, 300, EPOCH, 4, ALICE, Class.Resident) + 2 ** 201);
        executeReplacement(ALICE, _request);
        assertEq(wordOf(_phone), word(700, 300, EPOCH, 0, ALICE, Class.Resident));
        assertEq(wordOf(alice), word(0, 0, EPOCH, 4, ALICE, Class.None) + 2 ** 202);
    }

    function test_executeReplacement_nextHalfYear_burnsStaleAndMovesTheRest() public {
        fund(SHOP, 300);
        carryTransfer(authorization(shop, alice, 300, keccak256("refund")));
        vm.warp(JULY_2026);
        vm.recordLogs();
        executeReplacement(ALICE, _request);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 4);
        assertTransfer(logs[0], alice, address(0), 300);
        assertEq(logs[1].topics[0], keccak256("Expired(address,uint256)"));
        assertTransfer(logs[2], alice, _phone, 1000);
        assertEq(wordOf(_phone), word(0, 1000, EPOCH + 1, 0, ALICE, Class.Resident));
        vm.warp(JANUARY_2027);
        assertEq(token.spendableOf(_phone), 0);
        alice = _phone;
        assertBooks();
    }

    function test_executeReplacement_twoHalfYearsLater_burnsEverything() public {
        vm.warp(JANUARY_2027);
        executeReplacement(ALICE, _request);
        assertEq(wordOf(_phone), word(0, 0, EPOCH + 2, 0, ALICE, Class.Resident));
        assertEq(token.totalSupply(), 0);
        (,,, uint256 expired) = token.ledger();
        assertEq(expired, 1000);
    }

    function test_executeReplacement_afterPayUntil_burnsAndMovesTheNumber() public {
        vm.warp(PAY_UNTIL + 1);
        executeReplacement(ALICE, _request);
        assertEq(token.balanceOf(_phone), 0);
        assertEq(token.holderOf(ALICE), _phone);
        assertEq(token.totalSupply(), 0);
    }

    function test_executeReplacement_whilePaused_notForAResident() public {
        bytes32 till = requestReplacement(SHOP, person("shop's new till"));
        vm.warp(block.timestamp + REPLACEMENT_WINDOW);
        pause();
        _refused(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        // No shop is held up.
        executeReplacement(SHOP, till);
        vm.prank(unpauser);
        token.unpause();
        executeReplacement(ALICE, _request);
    }

    function test_executeReplacement_ofOneWithoutAClass_movesTheNumber() public {
        bytes32 digest = requestReplacement(BOB, person("bob's new phone"));
        setClass(BOB, Class.None);
        vm.warp(block.timestamp + REPLACEMENT_WINDOW);
        executeReplacement(BOB, digest);
        address phone = person("bob's new phone");
        assertEq(wordOf(phone), word(0, 0, EPOCH, 0, BOB, Class.None));
        setClass(BOB, Class.Resident);
        assertEq(uint256(token.accountOf(phone).class), uint256(Class.Resident));
    }

    function testFuzz_executeReplacement_movesAllFieldsAndNoMore(
        uint40 fresh,
        uint40 stale,
        uint48 nonce,
        uint48 newNonce,
        uint16 open,
        bool frozen,
        uint8 class
    ) public {
        Class kind = Class(class % 4);
        if (kind != Class.Resident) fresh = 0;
        uint256 flags = frozen ? 2 ** 200 : 0;
        uint256 stored = word(fresh, stale, EPOCH, nonce, ALICE, kind) + flags + uint256(open) * 2 ** 208;
        storeAccount(alice, stored + 2 ** 201);
        storeAccount(_phone, uint256(newNonce) * 2 ** 112);
        executeReplacement(ALICE, _request);
        assertEq(wordOf(_phone), stored - uint256(nonce) * 2 ** 112 + uint256(newNonce) * 2 ** 112);
        assertEq(wordOf(alice), word(0, 0, EPOCH, nonce, ALICE, Class.None) + 2 ** 202);
        assertEq(token.balanceOf(_phone), uint256(fresh) + stale);
    }

    function _refused(bytes memory expected) private {
        bytes memory signature = executionSignature(replacer, _request, block.timestamp);
        vm.expectRevert(expected);
        token.executeReplacement(replacer, ALICE, _request, block.timestamp, signature);
    }

    function _refusedAs(uint32 number, bytes32 request) private {
        bytes memory signature = executionSignature(replacer, request, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IReplacements.NoSuchReplacement.selector, number, request));
        token.executeReplacement(replacer, number, request, block.timestamp, signature);
    }

    function _refusedOfficial(address official) private {
        bytes memory signature = executionSignature(official, _request, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IReplacements.OfficialNotAllowed.selector, official));
        token.executeReplacement(official, ALICE, _request, block.timestamp, signature);
    }

    function _refusedSignature(bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, replacer));
        token.executeReplacement(replacer, ALICE, _request, block.timestamp, signature);
    }
}
