/* The chat that any site embeds with one line: <script src=".../chat/widget.js" data-widget="KEY" async></script>.
   data-lang and data-theme (light, dark) are optional; otherwise the page's language and the system's theme. */

import { Line, type Message, type Opening, type Sent } from "./widget/line.ts";
import { COLOURS, STYLE } from "./widget/style.ts";
import { type Words, words } from "./widget/words.ts";

interface Config {
  name: string;
  colour: string;
  socket: string;
}

const CHAT = "M3 20l1.3-3.9C1.9 12.7 2.9 8.3 6.5 5.9 10.1 3.4 15 3.6 18.1 6.3s3.2 7.1.3 9.9c-2.9 2.9-7.7 3.6-11.4 1.8L3 20";
const CLIP = "M15 7l-6.5 6.5a1.5 1.5 0 0 0 3 3L18 10a3 3 0 0 0-6-6l-6.5 6.5a4.5 4.5 0 0 0 9 9L21 13";
const CLOSE = "M18 6L6 18M6 6l12 12";
const SEND = "M10 14L21 3l-6.5 18a.55.55 0 0 1-1 0L10 14l-7-3.5a.55.55 0 0 1 0-1L21 3";

function el<K extends keyof HTMLElementTagNameMap>(
  tag: K, properties: Partial<HTMLElementTagNameMap[K]> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

function chat(config: Config, key: string, language: string, theme: string, base: string): void {
  const w: Words = words(language);
  const host = el("div");
  host.lang = language;
  if (theme) host.dataset.theme = theme;
  const [colour, on] = COLOURS[config.colour] ?? COLOURS.lake!;
  host.style.setProperty("--c", colour);
  host.style.setProperty("--on", on);
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const count = el("span", { className: "count", hidden: true });
  const bubble = el("button", { className: "bubble", type: "button", ariaLabel: w.open }, icon(CHAT), count);
  const close = el("button", { type: "button", ariaLabel: w.close }, icon(CLOSE));
  const lost = el("div", { className: "lost", hidden: true, role: "status", textContent: w.lost });
  const log = el("div", { className: "log", role: "log", tabIndex: 0, ariaLabel: config.name });
  const bad = el("div", { className: "bad", role: "alert" });
  const text = el("textarea", { rows: 1, maxLength: 2000, placeholder: w.write, ariaLabel: w.write });
  const send = el("button", { type: "submit", ariaLabel: w.send }, icon(SEND));
  const pick = el("input", { type: "file", className: "sr", multiple: true, ariaLabel: w.file });
  const clip = el("label", { className: "clip", title: w.file }, icon(CLIP), pick);
  const say = el("form", { className: "say", hidden: true }, clip, text, send);
  const typing = el("div", { className: "typing", hidden: true, role: "status", textContent: `${w.typing} …` });
  const name = el("input", { type: "text", maxLength: 80, required: true, autocomplete: "name" });
  const phone = el("input", { type: "tel", maxLength: 40, autocomplete: "tel" });
  const agree = el("input", { type: "checkbox", required: true });
  const who = el("form", { className: "who", hidden: true, noValidate: true },
    el("label", {}, w.name, name), el("label", {}, w.phone, phone),
    el("label", { className: "check" }, agree, el("span", { textContent: w.agree })),
    el("button", { className: "go", type: "submit", textContent: w.start }));
  const head = el("div", { className: "head" }, el("b", { textContent: config.name }), close);
  const panel = el("section", { className: "panel", hidden: true, role: "dialog", ariaLabel: config.name },
    head, lost, log, typing, bad, who, say);
  root.append(bubble, panel);
  document.body.append(host);

  const shown = new Map<string, HTMLElement>();
  const unread = new Set<number>();
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
  const own = new Map<string, string>(); // when each message of the visitor was kept
  let isKnown = false;
  let seenAt = "";
  let typingEnds = 0;

  const isOpen = (): boolean => !panel.hidden;

  function sent(file: Sent): HTMLElement {
    const href = new URL(file.path, base).href;
    const link = el("a", { href, download: file.name, rel: "noopener" }, file.name);
    if (file.picture) link.prepend(el("img", { src: href, alt: "", loading: "lazy" }));
    return link;
  }

  function put(keyOf: string, mine: boolean, words_: string, note: string, files: Sent[] = []): void {
    const old = shown.get(keyOf);
    const one = el("div", { className: mine ? "m me" : "m" }, el("span", { className: "sr", textContent: mine ? `${w.you}: ` : "" }),
      words_, ...files.map(sent), el("small", { textContent: note }));
    if (old) old.replaceWith(one);
    else log.append(one);
    shown.set(keyOf, one);
    log.scrollTop = log.scrollHeight;
  }

  function show(message: Message): void {
    const at = clock.format(new Date(message.at));
    const keyOf = message.mine && message.cid ? message.cid : String(message.id);
    if (message.mine) own.set(keyOf, message.at);
    put(keyOf, message.mine, message.text, message.mine || !message.who ? at : `${message.who}, ${at}`, message.files);
  }

  /* What a colleague has looked at is marked as read. */
  function markRead(): void {
    const until = seenAt && Date.parse(seenAt);
    for (const [keyOf, at] of own) {
      const note = shown.get(keyOf)?.querySelector("small");
      if (!note || !until || Date.parse(at) > until) continue;
      note.textContent = `${clock.format(new Date(at))}, ${w.read}`;
      own.delete(keyOf);
    }
  }

  function mark(): void {
    if (isOpen() && document.visibilityState === "visible") {
      line.note("read", [...unread]);
      unread.clear();
    }
    count.hidden = unread.size === 0;
    count.textContent = String(unread.size);
    bubble.ariaLabel = unread.size ? `${w.open}. ${w.fresh(unread.size)}` : w.open;
  }

  function ask(): void {
    who.hidden = isKnown;
    say.hidden = !isKnown;
  }

  const line: Line = new Line(config.socket, key, {
    ready(opening: Opening): void {
      isKnown = isKnown || opening.name !== "";
      put("greeting", false, opening.text, "");
      for (const message of opening.history) show(message);
      for (const one of line.waiting) put(one.cid, true, one.text, w.sending);
      seenAt = opening.seen;
      markRead();
      ask();
      mark();
    },
    seen(at: string): void {
      seenAt = at;
      markRead();
    },
    typing(): void {
      typing.hidden = false;
      clearTimeout(typingEnds);
      typingEnds = window.setTimeout(() => (typing.hidden = true), 6000);
    },
    news(message: Message): void {
      typing.hidden = true;
      show(message);
      unread.add(message.id);
      mark();
    },
    stored(cid: string, _id: number, at: string, files: Sent[]): void {
      bad.textContent = "";
      if (cid === "who") {
        isKnown = true;
        ask();
        text.focus();
      } else {
        own.set(cid, at);
        if (files.length) put(cid, true, "", "", files);
        const note = shown.get(cid)?.querySelector("small");
        if (note) note.textContent = clock.format(new Date(at));
        markRead();
      }
    },
    refused(code: string, cid: string): void {
      if (code === "introduce") {
        isKnown = false;
        ask();
      }
      bad.textContent = w.errors[code] ?? w.errors.later!;
      if (code === "length" || code.startsWith("file_")) shown.get(cid)?.remove();
    },
    lost(is: boolean): void {
      lost.hidden = !is || !isOpen();
    },
  });

  function toggle(open: boolean): void {
    panel.hidden = !open;
    bubble.hidden = open;
    host.toggleAttribute("data-open", open);
    if (!open) return bubble.focus();
    line.open();
    mark();
    (isKnown ? text : name).focus();
  }

  bubble.onclick = () => toggle(true);
  close.onclick = () => toggle(false);
  panel.onkeydown = (event) => {
    if (event.key === "Escape") toggle(false);
  };
  document.addEventListener("visibilitychange", mark);
  who.onsubmit = (event) => {
    event.preventDefault();
    const wrong = !name.value.trim() ? "name" : !agree.checked ? "consent" : "";
    bad.textContent = wrong ? w.errors[wrong]! : "";
    if (wrong) (wrong === "name" ? name : agree).focus();
    else line.introduce(name.value, phone.value, true);
  };
  function write(): void {
    const words_ = text.value.trim();
    if (!words_) return;
    put(line.say(words_), true, words_, w.sending);
    text.value = "";
    text.focus();
  }
  function give(files: Iterable<File>): void {
    bad.textContent = "";
    for (const file of files) {
      const cid: string = line.give(new URL(`send/${key}/`, base).href, file, (part) => {
        const note = shown.get(cid)?.querySelector("small");
        if (note) note.textContent = `${w.sending} ${Math.round(part * 100)} %`;
      });
      put(cid, true, file.name, w.sending);
    }
  }
  pick.onchange = () => {
    give([...(pick.files ?? [])]);
    pick.value = "";
  };
  text.oninput = () => line.typing();
  text.onpaste = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    give(files);
  };
  say.onsubmit = (event) => {
    event.preventDefault();
    write();
  };
  text.onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      write();
    }
  };
  if (line.isKnown) line.open(); // a visitor of before sees at once that somebody answered
}

async function start(script: HTMLScriptElement): Promise<void> {
  const key = script.dataset.widget ?? "";
  const answer = await fetch(new URL(`config/${key}/`, script.src));
  if (!answer.ok) return;
  const config = (await answer.json()) as Config;
  const language = script.dataset.lang || document.documentElement.lang || navigator.language;
  if (document.readyState === "loading") await new Promise((done) => addEventListener("DOMContentLoaded", done));
  chat(config, key, language, script.dataset.theme ?? "", new URL(".", script.src).href);
}

if (document.currentScript instanceof HTMLScriptElement) void start(document.currentScript);
