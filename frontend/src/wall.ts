import { on } from "./dom.ts";

/** `data-fullscreen`: the whole page fills the screen, and again leaves it. */
export function startWall(): void {
  on("click", "[data-fullscreen]", () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen().catch(() => undefined);
  });
}
