import htmx from "htmx.org";
import * as dom from "./dom.ts";
import { openDrawer } from "./drawer.ts";
import { showToast } from "./toasts.ts";

/* The shared helpers are handed over: a chunk that imports them would load the whole bundle a second time under its
   plain name. */
export const kit = { ...dom, htmx, openDrawer, showToast };
export type Kit = typeof kit;

/* What only some pages have, by the mark of its place: fetched once such a place is there. */
const PARTS: Record<string, () => Promise<(kit: Kit) => void>> = {
  "[data-board]": async () => (await import("./schedule-board.ts")).startBoard,
  "[data-kanban]": async () => (await import("./kanban-cards.ts")).startCards,
  "[data-stages]": async () => (await import("./stage-rows.ts")).startStages,
  "[data-grid]": async () => (await import("./tariff-cells.ts")).startCells,
  "[data-product]": async () => (await import("./product-rows.ts")).startRows,
  "[data-composer]": async () => (await import("./chat-composer.ts")).startComposer,
  "[data-answer-files]": async () => (await import("./answer-files.ts")).startAnswerFiles,
  "[data-calendar]": async () => {
    (await import("./calendar-sheet.ts")).giveSheet();
    return (await import("./calendar-grid.ts")).startGrid;
  },
};
const begun = new Set<string>();

function look(): void {
  for (const mark in PARTS) {
    if (begun.has(mark) || !dom.find(mark)) continue;
    begun.add(mark);
    void PARTS[mark]!().then((start) => start(kit));
  }
}

export function startParts(): void {
  look();
  document.addEventListener("htmx:afterSettle", look);
}
