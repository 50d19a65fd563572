// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {GovernanceHandler} from "./GovernanceHandler.sol";
import {Authorization} from "./Signing.sol";

/// @notice What people do with their wallets, in any order: payments, transfers, allowances and authorizations, by keys
/// of every kind and by contract wallets, living and dead.
/// @dev Like the {Handler}: an action succeeds, or it is known here that it must be refused.
abstract contract WalletHandler is GovernanceHandler {
    string private constant FIELDS = "(address,address,uint256,uint256,uint256,bytes32,";

    address private _lastOwner;

    /* PAYMENTS */

    /// @dev I9: some of it is flawed; of more than eight wallets the rest is not asked. While paused and after the last
    /// payment the whole is refused, and no nonce moves.
    function payBatch(uint256 seed) external watched {
        bool open = !_isPaused() && block.timestamp <= _payUntil();
        Payment[] memory items = new Payment[](1 + seed % 12);
        bytes[] memory signatures = new bytes[](items.length);
        uint256 asked;
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            address payer = (seed >> 8) % 4 == 0 ? people[3] : _payer(dice);
            uint256 flaw = (dice >> 32) % 12;
            items[i] = _item(dice, payer, flaw);
            signatures[i] = _signatureOf(items[i], dice, flaw);
            if (flaw < 2 || (payer.code.length != 0 && ++asked > 8)) continue;
            if (flaw > 3 && open) ++nonceOf[payer];
        }
        (bool succeeded, bytes memory answer) =
            _attempt(address(token), abi.encodeCall(token.payBatch, (items, signatures)));
        _ends("pay a batch", succeeded, open);
        if (succeeded) done["pay"] += abi.decode(answer, (uint256));
    }

    /* ERC-20 */

    function transfer(uint256 seed) external watched {
        (address from, address to, uint256 value) = (_payer(seed), _payee(seed >> 8), (seed >> 16) % 80);
        bool expected = _mayMove(from, to, value, false);
        vm.prank(from);
        (bool succeeded,) = _attempt(address(token), abi.encodeCall(token.transfer, (to, value)));
        _ends("transfer", succeeded, expected);
    }

    function approve(uint256 seed) external watched {
        address owner = _payer(seed);
        (_lastOwner, allowanceOf[owner]) = (owner, seed >> 8 & 3 == 0 ? type(uint256).max : (seed >> 16) % 400);
        vm.prank(owner);
        token.approve(stranger, allowanceOf[owner]);
        _did("approve");
    }

    /// @dev A permit is good once, for its nonce, until its deadline.
    function permit(uint256 seed) external watched {
        (address owner, uint256 value) = (_payer(seed), (seed >> 16) % 400);
        uint256 nonce = permitsOf[owner];
        bool stale = nonce != 0 && seed >> 32 & 3 == 0;
        bool late = seed >> 34 & 3 == 0;
        uint256 deadline = late ? block.timestamp - 1 : block.timestamp;
        bytes32 digest = permitDigest(tokenDomain(), owner, stranger, value, stale ? nonce - 1 : nonce, deadline);
        bytes memory call = abi.encodeWithSignature(
            "permit(address,address,uint256,uint256,bytes)", owner, stranger, value, deadline, signAs(owner, digest)
        );
        if (_isPlainKey(owner) && seed >> 36 & 1 == 1) {
            (uint8 v, bytes32 r, bytes32 s) = signParts(owner, digest);
            call = abi.encodeWithSignature(
                "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
                owner,
                stranger,
                value,
                deadline,
                v,
                r,
                s
            );
        }
        (bool succeeded,) = _attempt(address(token), call);
        _ends("permit", succeeded, !stale && !late);
        if (!succeeded) return;
        ++permitsOf[owner];
        _lastOwner = owner;
        allowanceOf[owner] = value;
    }

    function transferFrom(uint256 seed) external watched {
        (address owner, address to, uint256 value) = (_payer(seed), _payee(seed >> 8), (seed >> 16) % 80);
        if (seed >> 72 & 1 == 1 && _lastOwner != address(0)) owner = _lastOwner;
        uint256 allowed = allowanceOf[owner];
        bool expected = value <= allowed && _mayMove(owner, to, value, false);
        vm.prank(stranger);
        (bool succeeded,) = _attempt(address(token), abi.encodeCall(token.transferFrom, (owner, to, value)));
        _ends("transfer from", succeeded, expected);
        if (succeeded && allowed != type(uint256).max) allowanceOf[owner] = allowed - value;
    }

    /* ERC-3009 */

    /// @dev A shop gives money back, which only an authorization can.
    function refundPayment(uint256 seed) external watched {
        Authorization memory a =
            authorization(_merchant(seed), _resident(seed >> 8), 1 + (seed >> 16) % 100, keccak256(abi.encode(seed)));
        _carry("refund", a, seed);
    }

    /// @dev With few nonces, so that some were used or withdrawn before; now and then of nothing.
    function authorize(uint256 seed) external watched {
        Authorization memory a =
            authorization(_payer(seed), _payee(seed >> 8), (seed >> 16) % 100, _authorizationNonce(seed));
        _carry("authorize", a, seed);
    }

    function withdrawAuthorization(uint256 seed) external watched {
        (address who, bytes32 nonce) = (_anyone(seed), _authorizationNonce(seed));
        bytes memory signature = signAs(who, cancelAuthorizationDigest(tokenDomain(), who, nonce));
        (bool succeeded,) = _attempt(
            address(token), abi.encodeWithSignature("cancelAuthorization(address,bytes32,bytes)", who, nonce, signature)
        );
        _ends("withdraw an authorization", succeeded, !_authorizationUsed[who][nonce]);
        _authorizationUsed[who][nonce] = true;
        assertTrue(token.authorizationState(who, nonce));
    }

    /* INTERNALS */

    /// @dev Mostly a resident, who pays a shop.
    function _payer(uint256 dice) private view returns (address) {
        return dice >> 64 & 3 != 0 ? _resident(dice) : _anyone(dice);
    }

    function _payee(uint256 dice) private view returns (address) {
        return dice >> 64 & 3 != 0 ? _merchant(dice) : _anyone(dice);
    }

    function _authorizationNonce(uint256 seed) private pure returns (bytes32) {
        return keccak256(abi.encode("few", (seed >> 40) % 4));
    }

    /// @dev By transfer, or received by the payee; signed in one piece or in three.
    function _carry(string memory action, Authorization memory a, uint256 seed) private {
        bool expected = a.value != 0 && block.timestamp <= _payUntil() && !_authorizationUsed[a.from][a.nonce]
            && _mayMove(a.from, a.to, a.value, true);
        bool received = seed >> 48 & 1 == 1;
        bytes memory call = _isPlainKey(a.from) && seed >> 49 & 1 == 1 ? _inParts(a, received) : _inOne(a, received);
        if (received) vm.prank(a.to);
        (bool succeeded,) = _attempt(address(token), call);
        _ends(action, succeeded, expected);
        if (succeeded) _authorizationUsed[a.from][a.nonce] = true;
        assertEq(token.authorizationState(a.from, a.nonce), _authorizationUsed[a.from][a.nonce], "authorization");
    }

    function _inOne(Authorization memory a, bool received) private view returns (bytes memory) {
        bytes memory signature = signAs(a.from, _digest(a, received));
        return abi.encodeWithSignature(
            string.concat(_name(received), FIELDS, "bytes)"),
            a.from,
            a.to,
            a.value,
            a.validAfter,
            a.validBefore,
            a.nonce,
            signature
        );
    }

    function _inParts(Authorization memory a, bool received) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = signParts(a.from, _digest(a, received));
        return bytes.concat(
            bytes4(keccak256(bytes(string.concat(_name(received), FIELDS, "uint8,bytes32,bytes32)")))),
            abi.encode(a),
            abi.encode(v, r, s)
        );
    }

    function _digest(Authorization memory a, bool received) private view returns (bytes32) {
        return received ? receiveDigest(tokenDomain(), a) : transferDigest(tokenDomain(), a);
    }

    function _name(bool received) private pure returns (string memory) {
        return received ? "receiveWithAuthorization" : "transferWithAuthorization";
    }

    /// @dev Flaws: 0 a nonce ahead, 1 a passed deadline, 2 a stranger's signature, 3 one of something else.
    function _item(uint256 dice, address payer, uint256 flaw) private view returns (Payment memory item) {
        item = payment(payer, _payee(dice >> 8), (dice >> 16) % 250, nonceOf[payer]);
        if (flaw == 0) item.nonce += 1 + (dice >> 40) % 3;
        if (flaw == 1) item.deadline = block.timestamp - 1;
    }

    function _signatureOf(Payment memory item, uint256 dice, uint256 flaw) private view returns (bytes memory) {
        if (flaw == 2) return sign(stranger, digestOf(item));
        return signAs(item.from, flaw == 3 ? bytes32(dice) : digestOf(item));
    }
}
