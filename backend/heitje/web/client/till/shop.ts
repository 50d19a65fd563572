// SPDX-License-Identifier: EUPL-1.2
// The shop whose till this is: its account in the city's books, and its key if this is the owner's till.

import { get } from "../lib/api.ts";
import { t } from "../lib/text.ts";
import type { Wallet } from "../lib/wallet.ts";
import { Books } from "./books.ts";

export interface Account {
  address: string;
  number: number;
  class: "none" | "resident" | "merchant" | "closing" | "desk";
  frozen: boolean;
  replacing: boolean;
  replacedBy: string | null;
  balance: string;
  spendable: string;
  underWay: string;
}

/** Seconds by which a clock may be wrong before it matters. */
const CLOCK = 90;

export class Shop {
  account: Account | undefined;
  readonly books: Books;
  /** Seconds that the service's clock is ahead of this device's. */
  private ahead = 0;

  /** `wallet` is undefined on a till of staff. */
  constructor(
    readonly address: string,
    readonly wallet: Wallet | undefined,
  ) {
    this.books = new Books(address);
  }

  async load(): Promise<Account> {
    this.account = await get<Account>(`/v1/accounts/${this.address}`);
    return this.account;
  }

  /** Compares this device's clock with the service's. */
  async readClock(): Promise<void> {
    const before = Date.now();
    const answer = await fetch("/livez", { cache: "no-store" });
    const theirs = Date.parse(answer.headers.get("date") ?? "");
    if (!Number.isNaN(theirs)) {
      this.ahead = Math.round((theirs - (before + Date.now()) / 2) / 1000);
    }
  }

  /** Unix seconds, by the service's clock as far as that is known. */
  now(): number {
    return Math.floor(Date.now() / 1000) + this.ahead;
  }

  /** Whether customers can pay here. */
  get takesPayments(): boolean {
    return this.account === undefined || (this.account.class === "merchant" && !this.account.replacedBy);
  }

  /** What is the matter with this till, if anything: what it means for the money, and what to do. */
  get troubles(): string[] {
    const { account, books } = this;
    const found: [boolean, string][] = [
      [
        !books.reachable,
        t("This till has no connection. It cannot see what is paid: hand nothing over on a customer's word. Customers can show a code instead; see Without connection."),
      ],
      [
        account?.replacedBy != null,
        t("The municipality has moved this shop to another device. Nothing is lost; everything is there. This till shows old takings only."),
      ],
      [
        account?.class === "closing",
        t("This shop no longer takes part: customers cannot pay here any more. What the shop has stays, and you can give back and exchange it for euros."),
      ],
      [
        account !== undefined && (account.frozen || account.replacing) && !account.replacedBy,
        t("The municipality has blocked this shop's account for now. Customers can pay and the credits stay, but nothing can be given back or exchanged. Ask the municipality why; you can object."),
      ],
      [
        Math.abs(this.ahead) > CLOCK,
        t("The clock of this device is {minutes} minutes wrong. Nothing is lost. Set it right, or codes of customers may seem too old.", {
          minutes: Math.max(1, Math.round(Math.abs(this.ahead) / 60)),
        }),
      ],
    ];
    return found.filter(([is]) => is).map(([, text]) => text);
  }
}
