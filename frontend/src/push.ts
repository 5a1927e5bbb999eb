import * as dom from "./dom.ts";
import { kit } from "./parts.ts";

/** The settings of alerts: the browser is asked for leave only when its person presses the button. */
export function startPush(): void {
  dom.on("click", "[data-push-on]", (button) => {
    const box = button.closest<HTMLElement>("[data-push]");
    if (!box) return;
    button.setAttribute("aria-busy", "true");
    import("./push-leave.ts")
      .then(({ allow }) => allow(box, kit))
      .catch((error: unknown) => {
        const said = dom.find("[data-push-said]", box);
        if (said) said.textContent = error instanceof Error ? error.message : String(error);
      })
      .finally(() => button.removeAttribute("aria-busy"));
  });
}
