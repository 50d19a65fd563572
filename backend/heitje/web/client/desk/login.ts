// SPDX-License-Identifier: EUPL-1.2
// Logging in with an official's wallet: Sign-In with Ethereum (ERC-4361).

import { ask as askService, get } from "../lib/api.ts";
import { utf8, toHex } from "../lib/bytes.ts";
import { el, find, maybe, onPress } from "../lib/dom.ts";
import { logOut } from "../lib/session.ts";
import { t } from "../lib/text.ts";
import { type Announced, ask, choose, wallets } from "./provider.ts";
import { tell } from "./tell.ts";

export async function onLogin(): Promise<void> {
  const out = maybe<HTMLButtonElement>("#log-out");
  if (out) {
    onPress(out, () => logOut().then(() => location.reload()), tell);
  }
  const place = maybe("#wallets");
  if (!place) {
    return;
  }
  const found = await wallets();
  find("#none").hidden = found.length > 0;
  for (const wallet of found) {
    const text = t("Log in with {name}", { name: wallet.info.name });
    const button = el("button", { class: "utrecht-button utrecht-button--primary-action", type: "button" }, text);
    onPress(button, () => logIn(wallet), tell);
    place.append(button);
  }
}

async function logIn({ info, provider }: Announced): Promise<void> {
  const [address] = await ask<string[]>(provider, "eth_requestAccounts");
  const { message } = await get<{ message: string }>(`/v1/sessions/challenge?address=${address ?? ""}`);
  const signature = await ask<string>(provider, "personal_sign", [toHex(utf8(message)), address]);
  await askService("POST", "/v1/sessions", { message, signature });
  await choose({ info, provider });
  location.reload();
}
