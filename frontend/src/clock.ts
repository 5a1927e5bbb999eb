import { all } from "./dom.ts";

const two = (n: number): string => String(n).padStart(2, "0");

function clock(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function show(): void {
  for (const element of all("[data-count-from]")) {
    element.textContent = clock(Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.countFrom ?? "")) / 1000)));
  }
  for (const element of all("[data-count-to]")) {
    const left = Math.max(0, Math.ceil((Date.parse(element.dataset.countTo ?? "") - Date.now()) / 1000));
    element.textContent = "minutes" in element.dataset ? clock(left) : String(left);
  }
}

/** `data-count-from` counts minutes and seconds up from a moment, `data-count-to` seconds down to one, with
 * `data-minutes` minutes and seconds. */
export function startClock(): void {
  show();
  setInterval(show, 1000);
  document.addEventListener("htmx:afterSettle", show);
}
