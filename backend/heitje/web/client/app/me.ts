// SPDX-License-Identifier: EUPL-1.2
// Whose phone this is, and what is known of the account: as the service has it, or as it was last.

import { get } from "../lib/api.ts";
import { now, remember, wrongBy } from "../lib/clock.ts";
import { keep, recall } from "../lib/store.ts";
import { language } from "../lib/text.ts";
import { type Wallet, walletOf } from "../lib/wallet.ts";

export interface Account {
  address: string;
  number: number;
  class: "none" | "resident" | "merchant" | "closing" | "desk";
  frozen: boolean;
  replacing: boolean;
  replacedBy: string | null;
  spendable: string;
  underWay: string;
  nextNonce: string;
}

export interface Kept {
  account: Account;
  /** Unix seconds. */
  at: number;
  /** By how many seconds the phone's clock was behind then. */
  clock: number;
}

export const app = (path = ""): string => `/${language}/app${path}`;

/** The account as the service has it now; what it says is kept. */
export async function freshAccount(address: string): Promise<Kept> {
  const account = await get<Account>(`/v1/accounts/${address}`);
  const kept: Kept = { account, at: now(), clock: wrongBy() };
  await keep(`account ${address}`, kept);
  return kept;
}

/** The account as it was last; undefined if this phone has never seen it. */
export async function keptAccount(address: string): Promise<Kept | undefined> {
  const kept = await recall<Kept>(`account ${address}`);
  if (kept) {
    remember(kept.clock);
  }
  return kept;
}

/** This phone's key, if it has joined; otherwise its owner is led to where one joins. */
export async function meOrJoin(): Promise<Wallet> {
  const wallet = await walletOf("app");
  if (!wallet) {
    location.replace(app());
    return new Promise(() => undefined);
  }
  return wallet;
}

const SHOPS = "names of shops";

/** The names by which shops presented themselves to this phone, by account. */
export async function shopNames(): Promise<Record<string, string>> {
  return (await recall<Record<string, string>>(SHOPS)) ?? {};
}

export async function rememberShop(address: string, name: string): Promise<void> {
  if (name) {
    await keep(SHOPS, { ...(await shopNames()), [address.toLowerCase()]: name });
  }
}

/** Writes the shops' names where a page has only their numbers. */
export async function nameShops(within: ParentNode = document): Promise<void> {
  const names = await shopNames();
  for (const place of within.querySelectorAll<HTMLElement>("[data-account]")) {
    const name = names[(place.dataset["account"] ?? "").toLowerCase()];
    if (name) {
      place.textContent = name;
    }
  }
}
