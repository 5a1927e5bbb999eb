import htmx from "htmx.org";
import * as dom from "./dom.ts";

const loading = new Set<string>();

/* Whether a part that the page has is to be fetched now: once. */
function wants(mark: string): boolean {
  if (loading.has(mark) || !document.querySelector(mark)) return false;
  loading.add(mark);
  return true;
}

async function look(): Promise<void> {
  if (wants("[data-composer]")) (await import("./chat-composer.ts")).startComposer({ ...dom, htmx });
  if (wants("[data-answer-files]")) (await import("./answer-files.ts")).startAnswerFiles({ ...dom, htmx });
}

/** Where colleagues write to each other, and files of answers: fetched only for pages that have such a place. */
export function startComposer(): void {
  void look();
  document.addEventListener("htmx:afterSettle", () => void look());
}
