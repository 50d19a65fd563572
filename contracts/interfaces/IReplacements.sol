// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title A lost wallet, replaced by two officials after a time in which its holder can object.
/// @notice A registrar's signature asks for it and freezes the old account at once; a replacer's signature, somebody
/// else's, carries it out after {replacementWindow}; until then GUARDIAN may cancel it. What was earned, what is owed
/// and every limit is kept by number and does not move.
/// @dev Signed under the token's domain, carried by anyone:
/// `RequestReplacement(address registrar,uint32 number,address newHolder,uint256 deadline)`
/// `ExecuteReplacement(address replacer,bytes32 request,uint256 deadline)`, where `request` is the digest of the first.
/// An official counts if the authority lets it call the function at once.
interface IReplacements {
    /* EVENTS */

    /// @notice Nothing leaves `oldHolder` until this is carried out or cancelled.
    /// @param request Digest of what the registrar signed: the name of this replacement.
    /// @param deadline The last second at which the registrar's signature could be carried.
    /// @param executableFrom The first second at which it can be carried out.
    event ReplacementRequested(
        bytes32 indexed request,
        uint32 indexed number,
        address indexed oldHolder,
        address newHolder,
        address registrar,
        uint256 deadline,
        uint256 executableFrom
    );

    /// @notice `newHolder` is the live address of the number; the old one is dead for ever. Before it stands a
    /// `Transfer` of all that the old one held, where it held anything.
    event Replaced(bytes32 indexed request, uint32 indexed number, address indexed newHolder, address replacer);

    /// @notice The old account is as it was before the request.
    event ReplacementCancelled(bytes32 indexed request, uint32 indexed number);

    /* ERRORS */

    /// @notice The official's signature was to be carried until then.
    error SignatureExpired(uint256 deadline);

    /// @notice The authority does not let this signer do this at once.
    error OfficialNotAllowed(address official);

    /// @notice This request was made before, whatever became of it; sign one with another deadline.
    error ReplacementAlreadyRequested(bytes32 request);

    /// @notice One replacement of a number waits at a time; GUARDIAN can cancel it.
    error ReplacementPending(uint32 number, bytes32 request);

    /// @notice No such replacement waits for this number.
    error NoSuchReplacement(uint32 number, bytes32 request);

    /// @notice The new address has, or had, a number, is a desk, or is zero.
    error InvalidReplacement(address newHolder);

    /// @notice Who asked for a replacement does not carry it out.
    error ReplacerIsRegistrar(address official);

    /// @notice The time to object is not over.
    error ReplacementTooEarly(uint256 executableFrom);

    /* REPLACING */

    /// @notice Asks for the replacement of the live address of a number. REGISTRAR, by signature.
    function requestReplacement(
        address registrar,
        uint32 number,
        address newHolder,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Carries out the replacement that waits for a number. REPLACER, by signature, another than the registrar.
    /// @dev While paused, not for a resident.
    function executeReplacement(
        address replacer,
        uint32 number,
        bytes32 request,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Cancels the replacement that waits for a number. GUARDIAN.
    function cancelReplacement(uint32 number) external;

    /* VIEWS */

    /// @notice The replacement that waits for a number; zeros where none does.
    function replacementOf(uint32 number)
        external
        view
        returns (bytes32 request, address newHolder, address registrar, uint256 executableFrom);

    /// @notice Seconds in which a holder can object.
    function replacementWindow() external view returns (uint256);
}
