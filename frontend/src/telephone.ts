/* The telephone of a person in a window of its own: a page that is left would end the call. Hold, transfer and the rest
   are done by the exchange, from the call's panel in the other windows. */
import { SimpleUser } from "sip.js/lib/platform/web/index.js";
import type { Asked, Told } from "./telephone-channel.ts";

type Account = { server: string; address: string; user: string; secret: string };
type State = "connecting" | "ready" | "rings" | "talks" | "away";

const RETRY_MS = 3000;
/* A host on the own network or a public relay answers at once; without either nobody does. */
const GATHER_MS = 800;

/* SimpleUser keeps the call it is rung for to itself. */
type Rung = { session?: { remoteIdentity: { displayName: string; uri: { user?: string } } } };

function nameOf(phone: SimpleUser): string {
  const who = (phone as unknown as Rung).session?.remoteIdentity;
  return who?.displayName || who?.uri.user || "";
}

export function startTelephone(root: HTMLElement): void {
  const audio = root.querySelector("audio")!;
  const caller = root.querySelector<HTMLElement>("[data-caller]")!;
  const mute = root.querySelector<HTMLButtonElement>("[data-act=mute]")!;
  const channel = new BroadcastChannel("telephone");
  let phone: SimpleUser | undefined;

  const tell = (): void =>
    channel.postMessage({ state: root.dataset.state!, muted: phone?.isMuted() ?? false } satisfies Told);

  const show = (state: State): void => {
    root.dataset.state = state;
    for (const part of root.querySelectorAll<HTMLElement>("[data-when]")) {
      part.hidden = !part.dataset.when!.split(" ").includes(state);
    }
    if (state !== "talks") mute.setAttribute("aria-pressed", "false");
    tell();
  };

  const again = (): void => {
    show("away");
    phone = undefined;
    setTimeout(connect, RETRY_MS);
  };

  /* The account lives for a day, and is new to an exchange that was restarted: each connection asks for it. */
  async function connect(): Promise<void> {
    show("connecting");
    try {
      const answer = await fetch(root.dataset.account!, { headers: { Accept: "application/json" } });
      if (!answer.ok) return again();
      const account = (await answer.json()) as Account;
      const mine = new SimpleUser(account.server, {
        aor: account.address,
        media: { constraints: { audio: true, video: false }, remote: { audio } },
        userAgentOptions: {
          authorizationUsername: account.user,
          authorizationPassword: account.secret,
          logLevel: "error",
          sessionDescriptionHandlerFactoryOptions: { iceGatheringTimeout: GATHER_MS },
        },
        delegate: {
          onCallReceived: () => {
            caller.textContent = nameOf(mine);
            show("rings");
          },
          onCallAnswered: () => show("talks"),
          onCallHangup: () => show("ready"),
          onRegistered: () => show("ready"),
          onUnregistered: () => phone === mine && again(),
          onServerDisconnect: () => phone === mine && again(),
        },
      });
      phone = mine;
      await mine.connect();
      await mine.register();
    } catch {
      again();
    }
  }

  function perform(act: string): void {
    if (act === "tell") return tell();
    if (!phone) return;
    if (act === "accept" && root.dataset.state === "rings") void phone.answer().catch(() => show("ready"));
    if (act === "decline") void phone.decline();
    if (act === "end") void phone.hangup();
    if (act === "mute" && root.dataset.state === "talks") {
      if (phone.isMuted()) phone.unmute();
      else phone.mute();
      mute.setAttribute("aria-pressed", String(phone.isMuted()));
      tell();
    }
  }

  root.addEventListener("click", (event) => {
    const act = (event.target as Element).closest<HTMLElement>("[data-act]")?.dataset.act;
    if (act) perform(act);
  });
  channel.addEventListener("message", (event: MessageEvent<Asked | Told>) => {
    if ("act" in event.data) perform(event.data.act);
  });
  addEventListener("pagehide", () => {
    channel.postMessage({ state: "none", muted: false } satisfies Told);
    void phone?.unregister();
  });
  void connect();
}

const root = document.querySelector<HTMLElement>("[data-telephone]");
if (root) startTelephone(root);
