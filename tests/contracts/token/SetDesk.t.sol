// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract SetDeskTest is City {
    function test_setDesk_givesAndTakesTheClass() public {
        IRedemptionDesk second = deployDesk();
        vm.recordLogs();
        vm.prank(admin);
        token.setDesk(address(second), true);
        _assertClassSet(address(second), Class.Desk);
        assertEq(wordOf(address(second)), word(0, 0, 0, 0, 0, Class.Desk));
        vm.recordLogs();
        vm.prank(admin);
        token.setDesk(address(second), false);
        _assertClassSet(address(second), Class.None);
        assertEq(wordOf(address(second)), 0);
    }

    function test_setDesk_takenAtZeroBalanceOnly() public {
        fund(SHOP, 30);
        bytes32 id = request(shop, 30);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AccountNotEmpty.selector, address(desk), 30, 0));
        token.setDesk(address(desk), false);
        cancel(shop, id);
        vm.prank(admin);
        token.setDesk(address(desk), false);
        vm.prank(address(desk));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.CallerNotDesk.selector, address(desk)));
        token.settleEscrow(0, new uint256[](0));
    }

    function test_setDesk_twoDesks_shareTheCountOfAShop() public {
        fund(SHOP, 30);
        request(shop, 10);
        IRedemptionDesk first = desk;
        desk = deployDesk();
        vm.prank(admin);
        token.setDesk(address(desk), true);
        bytes32 id = request(shop, 15);
        assertEq(token.accountOf(shop).openRedemptions, 2);
        assertEq(token.balanceOf(address(first)), 10);
        cancel(shop, id);
        assertEq(token.accountOf(shop).openRedemptions, 1);
    }

    function test_setDesk_ofAnAddressWithoutCode_isRefused() public {
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidDesk.selector, stranger));
        token.setDesk(stranger, true);
    }

    function test_setDesk_ofAHolder_isRefused() public {
        vm.etch(shop, hex"00");
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidDesk.selector, shop));
        token.setDesk(shop, true);
    }

    function test_setDesk_twice_isRefused() public {
        vm.prank(admin);
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.InvalidClassChange.selector, address(desk), Class.Desk, Class.Desk)
        );
        token.setDesk(address(desk), true);
        address second = address(deployDesk());
        vm.prank(admin);
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.InvalidClassChange.selector, second, Class.None, Class.None)
        );
        token.setDesk(second, false);
    }

    function test_setDesk_byTheRegistrar_isRefused() public {
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, registrar));
        token.setDesk(address(desk), false);
    }

    function _assertClassSet(address account, Class class) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("ClassSet(uint32,address,uint8)"));
        assertEq(uint256(logs[0].topics[1]), 0);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), account);
        assertEq(abi.decode(logs[0].data, (uint256)), uint256(class));
    }
}
