// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {BrowserKeys} from "../support/BrowserKeys.sol";
import {Authorization} from "../support/Signing.sol";

/// @notice Residents and shops whose wallet is a key of their browser, and all that does not count as its signature.
contract PayKeysTest is BrowserKeys {
    uint256 private constant DEVICE = uint256(keccak256("device"));
    uint256 private constant PASS = uint256(keccak256("passkey"));
    uint32 private constant CAROL = 1003;
    uint32 private constant DAVE = 1004;

    address private _carol;
    address private _dave;

    function setUp() public override {
        super.setUp();
        (_carol, _dave) = (deviceKey(DEVICE), passkey(PASS));
        enrol(_carol, CAROL, Class.Resident);
        enrol(_dave, DAVE, Class.Resident);
        mint(CAROL, 1000);
        mint(DAVE, 1000);
        mint(ALICE, 1000);
    }

    /* WHAT COUNTS */

    function test_pay_byADeviceKey_pays() public {
        Payment memory item = payment(_carol, shop, 100);
        assertEq(token.pay(item, deviceSignature(DEVICE, digestOf(item))), 1);
        assertEq(token.balanceOf(shop), 100);
        assertEq(token.paymentNonce(_carol), 1);
    }

    function test_pay_byAPasskey_pays() public {
        Payment memory item = payment(_dave, shop, 100);
        assertEq(token.pay(item, assertion(PASS, digestOf(item))), 1);
        assertEq(token.balanceOf(shop), 100);
        assertEq(token.paymentNonce(_dave), 1);
    }

    function test_pay_byASyncedPasskeyWithExtensions_pays() public {
        Payment memory item = payment(_dave, shop, 100);
        // User present and verified, eligible for backup and backed up, extension data after the counter.
        bytes memory data = abi.encodePacked(authenticatorData(RP_ID_HASH, 0x9d), hex"a1646c6f636bf5");
        assertEq(token.pay(item, assertion(PASS, data, clientData(digestOf(item)))), 1);
    }

    function testFuzz_pay_byAnyKey_pays(uint256 seed) public {
        uint256 key = 1 + seed % (P256_ORDER - 1);
        (address device, address pass) = (deviceKey(key), passkey(key));
        vm.assume(device != _carol && pass != _dave);
        enrol(device, 1005, Class.Resident);
        enrol(pass, 1006, Class.Resident);
        mint(1005, 10);
        mint(1006, 10);
        Payment memory item = payment(device, shop, 10);
        assertEq(token.pay(item, deviceSignature(key, digestOf(item))), 1);
        item = payment(pass, shop, 10);
        assertEq(token.pay(item, assertion(key, digestOf(item))), 1);
    }

    function test_payBatch_ofAllKinds_isolatesEachItem() public {
        Payment[] memory items = new Payment[](5);
        bytes[] memory signatures = new bytes[](5);
        items[0] = payment(_carol, shop, 10);
        items[1] = payment(alice, shop, 20);
        items[2] = payment(_dave, shop, 30);
        items[3] = payment(_carol, cafe, 40, 1);
        items[4] = payment(_dave, cafe, 50, 1);
        signatures[0] = deviceSignature(DEVICE, digestOf(items[0]));
        signatures[1] = signed(items[1]);
        signatures[2] = assertion(PASS, digestOf(items[2]));
        // Another key's, and over another payment.
        signatures[3] = deviceSignature(PASS, digestOf(items[3]));
        signatures[4] = assertion(PASS, digestOf(items[2]));
        assertEq(token.payBatch(items, signatures), 3);
        assertEq(token.balanceOf(shop), 60);
        assertEq(token.balanceOf(cafe), 0);
        assertEq(token.paymentNonce(_carol), 1);
        assertEq(token.paymentNonce(_dave), 1);
    }

    function test_authorizations_byBrowserKeys_count() public {
        Authorization memory a = authorization(_dave, shop, 100, keccak256("voucher"));
        carryTransfer(a, assertion(PASS, transferDigest(tokenDomain(), a)));
        a = authorization(_carol, shop, 100, keccak256("voucher"));
        carryTransfer(a, deviceSignature(DEVICE, transferDigest(tokenDomain(), a)));
        assertEq(token.balanceOf(shop), 200);
        bytes32 nonce = keccak256("withdrawn");
        token.cancelAuthorization(_dave, nonce, assertion(PASS, cancelAuthorizationDigest(tokenDomain(), _dave, nonce)));
        assertTrue(token.authorizationState(_dave, nonce));
    }

    /* WHAT DOES NOT */

    function test_pay_ofTheOtherKind_isRefused() public {
        // One key, two addresses: each kind of signature is good for its own only.
        Payment memory item = payment(_carol, shop, 10);
        _refused(item, assertion(DEVICE, digestOf(item)));
        item = payment(_dave, shop, 10);
        _refused(item, deviceSignature(PASS, digestOf(item)));
    }

    function test_pay_highS_isRefused() public {
        Payment memory item = payment(_carol, shop, 10);
        _refused(item, _highS(deviceSignature(DEVICE, digestOf(item))));
        item = payment(_dave, shop, 10);
        _refused(item, _highS(assertion(PASS, digestOf(item))));
    }

    function test_pay_overTheDigestItself_isRefused() public {
        Payment memory item = payment(_carol, shop, 10);
        (bytes32 r, bytes32 s) = vm.signP256(DEVICE, digestOf(item));
        (uint256 x, uint256 y) = vm.publicKeyP256(DEVICE);
        uint256 low = uint256(s) > P256_ORDER / 2 ? P256_ORDER - uint256(s) : uint256(s);
        _refused(item, abi.encodePacked(x, y, r, low));
    }

    function test_pay_forAnotherRelyingParty_isRefused() public {
        bytes32 other = sha256("evil.example");
        Payment memory item = payment(_dave, shop, 10);
        bytes memory data = authenticatorData(other, PRESENT_AND_VERIFIED);
        _refused(item, assertion(PASS, data, clientData(digestOf(item))));
        assertTrue(passkey(PASS, other) != _dave);
    }

    function test_pay_withoutTheUser_isRefused() public {
        Payment memory item = payment(_dave, shop, 10);
        // Nobody there; there and not verified; verified and not there; backed up and not eligible for that.
        bytes1[4] memory flags = [bytes1(0x00), bytes1(0x01), bytes1(0x04), bytes1(0x15)];
        for (uint256 i = 0; i < flags.length; ++i) {
            bytes memory data = authenticatorData(RP_ID_HASH, flags[i]);
            _refused(item, assertion(PASS, data, clientData(digestOf(item))));
        }
    }

    function test_pay_byARegistration_isRefused() public {
        Payment memory item = payment(_dave, shop, 10);
        bytes memory data = authenticatorData(RP_ID_HASH, PRESENT_AND_VERIFIED);
        _refused(item, assertion(PASS, data, clientData("webauthn.create", digestOf(item))));
        _refused(item, assertion(PASS, data, clientData("payment.get.x", digestOf(item))));
    }

    function test_pay_ofAnotherChallenge_isRefused() public {
        Payment memory item = payment(_dave, shop, 10);
        _refused(item, assertion(PASS, keccak256("login")));
        // The right challenge elsewhere in what the site wrote.
        bytes memory data = authenticatorData(RP_ID_HASH, PRESENT_AND_VERIFIED);
        bytes memory client = abi.encodePacked(clientData(keccak256("login")), clientData(digestOf(item)));
        _refused(item, assertion(PASS, data, client));
        _refused(item, assertion(PASS, data, abi.encodePacked(" ", clientData(digestOf(item)))));
    }

    function test_pay_everyByteOfAnAssertion_isSigned() public {
        Payment memory item = payment(_dave, shop, 10);
        bytes memory good = assertion(PASS, digestOf(item));
        for (uint256 i = 0; i < good.length; i += 3) {
            bytes memory bad = bytes.concat(good);
            bad[i] ^= 0x01;
            _refused(item, bad);
        }
        assertEq(token.pay(item, good), 1);
    }

    function test_pay_cutOffOrPadded_isRefused() public {
        Payment memory item = payment(_dave, shop, 10);
        bytes memory good = assertion(PASS, digestOf(item));
        for (uint256 length = 0; length < good.length; length += 7) {
            bytes memory part = new bytes(length);
            for (uint256 i = 0; i < length; ++i) {
                part[i] = good[i];
            }
            _refused(item, part);
        }
        _refused(item, abi.encodePacked(good, uint8(0)));
        item = payment(_carol, shop, 10);
        _refused(item, abi.encodePacked(deviceSignature(DEVICE, digestOf(item)), uint8(0)));
    }

    function testFuzz_pay_ofNoise_isRefused(bytes memory noise) public {
        _refused(payment(_carol, shop, 10), noise);
        _refused(payment(_dave, shop, 10), noise);
    }

    function test_pay_theLengthOfTheAuthenticatorData_cannotReachBeyond() public {
        Payment memory item = payment(_dave, shop, 10);
        bytes memory bad = assertion(PASS, digestOf(item));
        (bad[128], bad[129]) = (0xff, 0xff);
        _refused(item, bad);
        (bad[128], bad[129]) = (0x00, 0x00);
        _refused(item, bad);
    }

    /* INTERNALS */

    function _refused(Payment memory item, bytes memory signature) private {
        uint256 nonce = token.paymentNonce(item.from);
        vm.recordLogs();
        assertEq(token.pay(item, signature), 0);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(token.paymentNonce(item.from), nonce);
    }

    function _highS(bytes memory signature) private pure returns (bytes memory) {
        uint256 s;
        assembly ("memory-safe") {
            s := mload(add(signature, 128))
        }
        s = P256_ORDER - s;
        assembly ("memory-safe") {
            mstore(add(signature, 128), s)
        }
        return signature;
    }
}
