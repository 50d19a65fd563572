// SPDX-License-Identifier: EUPL-1.2
// The key of whoever uses this browser: a passkey, or a key of the browser itself that cannot be read out.
// The contracts take both; see contracts/libraries/Signatures.sol for the form of their signatures.

import { type Bytes, concat, random, toHex, toNumber, utf8, word } from "./bytes.ts";
import { checksummed, keccak } from "./digests.ts";
import { Refused } from "./refusals.ts";
import { forget, keep, recall } from "./store.ts";

/** A browser can hold one key for each. */
export type Slot = "app" | "till";

export interface Wallet {
  readonly kind: "passkey" | "device" | "demo";
  readonly address: string;
  /** Signs 32 bytes. For a passkey the browser asks its owner, who may refuse: then it throws Refused. */
  sign(digest: Bytes): Promise<Bytes>;
}

interface PasskeyRecord {
  kind: "passkey";
  address: string;
  id: Bytes;
  x: Bytes;
  y: Bytes;
}

interface DeviceRecord {
  kind: "device";
  address: string;
  key: CryptoKey;
  x: Bytes;
  y: Bytes;
}

interface DemoRecord {
  kind: "demo";
  address: string;
  /** Of a demonstration, worth nothing: nobody else has a key that a script can read. */
  secret: string;
}

export type Record_ = PasskeyRecord | DeviceRecord | DemoRecord;

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ES256 = -7;
/** What the addresses of browsers' keys begin with; see contracts/libraries/Signatures.sol. */
export const PASSKEY = "Heitje passkey, WebAuthn P-256";
export const DEVICE_KEY = "Heitje device key, P-256";
export const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;

const slotName = (slot: Slot): string => `key of ${slot}`;

/** The key in a slot; undefined if there is none yet. */
export async function walletOf(slot: Slot): Promise<Wallet | undefined> {
  const record = await recall<Record_>(slotName(slot));
  return record && open(record);
}

/** Puts a key in a slot. What was there is gone for good, so ask before. */
export async function put(slot: Slot, record: Record_): Promise<Wallet> {
  await keep(slotName(slot), record);
  return open(record);
}

export async function remove(slot: Slot): Promise<void> {
  await forget(slotName(slot));
}

export function open(record: Record_): Wallet {
  const { kind, address } = record;
  switch (record.kind) {
    case "passkey":
      return { kind, address, sign: (digest) => signWithPasskey(record, digest) };
    case "device":
      return { kind, address, sign: (digest) => signWithDevice(record, digest) };
    case "demo":
      return {
        kind,
        address,
        sign: async (digest) => (await import("./demo-key.ts")).sign(record.secret, digest),
      };
  }
}

/** Whether this browser and phone can make a passkey that knows its owner. */
export async function canMakePasskey(): Promise<boolean> {
  if (typeof PublicKeyCredential === "undefined") {
    return false;
  }
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
}

/** Makes a passkey. `label` is what the phone shows its owner later. */
export async function makePasskey(label: string): Promise<Record_> {
  const rp = { id: location.hostname, name: label };
  const made = await refusable(() =>
    navigator.credentials.create({
      publicKey: {
        rp,
        user: { id: random(16), name: label, displayName: label },
        challenge: random(32),
        pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      },
    }),
  );
  const response = (made as PublicKeyCredential).response as AuthenticatorAttestationResponse;
  const spki = response.getPublicKey();
  if (!spki) {
    throw new Error("the browser does not tell the passkey's public key");
  }
  const { x, y } = await coordinates(await crypto.subtle.importKey("spki", spki, CURVE, true, ["verify"]));
  const rpIdHash = await sha256(utf8(rp.id));
  const address = addressOf(PASSKEY, rpIdHash, x, y);
  return { kind: "passkey", address, id: new Uint8Array((made as PublicKeyCredential).rawId), x, y };
}

/** Makes a key of the browser itself, for a phone without passkeys. It never leaves the browser, and dies with it. */
export async function makeDeviceKey(): Promise<Record_> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign"]);
  const { x, y } = await coordinates(pair.publicKey);
  return { kind: "device", address: addressOf(DEVICE_KEY, x, y), key: pair.privateKey, x, y };
}

async function signWithDevice(record: DeviceRecord, digest: Bytes): Promise<Bytes> {
  const raw = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, record.key, digest);
  const signature = new Uint8Array(raw);
  return concat(record.x, record.y, signature.slice(0, 32), lowS(toNumber(signature.slice(32))));
}

async function signWithPasskey(record: PasskeyRecord, digest: Bytes): Promise<Bytes> {
  const given = await refusable(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: digest,
        rpId: location.hostname,
        userVerification: "required",
        allowCredentials: [{ type: "public-key", id: record.id }],
      },
    }),
  );
  const response = (given as PublicKeyCredential).response as AuthenticatorAssertionResponse;
  const { r, s } = parseDer(new Uint8Array(response.signature));
  const data = new Uint8Array(response.authenticatorData);
  const length = Uint8Array.of(data.length >> 8, data.length & 0xff);
  return concat(record.x, record.y, word(r), lowS(s), length, data, new Uint8Array(response.clientDataJSON));
}

/** Browsers do not care which of the two forms of s they give; the contracts take the low one only. */
function lowS(s: bigint): Bytes {
  return word(s > ORDER / 2n ? ORDER - s : s);
}

/** SEQUENCE of two INTEGERs (RFC 3279, 2.2.3), each shorter than 128 bytes. */
function parseDer(der: Uint8Array): { r: bigint; s: bigint } {
  const numberAt = (at: number): { value: bigint; end: number } => {
    const end = at + 2 + (der[at + 1] ?? 0);
    return { value: toNumber(der.slice(at + 2, end)), end };
  };
  const r = numberAt(2);
  return { r: r.value, s: numberAt(r.end).value };
}

async function coordinates(key: CryptoKey): Promise<{ x: Bytes; y: Bytes }> {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  return { x: point.slice(1, 33), y: point.slice(33, 65) };
}

/** The address that follows from a key. */
export function addressOf(tag: string, ...parts: Uint8Array[]): string {
  return checksummed(keccak(concat(keccak(utf8(tag)), ...parts)).slice(12));
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function refusable(ask: () => Promise<Credential | null>): Promise<Credential> {
  try {
    const given = await ask();
    if (given) {
      return given;
    }
  } catch (error) {
    if (!(error instanceof DOMException)) {
      throw error;
    }
    if (error.name !== "NotAllowedError" && error.name !== "AbortError") {
      throw new Refused(error.message);
    }
  }
  throw new Refused("the passkey was not used");
}

/** A 65-byte signature in hexadecimal, and so on: what the API takes. */
export async function signed(wallet: Wallet, digest: Bytes): Promise<string> {
  return toHex(await wallet.sign(digest));
}


