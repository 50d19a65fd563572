// SPDX-License-Identifier: EUPL-1.2
// A node of the chain, asked in JSON-RPC, with patience where it is busy and distrust of what it answers.

import { t } from "../../lib/text.ts";

export interface Log {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  transactionHash: string;
  logIndex: string;
  removed?: boolean;
}

export type Call = [method: string, ...params: unknown[]];

/** The node's no to one question. */
export class NodeError extends Error {}

/** No usable answer: the check cannot be made, and says nothing about the books. */
export class NodeSilent extends Error {}

const MOST_IN_BATCH = 50;
const TRIES = 8;
const FIRST_RANGE = 100;
const MANY_LOGS = 4_000;
const LONGEST_RANGE = 10_000;
const WITHIN_MS = 60_000;

interface Answer {
  id?: unknown;
  result?: unknown;
  error?: { message?: unknown } | null;
}

export class Node {
  #id = 0;

  constructor(readonly url: string) {}

  async ask(method: string, ...params: unknown[]): Promise<unknown> {
    const [answer] = await this.askAll([[method, ...params]]);
    if (answer instanceof NodeError) {
      throw new NodeSilent(answer.message);
    }
    return answer;
  }

  /** Answers in the order of the calls; a refusal stands in its place. */
  async askAll(calls: Call[]): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (let at = 0; at < calls.length; at += MOST_IN_BATCH) {
      answers.push(...(await this.#batch(calls.slice(at, at + MOST_IN_BATCH))));
    }
    return answers;
  }

  async #batch(calls: Call[]): Promise<unknown[]> {
    const requests = calls.map(([method, ...params]) => ({ jsonrpc: "2.0", id: ++this.#id, method, params }));
    const answered = await this.#post(JSON.stringify(requests));
    if (!Array.isArray(answered)) {
      throw new NodeSilent(t("The node's answer is not JSON-RPC."));
    }
    const byId = new Map((answered as Answer[]).map((answer) => [answer.id, answer]));
    return requests.map(({ id }) => {
      const answer = byId.get(id);
      if (!answer) {
        throw new NodeSilent(t("The node left out an answer."));
      }
      return answer.error ? new NodeError(String(answer.error.message ?? "")) : answer.result;
    });
  }

  /** Waits and asks again where the node is busy or away for a moment. */
  async #post(body: string): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      let seconds = tries / 2;
      try {
        const headers = { "content-type": "application/json" };
        const response = await fetch(this.url, { method: "POST", headers, body, signal: AbortSignal.timeout(WITHIN_MS) });
        if (response.ok) {
          return await response.json();
        }
        if (response.status !== 429 && response.status < 500) {
          throw new NodeSilent(t("The node refused the question (HTTP {status}).", { status: response.status }));
        }
        seconds = Number(response.headers.get("retry-after") ?? seconds);
      } catch (error) {
        if (error instanceof NodeSilent || tries >= TRIES) {
          throw error instanceof NodeSilent ? error : new NodeSilent(t("The node cannot be reached from this page."));
        }
      }
      if (tries >= TRIES) {
        throw new NodeSilent(t("The node is too busy."));
      }
      await new Promise((done) => setTimeout(done, 1000 * seconds));
    }
  }
}

/** All logs of these contracts, range by range; ranges grow and shrink with what is in them. */
export async function* logsOf(
  node: Node,
  addresses: string[],
  first: number,
  last: number,
): AsyncGenerator<{ logs: Log[]; to: number }> {
  let length = FIRST_RANGE;
  for (let from = first; from <= last; ) {
    const to = Math.min(from + length - 1, last);
    const wanted = { address: addresses, fromBlock: hex(from), toBlock: hex(to) };
    const [found] = await node.askAll([["eth_getLogs", wanted]]);
    if (found instanceof NodeError) {
      if (length === 1) {
        throw new NodeSilent(found.message);
      }
      length = Math.max(1, Math.floor(length / 4)); // a range that is too much for this node
      continue;
    }
    if (!Array.isArray(found)) {
      throw new NodeSilent(t("The node's answer is not JSON-RPC."));
    }
    yield { logs: found as Log[], to };
    from = to + 1;
    const fitting = Math.floor((length * MANY_LOGS) / Math.max(found.length, 1));
    length = Math.max(1, Math.min(fitting, 2 * length, LONGEST_RANGE));
  }
}

export function hex(value: number): string {
  return "0x" + value.toString(16);
}

/** A number that a node gave. */
export function number(value: unknown): number {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,13}$/i.test(value)) {
    throw new NodeSilent(t("The node's answer is not JSON-RPC."));
  }
  return Number(value);
}
