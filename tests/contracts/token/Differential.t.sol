// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

/// @notice What ERC-20 and ERC-2612 are taken to be.
contract Reference is ERC20Permit {
    constructor(string memory name) ERC20(name, "HTJ") ERC20Permit(name) {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    function decimals() public pure override returns (uint8) {
        return 2;
    }
}

/// @notice Where the rules let everybody pay everybody, the token is OpenZeppelin's ERC20 with ERC20Permit: same
/// answers, same balances, allowances and nonces, same logs, and the same error where funds or allowance do not reach.
/// Where a closed loop must differ, it is said below how.
contract DifferentialTest is City {
    struct Permission {
        address owner;
        address spender;
        uint256 value;
        uint256 nonce;
        uint256 deadline;
    }

    Reference private _reference;
    address private _carol;
    address private _bakery;
    address[4] private _who;

    function setUp() public override {
        super.setUp();
        (_carol, _bakery) = (person("carol"), person("bakery"));
        enrol(_carol, 1003, Class.Resident);
        enrol(_bakery, 2003, Class.Merchant);
        setRule(Class.Resident, Class.Resident, true);
        setRule(Class.Merchant, Class.Merchant, true);
        _reference = new Reference(TOKEN_NAME);
    }

    function test_metadata_isTheReferences() public view {
        assertEq(ERC20(address(token)).name(), _reference.name());
        assertEq(ERC20(address(token)).symbol(), _reference.symbol());
        assertEq(uint256(ERC20(address(token)).decimals()), _reference.decimals());
    }

    /// @notice Among residents, or among shops; the fourth is a stranger, who has nothing and only spends allowances.
    function testFuzz_erc20_isTheReference(uint256 seed, bool shops) public {
        _who = shops ? [shop, cafe, _bakery, stranger] : [alice, bob, _carol, stranger];
        for (uint256 i = 0; i < 3; ++i) {
            if (shops) fund(uint32(2001 + i), 1000);
            else mint(uint32(1001 + i), 1000);
            _reference.mint(_who[i], 1000);
        }
        for (uint256 i = 0; i < 20; ++i) {
            _doBoth(uint256(keccak256(abi.encode(seed, i))));
            _compare();
        }
    }

    /* WHERE A CLOSED LOOP DIFFERS */

    /// @notice A payment to oneself is refused: it would be a payment in every statistic, and move nothing.
    function test_toOneself_differs() public {
        _bothHave(alice, ALICE, 100);
        _differ(alice, abi.encodeCall(_reference.transfer, (alice, 1)));
    }

    /// @notice Nobody without an account can be paid, not even nothing.
    function test_toAStranger_differs() public {
        _bothHave(alice, ALICE, 100);
        _differ(alice, abi.encodeCall(_reference.transfer, (stranger, 1)));
        _differ(alice, abi.encodeCall(_reference.transfer, (stranger, 0)));
    }

    function test_ofAFrozenAccount_differs() public {
        _bothHave(alice, ALICE, 100);
        freeze(ALICE);
        _differ(alice, abi.encodeCall(_reference.transfer, (shop, 1)));
    }

    function test_whilePaused_differs() public {
        _bothHave(alice, ALICE, 100);
        pause();
        _differ(alice, abi.encodeCall(_reference.transfer, (shop, 1)));
    }

    /// @notice What has expired is in the balance until it is burnt, and cannot be spent.
    function test_ofExpiredCredits_differs() public {
        _bothHave(alice, ALICE, 100);
        vm.warp(JULY_2027);
        assertEq(token.balanceOf(alice), 100);
        _differ(alice, abi.encodeCall(_reference.transfer, (shop, 1)));
    }

    /// @notice A shop pays a resident back by authorization only.
    function test_fromAShopToAResident_differs() public {
        fund(SHOP, 100);
        _reference.mint(shop, 100);
        _differ(shop, abi.encodeCall(_reference.transfer, (alice, 1)));
    }

    /// @notice An allowance for the zero address means nothing, and is not refused; a transfer to it is, by both.
    function test_zeroAddress_differs() public {
        _bothHave(alice, ALICE, 100);
        vm.startPrank(alice);
        assertTrue(token.approve(address(0), 1));
        vm.expectRevert();
        _reference.approve(address(0), 1);
        vm.expectRevert();
        token.transfer(address(0), 1);
        vm.expectRevert();
        _reference.transfer(address(0), 1);
        vm.stopPrank();
    }

    /* INTERNALS */

    function _bothHave(address who, uint32 number, uint256 value) private {
        mint(number, value);
        _reference.mint(who, value);
    }

    /// @dev The reference does what the token refuses.
    function _differ(address sender, bytes memory call) private {
        vm.prank(sender);
        (bool ours,) = address(token).call(call);
        vm.prank(sender);
        (bool theirs,) = address(_reference).call(call);
        assertFalse(ours, "the token did it");
        assertTrue(theirs, "the reference refused it too");
    }

    function _doBoth(uint256 dice) private {
        (address sender, address from) = (_who[dice % 4], _who[(dice >> 8) % 3]);
        // Never to oneself: see above.
        address to = _who[(((dice >> 8) % 3) + 1 + (dice >> 16) % 2) % 3];
        uint256 value = (dice >> 24) % 5 == 0 ? dice >> 32 : (dice >> 32) % 1500;
        uint256 kind = (dice >> 3) % 5;
        if (kind == 0) {
            _same(from, abi.encodeCall(_reference.transfer, (to, value)), true);
        } else if (kind == 1) {
            _same(sender, abi.encodeCall(_reference.transferFrom, (from, to, value)), true);
        } else if (kind == 2) {
            if ((dice >> 20) % 4 == 0) value = type(uint256).max;
            _same(from, abi.encodeCall(_reference.approve, (sender, value)), true);
        } else {
            _permitBoth(from, sender, value, dice);
        }
    }

    /// @dev Each of the two has a domain of its own, so each is signed for. Wrong nonces, dates and signers among them;
    /// the errors have other names.
    function _permitBoth(address owner, address spender, uint256 value, uint256 dice) private {
        Permission memory p = Permission(owner, spender, value, token.nonces(owner), block.timestamp);
        if ((dice >> 20) % 6 == 0) --p.deadline;
        if ((dice >> 22) % 6 == 0) ++p.nonce;
        address signer = (dice >> 26) % 6 == 0 ? stranger : owner;
        bytes memory ours = _permitCall(p, signer, tokenDomain());
        bytes memory theirs = _permitCall(p, signer, domain(TOKEN_NAME, block.chainid, address(_reference)));
        _sameOf(stranger, ours, theirs, false);
    }

    function _permitCall(Permission memory p, address signer, bytes32 separator) private view returns (bytes memory) {
        bytes32 digest = permitDigest(separator, p.owner, p.spender, p.value, p.nonce, p.deadline);
        (uint8 v, bytes32 r, bytes32 s) = signParts(signer, digest);
        return bytes.concat(
            _reference.permit.selector, abi.encode(p.owner, p.spender, p.value, p.deadline), abi.encode(v, r, s)
        );
    }

    function _same(address sender, bytes memory call, bool errorsToo) private {
        _sameOf(sender, call, call, errorsToo);
    }

    function _sameOf(address sender, bytes memory ours, bytes memory theirs, bool errorsToo) private {
        vm.recordLogs();
        vm.prank(sender);
        (bool done, bytes memory answer) = address(token).call(ours);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.prank(sender);
        (bool expected, bytes memory expectedAnswer) = address(_reference).call(theirs);
        assertEq(done, expected, "one did it, the other did not");
        if (done || errorsToo) assertEq(keccak256(answer), keccak256(expectedAnswer), "answer");
        if (!done) return;
        Vm.Log[] memory expectedLogs = vm.getRecordedLogs();
        assertEq(logs.length, expectedLogs.length, "number of logs");
        for (uint256 i = 0; i < logs.length; ++i) {
            assertEq(keccak256(abi.encode(logs[i].topics)), keccak256(abi.encode(expectedLogs[i].topics)), "topics");
            assertEq(keccak256(logs[i].data), keccak256(expectedLogs[i].data), "data");
        }
    }

    function _compare() private view {
        uint256 sum;
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(token.balanceOf(_who[i]), _reference.balanceOf(_who[i]), "balance");
            assertEq(token.nonces(_who[i]), _reference.nonces(_who[i]), "nonce");
            for (uint256 j = 0; j < 4; ++j) {
                uint256 allowed = token.allowance(_who[i], _who[j]);
                assertEq(allowed, _reference.allowance(_who[i], _who[j]), "allowance");
            }
            sum += token.balanceOf(_who[i]);
        }
        assertEq(token.totalSupply(), _reference.totalSupply(), "supply");
        assertEq(sum, token.totalSupply(), "sum of balances");
    }
}
