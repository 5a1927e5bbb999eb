/* Runs before the first paint: turns the choice "system" into light or dark. */
{
  const root = document.documentElement;
  if ((root.dataset.themeChoice ?? "system") === "system") {
    root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
}
export {};
