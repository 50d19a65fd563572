// SPDX-License-Identifier: EUPL-1.2
// EIP-712 digests of any typed data, as wallets make them. Only the demo's wallet needs it: a real one has its own.

import { type Bytes, concat, fromHex, utf8, word } from "../lib/bytes.ts";
import { keccak } from "../lib/digests.ts";

export interface Member {
  name: string;
  type: string;
}

export interface TypedData {
  types: Record<string, Member[]>;
  primaryType: string;
  domain: Record<string, unknown>;
  message: Record<string, unknown>;
}

export function typedDigest(data: TypedData): Bytes {
  return keccak(
    concat(fromHex("1901"), structHash(data, "EIP712Domain", data.domain), structHash(data, data.primaryType, data.message)),
  );
}

function structHash(data: TypedData, name: string, values: Record<string, unknown>): Bytes {
  const members = data.types[name] ?? [];
  const type = keccak(utf8(encodeType(data, name)));
  return keccak(concat(type, ...members.map((member) => encode(data, member.type, values[member.name]))));
}

function encodeType(data: TypedData, name: string): string {
  const others = new Set<string>();
  collect(data, name, others);
  others.delete(name);
  return [name, ...[...others].sort()]
    .map((one) => `${one}(${(data.types[one] ?? []).map((member) => `${member.type} ${member.name}`).join(",")})`)
    .join("");
}

function collect(data: TypedData, name: string, into: Set<string>): void {
  const struct = name.replace(/\[\d*\]$/, "");
  if (!data.types[struct] || into.has(struct)) {
    return;
  }
  into.add(struct);
  data.types[struct].forEach((member) => collect(data, member.type, into));
}

function encode(data: TypedData, type: string, value: unknown): Bytes {
  if (type.endsWith("]")) {
    const inner = type.replace(/\[\d*\]$/, "");
    return keccak(concat(...(value as unknown[]).map((item) => encode(data, inner, item))));
  }
  if (data.types[type]) {
    return structHash(data, type, value as Record<string, unknown>);
  }
  if (type === "string") {
    return keccak(utf8(String(value)));
  }
  if (type === "bytes") {
    return keccak(fromHex(String(value)));
  }
  if (type === "address") {
    return concat(new Uint8Array(12), fromHex(String(value)));
  }
  if (type.startsWith("bytes")) {
    return concat(fromHex(String(value)), new Uint8Array(32 - fromHex(String(value)).length));
  }
  return word(type === "bool" ? Number(value) : BigInt(value as string | number));
}
