// SPDX-License-Identifier: EUPL-1.2
// What a till can find out about a customer's code by itself: whether the payer's key signed it. Whether they have
// enough credits, only the city's books say.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type Bytes, concat, fromHex, toHex } from "../lib/bytes.ts";
import { city } from "../lib/city.ts";
import { checksummed, keccak } from "../lib/digests.ts";
import { type Voucher, voucherDigest } from "../lib/voucher.ts";
import { addressOf, CURVE, DEVICE_KEY, PASSKEY, sha256 } from "../lib/wallet.ts";

const WORD = 32;
const KEY_SIGNATURE = 65;
const DEVICE_SIGNATURE = 4 * WORD;
const PRESENT_AND_VERIFIED = 0x05;

/** Whether the payer's own key signed it. No for what only the chain can tell: a wallet that is a contract. */
export async function isGenuine(voucher: Voucher): Promise<boolean> {
  const digest = voucherDigest(city().domains.token, voucher);
  const signature = fromHex(voucher.signature);
  try {
    if (signature.length === KEY_SIGNATURE) {
      return recovered(digest, signature) === voucher.from;
    }
    return signature.length === DEVICE_SIGNATURE
      ? await byDevice(digest, signature, voucher.from)
      : await byPasskey(digest, signature, voucher.from);
  } catch {
    return false; // no point of the curve, no JSON: not a signature
  }
}

function recovered(digest: Bytes, signature: Bytes): string {
  const turned = concat(Uint8Array.of((signature[64] ?? 0) - 27), signature.slice(0, 64));
  const compressed = secp256k1.recoverPublicKey(turned, digest, { prehash: false });
  const point = secp256k1.Point.fromBytes(compressed).toBytes(false);
  return checksummed(keccak(point.slice(1)).slice(12));
}

async function byDevice(digest: Bytes, signature: Bytes, from: string): Promise<boolean> {
  const { x, y, rs } = parts(signature);
  return addressOf(DEVICE_KEY, x, y) === from && verified(x, y, rs, digest);
}

/** x, y, r, s, two bytes with the length of the authenticator data, that, and the client data (WebAuthn level 2, 7.2). */
async function byPasskey(digest: Bytes, signature: Bytes, from: string): Promise<boolean> {
  const { x, y, rs } = parts(signature);
  const length = ((signature[DEVICE_SIGNATURE] ?? 0) << 8) + (signature[DEVICE_SIGNATURE + 1] ?? 0);
  const data = signature.slice(DEVICE_SIGNATURE + 2, DEVICE_SIGNATURE + 2 + length);
  const told = signature.slice(DEVICE_SIGNATURE + 2 + length);
  const client = JSON.parse(new TextDecoder().decode(told)) as { type: string; challenge: string };
  const flags = data[WORD] ?? 0;
  return (
    client.type === "webauthn.get" &&
    client.challenge === base64url(digest) &&
    (flags & PRESENT_AND_VERIFIED) === PRESENT_AND_VERIFIED &&
    addressOf(PASSKEY, data.slice(0, WORD), x, y) === from &&
    verified(x, y, rs, concat(data, await sha256(told)))
  );
}

function parts(signature: Bytes): { x: Bytes; y: Bytes; rs: Bytes } {
  return {
    x: signature.slice(0, WORD),
    y: signature.slice(WORD, 2 * WORD),
    rs: signature.slice(2 * WORD, DEVICE_SIGNATURE),
  };
}

async function verified(x: Bytes, y: Bytes, rs: Bytes, message: Bytes): Promise<boolean> {
  const point = concat(Uint8Array.of(4), x, y);
  const key = await crypto.subtle.importKey("raw", point, CURVE, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, rs, message);
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** By which a code is known everywhere. */
export const digestOf = (voucher: Voucher): string => toHex(voucherDigest(city().domains.token, voucher));
