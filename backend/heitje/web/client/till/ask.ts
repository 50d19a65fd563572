// SPDX-License-Identifier: EUPL-1.2
// Amount, code, paid: on one screen.

import { random, toHex } from "../lib/bytes.ts";
import { city } from "../lib/city.ts";
import { el, find } from "../lib/dom.ts";
import { money, parseCents } from "../lib/money.ts";
import { formatPaymentLink } from "../lib/payment-link.ts";
import { drawn } from "../lib/qr.ts";
import { forget, keep, recall } from "../lib/store.ts";
import { language, t } from "../lib/text.ts";
import { isPaid } from "./books.ts";
import { showLatest } from "./latest.ts";
import { onNext, showPaid } from "./paid.ts";
import { settings } from "./settings.ts";
import type { Shop } from "./shop.ts";
import { wakeSound } from "./sound.ts";
import { type Request, type Verdict, verdictOf } from "./verdict.ts";

/** Milliseconds for which a page that is loaded again still waits for its customer. */
const STILL_THERE = 10 * 60_000;

export class Ask {
  asked: Request | undefined;
  private readonly cancelled: Request[] = [];
  private readonly amount = find<HTMLInputElement>("#amount");

  constructor(
    private readonly shop: Shop,
    private readonly goTo: (view: string) => void,
  ) {
    find("#pad").addEventListener("submit", (event) => {
      event.preventDefault();
      this.begin();
    });
    for (const key of document.querySelectorAll<HTMLButtonElement>("[data-key]")) {
      key.addEventListener("click", () => this.press(key.dataset["key"] ?? ""));
    }
    find("#asked-cancel").addEventListener("click", () => this.cancel());
    find("#asked-scan").addEventListener("click", () => this.goTo("scan"));
    find("#asked-rest").addEventListener("click", () => this.askRest());
    find("#asked-enough").addEventListener("click", () => this.enough());
    onNext(() => {
      this.goTo("ask");
      this.amount.focus();
    });
    shop.books.onLook(() => this.look());
  }

  /** Goes on with what was asked when the page was left. */
  async restore(): Promise<void> {
    const last = await recall<Request>(this.slot);
    if (last && Date.now() - last.at < STILL_THERE) {
      this.show(last);
    }
  }

  private get slot(): string {
    return `request of till ${this.shop.address}`;
  }

  private press(key: string): void {
    const text = this.amount.value;
    if (key === "back") {
      this.amount.value = text.slice(0, -1);
    } else if (!/[.,]\d\d$/.test(text) && !(/\D/.test(key) && /[.,]/.test(text)) && text.length < 8) {
      this.amount.value = text + key;
    }
    find("#amount-wrong").textContent = "";
  }

  private begin(): void {
    wakeSound();
    const cents = parseCents(this.amount.value);
    const wrong = find("#amount-wrong");
    if (!this.shop.takesPayments) {
      wrong.textContent = t("Customers cannot pay here any more. Nothing was asked.");
    } else if (cents === undefined) {
      wrong.textContent = t("This is no amount. Write euros and cents, such as {example}, up to {most}.", {
        example: money(250),
        most: money(999_999),
      });
      this.amount.focus();
    } else {
      wrong.textContent = "";
      this.show(this.fresh(cents));
    }
  }

  private fresh(cents: number): Request {
    const before = (this.shop.books.today?.items ?? []).filter(isPaid).map((item) => item.id);
    return { cents, request: toHex(random(32)), at: Date.now(), before };
  }

  private show(asked: Request): void {
    this.asked = asked;
    void keep(this.slot, asked);
    const { address } = this.shop;
    const name = settings().name || city().name;
    const link = formatPaymentLink(location.origin, language, { to: address, cents: asked.cents, request: asked.request, name });
    const label = t("Code by which a customer pays {amount}", { amount: money(asked.cents) });
    find("#asked-title").textContent = money(asked.cents);
    find("#asked-code").replaceChildren(drawn(link, label));
    find<HTMLAnchorElement>("#asked-link").href = link;
    find("#asked-notes").replaceChildren();
    find("#asked").hidden = false;
    document.body.classList.add("till-asking");
    this.shop.books.hurry(true);
    this.look();
    find("#asked-title").focus();
  }

  /** Nobody is waited for any more. */
  private end(): void {
    this.asked = undefined;
    void forget(this.slot);
    find("#asked").hidden = true;
    document.body.classList.remove("till-asking");
    this.amount.value = "";
    this.shop.books.hurry(false);
  }

  private cancel(): void {
    if (this.asked) {
      this.cancelled.push(this.asked);
    }
    this.end();
    this.amount.focus();
  }

  private askRest(): void {
    const asked = this.asked;
    if (asked) {
      const { sum } = verdictOf(asked, this.shop.books.today);
      this.end();
      this.show(this.fresh(asked.cents - sum));
    }
  }

  private enough(): void {
    const asked = this.asked;
    if (asked) {
      const { sum, paid } = verdictOf(asked, this.shop.books.today);
      const note = t("{asked} was asked.", { asked: money(asked.cents) });
      this.end();
      showPaid(this.shop.address, sum, paid.map((item) => item.id), [note]);
    }
  }

  private look(): void {
    const { books } = this.shop;
    showLatest(this.shop);
    this.lookAtCancelled();
    if (!this.asked) {
      return;
    }
    const asked = this.asked;
    const verdict = verdictOf(asked, books.today);
    if (verdict.state === "paid") {
      this.end();
      showPaid(this.shop.address, verdict.sum, verdict.paid.map((item) => item.id), notesOf(asked, verdict));
      return;
    }
    const state = find("#asked-state");
    const text = books.reachable ? this.inWords(asked, verdict) : t("No connection: this till cannot see whether it is paid. Hand nothing over yet.");
    if (state.textContent !== text) {
      state.textContent = text;
    }
    state.dataset["state"] = books.reachable ? verdict.state : "unknown";
    find("#asked-rest").hidden = find("#asked-enough").hidden = verdict.state !== "short";
    this.showStrays(verdict);
  }

  private inWords(asked: Request, verdict: Verdict): string {
    switch (verdict.state) {
      case "received":
        return t("Received, not paid yet. Wait a moment.");
      case "short":
        return t("{paid} of {asked} is paid. {missing} is still to be paid.", {
          paid: money(verdict.sum),
          asked: money(asked.cents),
          missing: money(asked.cents - verdict.sum),
        });
      case "failed":
        return t("The payment did not succeed. Nothing was paid. The customer can scan the code again.");
      default:
        return t("Waiting for the customer.");
    }
  }

  /** Payments without a request: only the people at the till can know whose they are. */
  private showStrays(verdict: Verdict): void {
    const place = find("#asked-notes");
    const ids = verdict.strays.map((item) => item.id).join();
    if (place.dataset["ids"] === ids) {
      return;
    }
    place.dataset["ids"] = ids;
    place.replaceChildren(
      ...verdict.strays.map((item) => {
        const text = t("{amount} was paid without this code. Is that this customer?", { amount: money(item.value) });
        const yes = el("button", { type: "button", class: "utrecht-button utrecht-button--secondary-action" }, t("Yes, this customer"));
        yes.addEventListener("click", () => {
          const asked = this.asked;
          this.end();
          const note = asked && asked.cents !== Number(item.value) ? [t("{asked} was asked.", { asked: money(asked.cents) })] : [];
          showPaid(this.shop.address, Number(item.value), [item.id], note);
        });
        return el("div", { class: "heitje-message" }, el("p", {}, text), yes);
      }),
    );
  }

  /** A customer may pay after all what was cancelled here. */
  private lookAtCancelled(): void {
    for (const old of [...this.cancelled]) {
      const { sum, paid } = verdictOf(old, this.shop.books.today);
      if (paid.length > 0) {
        this.cancelled.splice(this.cancelled.indexOf(old), 1);
        showPaid(this.shop.address, sum, paid.map((item) => item.id), [
          t("You had cancelled this. If the customer does not get anything for it, give it back under Takings."),
        ]);
      }
    }
  }
}

function notesOf(asked: Request, { paid, sum }: Verdict): string[] {
  const notes: string[] = [];
  if (paid.length > 1 && paid.some((item) => Number(item.value) >= asked.cents)) {
    notes.push(t("It was paid {times} times. Give one back under Takings.", { times: paid.length }));
  } else if (sum > asked.cents) {
    notes.push(
      t("That is {over} more than the {asked} you asked. Give the rest back under Takings.", {
        over: money(sum - asked.cents),
        asked: money(asked.cents),
      }),
    );
  }
  return notes;
}
