// SPDX-License-Identifier: EUPL-1.2
// What a key signs: EIP-712 digests of our few structs. The types are written down here and not asked of a server:
// whoever signs must know what it signs.

import { keccak_256 } from "@noble/hashes/sha3.js";
import { type Bytes, concat, fromHex, toHex, utf8, word } from "./bytes.ts";

/** An EIP-712 domain, as GET /v1/city has it. */
export interface Domain {
  name: string;
  version: string;
  chainId: number;
  verifyingContract: string;
}

export type Value = string | number | bigint | Fields | Value[];
export interface Fields {
  [name: string]: Value;
}

/** Every struct that a browser signs: its fields, in order. */
export const TYPES = {
  Payment: "address from,address to,uint256 value,uint256 nonce,uint256 deadline,bytes32 requestId",
  TransferWithAuthorization:
    "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce",
  ReceiveWithAuthorization:
    "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce",
  CancelAuthorization: "address authorizer,bytes32 nonce",
  Login: "address account,string origin,bytes32 nonce,uint256 issuedAt",
  Join: "address account,bytes32 code",
  Cancel: "bytes32 id",
} as const;

export type StructName = keyof typeof TYPES;

export const keccak = (bytes: Uint8Array): Bytes => new Uint8Array(keccak_256(bytes));

/** The 32 bytes to sign for a struct under a domain. */
export function digest(domain: Domain, name: StructName, fields: Fields): Bytes {
  const fixed = "string name,string version,uint256 chainId,address verifyingContract";
  const separator = hashStruct("EIP712Domain", fixed, { ...domain });
  return keccak(concat(fromHex("1901"), separator, hashStruct(name, TYPES[name], fields)));
}

function hashStruct(name: string, members: string, fields: Fields): Bytes {
  const words = members.split(",").map((member) => {
    const [type, field] = member.split(" ") as [string, string];
    const value = fields[field];
    if (value === undefined) {
      throw new Error(`${name} needs ${field}`);
    }
    return encode(type, value);
  });
  return keccak(concat(keccak(utf8(`${name}(${members})`)), ...words));
}

function encode(type: string, value: Value): Bytes {
  if (type === "string") {
    return keccak(utf8(String(value)));
  }
  if (type === "bytes32") {
    const bytes = fromHex(String(value));
    if (bytes.length !== 32) {
      throw new Error("32 bytes are needed");
    }
    return bytes;
  }
  if (type === "address") {
    const bytes = fromHex(String(value));
    if (bytes.length !== 20) {
      throw new Error("an address has 20 bytes");
    }
    return concat(new Uint8Array(12), bytes);
  }
  return word(BigInt(value as string | number | bigint));
}

/** An address as it is written, with its checksum (EIP-55). */
export function checksummed(bytes: Uint8Array): string {
  const digits = toHex(bytes).slice(2);
  const hash = toHex(keccak(utf8(digits))).slice(2);
  const written = Array.from(digits, (digit, at) => (parseInt(hash[at] ?? "0", 16) >= 8 ? digit.toUpperCase() : digit));
  return "0x" + written.join("");
}

/** The nonce that makes an authorization a refund: of which payment, and the how many-th (0 to 15). */
export function refundNonce(paymentDigest: string, k: number): string {
  const head = concat(word(0x60), fromHex(paymentDigest), word(k));
  return toHex(keccak(concat(head, word(6), utf8("refund"), new Uint8Array(26))));
}

/** The id of a redemption, which is its authorization's nonce. */
export function redemptionId(number: number, amount: bigint, payoutCommitment: string, salt: string): string {
  return toHex(keccak(concat(word(number), word(amount), fromHex(payoutCommitment), fromHex(salt))));
}
