// SPDX-License-Identifier: EUPL-1.2
// What happens to an account, as it happens.

export interface Happening {
  type: string;
  data: { [name: string]: unknown };
}

/** Follows an account's events until told to stop. The browser connects again by itself. */
export function follow(address: string, happened: (event: Happening) => void, connected: (is: boolean) => void): () => void {
  const source = new EventSource(`/v1/accounts/${address}/events`);
  source.onopen = () => connected(true);
  source.onerror = () => connected(false);
  const kinds = ["payment", "authorization", "refund", "redemption"];
  const stages = ["mined", "final", "failed", "rejected", "expired"];
  const types = kinds.flatMap((kind) => stages.map((stage) => `${kind}.${stage}`));
  types.push("redemption.locked", "redemption.settled", "redemption.refunded", "redemption.reclaimed", "missed");
  for (const type of types) {
    source.addEventListener(type, (event) => happened({ type, data: JSON.parse((event as MessageEvent<string>).data) }));
  }
  return () => source.close();
}
