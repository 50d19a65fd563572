// SPDX-License-Identifier: EUPL-1.2
// What a browser keeps for us: a few named things in IndexedDB, which can hold keys that no script can read out.

const STORE = "things";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("heitje", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("the browser keeps nothing"));
  });
}

async function run<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      // Not when the request succeeds: what is written is kept only when the transaction is complete.
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser keeps nothing"));
    });
  } finally {
    database.close();
  }
}

export async function recall<T>(name: string): Promise<T | undefined> {
  return run<T | undefined>("readonly", (store) => store.get(name) as IDBRequest<T | undefined>);
}

/** Everything whose name begins so, in the order of the names. */
export async function recallAll<T>(prefix: string): Promise<T[]> {
  const names = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  return run<T[]>("readonly", (store) => store.getAll(names) as IDBRequest<T[]>);
}

export async function keep(name: string, value: unknown): Promise<void> {
  await run("readwrite", (store) => store.put(value, name));
}

export async function forget(name: string): Promise<void> {
  await run("readwrite", (store) => store.delete(name));
}

/** Ask the browser not to throw away what we keep when its disk is full. */
export async function persist(): Promise<boolean> {
  return (await navigator.storage?.persist?.()) ?? false;
}
