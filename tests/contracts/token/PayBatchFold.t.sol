// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, Payment, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Keys} from "../support/Keys.sol";
import {Vm} from "../support/Vm.sol";

/// @notice I12: a batch does what its items would do one by one, with every kind of key and every way to fail.
/// @dev Up to eight contract wallets: a batch asks no more of them, and that is where it differs from its items.
contract PayBatchFoldTest is Keys {
    uint256 private constant ITEMS = 14;

    address[8] private _payers;
    uint256[8] private _nonces;

    function setUp() public override {
        super.setUp();
        (address carol, address dave, address erin) =
            (browserOf("carol", true), walletOf("dave"), browserOf("erin", false));
        enrol(carol, 1003, Class.Resident);
        enrol(dave, 1004, Class.Resident);
        enrol(erin, 1005, Class.Resident);
        // A plain key, a passkey, a wallet, a device key, one who is frozen, a shop, one without an account.
        _payers = [alice, carol, dave, erin, bob, shop, stranger, alice];
        for (uint32 number = 1001; number < 1006; ++number) {
            mint(number, 300);
        }
        fund(SHOP, 200);
        freeze(BOB);
    }

    function testFuzz_payBatch_ofAllKinds_isTheFoldOfItsItems(uint256 seed, uint256 halfYears) public {
        vm.warp([NOW, JULY_2026, JANUARY_2027, JULY_2027][halfYears % 4]);
        (Payment[] memory items, bytes[] memory signatures) = _items(seed);
        _isTheFold(items, signatures);
    }

    /// @notice That chance brings every way to fail, and payments, into these batches.
    function test_payBatch_ofAllKinds_failsInEveryWay() public {
        uint256 paid;
        // In memory, which going back in time leaves alone.
        uint256[] memory failed = new uint256[](uint256(type(Refusal).max) + 1);
        for (uint256 seed = 0; seed < 40; ++seed) {
            uint256 snapshot = vm.snapshotState();
            (Payment[] memory items, bytes[] memory signatures) = _items(uint256(keccak256(abi.encode(seed))));
            vm.recordLogs();
            paid += token.payBatch(items, signatures);
            Vm.Log[] memory logs = vm.getRecordedLogs();
            vm.revertToState(snapshot);
            for (uint256 i = 0; i < logs.length; ++i) {
                if (logs[i].topics[0] != keccak256("PaymentFailed(bytes32,address,uint256,uint8)")) continue;
                (, uint256 reason) = abi.decode(logs[i].data, (uint256, uint256));
                ++failed[reason];
            }
        }
        assertGt(paid, 20);
        for (uint256 reason = 1; reason < failed.length; ++reason) {
            assertGt(failed[reason], 0);
        }
    }

    function _isTheFold(Payment[] memory items, bytes[] memory signatures) private {
        uint256 snapshot = vm.snapshotState();
        vm.recordLogs();
        uint256 paid = token.payBatch(items, signatures);
        (bytes32 saidAtOnce, bytes32 digestsAtOnce) = _said();
        bytes32 atOnce = _state();
        vm.revertToState(snapshot);

        vm.recordLogs();
        uint256 single;
        for (uint256 i = 0; i < items.length; ++i) {
            single += token.pay(items[i], signatures[i]);
        }
        (bytes32 said, bytes32 digests) = _said();
        assertEq(paid, single, "paid");
        assertEq(atOnce, _state(), "state");
        assertEq(saidAtOnce, said, "logs");
        assertEq(digestsAtOnce, digests, "digests");
    }

    /// @dev Of every three, one has a flaw; a wallet signs for at most eight of the items.
    function _items(uint256 seed) private returns (Payment[] memory items, bytes[] memory signatures) {
        (items, signatures) = (new Payment[](ITEMS), new bytes[](ITEMS));
        delete _nonces;
        uint256 wallets;
        for (uint256 i = 0; i < ITEMS; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 payer = dice % 7;
            if (_payers[payer].code.length != 0 && ++wallets > 8) payer = 0;
            (items[i], signatures[i]) = _item(payer, dice);
        }
    }

    function _item(uint256 payer, uint256 dice) private returns (Payment memory item, bytes memory signature) {
        address from = _payers[payer];
        address to = (dice >> 8) % 2 == 0 ? cafe : _payers[(dice >> 16) % 8];
        item = payment(from, to, (dice >> 24) % 10 == 0 ? 0 : (dice >> 32) % 400, _nonces[payer]);
        item.requestId = bytes32(dice);
        uint256 flaw = (dice >> 48) % 15;
        if (flaw == 0) ++item.nonce;
        if (flaw == 1) item.deadline = block.timestamp - 1;
        bytes32 digest = flaw == 2 ? bytes32(dice) : digestOf(item);
        signature = signAs(flaw == 3 ? _payers[(payer + 1) % 6] : from, digest);
        if (flaw == 4) signature = new bytes((dice >> 56) % 300);
        if (flaw > 4) ++_nonces[payer];
    }

    function _state() private view returns (bytes32) {
        (uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired) = token.ledger();
        bytes memory all = abi.encode(issued, settled, clawedBack, expired, wordOf(cafe));
        for (uint256 i = 0; i < _payers.length; ++i) {
            all = abi.encode(all, wordOf(_payers[i]));
        }
        return keccak256(all);
    }

    /// @dev All that was said but `Paid`, in order; and the digests of all `Paid`, in order.
    function _said() private returns (bytes32 said, bytes32 digests) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != keccak256("Paid(bytes32[])")) {
                said = keccak256(abi.encode(said, logs[i].topics, logs[i].data));
                continue;
            }
            bytes32[] memory list = abi.decode(logs[i].data, (bytes32[]));
            for (uint256 j = 0; j < list.length; ++j) {
                digests = keccak256(abi.encode(digests, list[j]));
            }
        }
    }
}
