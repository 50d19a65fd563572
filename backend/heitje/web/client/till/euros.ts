// SPDX-License-Identifier: EUPL-1.2
// Credits into euros: asked for, followed, taken back.

import { ask, get, newKey, ProblemError } from "../lib/api.ts";
import { sayError, say } from "../lib/announce.ts";
import { random, toHex } from "../lib/bytes.ts";
import { city } from "../lib/city.ts";
import { digest, redemptionId } from "../lib/digests.ts";
import { el, find, onPress } from "../lib/dom.ts";
import { day, money, parseCents, typed } from "../lib/money.ts";
import { forget, keep, recall } from "../lib/store.ts";
import { t, told } from "../lib/text.ts";
import { signed, type Wallet } from "../lib/wallet.ts";
import { commitmentTo, parseIban } from "./iban.ts";
import type { Shop } from "./shop.ts";

interface Redemption {
  id: string;
  state: string;
  amount: string;
  payoutCommitment: string;
  onChain: {
    status: "requested" | "locked" | "settled" | "refunded" | "cancelled" | "reclaimed";
    requestedAt: string;
    changedAt: string;
    reason: number | null;
    reclaimableFrom: string | null;
  } | null;
}

/** What was signed and not answered yet. Kept, so that asking again is asking for the same. */
interface Pending {
  body: { amount: string };
  key: string;
}

interface BankAccount {
  iban: string;
  /** 32 bytes that nobody else has. */
  secret: string;
}

const LIFETIME = 600;
const WAIT = 20;
const FAILED = ["failed", "rejected", "expired"];

export class Euros {
  private going = false;

  constructor(private readonly shop: Shop) {
    const isOwner = shop.wallet !== undefined;
    find("#redeem").hidden = !isOwner;
    find("#redeem-owner").hidden = isOwner;
    find("#redeem").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.redeem();
    });
    shop.books.onLook(() => {
      if (!find("#euros").hidden && !this.going) {
        void this.show();
      }
    });
  }

  async open(): Promise<void> {
    const [amount, account] = [find<HTMLInputElement>("#redeem-amount"), find<HTMLInputElement>("#iban")];
    find("#redeem-status").replaceChildren();
    amount.value = account.value = "";
    const bank = await recall<BankAccount>(this.bankSlot);
    await this.show();
    const all = Number(this.shop.account?.spendable ?? 0);
    // Whoever was quicker than the books keeps what they typed.
    amount.value ||= all > 0 ? typed(all) : "";
    account.value ||= bank?.iban ?? "";
    await this.offerPending();
  }

  private get bankSlot(): string {
    return `bank account of till ${this.shop.address}`;
  }

  private get pendingSlot(): string {
    return `redemption of till ${this.shop.address}`;
  }

  /** The balance and the list, as the books have them now. */
  private async show(): Promise<void> {
    try {
      const account = await this.shop.load();
      const page = await get<{ items: Redemption[] }>(`/v1/redemptions?number=${account.number}&limit=50`);
      find("#balance").textContent = money(account.spendable);
      const going = Number(account.underWay);
      find("#balance-going").textContent = going > 0 ? t("({amount} is under way and not counted)", { amount: money(going) }) : "";
      const bank = await recall<BankAccount>(this.bankSlot);
      const mine = bank && commitmentTo(bank.iban, bank.secret);
      find("#redemptions-none").hidden = page.items.length > 0;
      const list = find("#redemptions");
      const drawn = JSON.stringify(page.items);
      if (list.dataset["drawn"] !== drawn) {
        list.dataset["drawn"] = drawn;
        list.replaceChildren(...page.items.map((item) => this.row(item, item.payoutCommitment === mine ? bank?.iban : undefined)));
      }
    } catch (error) {
      void sayError(error, find("#redeem-status"));
    }
  }

  private row(item: Redemption, iban: string | undefined): HTMLElement {
    const row = el(
      "li",
      { class: "till-row till-row--words" },
      el("strong", { class: "heitje-amount" }, money(item.amount)),
      el("span", {}, inWords(item)),
    );
    if (iban) {
      row.append(el("span", { class: "heitje-quiet" }, t("to {iban}", { iban: `… ${iban.slice(-4)}` })));
    }
    const step = item.onChain;
    const wallet = this.shop.wallet;
    if (step?.reclaimableFrom && Date.parse(step.reclaimableFrom) / 1000 <= this.shop.now()) {
      row.append(this.button(t("It took too long: take it back"), () => this.reclaim(item)));
    } else if (step?.status === "requested" && wallet) {
      row.append(this.button(t("Take it back"), () => this.cancel(item, wallet)));
    }
    return row;
  }

  private button(text: string, act: () => Promise<void>): HTMLButtonElement {
    const button = el("button", { type: "button", class: "utrecht-button utrecht-button--secondary-action" }, text);
    onPress(button, () => act().finally(() => this.show()), (error) => void sayError(error, find("#redeem-status")));
    return button;
  }

  private async redeem(): Promise<void> {
    const { wallet, account } = this.shop;
    const wrong = find("#redeem-wrong");
    const place = find("#redeem-status");
    const cents = parseCents(find<HTMLInputElement>("#redeem-amount").value);
    const iban = parseIban(find<HTMLInputElement>("#iban").value);
    wrong.textContent = "";
    if (!wallet || !account || this.going) {
      return;
    }
    if (cents === undefined || cents > Number(account.spendable)) {
      wrong.textContent = t("Ask for at least one cent and at most {most}. Nothing was exchanged.", { most: money(account.spendable) });
      return;
    }
    if (iban === undefined) {
      wrong.textContent = t("This is no IBAN: a letter or a digit is wrong. Nothing was exchanged. You find it on your bank card.");
      return;
    }
    this.going = true;
    try {
      say(t("Confirm it on this device."), "info", place);
      const pending = await this.sign(wallet, account.number, cents, iban);
      await keep(this.pendingSlot, pending);
      await this.send(pending);
    } catch (error) {
      await sayError(error, place);
    } finally {
      this.going = false;
    }
    await this.show();
  }

  private async sign(wallet: Wallet, number: number, cents: number, iban: string): Promise<Pending> {
    const payoutCommitment = await this.commitment(iban);
    const salt = toHex(random(32));
    const valid = { validAfter: 0, validBefore: this.shop.now() + LIFETIME };
    const nonce = redemptionId(number, BigInt(cents), payoutCommitment, salt);
    const fields = { from: wallet.address, to: city().contracts.desk, value: cents, ...valid, nonce };
    const signature = await signed(wallet, digest(city().domains.token, "ReceiveWithAuthorization", fields));
    const body = { from: wallet.address, amount: String(cents), ...valid, payoutCommitment, salt, signature };
    return { body, key: newKey() };
  }

  /** The same seal each time for the same account, so that the treasurer knows it again. */
  private async commitment(iban: string): Promise<string> {
    const known = await recall<BankAccount>(this.bankSlot);
    const bank = known?.iban === iban ? known : { iban, secret: toHex(random(32)) };
    await keep(this.bankSlot, bank);
    return commitmentTo(bank.iban, bank.secret);
  }

  private async send(pending: Pending): Promise<void> {
    const place = find("#redeem-status");
    const amount = money(pending.body.amount);
    try {
      const { body } = await ask<Redemption>("POST", "/v1/redemptions", pending.body, { key: pending.key, wait: WAIT });
      await forget(this.pendingSlot);
      if (FAILED.includes(body.state)) {
        say(t("It did not succeed: nothing was exchanged, and the shop keeps its credits. Try again."), "error", place);
        return;
      }
      find<HTMLInputElement>("#redeem-amount").value = ""; // whoever presses twice does not ask twice
      if (body.onChain) {
        say(t("You asked for {amount} in euros. The municipality pays it to your bank account.", { amount }), "ok", place);
      } else {
        say(t("{amount} is under way. It appears in the list below.", { amount }), "info", place);
      }
    } catch (error) {
      if (error instanceof ProblemError && error.status < 500 && error.status !== 429) {
        await forget(this.pendingSlot);
      }
      throw error;
    }
  }

  /** Nobody knows whether the service got it; asking again for the same is safe. */
  private async offerPending(): Promise<void> {
    const pending = await recall<Pending>(this.pendingSlot);
    if (!pending || !this.shop.wallet) {
      return;
    }
    const text = t("There was no answer when you asked for {amount}. Ask again: nothing is exchanged twice.", { amount: money(pending.body.amount) });
    const box = el("div", { class: "heitje-message" }, el("p", {}, text));
    box.append(this.button(t("Ask again"), () => this.send(pending)));
    find("#redeem-status").replaceChildren(box);
  }

  private async cancel(item: Redemption, wallet: Wallet): Promise<void> {
    const signature = await signed(wallet, digest(city().domains.desk, "Cancel", { id: item.id }));
    await ask("POST", `/v1/redemptions/${item.id}/cancellation`, { signature }, { key: newKey(), wait: WAIT });
    this.tellBack(item);
  }

  private async reclaim(item: Redemption): Promise<void> {
    await ask("POST", `/v1/redemptions/${item.id}/reclaim`, undefined, { key: newKey(), wait: WAIT });
    this.tellBack(item);
  }

  private tellBack(item: Redemption): void {
    say(t("{amount} comes back to the shop as credits; the list says when it is there.", { amount: money(item.amount) }), "ok", find("#redeem-status"));
  }
}

/** How a redemption stands, in words. */
function inWords(item: Redemption): string {
  const step = item.onChain;
  if (!step) {
    return FAILED.includes(item.state) ? t("failed: the shop keeps its credits") : t("under way");
  }
  const at = day(step.changedAt);
  switch (step.status) {
    case "requested":
      return t("asked on {day}; the municipality is going to pay it", { day: day(step.requestedAt) });
    case "locked":
      return t("being paid since {day}", { day: at });
    case "settled":
      return t("paid out on {day}", { day: at });
    case "refunded":
      return t("given back as credits on {day}: {reason}", { day: at, reason: reasonOf(step.reason) });
    case "cancelled":
      return t("taken back by you on {day}", { day: at });
    default:
      return t("taken back on {day}, because paying took too long", { day: at });
  }
}

function reasonOf(code: number | null): string {
  const { reasons } = told<{ reasons: Record<string, string> }>("shop");
  return reasons[String(code)] ?? t("reason {code}; ask the municipality", { code: code ?? "?" });
}
