import htmx from "htmx.org";
import * as dom from "./dom.ts";

/** The settings of alerts: the browser is asked for leave only when its person presses the button. */
export function startPush(): void {
  dom.on("click", "[data-push-on]", (button) => {
    const box = button.closest<HTMLElement>("[data-push]");
    if (!box) return;
    button.setAttribute("aria-busy", "true");
    import("./push-leave.ts")
      .then(({ allow }) => allow(box, { ...dom, htmx }))
      .catch((error: unknown) => {
        const said = dom.find("[data-push-said]", box);
        if (said) said.textContent = error instanceof Error ? error.message : String(error);
      })
      .finally(() => button.removeAttribute("aria-busy"));
  });
}
