// SPDX-License-Identifier: EUPL-1.2
// Logging in with the browser's own key. The struct is made here, with this page's own origin: what another site's page
// would have signed is of no use here, and what is signed here of none elsewhere.

import { ask, get } from "./api.ts";
import { city } from "./city.ts";
import { now } from "./clock.ts";
import { digest } from "./digests.ts";
import { signed, type Wallet } from "./wallet.ts";

/** Begins a session; the browser keeps its cookie. */
export async function logIn(wallet: Wallet): Promise<void> {
  const { nonce } = await get<{ nonce: string }>("/v1/sessions/nonce");
  const login = { account: wallet.address, origin: location.origin, nonce, issuedAt: now() };
  const signature = await signed(wallet, digest(city().domains.token, "Login", login));
  await ask("POST", "/v1/sessions/wallet", { ...login, signature });
}

/** Does something that needs a session; logs in first if there is none, or one of somebody else. */
export async function loggedIn<T>(wallet: Wallet, act: () => Promise<T>): Promise<T> {
  const who = await get<{ address: string }>("/v1/sessions/current").catch(() => undefined);
  if (who?.address !== wallet.address) {
    await logIn(wallet);
  }
  return act();
}

export async function logOut(): Promise<void> {
  await ask("DELETE", "/v1/sessions/current");
}
