// SPDX-License-Identifier: EUPL-1.2
// What has become of a request for an amount. Paid is only what is final on the chain.

import { type Day, isPaid, isUnderWay, type Taking } from "./books.ts";

export interface Request {
  cents: number;
  /** 32 random bytes, "0x…". */
  request: string;
  /** Milliseconds. */
  at: number;
  /** What had been seen before it was asked. */
  before: string[];
}

export interface Verdict {
  /** short: paid, but less; failed: what came has failed, and nothing else came. */
  state: "waiting" | "received" | "paid" | "short" | "failed";
  paid: Taking[];
  /** Cents paid in all. */
  sum: number;
  /** Payments that name no request and came meanwhile: perhaps this customer's. */
  strays: Taking[];
}

export function verdictOf(asked: Request, day: Day | undefined): Verdict {
  const payments = (day?.items ?? []).filter((item) => item.kind !== "refund");
  const mine = payments.filter((item) => item.requestId === asked.request);
  const paid = mine.filter(isPaid);
  const sum = paid.reduce((cents, item) => cents + Number(item.value), 0);
  const strays = payments.filter(
    (item) => item.requestId === null && isPaid(item) && !asked.before.includes(item.id),
  );
  return { state: stateOf(asked, mine, paid, sum), paid, sum, strays };
}

function stateOf(asked: Request, mine: Taking[], paid: Taking[], sum: number): Verdict["state"] {
  if (paid.length > 0 && sum >= asked.cents) {
    return "paid";
  }
  if (mine.some(isUnderWay)) {
    return "received";
  }
  if (paid.length > 0) {
    return "short";
  }
  return mine.length > 0 ? "failed" : "waiting";
}

/** Payments of today that answer a request which another payment had answered before. */
export function doubles(day: Day | undefined): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const item of [...(day?.items ?? [])].reverse()) {
    if (item.kind === "refund" || !isPaid(item) || item.requestId === null) {
      continue;
    }
    if (seen.has(item.requestId)) {
      twice.add(item.id);
    }
    seen.add(item.requestId);
  }
  return twice;
}
