// SPDX-License-Identifier: EUPL-1.2
// Codes of customers without connection: kept before they are sent, sent until there is an answer, never forgotten
// before they have ended.

import { ask, get, newKey, ProblemError } from "../lib/api.ts";
import { forget, keep, recallAll } from "../lib/store.ts";
import { authorizationOf, type Voucher } from "../lib/voucher.ts";
import { digestOf } from "./check.ts";
import { settings } from "./settings.ts";

export interface Kept {
  voucher: Voucher;
  digest: string;
  /** Of the request that hands it in: the same each time, so that it is one request. */
  key: string;
  /** Milliseconds. */
  at: number;
  /** kept: no answer yet; sent: the service has it; left: the shop did not want it and it was never sent. */
  state: "kept" | "sent" | "paid" | "failed" | "left";
  /** Why it failed: the code of a problem, or "". */
  code: string;
  /** Whether it is more than the shop's limits allow without connection. */
  beyond: boolean;
}

interface Operation {
  state: string;
}

const WITHIN = 8;
/** The service has no room now, or is not itself: to be asked again. */
const FOR_NOW = (error: ProblemError): boolean =>
  error.status >= 500 || error.status === 429 || error.code === "idempotency_key_running";
/** Somebody was before us; perhaps we ourselves. */
const TAKEN = ["authorization_used", "authorization_taken"];

/** What is being handed in or looked up now, by digest: each once at a time. */
const going = new Map<string, Promise<Kept>>();

const nameOf = (to: string, digest: string): string => `voucher of till ${to} ${digest}`;

export async function allKept(shop: string): Promise<Kept[]> {
  const found = await recallAll<Kept>(`voucher of till ${shop} `);
  return found.sort((one, other) => other.at - one.at);
}

/** Cents that the shop would lose if none of these customers had credits. */
export function atRisk(kept: Kept[]): number {
  return kept.filter((one) => one.state === "kept" && !one.beyond).reduce((sum, one) => sum + one.voucher.cents, 0);
}

/** Whether one more is more than the shop wants to risk. */
export function isBeyond(kept: Kept[], cents: number): boolean {
  return cents > settings().each || atRisk(kept) + cents > settings().all;
}

/** Keeps a code, before anything is sent. */
export async function keepVoucher(voucher: Voucher, beyond: boolean): Promise<Kept> {
  const one: Kept = {
    voucher,
    digest: digestOf(voucher),
    key: newKey(),
    at: Date.now(),
    state: "kept",
    code: "",
    beyond,
  };
  await store(one);
  return one;
}

/** Hands a code in, or looks what became of it; what is new is kept. */
export function advance(one: Kept): Promise<Kept> {
  if (one.state !== "kept" && one.state !== "sent") {
    return Promise.resolve(one);
  }
  const under = going.get(one.digest);
  if (under) {
    return under;
  }
  const step = advanceNow(one).finally(() => going.delete(one.digest));
  going.set(one.digest, step);
  return step;
}

async function advanceNow(one: Kept): Promise<Kept> {
  const next = one.state === "kept" ? await handIn(one) : await lookUp(one);
  if (next.state !== one.state || next.code !== one.code) {
    await store(next);
  }
  return next;
}

/** Tries a code again that failed: the customer may have credits now. */
export async function again(one: Kept): Promise<Kept> {
  const fresh: Kept = { ...one, key: newKey(), state: "kept", code: "" };
  await store(fresh);
  return advance(fresh);
}

/** The shop does not want it. */
export async function leave(one: Kept): Promise<void> {
  await store({ ...one, state: "left" });
}

/** Forgets what has ended. */
export async function tidy(shop: string): Promise<void> {
  const ended = (await allKept(shop)).filter((one) => one.state !== "kept" && one.state !== "sent");
  await Promise.all(ended.map((one) => forget(nameOf(shop, one.digest))));
}

async function store(one: Kept): Promise<void> {
  await keep(nameOf(one.voucher.to, one.digest), one);
}

async function handIn(one: Kept): Promise<Kept> {
  try {
    const options = { key: one.key, within: WITHIN };
    const reply = await ask<Operation>("POST", "/v1/authorizations", authorizationOf(one.voucher), options);
    return { ...one, ...outcome(reply.body.state) };
  } catch (error) {
    if (!(error instanceof ProblemError) || FOR_NOW(error)) {
      return one;
    }
    return TAKEN.includes(error.code) ? lookUp({ ...one, code: error.code }) : failed(one, error.code);
  }
}

async function lookUp(one: Kept): Promise<Kept> {
  try {
    return { ...one, ...outcome((await get<Operation>(`/v1/authorizations/${one.digest}`)).state) };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 404) {
      return one;
    }
    // Refused, and not ours: it failed. Taken on once and unknown now: the service lost its books, so hand it in again.
    return one.code ? failed(one, one.code) : { ...one, state: "kept" };
  }
}

const failed = (one: Kept, code: string): Kept => ({ ...one, state: "failed", code });

function outcome(state: string): Pick<Kept, "state" | "code"> {
  if (state === "final") {
    return { state: "paid", code: "" };
  }
  return { state: ["failed", "rejected", "expired"].includes(state) ? "failed" : "sent", code: "" };
}
