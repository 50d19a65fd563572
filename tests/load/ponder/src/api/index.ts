// SPDX-License-Identifier: EUPL-1.2
// Ponder asks for an API; this one tells how much is stored, to check that nothing was left out.
import { Hono } from "hono";
import { count, sum } from "ponder";
import { db } from "ponder:api";
import { account, transfer } from "ponder:schema";

const app = new Hono();

app.get("/stored", async (c) => {
  const [transfers] = await db.select({ number: count() }).from(transfer);
  const [balances] = await db.select({ cents: sum(account.balance) }).from(account);
  return c.json({ transfers: transfers?.number ?? 0, cents: balances?.cents ?? "0" });
});

export default app;
