// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";

/// @notice What does not count as the payer's signature: the item changes nothing and emits nothing.
contract PaySignaturesTest is City {
    Payment private _item;

    function setUp() public override {
        super.setUp();
        mint(ALICE, 1000);
        _item = payment(alice, shop, 100);
    }

    function test_pay_ofAnotherSigner_isRefused() public {
        _refused(sign(bob, digestOf(_item)));
        _refused(sign(shop, digestOf(_item)));
    }

    function test_pay_everyFieldIsSigned() public {
        bytes memory signature = signed(_item);
        Payment memory item = _item;
        item.to = cafe;
        _refused(item, signature);
        item = _item;
        item.value = 101;
        _refused(item, signature);
        item = _item;
        item.deadline += 1;
        _refused(item, signature);
        item = _item;
        item.requestId = bytes32(0);
        _refused(item, signature);
        item = _item;
        item.from = bob;
        _refused(item, signature);
        assertEq(token.pay(_item, signature), 1);
    }

    function test_pay_highS_isRefused() public {
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, digestOf(_item));
        _refused(abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27)));
    }

    function test_pay_vOfZeroOrOne_isRefused() public {
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, digestOf(_item));
        _refused(abi.encodePacked(r, s, v - 27));
        _refused(abi.encodePacked(r, s, uint8(0)));
        _refused(abi.encodePacked(r, s, uint8(1)));
        _refused(abi.encodePacked(r, s, uint8(29)));
    }

    function test_pay_otherLengths_areRefused() public {
        (uint8 v, bytes32 r, bytes32 s) = signParts(alice, digestOf(_item));
        // EIP-2098, 64 bytes.
        _refused(abi.encodePacked(r, v == 28 ? bytes32(uint256(s) | 1 << 255) : s));
        _refused("");
        _refused(abi.encodePacked(r, s));
        _refused(abi.encodePacked(r, s, v, uint8(0)));
        _refused(new bytes(65));
    }

    function test_pay_ofAnotherChain_isRefused() public {
        _refused(sign(alice, paymentDigest(domain(TOKEN_NAME, block.chainid + 1, address(token)), _item)));
        bytes memory here = signed(_item);
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        _refused(here);
        assertEq(token.DOMAIN_SEPARATOR(), domain(TOKEN_NAME, chain + 1, address(token)));
        vm.chainId(chain);
        assertEq(token.pay(_item, here), 1);
    }

    function test_pay_ofAnotherContract_isRefused() public {
        _refused(sign(alice, paymentDigest(domain(TOKEN_NAME, block.chainid, address(registry)), _item)));
        _refused(sign(alice, paymentDigest(registryDomain(), _item)));
        _refused(sign(alice, paymentDigest(deskDomain(), _item)));
        _refused(sign(alice, paymentDigest(domain("Heitje", block.chainid, address(token)), _item)));
    }

    function testFuzz_pay_randomSignature_isRefused(bytes32 r, bytes32 s, uint8 v) public {
        _refused(abi.encodePacked(r, s, v));
    }

    function _refused(bytes memory signature) private {
        _refused(_item, signature);
    }

    function _refused(Payment memory item, bytes memory signature) private {
        (uint256 payer, uint256 payee) = (wordOf(item.from), wordOf(item.to));
        vm.recordLogs();
        assertEq(token.pay(item, signature), 0);
        assertNoLogs();
        assertEq(wordOf(item.from), payer);
        assertEq(wordOf(item.to), payee);
    }
}
