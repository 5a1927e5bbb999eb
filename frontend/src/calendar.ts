import htmx from "htmx.org";
import * as dom from "./dom.ts";
import { openDrawer } from "./drawer.ts";
import { showToast } from "./toasts.ts";

/* The calendar's grid: fetched only on its page. As with the schedule's editor, the shared helpers are handed over. */
export type Kit = typeof dom & { htmx: typeof htmx; openDrawer: typeof openDrawer; showToast: typeof showToast };

let loading: Promise<void> | null = null;

/* FullCalendar writes its rules into a style element, which the page's policy forbids: it finds one that is no style for the
   browser and has a constructed sheet. The font of its icons, which nobody sees here, is left out. */
function giveSheet(): void {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const place = document.createElementNS("urn:clientela", "style");
  place.setAttribute("data-fullcalendar", "");
  const insertRule = (rule: string, index: number): number =>
    sheet.insertRule(rule.startsWith("@font-face") ? "fc-font{}" : rule, index);
  Object.defineProperty(place, "sheet", { value: { cssRules: sheet.cssRules, insertRule } });
  document.head.append(place);
}

async function load(): Promise<void> {
  giveSheet();
  const { startGrid } = await import("./calendar-grid.ts");
  startGrid({ ...dom, htmx, openDrawer, showToast });
}

export function startCalendar(): void {
  if (!loading && document.querySelector("[data-calendar]")) loading = load();
}
