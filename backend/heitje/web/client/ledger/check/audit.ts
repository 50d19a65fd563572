// SPDX-License-Identifier: EUPL-1.2
// The whole check: reads the chain, does the books, compares them with what the contracts store.

import type { City } from "../../lib/city.ts";
import { t } from "../../lib/text.ts";
import { Books, type Sums } from "./books.ts";
import { selector } from "./events.ts";
import { type Call, hex, logsOf, Node, NodeError, NodeSilent, number } from "./node.ts";

export interface Outcome {
  books: Books;
  first: number;
  head: number;
  time: number;
  accounts: number;
}

export type Progress = (share: number, phase: string) => void;

const ACCOUNTS_IN_CALL = 200;
const CALLS_AT_ONCE = 10;

/** Checks a city's books as of the node's last block. */
export async function audit(node: Node, city: City, deployBlock: number, progress: Progress): Promise<Outcome> {
  progress(0, t("Asking the node which chain it has."));
  const { token, registry, desk } = city.contracts;
  const head = await begin(node, city);
  const books = new Books(token, desk, city.domains.registry);
  const first = Math.min(deployBlock, head.number);
  progress(2, t("Reading all events and doing the books."));
  let from = first;
  for await (const { logs, to } of logsOf(node, [token, registry, desk], first, head.number)) {
    books.take(logs, from, to);
    from = to + 1;
    progress(2 + (78 * (to - first + 1)) / (head.number - first + 1), t("Reading all events and doing the books."));
  }
  books.close();
  progress(80, t("Comparing with what the contracts store."));
  await compareSums(node, books, token, head.number);
  const accounts = await compareBalances(node, books, token, head.number, (share) =>
    progress(80 + 20 * share, t("Comparing with what the contracts store.")),
  );
  compareBooks(books, desk, head.number);
  progress(100, t("Done."));
  return { books, first, head: head.number, time: head.time, accounts };
}

/** The last block; only of a node that has this city's chain. */
async function begin(node: Node, city: City): Promise<{ number: number; time: number }> {
  const { token, registry, desk } = city.contracts;
  const codes: Call[] = [token, registry, desk].map((address) => ["eth_getCode", address, "latest"]);
  const [chain, block, ...found] = await node.askAll([["eth_chainId"], ["eth_getBlockByNumber", "latest", false], ...codes]);
  if (chain instanceof NodeError || number(chain) !== city.chainId) {
    throw new NodeSilent(t("This node has another chain than {chain}.", { chain: city.chainId }));
  }
  if (found.some((code) => typeof code !== "string" || code.length < 4)) {
    throw new NodeSilent(t("The city's contracts are not on this node's chain."));
  }
  if (typeof block !== "object" || block === null || !("number" in block) || !("timestamp" in block)) {
    throw new NodeSilent(t("The node's answer is not JSON-RPC."));
  }
  return { number: number(block.number), time: number(block.timestamp) };
}

async function compareSums(node: Node, books: Books, token: string, block: number): Promise<void> {
  const calls = ["ledger()", "totalSupply()"].map((signature) => call(token, selector(signature), block));
  const [ledger, supply] = (await node.askAll(calls)).map(words);
  const names: (keyof Sums)[] = ["issued", "settled", "clawedBack", "expired"];
  names.forEach((name, at) => {
    if (ledger?.[at] !== books.sums[name]) {
      const values = { name, ours: String(books.sums[name]), theirs: String(ledger?.[at]) };
      books.wrong("stored", t("{name}: {ours} cents by the events, {theirs} stored.", values), block);
    }
  });
  if (supply?.[0] !== books.supply) {
    const values = { ours: String(books.supply), theirs: String(supply?.[0]) };
    books.wrong("stored", t("In circulation: {ours} cents by the events, {theirs} stored.", values), block);
  }
}

/** Every account that an event named, as the token stores it now. How many there were. */
async function compareBalances(
  node: Node,
  books: Books,
  token: string,
  block: number,
  progress: (share: number) => void,
): Promise<number> {
  const accounts = [...books.balances.keys()];
  const parts: string[][] = [];
  for (let at = 0; at < accounts.length; at += ACCOUNTS_IN_CALL) {
    parts.push(accounts.slice(at, at + ACCOUNTS_IN_CALL));
  }
  for (let at = 0; at < parts.length; at += CALLS_AT_ONCE) {
    const some = parts.slice(at, at + CALLS_AT_ONCE);
    const answers = await node.askAll(some.map((part) => call(token, wordsOf(part), block)));
    some.forEach((part, i) => compare(books, part, words(answers[i]), block));
    progress(Math.min(1, (at + CALLS_AT_ONCE) / parts.length));
  }
  return accounts.length;
}

/** `wordsOf(address[])` answers an array: its place, its length, and a storage word for each account. */
function compare(books: Books, accounts: string[], answer: bigint[], block: number): void {
  accounts.forEach((account, at) => {
    const word = answer[2 + at];
    const low = (1n << 48n) - 1n;
    const stored = word === undefined ? undefined : (word & low) + ((word >> 48n) & low);
    const ours = books.balances.get(account) ?? 0n;
    if (stored !== ours) {
      const values = { account, ours: String(ours), theirs: String(stored) };
      books.wrong("balances", t("{account}: {ours} cents by the events, {theirs} stored.", values), block);
    }
  });
}

function compareBooks(books: Books, desk: string, block: number): void {
  if (books.total !== books.supply) {
    const values = { total: String(books.total), supply: String(books.supply) };
    books.wrong("equation", t("All balances are {total} cents, in circulation are {supply}.", values), block);
  }
  const held = books.balances.get(desk.toLowerCase()) ?? 0n;
  if (held !== books.open) {
    const values = { held: String(held), open: String(books.open) };
    books.wrong("desk", t("The desk holds {held} cents; its open redemptions are {open}.", values), block);
  }
}

function call(to: string, data: string, block: number): Call {
  return ["eth_call", { to, data }, hex(block)];
}

function wordsOf(accounts: string[]): string {
  const word = (value: number): string => value.toString(16).padStart(64, "0");
  const listed = accounts.map((account) => account.slice(2).padStart(64, "0"));
  return selector("wordsOf(address[])") + word(32) + word(accounts.length) + listed.join("");
}

/** An answer as words of 32 bytes; none where the node gives something else. */
function words(answer: unknown): bigint[] {
  if (typeof answer !== "string" || !/^0x([0-9a-f]{64})*$/i.test(answer)) {
    return [];
  }
  return Array.from(answer.slice(2).match(/.{64}/g) ?? [], (digits) => BigInt("0x" + digits));
}
