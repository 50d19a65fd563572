// SPDX-License-Identifier: EUPL-1.2
// Keeps the residents' app on the phone. Pages and parts come from the service if it answers in time, else from what is
// kept; scripts and styles, whose names change with them, from what is kept. The API is never answered from here.
// It imports nothing: a service worker is one file.

interface Extendable extends Event {
  waitUntil(promise: Promise<unknown>): void;
}

interface Asking extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Scope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: never) => void): void;
}

const me = globalThis as unknown as Scope;
const home = new URL(me.registration.scope).pathname;
const NAME = `heitje ${home}`;
const KEPT = "heitje-kept";
/** Milliseconds that the service has to answer before what is kept is shown. */
const PATIENCE = 4_000;

interface Kept {
  shell: string[];
  files: string[];
}

/** Brings what is kept up to date, and forgets what is no longer used. */
async function renew(): Promise<void> {
  const answer = await fetch(`${home}/offline.json`, { cache: "no-store" });
  if (!answer.ok) {
    throw new Error("the service does not say what to keep");
  }
  const { shell, files } = (await answer.json()) as Kept;
  const cache = await caches.open(NAME);
  const missing = [];
  for (const file of files) {
    if (!(await cache.match(file, { ignoreVary: true }))) {
      missing.push(file);
    }
  }
  await Promise.all(missing.map(async (file) => put(cache, file, await fetch(file))));
  await Promise.all(shell.map(async (page) => put(cache, page, await fetch(page, { cache: "no-cache" }))));
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/static/") && !files.includes(pathname)) {
      await cache.delete(request);
    }
  }
}

/** Keeps a good answer, with the moment at which it came. */
async function put(cache: Cache, key: RequestInfo, answer: Response): Promise<void> {
  if (!answer.ok) {
    throw new Error(`${answer.url} cannot be kept: ${answer.status}`);
  }
  const headers = new Headers(answer.headers);
  headers.set(KEPT, new Date().toISOString());
  headers.delete("content-encoding"); // what a script reads is unpacked
  headers.delete("content-length");
  await cache.put(key, new Response(await answer.blob(), { status: 200, headers }));
}

/** A page or a part: the newest there is. */
async function newest(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  const path = new URL(request.url).pathname;
  const isPage = request.mode === "navigate";
  const key = isPage ? path : request.url;
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) {
      await put(cache, key, answer.clone());
    }
    return answer;
  } catch (error) {
    const kept = await cache.match(key, { ignoreVary: true });
    if (kept) {
      return kept;
    }
    const front = isPage ? await cache.match(home, { ignoreVary: true }) : undefined;
    if (front) {
      return front;
    }
    throw error;
  }
}

/** A file whose name changes with what is in it. */
async function unchanging(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

me.addEventListener("install", (event: Extendable) => event.waitUntil(renew().then(() => me.skipWaiting())));
me.addEventListener("activate", (event: Extendable) => event.waitUntil(me.clients.claim()));
me.addEventListener("message", (event: Extendable) => event.waitUntil(renew().catch(() => undefined)));
me.addEventListener("fetch", (event: Asking) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) {
    return;
  }
  if (pathname.startsWith("/static/")) {
    event.respondWith(unchanging(request));
  } else if (pathname.startsWith(home) && !pathname.includes("/statement/") && !pathname.includes("/own/")) {
    event.respondWith(newest(request));
  }
});
