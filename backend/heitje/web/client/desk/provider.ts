// SPDX-License-Identifier: EUPL-1.2
// The wallet of an official: a program in the browser (EIP-1193) that announces itself (EIP-6963), and behind it a key
// or a hardware wallet. It shows what it signs, and asks.

import { city } from "../lib/city.ts";
import { keep, recall } from "../lib/store.ts";

export interface Provider {
  request(asked: { method: string; params?: unknown }): Promise<unknown>;
}

export interface Announced {
  info: { uuid: string; name: string; icon: string; rdns: string };
  provider: Provider;
}

/** What a wallet says no with (EIP-1193 and EIP-1474). */
export interface WalletError {
  code: number;
  message: string;
}

/** Its owner did not want to. */
export class Declined extends Error {}

/** The wallet is on another chain, or has another account in front, than is needed. */
export class OtherPlace extends Error {}

/** The wallet said no, and why. */
export class WalletRefused extends Error {}

const CHOSEN = "desk wallet";
const DECLINED = 4001;
const PATIENCE = 400;

/** Every wallet that answers within a moment. */
export async function wallets(): Promise<Announced[]> {
  const found = new Map<string, Announced>();
  const listen = (event: Event): void => {
    const detail = (event as CustomEvent<Announced>).detail;
    found.set(detail.info.uuid, detail);
  };
  window.addEventListener("eip6963:announceProvider", listen);
  if (city().demo) {
    const { announce } = await import("./demo-wallet.ts");
    await announce();
  }
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  await new Promise((done) => setTimeout(done, PATIENCE));
  window.removeEventListener("eip6963:announceProvider", listen);
  return [...found.values()];
}

/** Remembers which wallet somebody logged in with. */
export async function choose(wallet: Announced): Promise<void> {
  await keep(CHOSEN, wallet.info.rdns);
}

/** The wallet that was chosen at the login. */
export async function chosen(): Promise<Announced | undefined> {
  const rdns = await recall<string>(CHOSEN);
  return (await wallets()).find((wallet) => wallet.info.rdns === rdns);
}

export async function ask<T>(provider: Provider, method: string, params?: unknown): Promise<T> {
  try {
    return (await provider.request(params === undefined ? { method } : { method, params })) as T;
  } catch (error) {
    const { code, message } = error as WalletError;
    if (code === DECLINED) {
      throw new Declined(message);
    }
    throw typeof code === "number" ? new WalletRefused(message) : error;
  }
}

/** Sees to it that the wallet is on the city's chain and has this account in front. */
export async function ready(provider: Provider, account: string): Promise<void> {
  const accounts = await ask<string[]>(provider, "eth_requestAccounts");
  if (!accounts.some((one) => one.toLowerCase() === account.toLowerCase())) {
    throw new OtherPlace("account");
  }
  const wanted = "0x" + city().chainId.toString(16);
  if (Number(await ask<string>(provider, "eth_chainId")) === city().chainId) {
    return;
  }
  try {
    await ask(provider, "wallet_switchEthereumChain", [{ chainId: wanted }]);
  } catch (error) {
    throw error instanceof Declined ? error : new OtherPlace("chain");
  }
}
