import htmx from "htmx.org";
import * as dom from "./dom.ts";

/* The board of deals: fetched only on its page. As with the schedule's editor, the shared helpers are handed over. */
let loading: Promise<void> | null = null;

async function load(): Promise<void> {
  const { startCards } = await import("./kanban-cards.ts");
  startCards({ ...dom, htmx });
}

export function startKanban(): void {
  if (!loading && document.querySelector("[data-kanban]")) loading = load();
}
