/* What a page knows of the telephone's window (telephone.ts), and what it asks of it: to pick up, to fall silent. */
import { find } from "./dom.ts";
import type { Asked, Told } from "./telephone-channel.ts";
import { showToast } from "./toasts.ts";

const root = document.documentElement;

export function startHandset(): void {
  const opener = find("[data-telephone-open]");
  if (!opener) return;
  const channel = new BroadcastChannel("telephone");
  const state = (): string => root.dataset.telephone ?? "none";
  const ask = (act: string): void => channel.postMessage({ act } satisfies Asked);
  const open = (): void => void window.open(opener.dataset.telephoneOpen, "telephone", "popup,width=360,height=480");

  /* A call that the person asked for lifts the telephone by itself. */
  const lift = (): void => {
    if (state() === "rings" && find("[data-telephone-lift]")) ask("accept");
  };
  const show = (told: Told): void => {
    root.dataset.telephone = told.state;
    const words = opener.dataset[told.muted ? "muted" : told.state] ?? "";
    opener.title = words;
    opener.setAttribute("aria-label", words);
    for (const button of document.querySelectorAll("[data-telephone-act=mute]")) {
      button.setAttribute("aria-pressed", String(told.muted));
    }
    lift();
  };

  channel.addEventListener("message", (event: MessageEvent<Told | Asked>) => {
    if ("state" in event.data) show(event.data);
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-telephone-open]")) open();
    const act = target.closest<HTMLElement>("[data-telephone-act]")?.dataset.telephoneAct;
    if (!act) return;
    if (state() !== "none") return ask(act);
    showToast({ text: opener.dataset.missing!, kind: "warn" });
    open();
  });
  document.addEventListener("htmx:afterSwap", () => ask("tell"));
  show({ state: "none", muted: false });
  ask("tell");
}
