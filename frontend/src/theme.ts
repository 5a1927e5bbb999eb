import { all, find, keepCookie, on } from "./dom.ts";

const dark = matchMedia("(prefers-color-scheme: dark)");

function show(choice: string): void {
  const root = document.documentElement;
  root.classList.add("is-still"); // half-way between two themes a word has the colour of its ground
  root.dataset.themeChoice = choice;
  root.dataset.theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
  void getComputedStyle(root).color;
  requestAnimationFrame(() => root.classList.remove("is-still"));
  for (const button of all("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === choice));
  }
  document.dispatchEvent(new CustomEvent("themechange", { detail: root.dataset.theme }));
}

/** `data-set-theme="light|dark|system"` buttons; the cookie lets the server draw the next page right at once. */
export function startTheme(): void {
  on("click", "[data-set-theme]", (button) => {
    const choice = button.dataset.setTheme ?? "system";
    keepCookie("theme", choice);
    show(choice);
  });
  on("click", "[data-toggle-rail]", () => {
    const narrow = find(".frame")?.classList.toggle("is-rail") ?? false;
    keepCookie("rail", narrow ? "1" : "0");
  });
  dark.addEventListener("change", () => {
    if (document.documentElement.dataset.themeChoice === "system") show("system");
  });
}
