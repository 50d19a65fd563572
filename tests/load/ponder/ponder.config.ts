// SPDX-License-Identifier: EUPL-1.2
// The chain, the token and the blocks are given in the environment.
import { createConfig } from "ponder";
import { parseAbi } from "viem";

const given = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not given`);
  return value;
};

export default createConfig({
  chains: {
    city: { id: Number(given("BENCH_CHAIN")), rpc: given("BENCH_RPC"), maxRequestsPerSecond: 10_000, disableCache: true },
  },
  contracts: {
    Token: {
      chain: "city",
      abi: parseAbi(["event Transfer(address indexed from, address indexed to, uint256 value)"]),
      address: given("BENCH_TOKEN") as `0x${string}`,
      startBlock: 0,
      endBlock: Number(given("BENCH_LAST_BLOCK")),
    },
  },
});
