// SPDX-License-Identifier: EUPL-1.2
// The page on which visitors check the books: asks a node, shows how far it is, and says what was found.

import { audit, type Outcome } from "./ledger/check/audit.ts";
import type { Finding, Subject } from "./ledger/check/books.ts";
import { Node, NodeSilent } from "./ledger/check/node.ts";
import { city } from "./lib/city.ts";
import { el, find } from "./lib/dom.ts";
import { moment, money } from "./lib/money.ts";
import { t, told } from "./lib/text.ts";

const form = find<HTMLFormElement>("#check");
const outcome = find("#outcome");
let running = false;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!running) {
    running = true;
    void check().finally(() => {
      running = false;
    });
  }
});

async function check(): Promise<void> {
  const bar = find<HTMLProgressElement>("#progress");
  const phase = find("#phase");
  outcome.hidden = true;
  find("#work").hidden = false;
  const began = performance.now();
  try {
    const node = new Node(new URL(find<HTMLInputElement>("#node").value.trim(), location.href).href);
    const start = told<{ deployBlock: number }>("start");
    const made = await audit(node, city(), start.deployBlock, (share, text) => {
      bar.value = share;
      if (phase.textContent !== text) {
        phase.textContent = text; // only a change is read out
      }
    });
    show(made, (performance.now() - began) / 1000);
  } catch (error) {
    impossible(error);
  }
  find("#work").hidden = true;
  outcome.hidden = false;
  outcome.focus();
}

/** The check could not be made, which says nothing about the books. */
function impossible(error: unknown): void {
  if (!(error instanceof NodeSilent || error instanceof TypeError)) {
    console.error(error);
  }
  const what = error instanceof NodeSilent ? error.message : t("This is no address of a node.");
  const next = t("The books were not checked. That says nothing about them. Try again, or ask another node.");
  const box = el("div", { class: "heitje-message heitje-message--error" }, el("p", {}, what), el("p", {}, next));
  outcome.replaceChildren(box);
}

function show(made: Outcome, seconds: number): void {
  const { books } = made;
  const isRight = books.found === 0;
  const verdict = isRight
    ? t("The books are right, as far as was checked.")
    : t("Something is wrong. Findings: {count}.", { count: books.found });
  const when = t("Blocks {first} to {last}, {time}. It took {seconds} seconds.", {
    first: made.first,
    last: made.head,
    time: moment(made.time),
    seconds: seconds.toFixed(1),
  });
  outcome.replaceChildren(
    el("h2", { class: "utrecht-heading-2" }, t("Outcome")),
    el("p", { class: `heitje-message heitje-message--${isRight ? "ok" : "error"}` }, verdict),
    el("p", { class: "utrecht-paragraph heitje-quiet" }, when),
    equation(made),
    el("h3", { class: "utrecht-heading-3" }, t("What was checked")),
    el("ul", { class: "heitje-checks" }, ...checks(made).map(([subject, text]) => line(books.findings, subject, text))),
    ...findings(books.findings, books.found),
    ...notes(made),
  );
}

function equation({ books }: Outcome): HTMLElement {
  const rows: [string, string, bigint][] = [
    ["", t("Earned, ever"), books.sums.issued],
    ["−", t("Redeemed: paid to shops in euros"), books.sums.settled],
    ["−", t("Taken back, after a correction"), books.sums.clawedBack],
    ["−", t("Expired"), books.sums.expired],
    ["=", t("In circulation"), books.supply],
    ["=", t("Sum of all balances"), books.total],
  ];
  const body = rows.map(([sign, name, cents]) => {
    const shown = el("span", { class: "heitje-amount" }, money(cents));
    const cells = [el("td", { class: "heitje-sign" }, sign), el("th", { scope: "row" }, name)];
    return el("tr", sign === "=" ? { class: "heitje-sum" } : {}, ...cells, el("td", { class: "heitje-number" }, shown));
  });
  const caption = el("caption", { class: "heitje-unseen" }, t("The supply equation"));
  return el("table", { class: "utrecht-table heitje-table heitje-equation" }, caption, el("tbody", {}, ...body));
}

function checks({ books, accounts }: Outcome): [Subject, string][] {
  const { events, transfers, rewards, reports, signatures, redemptions } = books.counts;
  return [
    ["events", t("Events: {events}, of which transfers: {transfers}. They came in order and each once.", { events, transfers })],
    ["equation", t("The equation holds: what is in circulation is the sum of all balances.")],
    ["stored", t("The four sums and the total follow from the events, and the token stores the same.")],
    ["balances", t("Accounts: {accounts}. Each balance follows from the events, and the token stores the same.", { accounts })],
    ["rewards", t("Rewards: {rewards}. Each for one line of a report, minutes × cents per hour ÷ 60, once for each activity, to the member's own address.", { rewards })],
    ["signatures", t("Reports: {reports}. Each is what was signed; signatures of ordinary keys: {signatures}, each of whom it should be. Nobody released a report of their own.", { reports, signatures })],
    ["burns", t("Every credit that left was paid out, expired or taken back.")],
    ["desk", t("Redemptions: {redemptions}. Each ended at most once, each payout was used once, and the desk holds what is open.", { redemptions })],
  ];
}

function line(findings: Finding[], subject: Subject, text: string): HTMLElement {
  const isWrong = findings.some((finding) => finding.subject === subject);
  const word = el("span", { class: "heitje-unseen" }, isWrong ? t("Wrong:") + " " : t("Right:") + " ");
  return el("li", isWrong ? { class: "heitje-wrong" } : {}, word, text);
}

function findings(found: Finding[], count: number): HTMLElement[] {
  if (count === 0) {
    return [];
  }
  const items = found.map((one) => el("li", {}, `${one.message} ${t("Block {block}.", { block: one.block })}`));
  const about = t("Ask another node the same. If it says the same, tell the municipality and the council.");
  return [
    el("h3", { class: "utrecht-heading-3" }, t("What is wrong")),
    el("ul", { id: "findings" }, ...items),
    el("p", { class: "utrecht-paragraph" }, about),
  ];
}

function notes({ books }: Outcome): HTMLElement[] {
  const said: string[] = [];
  if (books.counts.otherSignatures > 0) {
    const count = books.counts.otherSignatures;
    said.push(t("Signatures of reports that are not of ordinary keys, and were NOT checked here: {count}.", { count }));
  }
  if (books.desks.size > 1) {
    said.push(t("The city has had more than one desk. The others' redemptions were NOT checked here."));
  }
  return said.map((text) => el("p", { class: "heitje-message" }, text));
}
