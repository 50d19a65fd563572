// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract SetTransferRuleTest is City {
    function test_setTransferRule_switchesExactlyTwoPairs() public {
        (uint256 matrix,,,,) = token.rules();
        for (uint256 from = 0; from < 5; ++from) {
            for (uint256 to = 0; to < 5; ++to) {
                if (from == to && (from == 1 || from == 2)) continue;
                vm.prank(rulesOfficer);
                vm.expectRevert(
                    abi.encodeWithSelector(IMunicipalToken.RuleNotSwitchable.selector, Class(from), Class(to))
                );
                token.setTransferRule(Class(from), Class(to), true);
            }
        }
        _switches(Class.Resident, true);
        _assertMatrix(matrix + 2 ** 9);
        _switches(Class.Merchant, true);
        _assertMatrix(matrix + 2 ** 9 + 2 ** 18);
        _switches(Class.Resident, false);
        _assertMatrix(matrix + 2 ** 18);
        _switches(Class.Merchant, false);
        _assertMatrix(matrix);
    }

    function test_setTransferRule_byAnyoneElse_isRefused() public {
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, admin));
        token.setTransferRule(Class.Resident, Class.Resident, true);
    }

    function _switches(Class class, bool allowed) private {
        vm.recordLogs();
        setRule(class, class, allowed);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("TransferRuleSet(uint8,uint8,bool)"));
        assertEq(uint256(logs[0].topics[1]), uint256(class));
        assertEq(uint256(logs[0].topics[2]), uint256(class));
        assertEq(abi.decode(logs[0].data, (bool)), allowed);
    }

    function _assertMatrix(uint256 expected) private view {
        (uint256 matrix, bool paused, uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) = token.rules();
        assertEq(matrix, expected);
        assertFalse(paused);
        assertEq(issueUntil, ISSUE_UNTIL);
        assertEq(payUntil, PAY_UNTIL);
        assertEq(redeemUntil, REDEEM_UNTIL);
    }
}
