// SPDX-License-Identifier: EUPL-1.2
// What this phone has signed to pay, kept until it is known what became of it. For one request of a till there is one
// signed payment: whatever is tried again is the same one, so that nobody pays twice.

import { now } from "../lib/clock.ts";
import { keep, recall } from "../lib/store.ts";
import type { Voucher } from "../lib/voucher.ts";

/**
 * signed: made, and it is not known whether the service has it. refused: the service did not take it; the same one can
 * be sent again. under_way: the service or the chain has it. paid, failed, withdrawn: the end.
 */
export type Fate = "signed" | "refused" | "under_way" | "paid" | "failed" | "withdrawn";

interface Common {
  /** EIP-712 digest, by which it is known everywhere. */
  digest: string;
  request: string;
  to: string;
  name: string;
  cents: number;
  /** Idempotency-Key of its sending. */
  key: string;
  signedAt: number;
  /** Unix seconds after which nobody can carry it out any more. */
  ends: number;
  fate: Fate;
  /** The code of what the service said against it. */
  failure?: string;
}

export interface GivenPayment extends Common {
  kind: "payment";
  /** As POST /v1/payments takes it. */
  body: Record<string, string | number>;
}

export interface GivenVoucher extends Common {
  kind: "voucher";
  voucher: Voucher;
}

export type Given = GivenPayment | GivenVoucher;

const KEPT_SECONDS = 60 * 24 * 3600;
const nameOf = (address: string): string => `given by ${address}`;

/** One at a time, also between two windows of this browser. */
export function alone<T>(address: string, act: () => Promise<T>): Promise<T> {
  return navigator.locks.request(nameOf(address), act) as Promise<T>;
}

export async function given(address: string): Promise<Given[]> {
  return (await recall<Given[]>(nameOf(address))) ?? [];
}

export function isOpen(one: Given): boolean {
  return one.fate === "signed" || one.fate === "under_way" || one.fate === "refused";
}

/** What has been signed for a request and can still be carried out, or has been. */
export function forRequest(all: Given[], request: string): Given | undefined {
  return all.find((one) => one.request === request && one.fate !== "failed" && one.fate !== "withdrawn");
}

/** The one signed payment for a request: what is there already, or else what `make` signs now. */
export function once(address: string, request: string, make: () => Promise<Given>): Promise<Given> {
  return alone(address, async () => {
    const all = await given(address);
    const known = forRequest(all, request);
    if (known) {
      return known;
    }
    const made = await make();
    const recent = all.filter((one) => isOpen(one) || one.signedAt > now() - KEPT_SECONDS);
    await keep(nameOf(address), [made, ...recent]);
    return made;
  });
}

/** Notes what became of one. */
export function note(address: string, digest: string, fate: Fate, failure?: string): Promise<Given> {
  return alone(address, async () => {
    const all = await given(address);
    const one = all.find((each) => each.digest === digest);
    if (!one) {
      throw new Error(`nothing with digest ${digest} was signed here`);
    }
    one.fate = fate;
    delete one.failure;
    if (failure !== undefined) {
      one.failure = failure;
    }
    await keep(nameOf(address), all);
    return one;
  });
}

/** Cents that were signed away after the service last said what is there. */
export function sinceThen(all: Given[], at: number): number {
  const open = all.filter((one) => isOpen(one) && one.ends > now() && (one.fate !== "under_way" || one.signedAt > at));
  return open.reduce((sum, one) => sum + one.cents, 0);
}
