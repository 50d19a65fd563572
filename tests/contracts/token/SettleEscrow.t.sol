// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract SettleEscrowTest is City {
    function setUp() public override {
        super.setUp();
        fund(SHOP, 100);
        fund(CAFE, 100);
        request(shop, 10);
        request(shop, 20);
        request(cafe, 30);
    }

    function test_settleEscrow_burnsOnceAndCountsDown() public {
        uint256[] memory ends = new uint256[](2);
        (ends[0], ends[1]) = (_end(SHOP, 2), _end(CAFE, 1));
        vm.recordLogs();
        vm.prank(address(desk));
        token.settleEscrow(60, ends);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertTransfer(logs[0], address(desk), address(0), 60);
        assertEq(token.accountOf(shop).openRedemptions, 0);
        assertEq(token.accountOf(cafe).openRedemptions, 0);
        (, uint256 settled,,) = token.ledger();
        assertEq(settled, 60);
        assertBooks();
    }

    function test_settleEscrow_moreThanItHolds_isRefused() public {
        vm.prank(address(desk));
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.ERC20InsufficientBalance.selector, address(desk), 60, 61)
        );
        token.settleEscrow(61, new uint256[](0));
    }

    function test_settleEscrow_moreEndsThanOpen_isRefused() public {
        vm.prank(address(desk));
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        token.settleEscrow(60, one(_end(CAFE, 2)));
    }

    function test_settleEscrow_ofNobody_isRefused() public {
        vm.prank(address(desk));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 9));
        token.settleEscrow(1, one(_end(9, 1)));
    }

    function test_settleEscrow_byAnyoneElse_isRefused() public {
        address[4] memory others = [stranger, admin, treasurer, shop];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.CallerNotDesk.selector, others[i]));
            token.settleEscrow(1, new uint256[](0));
        }
    }

    function _end(uint32 number, uint256 count) private pure returns (uint256) {
        return number + count * 2 ** 32;
    }
}
