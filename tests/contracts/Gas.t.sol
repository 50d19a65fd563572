// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Line, Report} from "../../contracts/interfaces/IActivityRegistry.sol";
import {Class, Enrolment, Payment} from "../../contracts/interfaces/IMunicipalToken.sol";
import {Group} from "../../contracts/interfaces/IRedemptionDesk.sol";
import {BrowserKeys} from "./support/BrowserKeys.sol";
import {Authorization} from "./support/Signing.sol";

/// @notice What a batch of a hundred costs, as a whole transaction: 21 000, calldata and execution, without refunds.
/// @dev Each is held to a ceiling. Enrolled residents with earnings this year; 100 payers, 10 payees.
/// forge-config: default.isolate = true
contract GasTest is BrowserKeys {
    event Measured(string name, uint256 gasPerItem);

    // Prices of the EVM since Osaka: EIP-2028 and 2930 for a transaction, EIP-2929 and 2200 for storage, EIP-7951 for P-256;
    // logs, hashes and the other precompiles are as in the Yellow Paper, appendix G.
    uint256 private constant READ = 2100;
    uint256 private constant UPDATE = READ + 2900;
    uint256 private constant CREATE = READ + 20_000;
    /// @dev A call of a precompile is a warm one.
    uint256 private constant ECRECOVER = 100 + 3000;
    uint256 private constant P256VERIFY = 100 + 6900;
    /// @dev Of a word; what a passkey signs is longer, so its floor is lower than it could be.
    uint256 private constant SHA256 = 100 + 60 + 12;
    uint256 private constant TRANSFER_LOG = 4 * 375 + 8 * 32;
    /// @dev A shop that is paid ten times in a batch: written once as of old, nine times more while it is warm.
    uint256 private constant PAYEE = (UPDATE + 9 * (100 + 100)) / 10;
    /// @dev The rules are read, `Paid` has a topic, an offset and a number.
    uint256 private constant BATCH = READ + 2 * 375 + 8 * 64;
    uint256 private constant PAYMENT = UPDATE + PAYEE + TRANSFER_LOG + 8 * 32;

    /// @dev Per line: a new attestation, the year's sums, the account, who holds the number, and what the log says of it.
    uint256 private constant REWARD = CREATE + UPDATE + UPDATE + READ + TRANSFER_LOG + 8 * 96;
    /// @dev A new reference, the shop's account, who holds its number, and a log of four topics and four words.
    uint256 private constant GROUP = CREATE + UPDATE + READ + 5 * 375 + 8 * 96;
    uint256 private constant REDEMPTION = UPDATE + 8 * 32;
    /// @dev The desk's account, the sums, and the burn.
    uint256 private constant SETTLEMENT = ECRECOVER + 2 * UPDATE + TRANSFER_LOG;

    address[100] private _residents;
    address[100] private _shops;

    function setUp() public override {
        super.setUp();
        Enrolment[] memory list = new Enrolment[](200);
        for (uint256 i = 0; i < 100; ++i) {
            _residents[i] = person(string.concat("resident ", vm.toString(i)));
            _shops[i] = person(string.concat("shop ", vm.toString(i)));
            list[i] = Enrolment(_residents[i], uint32(10_000 + i), Class.Resident);
            list[100 + i] = Enrolment(_shops[i], uint32(20_000 + i), Class.Merchant);
        }
        vm.prank(registrar);
        token.enrol(list);
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        openProgramme(1e9, MONTH, MONTH + 12);
    }

    function test_gas_issue100() public {
        _measure(
            "issue(100), first reward of the year",
            address(registry),
            _issueCall(),
            100,
            60_000,
            2 * ECRECOVER,
            REWARD - UPDATE + CREATE
        );
        _measure("issue(100)", address(registry), _issueCall(), 100, 42_000, 2 * ECRECOVER, REWARD);
    }

    function test_gas_payBatch100() public {
        (bool done,) = address(registry).call(_issueCall());
        assertTrue(done);
        for (uint256 i = 0; i < 10; ++i) {
            vm.prank(_residents[i]);
            token.transfer(_shops[i], 1);
        }
        // Nobody pays for the first time.
        _carry(_payCall());
        _measure("payBatch(100)", address(token), _payCall(), 100, 17_000, BATCH, PAYMENT + ECRECOVER);
    }

    function test_gas_payBatch100_byDeviceKeys() public {
        _measure(
            "payBatch(100) by device keys",
            address(token),
            _browserCall(false),
            100,
            24_000,
            BATCH,
            PAYMENT + P256VERIFY + SHA256
        );
    }

    function test_gas_payBatch100_byPasskeys() public {
        _measure(
            "payBatch(100) by passkeys",
            address(token),
            _browserCall(true),
            100,
            36_000,
            BATCH,
            PAYMENT + P256VERIFY + 2 * SHA256
        );
    }

    function test_gas_transferWithAuthorization() public {
        (bool done,) = address(registry).call(_issueCall());
        assertTrue(done);
        vm.prank(_residents[0]);
        token.transfer(_shops[0], 1);
        Authorization memory a = authorization(_residents[1], _shops[0], 5, keccak256("nonce"));
        bytes memory call = abi.encodeWithSignature(
            "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
            a.from,
            a.to,
            a.value,
            a.validAfter,
            a.validBefore,
            a.nonce,
            sign(a.from, transferDigest(tokenDomain(), a))
        );
        _measure(
            "transferWithAuthorization",
            address(token),
            call,
            1,
            71_400,
            BATCH,
            2 * UPDATE + CREATE + TRANSFER_LOG + 4 * 375 + 8 * 32 + ECRECOVER
        );
    }

    function test_gas_settle100() public {
        _measure(
            "settle(100) in 10 groups", address(desk), _settleCall(10), 100, 12_500, SETTLEMENT + 10 * GROUP, REDEMPTION
        );
    }

    function test_gas_settle100_inGroupsOfOne() public {
        _measure(
            "settle(100) in 100 groups",
            address(desk),
            _settleCall(100),
            100,
            43_100,
            SETTLEMENT + 100 * GROUP,
            REDEMPTION
        );
    }

    function _issueCall() private returns (bytes memory) {
        uint256 activity = openActivity(1, MONTH, 600);
        Line[] memory lines = new Line[](100);
        for (uint256 i = 0; i < 100; ++i) {
            lines[i] = line(uint32(10_000 + i), 90);
        }
        Report memory item = report(activity, lines);
        return abi.encodeCall(registry.issue, (item, attesterSignature(item), issuer, issuerSignature(item, 0), 0));
    }

    function _payCall() private view returns (bytes memory) {
        Payment[] memory items = new Payment[](100);
        for (uint256 i = 0; i < 100; ++i) {
            items[i] = payment(_residents[i], _shops[i % 10], 25);
            items[i].requestId = keccak256(abi.encode("request", i));
        }
        return abi.encodeCall(token.payBatch, (items, signed(items)));
    }

    /// @dev A hundred residents with browser keys pay for the second time, in ten shops that were paid before.
    function _browserCall(bool passkeys) private returns (bytes memory) {
        for (uint256 i = 0; i < 10; ++i) {
            fund(uint32(20_000 + i), 1);
        }
        Payment[] memory items = new Payment[](100);
        bytes[] memory signatures = new bytes[](100);
        for (uint256 round = 0; round < 2; ++round) {
            for (uint256 i = 0; i < 100; ++i) {
                uint256 key = uint256(keccak256(abi.encode("browser", i)));
                address payer = passkeys ? passkey(key) : deviceKey(key);
                if (round == 0) {
                    enrol(payer, uint32(30_000 + i), Class.Resident);
                    mint(uint32(30_000 + i), 1000);
                }
                items[i] = payment(payer, _shops[i % 10], 25);
                items[i].requestId = keccak256(abi.encode("request", round, i));
                bytes32 digest = digestOf(items[i]);
                signatures[i] = passkeys ? assertion(key, digest) : deviceSignature(key, digest);
            }
            if (round == 0) _carry(abi.encodeCall(token.payBatch, (items, signatures)));
        }
        return abi.encodeCall(token.payBatch, (items, signatures));
    }

    function _carry(bytes memory call) private {
        (bool done,) = address(token).call(call);
        assertTrue(done);
    }

    function _settleCall(uint256 groupCount) private returns (bytes memory) {
        fund(SHOP, 1);
        Group[] memory groups = new Group[](groupCount);
        bytes32[] memory all = new bytes32[](100);
        uint256 each = 100 / groupCount;
        for (uint256 i = 0; i < groupCount; ++i) {
            fund(uint32(20_000 + i), 1000);
            groups[i] = Group(keccak256(abi.encode("E2E", i)), new bytes32[](each));
            for (uint256 j = 0; j < each; ++j) {
                all[i * each + j] = groups[i].ids[j] = request(_shops[i], 9);
            }
        }
        request(_shops[0], 1);
        lock(treasurer, all);
        bytes32 digest = settleDigest(deskDomain(), otherTreasurer, groups, NOW);
        return abi.encodeCall(desk.settle, (otherTreasurer, groups, NOW, sign(otherTreasurer, digest)));
    }

    /// @dev In isolation each outside call is a transaction of its own, with cold storage. The floor is what the EVM asks
    /// for the transaction, its data, and the storage, logs and signatures that the specification wants, per call and per
    /// item: no code that does the same can cost less.
    function _measure(
        string memory name,
        address target,
        bytes memory call,
        uint256 items,
        uint256 most,
        uint256 perCall,
        uint256 perItem
    ) private {
        (bool done,) = target.call(call);
        uint256 each = uint256(vm.lastCallGas().gasTotalUsed) / items;
        assertTrue(done, name);
        uint256 floor = (21_000 + _dataGas(call) + perCall) / items + perItem;
        emit Measured(name, each);
        emit Measured(string.concat("floor of ", name), floor);
        if (each > most) revert(string.concat(name, ": ", vm.toString(each)));
        if (each < floor) revert(string.concat(name, " is below its floor: ", vm.toString(floor)));
    }

    /// @dev 4 for a zero byte, 16 for another (EIP-2028).
    function _dataGas(bytes memory data) private pure returns (uint256 gas_) {
        for (uint256 i = 0; i < data.length; ++i) {
            gas_ += data[i] == 0 ? 4 : 16;
        }
    }
}
