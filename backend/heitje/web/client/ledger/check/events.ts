// SPDX-License-Identifier: EUPL-1.2
// What the contracts say on the chain, read by hand: the few events that the books follow from.

import { toHex, utf8 } from "../../lib/bytes.ts";
import { keccak } from "../../lib/digests.ts";
import type { Log } from "./node.ts";

export interface Line {
  number: number;
  minutes: number;
  evidence: string;
}

export interface Report {
  kind: "report";
  digest: string;
  activity: bigint;
  attester: string;
  issuer: string;
  lines: Line[];
  deadline: bigint;
  serial: bigint;
  skip: bigint;
  attesterSignature: string;
  issuerSignature: string;
}

export type Happened =
  | { kind: "transfer"; from: string; to: string; value: bigint }
  | { kind: "expired" | "clawedBack"; account: string; amount: bigint }
  | { kind: "enrolled"; number: number; account: string }
  | { kind: "classSet"; account: string; isDesk: boolean }
  | { kind: "replaced"; number: number; account: string }
  | { kind: "activity"; activity: bigint; centsPerHour: bigint }
  | Report
  | { kind: "requested"; id: string; number: number; amount: bigint }
  | { kind: "settled"; reference: string; number: number; amount: bigint; ids: string[] }
  | { kind: "released"; id: string; number: number; amount: bigint };

export const NOBODY = "0x" + "00".repeat(20);
const DESK = 4n;
const MOST_LINES = 200;

/** A log whose data is not what such an event has. */
export class Unreadable extends Error {}

class Data {
  constructor(
    private readonly topics: string[],
    private readonly text: string,
  ) {}

  topic(at: number): string {
    const topic = this.topics[at];
    if (topic === undefined || topic.length !== 66) {
      throw new Unreadable();
    }
    return topic.toLowerCase();
  }

  topicNumber(at: number): bigint {
    return BigInt(this.topic(at));
  }

  topicAddress(at: number): string {
    return "0x" + this.topic(at).slice(26);
  }

  word(at: number): string {
    const digits = this.text.slice(2 + 64 * at, 66 + 64 * at);
    if (digits.length !== 64) {
      throw new Unreadable();
    }
    return "0x" + digits.toLowerCase();
  }

  number(at: number): bigint {
    return BigInt(this.word(at));
  }

  address(at: number): string {
    return "0x" + this.word(at).slice(26);
  }

  /** Where the dynamic value lies whose place stands in a word, counted in words. */
  place(at: number): number {
    const bytes = this.number(at);
    if (bytes % 32n !== 0n || bytes > BigInt(this.text.length)) {
      throw new Unreadable();
    }
    return Number(bytes) / 32;
  }

  length(at: number): number {
    const length = this.number(at);
    if (length > BigInt(this.text.length)) {
      throw new Unreadable();
    }
    return Number(length);
  }

  words(at: number): string[] {
    const start = this.place(at);
    return Array.from({ length: this.length(start) }, (_, i) => this.word(start + 1 + i));
  }

  bytes(at: number): string {
    const start = this.place(at);
    const digits = this.text.slice(2 + 64 * (start + 1), 2 + 64 * (start + 1) + 2 * this.length(start));
    if (digits.length !== 2 * this.length(start)) {
      throw new Unreadable();
    }
    return "0x" + digits;
  }
}

type Reader = (data: Data) => Happened;

const moved =
  (kind: "expired" | "clawedBack", topic: number): Reader =>
  (data) => ({ kind, account: data.topicAddress(topic), amount: data.number(0) });

const released: Reader = (data) => ({
  kind: "released",
  id: data.topic(1),
  number: Number(data.topicNumber(2)),
  amount: data.number(0),
});

const DETAILS = "(uint32,uint16,uint32,uint16,uint40,uint40,uint32,bool,bool,bytes32)";
const REPORT = "bytes32,uint256,address,address,(uint32,uint16,bytes32)[],uint256,uint256,uint256,bytes,bytes";

const READERS: [signature: string, reader: Reader][] = [
  [
    "Transfer(address,address,uint256)",
    (data) => ({ kind: "transfer", from: data.topicAddress(1), to: data.topicAddress(2), value: data.number(0) }),
  ],
  ["Expired(address,uint256)", moved("expired", 1)],
  ["ClawedBack(uint32,address,uint256)", moved("clawedBack", 2)],
  [
    "Enrolled(uint32,address,uint8)",
    (data) => ({ kind: "enrolled", number: Number(data.topicNumber(1)), account: data.topicAddress(2) }),
  ],
  [
    "ClassSet(uint32,address,uint8)",
    (data) => ({ kind: "classSet", account: data.topicAddress(2), isDesk: data.number(0) === DESK }),
  ],
  [
    "Replaced(bytes32,uint32,address,address)",
    (data) => ({ kind: "replaced", number: Number(data.topicNumber(2)), account: data.topicAddress(3) }),
  ],
  [
    `ActivityOpened(uint256,uint256,${DETAILS})`,
    (data) => ({ kind: "activity", activity: data.topicNumber(1), centsPerHour: data.number(2) }),
  ],
  [`ReportIssued(${REPORT})`, reportIssued],
  [
    "RedemptionRequested(bytes32,uint32,uint256,bytes32,bytes32)",
    (data) => ({
      kind: "requested",
      id: data.topic(1),
      number: Number(data.topicNumber(2)),
      amount: data.number(0),
    }),
  ],
  [
    "RedemptionsSettled(bytes32,uint32,address,uint256,bytes32[])",
    (data) => ({
      kind: "settled",
      reference: data.topic(1),
      number: Number(data.topicNumber(2)),
      amount: data.number(0),
      ids: data.words(1),
    }),
  ],
  ["RedemptionRefunded(bytes32,uint32,address,uint256,uint16)", released],
  ["RedemptionCancelled(bytes32,uint32,uint256)", released],
  ["RedemptionReclaimed(bytes32,uint32,uint256)", released],
];

function reportIssued(data: Data): Report {
  const start = data.place(1);
  const length = data.length(start);
  if (length > MOST_LINES) {
    throw new Unreadable();
  }
  const lines = Array.from({ length }, (_, i) => {
    const at = start + 1 + 3 * i;
    return { number: Number(data.number(at)), minutes: Number(data.number(at + 1)), evidence: data.word(at + 2) };
  });
  return {
    kind: "report",
    digest: data.topic(1),
    activity: data.topicNumber(2),
    attester: data.topicAddress(3),
    issuer: data.address(0),
    lines,
    deadline: data.number(2),
    serial: data.number(3),
    skip: data.number(4),
    attesterSignature: data.bytes(5),
    issuerSignature: data.bytes(6),
  };
}

/** The first four bytes of a function's signature, as "0x…". */
export function selector(signature: string): string {
  return toHex(keccak(utf8(signature)).slice(0, 4));
}

const BY_TOPIC = new Map(READERS.map(([signature, reader]) => [toHex(keccak(utf8(signature))), reader]));

/** What a log says; undefined for an event from which the books do not follow. */
export function read(log: Log): Happened | undefined {
  const reader = BY_TOPIC.get((log.topics[0] ?? "").toLowerCase());
  return reader?.(new Data(log.topics, log.data));
}
