// SPDX-License-Identifier: EUPL-1.2
// Bundles the pages' scripts and styles into backend/heitje/web/built: each file named with a hash of what is in it,
// each also compressed, and a manifest that says which is which. Run by `make pages`.
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, readdirSync, rmSync, renameSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { basename, join } from "node:path";
import { build } from "esbuild";

const WEB = "backend/heitje/web";
const BUILT = join(WEB, "built");
const PART = `${BUILT}.part`;

const entries = (folder, ending) =>
  readdirSync(join(WEB, folder)).filter((name) => name.endsWith(ending)).map((name) => join(WEB, folder, name));

rmSync(PART, { recursive: true, force: true });
const made = await build({
  entryPoints: [...entries("client", ".ts"), ...entries("styles", ".css")],
  outdir: PART,
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome100", "firefox100", "safari15.4"],
  minify: true,
  legalComments: "linked",
  sourcemap: "linked",
  loader: { ".svg": "file", ".woff2": "file" },
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [path, output] of Object.entries(made.metafile.outputs)) {
  if (output.entryPoint) {
    const source = basename(output.entryPoint);
    manifest[source.replace(/\.ts$/, ".js")] = basename(path);
  }
}
for (const path of entries("styles", ".svg")) {
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 8);
  manifest[basename(path)] = basename(path).replace(/\.svg$/, `-${hash}.svg`);
  copyFileSync(path, join(PART, manifest[basename(path)]));
}
for (const name of readdirSync(PART)) {
  if (/\.(js|css|svg)$/.test(name)) {
    writeFileSync(join(PART, `${name}.gz`), gzipSync(readFileSync(join(PART, name)), { level: 9 }));
  }
}
writeFileSync(join(PART, "manifest.json"), JSON.stringify(manifest, null, 1));
rmSync(BUILT, { recursive: true, force: true });
renameSync(PART, BUILT);
