import htmx from "htmx.org";
import * as dom from "./dom.ts";

let loading = false;

async function look(): Promise<void> {
  if (loading || !document.querySelector("[data-composer]")) return;
  loading = true;
  const composer = await import("./chat-composer.ts");
  composer.startComposer({ ...dom, htmx });
}

/** Where colleagues write to each other: fetched only for pages that have such a place. */
export function startComposer(): void {
  void look();
  document.addEventListener("htmx:afterSettle", () => void look());
}
