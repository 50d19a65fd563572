// SPDX-License-Identifier: EUPL-1.2
// What was paid to the shop today, kept up to date: by the stream of events, and by asking, should that be silent.

import { get, Unreachable } from "../lib/api.ts";
import { follow } from "../lib/live.ts";
import { t } from "../lib/text.ts";

export interface Taking {
  id: string;
  kind: "payment" | "authorization" | "refund";
  state: string;
  value: string;
  person: string;
  time: string;
  requestId: string | null;
  refunded: string;
  payment: string | null;
}

export interface Day {
  address: string;
  day: string;
  payments: number;
  taken: string;
  refunds: number;
  refunded: string;
  net: string;
  underWay: string;
  items: Taking[];
}

/** Milliseconds between two looks: while somebody waits, while events come, while none come. */
const HURRY = 1_500;
const CALM = 30_000;
const DEAF = 5_000;

const FAILED = ["failed", "rejected", "expired"];

export const isPaid = (taking: Taking): boolean => taking.state === "final";
export const isFailed = (taking: Taking): boolean => FAILED.includes(taking.state);
export const isUnderWay = (taking: Taking): boolean => !isPaid(taking) && !isFailed(taking);

/** How it stands, in words. */
export function stateOf(taking: Taking): string {
  if (isUnderWay(taking)) {
    return t("under way, not paid yet");
  }
  if (isFailed(taking)) {
    return t("failed, nothing was paid");
  }
  return taking.kind === "refund" ? t("given back") : t("paid");
}

/** What people call a payment by. */
export const receiptCode = (id: string): string => id.slice(2, 10).toUpperCase();

export class Books {
  today: Day | undefined;
  /** Whether the last look was answered. */
  reachable = true;
  private readonly listeners: (() => void)[] = [];
  private hurried = false;
  private hears = false;
  private timer: number | undefined;
  private looking: Promise<void> | undefined;
  private again = false;

  constructor(private readonly address: string) {}

  /** Begins. */
  begin(): void {
    follow(
      this.address,
      () => void this.look(),
      (hears) => {
        this.hears = hears;
        void this.look();
      },
    );
    addEventListener("online", () => void this.look());
    addEventListener("offline", () => void this.look());
    document.addEventListener("visibilitychange", () => void this.look());
  }

  /** Calls after every look, whether it was answered or not. */
  onLook(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Whether somebody waits for what comes next. */
  hurry(is: boolean): void {
    this.hurried = is;
    void this.look();
  }

  /** Looks now; once more if something happens meanwhile. */
  look(): Promise<void> {
    if (this.looking) {
      this.again = true;
      return this.looking;
    }
    clearTimeout(this.timer);
    this.looking = this.ask().finally(() => {
      this.looking = undefined;
      const wait = this.hurried ? HURRY : this.hears && this.reachable ? CALM : DEAF;
      this.timer = setTimeout(() => void this.look(), this.again ? 50 : wait);
      this.again = false;
    });
    return this.looking;
  }

  private async ask(): Promise<void> {
    try {
      this.today = await get<Day>(`/v1/merchants/${this.address}/days/today`);
      this.reachable = true;
    } catch (error) {
      this.reachable = !(error instanceof Unreachable);
    }
    for (const listener of this.listeners) {
      listener();
    }
  }
}
