// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract wallet that one key signs for. Like a Safe it ignores what follows the signature.
contract KeyWallet is IERC1271 {
    address private immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (signature.length < 65) return 0xffffffff;
        address signer = ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
        return signer == OWNER ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @notice What the wallet does of its own accord.
    function perform(address target, bytes calldata data) external returns (bool done) {
        (done,) = target.call(data);
    }
}

/// @notice How an {OddWallet} behaves when it is asked for its signature.
enum Mood {
    /// Says yes to everything.
    Yes,
    /// Says no.
    No,
    /// Says yes if it was given all of the 200 000 gas.
    Demanding,
    /// Says yes with its very last gas.
    Spending,
    /// Never answers.
    Endless,
    /// Reverts with a long reason that begins like a yes.
    Reverting,
    /// Says yes, and a hundred kilobytes more.
    Talkative,
    /// Says no, and a hundred kilobytes more.
    TalkativeNo,
    /// Returns the four bytes of a yes and no more.
    Short,
    /// Returns nothing.
    Silent,
    /// A yes whose other 28 bytes are not zero.
    Dirty,
    /// Returns `true`.
    True_,
    /// Writes before it says yes.
    Writing
}

/// @notice A contract wallet that need not be honest.
contract OddWallet {
    Mood public immutable MOOD;
    uint256 private _asked;

    constructor(Mood mood) {
        MOOD = mood;
    }

    fallback() external {
        uint256 given = gasleft();
        Mood mood = MOOD;
        if (mood == Mood.No) _answer(bytes32(hex"ffffffff"), 32);
        if (mood == Mood.Demanding) _answer(given > 199_700 ? _yes() : bytes32(0), 32);
        if (mood == Mood.Spending) {
            while (gasleft() > 500) {}
            _answer(_yes(), 32);
        }
        while (mood == Mood.Endless) {}
        if (mood == Mood.Reverting) {
            bytes32 yes = _yes();
            assembly {
                mstore(0, yes)
                revert(0, 20000)
            }
        }
        if (mood == Mood.Talkative) _answer(_yes(), 100_000);
        if (mood == Mood.TalkativeNo) _answer(bytes32(0), 100_000);
        if (mood == Mood.Short) _answer(_yes(), 4);
        if (mood == Mood.Silent) _answer(_yes(), 0);
        if (mood == Mood.Dirty) _answer(_yes() | bytes32(uint256(1)), 32);
        if (mood == Mood.True_) _answer(bytes32(uint256(1)), 32);
        if (mood == Mood.Writing) ++_asked;
        _answer(_yes(), 32);
    }

    function _yes() private pure returns (bytes32) {
        return bytes32(IERC1271.isValidSignature.selector);
    }

    function _answer(bytes32 word, uint256 length) private pure {
        assembly {
            mstore(0, word)
            return(0, length)
        }
    }
}

/// @notice A contract wallet that, asked for its signature, makes a call of its own before it says yes.
contract ReentrantWallet {
    address private _target;
    bytes private _call;

    function prepare(address target, bytes calldata call_) external {
        (_target, _call) = (target, call_);
    }

    /// @dev Not `view`, else the compiler would not make the call. Were it let through, there would be no yes.
    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        (bool done,) = _target.call{gas: 100_000}(_call);
        return done ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}
