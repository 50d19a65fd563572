// SPDX-License-Identifier: EUPL-1.2
// A transaction of a key in this browser (EIP-1559), without fees. Only the demo's wallet needs it.

import { type Bytes, concat, fromHex, toHex } from "../lib/bytes.ts";
import { keccak } from "../lib/digests.ts";

type Item = Uint8Array | Item[];

export interface Fields {
  chainId: number;
  nonce: number;
  gas: bigint;
  to: string;
  data: string;
}

/** The bytes to send. `sign` makes r, s and v (27 or 28) of 32 bytes. */
export function signedTransaction(fields: Fields, sign: (digest: Bytes) => Bytes): string {
  const unsigned: Item[] = [
    number(fields.chainId),
    number(fields.nonce),
    number(0),
    number(0),
    number(fields.gas),
    fromHex(fields.to),
    number(0),
    fromHex(fields.data),
    [],
  ];
  const signature = sign(keccak(concat(Uint8Array.of(2), rlp(unsigned))));
  const parts = [number((signature[64] ?? 27) - 27), trimmed(signature.slice(0, 32)), trimmed(signature.slice(32, 64))];
  return toHex(concat(Uint8Array.of(2), rlp([...unsigned, ...parts])));
}

function number(value: number | bigint): Bytes {
  const digits = BigInt(value).toString(16);
  return value ? fromHex(digits.length % 2 ? `0${digits}` : digits) : new Uint8Array();
}

function trimmed(bytes: Uint8Array): Bytes {
  const from = bytes.findIndex((byte) => byte !== 0);
  return new Uint8Array(from < 0 ? [] : bytes.slice(from));
}

/** Recursive length prefix: the yellow paper, appendix B. */
function rlp(item: Item): Bytes {
  if (Array.isArray(item)) {
    const inner = concat(...item.map(rlp));
    return concat(prefix(inner.length, 0xc0), inner);
  }
  if (item.length === 1 && (item[0] ?? 0) < 0x80) {
    return new Uint8Array(item);
  }
  return concat(prefix(item.length, 0x80), item);
}

function prefix(length: number, base: number): Bytes {
  if (length < 56) {
    return Uint8Array.of(base + length);
  }
  const size = number(length);
  return concat(Uint8Array.of(base + 55 + size.length), size);
}
