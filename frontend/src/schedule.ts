import htmx from "htmx.org";
import * as dom from "./dom.ts";

/* The editor of a schedule: fetched only on the page that has its board. The shared helpers are handed over, because
   a chunk that imports them would load the whole bundle a second time under its plain name. */
export type Kit = typeof dom & { htmx: typeof htmx };

let loading: Promise<void> | null = null;

async function load(): Promise<void> {
  const { startBoard } = await import("./schedule-board.ts");
  startBoard({ ...dom, htmx });
}

export function startSchedule(): void {
  if (!loading && document.querySelector("[data-board]")) loading = load();
}
