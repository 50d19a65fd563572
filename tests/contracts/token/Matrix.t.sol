// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class, IMunicipalToken, Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Authorization} from "../support/Signing.sol";

/// @notice I7: every class to every class, in every way there is to move credits, with both switches in both places.
contract MatrixTest is City {
    enum Way {
        Transfer,
        TransferFrom,
        TransferFromByPayee,
        Pay,
        PayBatch,
        TransferAuthorized,
        TransferAuthorizedInParts,
        ReceiveAuthorized,
        ReceiveAuthorizedInParts,
        Release
    }

    address private _payer;
    address private _payee;
    uint256 private _nonce;

    function setUp() public override {
        super.setUp();
        _payer = person("payer");
        _payee = person("payee");
        vm.prank(_payer);
        token.approve(stranger, type(uint256).max);
        vm.prank(_payer);
        token.approve(_payee, type(uint256).max);
        vm.store(address(token), keccak256(abi.encode(uint256(7002), HOLDERS_SLOT)), bytes32(uint256(uint160(_payee))));
    }

    function test_matrix_asDeployed() public {
        _checkAll(false, false);
    }

    function test_matrix_residentsMayPayResidents() public {
        setRule(Class.Resident, Class.Resident, true);
        _checkAll(true, false);
    }

    function test_matrix_merchantsMayPayMerchants() public {
        setRule(Class.Merchant, Class.Merchant, true);
        _checkAll(false, true);
    }

    function test_matrix_bothSwitchedOn() public {
        setRule(Class.Resident, Class.Resident, true);
        setRule(Class.Merchant, Class.Merchant, true);
        _checkAll(true, true);
    }

    /// @dev Written from the specification, once more.
    function _expected(Class from, Class to, Way way, bool residents, bool merchants) private pure returns (bool) {
        bool byAuthorization = way == Way.TransferAuthorized || way == Way.TransferAuthorizedInParts
            || way == Way.ReceiveAuthorized || way == Way.ReceiveAuthorizedInParts;
        bool byPayee = way == Way.ReceiveAuthorized || way == Way.ReceiveAuthorizedInParts;
        if (way == Way.Release) return from == Class.Desk && (to == Class.Merchant || to == Class.Closing);
        if (from == Class.Resident) return to == Class.Merchant || (to == Class.Resident && residents);
        if (from != Class.Merchant && from != Class.Closing) return false;
        if (to == Class.Resident) return byAuthorization;
        if (to == Class.Desk) return byPayee;
        return from == Class.Merchant && to == Class.Merchant && merchants;
    }

    function _checkAll(bool residents, bool merchants) private {
        for (uint256 way = 0; way <= uint256(type(Way).max); ++way) {
            for (uint256 pair = 0; pair < 25; ++pair) {
                _check(Class(pair / 5), Class(pair % 5), Way(way), residents, merchants);
            }
        }
    }

    function _check(Class from, Class to, Way way, bool residents, bool merchants) private {
        // One redemption open on both sides, so that a count can go down.
        uint256 open = uint256(1) << 208;
        storeAccount(_payer, word(0, 100, EPOCH, token.paymentNonce(_payer), 7001, from) | open);
        storeAccount(_payee, word(0, 10, EPOCH, 0, 7002, to) | open);
        bool moved = _try(way);
        string memory what = string.concat(
            "way ", vm.toString(uint256(way)), " from ", vm.toString(uint256(from)), " to ", vm.toString(uint256(to))
        );
        assertEq(moved, _expected(from, to, way, residents, merchants), what);
        assertEq(token.balanceOf(_payer), moved ? 95 : 100, what);
        assertEq(token.balanceOf(_payee), moved ? 15 : 10, what);
        if (!moved) return;
        assertEq(token.accountOf(_payer).openRedemptions, to == Class.Desk ? 2 : 1, what);
        assertEq(token.accountOf(_payee).openRedemptions, from == Class.Desk ? 0 : 1, what);
    }

    function _try(Way way) private returns (bool moved) {
        if (way == Way.Pay || way == Way.PayBatch) return _tryPayment(way);
        bytes memory call = way <= Way.TransferFromByPayee || way == Way.Release ? _plain(way) : _authorized(way);
        if (way == Way.TransferFrom) vm.prank(stranger);
        else if (way == Way.Transfer || way == Way.Release) vm.prank(_payer);
        else if (way != Way.TransferAuthorized && way != Way.TransferAuthorizedInParts) vm.prank(_payee);
        (moved,) = address(token).call(call);
    }

    function _tryPayment(Way way) private returns (bool) {
        Payment[] memory items = new Payment[](1);
        items[0] = payment(_payer, _payee, 5);
        bytes[] memory signatures = signed(items);
        uint256 paid = way == Way.Pay ? token.pay(items[0], signatures[0]) : token.payBatch(items, signatures);
        return paid == 1;
    }

    function _plain(Way way) private view returns (bytes memory) {
        if (way == Way.Release) return abi.encodeCall(IMunicipalToken.releaseEscrow, (7002, 5));
        if (way == Way.Transfer) return abi.encodeCall(token.transfer, (_payee, 5));
        return abi.encodeCall(token.transferFrom, (_payer, _payee, 5));
    }

    function _authorized(Way way) private returns (bytes memory) {
        Authorization memory a = authorization(_payer, _payee, 5, bytes32(++_nonce));
        bool transfers = way == Way.TransferAuthorized || way == Way.TransferAuthorizedInParts;
        bytes32 digest = transfers ? transferDigest(tokenDomain(), a) : receiveDigest(tokenDomain(), a);
        if (way == Way.TransferAuthorized || way == Way.ReceiveAuthorized) {
            string memory signature = transfers
                ? "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
                : "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)";
            return abi.encodeWithSignature(
                signature, a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, sign(_payer, digest)
            );
        }
        (uint8 v, bytes32 r, bytes32 s) = signParts(_payer, digest);
        bytes4 selector = bytes4(
            keccak256(
                bytes(
                    transfers
                        ? "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
                        : "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
                )
            )
        );
        return bytes.concat(selector, abi.encode(a), abi.encode(v, r, s));
    }
}
