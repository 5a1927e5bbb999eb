import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const LIST = fileURLToPath(new URL("./icons.txt", import.meta.url));
const ICONS = fileURLToPath(new URL("../../node_modules/@tabler/icons/icons", import.meta.url));

/** Names in icons.txt, without the comment lines. */
export function iconNames(): string[] {
  const lines = readFileSync(LIST, "utf8").split("\n").filter((line) => !line.startsWith("#"));
  return lines.join(" ").split(/\s+/).filter(Boolean);
}

function symbol(name: string): string {
  const filled = name.endsWith("-filled");
  const path = `${ICONS}/${filled ? "filled" : "outline"}/${name.replace(/-filled$/, "")}.svg`;
  if (!existsSync(path)) throw new Error(`icons.txt names an icon that Tabler does not have: ${name}`);
  const inner = readFileSync(path, "utf8")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace("</svg>", "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s*\n\s*/g, "")
    .replace(/ \/>/g, "/>")
    .replace(/"\/><path d="M/g, " M"); // strokes of one icon as one path
  const paint = filled ? ' fill="currentColor" stroke="none"' : "";
  return `<symbol id="i-${name}" viewBox="0 0 24 24"${paint}>${inner}</symbol>`;
}

/** Vite plugin: emits sprite.svg with one symbol for each name in icons.txt. */
export function sprite(): Plugin {
  return {
    name: "clientela-sprite",
    buildStart() {
      this.addWatchFile(LIST);
    },
    generateBundle() {
      const symbols = [...new Set(iconNames())].map(symbol).join("\n");
      const source = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols}\n</svg>\n`;
      this.emitFile({ type: "asset", fileName: "sprite.svg", source });
    },
  };
}
