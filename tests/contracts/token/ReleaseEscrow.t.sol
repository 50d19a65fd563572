// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract ReleaseEscrowTest is City {
    function setUp() public override {
        super.setUp();
        fund(SHOP, 100);
        request(shop, 10);
        request(shop, 20);
    }

    function test_releaseEscrow_paysTheNumber() public {
        vm.recordLogs();
        vm.prank(address(desk));
        token.releaseEscrow(SHOP, 20);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertTransfer(logs[0], address(desk), shop, 20);
        assertEq(token.accountOf(shop).openRedemptions, 1);
        assertEq(token.balanceOf(shop), 90);
        assertBooks();
    }

    function test_releaseEscrow_toFrozenOrClosing_works() public {
        setClass(SHOP, Class.Closing);
        freeze(SHOP);
        vm.prank(address(desk));
        token.releaseEscrow(SHOP, 20);
        assertEq(token.balanceOf(shop), 90);
    }

    function test_releaseEscrow_toAResident_isRefused() public {
        vm.prank(address(desk));
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, address(desk), alice, Refusal.NotAllowed)
        );
        token.releaseEscrow(ALICE, 1);
    }

    function test_releaseEscrow_moreThanItHolds_isRefused() public {
        vm.prank(address(desk));
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, address(desk), 30, 31)
        );
        token.releaseEscrow(SHOP, 31);
    }

    function test_releaseEscrow_toAShopWithNothingOpen_isRefused() public {
        vm.prank(address(desk));
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        token.releaseEscrow(CAFE, 1);
    }

    function test_releaseEscrow_ofNobody_isRefused() public {
        vm.prank(address(desk));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 9));
        token.releaseEscrow(9, 1);
    }

    function test_releaseEscrow_byAnyoneElse_isRefused() public {
        vm.prank(shop);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.CallerNotDesk.selector, shop));
        token.releaseEscrow(SHOP, 1);
    }
}
