// SPDX-License-Identifier: EUPL-1.2
// Signs payments and vouchers, sends them, and finds out what became of them.

import { ask, get, newKey, ProblemError, Unreachable } from "../lib/api.ts";
import { toHex } from "../lib/bytes.ts";
import { city } from "../lib/city.ts";
import { now } from "../lib/clock.ts";
import { digest } from "../lib/digests.ts";
import type { Asked } from "../lib/payment-link.ts";
import { authorizationOf, type Voucher, voucherDigest } from "../lib/voucher.ts";
import { signed, type Wallet } from "../lib/wallet.ts";
import { type Given, given, type GivenPayment, type GivenVoucher, note, once } from "./given.ts";

/** Seconds in which a payment can be carried out. */
const PAYMENT_ENDS = 600;
/** Seconds in which a shop can cash what was given without a connection. */
export const VOUCHER_ENDS = 24 * 3600;

/** After these nobody knows whether it was taken on. */
const UNCERTAIN = new Set(["internal", "idempotency_key_running"]);

interface Operation {
  state: string;
  failure: { code: string } | null;
}

/** What is signed for a request; signed now, unless it has been before. */
export function signPayment(wallet: Wallet, asked: Asked, nonce: string): Promise<Given> {
  return once(wallet.address, asked.request, async () => {
    const deadline = now() + PAYMENT_ENDS;
    const { to, cents, request: requestId } = asked;
    const fields = { from: wallet.address, to, value: String(cents), nonce, deadline, requestId };
    const hash = digest(city().domains.token, "Payment", fields);
    const body = { ...fields, signature: await signed(wallet, hash) };
    return { kind: "payment", body, ...common(asked, toHex(hash), deadline) } satisfies GivenPayment;
  });
}

/** The same without a connection: the till's own request is its number, so nobody can be paid twice for it. */
export function signVoucher(wallet: Wallet, asked: Asked): Promise<Given> {
  return once(wallet.address, asked.request, async () => {
    const validBefore = now() + VOUCHER_ENDS;
    const unsigned = { from: wallet.address, to: asked.to, cents: asked.cents, validBefore, nonce: asked.request };
    const hash = voucherDigest(city().domains.token, unsigned);
    const voucher: Voucher = { ...unsigned, signature: await signed(wallet, hash) };
    return { kind: "voucher", voucher, ...common(asked, toHex(hash), validBefore) } satisfies GivenVoucher;
  });
}

function common(asked: Asked, hash: string, ends: number): Omit<GivenPayment, "kind" | "body"> {
  const { request, to, name, cents } = asked;
  return { digest: hash, request, to, name, cents, key: newKey(), signedAt: now(), ends, fate: "signed" };
}

/** Sends what was signed: the same bytes under the same key, however often. Throws when no answer comes. */
export async function send(address: string, one: Given): Promise<Given> {
  const [path, body] =
    one.kind === "payment" ? ["/v1/payments", one.body] : ["/v1/authorizations", authorizationOf(one.voucher)];
  try {
    const { body: operation } = await ask<Operation>("POST", path, body, { key: one.key, wait: 10 });
    return await settle(address, one, operation);
  } catch (error) {
    if (error instanceof ProblemError && UNCERTAIN.has(error.code)) {
      throw new Unreachable(error.message);
    }
    if (error instanceof ProblemError) {
      // These say that it can never be carried out: another took its number, or its time is over.
      const dead = ["nonce_used", "deadline_passed", "authorization_used"].includes(error.code);
      return note(address, one.digest, dead ? "failed" : "refused", error.code);
    }
    throw error;
  }
}

/** Asks what became of one. Throws when no answer comes. */
export async function look(address: string, one: Given): Promise<Given> {
  const path = one.kind === "payment" ? "payments" : "authorizations";
  try {
    return await settle(address, one, await get<Operation>(`/v1/${path}/${one.digest}`));
  } catch (error) {
    if (error instanceof ProblemError && error.code === "not_found") {
      return one.ends <= now() ? note(address, one.digest, "failed", "deadline_passed") : one;
    }
    throw error;
  }
}

async function settle(address: string, one: Given, operation: Operation): Promise<Given> {
  switch (operation.state) {
    case "final":
      return note(address, one.digest, "paid");
    case "failed":
    case "rejected":
    case "expired":
      return note(address, one.digest, "failed", operation.failure?.code ?? operation.state);
    default:
      return note(address, one.digest, "under_way");
  }
}

/** Goes on with what was not known when the connection or the page went away. */
export async function goOn(address: string): Promise<Given[]> {
  for (const one of await given(address)) {
    try {
      if (one.fate === "under_way" || (one.kind === "voucher" && one.fate === "signed")) {
        await look(address, one);
      } else if (one.fate === "signed") {
        const known = await look(address, one);
        if (known.fate === "signed") {
          await send(address, known);
        }
      } else if (one.fate === "refused" && one.ends <= now()) {
        await look(address, one);
      }
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof ProblemError)) {
        throw error;
      }
      break;
    }
  }
  return given(address);
}

/** Takes a voucher back: when this says so, nobody can cash it any more. It may have been cashed before that. */
export async function withdraw(wallet: Wallet, one: GivenVoucher): Promise<Given> {
  const { nonce } = one.voucher;
  const hash = digest(city().domains.token, "CancelAuthorization", { authorizer: wallet.address, nonce });
  const body = { authorizer: wallet.address, nonce, signature: await signed(wallet, hash) };
  const path = "/v1/authorizations/cancellations";
  try {
    let { body: operation } = await ask<Operation>("POST", path, body, { key: newKey(), wait: 10 });
    while (!ENDED.has(operation.state)) {
      await pause(1_000);
      operation = await get<Operation>(`${path}/${toHex(hash)}`);
    }
    return operation.state === "final" ? await note(wallet.address, one.digest, "withdrawn") : await look(wallet.address, one);
  } catch (error) {
    if (error instanceof ProblemError && error.code === "authorization_used") {
      return look(wallet.address, one);
    }
    throw error;
  }
}

export const ENDED = new Set(["final", "failed", "rejected", "expired"]);

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
