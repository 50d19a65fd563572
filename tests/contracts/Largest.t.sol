// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Line, Report} from "../../contracts/interfaces/IActivityRegistry.sol";
import {Class, Payment} from "../../contracts/interfaces/IMunicipalToken.sol";
import {Group} from "../../contracts/interfaces/IRedemptionDesk.sol";
import {BrowserKeys} from "./support/BrowserKeys.sol";

/// @notice The largest batches that fit into 15 500 000 gas and 100 000 bytes of data, computed and then sent.
/// forge-config: default.isolate = true
contract LargestTest is BrowserKeys {
    uint256 private constant MOST_GAS = 15_500_000;
    uint256 private constant MOST_DATA = 100_000;

    enum Kind {
        Key,
        DeviceKey,
        Passkey
    }

    /// @dev Data binds: 283 payments with a key's signature, 260 with a device key's, 173 with a passkey's.
    function test_largest_payBatch() public {
        _payLargest(Kind.Key, 283);
    }

    function test_largest_payBatch_byDeviceKeys() public {
        _payLargest(Kind.DeviceKey, 260);
    }

    function test_largest_payBatch_byPasskeys() public {
        _payLargest(Kind.Passkey, 173);
    }

    /// @dev The bound of a report binds, before gas and data.
    function test_largest_issue_firstOfTheYear() public {
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        openProgramme(1e9, MONTH, MONTH + 12);
        Line[] memory lines = new Line[](201);
        for (uint256 i = 0; i < 201; ++i) {
            enrol(person(string.concat("largest ", vm.toString(i))), uint32(50_000 + i), Class.Resident);
            lines[i] = line(uint32(50_000 + i), 90);
        }
        uint256 activity = openActivity(1, MONTH, 600);
        (bool done,) = address(registry).call(_issueCall(activity, lines));
        assertFalse(done);
        // Safe: the array only shrinks, by its last element.
        assembly ("memory-safe") {
            mstore(lines, 200)
        }
        bytes memory call = _issueCall(activity, lines);
        assertLe(call.length, MOST_DATA);
        (done,) = address(registry).call{gas: MOST_GAS - 21_000}(call);
        assertTrue(done);
        assertLe(vm.lastCallGas().gasTotalUsed, MOST_GAS);
    }

    /// @dev Gas binds: a group is one shop's ten redemptions, or one.
    function test_largest_settle_inGroupsOfTen() public {
        _settleLargest(10, 145);
    }

    function test_largest_settle_inGroupsOfOne() public {
        _settleLargest(1, 347);
    }

    /// @dev Gas binds: each burns what is past its date.
    function test_largest_expire() public {
        uint256 count = 1571;
        address[] memory holders = new address[](count + 1);
        for (uint256 i = 0; i <= count; ++i) {
            holders[i] = person(string.concat("largest ", vm.toString(i)));
            enrol(holders[i], uint32(50_000 + i), Class.Resident);
            mint(uint32(50_000 + i), 1000);
        }
        vm.warp(NOW + 365 days);
        uint256 state = vm.snapshotState();
        assertGt(_expireGas(holders), MOST_GAS);
        vm.revertToState(state);
        // Safe: the array only shrinks, by its last element.
        assembly ("memory-safe") {
            mstore(holders, count)
        }
        assertLe(_expireGas(holders), MOST_GAS);
    }

    function _expireGas(address[] memory holders) private returns (uint256) {
        bytes memory call = abi.encodeCall(token.expire, (holders));
        assertLe(call.length, MOST_DATA);
        (bool done,) = address(token).call(call);
        assertTrue(done);
        return vm.lastCallGas().gasTotalUsed;
    }

    function _issueCall(uint256 activity, Line[] memory lines) private returns (bytes memory) {
        Report memory item = report(activity, lines);
        return abi.encodeCall(registry.issue, (item, attesterSignature(item), issuer, issuerSignature(item, 0), 0));
    }

    function _settleLargest(uint256 each, uint256 count) private {
        Group[] memory groups = new Group[](count + 1);
        for (uint256 i = 0; i <= count; ++i) {
            address shop = person(string.concat("largest ", vm.toString(i)));
            enrol(shop, uint32(50_000 + i), Class.Merchant);
            fund(uint32(50_000 + i), 1000);
            groups[i] = Group(keccak256(abi.encode("E2E", i)), new bytes32[](each));
            for (uint256 j = 0; j < each; ++j) {
                groups[i].ids[j] = request(shop, 9);
            }
            lock(treasurer, groups[i].ids);
        }
        uint256 state = vm.snapshotState();
        assertGt(_settleGas(groups), MOST_GAS);
        vm.revertToState(state);
        // Safe: the array only shrinks, by its last element.
        assembly ("memory-safe") {
            mstore(groups, count)
        }
        assertLe(_settleGas(groups), MOST_GAS);
    }

    function _settleGas(Group[] memory groups) private returns (uint256) {
        bytes32 digest = settleDigest(deskDomain(), otherTreasurer, groups, NOW);
        bytes memory call = abi.encodeCall(desk.settle, (otherTreasurer, groups, NOW, sign(otherTreasurer, digest)));
        assertLe(call.length, MOST_DATA);
        (bool done,) = address(desk).call(call);
        assertTrue(done);
        return vm.lastCallGas().gasTotalUsed;
    }

    function _payLargest(Kind kind, uint256 count) private {
        Payment[] memory items = new Payment[](count + 1);
        bytes[] memory signatures = new bytes[](count + 1);
        address shop = person("largest shop");
        enrol(shop, 49_999, Class.Merchant);
        for (uint256 i = 0; i <= count; ++i) {
            uint256 key = uint256(keccak256(abi.encode("largest", i)));
            address payer = _payer(kind, key);
            enrol(payer, uint32(50_000 + i), Class.Resident);
            mint(uint32(50_000 + i), 1000);
            items[i] = payment(payer, shop, 25);
            signatures[i] = _signature(kind, key, payer, digestOf(items[i]));
        }
        assertGt(abi.encodeCall(token.payBatch, (items, signatures)).length, MOST_DATA);
        // Safe: the arrays only shrink, by their last element.
        assembly ("memory-safe") {
            mstore(items, count)
            mstore(signatures, count)
        }
        bytes memory call = abi.encodeCall(token.payBatch, (items, signatures));
        assertLe(call.length, MOST_DATA);
        (bool done, bytes memory paid) = address(token).call{gas: MOST_GAS - 21_000}(call);
        assertTrue(done);
        assertLe(vm.lastCallGas().gasTotalUsed, MOST_GAS);
        assertEq(abi.decode(paid, (uint256)), count);
    }

    function _payer(Kind kind, uint256 key) private returns (address) {
        if (kind == Kind.DeviceKey) return deviceKey(key);
        return kind == Kind.Passkey ? passkey(key) : person(string.concat("largest ", vm.toString(key)));
    }

    function _signature(Kind kind, uint256 key, address payer, bytes32 digest) private view returns (bytes memory) {
        if (kind == Kind.DeviceKey) return deviceSignature(key, digest);
        return kind == Kind.Passkey ? assertion(key, digest) : sign(payer, digest);
    }
}
