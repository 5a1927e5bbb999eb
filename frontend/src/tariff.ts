import htmx from "htmx.org";
import * as dom from "./dom.ts";

/* The cells of a tariff and the editor of a product: fetched only on their pages, with the shared helpers handed over. */
export function startTariff(): void {
  if (dom.find("[data-grid]")) void import("./tariff-cells.ts").then(({ startCells }) => startCells({ ...dom, htmx }));
  if (dom.find("[data-product]")) void import("./product-rows.ts").then(({ startRows }) => startRows({ ...dom, htmx }));
}
