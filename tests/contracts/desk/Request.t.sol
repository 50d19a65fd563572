// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {
    IRedemptionDesk,
    RedemptionRequest,
    RedemptionStatus,
    RedemptionView
} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract RequestTest is City {
    function setUp() public override {
        super.setUp();
        fund(SHOP, 1000);
        fund(CAFE, 1000);
    }

    function test_request_movesIntoEscrow() public {
        RedemptionRequest memory item = redemption(shop, 300);
        bytes32 id = idOf(item);
        bytes memory signature = signed(item);
        vm.recordLogs();
        vm.prank(stranger);
        _request(item, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertEq(logs[0].topics[0], keccak256("AuthorizationUsed(address,bytes32)"));
        assertEq(logs[0].topics[2], id);
        assertTransfer(logs[1], shop, address(desk), 300);
        assertEq(logs[2].emitter, address(desk));
        assertEq(logs[2].topics[0], keccak256("RedemptionRequested(bytes32,uint32,uint256,bytes32,bytes32)"));
        assertEq(logs[2].topics[1], id);
        assertEq(uint256(logs[2].topics[2]), SHOP);
        assertEq(keccak256(logs[2].data), keccak256(abi.encode(300, item.payoutCommitment, item.salt)));

        RedemptionView memory stored = desk.redemptionOf(id);
        assertEq(uint256(stored.status), uint256(RedemptionStatus.Requested));
        assertEq(stored.number, SHOP);
        assertEq(stored.amount, 300);
        assertEq(stored.requestedAt, NOW);
        assertEq(stored.lockId, 0);
        uint256 word_ = 300 + uint256(SHOP) * 2 ** 48 + NOW * 2 ** 80 + 2 ** 152;
        assertEq(desk.wordsOf(one(id))[0], word_);
        assertEq(token.accountOf(shop).openRedemptions, 1);
        assertEq(token.balanceOf(address(desk)), 300);
        assertBooks();
    }

    function test_request_inABatchOfSeveralShops() public {
        setClass(CAFE, Class.Closing);
        RedemptionRequest[] memory items = new RedemptionRequest[](3);
        (items[0], items[1], items[2]) = (redemption(shop, 1), redemption(cafe, 2), redemption(shop, 3));
        bytes[] memory signatures = new bytes[](3);
        (signatures[0], signatures[1], signatures[2]) = (signed(items[0]), signed(items[1]), signed(items[2]));
        desk.request(items, signatures);
        assertEq(token.accountOf(shop).openRedemptions, 2);
        assertEq(token.accountOf(cafe).openRedemptions, 1);
        assertEq(desk.redemptionOf(idOf(items[1])).amount, 2);
        assertBooks();
    }

    function test_request_sameIdTwice_isRefused_whateverBecameOfIt() public {
        RedemptionRequest memory item = redemption(shop, 300);
        bytes32 id = request(item);
        bytes memory signature = signed(item);
        _expectExists(0, id);
        _request(item, signature);
        cancel(shop, id);
        _expectExists(0, id);
        _request(item, signature);

        RedemptionRequest[] memory items = new RedemptionRequest[](2);
        items[0] = redemption(cafe, 5);
        items[1] = items[0];
        bytes[] memory signatures = new bytes[](2);
        (signatures[0], signatures[1]) = (signed(items[0]), signed(items[0]));
        _expectExists(1, idOf(items[0]));
        desk.request(items, signatures);
        // Asking again means a new salt.
        request(shop, 300);
    }

    function test_request_commitmentSaltAndAmountAreSigned() public {
        RedemptionRequest memory item = redemption(shop, 300);
        bytes memory signature = signed(item);
        bytes memory expected = abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, shop);
        item.payoutCommitment = keccak256("another iban");
        vm.expectRevert(expected);
        _request(item, signature);
        item = redemption(shop, 300);
        vm.expectRevert(expected);
        _request(item, signature);
        item.amount = 301;
        vm.expectRevert(expected);
        _request(item, signature);
    }

    function test_request_ofAnotherDesk_isRefused() public {
        RedemptionRequest memory item = redemption(shop, 300);
        bytes memory signature = signed(item);
        desk = deployDesk();
        vm.prank(admin);
        token.setDesk(address(desk), true);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidSignature.selector, shop));
        _request(item, signature);
    }

    function test_request_aDeskWithoutItsClass_isRefused() public {
        desk = deployDesk();
        RedemptionRequest memory item = redemption(shop, 300);
        bytes memory signature = signed(item);
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, shop, address(desk), Refusal.NotAllowed)
        );
        _request(item, signature);
    }

    function test_request_byOthersThanShops_isRefused() public {
        mint(ALICE, 100);
        RedemptionRequest memory item = redemption(alice, 10);
        bytes memory signature = signed(item);
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, alice, address(desk), Refusal.NotAllowed)
        );
        _request(item, signature);
    }

    function test_request_zero_isRefused() public {
        RedemptionRequest memory item = redemption(shop, 0);
        bytes memory signature = signed(item);
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, shop, address(desk), Refusal.ZeroValue)
        );
        _request(item, signature);
    }

    function test_request_tooMuch_isRefused() public {
        RedemptionRequest memory item = redemption(shop, 1001);
        bytes memory signature = signed(item);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, shop, 1000, 1001));
        _request(item, signature);
        item = redemption(shop, type(uint256).max);
        signature = signed(item);
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, shop, 1000, type(uint256).max)
        );
        _request(item, signature);
    }

    function test_request_withdrawnAuthorization_isRefused() public {
        RedemptionRequest memory item = redemption(shop, 10);
        bytes32 id = idOf(item);
        token.cancelAuthorization(shop, id, sign(shop, cancelAuthorizationDigest(tokenDomain(), shop, id)));
        bytes memory signature = signed(item);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AuthorizationAlreadyUsed.selector, shop, id));
        _request(item, signature);
    }

    function test_request_lateAuthorization_isRefused() public {
        RedemptionRequest memory item = redemption(shop, 10);
        bytes memory signature = signed(item);
        vm.warp(item.validBefore);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AuthorizationExpired.selector, item.validBefore));
        _request(item, signature);
    }

    function test_request_isAllOrNothing() public {
        RedemptionRequest[] memory items = new RedemptionRequest[](2);
        (items[0], items[1]) = (redemption(shop, 1), redemption(cafe, 1001));
        bytes[] memory signatures = new bytes[](2);
        (signatures[0], signatures[1]) = (signed(items[0]), signed(items[1]));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, cafe, 1000, 1001));
        desk.request(items, signatures);
        assertEq(token.balanceOf(address(desk)), 0);
    }

    function test_request_lengths() public {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.LengthMismatch.selector, 1, 0));
        desk.request(new RedemptionRequest[](1), new bytes[](0));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.NothingToDo.selector));
        desk.request(new RedemptionRequest[](0), new bytes[](0));
    }

    function test_request_untilRedeemUntil() public {
        vm.warp(REDEEM_UNTIL);
        RedemptionRequest memory item = redemption(shop, 1);
        request(item);
        item = redemption(shop, 1);
        bytes memory signature = signed(item);
        vm.warp(REDEEM_UNTIL + 1);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.RedemptionsEnded.selector, REDEEM_UNTIL));
        _request(item, signature);
    }

    function test_request_65535Open_areTheMost() public {
        storeAccount(shop, word(0, 1000, EPOCH, 0, SHOP, Class.Merchant) | uint256(65_535) << 208);
        RedemptionRequest memory item = redemption(shop, 1);
        bytes memory signature = signed(item);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TooManyOpenRedemptions.selector, SHOP));
        _request(item, signature);
    }

    function test_redemptionId_isTheHashOfTheSpecification() public view {
        bytes32 expected = keccak256(abi.encode(SHOP, uint256(5), bytes32("iban"), bytes32("salt")));
        assertEq(desk.redemptionId(SHOP, 5, "iban", "salt"), expected);
        assertEq(desk.token(), address(token));
    }

    function _request(RedemptionRequest memory item, bytes memory signature) private {
        (RedemptionRequest[] memory items, bytes[] memory signatures) = (new RedemptionRequest[](1), new bytes[](1));
        (items[0], signatures[0]) = (item, signature);
        desk.request(items, signatures);
    }

    function _expectExists(uint256 index, bytes32 id) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.RedemptionExists.selector, index, id));
    }
}
