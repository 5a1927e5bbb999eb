import htmx from "htmx.org";
import { all, find, on } from "./dom.ts";

const dialog = (): HTMLDialogElement | null => find<HTMLDialogElement>("#palette");
const options = (): HTMLElement[] => all("[role=option]:not([aria-disabled=true])", dialog() ?? document.createElement("i"));

function choose(option: HTMLElement | undefined): void {
  const input = find<HTMLInputElement>("#palette-input");
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option || !input) {
    input?.removeAttribute("aria-activedescendant");
    return;
  }
  option.id ||= `palette-option-${options().indexOf(option)}`;
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function step(by: number): void {
  const list = options();
  const at = list.findIndex((option) => option.getAttribute("aria-selected") === "true");
  choose(list[(at + by + list.length) % list.length]);
}

function go(option: HTMLElement | undefined, newTab: boolean): void {
  const url = option?.dataset.href;
  if (!option) return;
  if (newTab && url) {
    window.open(url, "_blank", "noopener");
    return;
  }
  dialog()?.close();
  if (url) location.assign(url);
  else find("button,a", option)?.click();
}

export function openPalette(): void {
  const box = dialog();
  const input = find<HTMLInputElement>("#palette-input");
  if (!box || !input || box.open) return;
  box.showModal();
  input.select();
  htmx.trigger(input, "palette-open");
}

function keys(event: KeyboardEvent): void {
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) {
    event.preventDefault();
    step(moves[event.key]!);
  } else if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    go(options().find((option) => option.getAttribute("aria-selected") === "true"), event.metaKey || event.ctrlKey);
  }
}

/** ⌘K: the server fills #palette-list with [role=option] items; this moves among them and opens one. */
export function startPalette(): void {
  find("#palette-input")?.addEventListener("keydown", keys);
  on("click", "[data-open-palette]", openPalette);
  on("click", "#palette-list [role=option]", (option, event) => go(option, event.metaKey || event.ctrlKey));
  on("pointermove", "#palette-list [role=option]", (option) => {
    if (option.getAttribute("aria-selected") !== "true") choose(option);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (((event as CustomEvent).detail.target as HTMLElement | undefined)?.id === "palette-list") choose(options()[0]);
  });
}
