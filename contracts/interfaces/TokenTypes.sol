// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @notice What an account may do. A holder without a class can neither receive nor send.
enum Class {
    None,
    Resident,
    Merchant,
    /// A merchant whose agreement ended: may refund and redeem, receives only from the desk.
    Closing,
    /// A redemption desk: holds in escrow what merchants redeem.
    Desk
}

/// @notice Why a move of credits was refused. The order is the order in which the checks are made.
enum Refusal {
    None,
    /// Payer and payee are the same account.
    SameAccount,
    /// Nothing to pay. Only the ERC-20 functions accept zero.
    ZeroValue,
    /// The payer's account is frozen: it may receive, nothing leaves.
    Frozen,
    /// The class matrix does not let this payer pay this payee in this way.
    NotAllowed,
    /// The payer's spendable credits are less than the value.
    Insufficient
}

/// @notice A payment that its payer signs and anyone may carry. EIP-712, under the token's domain.
/// @dev `Payment(address from,address to,uint256 value,uint256 nonce,uint256 deadline,bytes32 requestId)`
/// @param from The payer, who signs.
/// @param to The payee.
/// @param value In cents.
/// @param nonce The payer's next payment nonce, see {IMunicipalToken-paymentNonce}.
/// @param deadline The last second (Unix time) at which the payment may be carried.
/// @param requestId The 32 random bytes of the till's payment request; zero where there is none. Never a text.
struct Payment {
    address from;
    address to;
    uint256 value;
    uint256 nonce;
    uint256 deadline;
    bytes32 requestId;
}

/// @notice One account to open: a holder, the number that is this person's or shop's for life, and a class.
struct Enrolment {
    address holder;
    uint32 number;
    Class class;
}

/// @notice An account as it is stored, in readable form.
/// @param fresh Cents earned in `epoch`. Always 0 for those who are not residents.
/// @param stale Cents of the epoch before `epoch` for a resident; the whole balance for everybody else.
/// @param epoch The epoch in which this slot was last written, see {IMunicipalToken-currentEpoch}.
/// @param nonce The next payment nonce.
/// @param number The person's or shop's number; 0 if never enrolled.
/// @param class What the account may do.
/// @param frozen Whether nothing may leave, for either reason: frozen by GUARDIAN, or being replaced.
/// @param openRedemptions How many redemptions wait at the desk for this number.
/// @param replacing Whether another address is to take over this number.
/// @param dead Whether another address has taken over this number.
struct AccountView {
    uint256 fresh;
    uint256 stale;
    uint256 epoch;
    uint256 nonce;
    uint32 number;
    Class class;
    bool frozen;
    uint256 openRedemptions;
    bool replacing;
    bool dead;
}

/// @notice Dates and times of a city. Dates are Unix times, the last second at which something can be done.
/// @param issueUntil Rewards.
/// @param payUntil Payments; at least `payGap` later.
/// @param redeemUntil Redemptions; at least `redeemGap` later.
/// @param payGap Seconds.
/// @param redeemGap Seconds.
/// @param replacementWindow Seconds in which the holder of a lost wallet can object to its replacement.
/// @param epochMonths Months after which fresh credits become stale and stale ones expire; a divisor of 12.
struct Terms {
    uint256 issueUntil;
    uint256 payUntil;
    uint256 redeemUntil;
    uint256 payGap;
    uint256 redeemGap;
    uint256 replacementWindow;
    uint256 epochMonths;
}
