// SPDX-License-Identifier: EUPL-1.2
// In a demonstration only: a wallet with the demo key of an official, so that nobody needs to install one. It announces
// itself as any other does, and asks its owner nothing: the page has said what is signed.

import { ask, get } from "../lib/api.ts";
import { type Bytes, concat, fromHex, toHex, utf8 } from "../lib/bytes.ts";
import { city } from "../lib/city.ts";
import { keccak } from "../lib/digests.ts";
import { sign } from "../lib/demo-key.ts";
import { recall } from "../lib/store.ts";
import { t } from "../lib/text.ts";
import type { Announced, Provider } from "./provider.ts";
import { signedTransaction } from "./transaction.ts";
import { type TypedData, typedDigest } from "./typed.ts";

interface Official {
  address: string;
  secret: string;
  name?: string;
}

interface Call {
  to: string;
  data: string;
  gas: string;
}

const UUID = crypto.randomUUID();

/** Announces the wallet, now and whenever a page asks; there is none without a demo official's key. */
export async function announce(): Promise<void> {
  const official = await recall<Official>("demo official");
  if (!official) {
    return;
  }
  const detail: Announced = {
    info: { uuid: UUID, name: official.name ?? t("Demo official"), icon: "", rdns: "demo.heitje.official" },
    provider: providerOf(official),
  };
  window.addEventListener("eip6963:requestProvider", () => {
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze(detail) }));
  });
}

function providerOf(official: Official): Provider {
  const signed = (digest: Bytes): string => toHex(sign(official.secret, digest));
  const methods: Record<string, (params: unknown[]) => unknown> = {
    eth_requestAccounts: () => [official.address],
    eth_accounts: () => [official.address],
    eth_chainId: () => "0x" + city().chainId.toString(16),
    personal_sign: ([text]) => signed(personal(fromHex(String(text)))),
    eth_signTypedData_v4: ([, data]) => signed(typedDigest(JSON.parse(String(data)) as TypedData)),
    eth_sendTransaction: ([call]) => send(official, call as Call),
  };
  return {
    request: async ({ method, params }) => {
      const known = methods[method];
      if (!known) {
        throw Object.assign(new Error(`this wallet knows no ${method}`), { code: 4200 });
      }
      return known((params ?? []) as unknown[]);
    },
  };
}

/** EIP-191, version 0x45. */
function personal(text: Bytes): Bytes {
  return keccak(concat(utf8(`\x19Ethereum Signed Message:\n${text.length}`), text));
}

async function send(official: Official, call: Call): Promise<string> {
  const { nonce } = await get<{ nonce: number }>(`/v1/office/accounts/${official.address}`);
  const fields = { chainId: city().chainId, nonce, gas: BigInt(call.gas), to: call.to, data: call.data };
  const raw = signedTransaction(fields, (digest) => sign(official.secret, digest));
  return (await ask<{ hash: string }>("POST", "/v1/office/transactions", { raw })).body.hash;
}
