// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @notice Where a redemption is. Every redemption has exactly one end: settled, refunded, cancelled or reclaimed.
enum RedemptionStatus {
    None,
    /// In escrow; the merchant may cancel.
    Requested,
    /// In escrow; a payment file is under way.
    Locked,
    /// The euros are out, the credits are burnt.
    Settled,
    /// A treasurer gave the credits back.
    Refunded,
    /// The merchant took the credits back.
    Cancelled,
    /// The municipality did not act in time; somebody had the credits given back.
    Reclaimed
}

/// @notice What a merchant asks: credits into escrow, to be paid in euros.
/// @dev The merchant signs ERC-3009 `ReceiveWithAuthorization` to this desk with `nonce` = the redemption's id.
/// @param from The merchant's address.
/// @param amount In cents.
/// @param validAfter See EIP-3009.
/// @param validBefore See EIP-3009.
/// @param payoutCommitment Salted hash of the payout account; no IBAN goes on the chain.
/// @param salt Makes the id new each time.
struct RedemptionRequest {
    address from;
    uint256 amount;
    uint256 validAfter;
    uint256 validBefore;
    bytes32 payoutCommitment;
    bytes32 salt;
}

/// @notice The redemptions of one merchant that one bank payment settles.
/// @param payoutReference Hash of the EndToEndId of the bank payment; each is used once.
struct Group {
    bytes32 payoutReference;
    bytes32[] ids;
}

/// @notice A redemption in readable form.
/// @param number The merchant's number.
/// @param amount In cents.
/// @param requestedAt Unix time.
/// @param lockId The lock it is under, or was; 0 if never locked.
struct RedemptionView {
    RedemptionStatus status;
    uint32 number;
    uint256 amount;
    uint256 requestedAt;
    uint256 lockId;
}

/// @title The redemption desk: escrow of what merchants redeem until the euros are out.
/// @notice `Requested -> Locked -> Settled`, or back to the merchant. One treasurer locks before a payment file is
/// released, another settles when the bank has paid. The desk's balance is the sum of its open redemptions.
/// @dev A redemption's id is `keccak256(abi.encode(uint32 number, uint256 amount, bytes32 payoutCommitment, bytes32
/// salt))`, with the merchant's number at the moment of the request. Everything signed is EIP-712 under this
/// contract's domain:
/// `Lock(address treasurer,bytes32[] ids,uint256 deadline)`
/// `Settle(address treasurer,Group[] groups,uint256 deadline)Group(bytes32 payoutReference,bytes32[] ids)`
/// `Refund(address treasurer,bytes32[] ids,uint16 reason,uint256 deadline)`
/// `Cancel(bytes32 id)`
/// Each call is all or nothing. An error names the item that is at fault: its index (in {settle}: within its group) and
/// its id. What the token refuses in {request} comes through as the token says it.
interface IRedemptionDesk {
    /* EVENTS */

    event RedemptionRequested(
        bytes32 indexed id, uint32 indexed number, uint256 amount, bytes32 payoutCommitment, bytes32 salt
    );
    event RedemptionsLocked(uint256 indexed lockId, address indexed treasurer, bytes32[] ids);
    /// @notice One bank payment to one merchant. The burn of all groups of a call is one `Transfer`, after these.
    event RedemptionsSettled(
        bytes32 indexed payoutReference, uint32 indexed number, address indexed treasurer, uint256 amount, bytes32[] ids
    );
    /// @param treasurer Who signed.
    /// @param reason A code of the city's published list.
    event RedemptionRefunded(
        bytes32 indexed id, uint32 indexed number, address indexed treasurer, uint256 amount, uint16 reason
    );
    event RedemptionCancelled(bytes32 indexed id, uint32 indexed number, uint256 amount);
    event RedemptionReclaimed(bytes32 indexed id, uint32 indexed number, uint256 amount);
    /// @notice This desk takes no new requests.
    event DeskClosed();

    /* ERRORS */

    error LengthMismatch(uint256 items, uint256 signatures);
    error NothingToDo();
    /// @notice The desk takes no new requests, for good.
    error DeskIsClosed();
    /// @notice It can be reclaimed from this second (Unix time) on.
    error ReclaimTooEarly(bytes32 id, uint256 from);
    /// @notice The date until which merchants may redeem has passed, and this is more than what came back since and may
    /// be requested again, see {graceOf}.
    error RedemptionsEnded(uint256 redeemUntil);
    /// @notice An id is used once, whatever became of it.
    error RedemptionExists(uint256 index, bytes32 id);
    error WrongStatus(uint256 index, bytes32 id, RedemptionStatus status);
    error SignatureExpired(uint256 deadline);
    error InvalidSignature(address signer);
    /// @notice The authority does not let this signer do this at once.
    error TreasurerNotAllowed(address treasurer);
    /// @notice Who locked a redemption neither settles nor refunds it.
    error SameTreasurer(uint256 index, bytes32 id, address treasurer);
    error PayoutReferenceUsed(uint256 group, bytes32 payoutReference);
    error EmptyGroup(uint256 group);
    /// @notice A group is one merchant's.
    error MixedGroup(uint256 group, bytes32 id);

    /* REQUESTING */

    /// @notice Moves credits of merchants into escrow, by their signatures. Anyone may carry them.
    /// @param signatures Of ERC-3009 `ReceiveWithAuthorization` under the token's domain, with `to` this desk.
    function request(RedemptionRequest[] calldata requests, bytes[] calldata signatures) external;

    /// @notice Gives a redemption back that is not locked, by signature of the merchant's live address.
    function cancel(bytes32 id, bytes calldata signature) external;

    /// @notice Gives a redemption back that the municipality did not end in time. Anyone may call.
    /// @dev `reclaimAfter` seconds after the request, or, if it is locked, `lockedReclaimAfter` after the lock.
    function reclaim(bytes32 id) external;

    /* PAYING OUT */

    /// @notice Takes no new requests from now on. ADMIN (as GOVERNANCE). For a desk that a newer one replaces; what is
    /// open still ends, and what comes back after the date for redeeming can still be asked for again.
    function close() external;

    /// @notice Locks redemptions before a payment file is released. TREASURER, by signature.
    function lock(address treasurer, bytes32[] calldata ids, uint256 deadline, bytes calldata signature) external;

    /// @notice Burns locked redemptions that the bank has paid. TREASURER, by signature, another than who locked.
    function settle(address treasurer, Group[] calldata groups, uint256 deadline, bytes calldata signature) external;

    /// @notice Gives redemptions back. TREASURER, by signature; another than who locked, if locked.
    function refund(
        address treasurer,
        bytes32[] calldata ids,
        uint16 reason,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /* VIEWS */

    function redemptionOf(bytes32 id) external view returns (RedemptionView memory);
    /// @notice Redemptions as stored, one word each; the layout is in `libraries/Redemption.sol`.
    function wordsOf(bytes32[] calldata ids) external view returns (uint256[] memory words);
    /// @notice What a number may still request after the date for redeeming, because it came back since, and until when.
    /// @dev A refund or a reclaim after that date gives its amount for 60 days, also at a closed desk: otherwise a
    /// stranger's reclaim could strand a shop that had asked in time. A cancellation, the shop's own choice, gives nothing.
    function graceOf(uint32 number) external view returns (uint256 amount, uint256 until);
    function isClosed() external view returns (bool);
    function reclaimAfter() external view returns (uint256);
    function lockedReclaimAfter() external view returns (uint256);
    function lockOf(uint256 lockId) external view returns (address treasurer, uint256 lockedAt);
    function isPayoutReferenceUsed(bytes32 payoutReference) external view returns (bool);
    function redemptionId(uint32 number, uint256 amount, bytes32 payoutCommitment, bytes32 salt)
        external
        pure
        returns (bytes32);
    function lockDigest(address treasurer, bytes32[] calldata ids, uint256 deadline) external view returns (bytes32);
    function settleDigest(address treasurer, Group[] calldata groups, uint256 deadline) external view returns (bytes32);
    function refundDigest(address treasurer, bytes32[] calldata ids, uint16 reason, uint256 deadline)
        external
        view
        returns (bytes32);
    function cancelDigest(bytes32 id) external view returns (bytes32);
    function token() external view returns (address);
}
