// SPDX-License-Identifier: EUPL-1.2
// A payment signed without a connection, as a phone shows it to a till: an ERC-3009 TransferWithAuthorization.
//
// Bytes, big-endian: version (1), from (20), to (20), cents (4), validBefore in Unix seconds (5), nonce (32), signature
// (the rest: 128 bytes of a device key, some 310 of a passkey). They are written as one decimal number, because a QR
// code packs digits almost as tightly as bytes, and every scanner reads them back as they were (ISO/IEC 18004, 7.4.3).
// validAfter is always 0. The nonce is the till's own request where it showed one: so nobody can be paid twice for one
// request, and the till knows its payment again.

import { concat, type Bytes, fromHex, toHex, toNumber, word } from "./bytes.ts";
import { checksummed, digest, type Domain } from "./digests.ts";

export interface Voucher {
  from: string;
  to: string;
  cents: number;
  /** Unix seconds: it can be cashed before then. */
  validBefore: number;
  /** 32 bytes, "0x…". */
  nonce: string;
  /** "0x…", as the API takes it. */
  signature: string;
}

const VERSION = 1;
const HEAD = 1 + 20 + 20 + 4 + 5 + 32;
const SHORTEST_SIGNATURE = 65;
const LONGEST_DIGITS = 5_000;

/** The digits for a QR code. */
export function formatVoucher(voucher: Voucher): string {
  const head = concat(Uint8Array.of(VERSION), fromHex(voucher.from), fromHex(voucher.to));
  const numbers = concat(word(voucher.cents).slice(28), word(voucher.validBefore).slice(27));
  const bytes = concat(head, numbers, fromHex(voucher.nonce), fromHex(voucher.signature));
  return toNumber(bytes).toString(); // the version is not zero, so no byte in front is lost
}

/** What a scanned code says; undefined if it is no voucher. Whether the signature is good, the service says. */
export function parseVoucher(text: string): Voucher | undefined {
  const digits = text.trim();
  if (!/^[1-9]\d+$/.test(digits) || digits.length > LONGEST_DIGITS) {
    return undefined;
  }
  const hex = BigInt(digits).toString(16);
  const bytes = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
  if (bytes[0] !== VERSION || bytes.length < HEAD + SHORTEST_SIGNATURE) {
    return undefined;
  }
  const cents = Number(toNumber(bytes.slice(41, 45)));
  return {
    from: checksummed(bytes.slice(1, 21)),
    to: checksummed(bytes.slice(21, 41)),
    cents,
    validBefore: Number(toNumber(bytes.slice(45, 50))),
    nonce: toHex(bytes.slice(50, HEAD)),
    signature: toHex(bytes.slice(HEAD)),
  };
}

/** What POST /v1/authorizations takes. */
export function authorizationOf(voucher: Voucher): Record<string, string | number> {
  const { from, to, cents, validBefore, nonce, signature } = voucher;
  return { from, to, value: String(cents), validAfter: 0, validBefore, nonce, signature };
}

/** The 32 bytes that its payer signs, by which it is known everywhere. */
export function voucherDigest(token: Domain, voucher: Omit<Voucher, "signature">): Bytes {
  const { from, to, cents, validBefore, nonce } = voucher;
  return digest(token, "TransferWithAuthorization", { from, to, value: cents, validAfter: 0, validBefore, nonce });
}
