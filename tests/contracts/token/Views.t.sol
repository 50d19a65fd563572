// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";

import {AccountView, Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";

contract TokenViewsTest is City {
    function testFuzz_accountOf_readsTheWord(uint48 fresh, uint48 stale, uint48 nonce, uint32 number, uint16 open)
        public
    {
        uint256 stored = word(fresh, stale, EPOCH, nonce, number, Class.Resident) | uint256(open) << 208;
        storeAccount(alice, stored);
        assertEq(wordOf(alice), stored);
        AccountView memory account = token.accountOf(alice);
        assertEq(account.fresh, fresh);
        assertEq(account.stale, stale);
        assertEq(account.epoch, EPOCH);
        assertEq(account.nonce, nonce);
        assertEq(account.number, number);
        assertEq(uint256(account.class), uint256(Class.Resident));
        assertFalse(account.frozen);
        assertEq(account.openRedemptions, open);
        assertEq(token.balanceOf(alice), uint256(fresh) + stale);
        assertEq(token.paymentNonce(alice), nonce);
        assertEq(token.numberOf(alice), number);
    }

    function test_slots_areWhereTheTestsWriteThem() public {
        vm.store(address(token), keccak256(abi.encode(uint256(77), HOLDERS_SLOT)), bytes32(uint256(1)));
        assertEq(token.holderOf(77), address(1));
        vm.store(address(token), bytes32(LEDGER_SLOT), bytes32(uint256(9)));
        assertEq(token.totalSupply(), 9);
    }

    function testFuzz_ledger_readsTheFourSums(uint32 settled, uint32 clawedBack, uint32 expired, uint32 supply) public {
        uint256 issued = uint256(settled) + clawedBack + expired + supply;
        uint256 sums = uint256(settled) * 2 ** 64 + uint256(clawedBack) * 2 ** 128 + uint256(expired) * 2 ** 192;
        vm.store(address(token), bytes32(LEDGER_SLOT), bytes32(sums + issued));
        (uint256 a, uint256 b, uint256 c, uint256 d) = token.ledger();
        assertEq(a, issued);
        assertEq(b, settled);
        assertEq(c, clawedBack);
        assertEq(d, expired);
        assertEq(token.totalSupply(), supply);
    }

    function test_currentEpoch_changesAtTheBorders() public {
        assertEq(token.currentEpoch(), EPOCH);
        vm.warp(JULY_2026 - 1);
        assertEq(token.currentEpoch(), EPOCH);
        vm.warp(JULY_2026);
        assertEq(token.currentEpoch(), EPOCH + 1);
        vm.warp(JANUARY_2027);
        assertEq(token.currentEpoch(), EPOCH + 2);
        vm.warp(JULY_2027);
        assertEq(token.currentEpoch(), EPOCH + 3);
    }

    function test_eip712Domain_isWhatIsSigned() public view {
        _assertDomain(address(token), TOKEN_NAME);
        _assertDomain(address(registry), REGISTRY_NAME);
        _assertDomain(address(desk), DESK_NAME);
        assertEq(token.DOMAIN_SEPARATOR(), tokenDomain());
    }

    function test_setAuthority_isTheManagersOnly() public {
        address[3] memory managed = [address(token), address(registry), address(desk)];
        for (uint256 i = 0; i < managed.length; ++i) {
            assertEq(IAccessManaged(managed[i]).authority(), address(authority));
            vm.prank(admin);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, admin));
            IAccessManaged(managed[i]).setAuthority(stranger);
            vm.prank(admin);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedInvalidAuthority.selector, stranger));
            authority.updateAuthority(managed[i], stranger);
        }
    }

    function _assertDomain(address verifier, string memory expected) private view {
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        ) = IERC5267(verifier).eip712Domain();
        assertEq(uint256(uint8(fields)), 15);
        assertEq(name, expected);
        assertEq(version, "1");
        assertEq(chainId, block.chainid);
        assertEq(verifyingContract, verifier);
        assertEq(salt, bytes32(0));
        assertEq(extensions.length, 0);
    }
}
