// SPDX-License-Identifier: EUPL-1.2
// Paying: from a till's picture or link to "paid", with a connection or without.

import { get, ProblemError, Unreachable } from "../lib/api.ts";
import { say, sayError } from "../lib/announce.ts";
import { now, wrongBy } from "../lib/clock.ts";
import { find, onPress } from "../lib/dom.ts";
import { moment, money } from "../lib/money.ts";
import { type Asked, parsePaymentLink } from "../lib/payment-link.ts";
import { drawn, scan } from "../lib/qr.ts";
import { t } from "../lib/text.ts";
import { formatVoucher } from "../lib/voucher.ts";
import type { Wallet } from "../lib/wallet.ts";
import { forRequest, type Given, given, sinceThen } from "./given.ts";
import { freshAccount, type Kept, keptAccount, meOrJoin, rememberShop, shopNames } from "./me.ts";
import { goOn, look, pause, send, signPayment, signVoucher } from "./sending.ts";

const STEPS = ["scan", "confirm", "outcome", "voucher"] as const;
type Step = (typeof STEPS)[number];

/** Seconds after which what is known of an account is asked again before something is signed. */
const STALE = 60;
/** Seconds by which a phone's clock may be wrong without a word about it. */
const WRONG_CLOCK = 120;

/** What the chain's reasons are called where they are explained. */
const MEANING: Record<string, string> = {
  frozen: "account_frozen",
  insufficient: "insufficient_credits",
  expired: "deadline_passed",
  rejected: "refused_by_contract",
  withdrawn: "authorization_used",
};
/** Milliseconds after which a payment takes longer than usual. */
const LATE = 30_000;

let wallet: Wallet;
let asked: Asked | undefined;
let known: Kept | undefined;
let online = false;

export async function pay(): Promise<void> {
  wallet = await meOrJoin();
  // What was under way is found out first: a request that is being paid is never begun again.
  if (navigator.onLine) {
    await goOn(wallet.address);
  }
  find<HTMLFormElement>("#link-form").addEventListener("submit", (event) => {
    event.preventDefault();
    take(find<HTMLInputElement>("#link").value, find("#link-error"));
  });
  onPress(find("#scan"), lookThroughCamera, failed);
  onPress(find("#confirm"), confirmed, failed);
  onPress(find("#give"), withoutConnection, failed);
  window.addEventListener("hashchange", () => void begin().catch(failed));
  await begin();
}

function failed(error: unknown): void {
  void sayError(error);
}

function go(step: Step): void {
  for (const each of STEPS) {
    find(`#step-${each}`).hidden = each !== step;
  }
}

async function begin(): Promise<void> {
  find("#status").replaceChildren();
  asked = parsePaymentLink(location.hash);
  if (!asked) {
    if (location.hash.length > 1) {
      find("#link-error").hidden = false;
    }
    go("scan");
    return;
  }
  const before = forRequest(await given(wallet.address), asked.request);
  if (before) {
    await resume(before);
  } else {
    await showRequest(asked);
  }
}

/** A link that was pasted or scanned. */
function take(text: string, wrong: HTMLElement): void {
  const found = parsePaymentLink(text);
  wrong.hidden = found !== undefined;
  if (found) {
    location.hash = text.slice(text.indexOf("#"));
  }
}

async function lookThroughCamera(): Promise<void> {
  const video = find<HTMLVideoElement>("#video");
  video.hidden = false;
  try {
    const stop = await scan(video, (text) => {
      if (parsePaymentLink(text)) {
        stop();
        video.hidden = true;
        take(text, find("#link-error"));
      }
    });
  } catch (error) {
    video.hidden = true;
    throw error;
  }
}

async function showRequest(request: Asked): Promise<void> {
  const name = request.name || (await shopNames())[request.to.toLowerCase()] || t("the shop");
  find("#to-shop").textContent = t("To {shop}", { shop: name });
  find("#to-account").textContent = "";
  find("#amount").textContent = money(request.cents);
  go("confirm");
  await learnAccount();
  const spendable = spendableNow(await given(wallet.address));
  const stop = (await hindrance(request, spendable)) ?? "";
  find("#after").textContent = stop ? "" : t("After this you can spend {amount}.", { amount: money(spendable - request.cents) });
  find("#confirm").hidden = stop !== "" || !online;
  find("#give").hidden = find("#give-help").hidden = stop !== "" || online;
  if (stop) {
    say(stop, "error");
  } else if (Math.abs(wrongBy()) > WRONG_CLOCK) {
    say(t("The clock of this phone is wrong by {minutes} minutes. You can pay, but set it right: otherwise other apps may fail.", { minutes: Math.round(Math.abs(wrongBy()) / 60) }));
  }
}

/** The account as it is now; without a connection as it was last. */
async function learnAccount(): Promise<void> {
  try {
    known = await freshAccount(wallet.address);
    online = true;
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      throw error;
    }
    online = false;
    known = await keptAccount(wallet.address);
  }
}

function spendableNow(all: Given[]): number {
  return known ? Number(known.account.spendable) - sinceThen(all, known.at) : 0;
}

/** Why this cannot be paid, as a sentence with what to do; undefined if nothing stands in the way. */
async function hindrance(request: Asked, spendable: number): Promise<string | undefined> {
  if (!known) {
    return t("There is no connection, and this phone has not seen your credits yet. Nothing was paid. Go where there is a connection and open this again.");
  }
  const { account } = known;
  if (account.replacedBy) {
    return t("This phone has been replaced by another. Nothing was paid. Use your new phone.");
  }
  if (account.frozen) {
    return t("Your account is frozen, so nothing was paid. On the page My credits you read why, and how to object.");
  }
  if (spendable < request.cents) {
    return t("You can spend {amount}, and the shop asks {asked}. Nothing was paid. Ask the shop for a smaller amount, and pay the rest in another way.", { amount: money(Math.max(spendable, 0)), asked: money(request.cents) });
  }
  return online ? shopProblem(request.to) : undefined;
}

async function shopProblem(address: string): Promise<string | undefined> {
  try {
    const { class: kind, number } = await get<{ class: string; number: number }>(`/v1/accounts/${address}`);
    // The name is what the till says of itself; the number is what the municipality gave it.
    find("#to-account").textContent = t("Shop number {number}", { number });
    if (kind === "closing") {
      return t("This shop has stopped taking credits. Nothing was paid. Pay in another way.");
    }
    return kind === "merchant" ? undefined : t("This is not a shop that takes part. Nothing was paid.");
  } catch (error) {
    if (error instanceof ProblemError && error.code === "not_found") {
      return t("This is not a shop that takes part. Nothing was paid.");
    }
    throw error;
  }
}

async function confirmed(): Promise<void> {
  if (!asked) {
    return;
  }
  if (!known || now() - known.at > STALE) {
    await learnAccount();
  }
  if (!online || !known) {
    await showRequest(asked);
    return;
  }
  await deliver(await signPayment(wallet, asked, known.account.nextNonce));
}

async function withoutConnection(): Promise<void> {
  if (asked) {
    showVoucher(await signVoucher(wallet, asked));
    await rememberShop(asked.to, asked.name);
  }
}

/** Goes on with what was signed before, whatever became of it. */
async function resume(one: Given): Promise<void> {
  if (one.kind === "voucher" && one.fate === "signed") {
    showVoucher(one);
  } else if (one.fate === "paid" || one.fate === "refused") {
    outcome(one);
    await explain(one);
  } else {
    await deliver(one);
  }
}

/** Sends, and follows it to its end. The same signed payment, however often this is called. */
async function deliver(one: Given): Promise<void> {
  outcome(one);
  const began = performance.now();
  try {
    let seen = await send(wallet.address, one);
    while (seen.fate === "under_way") {
      outcome(seen, performance.now() - began > LATE);
      await pause(1_000);
      seen = await look(wallet.address, seen);
    }
    outcome(seen);
    if (seen.fate === "paid") {
      await rememberShop(seen.to, seen.name);
      await freshAccount(wallet.address).catch(() => undefined);
    } else {
      await explain(seen);
    }
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      throw error;
    }
    unknown(one);
  }
}

/** Says why it was not paid, where a reason is known. */
async function explain(one: Given): Promise<void> {
  if (one.failure !== undefined) {
    await sayError(new ProblemError(MEANING[one.failure] ?? one.failure, "", "", 422));
  }
}

function outcome(one: Given, late = false): void {
  const place = find("#outcome");
  const unpaid = one.fate === "failed" || one.fate === "refused";
  find("#again").hidden = !unpaid;
  find("#complain").hidden = !unpaid || one.failure !== undefined; // a reason brings a link of its own
  find<HTMLAnchorElement>("#complain").search = `?about=payment&reference=${one.digest}`;
  find("#outcome-amount").textContent = money(one.cents);
  find("#outcome-shop").textContent = one.name ? t("To {shop}", { shop: one.name }) : "";
  go("outcome");
  switch (one.fate) {
    case "paid":
      say(t("Paid. Nothing can undo this. Show it to the shop."), "ok", place);
      break;
    case "failed":
    case "refused":
      say(t("Not paid. Your credits are still yours."), "error", place);
      break;
    default:
      say(late ? t("It takes longer than usual: the system is behind. Your payment is kept and goes on by itself. Do not pay again.") : t("Under way. This takes a few seconds."), "info", place);
  }
  onPressOnce(one);
}

let pressed: Given | undefined;

function onPressOnce(one: Given): void {
  if (pressed === undefined) {
    onPress(find("#again"), again, failed);
  }
  pressed = one;
}

/** What can never be paid any more is begun anew; anything else is sent as it was signed. */
async function again(): Promise<void> {
  find("#status").replaceChildren();
  if (pressed?.fate === "failed" && asked) {
    await showRequest(asked);
  } else if (pressed) {
    await deliver(pressed);
  }
}

/** The connection was lost: whether the payment arrived is not known, and it is never signed a second time. */
function unknown(one: Given): void {
  const place = find("#outcome");
  const until = moment(one.ends);
  say(t("The connection was lost. It is not certain whether the shop has been paid. Your payment is kept, and is tried again by itself. Do not pay in another way before you know; at {until} at the latest it is certain.", { until }), "error", place);
  find("#again").hidden = false;
  window.addEventListener("online", () => void deliver(one).catch(failed), { once: true });
}

function showVoucher(one: Given): void {
  if (one.kind !== "voucher") {
    // A payment for this request is on its way already: it must not be given a second time.
    void resume(one).catch(failed);
    return;
  }
  find("#voucher").replaceChildren(drawn(formatVoucher(one.voucher), t("Your payment, for the shop to scan")));
  find("#voucher-amount").textContent = money(one.cents);
  find("#voucher-shop").textContent = one.name ? t("To {shop}", { shop: one.name }) : "";
  go("voucher");
}
