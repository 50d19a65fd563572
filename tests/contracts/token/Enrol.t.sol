// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, Enrolment, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract EnrolTest is City {
    function test_enrol_opensAccounts() public {
        Enrolment[] memory list = new Enrolment[](2);
        list[0] = Enrolment(person("carol"), 3001, Class.Resident);
        list[1] = Enrolment(person("bakery"), 4001, Class.Merchant);
        vm.recordLogs();
        vm.prank(registrar);
        token.enrol(list);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        for (uint256 i = 0; i < 2; ++i) {
            assertEq(logs[i].topics[0], keccak256("Enrolled(uint32,address,uint8)"));
            assertEq(uint256(logs[i].topics[1]), list[i].number);
            assertEq(address(uint160(uint256(logs[i].topics[2]))), list[i].holder);
            assertEq(abi.decode(logs[i].data, (uint256)), uint256(list[i].class));
            assertEq(token.holderOf(list[i].number), list[i].holder);
            assertEq(token.numberOf(list[i].holder), list[i].number);
            assertEq(wordOf(list[i].holder), word(0, 0, EPOCH, 0, list[i].number, list[i].class));
        }
    }

    function test_enrol_keepsTheNonce() public {
        // A stranger's failed payment has moved the nonce before the account was opened.
        token.pay(payment(stranger, shop, 1), signed(payment(stranger, shop, 1)));
        enrol(stranger, 3001, Class.Resident);
        assertEq(token.paymentNonce(stranger), 1);
    }

    function test_enrol_ofAnyoneElse_isRefused() public {
        Enrolment[] memory list = new Enrolment[](0);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        token.enrol(list);
    }

    function test_enrol_invalid_isRefused() public {
        _refused(address(0), 3001, Class.Resident);
        _refused(stranger, 0, Class.Resident);
        _refused(stranger, 3001, Class.None);
        _refused(stranger, 3001, Class.Closing);
        _refused(stranger, 3001, Class.Desk);
    }

    function test_enrol_takenNumber_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NumberTaken.selector, ALICE, alice));
        this.enrolOne(stranger, ALICE, Class.Resident);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NumberTaken.selector, ALICE, alice));
        this.enrolOne(alice, ALICE, Class.Resident);
    }

    function test_enrol_anAddressWithANumber_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AlreadyEnrolled.selector, alice, ALICE));
        this.enrolOne(alice, 3001, Class.Merchant);
        // Also when it has no class any more.
        setClass(ALICE, Class.None);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AlreadyEnrolled.selector, alice, ALICE));
        this.enrolOne(alice, 3001, Class.Resident);
    }

    function test_enrol_aDesk_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AlreadyEnrolled.selector, address(desk), 0));
        this.enrolOne(address(desk), 3001, Class.Merchant);
    }

    function test_enrol_isAllOrNothing() public {
        Enrolment[] memory list = new Enrolment[](2);
        list[0] = Enrolment(stranger, 3001, Class.Resident);
        list[1] = Enrolment(person("carol"), 3001, Class.Resident);
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NumberTaken.selector, 3001, stranger));
        token.enrol(list);
        assertEq(token.holderOf(3001), address(0));
    }

    /// @dev An outside call, so that a revert within the helper can be expected.
    function enrolOne(address holder, uint32 number, Class class) external {
        enrol(holder, number, class);
    }

    function _refused(address holder, uint32 number, Class class) private {
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.InvalidEnrolment.selector, holder, number, class));
        this.enrolOne(holder, number, class);
    }
}
