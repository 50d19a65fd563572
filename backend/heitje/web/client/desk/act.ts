// SPDX-License-Identifier: EUPL-1.2
// Signing: what the page has said in words goes to the wallet; then the page says what became of it.

import { say } from "../lib/announce.ts";
import { ask as askService, get, newKey, Unreachable } from "../lib/api.ts";
import { find, maybe, onPress } from "../lib/dom.ts";
import { language, t, told } from "../lib/text.ts";
import { ask, chosen, type Provider, ready } from "./provider.ts";
import { remember } from "./publish.ts";
import { NotDone, tell } from "./tell.ts";

interface Call {
  to: string;
  data: string;
  gas: string;
  value: string;
}

interface Act {
  account: string;
  name: string;
  particulars: Record<string, string>;
  /** Until when what is signed can be carried. */
  deadline: number;
  typedData: unknown;
  transaction: Call | null;
  /** Where to bring a signature that the service carries; `field` is its place in the body. */
  post: { path: string; body: Record<string, unknown>; field: string; wait: number } | null;
  /** The words behind a hash that is signed, to be published when the chain has it. */
  description?: unknown;
  /** What to say when it is done. */
  done: string;
}

interface Carried {
  transaction: Call | null;
  refusal: string | null;
}

interface Outcome {
  state: "unknown" | "waiting" | "done" | "refused";
  words: string;
}

const LOOK_EVERY = 700;
/** Milliseconds after which a page says that it does not know. */
const PATIENCE = 120_000;
const FAILED = ["failed", "expired", "rejected"];

export function onAct(): void {
  const button = maybe<HTMLButtonElement>("#sign");
  if (button) {
    const act = told<Act>("act");
    onPress(button, () => perform(act, button), tell);
  }
}

async function perform(act: Act, button: HTMLButtonElement): Promise<void> {
  const wallet = await chosen();
  if (!wallet) {
    say(t("The signing program you logged in with is not there any more. Log in again."), "error");
    return;
  }
  say(t("Look at your signing program: it asks you to confirm."));
  await ready(wallet.provider, act.account);
  const hash = act.particulars["description"];
  if (act.description !== undefined && hash) {
    await remember(hash, act.description);
  }
  const signature = act.typedData ? await signTyped(wallet.provider, act) : undefined;
  if (act.post && signature) {
    await bring(act.post, signature);
  } else {
    await followed(await send(wallet.provider, act, signature));
  }
  finish(act, button);
}

async function signTyped(provider: Provider, act: Act): Promise<string> {
  return ask<string>(provider, "eth_signTypedData_v4", [act.account, JSON.stringify(act.typedData)]);
}

async function bring(post: NonNullable<Act["post"]>, signature: string): Promise<void> {
  say(t("Signed. It is being carried out …"));
  const options = { key: newKey(), ...(post.wait ? { wait: post.wait } : {}) };
  const body = { ...post.body, [post.field]: signature };
  const reply = await askService<{ state: string }>("POST", post.path, body, options);
  const place = reply.location;
  if (!post.wait || place === null) {
    return;
  }
  await until(async () => {
    const { state } = await get<{ state: string }>(place);
    if (FAILED.includes(state)) {
      throw new NotDone(t("The chain refused it. Nothing has happened. Load the page again to see why."));
    }
    return state === "final";
  });
}

/** Looks again and again until something is so; a connection that is lost for a while does not matter. */
async function until(look: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    try {
      if (await look()) {
        return;
      }
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        throw error;
      }
    }
    await new Promise((next) => setTimeout(next, LOOK_EVERY));
  }
  throw new NotDone(t("It is not known yet whether it has been done. Look before you do it again; nothing is done twice."));
}

/** Sends the transaction; its hash. */
async function send(provider: Provider, act: Act, signature: string | undefined): Promise<string> {
  let call = act.transaction;
  if (signature !== undefined) {
    const body = { particulars: act.particulars, signature, deadline: act.deadline };
    const carried = (await askService<Carried>("POST", `/${language}/desk/acts/${act.name}/carried`, body)).body;
    if (carried.refusal) {
      throw new NotDone(carried.refusal);
    }
    call = carried.transaction;
    say(t("Signed. Confirm once more, so that it is sent."));
  }
  const none = { maxFeePerGas: "0x0", maxPriorityFeePerGas: "0x0" };
  return ask<string>(provider, "eth_sendTransaction", [{ from: act.account, ...call, ...none }]);
}

/** Waits for the chain. */
async function followed(hash: string): Promise<void> {
  say(t("Sent. It takes a few seconds until it is final …"));
  await until(async () => {
    const outcome = await get<Outcome>(`/${language}/desk/outcomes/${hash}`);
    if (outcome.state === "refused") {
      throw new NotDone(outcome.words);
    }
    return outcome.state === "done";
  });
}

function finish(act: Act, button: HTMLButtonElement): void {
  say(act.done, "ok");
  button.hidden = true;
  const back = find<HTMLAnchorElement>("#back");
  back.textContent = t("Go on");
  back.focus();
}
