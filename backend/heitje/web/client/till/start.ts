// SPDX-License-Identifier: EUPL-1.2
// The first time: a shop joins with a code of the municipality, or its staff open another till.

import { ask } from "../lib/api.ts";
import { say, sayError } from "../lib/announce.ts";
import { toHex, utf8 } from "../lib/bytes.ts";
import { city } from "../lib/city.ts";
import { digest } from "../lib/digests.ts";
import { find } from "../lib/dom.ts";
import { Refused } from "../lib/refusals.ts";
import { keep, recall } from "../lib/store.ts";
import { language, t } from "../lib/text.ts";
import { canMakePasskey, makeDeviceKey, makePasskey, put, sha256, signed, type Wallet, walletOf } from "../lib/wallet.ts";

const CODE = /^[A-HJ-KM-NP-Z2-9]{16}$/;
const ACCEPTED = "accepted invitation of till";
const ADDRESS = /0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/;

export function start(): void {
  find("#start").hidden = false;
  find("#staff").addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = find<HTMLInputElement>("#shop-link");
    const found = ADDRESS.exec(value);
    if (found) {
      location.assign(`/${language}/till/${found[0]}${/#.*$/.exec(value)?.[0] ?? ""}`);
    } else {
      say(t("This is no address of a till. It is shown on the shop's own till, under Settings."), "error", find("#staff-status"));
    }
  });
  let going = false;
  const begin = (passkey: boolean): void => {
    if (!going) {
      going = true;
      join(passkey)
        .catch(failed)
        .finally(() => (going = false));
    }
  };
  find("#join").addEventListener("submit", (event) => {
    event.preventDefault();
    begin(true);
  });
  find("#join-device").addEventListener("click", () => begin(false));
}

function failed(error: unknown): void {
  void sayError(error, find("#join-status"));
  // A device can promise a passkey and not make one: it can be done without.
  find("#join-device").hidden = !(error instanceof Refused);
}

async function join(passkey: boolean): Promise<void> {
  const place = find("#join-status");
  const code = find<HTMLInputElement>("#code").value.toUpperCase().replace(/[^A-Z0-9]/g, "");
  if (!CODE.test(code)) {
    say(t("The code has sixteen letters and digits; it stands in the letter of the municipality. Nothing was done."), "error", place);
    return;
  }
  say(t("Confirm it on this device."), "info", place);
  await accept(await key(passkey), code);
  location.reload();
}

/** A key for this device; the one that was made before, if the code did not work then. */
async function key(passkey: boolean): Promise<Wallet> {
  const made = await walletOf("till");
  if (made) {
    return made;
  }
  return put("till", passkey && (await canMakePasskey()) ? await makePasskey(city().name) : await makeDeviceKey());
}

async function accept(wallet: Wallet, code: string): Promise<void> {
  const hashed = toHex(await sha256(utf8(code)));
  const signature = await signed(wallet, digest(city().domains.token, "Join", { account: wallet.address, code: hashed }));
  await ask("POST", "/v1/invitations/acceptance", { code, address: wallet.address, signature });
  await keep(ACCEPTED, wallet.address);
}

/** Whether a code was accepted for this key, so that the municipality is going to open its account. */
export async function isAwaited(wallet: Wallet): Promise<boolean> {
  return (await recall<string>(ACCEPTED)) === wallet.address;
}
