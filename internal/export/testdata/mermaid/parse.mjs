// Parses Mermaid diagrams with the mermaid package itself. Reads {name: diagram} as JSON
// from standard input, and writes {name: {error, actors, texts}}. The argument is the
// folder in which mermaid and jsdom are installed.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import path from "node:path";

const folder = path.resolve(process.argv[2]);
const require = createRequire(pathToFileURL(path.join(folder, "index.js")));
const load = (name) => import(pathToFileURL(require.resolve(name)));

const { JSDOM } = (await load("jsdom")).default ?? (await load("jsdom"));
const { window } = new JSDOM("<!DOCTYPE html><body></body>");
globalThis.window = window;
globalThis.document = window.document;

const mermaid = (await load("mermaid/dist/mermaid.core.mjs")).default;
mermaid.initialize({ startOnLoad: false });

const diagrams = JSON.parse(readFileSync(0, "utf8"));
const results = {};
for (const [name, text] of Object.entries(diagrams)) {
  try {
    const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
    results[name] = {
      type,
      actors: db.getActorKeys(),
      title: db.getDiagramTitle(),
      texts: db.getMessages().map((m) => (typeof m.message === "string" ? m.message : "")),
      arrows: db.getMessages().filter((m) => m.from !== m.to && m.from && m.to && !("placement" in m && m.placement !== undefined)).length,
    };
  } catch (error) {
    results[name] = { error: String(error.message ?? error) };
  }
}
process.stdout.write(JSON.stringify(results));
