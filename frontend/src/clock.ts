import { all } from "./dom.ts";

const two = (n: number): string => String(n).padStart(2, "0");

function show(): void {
  for (const element of all("[data-count-from]")) {
    const passed = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.countFrom ?? "")) / 1000));
    const hours = Math.floor(passed / 3600);
    element.textContent = `${hours ? `${hours}:` : ""}${two(Math.floor(passed / 60) % 60)}:${two(passed % 60)}`;
  }
  for (const element of all("[data-count-to]")) {
    element.textContent = String(Math.max(0, Math.ceil((Date.parse(element.dataset.countTo ?? "") - Date.now()) / 1000)));
  }
}

/** `data-count-from` counts minutes and seconds up from a moment, `data-count-to` seconds down to one. */
export function startClock(): void {
  show();
  setInterval(show, 1000);
  document.addEventListener("htmx:afterSettle", show);
}
