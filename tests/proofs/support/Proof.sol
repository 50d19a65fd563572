// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @notice The cheatcodes of halmos that the proofs use; the first ones are forge's.
interface Cheats {
    function assume(bool condition) external pure;
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
    function etch(address target, bytes calldata code) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function load(address target, bytes32 slot) external view returns (bytes32 value);
    function getCode(string calldata path) external view returns (bytes memory creationCode);
}

/// @notice What only halmos has.
interface Symbolic {
    function enableSymbolicStorage(address target) external;
    function createUint256(string calldata name) external returns (uint256 symbol);
}

/// @notice What a proof needs of halmos. A function `check_…` is proven when no value of its arguments, which all are
/// symbols, lets one of its assertions fail. Whatever reverts otherwise is no counterexample, so a proof that must
/// speak about reverts calls from outside and looks at the answer.
abstract contract Proof {
    Cheats internal constant vm = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    Symbolic internal constant svm = Symbolic(address(uint160(uint256(keccak256("svm cheat code")))));

    uint256 internal constant BITS_8 = type(uint8).max;
    uint256 internal constant BITS_16 = type(uint16).max;
    uint256 internal constant BITS_32 = type(uint32).max;
    uint256 internal constant BITS_40 = type(uint40).max;
    uint256 internal constant BITS_48 = type(uint48).max;
    uint256 internal constant BITS_64 = type(uint64).max;

    /// @dev Field of `bits` bits at `shift`, read by division, apart from the shifts and masks of what is proven.
    function field(uint256 word, uint256 shift, uint256 bits) internal pure returns (uint256) {
        return (word / 2 ** shift) % 2 ** bits;
    }

    /// @dev Whether two words agree in all bits but those of one field.
    function agreeBut(uint256 a, uint256 b, uint256 shift, uint256 bits) internal pure returns (bool) {
        return (a ^ b) & ~((2 ** bits - 1) * 2 ** shift) == 0;
    }
}
