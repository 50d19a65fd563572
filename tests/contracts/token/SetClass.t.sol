// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract SetClassTest is City {
    /// @notice Every class to every class, at zero balance.
    function test_setClass_allPairs() public {
        for (uint256 from = 0; from < 4; ++from) {
            for (uint256 to = 0; to < 5; ++to) {
                storeAccount(alice, word(0, 0, EPOCH, 3, ALICE, Class(from)));
                bool closing = to == uint256(Class.Closing);
                bool allowed = from != to && to != uint256(Class.Desk) && (!closing || from == uint256(Class.Merchant));
                if (!allowed) {
                    vm.expectRevert(
                        abi.encodeWithSelector(
                            IMunicipalToken.InvalidClassChange.selector, alice, Class(from), Class(to)
                        )
                    );
                }
                vm.prank(registrar);
                token.setClass(ALICE, Class(to));
                assertEq(wordOf(alice), word(0, 0, EPOCH, 3, ALICE, Class(allowed ? to : from)));
            }
        }
    }

    function test_setClass_emitsClassSet() public {
        vm.recordLogs();
        setClass(SHOP, Class.Closing);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("ClassSet(uint32,address,uint8)"));
        assertEq(uint256(logs[0].topics[1]), SHOP);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), shop);
        assertEq(abi.decode(logs[0].data, (uint256)), uint256(Class.Closing));
    }

    function test_setClass_withCredits_isRefused() public {
        mint(ALICE, 10);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AccountNotEmpty.selector, alice, 10, 0));
        this.change(ALICE, Class.Merchant);
        fund(SHOP, 20);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AccountNotEmpty.selector, shop, 20, 0));
        this.change(SHOP, Class.None);
    }

    function test_setClass_expiredCreditsAreBurntFirst() public {
        mint(ALICE, 10);
        vm.warp(JANUARY_2027);
        vm.recordLogs();
        setClass(ALICE, Class.Merchant);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertTransfer(logs[0], alice, address(0), 10);
        assertEq(logs[1].topics[0], keccak256("Expired(address,uint256)"));
        assertEq(token.totalSupply(), 0);
        assertEq(wordOf(alice), word(0, 0, EPOCH + 2, 0, ALICE, Class.Merchant));
    }

    function test_setClass_withOpenRedemption_isRefused() public {
        fund(SHOP, 20);
        bytes32 id = request(shop, 20);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AccountNotEmpty.selector, shop, 0, 1));
        this.change(SHOP, Class.Resident);
        lock(treasurer, one(id));
        settle(otherTreasurer, keccak256("e2e"), one(id));
        setClass(SHOP, Class.Resident);
        assertEq(uint256(token.accountOf(shop).class), uint256(Class.Resident));
    }

    function test_setClass_merchantToClosingAndBack_atAnyTime() public {
        fund(SHOP, 20);
        request(shop, 5);
        setClass(SHOP, Class.Closing);
        // Receives from nobody but the desk.
        mint(ALICE, 5);
        assertEq(token.pay(payment(alice, shop, 5), signed(payment(alice, shop, 5))), 0);
        request(shop, 5);
        setClass(SHOP, Class.Merchant);
        assertEq(token.balanceOf(shop), 10);
        assertEq(token.accountOf(shop).openRedemptions, 2);
        assertBooks();
    }

    function test_setClass_closingShopWithCredits_mayOnlyBeAMerchantAgain() public {
        fund(SHOP, 20);
        setClass(SHOP, Class.Closing);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AccountNotEmpty.selector, shop, 20, 0));
        this.change(SHOP, Class.None);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AccountNotEmpty.selector, shop, 20, 0));
        this.change(SHOP, Class.Resident);
    }

    function test_setClass_merchantWithCredits_mayOnlyBeClosing() public {
        fund(SHOP, 20);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AccountNotEmpty.selector, shop, 20, 0));
        this.change(SHOP, Class.Resident);
    }

    function test_setClass_ofNobody_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 9));
        this.change(9, Class.Merchant);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 0));
        this.change(0, Class.Merchant);
    }

    function test_setClass_keepsFreezeAndNonce() public {
        token.pay(payment(alice, shop, 1), signed(payment(alice, shop, 1)));
        freeze(ALICE);
        setClass(ALICE, Class.Merchant);
        assertTrue(token.accountOf(alice).frozen);
        assertEq(token.paymentNonce(alice), 1);
    }

    function test_setClass_toResident_startsInThePresentHalfYear() public {
        vm.warp(JULY_2027);
        setClass(SHOP, Class.Resident);
        assertEq(wordOf(shop), word(0, 0, EPOCH + 3, 0, SHOP, Class.Resident));
        mint(SHOP, 10);
        assertEq(token.spendableOf(shop), 10);
        assertEq(token.accountOf(shop).epoch, EPOCH + 3);
    }

    function test_setClass_ofAnyoneElse_isRefused() public {
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, admin));
        token.setClass(ALICE, Class.Merchant);
    }

    /// @dev An outside call, so that a revert within the helper can be expected.
    function change(uint32 number, Class class) external {
        setClass(number, class);
    }
}
