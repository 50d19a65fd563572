// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Recovery} from "../support/Recovery.sol";
import {Mood, OddWallet} from "../support/Wallets.sol";

/// @notice Whoever carries a batch chooses how much gas it gets. Either all of it is carried, or nothing.
contract PayGasTest is Recovery {
    uint32 private constant FIRST = 5001;

    address[3] private _wallets;

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
        _wallets = [address(new OddWallet(Mood.Demanding)), address(new OddWallet(Mood.Spending)), walletOf("dave")];
        signsFor(alice, _wallets[0]);
        signsFor(alice, _wallets[1]);
        for (uint32 i = 0; i < 3; ++i) {
            enrol(_wallets[i], FIRST + i, Class.Resident);
            mint(FIRST + i, 1000);
        }
    }

    function test_pay_tooLittleGas_saysHowMuch() public {
        Payment memory item = payment(_wallets[0], shop, 1);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NotEnoughGas.selector, 258_174));
        token.pay{gas: 250_000}(item, "");
        assertEq(token.paymentNonce(_wallets[0]), 0);
    }

    function test_payBatch_tooLittleGasForTheLater_saysHowMuch() public {
        Payment[] memory items = new Payment[](3);
        items[0] = payment(alice, shop, 1, 0);
        items[1] = payment(_wallets[1], shop, 1);
        items[2] = payment(alice, shop, 1, 1);
        bytes[] memory signatures = signed(items);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NotEnoughGas.selector, 303_174));
        token.payBatch{gas: 320_000}(items, signatures);
        assertEq(token.paymentNonce(alice), 0);
    }

    function test_pay_aWalletThatSaysNo_hasHadAllItsGas() public {
        address no = address(new OddWallet(Mood.No));
        Payment memory item = payment(no, shop, 1);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.NotEnoughGas.selector, 258_174));
        token.pay{gas: 250_000}(item, "");
        vm.recordLogs();
        assertEq(token.pay{gas: 300_000}(item, ""), 0);
        assertNoLogs();
    }

    function test_pay_byAKey_needsNoReserve() public {
        Payment memory item = payment(alice, shop, 1);
        bytes memory signature = signed(item);
        assertEq(token.pay{gas: 100_000}(item, signature), 1);
    }

    /// @notice The wallets either need all of their 200 000 or use it up: the least a carrier can get away with.
    function testFuzz_pay_anyGas_allOrNothing(uint256 gas_, uint256 which) public {
        gas_ = bound(gas_, 0, 400_000);
        Payment[] memory items = new Payment[](1);
        items[0] = payment(_wallets[which % 3], shop, 1);
        bytes[] memory signatures = signed(items, "");
        (bool done, bytes memory answer) =
            address(token).call{gas: gas_}(abi.encodeCall(token.pay, (items[0], signatures[0])));
        _allOrNothing(items, done, answer);
    }

    function testFuzz_payBatch_anyGas_allOrNothing(uint256 gas_, uint256 seed) public {
        Payment[] memory items = _items(seed);
        bytes[] memory signatures = signed(items, "");
        gas_ = bound(gas_, 0, 300_000 + 250_000 * items.length);
        (bool done, bytes memory answer) =
            address(token).call{gas: gas_}(abi.encodeCall(token.payBatch, (items, signatures)));
        _allOrNothing(items, done, answer);
    }

    /// @notice Around the least that is enough, found by halving: below it nothing, from it on everything.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_payBatch_aroundTheLeastGas_allOrNothing(uint256 seed, uint256 nearness) public {
        Payment[] memory items = _items(seed);
        bytes memory call = abi.encodeCall(token.payBatch, (items, signed(items, "")));
        uint256 least = _leastGas(call);
        uint256 gas_ = least + 2000 - nearness % 4000;
        (bool done, bytes memory answer) = address(token).call{gas: gas_}(call);
        _allOrNothing(items, done, answer);
    }

    /// @notice A signature may be followed by anything, as with a Safe: a carrier cannot use up a wallet's gas with it.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_payBatch_paddedSignatures_allOrNothing(uint256 seed, uint256 nearness, uint256 size) public {
        Payment[] memory items = _items(seed);
        bytes memory padding = new bytes(bound(size, 0, 50_000));
        bytes memory call = abi.encodeCall(token.payBatch, (items, signed(items, padding)));
        uint256 least = _leastGas(call);
        (bool done, bytes memory answer) = address(token).call{gas: least + 2000 - nearness % 4000}(call);
        _allOrNothing(items, done, answer);
    }

    function _items(uint256 seed) private view returns (Payment[] memory items) {
        items = new Payment[](1 + seed % 8);
        uint256[4] memory nonces;
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 payer = (seed >> (8 + 8 * i)) % 4;
            address from = payer == 3 ? alice : _wallets[payer];
            items[i] = payment(from, i % 2 == 0 ? shop : cafe, 1, nonces[payer]++);
        }
    }

    /// @dev Odd wallets say yes to anything; keys are not padded, because of them 65 bytes are the signature.
    function signed(Payment[] memory items, bytes memory padding) private view returns (bytes[] memory signatures) {
        signatures = signed(items);
        for (uint256 i = 0; i < items.length; ++i) {
            if (items[i].from != alice) signatures[i] = bytes.concat(signatures[i], padding);
        }
    }

    function _leastGas(bytes memory call) private returns (uint256 most) {
        uint256 least;
        most = 12_000_000;
        while (most - least > 200) {
            uint256 middle = (least + most) / 2;
            uint256 snapshot = vm.snapshotState();
            (bool done,) = address(token).call{gas: middle}(call);
            vm.revertToState(snapshot);
            if (done) most = middle;
            else least = middle;
        }
    }

    function _allOrNothing(Payment[] memory items, bool done, bytes memory answer) private view {
        uint256[4] memory nonces;
        if (done) assertEq(abi.decode(answer, (uint256)), items.length, "something was left out");
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 payer = _payer(items[i].from);
            if (done) ++nonces[payer];
        }
        for (uint256 payer = 0; payer < 4; ++payer) {
            assertEq(token.paymentNonce(payer == 3 ? alice : _wallets[payer]), nonces[payer], "nonce");
        }
    }

    function _payer(address from) private view returns (uint256 payer) {
        while (payer < 3 && _wallets[payer] != from) ++payer;
    }
}
