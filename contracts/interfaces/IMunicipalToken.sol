// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IReplacements} from "./IReplacements.sol";
import {AccountView, Class, Enrolment, Payment, Refusal, Terms} from "./TokenTypes.sol";

/// @title The municipal reward token: one credit is one euro, an amount is in cents (`decimals` = 2).
/// @notice An ERC-20 whose credits come only from attested activities and leave only through the redemption desk,
/// by expiry or by correction. In every block
/// `issued - settled - clawedBack - expired == totalSupply == sum of all balances`.
/// @dev Every move of credits passes one internal mover, which applies the class matrix and the freeze flag.
/// Residents' credits expire by epochs (of {epochMonths} months, in UTC): what is earned in epoch E is good to the end
/// of E + 1.
/// Before a resident's slot is written it is rolled: what has expired is burnt with `Transfer(holder, 0)` and
/// {Expired}. `balanceOf` and `totalSupply` count a credit until the block that burns it; `spendableOf` does not.
///
/// What this contract deliberately does not do: it has no mint but {issue}, no owner's transfer, no proxy, no hooks,
/// and it gives the carrier of a signed message no power but to choose its moment.
interface IMunicipalToken is IERC20Metadata, IERC20Permit, IReplacements {
    /* EVENTS */

    /// @notice The payments of one call that were carried out. The n digests belong, in order, to the last n
    /// `Transfer` logs of this token before this log, in the same transaction, whose both ends are not zero.
    event Paid(bytes32[] digests);

    /// @notice A signed payment consumed its nonce without paying. It can never be carried out any more.
    event PaymentFailed(bytes32 indexed digest, address indexed from, uint256 nonce, Refusal reason);

    /// @notice `amount` cents of a resident's credits were past their date and are burnt.
    event Expired(address indexed account, uint256 amount);

    /// @notice `amount` cents of a reward that was reduced are burnt.
    event ClawedBack(uint32 indexed number, address indexed account, uint256 amount);

    /// @notice The dates until which credits are issued, paid and redeemed have moved away.
    event WindDownExtended(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil);

    /// @notice An address became the live address of a number.
    event Enrolled(uint32 indexed number, address indexed account, Class class);

    /// @notice An account has another class. Desks have number 0.
    event ClassSet(uint32 indexed number, address indexed account, Class class);

    /// @notice Nothing leaves this account until it is unfrozen. `reason` is a code of the city's published list.
    event Frozen(uint32 indexed number, address indexed account, uint16 reason);

    /// @notice The account may pay again.
    event Unfrozen(uint32 indexed number, address indexed account);

    /// @notice Rewards and payments by residents have stopped.
    event Paused(address indexed by);

    /// @notice Rewards and payments by residents go on.
    event Unpaused(address indexed by);

    /// @notice Accounts of class `from` may, or may no longer, pay accounts of class `to`.
    event TransferRuleSet(Class indexed from, Class indexed to, bool allowed);

    /// @notice An ERC-3009 authorization was used. See EIP-3009.
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);

    /// @notice An ERC-3009 authorization was withdrawn by its signer. See EIP-3009.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /* ERRORS */

    /// @notice The mover refused; nothing moved. Too little to spend is {ERC20InsufficientBalance} instead.
    error TransferRefused(address from, address to, Refusal reason);

    /// @notice ERC-6093. `balance` is what `sender` can spend, expired credits left out.
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);

    /// @notice ERC-6093.
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);

    /// @notice Rewards and payments by residents are paused.
    error TokenPaused();

    /// @notice The token is not paused.
    error TokenNotPaused();

    /// @notice The date until which rewards are issued has passed.
    error IssuanceEnded(uint256 issueUntil);

    /// @notice The date until which residents can pay has passed.
    error PaymentsEnded(uint256 payUntil);

    /// @notice The three dates must be at least a year ahead and keep their order and gaps.
    error InvalidWindDown(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil);

    /// @notice A date that has passed stays; the others only move away.
    error DateFixed(uint256 until, uint256 wanted);

    /// @notice An epoch has 1, 2, 3, 4, 6 or 12 months.
    error InvalidEpoch(uint256 months);

    /// @notice A permit's deadline has passed.
    error PermitExpired(uint256 deadline);

    /// @notice The transaction has too little gas left to ask a contract wallet for its signature and to carry the
    /// items after it. Nothing was carried; send it with more.
    error NotEnoughGas(uint256 needed);

    /// @notice There must be as many signatures as items.
    error LengthMismatch(uint256 items, uint256 signatures);

    /// @notice The signature is not by the account that must sign.
    error InvalidSignature(address signer);

    /// @notice The authorization is not valid yet.
    error AuthorizationNotYetValid(uint256 validAfter);

    /// @notice The authorization is no longer valid.
    error AuthorizationExpired(uint256 validBefore);

    /// @notice The authorization was used or withdrawn before.
    error AuthorizationAlreadyUsed(address authorizer, bytes32 nonce);

    /// @notice Only the payee may carry an authorization to receive.
    error CallerNotPayee(address caller, address payee);

    /// @notice Number 0 and the zero address cannot be enrolled, and only as resident or merchant.
    error InvalidEnrolment(address holder, uint32 number, Class class);

    /// @notice A number has one live address.
    error NumberTaken(uint32 number, address holder);

    /// @notice An address has one number, for ever.
    error AlreadyEnrolled(address holder, uint32 number);

    /// @notice No live address has this number.
    error UnknownNumber(uint32 number);

    /// @notice This class cannot be given in this way.
    error InvalidClassChange(address account, Class from, Class to);

    /// @notice The class changes only when nothing is held and nothing waits at the desk.
    error AccountNotEmpty(address account, uint256 balance, uint256 openRedemptions);

    /// @notice A desk is a contract without a number.
    error InvalidDesk(address desk);

    /// @notice The account is frozen already, or not frozen.
    error FreezeUnchanged(uint32 number, bool frozen);

    /// @notice Only resident to resident and merchant to merchant can be switched.
    error RuleNotSwitchable(Class from, Class to);

    /// @notice A reward goes to a resident only. `line` is the line of the report.
    error NotResident(uint256 line, uint32 number);

    /// @notice Everything ever issued stays below 2^48 cents.
    error IssuedLimit();

    /// @notice The caller is not a redemption desk.
    error CallerNotDesk(address caller);

    /// @notice This shop has 65 535 redemptions waiting; settle some first.
    error TooManyOpenRedemptions(uint32 number);

    /* PAYING */

    /// @notice Carries one signed payment; a batch of one.
    function pay(Payment calldata item, bytes calldata signature) external returns (uint256 paid);

    /// @notice Carries signed payments, in order, also several of one payer.
    /// @dev The whole call reverts while paused, after `payUntil`, and where there is too little gas to ask a contract
    /// wallet ({NotEnoughGas}); no nonce moves. Otherwise an item with a wrong signature, another nonce than the payer's
    /// next, a passed deadline, or the signature of a ninth contract wallet in the call changes nothing and emits
    /// nothing; every other item consumes its nonce, paid or failed ({PaymentFailed}). At the end {Paid} names those
    /// that were paid.
    /// @param items The payments.
    /// @param signatures One per item, by `items[i].from`.
    /// @return paid How many were paid.
    function payBatch(Payment[] calldata items, bytes[] calldata signatures) external returns (uint256 paid);

    /// @notice Moves credits by the signature of their holder. See EIP-3009. Never to a desk.
    /// @dev Emits {Paid} with the digest. From a merchant to a resident it is a refund, with
    /// `nonce = keccak256(abi.encode("refund", bytes32 paymentDigest, uint256 k))`, k = 0…15.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice The same with the signature in three parts.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Moves credits by the signature of their holder, carried by the payee. See EIP-3009.
    /// @dev Called by a desk it opens a redemption and emits no {Paid}.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice The same with the signature in three parts.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Withdraws an authorization that was not used, by its signer's signature. See EIP-3009.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;

    /// @notice The same with the signature in three parts.
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Sets an allowance by signature of any kind that a payment may have. See ERC-2612 and ERC-7597.
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature) external;

    /// @notice Burns what is past its date in these residents' accounts. Anyone may call.
    function expire(address[] calldata holders) external returns (uint256 burned);

    /* ACCOUNTS */

    /// @notice Opens accounts. REGISTRAR. All or nothing.
    function enrol(Enrolment[] calldata enrolments) external;

    /// @notice Gives the account of a number another class. REGISTRAR.
    /// @dev Only at zero balance (after expiry) and without open redemptions, merchant to closing and back aside.
    function setClass(uint32 number, Class class) external;

    /// @notice Makes a contract a redemption desk, or ends that. ADMIN (as GOVERNANCE). Ended only at zero balance.
    /// @dev Warning: a desk may burn what is in its escrow.
    function setDesk(address desk, bool active) external;

    /// @notice Stops everything that leaves the account of a number. GUARDIAN.
    /// @param reason A code of the city's published list; no text goes on the chain.
    function freeze(uint32 number, uint16 reason) external;

    /// @notice Ends a freeze. UNPAUSER.
    function unfreeze(uint32 number) external;

    /// @notice Stops rewards and every move out of a resident's account, and nothing else. GUARDIAN.
    function pause() external;

    /// @notice Ends a pause. UNPAUSER.
    function unpause() external;

    /// @notice Switches resident to resident, or merchant to merchant. RULES.
    /// @dev Warning: with either on, the token is no longer a closed loop of purchases.
    function setTransferRule(Class from, Class to, bool allowed) external;

    /// @notice Moves the ends of the scheme further away. ADMIN (as GOVERNANCE). Each only before it has passed, in order, and apart by
    /// the gaps set at deployment.
    function extendWindDown(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) external;

    /* REGISTRY AND DESK */

    /// @notice Creates the rewards of one report. The activity registry only (role MINTER).
    /// @param rewards One word per reward: cents in bits 0–47, number in bits 48–79, line of the report in bits 80–95.
    function issue(uint256[] calldata rewards) external;

    /// @notice Burns at most `amount` cents of a resident, fresh before stale. Activity registries only (role
    /// CORRECTOR). Frozen or paused makes no difference; of somebody who is not a resident it burns nothing.
    /// @return burned In cents.
    function clawback(uint32 number, uint256 amount) external returns (uint256 burned);

    /// @notice Burns settled escrow of the calling desk, with one `Transfer` to zero. Desks only.
    /// @param amount In cents.
    /// @param ends One word per merchant: number in bits 0–31, how many redemptions end in bits 32–47.
    function settleEscrow(uint256 amount, uint256[] calldata ends) external;

    /// @notice Gives escrow of the calling desk back to the live address of a number, frozen or not. Desks only.
    function releaseEscrow(uint32 number, uint256 amount) external;

    /* VIEWS */

    /// @notice Cents this account can spend now: its balance without what has expired.
    function spendableOf(address account) external view returns (uint256);

    /// @notice What goes when: cents and the first second (Unix time) at which they are gone; zeros where none.
    /// @dev Merchants' credits never expire: four zeros.
    function expiringOf(address account)
        external
        view
        returns (uint256 first, uint256 firstAt, uint256 second, uint256 secondAt);

    /// @notice The payer's next payment nonce.
    function paymentNonce(address account) external view returns (uint256);

    /// @notice The one live address of a number; zero if there is none.
    function holderOf(uint32 number) external view returns (address);

    /// @notice The number this address has, or had; 0 if it never had one.
    function numberOf(address account) external view returns (uint32);

    /// @notice An account in readable form, as stored.
    function accountOf(address account) external view returns (AccountView memory);

    /// @notice Accounts as stored, one word each; the layout is in `libraries/Account.sol`.
    function wordsOf(address[] calldata accounts) external view returns (uint256[] memory words);

    /// @notice The four sums, in cents: `totalSupply` is the first less the other three.
    function ledger() external view returns (uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired);

    /// @notice Class matrix (bit `8 * from + to`), pause flag, and the three wind-down dates (Unix time).
    function rules()
        external
        view
        returns (uint256 matrix, bool paused, uint256 issueUntil, uint256 payUntil, uint256 redeemUntil);

    /// @notice The epoch of now in UTC: months since year 0, divided by {epochMonths}.
    function currentEpoch() external view returns (uint256);

    /// @notice How many months an epoch has.
    function epochMonths() external view returns (uint256);

    /// @notice Whether an ERC-3009 nonce was used or withdrawn.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);

    /// @notice The block in which this contract was deployed: where an audit begins.
    function deployBlock() external view returns (uint256);
}
