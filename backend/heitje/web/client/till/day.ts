// SPDX-License-Identifier: EUPL-1.2
// A day's takings: sums, a list, one payment and what was given back of it.

import { ask, get, newKey } from "../lib/api.ts";
import { sayError, say } from "../lib/announce.ts";
import { city } from "../lib/city.ts";
import { digest, refundNonce } from "../lib/digests.ts";
import { el, find } from "../lib/dom.ts";
import { moment, money, parseCents, typed } from "../lib/money.ts";
import { language, t } from "../lib/text.ts";
import { signed } from "../lib/wallet.ts";
import { type Day, isPaid, receiptCode, stateOf, type Taking } from "./books.ts";
import { amountOf, clock } from "./latest.ts";
import type { Shop } from "./shop.ts";
import { doubles } from "./verdict.ts";

interface Refunds {
  left: string;
  refunded: string;
  underWay: string;
  nextK: number | null;
}

/** Seconds in which a refund must be on its way, and those we wait for its end. */
const LIFETIME = 600;
const WAIT = 20;

export class DayView {
  private shown: Day | undefined;
  private one: Taking | undefined;
  private left = 0;
  private giving = false;
  private readonly date = find<HTMLInputElement>("#day-date");

  constructor(private readonly shop: Shop) {
    this.date.addEventListener("change", () => void this.load());
    find("#day-search").addEventListener("input", () => this.list());
    find("#one-close").addEventListener("click", () => this.close());
    find("#refund").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.giveBack();
    });
    shop.books.onLook(() => {
      if (this.isToday) {
        this.shown = shop.books.today;
        this.show();
      }
    });
  }

  open(): void {
    const { today } = this.shop.books;
    if (!this.date.value && today) {
      this.date.value = this.date.max = today.day;
    }
    void this.load();
  }

  private get isToday(): boolean {
    const { today } = this.shop.books;
    return today !== undefined && (!this.date.value || this.date.value === today.day);
  }

  private async load(): Promise<void> {
    this.close();
    const place = find("#day-status");
    try {
      const day = this.date.value || "today";
      this.shown = await get<Day>(`/v1/merchants/${this.shop.address}/days/${day}`);
      this.date.value ||= this.shown.day;
      place.replaceChildren();
    } catch (error) {
      void sayError(error, place);
    }
    this.show();
  }

  private show(): void {
    const day = this.shown;
    const { address } = this.shop;
    if (!day) {
      return;
    }
    find("#sum-count").textContent = String(day.payments);
    find("#sum-taken").textContent = money(day.taken);
    find("#sum-back").textContent = money(day.refunded);
    find("#sum-net").textContent = money(day.net);
    find("#sum-going").textContent = money(day.underWay);
    find<HTMLAnchorElement>("#day-csv").href = `/${language}/till/${address}/days/${day.day}.csv`;
    this.list();
  }

  /** What fits the search, as buttons. Not drawn anew while nothing changed, so that nobody's finger misses. */
  private list(): void {
    const wanted = find<HTMLInputElement>("#day-search").value.trim().toLowerCase();
    const twice = doubles(this.shown);
    const rows = (this.shown?.items ?? [])
      .map((item) => ({ item, cells: this.cells(item, twice) }))
      .filter(({ item, cells }) => !wanted || foundIn([...cells, item.id], wanted));
    const list = find("#day-list");
    const drawn = JSON.stringify(rows.map(({ cells }) => cells));
    find("#day-none").hidden = rows.length > 0;
    if (list.dataset["drawn"] === drawn) {
      return;
    }
    list.dataset["drawn"] = drawn;
    list.replaceChildren(
      ...rows.map(({ item, cells: [at, amount, state, code] }) => {
        const button = el(
          "button",
          { type: "button", class: "till-row till-row--button" },
          el("span", {}, at ?? ""),
          el("strong", { class: "heitje-amount" }, amount ?? ""),
          el("span", { class: "heitje-state" }, state ?? ""),
          el("span", { class: "heitje-quiet" }, code ?? ""),
        );
        button.addEventListener("click", () => void this.choose(item));
        return el("li", {}, button);
      }),
    );
  }

  private cells(item: Taking, twice: Set<string>): string[] {
    const states = [stateOf(item)];
    if (twice.has(item.id)) {
      states.push(t("paid twice for one code"));
    } else if (item.kind !== "refund" && item.requestId === null && isPaid(item)) {
      states.push(t("without a code"));
    }
    if (Number(item.refunded) > 0) {
      states.push(t("{amount} given back", { amount: money(item.refunded) }));
    }
    return [clock(item.time), amountOf(item), states.join(" · "), receiptCode(item.id)];
  }

  private async choose(item: Taking): Promise<void> {
    this.one = item;
    const receipt = item.kind === "refund" ? item.payment : item.id;
    find("#day-one").hidden = false;
    find("#refund").hidden = true;
    find("#refund-owner").hidden = true;
    find("#refund-status").replaceChildren();
    find("#one-title").textContent = `${amountOf(item)} · ${stateOf(item)}`;
    find("#one-told").replaceChildren(el("p", {}, `${moment(item.time)} · ${t("Receipt")} ${receiptCode(item.id)}`));
    const link = find<HTMLAnchorElement>("#one-receipt");
    link.hidden = !receipt || !isPaid(item);
    link.href = `/${language}/till/${this.shop.address}/payments/${receipt}`;
    find("#one-title").focus();
    if (item.kind !== "refund" && isPaid(item)) {
      await this.offerRefund(item);
    }
  }

  /** What can still be given back, as the books have it now. */
  private async offerRefund(item: Taking): Promise<void> {
    try {
      const refunds = await get<Refunds>(`/v1/payments/${item.id}/refunds`);
      if (this.one !== item) {
        return;
      }
      this.left = Number(refunds.left);
      if (Number(refunds.refunded) + Number(refunds.underWay) > 0) {
        const text = t("{back} of it was given back. {left} is left.", {
          back: money(Number(refunds.refunded) + Number(refunds.underWay)),
          left: money(this.left),
        });
        find("#one-told").append(el("p", {}, text));
      }
      const can = this.left > 0 && refunds.nextK !== null;
      find("#refund").hidden = !can || !this.shop.wallet;
      find("#refund-owner").hidden = !can || this.shop.wallet !== undefined;
      find<HTMLInputElement>("#refund-amount").value = typed(this.left);
    } catch (error) {
      void sayError(error, find("#refund-status"));
    }
  }

  private close(): void {
    this.one = undefined;
    find("#day-one").hidden = true;
  }

  private async giveBack(): Promise<void> {
    const { one } = this;
    const { wallet } = this.shop;
    const wrong = find("#refund-wrong");
    const place = find("#refund-status");
    const cents = parseCents(find<HTMLInputElement>("#refund-amount").value);
    wrong.textContent = "";
    if (!one || !wallet || this.giving) {
      return;
    }
    if (cents === undefined || cents > this.left) {
      wrong.textContent = t("Give back at least one cent and at most {left}. Nothing was given back.", { left: money(this.left) });
      return;
    }
    this.giving = true;
    try {
      say(t("Confirm it on this device."), "info", place);
      const state = await this.refund(one, cents);
      if (state === "final") {
        say(t("{amount} was given back to the customer.", { amount: money(cents) }), "ok", place);
      } else if (state === "more than is left") {
        say(t("More was given back meanwhile. This time nothing was given back. Look what is left."), "error", place);
      } else if (["failed", "rejected", "expired"].includes(state)) {
        say(t("It did not succeed: nothing was given back. Try again."), "error", place);
      } else {
        say(t("{amount} is on its way back to the customer. The list shows when it is there.", { amount: money(cents) }), "info", place);
      }
      find("#refund").hidden = true;
    } catch (error) {
      await sayError(error, place);
    } finally {
      this.giving = false;
    }
    await this.shop.books.look();
    await this.reload(one);
  }

  /** The list again, with this payment still open. */
  private async reload(one: Taking): Promise<void> {
    if (!this.isToday) {
      this.shown = await get<Day>(`/v1/merchants/${this.shop.address}/days/${this.date.value}`).catch(() => this.shown);
      this.show();
    }
    if (this.one === one) {
      await this.offerRefund(one);
    }
  }

  private async refund(payment: Taking, cents: number): Promise<string> {
    const { wallet, address } = this.shop;
    const { nextK: k, left } = await get<Refunds>(`/v1/payments/${payment.id}/refunds`);
    if (!wallet || k === null || cents > Number(left)) {
      return "more than is left";
    }
    const authorization = {
      from: address,
      to: payment.person,
      value: String(cents),
      validAfter: 0,
      validBefore: this.shop.now() + LIFETIME,
    };
    const nonce = refundNonce(payment.id, k);
    const what = digest(city().domains.token, "TransferWithAuthorization", { ...authorization, nonce });
    const body = { ...authorization, payment: payment.id, k, signature: await signed(wallet, what) };
    return (await ask<{ state: string }>("POST", "/v1/refunds", body, { key: newKey(), wait: WAIT })).body.state;
  }
}

/** Whether the words somebody seeks are there; "2.50" is also "2,50". */
function foundIn(texts: string[], wanted: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/\./g, ",");
  return plain(texts.join(" ")).includes(plain(wanted));
}
