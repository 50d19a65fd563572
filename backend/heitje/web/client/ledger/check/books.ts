// SPDX-License-Identifier: EUPL-1.2
// The books, done again from the first event on.

import type { Domain } from "../../lib/digests.ts";
import { t } from "../../lib/text.ts";
import { type Happened, NOBODY, type Report, read, Unreadable } from "./events.ts";
import type { Log } from "./node.ts";
import { releaseDigest, reportDigest, separatorOf, signerOf } from "./reports.ts";

export type Subject = "events" | "rewards" | "signatures" | "burns" | "desk" | "equation" | "stored" | "balances";

export interface Finding {
  subject: Subject;
  message: string;
  block: number;
}

export interface Sums {
  issued: bigint;
  settled: bigint;
  clawedBack: bigint;
  expired: bigint;
}

const MOST_FINDINGS = 100;

interface Expected {
  to: string;
  amount: bigint;
  number: number;
}

/** What one transaction has said so far. */
class Transaction {
  rewards: Expected[] = [];
  burns: { from: string; value: bigint }[] = [];
  explained: { kind: "expired" | "clawedBack"; account: string; amount: bigint }[] = [];
  settled = 0n;
}

export class Books {
  readonly sums: Sums = { issued: 0n, settled: 0n, clawedBack: 0n, expired: 0n };
  readonly balances = new Map<string, bigint>();
  readonly findings: Finding[] = [];
  readonly counts = { events: 0, transfers: 0, rewards: 0, reports: 0, signatures: 0, otherSignatures: 0, redemptions: 0 };
  readonly desks = new Set<string>();
  found = 0;
  readonly #holders = new Map<number, string>();
  readonly #rates = new Map<bigint, bigint>();
  readonly #rewarded = new Set<string>();
  readonly #open = new Map<string, bigint>();
  readonly #references = new Set<string>();
  readonly #separator: Uint8Array;
  readonly #token: string;
  readonly #contracts: Set<string>;
  #last: [number, number] = [-1, -1];
  #transaction: { hash: string; block: number; said: Transaction } | undefined;

  constructor(token: string, desk: string, registry: Domain) {
    this.#token = token.toLowerCase();
    this.desks.add(desk.toLowerCase());
    this.#contracts = new Set([this.#token, desk.toLowerCase(), registry.verifyingContract.toLowerCase()]);
    this.#separator = separatorOf(registry);
  }

  get supply(): bigint {
    const { issued, settled, clawedBack, expired } = this.sums;
    return issued - settled - clawedBack - expired;
  }

  get total(): bigint {
    return [...this.balances.values()].reduce((sum, balance) => sum + balance, 0n);
  }

  get open(): bigint {
    return [...this.#open.values()].reduce((sum, amount) => sum + amount, 0n);
  }

  wrong(subject: Subject, message: string, block: number): void {
    this.found++;
    if (this.findings.length < MOST_FINDINGS) {
      this.findings.push({ subject, message, block });
    }
  }

  /** Takes in logs of one range of blocks, in the order in which the node gave them. */
  take(logs: Log[], from: number, to: number): void {
    for (const log of logs) {
      const [block, index] = [Number(log.blockNumber), Number(log.logIndex)];
      const inOrder = block > this.#last[0] || (block === this.#last[0] && index > this.#last[1]);
      if (!inOrder || block < from || block > to || log.removed || !this.#contracts.has(log.address.toLowerCase())) {
        this.wrong("events", t("The node gave an event out of its place, or twice."), block);
      }
      this.#last = [block, index];
      this.counts.events++;
      if (this.#transaction?.hash !== log.transactionHash) {
        this.close();
        this.#transaction = { hash: log.transactionHash, block, said: new Transaction() };
      }
      this.#read(log, block);
    }
  }

  #read(log: Log, block: number): void {
    const said = this.#transaction?.said;
    let event: Happened | undefined;
    try {
      event = read(log);
    } catch (error) {
      if (!(error instanceof Unreadable)) {
        throw error;
      }
      this.wrong("events", t("An event cannot be read."), block);
    }
    if (event && said) {
      this.#event(event, said, block);
    }
  }

  #event(event: Happened, said: Transaction, block: number): void {
    switch (event.kind) {
      case "transfer":
        return this.#transfer(event.from, event.to, event.value, said, block);
      case "expired":
      case "clawedBack":
        said.explained.push(event);
        return;
      case "enrolled":
      case "replaced":
        this.#holders.set(event.number, event.account);
        return;
      case "classSet":
        if (event.isDesk) {
          this.desks.add(event.account);
        }
        return;
      case "activity":
        this.#rates.set(event.activity, event.centsPerHour);
        return;
      case "report":
        return this.#report(event, said, block);
      default:
        return this.#redemption(event, said, block);
    }
  }

  #transfer(from: string, to: string, value: bigint, said: Transaction, block: number): void {
    this.counts.transfers++;
    if (from === NOBODY) {
      this.sums.issued += value;
      this.#reward(to, value, said.rewards.shift(), block);
    } else {
      const left = (this.balances.get(from) ?? 0n) - value;
      this.balances.set(from, left);
      if (left < 0n) {
        this.wrong("balances", t("{account} paid more than it had.", { account: from }), block);
      }
    }
    if (to === NOBODY) {
      said.burns.push({ from, value });
    } else {
      this.balances.set(to, (this.balances.get(to) ?? 0n) + value);
    }
  }

  #reward(to: string, value: bigint, expected: Expected | undefined, block: number): void {
    this.counts.rewards++;
    if (!expected) {
      this.wrong("rewards", t("Credits were created that no report mentions."), block);
    } else if (expected.amount !== value || expected.to !== to) {
      const values = { expected: String(expected.amount), value: String(value), number: expected.number };
      this.wrong("rewards", t("Member {number} should have got {expected} cents; {value} were created.", values), block);
    }
  }

  #report(report: Report, said: Transaction, block: number): void {
    this.counts.reports++;
    const rate = this.#rates.get(report.activity);
    if (rate === undefined) {
      this.wrong("rewards", t("A report is about an activity that was never opened."), block);
    }
    report.lines.forEach((line, at) => {
      if (((report.skip >> BigInt(at)) & 1n) === 1n) {
        return;
      }
      const uid = `${report.activity}/${line.number}`;
      if (this.#rewarded.has(uid)) {
        this.wrong("rewards", t("Member {number} was rewarded twice for one activity.", { number: line.number }), block);
      }
      this.#rewarded.add(uid);
      const amount = (BigInt(line.minutes) * (rate ?? 0n)) / 60n;
      said.rewards.push({ to: this.#holders.get(line.number) ?? "", amount, number: line.number });
    });
    if (reportDigest(this.#separator, report) !== report.digest) {
      this.wrong("signatures", t("A report is not what its attester signed."), block);
    }
    if (report.attester === report.issuer) {
      this.wrong("signatures", t("The attester of a report released it as well."), block);
    }
    this.#signed(report.digest, report.attesterSignature, report.attester, block);
    this.#signed(releaseDigest(this.#separator, report), report.issuerSignature, report.issuer, block);
  }

  #signed(digest: string, signature: string, signer: string, block: number): void {
    const found = signerOf(digest, signature);
    if (found === undefined) {
      this.counts.otherSignatures++;
      return;
    }
    this.counts.signatures++;
    if (found !== signer) {
      this.wrong("signatures", t("A signature is not of {account}.", { account: signer }), block);
    }
  }

  #redemption(
    event: Extract<Happened, { kind: "requested" | "settled" | "released" }>,
    said: Transaction,
    block: number,
  ): void {
    if (event.kind === "requested") {
      this.counts.redemptions++;
      this.#open.set(event.id, event.amount);
    } else if (event.kind === "released") {
      this.#end([event.id], event.amount, block);
    } else {
      if (this.#references.has(event.reference)) {
        this.wrong("desk", t("One payout was used twice."), block);
      }
      this.#references.add(event.reference);
      said.settled += event.amount;
      this.#end(event.ids, event.amount, block);
    }
  }

  #end(ids: string[], amount: bigint, block: number): void {
    let sum = 0n;
    for (const id of ids) {
      sum += this.#open.get(id) ?? 0n;
      if (!this.#open.delete(id)) {
        this.wrong("desk", t("A redemption was ended that was not open."), block);
      }
    }
    if (sum !== amount) {
      this.wrong("desk", t("A redemption was ended with another amount."), block);
    }
  }

  /** The end of a transaction: every burn has one reason, every reward its transfer. */
  close(): void {
    const ended = this.#transaction;
    this.#transaction = undefined;
    if (!ended) {
      return;
    }
    const { said, block } = ended;
    for (const { from, value } of said.burns) {
      const at = said.explained.findIndex((one) => one.account === from && one.amount === value);
      const [reason] = at < 0 ? [] : said.explained.splice(at, 1);
      if (reason) {
        this.sums[reason.kind] += value;
      } else if (this.desks.has(from)) {
        this.sums.settled += value;
        said.settled -= value;
      } else {
        this.wrong("burns", t("{value} cents left the books without a reason.", { value: String(value) }), block);
      }
    }
    if (said.settled !== 0n) {
      this.wrong("burns", t("What was burnt is not what the desk says it settled."), block);
    }
    if (said.explained.some((one) => one.amount > 0n)) {
      this.wrong("burns", t("Credits are said to have expired, or been taken back, that were not burnt."), block);
    }
    if (said.rewards.length > 0) {
      this.wrong("rewards", t("A line of a report was not rewarded."), block);
    }
  }
}
