// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, Payment} from "../../contracts/interfaces/IMunicipalToken.sol";
import {BrowserKeys} from "./support/BrowserKeys.sol";

/// @notice The largest batches that fit into 15 500 000 gas and 100 000 bytes of data, computed and then sent.
/// forge-config: default.isolate = true
contract LargestTest is BrowserKeys {
    uint256 private constant MOST_GAS = 15_500_000;
    uint256 private constant MOST_DATA = 100_000;

    /// @dev Data binds: 283 payments with a key's signature, 260 with a device key's.
    function test_largest_payBatch() public {
        _payLargest(false, 283);
    }

    function test_largest_payBatch_byDeviceKeys() public {
        _payLargest(true, 260);
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

    function _payLargest(bool byDevice, uint256 count) private {
        Payment[] memory items = new Payment[](count + 1);
        bytes[] memory signatures = new bytes[](count + 1);
        address shop = person("largest shop");
        enrol(shop, 49_999, Class.Merchant);
        for (uint256 i = 0; i <= count; ++i) {
            uint256 key = uint256(keccak256(abi.encode("largest", i)));
            address payer = byDevice ? deviceKey(key) : person(string.concat("largest ", vm.toString(i)));
            enrol(payer, uint32(50_000 + i), Class.Resident);
            mint(uint32(50_000 + i), 1000);
            items[i] = payment(payer, shop, 25);
            signatures[i] = byDevice ? deviceSignature(key, digestOf(items[i])) : sign(payer, digestOf(items[i]));
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
}
